//! What a process tells its operator by itself, on stderr and to the log targets: that it stops,
//! pauses, resumes, and on SIGHUP how its servers are.

use crate::view::{ServerStatus, View};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use balance::{ServerIndex, ServerState};
use base::Duration;
use engine::{ConnectError, Reached, Turn};
use session::settings::{BindAddress, Level, Proxy, ProxyIndex};

/// One thing to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Whose log targets it goes to; those of `global` if it is about the process.
    pub proxy: Option<ProxyIndex>,
    /// How grave it is on stderr, if it goes there.
    pub stderr: Option<Level>,
    /// How grave it is in the log, if it goes there.
    pub log: Option<Level>,
    /// The text, without the end of the line.
    pub text: String,
}

impl Notice {
    /// A warning about the process or one proxy, for stderr and the log.
    pub fn warning(proxy: Option<ProxyIndex>, text: String) -> Self {
        Self {
            proxy,
            stderr: Some(Level::Warning),
            log: Some(Level::Warning),
            text,
        }
    }
}

/// A soft stop was asked for, and begins after `grace`.
pub fn stop_scheduled(grace: Duration) -> Notice {
    Notice {
        stderr: Some(Level::Notice),
        ..Notice::warning(
            None,
            format!("Scheduling a soft-stop in {} ms.", grace.as_millis()),
        )
    }
}

/// The time of `grace` is over.
pub fn grace_expired() -> Notice {
    Notice {
        proxy: None,
        stderr: Some(Level::Notice),
        log: Some(Level::Notice),
        text: "Grace period expired, proceeding with soft-stop now.".into(),
    }
}

/// A ring forgot messages that one of its servers had not taken yet. Not for the log, which may be that
/// very ring.
pub fn messages_missed(ring: &str, server: &str, count: u64) -> Notice {
    Notice {
        proxy: None,
        stderr: Some(Level::Warning),
        log: None,
        text: format!("ring '{ring}' : {count} messages lost before server '{server}' took them."),
    }
}

/// How far a listener has come that connects instead of listening; for the log alone.
pub fn dialed(
    view: &impl View,
    frontend: ProxyIndex,
    bind: u32,
    reached: Reached,
) -> Option<Notice> {
    let proxy = &view.settings().proxies[frontend.0 as usize];
    let BindAddress::Reversed(reversed) = &proxy.binds[bind as usize].address else {
        return None;
    };
    let (level, text) = match reached {
        Reached::Nothing => (Level::Info, "Initiating.".into()),
        Reached::Error => (Level::Err, "Error encountered.".into()),
        Reached::All => {
            let text = format!("Running with nbconn {} reached.", reversed.count);
            (Level::Info, text)
        }
    };
    Some(Notice {
        proxy: Some(frontend),
        stderr: None,
        log: Some(level),
        text: format!("preconnect {}::{}: {text}", proxy.name, reversed.name),
    })
}

/// Servers of a backend cannot be connected to for want of something here.
pub fn unconnected(view: &impl View, backend: ProxyIndex, error: ConnectError) -> Option<Notice> {
    let name = &view.settings().proxies[backend.0 as usize].name;
    let (level, text) = match error {
        ConnectError::Refused | ConnectError::Resource => return None,
        ConnectError::NoPort => (
            Level::Err,
            format!("Connect() failed for backend {name}: no free ports."),
        ),
        ConnectError::Source { foreign } => {
            let whose = if foreign { "tproxy " } else { "" };
            let text = format!(
                "Cannot bind to {whose}source address before connect() for backend {name}."
            );
            (Level::Emerg, text)
        }
    };
    Some(Notice {
        proxy: Some(backend),
        stderr: Some(level),
        log: Some(level),
        text,
    })
}

/// A soft stop began: no proxy takes in clients any more.
pub fn stopped(view: &impl View) -> Vec<Notice> {
    enabled(view)
        .map(|(index, proxy)| {
            let text = format!(
                "Proxy {} stopped (cumulated conns: FE: {}, BE: {}).",
                proxy.name,
                view.frontend(index).totals.conn_tot,
                view.backend(index).totals.stot
            );
            Notice::warning(Some(index), text)
        })
        .collect()
}

/// `hard-stop-after` is over; `clients` are those of each proxy that were left.
pub fn hard_stopped(view: &impl View, clients: &[u32]) -> Vec<Notice> {
    let head = "soft-stop running for too long, performing a hard-stop.";
    let mut notices = Vec::from([Notice::warning(None, head.into())]);
    for (index, proxy) in enabled(view) {
        let left = clients.get(index.0 as usize).copied().unwrap_or(0);
        if left > 0 {
            let text = format!(
                "Proxy {} hard-stopped ({left} remaining conns will be closed).",
                proxy.name
            );
            notices.push(Notice::warning(Some(index), text));
        }
    }
    notices
}

/// The listeners rest (SIGTTOU), or accept again (SIGTTIN).
pub fn listening(view: &impl View, on: bool) -> Vec<Notice> {
    let verb = if on { "Resumed" } else { "Paused" };
    enabled(view)
        .filter(|(_, proxy)| !proxy.binds.is_empty())
        .map(|(index, proxy)| {
            let kind = if proxy.capability.serves() {
                "proxy"
            } else {
                "frontend"
            };
            Notice::warning(Some(index), format!("{verb} {kind} {}.", proxy.name))
        })
        .collect()
}

/// How the servers are (SIGHUP).
pub fn servers(view: &impl View) -> Vec<Notice> {
    let mut notices = Vec::from([Notice {
        log: None,
        ..Notice::warning(None, "SIGHUP received, dumping servers states.".into())
    }]);
    for (index, proxy) in enabled(view) {
        let (frontend, backend) = (view.frontend(index), view.backend(index));
        let mut tell = |stderr, text| {
            notices.push(Notice {
                proxy: Some(index),
                stderr,
                log: Some(Level::Notice),
                text,
            });
        };
        let head = format!(
            "SIGHUP received, dumping servers states for proxy {}.",
            proxy.name
        );
        tell(None, head);
        let (mut active, mut backup, mut queued) = (0, 0, backend.queued);
        for (number, settings) in proxy.servers.iter().enumerate() {
            let server = view.server(index, ServerIndex(number as u32));
            if server.status.is_usable() && server.weight > 0 {
                if settings.backup {
                    backup += 1;
                } else {
                    active += 1;
                }
            }
            queued += server.queued;
            let text = format!(
                "SIGHUP: Server {}/{} is {}. Conn: {} act, {} pend, {} tot.",
                proxy.name,
                settings.name,
                state(server.status),
                server.totals.scur,
                server.queued,
                server.totals.stot
            );
            tell(Some(Level::Warning), text);
        }
        let health = match (proxy.servers.len(), active, backup) {
            (0, _, _) => "has no servers.".into(),
            (_, 0, 0) => "has no server available !".into(),
            (_, 0, _) => "is running on backup servers !".into(),
            (_, _, _) => {
                format!("has {active} active servers and {backup} backup servers available.")
            }
        };
        let text = format!(
            "SIGHUP: Proxy {} {health} Conn: act(FE+BE): {}+{}, {queued} pend ({} unass), tot(FE+BE): {}+{}.",
            proxy.name,
            frontend.totals.scur,
            backend.totals.scur,
            backend.queued,
            frontend.totals.conn_tot,
            backend.totals.stot
        );
        tell(Some(Level::Warning), text);
    }
    notices
}

/// A server was taken out of use, or brought back (`set server … state`).
pub fn server_turned(view: &impl View, turn: &Turn) -> Vec<Notice> {
    let proxy = &view.settings().proxies[turn.backend.0 as usize];
    let settings = &proxy.servers[turn.server.0 as usize];
    let mut notices = Vec::new();
    let mut tell = |stderr, log, text| {
        notices.push(Notice {
            proxy: Some(turn.backend),
            stderr,
            log,
            text,
        });
    };
    let rank = if settings.backup { "Backup " } else { "" };
    let name = format!("{rank}Server {}/{}", proxy.name, settings.name);
    let Turn {
        active,
        backup,
        served,
        requeued,
        queued,
        ..
    } = turn;
    let only_backups = match (active, backup) {
        (0, 1..) => " Running on backup.",
        _ => "",
    };
    let text = match (turn.from, turn.to) {
        (_, ServerState::Maintenance) => format!(
            "{name} is going DOWN for maintenance. {active} active and {backup} backup servers left.{only_backups} \
             {served} sessions active, {requeued} requeued, {queued} remaining in queue."
        ),
        (ServerState::Maintenance, ServerState::Drain) => {
            let text = format!("{name} is UP/DRAIN (leaving forced maintenance).");
            tell(Some(Level::Warning), Some(Level::Notice), text);
            format!("{name} remains in forced drain mode.")
        }
        (_, ServerState::Drain) => format!(
            "{name} enters drain state. {active} active and {backup} backup servers online.{only_backups} \
             {requeued} sessions requeued, {queued} total in queue."
        ),
        (ServerState::Maintenance, ServerState::Up) => {
            format!("{name} is UP/READY (leaving forced maintenance).")
        }
        (_, ServerState::Up) => format!("{name} is UP (leaving forced drain)."),
    };
    let grave = match turn.to {
        ServerState::Maintenance => Level::Alert,
        ServerState::Drain | ServerState::Up => Level::Notice,
    };
    tell(Some(Level::Warning), Some(grave), text);
    if turn.was_last {
        // One that is a frontend as well is called a proxy.
        let kind = match proxy.capability.accepts() {
            true => "proxy",
            false => "backend",
        };
        let text = |name: &str| format!("{kind} {name} has no server available!");
        let quoted = format!("'{}'", proxy.name);
        tell(Some(Level::Alert), None, text(&quoted));
        tell(None, Some(Level::Emerg), text(&proxy.name));
    }
    notices
}

fn state(status: ServerStatus) -> &'static str {
    match status {
        ServerStatus::NoCheck | ServerStatus::Up | ServerStatus::Drain => "UP",
        ServerStatus::Down | ServerStatus::Maintenance | ServerStatus::Unresolved => "DOWN",
    }
}

fn enabled<V: View>(view: &V) -> impl Iterator<Item = (ProxyIndex, &Proxy)> {
    let proxies = view.settings().proxies.iter().enumerate();
    proxies
        .filter(|(_, proxy)| !proxy.disabled)
        .map(|(index, proxy)| (ProxyIndex(index as u32), proxy))
}

#[cfg(test)]
mod tests;
