//! What rules have decided or collected for an exchange.

use crate::exchange::Link;
use crate::persist::Tie;
use crate::rules::{Filled, Reply, Spot, TimeoutKind};
use crate::settings::{Level, Timeouts};
use crate::{Abort, Guess};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use base::{Duration, Instant};
use core::net::SocketAddr;
use message::Version;
use sample::facts::Track;
use sample::vars::Vars;

/// Who connected, and to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ends {
    /// Who connected.
    pub peer: Option<SocketAddr>,
    /// To what.
    pub local: Option<SocketAddr>,
}

/// What rules have decided or collected for an exchange.
#[derive(Debug, Default)]
pub struct Ruled {
    /// The rule set that runs, or runs next.
    pub stage: Stage,
    /// The rule in it that comes next.
    pub next: u32,
    /// When content rules stop waiting for what they need.
    pub inspect_until: Option<Instant>,
    /// `txn` variables.
    pub transaction: Vars,
    /// `req` variables, `res` ones from the response on.
    pub exchange: Vars,
    /// They are those of the response: those of the request are gone.
    pub are_of_response: bool,
    /// An answer is about to leave, the server's or our own.
    pub answered: bool,
    /// `strict-mode off`
    pub lenient: bool,
    /// `set-log-level`: this one; `silent` is none.
    pub level: Option<Option<Level>>,
    /// `set-timeout`: in place of those of the proxies.
    pub timeouts: Vec<(TimeoutKind, Duration)>,
    /// `set-src`, `set-dst` of content and requests: source and destination, for this exchange alone.
    pub ends: Option<Box<Ends>>,
    /// `set-retries`
    pub retries: Option<u32>,
    /// `set-priority-class`
    pub priority_class: i16,
    /// `set-priority-offset`, milliseconds.
    pub priority_offset: i32,
    /// The rule that waits for something.
    pub waiting: Option<Spot>,
    /// Of the bytes sent to the client, those of an answer of our own.
    pub own_bytes: u64,
    /// What is tracked, by number.
    pub tracked: Vec<Option<Track>>,
    /// What `tarpit` answers when its time is up.
    pub tarpit: Option<(Arc<Reply>, Filled)>,
    /// Captures of the request, by slot.
    pub request_captures: Vec<Option<Vec<u8>>>,
    /// Captures of the response, by slot.
    pub response_captures: Vec<Option<Vec<u8>>>,
    /// `capture cookie`, of the request.
    pub request_cookie: Option<Vec<u8>>,
    /// `capture cookie`, of the response.
    pub response_cookie: Option<Vec<u8>>,
    /// `unique-id-format`, worked out.
    pub unique_id: Option<Vec<u8>>,
    /// What connections to its server begin with, worked out for this client (`send-proxy`).
    pub introduction: Vec<u8>,
    /// What connections that may serve it are called, worked out for this request (`pool-conn-name`).
    pub conn_name: Vec<u8>,
    /// The address that its server is connected to from, worked out for this client (`source`).
    pub source: Option<SocketAddr>,
    /// The last rule that ended a rule set.
    pub last_rule: Option<Spot>,
    /// How the client broke its stream off.
    pub client_abort: Abort,
    /// How the server broke its stream off.
    pub server_abort: Abort,
    /// The server's stream, once it is over: what it was is still asked for.
    pub served_by: Option<Served>,
    /// What the client's first bytes look like in TCP mode; rules of requests ask for it.
    pub guess: Guess,
    /// Method and request-target as they came, once a rule has changed them: what logs show.
    pub asked: Option<(Vec<u8>, Vec<u8>)>,
    /// How long the head of the response was when it came, as text, bytes.
    pub response_bytes: usize,
    /// The status the server gave.
    pub server_status: u16,
    /// The rules for what a server sends in TCP mode have begun.
    pub replied: bool,
    /// It is answered by the page of statistics.
    pub page: bool,
    /// A rule ends it before anything was said to the client: nothing is missing.
    pub dropped: bool,
    /// What binds the request to a server.
    pub tie: Tie,
}

/// A stream of a server that is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Served {
    /// Where it was.
    pub link: Link,
    /// The version of HTTP that was spoken there; none for raw TCP.
    pub version: Option<Version>,
}

/// Rule sets of a request, in the order in which they run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// `tcp-request content` of the frontend.
    #[default]
    FrontContent,
    /// `http-request` of the frontend.
    FrontRequest,
    /// `use_backend`
    Switching,
    /// `tcp-request content` of the backend.
    BackContent,
    /// `http-request` of the backend.
    BackRequest,
    /// None is left: the server is chosen.
    Server,
}

impl Stage {
    /// The one behind it.
    pub fn next(self) -> Self {
        match self {
            Self::FrontContent => Self::FrontRequest,
            Self::FrontRequest => Self::Switching,
            Self::Switching => Self::BackContent,
            Self::BackContent => Self::BackRequest,
            Self::BackRequest | Self::Server => Self::Server,
        }
    }
}

impl Ruled {
    /// Whether there are texts to take out.
    pub fn has_texts(&self) -> bool {
        !self.request_captures.is_empty()
            || !self.response_captures.is_empty()
            || self.request_cookie.is_some()
            || self.response_cookie.is_some()
            || self.asked.is_some()
            || self.unique_id.is_some()
    }

    /// Takes out the texts that were collected.
    pub fn texts(&mut self) -> impl Iterator<Item = Vec<u8>> {
        let captures = [&mut self.request_captures, &mut self.response_captures];
        let captures = captures.into_iter().flat_map(core::mem::take).flatten();
        let cookies = [self.request_cookie.take(), self.response_cookie.take()];
        let cookies = cookies.into_iter().flatten();
        let asked = self.asked.take().map(|(method, target)| [method, target]);
        let line = asked.into_iter().flatten();
        captures
            .chain(cookies)
            .chain(line)
            .chain(self.unique_id.take())
            .chain([
                core::mem::take(&mut self.introduction),
                core::mem::take(&mut self.conn_name),
            ])
    }

    /// The timeouts of a proxy, those that rules have set in place of its own.
    pub fn timeouts(&self, proxy: &Timeouts) -> Timeouts {
        let mut timeouts = *proxy;
        for (kind, time) in &self.timeouts {
            let place = match kind {
                TimeoutKind::Client => &mut timeouts.client,
                TimeoutKind::Server => &mut timeouts.server,
                TimeoutKind::Tunnel => &mut timeouts.tunnel,
                TimeoutKind::Connect => &mut timeouts.connect,
                TimeoutKind::Queue => &mut timeouts.queue,
                TimeoutKind::Tarpit => &mut timeouts.tarpit,
            };
            *place = Some(*time);
        }
        timeouts
    }
}
