//! One instance of the proxy, what a process would be: its workers, and the process around them, which
//! makes pages of statistics and obeys the runtime API.

use crate::env::{EPOCH, Ledger, Shared, SimEnv, SimListener, SimStream};
use crate::net::Host;
use balance::{ServerIndex, ServerState};
use base::Rng;
use driver::{Bound, Mail, News, Running};
use engine::settings::{AccessLevel, Settings};
use engine::{Engine, Identity, PageAsked, PageMade};
use runtime::{Order, Overview, Process, Session};
use session::settings::ProxyIndex;
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// A running instance.
pub(super) struct Instance {
    pub(super) shared: Arc<engine::Shared>,
    host: Host,
    process: Process,
    mail: Vec<UnboundedSender<Mail<SimStream>>>,
    /// Workers that have not ended.
    working: Cell<usize>,
    ended: Notify,
}

/// What an instance begins with.
pub(super) struct Beginning<'a> {
    pub(super) host: &'a Host,
    /// Its number, from 0.
    pub(super) generation: u32,
    /// With what it runs: its own, for the lists and variables in there change.
    pub(super) settings: Settings,
    /// With what it should.
    pub(super) meant: &'a Settings,
    pub(super) seed: &'a Rng,
    pub(super) world: &'a Rc<Shared>,
}

impl Instance {
    pub(super) fn start(beginning: Beginning<'_>) -> Rc<Self> {
        let Beginning {
            host,
            generation,
            settings,
            meant,
            seed,
            world,
        } = beginning;
        let count = settings.global.nbthread.unwrap_or(1).max(1) as usize;
        let mut rng = seed.fork(&format!("instance/{generation}"));
        let mut seed = [0; 32];
        rng.fill(&mut seed);
        let pid = generation + 1;
        let identity = Identity {
            pid,
            utc_offset_minutes: 0,
        };
        let shared = Arc::new(engine::Shared::new(settings, count, seed, identity));
        let (mail, boxes): (Vec<_>, Vec<_>) = (0..count).map(|_| unbounded_channel()).unzip();
        let ledger = Ledger::open(meant, shared.clone(), world.clone());
        let instance = Rc::new(Self {
            process: Process {
                name: "simulated",
                pid,
                started: host.network().now(),
                workers: count as u32,
                maxconn: shared.settings.global.maxconn,
                ..Process::default()
            },
            shared,
            host: host.clone(),
            mail,
            working: Cell::new(count),
            ended: Notify::new(),
        });
        for (worker, inbox) in boxes.into_iter().enumerate() {
            let shared = instance.shared.clone();
            let engine = Engine::new(shared.clone(), worker as u16, EPOCH);
            let env = SimEnv::new(host.clone(), generation, ledger.clone(), world.clone());
            let listeners = listeners(&shared.settings, &env);
            let running = driver::start(env, engine, listeners, inbox, instance.mail.clone());
            host.spawn(instance.clone().attend(running));
        }
        instance
    }

    /// Does what a worker asks the process for, until it ends.
    async fn attend(self: Rc<Self>, worker: Running<SimEnv>) {
        while let Some(news) = worker.news().await {
            match news {
                News::Statistics {
                    worker,
                    exchange,
                    asked,
                } => {
                    let page = self.page(&asked);
                    // A worker that has ended needs no mail.
                    let _ = self.mail[usize::from(worker)].send(Mail::Page { exchange, page });
                }
                News::Unlistened
                | News::HardStopped
                | News::Missed { .. }
                | News::Unconnected { .. }
                | News::Dialed { .. }
                | News::AcceptPaused(_) => {}
            }
        }
        self.working.set(self.working.get() - 1);
        self.ended.notify_waiters();
    }

    /// Makes a page of statistics, and does what it was sent for.
    fn page(&self, asked: &PageAsked) -> PageMade {
        let (page, orders) = self.look(|overview| runtime::page::make(overview, asked));
        for order in orders {
            self.obey(order);
        }
        page
    }

    fn look<T>(&self, look: impl FnOnce(&Overview<'_>) -> T) -> T {
        look(&Overview {
            shared: &self.shared,
            workers: &self.shared.workers,
            captures: &self.shared.captures,
            process: &self.process,
            now: self.host.network().now(),
            epoch: EPOCH,
        })
    }

    fn obey(&self, order: Order) {
        match order {
            Order::SetServer {
                backend,
                server,
                state,
            } => self.set_server(backend, server, state),
        }
    }

    /// The answer of the runtime API to a line of commands.
    pub(super) fn command(&self, line: &str) -> String {
        let now = self.host.network().now();
        let mut session = Session::new(
            now,
            AccessLevel::Admin,
            self.shared.settings.global.stats_timeout,
        );
        session.receive(now, line.as_bytes());
        session.receive(now, b"\n");
        session.end_of_input();
        let mut answer = Vec::new();
        while !session.is_over() {
            self.look(|overview| session.advance(overview));
            if let Some(order) = session.take_order() {
                self.obey(order);
            }
            answer.extend_from_slice(session.output());
            let sent = session.output().len();
            session.consume(now, sent);
        }
        String::from_utf8_lossy(&answer).trim_end().to_owned()
    }

    /// Tells all workers what a server is to be used for, as a command does.
    pub(super) fn set_server(&self, backend: ProxyIndex, server: ServerIndex, state: ServerState) {
        let now = self.host.network().now();
        self.shared.set_server(now, backend, server, state);
        self.tell(|| Mail::ServerChanged { backend, server });
    }

    /// Mail for all workers.
    pub(super) fn tell(&self, mail: impl Fn() -> Mail<SimStream>) {
        for worker in &self.mail {
            // A worker that has ended needs no mail.
            let _ = worker.send(mail());
        }
    }

    /// Returns once all workers have ended.
    pub(super) async fn ended(&self) {
        while self.working.get() > 0 {
            self.ended.notified().await;
        }
    }
}

fn listeners(settings: &Settings, env: &SimEnv) -> Vec<Bound<SimListener>> {
    let mut bound = Vec::new();
    for (index, proxy) in settings.proxies.iter().enumerate() {
        if proxy.disabled || !proxy.capability.accepts() {
            continue;
        }
        for (bind, settings) in proxy.binds.iter().enumerate() {
            if super::proxy::dials(settings) {
                continue;
            }
            let listener = env.listen(settings);
            bound.push(Bound {
                frontend: ProxyIndex(index as u32),
                bind: bind as u32,
                listener: listener.expect("an address of the simulated host"),
            });
        }
    }
    bound
}
