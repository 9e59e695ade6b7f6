//! One run: a scenario and a seed in, evidence and a hash out.

mod drama;
mod instance;
mod operator;
mod proxy;
mod swarm;

use crate::canary::Canary;
use crate::check::{Evidence, Violation, check};
use crate::env::Shared;
use crate::fault::Fault;
use crate::journal::Journal;
use crate::net::{Conditions, Host, Network, Panic, Settings as NetSettings, Substrate};
use crate::peer::{Mood, Origin, Plan, Session, Span, Style, Target};
use crate::scenario::{BadScenario, Clients, Scenario, is_match};
use crate::trace::{Event, Kind, Trace};
use balance::{Address, ServerIndex};
use base::{Duration, Instant, Rng};
use drama::Drama;
use engine::settings::Settings;
use proxy::Proxy;
use session::settings::{BindAddress, Mode, Proxy as Section};
use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use tokio::sync::oneshot;

pub use proxy::read_config;

/// What a run gave.
#[derive(Debug)]
pub struct Report {
    /// The seed.
    pub seed: u64,
    /// The hash of everything that happened.
    pub hash: String,
    /// Packets that were sent.
    pub packets: u64,
    /// The timeline.
    pub events: Vec<Event>,
    /// Faults as they were, those of the swarm included.
    pub faults: Vec<Fault>,
    /// Rules that were broken.
    pub violations: Vec<Violation>,
    /// Expectations with what was counted and whether they hold.
    pub expectations: Vec<(String, f64, bool)>,
    /// What users saw.
    pub users: Users,
    /// Panics of the simulator's own tasks.
    pub crashes: Vec<String>,
    /// Virtual time at the end, milliseconds.
    pub length_ms: u64,
}

/// What users saw, in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Users {
    /// Requests of polite users.
    pub requests: usize,
    /// Answered with 2xx, whole.
    pub ok: usize,
    /// Other statuses with how often they came.
    pub others: Vec<(u16, usize)>,
    /// Not answered, or cut off.
    pub lost: usize,
    /// Milliseconds: median, 99th percentile, longest.
    pub latency_ms: [u64; 3],
    /// Requests of difficult users.
    pub rude: usize,
    /// Byte streams.
    pub pipes: usize,
}

/// Name of the proxy's machine.
const PROXY: &str = "proxy";

/// Name of the machine of those who look after the faults whether all is well.
const PROBE: &str = "probe";

/// Runs `scenario` with `seed` on this thread, which must be a fresh one.
pub fn run(scenario: &Scenario, seed: u64, canary: Option<Canary>) -> Result<Report, BadScenario> {
    let settings = read_config(scenario)?;
    let seed_root = Rng::from_u64(seed);
    let places = Places::of(scenario, &settings)?;
    let faults = swarm::faults(scenario, &seed_root, &places.server_names());
    possible(scenario, &faults)?;
    let mut names = vec![PROXY.to_owned(), PROBE.to_owned()];
    names.extend(places.server_names());
    names.extend(scenario.clients.iter().map(|clients| clients.name.clone()));
    names.extend(swarm::crowd_names(&faults));
    let net = swarm::network(scenario, &seed_root);
    let trace = Trace::default();
    let journal = Journal::default();
    let setting = Setting {
        scenario: scenario.clone(),
        settings,
        places,
        faults: faults.clone(),
        seed: seed_root.clone(),
        journal: journal.clone(),
        canary,
        latency: net.conditions.latency_max,
        // Two connections, each with a buffer to send from, one to receive into and one to read from.
        buffers: 2 * (net.send_buffer + 2 * net.receive_buffer),
    };
    if canary == Some(Canary::RealTime) {
        let now = std::time::SystemTime::now();
        let nanos = now
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |time| time.subsec_nanos());
        trace.note(
            Instant::ZERO,
            Kind::Proxy,
            &PROXY.into(),
            format!("it is {nanos}"),
        );
    }
    let play = move |network| setting.play(network);
    let finish = match scenario.substrate {
        Substrate::Packets => crate::net::run(&names, net, &seed_root, trace.clone(), play),
        Substrate::Turmoil => {
            crate::net::run_in_turmoil(&names, net, &seed_root, trace.clone(), play)
                .map_err(|problem| bad(scenario, problem))?
        }
    };
    Ok(finish.report(scenario, seed, &trace, &journal, faults))
}

/// Refuses what the chosen substrate cannot do.
fn possible(scenario: &Scenario, faults: &[Fault]) -> Result<(), BadScenario> {
    let impossible = match scenario.substrate {
        Substrate::Packets => None,
        Substrate::Turmoil => faults.iter().find(|fault| !fault.kind.works_in_turmoil()),
    };
    match impossible {
        None => Ok(()),
        Some(fault) => Err(bad(scenario, format!("turmoil has no {:?}", fault.kind))),
    }
}

fn bad(scenario: &Scenario, problem: String) -> BadScenario {
    BadScenario {
        file: scenario.file.clone(),
        problem,
    }
}

/// The servers and clients' goals of a configuration.
#[derive(Clone, Debug)]
struct Places {
    servers: Vec<ServerPlace>,
}

/// A server line as a machine.
#[derive(Clone, Debug)]
struct ServerPlace {
    /// `backend/server`.
    name: String,
    address: Address,
    port: u16,
    introduced: bool,
    disguised: bool,
    plan: Plan,
}

impl Places {
    fn of(scenario: &Scenario, settings: &Settings) -> Result<Self, BadScenario> {
        let mut servers: Vec<ServerPlace> = Vec::new();
        for backend in &settings.proxies {
            for (at, server) in (0..).zip(&backend.servers) {
                if is_own(&server.address)
                    || servers.iter().any(|known| known.address == server.address)
                {
                    continue;
                }
                let name = format!("{}/{}", backend.name, server.name);
                let mut plan = Plan {
                    tcp: backend.mode == Mode::Tcp,
                    ..Plan::default()
                };
                for rule in &scenario.servers {
                    if is_match(&rule.matches, &name) {
                        plan = Plan {
                            tcp: backend.mode == Mode::Tcp && !rule.plan.http2,
                            ..rule.plan.clone()
                        };
                    }
                }
                let port = match &server.address {
                    Address::Ip(address) => address.port(),
                    Address::IpPortOf { .. }
                    | Address::Unix(_)
                    | Address::Abstract(_)
                    | Address::Unresolved(_)
                    | Address::Reversed => 80,
                };
                let at = ServerIndex(at);
                let source = backend.source(at);
                servers.push(ServerPlace {
                    name,
                    address: server.address.clone(),
                    port,
                    introduced: backend.introduction(at).is_some(),
                    disguised: source.is_some_and(|source| source.shown.is_some()),
                    plan,
                });
            }
        }
        if servers.is_empty() {
            return Err(bad(scenario, "the configuration has no server".into()));
        }
        Ok(Self { servers })
    }

    fn server_names(&self) -> Vec<String> {
        self.servers
            .iter()
            .map(|server| server.name.clone())
            .collect()
    }
}

/// Everything a run needs to begin.
struct Setting {
    scenario: Scenario,
    settings: Settings,
    places: Places,
    faults: Vec<Fault>,
    seed: Rng,
    journal: Journal,
    canary: Option<Canary>,
    latency: Duration,
    buffers: usize,
}

/// What is known when a run is over.
struct Finish {
    settings: Settings,
    panics: Vec<Panic>,
    over: Instant,
    sockets_left: usize,
    stopped: bool,
    conn_tot: u64,
    latency: Duration,
    buffers: usize,
    service: Duration,
}

impl Setting {
    async fn play(self, network: Network) -> Finish {
        let host = |name: &str| network.host(name).expect("every name was declared");
        let origins: Vec<Origin> = self
            .places
            .servers
            .iter()
            .map(|place| self.origin(place, host(&place.name)))
            .collect();
        for origin in &origins {
            origin.start();
        }
        let servers = origins
            .iter()
            .zip(&self.places.servers)
            .map(|(origin, place)| {
                let address = SocketAddr::new(origin.host.ip(), origin.port);
                (place.address.clone(), address)
            });
        let shared = Rc::new(Shared {
            journal: self.journal.clone(),
            servers: servers.collect(),
            canary: self.canary,
            rng: self.seed.fork("canary").into(),
            calls: Cell::default(),
            leaked: Vec::new().into(),
        });
        let proxy = Proxy::new(
            host(PROXY),
            self.scenario.clone(),
            self.settings.clone(),
            self.seed.clone(),
            shared.clone(),
        );
        proxy.start();

        let closing = Rc::new(Cell::new(false));
        let conns = Rc::new(Cell::new(0));
        let sessions = self.sessions(&network, &proxy, &closing, &conns);
        let drama = Drama {
            network: network.clone(),
            proxy: proxy.clone(),
            stage: host(PROBE),
            origins,
            sessions: sessions.clone(),
            faults: self.faults.clone(),
            canary: self.canary,
            journal: self.journal.clone(),
            seed: self.seed.clone(),
            closing: closing.clone(),
        };
        drama.start();
        self.start_sessions(&network, sessions.into_iter().map(|(_, session)| session));

        let stopped = tokio::select! { biased;
            // A proxy that has panicked is none any more: what follows means nothing.
            () = network.panicked(proxy.host()) => false,
            stopped = self.phases(&network, &proxy, &closing, &conns) => stopped,
        };
        let finish = Finish {
            settings: self.settings.clone(),
            panics: network.panics(),
            over: network.now(),
            sockets_left: proxy.host().sockets_open(),
            stopped,
            conn_tot: proxy.conn_tot(),
            latency: self.latency,
            buffers: self.buffers,
            service: self.service(),
        };
        shared.leaked.borrow_mut().clear();
        finish
    }

    /// Load and faults, rest, probes, the end; whether the proxy came to its end.
    async fn phases(
        &self,
        network: &Network,
        proxy: &Proxy,
        closing: &Cell<bool>,
        conns: &Rc<Cell<u32>>,
    ) -> bool {
        let end = Instant::from_nanos(self.scenario.length_ms * 1_000_000);
        network.sleep_until(end).await;
        note(network, "faults and load are over");
        closing.set(true);
        let heal = Duration::from_millis(self.scenario.heal_ms);
        network.sleep_until(network.now() + heal).await;
        self.probe(network, proxy, conns).await;
        note(network, "soft stop");
        let stopped = proxy.stop_all(Duration::from_secs(30)).await;
        network
            .sleep_until(network.now() + Duration::from_secs(2))
            .await;
        stopped
    }

    fn origin(&self, place: &ServerPlace, host: Host) -> Origin {
        Origin {
            name: place.name.as_str().into(),
            host,
            port: place.port,
            plan: place.plan.clone(),
            introduced: place.introduced,
            disguised: place.disguised,
            mood: Mood::default(),
            journal: self.journal.clone(),
            seed: self.seed.fork(&format!("server/{}", place.name)),
        }
    }

    /// The longest a server without faults takes for one answer.
    fn service(&self) -> Duration {
        let longest = self.places.servers.iter().map(|place| {
            let pieces = place.plan.body.high / 6000 + 1;
            place.plan.latency_ms.high + place.plan.pause_ms.high * pieces
        });
        Duration::from_millis(longest.max().unwrap_or(0))
    }

    /// All users by the name of their group.
    fn sessions(
        &self,
        network: &Network,
        proxy: &Proxy,
        closing: &Rc<Cell<bool>>,
        conns: &Rc<Cell<u32>>,
    ) -> Vec<(String, Session)> {
        let mut sessions = Vec::new();
        for clients in &self.scenario.clients {
            let host = network
                .host(&clients.name)
                .expect("every name was declared");
            let Some(to) = goal(&self.settings, &clients.frontend, proxy) else {
                continue;
            };
            for number in 0..clients.count {
                let session = Session {
                    group: clients.name.as_str().into(),
                    number,
                    host: host.clone(),
                    target: Target { to },
                    style: clients.style,
                    asks: clients.asks.clone().into(),
                    think_ms: clients.think_ms,
                    streams: clients.streams,
                    per_connection: clients.per_connection,
                    journal: self.journal.clone(),
                    seed: self.seed.clone(),
                    closing: closing.clone(),
                    probe: false,
                    conns: conns.clone(),
                };
                sessions.push((clients.name.clone(), session));
            }
        }
        sessions
    }

    fn start_sessions(&self, network: &Network, sessions: impl Iterator<Item = Session>) {
        let mut rng = self.seed.fork("start");
        for session in sessions {
            let at = network.now() + Duration::from_millis(rng.between(1, 500));
            let network = network.clone();
            session.host.clone().spawn(async move {
                network.sleep_until(at).await;
                session.run().await;
            });
        }
    }

    /// After the faults: everything that is asked must be answered.
    async fn probe(&self, network: &Network, proxy: &Proxy, conns: &Rc<Cell<u32>>) {
        let host = network.host(PROBE).expect("every name was declared");
        let http: Vec<&Clients> = self
            .scenario
            .clients
            .iter()
            .filter(|clients| clients.style != Style::Pipe)
            .collect();
        for (number, clients) in http.into_iter().enumerate() {
            let Some(to) = goal(&self.settings, &clients.frontend, proxy) else {
                continue;
            };
            let session = Session {
                group: PROBE.into(),
                number: number as u32,
                host: host.clone(),
                target: Target { to },
                style: match clients.style {
                    Style::Http2 => Style::Http2,
                    _ => Style::KeepAlive,
                },
                streams: clients.streams,
                asks: clients.asks.clone().into(),
                think_ms: Span { low: 1, high: 30 },
                per_connection: Span::exactly(5),
                journal: self.journal.clone(),
                seed: self.seed.clone(),
                closing: Rc::new(Cell::new(false)),
                probe: true,
                conns: conns.clone(),
            };
            let mut rng = self.seed.fork(&format!("probe/{}", clients.name));
            let (done, asked) = oneshot::channel();
            // turmoil's sockets belong to the host whose task is running.
            host.spawn(async move {
                let mut asked = 0;
                for _ in 0..3 {
                    session.connection(&mut rng, &mut asked, 4).await;
                }
                let _ = done.send(());
            });
            // It is dropped unsent if a panic ended the task, which is noted.
            let _ = asked.await;
        }
    }
}

/// Whether it is the proxy that a server's line leads to, or nowhere: reverse HTTP with itself.
fn is_own(address: &Address) -> bool {
    match address {
        Address::Ip(address) => address.ip().is_loopback(),
        Address::Reversed => true,
        Address::IpPortOf { .. }
        | Address::Unix(_)
        | Address::Abstract(_)
        | Address::Unresolved(_) => false,
    }
}

/// Where clients of `frontend` connect to.
fn goal(settings: &Settings, frontend: &str, proxy: &Proxy) -> Option<SocketAddr> {
    let section = section(settings, frontend)?;
    section.binds.iter().find_map(|bind| match &bind.address {
        BindAddress::Ip(address) => Some(SocketAddr::new(proxy.host().ip(), address.port())),
        BindAddress::Unix(_)
        | BindAddress::Abstract(_)
        | BindAddress::Inherited(_)
        | BindAddress::Reversed(_) => None,
    })
}

fn section<'a>(settings: &'a Settings, frontend: &str) -> Option<&'a Section> {
    settings
        .proxies
        .iter()
        .find(|proxy| &*proxy.name == frontend)
}

fn note(network: &Network, what: &str) {
    let (at, who) = (network.now(), "world".into());
    network.trace().note(at, Kind::Fault, &who, what.to_owned());
}

impl Finish {
    fn report(
        self,
        scenario: &Scenario,
        seed: u64,
        trace: &Trace,
        journal: &Journal,
        faults: Vec<Fault>,
    ) -> Report {
        journal.read(|pages| {
            let (mut violations, crashes) = proxy::sort_panics(self.panics);
            let whole_run = violations.is_empty();
            let found = check(&Evidence {
                pages,
                settings: &self.settings,
                faults: &faults,
                latency: self.latency,
                buffers: self.buffers,
                service: self.service,
                over: self.over,
                sockets_left: self.sockets_left,
                stopped: self.stopped,
                conn_tot: self.conn_tot,
            });
            if whole_run {
                violations = found;
            }
            for violation in &violations {
                let who = violation.rule.into();
                trace.note(violation.at, Kind::Violation, &who, violation.what.clone());
            }
            let expectations = scenario.expect.iter().map(|expectation| {
                let (value, holds) = expectation.check(pages);
                (expectation.to_string(), value, holds)
            });
            Report {
                seed,
                hash: trace.hash(),
                packets: trace.packets(),
                events: trace.take_events(),
                expectations: expectations.collect(),
                users: Users::of(pages),
                faults,
                violations,
                crashes,
                length_ms: self.over.as_millis(),
            }
        })
    }
}

impl Users {
    fn of(pages: &crate::journal::Pages) -> Self {
        use crate::journal::{Manner, Outcome};
        let mut users = Self {
            pipes: pages.pipes.len(),
            ..Self::default()
        };
        for request in &pages.requests {
            if request.manner != Manner::Polite {
                users.rude += 1;
                continue;
            }
            users.requests += 1;
            match &request.outcome {
                Outcome::Answered(answer) if !answer.whole => users.lost += 1,
                Outcome::Answered(answer) if (200..300).contains(&answer.status) => users.ok += 1,
                Outcome::Answered(answer) => {
                    match users
                        .others
                        .binary_search_by_key(&answer.status, |other| other.0)
                    {
                        Ok(at) => users.others[at].1 += 1,
                        Err(at) => users.others.insert(at, (answer.status, 1)),
                    }
                }
                Outcome::Pending | Outcome::Lost(_) => users.lost += 1,
            }
        }
        let times = crate::expect::latencies(pages);
        let part = |of: usize| times.get(times.len() * of / 100).copied().unwrap_or(0);
        users.latency_ms = [part(50), part(99), times.last().copied().unwrap_or(0)];
        users
    }
}

/// How the network is while no fault is on.
fn usual(scenario: &Scenario) -> NetSettings {
    NetSettings {
        conditions: Conditions {
            latency_min: Duration::from_millis(scenario.latency_ms.low),
            latency_max: Duration::from_millis(scenario.latency_ms.high),
            ..Conditions::default()
        },
        ..NetSettings::default()
    }
}
