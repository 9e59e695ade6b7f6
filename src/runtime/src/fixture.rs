//! A process to look at in tests: the proxies of the file that the expected rows were taken from.

use crate::view::{
    BackendNow, FrontendNow, FrontendStatus, Process, Served, ServerNow, ServerStatus, View,
};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use balance::{
    Address, Algorithm, BackendSettings, Keep, Proto, ServerIndex, ServerSettings, ServerState,
};
use base::{Duration, Epoch, Instant};
use core::cell::Cell;
use core::net::SocketAddr;
use engine::settings::{AccessLevel, Global, Settings, StatsSocket, Tune};
use engine::{Identity, Shared, SharedRing};
use sample::pattern::Directory;
use sample::{Cli, Context, Work};
use session::log::Clock;
use session::settings::{
    Bind, BindAddress, Capability, Mode, Options, Proxy, ProxyIndex, Reuse, RingSettings,
    SocketOptions, SyslogFormat,
};
use session::{Captures, ListenerTotals, ProxyCounters, ProxyTotals, ServerTotals, WorkerTotals};
use tables::Table;

/// A view whose parts a test may change.
pub(crate) struct Fake {
    pub(crate) settings: Settings,
    /// Counters that every frontend shows.
    pub(crate) frontend: ProxyCounters,
    pub(crate) captures: Captures,
    pub(crate) patterns: Directory,
    pub(crate) tables: Vec<Arc<Table>>,
    /// Whose rings there are.
    pub(crate) rings: Shared,
    /// Every backend is.
    pub(crate) published: Cell<bool>,
}

impl Fake {
    pub(crate) fn new() -> Self {
        Self {
            settings: settings(),
            frontend: ProxyCounters::default(),
            captures: Captures::default(),
            patterns: Directory::default(),
            tables: Vec::new(),
            rings: Shared::new(settings(), 1, [0; 32], Identity::default()),
            published: Cell::new(true),
        }
    }
}

impl View for Fake {
    fn now(&self) -> Instant {
        Instant::ZERO + Duration::from_secs(90_062)
    }

    fn epoch(&self) -> Epoch {
        // 2009-03-04 00:00:00 UTC
        Epoch(1_236_124_800_000_000_000)
    }

    fn clock(&self, at: Instant) -> Clock {
        Clock {
            wall_nanos: self.epoch().wall_nanos(at),
            utc_offset_minutes: 90,
        }
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }

    fn process(&self) -> Process {
        Process {
            name: "proxy",
            version: "1.2.3",
            release_date: "2026/11/21",
            node: "here".into(),
            pid: 42,
            started: Instant::ZERO + Duration::from_secs(1),
            boot: Duration::from_millis(142),
            workers: 2,
            ulimit_n: 20_000,
            maxconn: 9984,
            listeners: 5,
            ..Process::default()
        }
    }

    fn bytes_out(&self) -> u64 {
        77
    }

    fn workers(&self) -> WorkerTotals {
        WorkerTotals {
            dropped_logs: 3,
            ..WorkerTotals::default()
        }
    }

    fn frontend(&self, _proxy: ProxyIndex) -> FrontendNow {
        FrontendNow {
            status: FrontendStatus::Open,
            totals: ProxyTotals::of([&self.frontend], self.now()),
        }
    }

    fn backend(&self, _proxy: ProxyIndex) -> BackendNow {
        BackendNow {
            published: self.published.get(),
            queued: 0,
            changed: Instant::ZERO + Duration::from_secs(90_061),
            downtime: Duration::ZERO,
            downs: 0,
            totals: ProxyTotals::default(),
            served: Served::default(),
        }
    }

    fn listener(&self, _proxy: ProxyIndex, _bind: usize) -> ListenerTotals {
        ListenerTotals::default()
    }

    fn idle(&self, _proxy: ProxyIndex, _server: ServerIndex) -> Vec<u64> {
        vec![0; 2]
    }

    fn server(&self, proxy: ProxyIndex, server: ServerIndex) -> ServerNow {
        let settings = &self.settings.proxies[proxy.0 as usize].servers[server.0 as usize];
        ServerNow {
            status: if settings.disabled {
                ServerStatus::Maintenance
            } else {
                ServerStatus::NoCheck
            },
            wanted: if settings.disabled {
                ServerState::Maintenance
            } else {
                ServerState::Up
            },
            weight: settings.weight,
            served: 0,
            queued: 0,
            changed: Instant::ZERO + Duration::from_secs(90_061),
            totals: ServerTotals::default(),
        }
    }

    fn captures(&self) -> &Captures {
        &self.captures
    }

    fn patterns(&self) -> &Directory {
        &self.patterns
    }

    fn rings(&self) -> &[SharedRing] {
        &self.rings.rings
    }

    fn tables(&self) -> &[Arc<Table>] {
        &self.tables
    }

    fn publish(&self, _proxy: ProxyIndex, on: bool) {
        self.published.set(on);
    }

    fn evaluate(&self, with: &mut dyn FnMut(&Context<'_, Cli>, &mut Work)) {
        let shared = Shared::new(self.settings.clone(), 1, [0; 32], Identity::default());
        shared.evaluate(self.now(), self.epoch(), false, with);
    }
}

fn settings() -> Settings {
    let mut fe = proxy("fe", 2, Capability::Frontend, Mode::Http);
    fe.options = Options::SOCKET_STATS;
    fe.binds = vec![
        bind(1, Some("foo"), "127.0.0.1:18801"),
        bind(2, None, "127.0.0.1:18803"),
    ];
    let mut be = proxy("be", 3, Capability::Backend, Mode::Http);
    be.balance.algorithm = Algorithm::LeastConn;
    be.balance.fullconn = 999;
    be.servers = vec![server(1, "s1"), server(2, "s2"), server(3, "s3")];
    be.servers[1].maxconn = 10;
    be.servers[1].weight = 3;
    be.servers[1].backup = true;
    be.servers[2].disabled = true;
    let mut li = proxy("li", 4, Capability::Listen, Mode::Tcp);
    li.binds = vec![bind(1, None, "127.0.0.1:18804")];
    // The process's limit is the same as that of the other frontend.
    li.maxconn = 0;
    li.balance.fullconn = 999;
    li.servers = vec![server(1, "s1")];
    let b3 = proxy("b3", 5, Capability::Backend, Mode::Http);
    let mut off = proxy("off", 6, Capability::Listen, Mode::Http);
    off.disabled = true;
    Settings {
        global: global(),
        proxies: vec![fe, be, li, b3, off],
        tables: Vec::new(),
        userlists: Vec::new(),
        patterns: Directory::default(),
        log_profiles: Vec::new(),
        rings: vec![ring()],
        sinks: Vec::new(),
        forwards: Vec::new(),
        vars: Default::default(),
        measures: false,
        bodies: false,
    }
}

fn ring() -> RingSettings {
    RingSettings {
        name: "r1".into(),
        description: "My local buffer".into(),
        format: SyslogFormat::Raw,
        len_max: 1024,
        bytes_max: 64,
        connect_timeout: None,
        server_timeout: None,
        servers: Vec::new(),
    }
}

fn proxy(name: &str, id: u32, capability: Capability, mode: Mode) -> Proxy {
    Proxy {
        id,
        id_given: false,
        name: name.into(),
        capability,
        mode,
        disabled: false,
        unpublished: false,
        description: None,
        place: String::new(),
        binds: Vec::new(),
        maxconn: 9984,
        backend: None,
        monitor_uri: None,
        balance: BackendSettings {
            algorithm: Algorithm::RoundRobin,
            fullconn: 1,
            share_percent_max: 0,
            affinity: Default::default(),
            allbackups: false,
        },
        servers: Vec::new(),
        is_log: false,
        log_servers: Vec::new(),
        introductions: Vec::new(),
        conn_names: Vec::new(),
        hashing: None,
        retries: 3,
        redispatch: None,
        source: None,
        reuse: Reuse::default(),
        cookie: None,
        session_idle_max: 5,
        timeouts: Default::default(),
        options: Options::empty(),
        forwardfor: None,
        originalto: None,
        forwarded: None,
        stats: None,
        pages: Default::default(),
        logs: Vec::new(),
        log_lines: Default::default(),
        log_tag: None,
        unique_id: Default::default(),
        captures: Default::default(),
        rules: Default::default(),
    }
}

fn bind(id: u32, name: Option<&str>, address: &str) -> Bind {
    let address: SocketAddr = address.parse().expect("an address");
    Bind {
        id,
        name: name.map(Box::from),
        address: BindAddress::Ip(address),
        socket: SocketOptions::default(),
        proto: Proto::default(),
        accept_proxy: false,
        netscaler_magic: None,
        maxconn: 0,
        place: String::new(),
    }
}

fn server(id: u32, name: &str) -> ServerSettings {
    ServerSettings {
        id,
        id_given: false,
        name: name.into(),
        address: Address::Ip(SocketAddr::from(([127, 0, 0, 1], 18802))),
        host: None,
        weight: 1,
        maxconn: 0,
        minconn: 0,
        maxqueue: 0,
        backup: false,
        disabled: false,
        source: None,
        proto: Proto::default(),
        cookie: None,
        non_stick: false,
        hash_key: Default::default(),
        keep: Keep::default(),
        place: String::new(),
    }
}

fn global() -> Global {
    let mut socket = bind(1, None, "127.0.0.1:9999");
    socket.address = BindAddress::Unix("/run/api.sock".into());
    Global {
        host_name: Default::default(),
        local_addresses: Default::default(),
        nbthread: None,
        maxconn: 0,
        uid: None,
        capabilities: Vec::new(),
        gid: None,
        chroot: None,
        daemon: false,
        master_outlives_failures: false,
        max_reloads: 0,
        pidfile: None,
        ulimit_n: None,
        http_errors: Default::default(),
        http_failures: Default::default(),
        fd_hard_limit: 20_000,
        strict_limits: true,
        hard_stop_after: None,
        close_spread: None,
        grace: None,
        node: None,
        description: None,
        log_tag: None,
        log_hostname: None,
        stats_sockets: vec![StatsSocket {
            bind: socket,
            level: AccessLevel::Admin,
        }],
        stats_timeout: Duration::from_secs(10),
        stats_maxconn: 10,
        logs: Vec::new(),
        tune: Tune::default(),
        localpeer: None,
    }
}
