//! What the configuration says of the whole process.

pub use crate::statuses::Statuses;

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use base::Duration;
use core::num::NonZeroU32;
use sample::pattern::Directory;
use sample::userlist::Userlist;
use sample::vars::SharedVars;
use session::rules::Choice;
use session::settings::{Bind, LogForward, LogProfile, LogTarget, Proxy, ProxyIndex, RingSettings};

/// A whole configuration, checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `global`.
    pub global: Global,
    /// The proxies in order of declaration.
    pub proxies: Vec<Proxy>,
    /// `log-profile` sections.
    pub log_profiles: Vec<LogProfile>,
    /// `ring` sections in order of declaration, then the rings before log servers.
    pub rings: Vec<RingSettings>,
    /// What expressions write to (`debug`).
    pub sinks: Vec<LogTarget>,
    /// `log-forward` sections in order of declaration.
    pub forwards: Vec<LogForward>,
    /// `stick-table`s in order of declaration.
    pub tables: Vec<tables::Definition>,
    /// `userlist`s in order of declaration.
    pub userlists: Vec<Userlist>,
    /// The lists of patterns and maps, by number.
    pub patterns: Directory,
    /// The variables of the process, with what `set-var` in `global` has put there.
    pub vars: Arc<SharedVars>,
    /// Something reads what the system measures of connections ([`crate::Measures`]).
    pub measures: bool,
    /// Something reads bodies of requests.
    pub bodies: bool,
}

impl Settings {
    /// `fullconn` where nothing is said: a tenth of what the frontends in front may take. Where that
    /// is not limited, servers take their whole `maxconn` from the start.
    pub(crate) fn fill_in_loads(&mut self) {
        for at in 0..self.proxies.len() {
            let backend = &self.proxies[at];
            if backend.capability.serves() && backend.balance.fullconn == 0 {
                self.proxies[at].balance.fullconn = self.full_load(ProxyIndex(at as u32));
            }
        }
    }

    fn full_load(&self, backend: ProxyIndex) -> u32 {
        let fronts = self.proxies.iter();
        let limits = fronts
            .filter(|front| sends_to(front, backend))
            .map(|front| match front.maxconn {
                0 => self.global.maxconn,
                limit => limit,
            });
        let mut total: u64 = 0;
        for limit in limits {
            if limit == 0 {
                return 0;
            }
            total += u64::from(limit);
        }
        u32::try_from(total / 10).unwrap_or(u32::MAX).max(1)
    }
}

/// Whether requests of a frontend come to a backend by its default or by a rule that names it.
fn sends_to(front: &Proxy, backend: ProxyIndex) -> bool {
    let rules = front.rules.switches.iter();
    let mut named = rules.flat_map(|rules| &**rules.get()).map(|rule| &rule.to);
    front.backend == Some(backend)
        || named.any(|to| matches!(to, Choice::This(to) if *to == backend))
}

/// `global`.
#[derive(Clone, Debug)]
pub struct Global {
    /// `nbthread`: workers; `None` is one a CPU.
    pub nbthread: Option<u32>,
    /// `maxconn`: concurrent client connections of the process; 0 derives it from the limit of open
    /// files.
    pub maxconn: u32,
    /// `user` or `uid`.
    pub uid: Option<u32>,
    /// `group` or `gid`.
    pub gid: Option<u32>,
    /// `setcap`: what the process may do as another user than root.
    pub capabilities: Vec<Capability>,
    /// `chroot`.
    pub chroot: Option<Box<str>>,
    /// `daemon`.
    pub daemon: bool,
    /// `master-worker no-exit-on-failure`: a worker that fails takes nobody along.
    pub master_outlives_failures: bool,
    /// `mworker-max-reloads`: a worker that saw more reloads is ended (50).
    pub max_reloads: u32,
    /// `pidfile`.
    pub pidfile: Option<Box<str>>,
    /// `ulimit-n`.
    pub ulimit_n: Option<u64>,
    /// `http-err-codes`: responses that count as errors of clients.
    pub http_errors: Statuses,
    /// `http-fail-codes`: responses that count as failures of servers.
    pub http_failures: Statuses,
    /// `fd-hard-limit`: open files at most, whatever the system allows (1048576).
    pub fd_hard_limit: u64,
    /// `strict-limits`: no start without the open files that are needed (on).
    pub strict_limits: bool,
    /// `hard-stop-after`: how long a soft stop may take.
    pub hard_stop_after: Option<Duration>,
    /// `close-spread-time`: over what time a soft stop ends the connections of clients; all at once by
    /// default.
    pub close_spread: Option<CloseSpread>,
    /// `grace`: how long listeners stay open after a soft stop.
    pub grace: Option<Duration>,
    /// `node`: shown in statistics; the host name by default.
    pub node: Option<Box<str>>,
    /// The system's name (`hostname`).
    pub host_name: Box<str>,
    /// The addresses of the system's interfaces at the start (`src_is_local`).
    pub local_addresses: Box<[core::net::IpAddr]>,
    /// `description`.
    pub description: Option<Box<str>>,
    /// `log-tag` (`haproxy` by default).
    pub log_tag: Option<Box<str>>,
    /// `log-send-hostname`: the name sent in syslog headers.
    pub log_hostname: Option<Box<str>>,
    /// `stats socket` lines.
    pub stats_sockets: Vec<StatsSocket>,
    /// `stats timeout` (10 s).
    pub stats_timeout: Duration,
    /// `stats maxconn` (10).
    pub stats_maxconn: u32,
    /// `log` lines.
    pub logs: Vec<LogTarget>,
    /// `tune.*` and their kin.
    pub tune: Tune,
    /// The local peer's name (`-L`, `localpeer`; the host name by default).
    pub localpeer: Option<Box<str>>,
}

/// A right of `setcap`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capability {
    /// `cap_net_raw`: to bind to addresses of others, and to interfaces.
    NetRaw,
    /// `cap_net_admin`: the same, and to mark packets.
    NetAdmin,
    /// `cap_net_bind_service`: to bind to ports below 1024.
    NetBindService,
    /// `cap_sys_admin`: to change name spaces.
    SysAdmin,
}

/// `close-spread-time`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseSpread {
    /// Each at a time of its own within this.
    Over(Duration),
    /// `infinite`: none is ended but by its timeouts.
    Never,
}

/// One `stats socket`.
#[derive(Clone, Debug)]
pub struct StatsSocket {
    /// Where it listens; the options are the socket's own.
    pub bind: Bind,
    /// `level`.
    pub level: AccessLevel,
}

/// What a runtime API connection may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum AccessLevel {
    /// `user`: harmless reading.
    User,
    /// `operator`: all reading, harmless changes. The default.
    #[default]
    Operator,
    /// `admin`: everything.
    Admin,
}

/// `tune.*` and their kin.
#[derive(Clone, Debug)]
pub struct Tune {
    /// `tune.bufsize`, bytes (16384).
    pub bufsize: u32,
    /// `tune.maxrewrite`, bytes (1024): room of a buffer that a received head may not fill.
    pub maxrewrite: u32,
    /// `tune.http.maxhdr` (101): fields of one head.
    pub maxhdr: u32,
    /// `tune.http.logurilen`, bytes (1024): the request line in a log is cut there.
    pub loguri_len: u32,
    /// `tune.idle-pool.shared`: workers take idle server connections from each other (on).
    pub shared_pools: bool,
    /// `tune.pool-low-fd-ratio`, percent of the files there may be (20): with more open, a server keeps
    /// one idle connection a worker.
    pub pool_low_fd_ratio: u32,
    /// `tune.pool-high-fd-ratio`, percent (25): with more open, nothing is kept, and who opens a
    /// connection closes an idle one.
    pub pool_high_fd_ratio: u32,
    /// `tune.h2.*`.
    pub h2: Http2Tune,
    /// `tune.rcvbuf.client`, bytes.
    pub rcvbuf_client: Option<u32>,
    /// `tune.rcvbuf.server`, bytes.
    pub rcvbuf_server: Option<u32>,
    /// `tune.sndbuf.client`, bytes.
    pub sndbuf_client: Option<u32>,
    /// `tune.sndbuf.server`, bytes.
    pub sndbuf_server: Option<u32>,
}

/// `tune.h2.*`: what a connection of HTTP/2 may cost.
#[derive(Clone, Copy, Debug)]
pub struct Http2Tune {
    /// Of clients.
    pub fe: Http2Side,
    /// Of servers.
    pub be: Http2Side,
    /// `initial-window-size`, bytes, where a side has none; else `tune.bufsize`.
    pub window_bytes: Option<u32>,
    /// `max-concurrent-streams` where a side has none (100).
    pub streams_max: Option<u32>,
    /// `fe.max-total-streams`.
    pub streams_total_max: Option<NonZeroU32>,
    /// `header-table-size`, bytes (4096).
    pub table_bytes_max: u32,
    /// `max-frame-size`, bytes; else `tune.bufsize`.
    pub frame_bytes_max: Option<u32>,
}

/// What `tune.h2.*` says of one side.
#[derive(Clone, Copy, Debug, Default)]
pub struct Http2Side {
    /// `initial-window-size`, bytes.
    pub window_bytes: Option<u32>,
    /// `max-concurrent-streams`.
    pub streams_max: Option<u32>,
    /// `rxbuf`, bytes (1600k).
    pub rxbuf: Option<u32>,
    /// `glitches-threshold`.
    pub glitches_max: Option<NonZeroU32>,
}

impl Default for Http2Tune {
    fn default() -> Self {
        Self {
            fe: Http2Side::default(),
            be: Http2Side::default(),
            window_bytes: None,
            streams_max: None,
            streams_total_max: None,
            table_bytes_max: 4096,
            frame_bytes_max: None,
        }
    }
}

impl Default for Tune {
    fn default() -> Self {
        Self {
            bufsize: 16384,
            maxrewrite: 1024,
            maxhdr: 101,
            loguri_len: 1024,
            shared_pools: true,
            pool_low_fd_ratio: 20,
            pool_high_fd_ratio: 25,
            h2: Http2Tune::default(),
            rcvbuf_client: None,
            rcvbuf_server: None,
            sndbuf_client: None,
            sndbuf_server: None,
        }
    }
}
