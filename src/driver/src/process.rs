//! The process around the workers: its start, the signals it obeys, and its end.

mod crew;
mod daemon;
mod master;
mod prepare;
mod rights;
mod signals;
mod teller;

pub use daemon::{Background, Side, daemonize};
pub use master::{Farewell, Handover, Master, MasterSockets, Mishaps, part};
pub use prepare::{Prepared, StartError, prepare, worker_count};
pub use rights::{Rights, has_network_rights, lacks_network_rights, needs_network_rights};
pub use signals::{Held, hold};
pub use teller::Stderr;

use crate::control::{Control, ControlListener};
use crate::real::{LogSockets, PackedStream};
use crate::worker::{Mail, News};
use crew::{Recruit, Report};
use engine::settings::AccessLevel;
use engine::{Identity, Shared, Turn};
use runtime::notices::{self, Notice};
use runtime::{Overview, Process};
use signals::{Order, Signals};
use std::future::poll_fn;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread::JoinHandle;
use teller::Teller;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::LocalSet;

/// What a process has beside its sockets when it begins to work.
pub struct Start {
    /// What the runtime API says of it; what only the running process knows is filled in.
    pub process: Process,
    /// The signals that came while it was not ready for them.
    pub signals: Held,
    /// Where notices are written beside the log targets.
    pub stderr: Stderr,
    /// What the master gave us, if one started this process.
    pub master: Option<Handover>,
    /// Called once every worker serves.
    pub serves: Box<dyn FnOnce() -> io::Result<()>>,
}

impl Prepared {
    /// Works until a soft stop is complete.
    pub fn run(self, start: Start) -> io::Result<()> {
        let mut seed = [0; 32];
        rustix::rand::getrandom(&mut seed[..], rustix::rand::GetRandomFlags::empty())?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let tasks = LocalSet::new();
        tasks.block_on(&runtime, async move {
            // Before the first worker, for a client of it may be the reason for a signal.
            let signals = start.signals.hear()?;
            let mut process = start.process;
            let count = self.workers.len();
            let listeners: usize = self.workers.iter().map(Vec::len).sum();
            let sources = self.sources.iter();
            let streams: usize = sources.map(|sources| sources.streams.len()).sum();
            process.listeners = (listeners + streams + self.control.len()) as u32;
            let (door, told) = start.master.map(Handover::unpack).unzip();
            process.workers = count as u32;
            process.maxconn = self.settings.global.maxconn;
            process.started = self.clock.now();
            let identity = Identity {
                pid: std::process::id(),
                utc_offset_minutes: utc_offset_minutes(),
            };
            let shared = Arc::new(Shared::new(self.settings, count, seed, identity));
            let (peers, mails): (Vec<_>, Vec<_>) = (0..count).map(|_| unbounded_channel()).unzip();
            let (sender, reports) = unbounded_channel();
            let mut threads = Vec::with_capacity(count);
            let places = self.workers.into_iter().zip(self.sources);
            for (number, ((listeners, sources), mail)) in places.zip(mails).enumerate() {
                let worker = Recruit {
                    number: number as u16,
                    shared: shared.clone(),
                    clock: self.clock,
                    listeners,
                    sources,
                    mail,
                    peers: peers.clone(),
                    reports: sender.clone(),
                };
                if count == 1 {
                    worker.stay();
                } else {
                    threads.push(worker.spawn()?);
                }
            }
            let (turned, turns) = unbounded_channel();
            let control = Control::new(shared.clone(), self.clock, process, turned);
            for socket in self.control {
                control.listen(socket)?;
            }
            if let Some(listener) = door {
                let level = AccessLevel::Admin;
                control.listen(ControlListener { listener, level })?;
            }
            let serves = start.serves;
            let teller = Teller {
                shared,
                clock: self.clock,
                sockets: LogSockets::default(),
                stderr: start.stderr,
            };
            let watch = Watch {
                control,
                teller,
                peers,
                asked_to_stop: false,
                told_hard_stop: false,
                starting: count,
                listening: count,
                serves: Some(Box::new(move || {
                    serves()?;
                    told.map_or(Ok(()), |told| told())
                })),
            };
            // As a task it is looked at when something has happened; here, at every turn of the loop.
            let watch = watch.run(signals, reports, turns, threads);
            #[expect(
                clippy::disallowed_methods,
                reason = "the process is no part of a replay"
            )]
            match tokio::task::spawn_local(watch).await {
                Ok(ended) => ended,
                Err(broken) => std::panic::resume_unwind(broken.into_panic()),
            }
        })
    }
}

/// What local time is ahead of UTC.
fn utc_offset_minutes() -> i32 {
    chrono::Local::now().offset().local_minus_utc() / 60
}

/// What the process's own thread does while the workers serve.
struct Watch {
    control: Rc<Control>,
    teller: Teller,
    peers: Vec<UnboundedSender<Mail<PackedStream>>>,
    /// A soft stop was asked for.
    asked_to_stop: bool,
    /// The first `hard-stop-after` of a worker was told.
    told_hard_stop: bool,
    /// Workers that do not serve yet.
    starting: usize,
    /// Workers whose listeners a soft stop has not closed yet.
    listening: usize,
    serves: Option<Box<dyn FnOnce() -> io::Result<()>>>,
}

enum Event {
    Order(Order),
    Report(Report),
    /// A command changed a server.
    Turned(Turn),
}

impl Watch {
    async fn run(
        mut self,
        mut signals: Signals,
        mut reports: UnboundedReceiver<Report>,
        mut turns: UnboundedReceiver<Turn>,
        threads: Vec<JoinHandle<()>>,
    ) -> io::Result<()> {
        let mut working = self.starting;
        while working > 0 {
            let event = poll_fn(|cx| {
                if let Poll::Ready(Some(turn)) = turns.poll_recv(cx) {
                    return Poll::Ready(Event::Turned(turn));
                }
                poll_event(&mut signals, &mut reports, cx)
            });
            match event.await {
                Event::Order(order) => self.obey(order),
                Event::Turned(turn) => {
                    let Turn {
                        backend, server, ..
                    } = turn;
                    self.mail(|| Mail::ServerChanged { backend, server });
                    self.tell(|view| notices::server_turned(view, &turn));
                }
                Event::Report(Report::Started) => {
                    self.starting -= 1;
                    if self.starting == 0
                        && let Some(serves) = self.serves.take()
                    {
                        serves()?;
                    }
                }
                Event::Report(Report::News(news)) => self.hear(news),
                Event::Report(Report::Ended(result)) => {
                    result?;
                    working -= 1;
                }
            }
        }
        for thread in threads {
            // Had it panicked, its last report would have said so.
            let _ = thread.join();
        }
        Ok(())
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::SoftStop => {
                let grace = self.teller.shared.settings.global.grace;
                if let Some(grace) = grace
                    && !self.asked_to_stop
                {
                    self.teller.tell(&[notices::stop_scheduled(grace)]);
                }
                self.asked_to_stop = true;
                self.mail(|| Mail::SoftStop);
            }
            Order::TellServers => self.tell(|view| notices::servers(view)),
            Order::Listen(on) => {
                let mut process = self.control.process.borrow_mut();
                if process.stopping || process.paused != on {
                    return;
                }
                process.paused = !on;
                drop(process);
                self.mail(|| Mail::Listen(on));
                self.tell(|view| notices::listening(view, on));
            }
        }
    }

    fn hear(&mut self, news: News) {
        match news {
            News::Unlistened => {
                self.listening -= 1;
                if self.listening > 0 {
                    return;
                }
                if self.teller.shared.settings.global.grace.is_some() {
                    self.teller.tell(&[notices::grace_expired()]);
                }
                self.control.stop();
                self.tell(|view| notices::stopped(view));
            }
            News::HardStopped => {
                if !std::mem::replace(&mut self.told_hard_stop, true) {
                    let clients = self.teller.shared.hard_stopped();
                    self.tell(|view| notices::hard_stopped(view, &clients));
                }
            }
            News::Statistics {
                worker,
                exchange,
                asked,
            } => {
                let page = self.control.page(&asked);
                if let Some(peer) = self.peers.get(usize::from(worker)) {
                    // A worker that has ended needs no mail.
                    let _ = peer.send(Mail::Page { exchange, page });
                }
            }
            News::Missed {
                ring,
                server,
                count,
            } => {
                let notice = notices::messages_missed(&ring, &server, count);
                self.teller.tell(&[notice]);
            }
            News::Dialed {
                frontend,
                bind,
                reached,
            } => self.tell(|view| {
                let notice = notices::dialed(view, frontend, bind, reached);
                notice.into_iter().collect()
            }),
            News::Unconnected { backend, error } => self.tell(|view| {
                let notice = notices::unconnected(view, backend, error);
                notice.into_iter().collect()
            }),
            News::AcceptPaused(error) => {
                let text = format!("accept paused: {error}");
                self.teller.tell(&[Notice::warning(None, text)]);
            }
        }
    }

    fn tell(&mut self, notices: impl FnOnce(&Overview<'_>) -> Vec<Notice>) {
        let notices = self.control.look(notices);
        self.teller.tell(&notices);
    }

    fn mail(&self, mail: impl Fn() -> Mail<PackedStream>) {
        for peer in &self.peers {
            // A worker that has ended needs no mail.
            let _ = peer.send(mail());
        }
    }
}

fn poll_event(
    signals: &mut Signals,
    reports: &mut UnboundedReceiver<Report>,
    cx: &mut Context<'_>,
) -> Poll<Event> {
    if let Poll::Ready(Some(report)) = reports.poll_recv(cx) {
        return Poll::Ready(Event::Report(report));
    }
    signals.poll_order(cx).map(Event::Order)
}
