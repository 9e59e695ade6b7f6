//! What the workers of a process have in common.

use crate::maintenance::History;
use crate::output::LogRoute;
use crate::rings::SharedRing;
use crate::settings::Settings;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;
use balance::{Backend, ServerIndex};
use base::{Epoch, Instant, Rng};
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use pool::Files;
use sample::Work;
use sample::vars::SharedVars;
use session::log::{Clock, Sampler, Sender};
use session::settings::{LogWhere, ProxyIndex};
use session::{Captures, ListenerCounters, ProxyCounters, ServerCounters, WorkerCounters};
use spin::Mutex;
use tables::Bell;

/// What the workers have in common, as one of them lends it to itself: the outer count is its own. One
/// that all of them change would go from one to the other with each request.
pub(crate) type Lent = Arc<Arc<Shared>>;

/// What the workers of a process have in common: the configuration, which never changes, and what
/// is decided for all of them together.
#[derive(Debug)]
pub struct Shared {
    /// The configuration.
    pub settings: Settings,
    /// One backend a proxy, empty for frontends. The lock is held for one choice of a server: the
    /// order of HAProxy's algorithms is an order over all workers.
    pub backends: Vec<Mutex<Backend>>,
    /// How the servers of each proxy were of late; locked before its backend.
    pub(crate) history: Vec<Mutex<History>>,
    /// Counters by worker and proxy.
    pub counters: Vec<Vec<Counters>>,
    /// What each worker counts beside the proxies.
    pub workers: Vec<WorkerCounters>,
    /// The stick tables.
    pub tables: Arc<[Arc<tables::Table>]>,
    /// Rings when one of them has entries that nobody looks after.
    pub(crate) bell: Bell,
    /// The variables of the process.
    pub vars: Arc<SharedVars>,
    /// Whether frontends send requests to each backend.
    published: Vec<AtomicBool>,
    /// Backends by name, for `use_backend` with an expression.
    names: BTreeMap<Box<[u8]>, ProxyIndex>,
    /// What the process says of itself in logs.
    pub identity: Identity,
    /// What has come to each log target, by proxy, for `sample`.
    pub samplers: Vec<Vec<Sampler>>,
    /// Lines of each proxy so far (`%lc`).
    pub(crate) log_counts: Vec<AtomicU32>,
    /// What has come to each log target, by `log-forward` section, for `sample`.
    pub(crate) forward_samplers: Vec<Vec<Sampler>>,
    /// The rings, by number.
    pub rings: Vec<SharedRing>,
    /// The last invalid messages, for `show errors`.
    pub captures: Captures,
    /// Client connections by proxy, for `maxconn`.
    pub connections: Vec<Limit>,
    /// Client connections by proxy and `bind` line, for the `maxconn` of those that have one.
    pub listeners: Vec<Vec<Limit>>,
    /// Client connections of the process, for the global `maxconn`.
    pub all_connections: Limit,
    /// Connections to servers, by proxy and server.
    opened: Vec<Vec<AtomicU32>>,
    /// All of them.
    all_opened: AtomicU32,
    /// Client connections by proxy when the first worker was about to end what it had left
    /// (`hard-stop-after`).
    hard_stopped: Mutex<Option<Vec<u32>>>,
    rng: Rng,
}

/// What the process says of itself in logs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Identity {
    /// The process.
    pub pid: u32,
    /// What local time is ahead of UTC, minutes.
    pub utc_offset_minutes: i32,
}

impl Identity {
    /// The wall clock in logs.
    pub fn clock(&self, epoch: Epoch, at: Instant) -> Clock {
        Clock {
            wall_nanos: epoch.wall_nanos(at),
            utc_offset_minutes: self.utc_offset_minutes,
        }
    }
}

/// One worker's counters of one proxy.
#[derive(Debug, Default)]
pub struct Counters {
    /// As a frontend.
    pub frontend: ProxyCounters,
    /// As a backend.
    pub backend: ProxyCounters,
    /// By server.
    pub servers: Vec<ServerCounters>,
    /// By `bind` line, with `option socket-stats`.
    pub listeners: Vec<ListenerCounters>,
}

/// A number of connections with a bound.
#[derive(Debug)]
pub struct Limit {
    now: AtomicU32,
    max: u32,
    /// Somebody stopped accepting because of this limit.
    hit: AtomicBool,
}

impl Limit {
    /// At most `max`; 0 is no limit.
    pub fn new(max: u32) -> Self {
        Self {
            now: AtomicU32::new(0),
            max,
            hit: AtomicBool::new(false),
        }
    }

    /// Connections now.
    pub fn now(&self) -> u32 {
        self.now.load(Ordering::Relaxed)
    }

    /// The bound; 0 is none.
    pub fn max(&self) -> u32 {
        self.max
    }

    /// Counts one more. How many there are then, and whether that is the bound, so that accepting must
    /// pause.
    pub(crate) fn enter(&self) -> (u32, bool) {
        let now = self.now.fetch_add(1, Ordering::AcqRel) + 1;
        let full = self.max != 0 && now >= self.max;
        if full {
            self.hit.store(true, Ordering::Release);
        }
        (now, full)
    }

    /// Counts one less; true if somebody waits for that.
    pub(crate) fn leave(&self) -> bool {
        let before = self.now.fetch_sub(1, Ordering::AcqRel);
        debug_assert!(before > 0, "more connections left than came");
        self.hit.load(Ordering::Acquire) && self.hit.swap(false, Ordering::AcqRel)
    }

    /// Whether one more would exceed the bound; if so, the next to leave says so.
    pub(crate) fn is_full(&self) -> bool {
        let full = self.max != 0 && self.now() >= self.max;
        if full {
            self.hit.store(true, Ordering::Release);
        }
        // It may have emptied in between; then nobody would wake us.
        full && self.now() >= self.max
    }
}

impl Shared {
    /// What `workers` workers share.
    pub fn new(mut settings: Settings, workers: usize, seed: [u8; 32], identity: Identity) -> Self {
        settings.fill_in_loads();
        let rng = Rng::new(seed);
        let bell = Bell::default();
        let tables = settings.tables.iter();
        let tables = tables
            .map(|table| Arc::new(tables::Table::with_bell(table.clone(), &rng, bell.clone())))
            .collect();
        let serving = settings.proxies.iter().enumerate();
        let serving = serving.filter(|(_, proxy)| proxy.capability.serves() && !proxy.is_log);
        let names = serving
            .map(|(at, proxy)| (proxy.name.as_bytes().into(), ProxyIndex(at as u32)))
            .collect();
        let backends = settings
            .proxies
            .iter()
            .map(|proxy| {
                let rng = rng.fork(&proxy.name);
                Mutex::new(Backend::new(proxy.balance, &proxy.servers, rng))
            })
            .collect();
        let history = settings.proxies.iter();
        let history = history.map(|proxy| Mutex::new(History::of(proxy)));
        let history = history.collect();
        let counters = (0..workers)
            .map(|_| settings.proxies.iter().map(Counters::of).collect())
            .collect();
        let connections = settings
            .proxies
            .iter()
            .map(|proxy| Limit::new(proxy.maxconn))
            .collect();
        let listeners = settings
            .proxies
            .iter()
            .map(|proxy| {
                let binds = proxy.binds.iter();
                binds.map(|bind| Limit::new(bind.maxconn)).collect()
            })
            .collect();
        Self {
            tables,
            bell,
            vars: settings.vars.clone(),
            published: settings
                .proxies
                .iter()
                .map(|proxy| AtomicBool::new(!proxy.unpublished))
                .collect(),
            names,
            backends,
            history,
            counters,
            connections,
            listeners,
            all_connections: Limit::new(settings.global.maxconn),
            opened: settings
                .proxies
                .iter()
                .map(|proxy| proxy.servers.iter().map(|_| AtomicU32::new(0)).collect())
                .collect(),
            all_opened: AtomicU32::new(0),
            hard_stopped: Mutex::new(None),
            workers: (0..workers).map(|_| WorkerCounters::default()).collect(),
            captures: Captures::default(),
            forward_samplers: settings
                .forwards
                .iter()
                .map(|section| section.targets.iter().map(|_| Sampler::default()).collect())
                .collect(),
            rings: settings.rings.iter().map(SharedRing::new).collect(),
            log_counts: settings.proxies.iter().map(|_| AtomicU32::new(0)).collect(),
            samplers: settings
                .proxies
                .iter()
                .map(|proxy| proxy.logs.iter().map(|_| Sampler::default()).collect())
                .collect(),
            identity,
            settings,
            rng,
        }
    }

    /// What the protocol machines of a worker draw.
    pub(crate) fn rng(&self, worker: u16) -> Rng {
        self.rng.fork(&format!("machines/{worker}"))
    }

    /// What expressions are evaluated with.
    pub fn work(&self, epoch: Epoch, rng: Rng) -> Work {
        let bufsize = self.settings.global.tune.bufsize as usize;
        let mut work = Work::new(epoch, rng, bufsize);
        work.utc_offset_minutes = self.identity.utc_offset_minutes;
        work.process = self.vars.clone();
        work.tables = self.tables.clone();
        work
    }

    /// What commands of the runtime API at that time draw.
    pub fn command_rng(&self, now: Instant) -> Rng {
        self.rng.fork(&format!("commands/{}", now.as_nanos()))
    }

    /// A connection to a server is being opened; false if `max` of them are open.
    pub(crate) fn note_opened(
        &self,
        backend: ProxyIndex,
        server: ServerIndex,
        max: Option<u32>,
    ) -> bool {
        let opened = &self.opened[backend.0 as usize][server.0 as usize];
        let one_more = |count| (count < max.unwrap_or(u32::MAX)).then(|| count + 1);
        let noted = opened.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more);
        if noted.is_ok() {
            self.all_opened.fetch_add(1, Ordering::Relaxed);
        }
        noted.is_ok()
    }

    /// A connection to a server is closed.
    pub(crate) fn note_closed(&self, backend: ProxyIndex, server: ServerIndex) {
        self.opened[backend.0 as usize][server.0 as usize].fetch_sub(1, Ordering::Relaxed);
        self.all_opened.fetch_sub(1, Ordering::Relaxed);
    }

    /// Connections to a server, of all workers.
    pub(crate) fn opened(&self, backend: ProxyIndex, server: ServerIndex) -> u32 {
        self.opened[backend.0 as usize][server.0 as usize].load(Ordering::Relaxed)
    }

    /// How scarce files are. A process is given two for each client it may have.
    pub(crate) fn files(&self) -> Files {
        let open = self.all_connections.now() + self.all_opened.load(Ordering::Relaxed);
        let tune = &self.settings.global.tune;
        Files::of(
            open,
            self.settings.global.maxconn.saturating_mul(2),
            tune.pool_low_fd_ratio,
            tune.pool_high_fd_ratio,
        )
    }

    /// A worker is about to end what it has left. The lock keeps the second worker from doing so
    /// while the first one counts.
    pub(crate) fn note_hard_stop(&self) {
        self.hard_stopped
            .lock()
            .get_or_insert_with(|| self.connections.iter().map(Limit::now).collect());
    }

    /// Client connections by proxy that `hard-stop-after` ended; empty before.
    pub fn hard_stopped(&self) -> Vec<u32> {
        self.hard_stopped.lock().clone().unwrap_or_default()
    }

    /// Who logs for a proxy, or for the process.
    pub fn sender(&self, proxy: Option<ProxyIndex>) -> Sender<'_> {
        let global = &self.settings.global;
        let tag = proxy.and_then(|proxy| self.proxy(proxy).log_tag.as_deref());
        Sender {
            tag: tag.or(global.log_tag.as_deref()).unwrap_or("haproxy"),
            pid: self.identity.pid,
            hostname: global.log_hostname.as_deref(),
        }
    }

    /// Where a log line goes.
    pub fn log_where(&self, route: LogRoute) -> &LogWhere {
        match route {
            LogRoute::Line { proxy, target } => &self.proxy(proxy).logs[target as usize].to,
            LogRoute::Forwarded { section, target } => {
                let section = &self.settings.forwards[section as usize];
                &section.targets[target as usize].target.to
            }
            LogRoute::Sink(sink) => &self.settings.sinks[sink as usize].to,
            LogRoute::Server { backend, server } => {
                &self.proxy(backend).log_servers[server.0 as usize]
            }
        }
    }

    /// The limit of a `bind` line with a `maxconn` of its own.
    pub(crate) fn listener(&self, frontend: ProxyIndex, bind: u32) -> Option<&Limit> {
        let limit = &self.listeners[frontend.0 as usize][bind as usize];
        (limit.max() != 0).then_some(limit)
    }

    /// Whether frontends send requests to a backend (`disabled`, `be-unpublished`).
    pub(crate) fn is_eligible(&self, backend: ProxyIndex) -> bool {
        !self.proxy(backend).disabled && self.is_published(backend)
    }

    /// `publish backend`, `unpublish backend`
    pub fn publish(&self, backend: ProxyIndex, on: bool) {
        self.published[backend.0 as usize].store(on, Ordering::Relaxed);
    }

    /// Whether a backend is published.
    pub fn is_published(&self, backend: ProxyIndex) -> bool {
        self.published[backend.0 as usize].load(Ordering::Relaxed)
    }

    /// A backend by its name.
    pub(crate) fn backend_named(&self, name: &[u8]) -> Option<ProxyIndex> {
        self.names.get(name).copied()
    }

    /// A proxy.
    pub fn proxy(&self, index: ProxyIndex) -> &session::settings::Proxy {
        &self.settings.proxies[index.0 as usize]
    }
}

impl Counters {
    fn of(proxy: &session::settings::Proxy) -> Self {
        Self {
            servers: proxy
                .servers
                .iter()
                .map(|_| ServerCounters::default())
                .collect(),
            listeners: proxy
                .binds
                .iter()
                .map(|_| ListenerCounters::default())
                .collect(),
            ..Self::default()
        }
    }
}
