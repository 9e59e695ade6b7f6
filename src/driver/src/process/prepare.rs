//! Opening every socket a process listens on, before it gives up its privileges.

use crate::control::ControlListener;
use crate::intake::Source;
use crate::real::{Buffers, Clock, OpenDatagrams, OpenListener, open, open_datagrams};
use crate::start::Bound;
use engine::settings::{Settings, StatsSocket};
use session::settings::{Bind, ProxyIndex};
use std::io;
use std::thread;

/// A process whose sockets are open and that can start to work.
#[derive(Debug)]
pub struct Prepared {
    pub(super) settings: Settings,
    pub(super) workers: Vec<Vec<Bound<OpenListener>>>,
    /// What each worker takes messages of others from.
    pub(super) sources: Vec<Sources>,
    pub(super) control: Vec<ControlListener>,
    pub(super) clock: Clock,
}

/// The sockets of `log-forward` sections that a worker has.
#[derive(Debug, Default)]
pub(super) struct Sources {
    pub(super) streams: Vec<Source<OpenListener>>,
    pub(super) datagrams: Vec<Source<OpenDatagrams>>,
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
    let tune = &settings.global.tune;
    let buffers = Buffers {
        receive: tune.rcvbuf_client,
        send: tune.sndbuf_client,
    };
    let mut workers: Vec<Vec<Bound<OpenListener>>> = (0..count).map(|_| Vec::new()).collect();
    let mut errors = Vec::new();
    for (index, proxy) in settings.proxies.iter().enumerate() {
        if proxy.disabled || !proxy.capability.accepts() {
            continue;
        }
        for (bind, settings) in proxy.binds.iter().enumerate() {
            match open(settings, buffers, count) {
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
    let sources = sources(&settings, count, &mut errors);
    let control = open_control(&settings.global.stats_sockets, "GLOBAL", &mut errors);
    if errors.is_empty() {
        Ok(Prepared {
            settings,
            workers,
            sources,
            control,
            clock: Clock::start(),
        })
    } else {
        Err(errors)
    }
}

/// Opens the sockets of a runtime API.
pub(super) fn open_control(
    sockets: &[StatsSocket],
    whose: &str,
    errors: &mut Vec<StartError>,
) -> Vec<ControlListener> {
    let mut control = Vec::new();
    for socket in sockets {
        match open(&socket.bind, Buffers::default(), 1) {
            Ok(sockets) => control.extend(sockets.into_iter().map(|listener| ControlListener {
                listener,
                level: socket.level,
            })),
            Err(cause) => errors.push(StartError {
                what: format!(
                    "Starting frontend {whose}: cannot bind socket [{}] ({})",
                    address_text(&socket.bind.address),
                    socket.bind.place
                ),
                cause,
            }),
        }
    }
    control
}

/// Opens the sockets of `log-forward` sections. Streams are the first worker's: it counts them.
fn sources(settings: &Settings, workers: usize, errors: &mut Vec<StartError>) -> Vec<Sources> {
    let mut sources: Vec<Sources> = (0..workers).map(|_| Sources::default()).collect();
    for (section, forward) in (0..).zip(&settings.forwards) {
        let mut failed = |bind: &Bind, cause| {
            errors.push(StartError {
                what: format!(
                    "Starting log-forward {}: cannot bind socket [{}] ({})",
                    forward.name,
                    address_text(&bind.address),
                    bind.place
                ),
                cause,
            });
        };
        for bind in &forward.binds {
            match open(bind, Buffers::default(), 1) {
                Ok(sockets) => sources[0]
                    .streams
                    .extend(sockets.into_iter().map(|socket| Source { section, socket })),
                Err(cause) => failed(bind, cause),
            }
        }
        for bind in &forward.datagrams {
            match open_datagrams(bind, workers) {
                Ok(sockets) => {
                    for (worker, socket) in sources.iter_mut().zip(sockets) {
                        worker.datagrams.push(Source { section, socket });
                    }
                }
                Err(cause) => failed(bind, cause),
            }
        }
    }
    sources
}

fn address_text(address: &session::settings::BindAddress) -> String {
    use session::settings::BindAddress;
    match address {
        BindAddress::Ip(address) => address.to_string(),
        BindAddress::Unix(path) => path.to_string(),
        BindAddress::Abstract(name) => format!("abns@{name}"),
        BindAddress::Inherited(fd) => format!("fd@{fd}"),
        BindAddress::Reversed(reversed) => format!("rhttp@{}", reversed.name),
    }
}

/// `nbthread`, or one worker a CPU.
pub fn worker_count(settings: &Settings) -> usize {
    match settings.global.nbthread {
        Some(count) => count.max(1) as usize,
        None => thread::available_parallelism().map_or(1, usize::from),
    }
}
