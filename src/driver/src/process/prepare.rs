//! Opening every socket a process listens on, before it gives up its privileges.

use crate::control::ControlListener;
use crate::real::{Buffers, Clock, OpenListener, open};
use crate::start::Bound;
use engine::settings::{Settings, StatsSocket};
use session::settings::ProxyIndex;
use std::io;
use std::thread;

/// A process whose sockets are open and that can start to work.
#[derive(Debug)]
pub struct Prepared {
    pub(super) settings: Settings,
    pub(super) workers: Vec<Vec<Bound<OpenListener>>>,
    pub(super) control: Vec<ControlListener>,
    pub(super) clock: Clock,
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
    let control = open_control(&settings.global.stats_sockets, "GLOBAL", &mut errors);
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

fn address_text(address: &session::settings::BindAddress) -> String {
    use session::settings::BindAddress;
    match address {
        BindAddress::Ip(address) => address.to_string(),
        BindAddress::Unix(path) => path.to_string(),
        BindAddress::Abstract(name) => format!("abns@{name}"),
        BindAddress::Inherited(fd) => format!("fd@{fd}"),
    }
}

/// `nbthread`, or one worker a CPU.
pub fn worker_count(settings: &Settings) -> usize {
    match settings.global.nbthread {
        Some(count) => count.max(1) as usize,
        None => thread::available_parallelism().map_or(1, usize::from),
    }
}
