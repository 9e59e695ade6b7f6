//! `use_backend`, `use-server`, and what says whether clients stay with their servers.

use super::{Gate, Screened};
use crate::settings::ProxyIndex;
use alloc::boxed::Box;
use balance::ServerIndex;
use sample::format::Format;
use sample::{Expr, For, ServerChoice, StoreResponse, Switching};

/// A rule that chooses a backend.
#[derive(Clone, Debug)]
pub struct SwitchRule {
    /// When.
    pub gate: Gate,
    /// Which one.
    pub to: Choice<ProxyIndex>,
}

/// A rule that chooses a server.
#[derive(Clone, Debug)]
pub struct ServerRule {
    /// When.
    pub gate: Gate,
    /// Which one.
    pub to: Choice<ServerIndex>,
}

/// A choice that is known, or a name that is worked out for each request.
#[derive(Clone, Debug)]
pub enum Choice<T> {
    /// This one.
    This(T),
    /// The one of that name, if there is one.
    Named(Format),
}

/// `use_backend` rules in order.
pub type Switches = For<Switching, Screened<SwitchRule>>;

/// `use-server` rules in order.
pub type ServerRules = For<ServerChoice, Box<[ServerRule]>>;

/// `force-persist` and `ignore-persist` in order.
pub type PersistRules = For<ServerChoice, Box<[PersistRule]>>;

/// A rule about persistence.
#[derive(Clone, Debug)]
pub struct PersistRule {
    /// When.
    pub gate: Gate,
    /// `force-persist`, `ignore-persist`.
    pub kind: Persist,
}

/// What a rule about persistence says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persist {
    /// `force-persist`: to servers that are down as well.
    Force,
    /// `ignore-persist`: no cookie counts.
    Ignore,
}

/// `stick match`, `stick on` and `stick store-request` in order.
pub type StickRequests = For<ServerChoice, Box<[StickRule]>>;

/// `stick store-response` in order.
pub type StickResponses = For<StoreResponse, Box<[StickRule]>>;

/// A rule about what stick tables know.
#[derive(Clone, Debug)]
pub struct StickRule {
    /// When.
    pub gate: Gate,
    /// Whose server it is.
    pub key: Expr,
    /// The table, by its place.
    pub table: u32,
    /// What is done with it.
    pub uses: StickUses,
}

bitflags::bitflags! {
    /// What is done with a stick table.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct StickUses: u8 {
        /// The server that the table knows serves the request.
        const MATCH = 1;
        /// The table learns who has served it.
        const STORE = 1 << 1;
    }
}
