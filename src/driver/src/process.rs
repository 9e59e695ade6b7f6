//! The process: limits, listeners, privileges, workers, signals.

use crate::control::{Control, ControlListener};
use crate::real::{Clock, LogSockets, OpenListener, RealEnv, open};
use crate::start::{Bound, start};
use crate::worker::Mail;
use engine::settings::Settings;
use engine::{Engine, Identity, Shared};
use runtime::Process;
use session::settings::ProxyIndex;
use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::LocalSet;

/// A process whose sockets are open and that can start to work.
#[derive(Debug)]
pub struct Prepared {
    settings: Settings,
    workers: Vec<Vec<Bound<OpenListener>>>,
    control: Vec<ControlListener>,
    clock: Clock,
}

/// Why a process cannot start.
#[derive(Debug)]
pub struct StartError {
    /// In HAProxy's words: what was being started, and where it is written.
    pub what: String,
    /// What the system said.
    pub cause: io::Error,
}

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} : {}", self.what, self.cause)
    }
}

impl std::error::Error for StartError {}

/// Opens every listening socket. Nothing is served yet; all that failed is reported.
pub fn prepare(settings: Settings) -> Result<Prepared, Vec<StartError>> {
    let count = worker_count(&settings);
    let mut workers: Vec<Vec<Bound<OpenListener>>> = (0..count).map(|_| Vec::new()).collect();
    let mut errors = Vec::new();
    for (index, proxy) in settings.proxies.iter().enumerate() {
        if proxy.disabled || !proxy.capability.accepts() {
            continue;
        }
        for (bind, settings) in proxy.binds.iter().enumerate() {
            match open(settings, count) {
                Ok(sockets) => {
                    for (worker, listener) in workers.iter_mut().zip(sockets) {
                        worker.push(Bound {
                            frontend: ProxyIndex(index as u32),
                            bind: bind as u32,
                            listener,
                        });
                    }
                }
                Err(cause) => errors.push(StartError {
                    what: format!(
                        "Starting frontend {}: cannot bind socket [{}] ({})",
                        proxy.name,
                        address_text(&settings.address),
                        settings.place
                    ),
                    cause,
                }),
            }
        }
    }
    let mut control = Vec::new();
    for socket in &settings.global.stats_sockets {
        match open(&socket.bind, 1) {
            Ok(sockets) => control.extend(sockets.into_iter().map(|listener| ControlListener {
                listener,
                level: socket.level,
            })),
            Err(cause) => errors.push(StartError {
                what: format!(
                    "Starting frontend GLOBAL: cannot bind socket [{}] ({})",
                    address_text(&socket.bind.address),
                    socket.bind.place
                ),
                cause,
            }),
        }
    }
    if errors.is_empty() {
        Ok(Prepared {
            settings,
            workers,
            control,
            clock: Clock::start(),
        })
    } else {
        Err(errors)
    }
}

fn address_text(address: &session::settings::BindAddress) -> String {
    use session::settings::BindAddress;
    match address {
        BindAddress::Ip(address) => address.to_string(),
        BindAddress::Unix(path) => path.to_string(),
        BindAddress::Abstract(name) => format!("abns@{name}"),
        BindAddress::Inherited(fd) => format!("fd@{fd}"),
    }
}

/// What local time is ahead of UTC.
fn utc_offset_minutes() -> i32 {
    chrono::Local::now().offset().local_minus_utc() / 60
}

/// `nbthread`, or one worker a CPU.
fn worker_count(settings: &Settings) -> usize {
    match settings.global.nbthread {
        Some(count) => count.max(1) as usize,
        None => thread::available_parallelism().map_or(1, usize::from),
    }
}

impl Prepared {
    /// Works until a soft stop is complete. `process` is what the runtime API says of it; what only
    /// the running process knows is filled in.
    pub fn run(self, mut process: Process) -> io::Result<()> {
        let mut seed = [0; 32];
        rustix::rand::getrandom(&mut seed[..], rustix::rand::GetRandomFlags::empty())?;
        let count = self.workers.len();
        let listeners: usize = self.workers.iter().map(Vec::len).sum();
        process.listeners = (listeners + self.control.len()) as u32;
        process.workers = count as u32;
        process.maxconn = self.settings.global.maxconn;
        process.started = self.clock.now();
        let identity = Identity {
            pid: std::process::id(),
            utc_offset_minutes: utc_offset_minutes(),
        };
        let shared = Arc::new(Shared::new(self.settings, count, seed, identity));
        let (peers, mails): (Vec<_>, Vec<_>) = (0..count).map(|_| unbounded_channel()).unzip();
        let mut threads = Vec::with_capacity(count);
        for (number, (listeners, mail)) in self.workers.into_iter().zip(mails).enumerate() {
            let worker = WorkerStart {
                number: number as u16,
                shared: shared.clone(),
                clock: self.clock,
                listeners,
                mail,
                peers: peers.clone(),
            };
            threads.push(worker.spawn()?);
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let tasks = LocalSet::new();
        tasks.block_on(&runtime, async move {
            let control = Control::new(shared, self.clock, process);
            for socket in self.control {
                control.listen(socket)?;
            }
            obey_signals(&peers, &control, threads).await
        })
    }
}

/// What a worker's thread needs to begin.
struct WorkerStart {
    number: u16,
    shared: Arc<Shared>,
    clock: Clock,
    listeners: Vec<Bound<OpenListener>>,
    mail: UnboundedReceiver<Mail>,
    peers: Vec<UnboundedSender<Mail>>,
}

impl WorkerStart {
    fn spawn(self) -> io::Result<JoinHandle<io::Result<()>>> {
        thread::Builder::new()
            .name(format!("worker-{}", self.number))
            .spawn(move || self.run())
    }

    fn run(self) -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let tasks = LocalSet::new();
        tasks.block_on(&runtime, async move {
            let engine = Engine::new(self.shared, self.number, self.clock.epoch());
            let listeners = self
                .listeners
                .into_iter()
                .map(|bound| {
                    Ok(Bound {
                        frontend: bound.frontend,
                        bind: bound.bind,
                        listener: bound.listener.into_worker()?,
                    })
                })
                .collect::<io::Result<Vec<_>>>()?;
            let env = RealEnv::new(self.clock, LogSockets::default());
            let running = start(env, engine, listeners, self.mail, self.peers);
            running.stopped().await;
            Ok(())
        })
    }
}

/// SIGUSR1 stops softly, SIGTTOU and SIGTTIN rest and wake the listeners. SIGINT and SIGTERM keep
/// their meaning and end the process at once.
async fn obey_signals(
    peers: &[UnboundedSender<Mail>],
    control: &Control,
    threads: Vec<JoinHandle<io::Result<()>>>,
) -> io::Result<()> {
    let mut soft_stop = signal(SignalKind::user_defined1())?;
    let mut rest = signal(SignalKind::from_raw(SIGTTOU))?;
    let mut wake = signal(SignalKind::from_raw(SIGTTIN))?;
    let tell = |mail: Mail| {
        for peer in peers {
            // A worker that has ended needs no mail.
            let _ = peer.send(mail);
        }
    };
    #[expect(clippy::disallowed_methods, reason = "one thread waits for the others")]
    let mut ended = tokio::task::spawn_blocking(move || {
        for thread in threads {
            match thread.join() {
                Ok(result) => result?,
                Err(_) => return Err(io::Error::other("a worker panicked")),
            }
        }
        Ok(())
    });
    loop {
        let event = std::future::poll_fn(|cx| {
            use std::task::Poll;
            if let Poll::Ready(ended) = std::pin::Pin::new(&mut ended).poll(cx) {
                return Poll::Ready(Err(
                    ended.unwrap_or_else(|error| Err(io::Error::other(error)))
                ));
            }
            if soft_stop.poll_recv(cx).is_ready() {
                return Poll::Ready(Ok(Mail::SoftStop));
            }
            if rest.poll_recv(cx).is_ready() {
                return Poll::Ready(Ok(Mail::Listen(false)));
            }
            if wake.poll_recv(cx).is_ready() {
                return Poll::Ready(Ok(Mail::Listen(true)));
            }
            Poll::Pending
        })
        .await;
        match event {
            Ok(mail) => {
                if matches!(mail, Mail::SoftStop) {
                    control.process.borrow_mut().stopping = true;
                }
                tell(mail);
            }
            Err(result) => return result,
        }
    }
}

// Linux's numbers (signal(7)).
const SIGTTIN: i32 = 21;
const SIGTTOU: i32 = 22;
