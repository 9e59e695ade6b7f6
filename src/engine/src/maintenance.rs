//! Servers that are taken out of use and brought back while the process runs.
//!
//! What was asked for is kept with what the workers share ([`Shared::set_server`]); each worker is told
//! and looks there, so that it makes no difference in which order it hears of two changes.

use crate::engine::Engine;
use crate::shared::Shared;
use alloc::vec::Vec;
use balance::{Address, Backend, ServerIndex, ServerState};
use base::{Duration, Instant};
use session::settings::ProxyIndex;

/// How the servers of a backend were of late.
#[derive(Debug)]
pub(crate) struct History {
    servers: Vec<ServerHistory>,
    backend: BackendHistory,
}

/// How a server was of late.
#[derive(Clone, Copy, Debug)]
pub struct ServerHistory {
    /// What it was last asked to be; one without an address is in maintenance whatever that is.
    pub wanted: ServerState,
    /// When it last began or ceased to be in maintenance; `None` if it is as it started.
    pub changed: Option<Instant>,
}

/// How a backend was of late.
#[derive(Clone, Copy, Debug)]
pub struct BackendHistory {
    /// When it last got a usable server or lost the last one; `None` if it is as it started.
    pub changed: Option<Instant>,
    /// How long it had none, until `changed`.
    pub downtime: Duration,
    /// How often it lost its last one.
    pub downs: u64,
}

/// What a change of a server led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The backend.
    pub backend: ProxyIndex,
    /// Its server.
    pub server: ServerIndex,
    /// What the server was.
    pub from: ServerState,
    /// What it is.
    pub to: ServerState,
    /// Requests that it serves nevertheless.
    pub served: u32,
    /// Requests that waited for it and look for another.
    pub requeued: u32,
    /// Requests that still wait for it.
    pub queued: u32,
    /// Servers that take requests now, and are no backups.
    pub active: u32,
    /// Backups that would.
    pub backup: u32,
    /// It was the last one that took requests.
    pub was_last: bool,
}

impl History {
    /// The servers are as they started.
    pub(crate) fn of(proxy: &session::settings::Proxy) -> Self {
        let servers = proxy.servers.iter().map(|server| ServerHistory {
            wanted: if server.disabled {
                ServerState::Maintenance
            } else {
                ServerState::Up
            },
            changed: None,
        });
        Self {
            servers: servers.collect(),
            backend: BackendHistory {
                changed: None,
                downtime: Duration::ZERO,
                downs: 0,
            },
        }
    }
}

impl BackendHistory {
    fn turn(&mut self, now: Instant, was_up: bool, is_up: bool) {
        if was_up == is_up {
            return;
        }
        if is_up {
            self.downtime += now.since(self.changed.unwrap_or(Instant::ZERO));
        } else {
            self.downs += 1;
        }
        self.changed = Some(now);
    }
}

impl Shared {
    /// A server is asked to be something else (`set server … state`). Says what that led to, if it was
    /// not so already: then each worker is to be told by [`Engine::server_changed`].
    pub fn set_server(
        &self,
        now: Instant,
        backend: ProxyIndex,
        server: ServerIndex,
        wanted: ServerState,
    ) -> Option<Turn> {
        let mut history = self.history[backend.0 as usize].lock();
        let mut balanced = self.backends[backend.0 as usize].lock();
        let settings = &self.proxy(backend).servers[server.0 as usize];
        let of = &mut history.servers[server.0 as usize];
        of.wanted = wanted;
        let to = match settings.address {
            Address::Unresolved(_) => ServerState::Maintenance,
            Address::Ip(_)
            | Address::IpPortOf { .. }
            | Address::Unix(_)
            | Address::Abstract(_)
            | Address::Reversed => wanted,
        };
        let before = balanced.server(server);
        if before.state == to {
            return None;
        }
        let was_up = is_up(&balanced);
        balanced.set_state(server, to);
        let is_up = is_up(&balanced);
        if before.state == ServerState::Maintenance || to == ServerState::Maintenance {
            of.changed = Some(now);
        }
        history.backend.turn(now, was_up, is_up);
        let after = balanced.server(server);
        Some(Turn {
            backend,
            server,
            from: before.state,
            to,
            served: after.served,
            requeued: before.queued - after.queued,
            queued: after.queued,
            active: balanced.active_count(),
            backup: balanced.backup_count(),
            was_last: was_up && !is_up,
        })
    }

    /// How a server was of late.
    pub fn server_history(&self, backend: ProxyIndex, server: ServerIndex) -> ServerHistory {
        self.history[backend.0 as usize].lock().servers[server.0 as usize]
    }

    /// How a backend was of late.
    pub fn backend_history(&self, backend: ProxyIndex) -> BackendHistory {
        self.history[backend.0 as usize].lock().backend
    }
}

/// Whether some server takes requests that ask for none in particular.
fn is_up(backend: &Backend) -> bool {
    backend.active_count() + backend.backup_count() > 0
}

impl Engine {
    /// Some servers begin in maintenance.
    pub(crate) fn look_at_servers(&mut self) {
        let shared = self.shared.clone();
        for (at, proxy) in shared.settings.proxies.iter().enumerate() {
            for server in 0..proxy.servers.len() {
                self.on_server_changed(ProxyIndex(at as u32), ServerIndex(server as u32));
            }
        }
    }

    /// Connections to a server that is in maintenance now are closed, those with streams when these have
    /// ended; who waited for it looks for another.
    pub(crate) fn on_server_changed(&mut self, backend: ProxyIndex, server: ServerIndex) {
        let state = self.shared.backends[backend.0 as usize]
            .lock()
            .server(server)
            .state;
        let target = self.reuse.target(backend, server);
        let maintenance = state == ServerState::Maintenance;
        self.reuse
            .pool
            .set_maintenance(&mut self.conns, target, maintenance);
        self.close_doomed();
        self.publish(target);
        self.wake(backend);
    }
}
