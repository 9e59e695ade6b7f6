//! The master of master-worker mode (`-W`): it starts workers, watches them, and is asked about them.
//!
//! What happens when is the [`Supervisor`]'s to say; here are the processes, signals and sockets.

mod children;
mod handover;
mod notify;
mod talk;

pub use handover::Handover;

use super::prepare::StartError;
use super::signals::Held;
use super::{Stderr, prepare};
use crate::control::ControlListener;
use crate::real::Clock;
use base::Instant;
use children::Children;
use engine::settings::StatsSocket;
use nix::sys::signal::{Signal as Number, kill};
use nix::unistd::Pid;
use notify::Notifier;
use runtime::master::{Act, Supervisor, Word};
pub use runtime::master::{Farewell, Mishaps};
use session::settings::Level;
use std::cell::RefCell;
use std::ffi::OsString;
use std::future::poll_fn;
use std::io;
use std::path::PathBuf;
use std::rc::Rc;
use std::task::Poll;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;
use tokio::task::LocalSet;

/// What a master is to do.
pub struct Master {
    /// The program of the workers.
    pub program: PathBuf,
    /// Its words, the program's name apart.
    pub words: Vec<OsString>,
    /// The sockets of its own runtime API (`-S`).
    pub sockets: MasterSockets,
    /// What happens after mishaps.
    pub mishaps: Mishaps,
    /// A service manager is told how things go (`-Ws`).
    pub notify: bool,
    /// Workers let go of the terminal once they serve.
    pub detach: bool,
    /// What it calls itself.
    pub version: &'static str,
    /// The signals that came while it was not ready for them.
    pub signals: Held,
    /// Where notices are written.
    pub stderr: Stderr,
    /// Called once the first worker serves.
    pub serves: Box<dyn FnOnce() -> io::Result<()>>,
}

/// Sockets of a master that listen.
#[derive(Debug, Default)]
pub struct MasterSockets(Vec<ControlListener>);

impl MasterSockets {
    /// Opens them.
    pub fn open(sockets: &[StatsSocket]) -> Result<Self, Vec<StartError>> {
        let mut errors = Vec::new();
        let opened = prepare::open_control(sockets, "MASTER", &mut errors);
        match errors.is_empty() {
            true => Ok(Self(opened)),
            false => Err(errors),
        }
    }
}

/// What the tasks of a master share.
struct Office {
    supervisor: RefCell<Supervisor>,
    children: RefCell<Children>,
    clock: Clock,
    began: Instant,
    version: &'static str,
    events: UnboundedSender<Event>,
}

/// What happened.
enum Event {
    /// A signal.
    Signal(Number),
    /// This worker serves.
    Serves(u32),
    /// Somebody asks for a reload and waits for its result.
    Reload(Farewell, oneshot::Sender<bool>),
}

impl Master {
    /// Works until all workers are gone; says what to exit with.
    pub fn run(self) -> io::Result<u8> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        LocalSet::new().block_on(&runtime, self.supervise())
    }

    async fn supervise(self) -> io::Result<u8> {
        let mut signals = HEARD
            .into_iter()
            .map(|number| Ok((number, signal(SignalKind::from_raw(number as i32))?)))
            .collect::<io::Result<Vec<_>>>()?;
        self.signals.release()?;
        let clock = Clock::start();
        let (events, mut heard) = unbounded_channel();
        let children = Children::new(self.program, self.words, self.detach);
        let office = Rc::new(Office {
            supervisor: RefCell::new(Supervisor::new(self.mishaps)),
            children: RefCell::new(children),
            clock,
            began: clock.now(),
            version: self.version,
            events,
        });
        for socket in self.sockets.0 {
            talk::listen(office.clone(), socket)?;
        }
        let mut desk = Desk {
            office,
            notifier: Notifier::new(self.notify),
            stderr: self.stderr,
            serves: Some(self.serves),
            waiting: Vec::new(),
        };
        loop {
            if let Some(code) = desk.act()? {
                return Ok(code);
            }
            let event = next_event(&mut signals, &mut heard).await;
            desk.take_in(event);
        }
    }
}

/// The signals that a master obeys.
const HEARD: [Number; 6] = [
    Number::SIGCHLD,
    Number::SIGUSR1,
    Number::SIGUSR2,
    Number::SIGHUP,
    Number::SIGTERM,
    Number::SIGINT,
];

async fn next_event(
    signals: &mut [(Number, Signal)],
    heard: &mut UnboundedReceiver<Event>,
) -> Event {
    poll_fn(|cx| {
        for (number, signal) in &mut *signals {
            if signal.poll_recv(cx).is_ready() {
                return Poll::Ready(Event::Signal(*number));
            }
        }
        match heard.poll_recv(cx) {
            Poll::Ready(Some(event)) => Poll::Ready(event),
            _ => Poll::Pending,
        }
    })
    .await
}

/// Where events come in and acts go out.
struct Desk {
    office: Rc<Office>,
    notifier: Notifier,
    stderr: Stderr,
    serves: Option<Box<dyn FnOnce() -> io::Result<()>>>,
    /// Those who wait for the result of a reload.
    waiting: Vec<oneshot::Sender<bool>>,
}

impl Desk {
    fn take_in(&mut self, event: Event) {
        let mut supervisor = self.office.supervisor.borrow_mut();
        match event {
            Event::Serves(pid) => supervisor.serves(pid),
            Event::Reload(parting, answer) => {
                self.waiting.push(answer);
                supervisor.reload(parting);
            }
            Event::Signal(Number::SIGCHLD) => {
                for (pid, exit) in self.office.children.borrow_mut().gone() {
                    supervisor.exited(pid, exit);
                }
            }
            Event::Signal(Number::SIGUSR1) => supervisor.end(Farewell::Soft),
            Event::Signal(Number::SIGTERM) => supervisor.end(Farewell::Hard),
            Event::Signal(Number::SIGINT) => supervisor.end(Farewell::Interrupt),
            // SIGUSR2 and SIGHUP
            Event::Signal(_) => supervisor.reload(Farewell::Soft),
        }
    }

    /// Does all that is to be done; what to exit with, if that is it.
    fn act(&mut self) -> io::Result<Option<u8>> {
        loop {
            let act = self.office.supervisor.borrow_mut().poll_act();
            let Some(act) = act else {
                return Ok(None);
            };
            match act {
                Act::Start => self.start(),
                Act::Signal(pid, farewell) => part(pid, farewell),
                Act::Tell(notice) => {
                    (self.stderr)(notice.stderr.unwrap_or(Level::Notice), &notice.text);
                }
                Act::Notify(word) => {
                    self.notifier.tell(word);
                    if word == Word::Ready
                        && let Some(serves) = self.serves.take()
                    {
                        serves()?;
                    }
                }
                Act::Reloaded(well) => {
                    for waiting in self.waiting.drain(..) {
                        // Who has gone needs no answer.
                        let _ = waiting.send(well);
                    }
                }
                Act::Exit(code) => return Ok(Some(code)),
            }
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a master has no environment to spawn in"
    )]
    fn start(&self) {
        let started = self.office.children.borrow_mut().start();
        let mut supervisor = self.office.supervisor.borrow_mut();
        match started {
            Ok((pid, word)) => {
                supervisor.started(self.office.clock.now(), pid);
                let events = self.office.events.clone();
                tokio::task::spawn_local(async move {
                    if word.given().await {
                        // Nobody hears of it any more if the master is about to end.
                        let _ = events.send(Event::Serves(pid));
                    }
                });
            }
            Err(error) => supervisor.not_started(&error.to_string()),
        }
    }
}

/// Tells a process to go. One that has gone needs no telling.
pub fn part(pid: u32, farewell: Farewell) {
    let number = match farewell {
        Farewell::Soft => Number::SIGUSR1,
        Farewell::Hard => Number::SIGTERM,
        Farewell::Interrupt => Number::SIGINT,
    };
    if let Ok(pid) = i32::try_from(pid) {
        let _ = kill(Pid::from_raw(pid), number);
    }
}
