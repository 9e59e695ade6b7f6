//! What the configuration says of a proxy (`frontend`, `backend`, `listen`).
//!
//! `config` makes these from text; everything below reads them as they are. Host names are
//! resolved, files are read, limits are checked before a value gets here.

mod bind;
mod captures;
mod cookie;
mod forward;
mod hashing;
mod headers;
mod introduction;
mod log;
mod options;
mod pages;
mod ring;
mod statistics;
mod timeouts;

pub use bind::{Bind, BindAddress, Reversed, SocketOptions};
pub use captures::{CaptureSlot, CaptureSlots, CookieCapture};
pub use cookie::{CookieUses, PersistCookie};
pub use forward::{ForwardTarget, HostStrategy, LogForward};
pub use hashing::{HashFunction, HashOf, HashedUri, Hashing};
pub use headers::{AddressHeader, Network};
pub use introduction::{Introduction, ProxyField, ProxyVersion};
pub use log::{
    Facility, Level, LineFormat, LogFormat, LogLines, LogProfile, LogSample, LogSocket, LogSteps,
    LogTarget, LogWhere, Override, ProfileStep, SyslogFormat, UniqueId,
};
pub use options::Options;
pub use pages::{ErrorPage, ErrorPages};
pub use pool::Reuse;
pub use ring::{Framing, RingIndex, RingServer, RingSettings};
pub use statistics::StatsPage;
pub use timeouts::Timeouts;

use crate::forwarded::Forwarded;
use crate::rules::Rules;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use balance::{BackendSettings, ServerIndex, ServerSettings};
use sample::{BackendBody, Connecting, Expr, For};

/// A proxy's place in [`crate::settings`]'s list, in order of declaration from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProxyIndex(pub u32);

/// `mode`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// `tcp`: bytes both ways.
    #[default]
    Tcp,
    /// `http`.
    Http,
}

/// What a proxy can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capability {
    /// `frontend`.
    Frontend,
    /// `backend`.
    Backend,
    /// `listen`: both.
    Listen,
}

impl Capability {
    /// Whether clients connect to it.
    pub fn accepts(self) -> bool {
        matches!(self, Self::Frontend | Self::Listen)
    }

    /// Whether it has servers.
    pub fn serves(self) -> bool {
        matches!(self, Self::Backend | Self::Listen)
    }
}

/// One proxy section, with its defaults already applied.
#[derive(Clone, Debug)]
pub struct Proxy {
    /// `id`: unique among proxies, from 1; shown as `iid` in `show stat`.
    pub id: u32,
    /// The configuration says so.
    pub id_given: bool,
    /// Its name.
    pub name: Box<str>,
    /// `frontend`, `backend` or `listen`.
    pub capability: Capability,
    /// `mode`.
    pub mode: Mode,
    /// `disabled`: configured, but never started.
    pub disabled: bool,
    /// `be-unpublished`: no frontend but its own sends requests here until it is published.
    pub unpublished: bool,
    /// `description`.
    pub description: Option<Box<str>>,
    /// `file:line` of the section.
    pub place: String,

    /// `bind` lines, address ranges and lists already taken apart.
    pub binds: Vec<Bind>,
    /// `maxconn` of the frontend: concurrent client connections; beyond it they wait in the backlog.
    pub maxconn: u32,
    /// `default_backend`, else itself if it is a `listen`.
    pub backend: Option<ProxyIndex>,
    /// `monitor-uri`.
    pub monitor_uri: Option<Box<[u8]>>,

    /// `balance`, `fullconn`, `option allbackups`.
    pub balance: BackendSettings,
    /// What servers are chosen by, where it is by a hash.
    pub hashing: Option<Hashing>,
    /// `server` lines.
    pub servers: Vec<ServerSettings>,
    /// `mode log`: log lines go there, and no traffic.
    pub is_log: bool,
    /// Where they go, by server.
    pub log_servers: Vec<LogWhere>,
    /// What connections to each of them begin with; empty if there is none that says so.
    pub introductions: Vec<Option<Introduction>>,
    /// `pool-conn-name` of each of them; empty if there is none that has one.
    pub conn_names: Vec<Option<For<Connecting, Expr>>>,
    /// `retries`: further connection attempts after the first (3).
    pub retries: u32,
    /// `option redispatch [interval]`: `None` without it. A positive interval N lets every Nth retry
    /// go to another server, a negative one the Nth before the last; -1 by default.
    pub redispatch: Option<i32>,
    /// `source` of the backend: where server connections come from.
    pub source: Option<balance::Source>,
    /// `cookie` of the backend, in HTTP mode.
    pub cookie: Option<PersistCookie>,
    /// `http-reuse` of the backend.
    pub reuse: Reuse,
    /// `max-session-srv-conns` of the frontend: idle server connections that are one client's own (5).
    pub session_idle_max: u32,

    /// Its rules.
    pub rules: Rules,
    /// Slots for captured values.
    pub captures: CaptureSlots,

    /// The twelve `timeout` keywords.
    pub timeouts: Timeouts,
    /// `option …` switches.
    pub options: Options,
    /// `option forwardfor`.
    pub forwardfor: Option<AddressHeader>,
    /// `option originalto`.
    pub originalto: Option<AddressHeader>,
    /// `option forwarded` of the backend.
    pub forwarded: Option<For<BackendBody, Forwarded>>,
    /// `errorfile`, `errorloc`, `errorloc302`, `errorloc303`.
    pub pages: ErrorPages,
    /// `stats enable` and its like.
    pub stats: Option<Box<StatsPage>>,
    /// `log` lines, `log global` already replaced by the global ones.
    pub logs: Vec<LogTarget>,
    /// What the lines say, and when they are written.
    pub log_lines: LogLines,
    /// `log-tag`.
    pub log_tag: Option<Box<str>>,
    /// `unique-id-format`, `unique-id-header`
    pub unique_id: UniqueId,
}

impl Proxy {
    /// Where connections to a server come from; nowhere in particular if it connects to us.
    pub fn source(&self, server: ServerIndex) -> Option<&balance::Source> {
        let server = &self.servers[server.0 as usize];
        let source = server.source.as_ref().or(self.source.as_ref());
        source.filter(|_| server.address != balance::Address::Reversed)
    }

    /// What connections to a server are called.
    pub fn conn_name(&self, server: ServerIndex) -> Option<&For<Connecting, Expr>> {
        self.conn_names.get(server.0 as usize)?.as_ref()
    }

    /// What connections to a server begin with.
    pub fn introduction(&self, server: ServerIndex) -> Option<&Introduction> {
        self.introductions.get(server.0 as usize)?.as_ref()
    }
}
