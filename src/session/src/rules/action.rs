//! What rules do.

use super::{Edit, Redirect, Reply, SetLimit};
use crate::settings::{Level, ProxyIndex};
use alloc::boxed::Box;
use alloc::sync::Arc;
use balance::ServerIndex;
use base::Duration;
use sample::assign::Condition;
use sample::expr::Expr;
use sample::format::Format;
use sample::pattern::Reference;
use sample::vars::Variable;

/// What a rule does.
#[derive(Clone, Debug)]
pub enum Action {
    /// `accept`, `allow`: no further rule of the set.
    Allow,
    /// `deny`: an answer of our own, counted as denied.
    Deny(Arc<Reply>),
    /// `tarpit`: the same after `timeout tarpit`.
    Tarpit(Arc<Reply>),
    /// `return`: an answer of our own.
    Return(Arc<Reply>),
    /// `auth`: 401 or 407 with a challenge for this realm.
    Auth {
        /// The realm; the proxy's name without one.
        realm: Option<Box<Format>>,
    },
    /// `redirect`
    Redirect(Box<Redirect>),
    /// `reject`: the connection ends without a word.
    Reject,
    /// `close` of responses: both connections end, as if nothing were left to say.
    Close,
    /// `silent-drop`: it ends, and the peer is not told.
    SilentDrop,
    /// A change of a message's head.
    Edit(Box<Edit>),
    /// `early-hint`: a field of an interim answer 103.
    EarlyHint {
        /// The field's name.
        name: Box<[u8]>,
        /// Its value.
        value: Format,
    },
    /// `set-var`
    SetVar {
        /// The variable.
        to: Variable,
        /// When it is set.
        when: Box<[Condition]>,
        /// Its value.
        value: Expr,
    },
    /// `set-var-fmt`
    SetVarFmt {
        /// The variable.
        to: Variable,
        /// When it is set.
        when: Box<[Condition]>,
        /// Its value.
        value: Format,
    },
    /// `unset-var`
    UnsetVar(Variable),
    /// `capture`
    Capture {
        /// Which slot, of what.
        to: Captured,
        /// The value.
        value: Expr,
        /// It is cut at this many bytes.
        len: usize,
    },
    /// `track-scN`
    Track {
        /// N.
        counter: u8,
        /// The table, by its place.
        table: u32,
        /// The key.
        key: Expr,
    },
    /// `sc-inc-gpc` and its like.
    Count(Box<Count>),
    /// `add-acl`, `del-acl`, `set-map`, `del-map`
    Map(Box<MapEdit>),
    /// `set-log-level`; `silent` is none.
    SetLogLevel(Option<Level>),
    /// `do-log`
    DoLog,
    /// `set-src`, `set-dst` and their ports.
    SetAddress {
        /// What of which address.
        part: AddressPart,
        /// The new value.
        value: Expr,
    },
    /// `set-mark`, `set-tos` and their like.
    Mark {
        /// What is marked.
        mark: Mark,
        /// On which side.
        side: Side,
        /// With what.
        value: Expr,
    },
    /// `set-nice`: accepted for what it is, a hint to another scheduler.
    SetNice(i32),
    /// `set-timeout`
    SetTimeout {
        /// Which.
        kind: TimeoutKind,
        /// How long: fixed, or an expression in milliseconds.
        value: Result<Duration, Expr>,
    },
    /// `set-retries`
    SetRetries(Expr),
    /// `set-priority-class`, `set-priority-offset`
    SetPriority {
        /// The class, or else the offset in milliseconds.
        class: bool,
        /// What it is set to, within [`PRIORITY_CLASS_MAX`] or [`PRIORITY_OFFSET_MAX`].
        value: Expr,
    },
    /// `switch-mode http`: the client speaks HTTP from now on, of this version if one is named.
    SwitchMode(balance::Proto),
    /// `strict-mode`: whether a change that cannot be made ends the request.
    StrictMode(bool),
    /// `wait-for-body`
    WaitForBody {
        /// How long at most.
        time: Duration,
        /// This many bytes are enough; all of it without.
        at_least: Option<u64>,
    },
    /// `pause`: milliseconds.
    Pause(Result<Duration, Expr>),
    /// `disable-l7-retry`
    DisableL7Retry,
    /// `expect-proxy layer4`
    ExpectProxy,
    /// `attach-srv`: who connects is a server and no client.
    AttachServer {
        /// Its backend.
        backend: ProxyIndex,
        /// Which of its servers.
        server: ServerIndex,
        /// What the connection is called, if its server tells connections apart by name.
        name: Option<Expr>,
    },
    /// `expect-netscaler-cip layer4`
    ExpectNetscaler,
    /// `set-bandwidth-limit`
    Limit(Box<SetLimit>),
}

/// Where a captured value goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Captured {
    /// A slot of the request.
    Request(u32),
    /// A slot of the response.
    Response(u32),
}

/// A change of a tracked entry's counters.
#[derive(Clone, Debug)]
pub enum Count {
    /// `sc-inc-gpc(index,counter)`
    IncrementGpc {
        /// Which general counter.
        index: u32,
        /// Which tracked entry.
        counter: u8,
    },
    /// `sc-add-gpc(index,counter)`
    AddGpc {
        /// Which general counter.
        index: u32,
        /// Which tracked entry.
        counter: u8,
        /// How much.
        value: Result<u32, Expr>,
    },
    /// `sc-set-gpt(index,counter)`
    SetGpt {
        /// Which general tag.
        index: u32,
        /// Which tracked entry.
        counter: u8,
        /// To what.
        value: Result<u32, Expr>,
    },
    /// `sc-inc-gpc0`, which falls back to the array.
    IncrementGpc0 {
        /// Which tracked entry.
        counter: u8,
    },
    /// `sc-inc-gpc1`
    IncrementGpc1 {
        /// Which tracked entry.
        counter: u8,
    },
    /// `sc-set-gpt0`
    SetGpt0 {
        /// Which tracked entry.
        counter: u8,
        /// To what.
        value: Result<u32, Expr>,
    },
}

/// A change of a list or a map while traffic runs.
#[derive(Clone, Debug)]
pub enum MapEdit {
    /// `add-acl`
    AddAcl {
        /// The list.
        list: Arc<Reference>,
        /// The key.
        key: Format,
    },
    /// `del-acl`
    DelAcl {
        /// The list.
        list: Arc<Reference>,
        /// The key.
        key: Format,
    },
    /// `set-map`
    SetMap {
        /// The map.
        map: Arc<Reference>,
        /// The key.
        key: Format,
        /// The value.
        value: Format,
    },
    /// `del-map`
    DelMap {
        /// The map.
        map: Arc<Reference>,
        /// The key.
        key: Format,
    },
}

/// A part of an address that rules set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressPart {
    /// `set-src`
    Source,
    /// `set-src-port`
    SourcePort,
    /// `set-dst`
    Destination,
    /// `set-dst-port`
    DestinationPort,
}

/// What a connection's packets are marked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// `set-mark`
    Mark,
    /// `set-tos`
    Tos,
}

/// A side of the proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// `fc`
    Client,
    /// `bc`
    Server,
}

/// A timeout that rules set for one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeoutKind {
    /// `client`
    Client,
    /// `server`
    Server,
    /// `tunnel`
    Tunnel,
    /// `connect`
    Connect,
    /// `queue`
    Queue,
    /// `tarpit`
    Tarpit,
}

/// Classes of priority are from less than nothing by this much to this much more.
pub const PRIORITY_CLASS_MAX: i64 = 2047;
/// The same of offsets, milliseconds.
pub const PRIORITY_OFFSET_MAX: i64 = 524_287;
