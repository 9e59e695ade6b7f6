//! What fetches may ask of the process.

use crate::shared::{Counters, Shared};
use balance::{ServerIndex, ServerState};
use base::Instant;
use core::net::IpAddr;
use sample::facts::{Host, Load, Process, ServerLoad, Timeouts};
use sample::userlist::Userlist;
use session::settings::{Proxy, ProxyIndex};

/// The process, as one worker sees it at one time.
#[derive(Clone, Copy)]
pub(crate) struct World<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) worker: u16,
    pub(crate) now: Instant,
    pub(crate) stopping: bool,
}

impl World<'_> {
    fn proxy(&self, at: u32) -> &Proxy {
        self.shared.proxy(ProxyIndex(at))
    }

    fn sum(&self, proxy: u32, of: impl Fn(&Counters) -> u64) -> u32 {
        let workers = self.shared.counters.iter();
        let sum: u64 = workers.map(|proxies| of(&proxies[proxy as usize])).sum();
        u32::try_from(sum).unwrap_or(u32::MAX)
    }
}

impl Process for World<'_> {
    fn proxy_name(&self, proxy: u32) -> &str {
        &self.proxy(proxy).name
    }

    fn proxy_id(&self, proxy: u32) -> u32 {
        self.proxy(proxy).id
    }

    fn server_name(&self, backend: u32, server: u32) -> &str {
        &self.proxy(backend).servers[server as usize].name
    }

    fn server_id(&self, backend: u32, server: u32) -> u32 {
        self.proxy(backend).servers[server as usize].id
    }

    fn servers(&self, backend: u32) -> (u32, u32) {
        let all = self.proxy(backend).servers.len() as u32;
        let backend = self.shared.backends[backend as usize].lock();
        let active = backend.active_count();
        let usable = if active > 0 {
            active
        } else {
            backend.backup_count()
        };
        (all, usable)
    }

    fn frontend_load(&self, frontend: u32) -> Load {
        Load {
            sessions: self.shared.connections[frontend as usize].now(),
            session_rate: self.sum(frontend, |it| it.frontend.rate.per_second(self.now)),
            request_rate: self.sum(frontend, |it| it.frontend.req_rate.per_second(self.now)),
            queued: 0,
        }
    }

    fn backend_load(&self, backend: u32) -> Load {
        Load {
            sessions: self.sum(backend, |it| it.backend.scur.get()),
            session_rate: self.sum(backend, |it| it.backend.rate.per_second(self.now)),
            request_rate: 0,
            queued: self.shared.backends[backend as usize].lock().queued(),
        }
    }

    fn server_load(&self, backend: u32, server: u32) -> ServerLoad {
        let settings = &self.proxy(backend).servers[server as usize];
        let view = self.shared.backends[backend as usize]
            .lock()
            .server(ServerIndex(server));
        let of = |it: &Counters, get: fn(&session::ServerCounters) -> u64| {
            get(&it.servers[server as usize])
        };
        ServerLoad {
            up: view.state != ServerState::Maintenance,
            usable: view.state == ServerState::Up,
            backup: view.backup,
            sessions: self.sum(backend, |it| of(it, |server| server.scur.get())),
            session_rate: self.sum(backend, |it| {
                it.servers[server as usize].rate.per_second(self.now)
            }),
            queued: view.queued,
            sessions_max: view.limit,
            queued_max: (settings.maxqueue > 0).then_some(settings.maxqueue),
            weight: view.weight,
            user_weight: view.weight,
            initial_weight: settings.weight,
        }
    }

    fn listener_connections(&self, frontend: u32, bind_id: u32) -> u32 {
        let binds = &self.proxy(frontend).binds;
        let of_id = binds.iter().position(|bind| bind.id == bind_id);
        of_id.map_or(0, |at| {
            self.sum(frontend, |it| {
                it.listeners
                    .get(at)
                    .map_or(0, |listener| listener.scur.get())
            })
        })
    }

    fn timeouts(&self, proxy: u32) -> Timeouts {
        timeouts_of(&self.proxy(proxy).timeouts)
    }

    fn retries(&self, proxy: u32) -> u32 {
        self.proxy(proxy).retries
    }

    fn default_backend(&self, frontend: u32) -> Option<&str> {
        let backend = self.proxy(frontend).backend?;
        (backend.0 != frontend).then(|| &*self.shared.proxy(backend).name)
    }

    fn userlist(&self, list: u32) -> Option<&Userlist> {
        self.shared.settings.userlists.get(list as usize)
    }

    fn is_local(&self, address: IpAddr) -> bool {
        let own = &self.shared.settings.global.local_addresses;
        address.is_loopback() || own.contains(&address)
    }

    fn host(&self) -> Host<'_> {
        let identity = &self.shared.identity;
        let global = &self.shared.settings.global;
        Host {
            name: &global.host_name,
            pid: identity.pid,
            worker: self.worker.into(),
            started: Instant::ZERO,
            quic: false,
            log_uri_len: global.tune.loguri_len,
        }
    }

    fn connections(&self) -> u32 {
        self.shared.all_connections.now()
    }

    fn is_stopping(&self) -> bool {
        self.stopping
    }
}

/// The timeouts that fetches may ask for.
pub(crate) fn timeouts_of(all: &session::settings::Timeouts) -> Timeouts {
    Timeouts {
        client: all.client,
        connect: all.connect,
        queue: all.queue,
        server: all.server,
        tarpit: all.tarpit,
        tunnel: all.tunnel,
    }
}
