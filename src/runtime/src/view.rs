//! What the runtime API looks at.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use balance::{ServerIndex, ServerState};
use base::{Duration, Epoch, Instant};
use engine::SharedRing;
use engine::settings::Settings;
use sample::pattern::Directory;
use sample::{Cli, Context, Work};
use session::log::Clock;
use session::settings::ProxyIndex;
use session::{AverageTotal, Captures, ListenerTotals, ProxyTotals, ServerTotals, WorkerTotals};
use tables::Table;

/// The process at one instant. Indexes are those of [`Settings`].
pub trait View {
    /// The instant.
    fn now(&self) -> Instant;
    /// Wall-clock time of the clock's origin.
    fn epoch(&self) -> Epoch;
    /// An instant by the wall clock.
    fn clock(&self, at: Instant) -> Clock;
    /// The configuration.
    fn settings(&self) -> &Settings;
    /// What there is to know of the process itself.
    fn process(&self) -> Process;
    /// Bytes sent to clients, to servers and over the runtime API (`TotalBytesOut`).
    fn bytes_out(&self) -> u64;
    /// What the workers count beside the proxies.
    fn workers(&self) -> WorkerTotals;
    /// A proxy as a frontend.
    fn frontend(&self, proxy: ProxyIndex) -> FrontendNow;
    /// A proxy as a backend.
    fn backend(&self, proxy: ProxyIndex) -> BackendNow;
    /// The `bind`th listener of a proxy.
    fn listener(&self, proxy: ProxyIndex, bind: usize) -> ListenerTotals;
    /// Connections to a server that lie idle for anybody, by worker.
    fn idle(&self, proxy: ProxyIndex, server: ServerIndex) -> Vec<u64>;
    /// A server.
    fn server(&self, proxy: ProxyIndex, server: ServerIndex) -> ServerNow;
    /// The last invalid messages.
    fn captures(&self) -> &Captures;
    /// The lists of patterns and maps.
    fn patterns(&self) -> &Directory;
    /// The rings, by number.
    fn rings(&self) -> &[SharedRing];
    /// The stick tables in order of declaration.
    fn tables(&self) -> &[Arc<Table>];
    /// Lets frontends send requests to a backend, or no more.
    fn publish(&self, proxy: ProxyIndex, on: bool);
    /// Lets `with` evaluate expressions as of now.
    fn evaluate(&self, with: &mut dyn FnMut(&Context<'_, Cli>, &mut Work));
}

/// What there is to know of the process itself; names as in `show info` where nothing is said.
#[derive(Clone, Debug, Default)]
pub struct Process {
    /// `Name`.
    pub name: &'static str,
    /// `Version`.
    pub version: &'static str,
    /// `Release_date`, year/month/day.
    pub release_date: &'static str,
    /// `node`.
    pub node: Box<str>,
    /// `Pid`.
    pub pid: u32,
    /// When it started.
    pub started: Instant,
    /// `BootTime_ms`: from the start until it was ready.
    pub boot: Duration,
    /// `Nbthread`: workers.
    pub workers: u32,
    /// `Ulimit-n`: file descriptors it may have.
    pub ulimit_n: u64,
    /// `Maxconn`.
    pub maxconn: u32,
    /// `Memmax_MB`: `-m`; 0 is no limit.
    pub memory_max_mb: u64,
    /// `Listeners`: sockets that listen.
    pub listeners: u32,
    /// `TotalWarnings`: warnings since the start.
    pub warnings: u64,
    /// `Idle_pct`: what of the last second, of all workers' time taken together, was not spent
    /// computing, 0..=100.
    pub idle_percent: u32,
    /// The listeners rest (SIGTTOU).
    pub paused: bool,
    /// `BytesOutRate`: bytes sent in the last second.
    pub bytes_out_rate: u64,
    /// Connections to the runtime API so far: HAProxy's `CumConns` and `CumReq` count them.
    pub control_connections: u64,
    /// Bytes the runtime API has sent.
    pub control_bytes_out: u64,
    /// `Stopping`: a soft stop is under way.
    pub stopping: bool,
}

/// Whether a frontend accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrontendStatus {
    /// It accepts connections.
    Open,
    /// Its `maxconn` is reached.
    Full,
    /// It does not listen for now (SIGTTOU).
    Paused,
    /// It listens no more.
    Stopped,
}

/// A proxy as a frontend.
#[derive(Clone, Copy, Debug)]
pub struct FrontendNow {
    /// Whether it accepts.
    pub status: FrontendStatus,
    /// Its counters.
    pub totals: ProxyTotals,
}

/// A proxy as a backend.
#[derive(Clone, Copy, Debug)]
pub struct BackendNow {
    /// Frontends send requests to it.
    pub published: bool,
    /// Requests waiting for any of its servers.
    pub queued: u32,
    /// When it last went up or down.
    pub changed: Instant,
    /// How long it has been down in all, until `changed`.
    pub downtime: Duration,
    /// How often it went down.
    pub downs: u64,
    /// Its counters.
    pub totals: ProxyTotals,
    /// What its servers count together.
    pub served: Served,
}

/// What the servers of a backend count together.
#[derive(Clone, Copy, Debug, Default)]
pub struct Served {
    /// Connections that carry exchanges now.
    pub used: u64,
    /// Connections kept for later.
    pub idle: u64,
    /// `qtime`
    pub queue_ms: AverageTotal,
    /// `ctime`
    pub connect_ms: AverageTotal,
    /// `rtime`
    pub response_ms: AverageTotal,
    /// `ttime`
    pub total_ms: AverageTotal,
}

impl Served {
    /// What these servers count together.
    pub fn by(servers: impl Iterator<Item = ServerTotals>) -> Self {
        let mut all = Self::default();
        for server in servers {
            all.used = all.used.saturating_add(server.used_conn_cur);
            all.idle = all
                .idle
                .saturating_add(server.idle_conn_cur)
                .saturating_add(server.safe_conn_cur);
            all.queue_ms = all.queue_ms.joined(server.queue_ms);
            all.connect_ms = all.connect_ms.joined(server.connect_ms);
            all.response_ms = all.response_ms.joined(server.response_ms);
            all.total_ms = all.total_ms.joined(server.total_ms);
        }
        all
    }
}

/// What is known of a server's health, and what it may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerStatus {
    /// It takes requests; nobody checks whether it can.
    NoCheck,
    /// It takes requests, as its check says.
    Up,
    /// It takes none, as its check says.
    Down,
    /// It takes only requests that ask for it.
    Drain,
    /// It takes none, as somebody said.
    Maintenance,
    /// It takes none until its name is resolved.
    Unresolved,
}

impl ServerStatus {
    /// Whether balancing uses it.
    pub(crate) fn is_usable(self) -> bool {
        matches!(self, Self::NoCheck | Self::Up)
    }

    /// Whether it was taken out of use on purpose.
    pub(crate) fn is_maintenance(self) -> bool {
        matches!(self, Self::Maintenance | Self::Unresolved)
    }
}

/// A server.
#[derive(Clone, Copy, Debug)]
pub struct ServerNow {
    /// What it may be used for.
    pub status: ServerStatus,
    /// What it was last asked to be.
    pub wanted: ServerState,
    /// Its weight now.
    pub weight: u32,
    /// Requests that hold one of its slots.
    pub served: u32,
    /// Requests waiting for it.
    pub queued: u32,
    /// When its status last changed.
    pub changed: Instant,
    /// Its counters.
    pub totals: ServerTotals,
}
