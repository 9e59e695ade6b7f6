//! Server connections between exchanges: the pool decides, this carries it out.

use crate::conn::{Connection, Side};
use crate::conns::Conns;
use crate::engine::{Engine, Timer, cx};
use crate::output::Output;
use crate::rules::connection::ends;
use crate::shared::Shared;
use alloc::boxed::Box;
use alloc::vec::Vec;
use balance::{Address, ServerIndex};
use base::{Rng, TimerSlot};
use core::net::{IpAddr, SocketAddr};
use message::{Head, Machine, Name};
use pool::{Around, Doom, Key, Limits, Pool, Released, Target, Want};
use session::settings::{Mode, ProxyIndex};
use session::{ConnId, Exchange, ExchangeId};

/// The pools of all servers, and when they are purged.
#[derive(Debug)]
pub(crate) struct Reuse {
    pub(crate) pool: Pool<Conns>,
    /// The target of the first server of each proxy.
    first: Vec<u32>,
    /// By target.
    servers: Vec<(ProxyIndex, ServerIndex)>,
    purges: Vec<TimerSlot>,
}

impl Reuse {
    pub(crate) fn new(shared: &Shared, rng: &mut Rng) -> Self {
        let (mut first, mut servers, mut limits) = (Vec::new(), Vec::new(), Vec::new());
        for (at, proxy) in shared.settings.proxies.iter().enumerate() {
            first.push(servers.len() as u32);
            for (server, settings) in proxy.servers.iter().enumerate() {
                servers.push((ProxyIndex(at as u32), ServerIndex(server as u32)));
                let keep = &settings.keep;
                let reversed = settings.address == Address::Reversed;
                limits.push(Limits {
                    // What comes of itself is used, or is there for nothing.
                    reuse: if reversed {
                        pool::Reuse::Always
                    } else {
                        proxy.reuse
                    },
                    reversed,
                    idle_max: keep.idle_max,
                    idle_low: keep.idle_low,
                    purge_delay: keep.purge_delay,
                    reuses_max: keep.reuses_max,
                    connections_max: Some(settings.maxconn)
                        .filter(|max| keep.strict_maxconn && *max > 0),
                });
            }
        }
        Self {
            pool: Pool::new(limits, rng.next_u64()),
            first,
            purges: servers.iter().map(|_| TimerSlot::default()).collect(),
            servers,
        }
    }

    pub(crate) fn target(&self, backend: ProxyIndex, server: ServerIndex) -> Target {
        Target(self.first[backend.0 as usize] + server.0)
    }
}

impl Engine {
    /// A connection that an exchange may use: its client's own, one with room, or an idle one. What
    /// it needs is attached at once ([`Engine::link`]).
    pub(crate) fn pick(&mut self, exchange: ExchangeId, server: ServerIndex) -> Option<ConnId> {
        let x = &self.exchanges[exchange];
        if self.proxy(x.backend).mode != Mode::Http {
            return None;
        }
        let target = self.reuse.target(x.backend, server);
        let local = ends(&self.conns, x).local;
        let want = want(&self.shared, target, x, server, local);
        self.reuse.pool.pick(&mut self.conns, &want)
    }

    /// A connection is opened for an exchange: what the pool must know of it.
    pub(crate) fn open(
        &mut self,
        exchange: ExchangeId,
        server: ServerIndex,
        conn: Box<Connection>,
    ) -> ConnId {
        let x = &self.exchanges[exchange];
        let backend = x.backend;
        let target = self.reuse.target(backend, server);
        let local = ends(&self.conns, x).local;
        let want = want(&self.shared, target, x, server, local);
        let held = self.reuse.pool.open(&want, conn);
        let id = self.conns.insert_server(held);
        self.publish(target);
        id
    }

    /// Whether a connection to a server may be opened, and if so, counts it; idle ones may have to go for
    /// it, here or, by the time of the next attempt, at another worker.
    pub(crate) fn may_open(&mut self, exchange: ExchangeId, server: ServerIndex) -> bool {
        let x = &self.exchanges[exchange];
        let (backend, frontend) = (x.backend, x.frontend);
        let target = self.reuse.target(backend, server);
        let around = self.around(target, frontend);
        let may = self.reuse.pool.may_open(&mut self.conns, target, &around);
        self.close_doomed();
        let max = self.reuse.pool.limits(target).connections_max;
        let opens = may && self.shared.note_opened(backend, server, max);
        if !opens && let Some(worker) = self.has_idle(backend, server, Unproven::Counts) {
            self.outputs.push_back(Output::MakeRoom {
                worker,
                backend,
                server,
            });
        }
        opens
    }

    /// Another worker lacks a place among the connections to a server (`strict-maxconn`).
    pub(crate) fn on_make_room(&mut self, backend: ProxyIndex, server: ServerIndex) {
        let target = self.reuse.target(backend, server);
        self.reuse.pool.evict(&mut self.conns, target);
        self.close_doomed();
    }

    /// A worker that has an idle connection to a server. Each begins with the one behind it, so that not
    /// all of them turn to the first.
    pub(crate) fn has_idle(
        &self,
        backend: ProxyIndex,
        server: ServerIndex,
        unproven: Unproven,
    ) -> Option<u16> {
        let workers = self.shared.counters.len();
        let others = (1..workers).map(|step| (usize::from(self.worker) + step) % workers);
        let mut others = others.filter(|worker| {
            let of = &self.shared.counters[*worker][backend.0 as usize];
            let of = &of.servers[server.0 as usize];
            of.safe_conn_cur.get() > 0
                || (unproven == Unproven::Counts && of.idle_conn_cur.get() > 0)
        });
        others.next().map(|worker| worker as u16)
    }

    /// An exchange has a stream on a connection.
    pub(crate) fn attached(&mut self, id: ConnId, client: ConnId) {
        self.reuse.pool.attached(&mut self.conns, id, client);
        self.publish_of(id);
    }

    /// A stream of a server connection ended; the connection is kept or closed.
    pub(crate) fn released(&mut self, id: ConnId, frontend: ProxyIndex) {
        let Some(conn) = self.conns.get(id) else {
            return;
        };
        let Side::Server(server) = &conn.side else {
            return;
        };
        let target = self.reuse.target(server.backend, server.server);
        let around = self.around(target, frontend);
        match self.reuse.pool.detached(&mut self.conns, id, &around) {
            Released::Parked => {
                let slot = &mut self.reuse.purges[target.0 as usize];
                if self.timers.due(slot).is_none() {
                    let at = self.now + self.reuse.pool.limits(target).purge_delay;
                    self.timers.arm(slot, Timer::Purge(target), at);
                }
                self.publish(target);
            }
            Released::InUse => self.publish(target),
            Released::Doomed => self.close_doomed(),
        }
    }

    /// `pool-purge-delay` of a server is over.
    pub(crate) fn purge(&mut self, target: Target) {
        let left = self.reuse.pool.purge(&mut self.conns, target);
        self.close_doomed();
        self.publish(target);
        if left {
            let at = self.now + self.reuse.pool.limits(target).purge_delay;
            let slot = &mut self.reuse.purges[target.0 as usize];
            self.timers.arm(slot, Timer::Purge(target), at);
        }
    }

    /// Closes every idle connection that is nobody's own.
    pub(crate) fn drop_idle(&mut self) {
        self.reuse.pool.drop_idle(&mut self.conns);
        self.close_doomed();
    }

    /// A client is gone, and with it the connections that were its own.
    pub(crate) fn end_session(&mut self, client: ConnId) {
        self.reuse.pool.end_session(&mut self.conns, client);
        self.close_doomed();
    }

    /// Something arrives on a connection, or its machine's timer fires: if it is idle, nobody may find
    /// it until that was taken in.
    pub(crate) fn enter_event(&mut self, id: ConnId) {
        self.reuse.pool.enter_event(&mut self.conns, id);
    }

    /// The machine of a connection took in what arrived, which may have changed how many streams fit.
    pub(crate) fn note_capacity(&mut self, id: ConnId) {
        // One that carries a single stream has no room beside it.
        if self
            .conns
            .get(id)
            .is_some_and(|conn| conn.wire.is_multiplexed())
        {
            self.reuse.pool.refresh(&mut self.conns, id);
        }
    }

    /// What arrived was taken in, and everything that follows from it was done.
    pub(crate) fn leave_event(&mut self, id: ConnId) {
        self.reuse.pool.leave_event(&mut self.conns, id);
        self.note_capacity(id);
        self.close_doomed();
    }

    /// A server that authenticates connections and not requests (NTLM, Negotiate) wants this one to be
    /// its client's alone from now on.
    pub(crate) fn note_authentication(&mut self, exchange: ExchangeId, response: &Head) {
        if !matches!(response.status(), 401 | 407) || !demands_connection(response) {
            return;
        }
        let x = &self.exchanges[exchange];
        let client = x.client.conn;
        if let Some(link) = x.server {
            self.reuse
                .pool
                .authenticated(&mut self.conns, link.conn, client);
            self.publish_of(link.conn);
        }
    }

    /// Takes a connection out of its place and the table.
    pub(crate) fn take_out(&mut self, id: ConnId) -> Option<Connection> {
        if self.conns.is_client(id) {
            return self.conns.remove(id);
        }
        let conn = self.reuse.pool.close(&mut self.conns, id)?;
        self.conns.remove(id);
        Some(*conn)
    }

    /// Sees off what the pool wants closed.
    pub(crate) fn close_doomed(&mut self) {
        while let Some((id, why)) = self.reuse.pool.next_doomed(&mut self.conns) {
            match (why, self.conns.get_mut(id)) {
                (Doom::Evicted, _) => self.close(id, false),
                (_, Some(conn)) => {
                    conn.wire.drain(cx!(self));
                    self.stir(id);
                    self.publish_of(id);
                }
                (_, None) => {}
            }
        }
    }

    /// What a decision of the pool depends on beside the pool.
    pub(crate) fn around(&self, target: Target, frontend: ProxyIndex) -> Around {
        let limits = self.reuse.pool.limits(target);
        let (backend, server) = self.reuse.servers[target.0 as usize];
        let elsewhere = match limits.connections_max {
            Some(_) => {
                let own = self.reuse.pool.gauges(target).total;
                self.shared.opened(backend, server).saturating_sub(own)
            }
            None => 0,
        };
        let idle_elsewhere = match limits.idle_max {
            Some(_) => self.idle_elsewhere(backend, server),
            None => 0,
        };
        Around {
            files: self.shared.files(),
            elsewhere,
            idle_elsewhere,
            session_idle_max: self.proxy(frontend).session_idle_max,
            stopping: self.stop.is_stopping(),
        }
    }

    /// Idle connections to a server that other workers have.
    pub(crate) fn idle_elsewhere(&self, backend: ProxyIndex, server: ServerIndex) -> u32 {
        let workers = self.shared.counters.iter().enumerate();
        workers
            .filter(|(worker, _)| *worker != usize::from(self.worker))
            .map(|(_, proxies)| {
                let of = &proxies[backend.0 as usize].servers[server.0 as usize];
                (of.idle_conn_cur.get() + of.safe_conn_cur.get()) as u32
            })
            .sum()
    }

    fn publish_of(&self, id: ConnId) {
        if let Some(Side::Server(server)) = self.conns.get(id).map(|conn| &conn.side) {
            self.publish(self.reuse.target(server.backend, server.server));
        }
    }

    /// Shows what the pool counts.
    pub(crate) fn publish(&self, target: Target) {
        let (backend, server) = self.reuse.servers[target.0 as usize];
        let gauges = self.reuse.pool.gauges(target);
        let of = &self.counters(backend).servers[server.0 as usize];
        of.used_conn_cur.set(gauges.used.into());
        of.used_conn_max.set(self.reuse.pool.peak(target).into());
        of.idle_conn_cur.set(gauges.idle.into());
        of.safe_conn_cur.set(gauges.safe.into());
        of.need_conn_est.set(gauges.needed.into());
        of.priv_idle_cur.set(gauges.session_idle.into());
    }
}

/// Whether a connection that was used once is one that is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unproven {
    Counts,
    DoesNot,
}

/// What an exchange wants of a server whose client connected to `local`.
pub(crate) fn want<'a>(
    shared: &'a Shared,
    target: Target,
    x: &'a Exchange,
    server: ServerIndex,
    local: Option<SocketAddr>,
) -> Want<'a, ConnId> {
    let settings = &shared.proxy(x.backend).servers[server.0 as usize];
    let way = Way {
        name: &x.ruled.conn_name,
        destination: destination(&settings.address, local),
        introduction: &x.ruled.introduction,
        source: x.ruled.source,
    };
    Want {
        session: x.client.conn,
        key: key(target, way),
        careful: x.first,
    }
}

/// What may differ between connections to a server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Way<'a> {
    /// What it is called.
    pub(crate) name: &'a [u8],
    /// Where it leads.
    pub(crate) destination: Option<SocketAddr>,
    /// What is said first.
    pub(crate) introduction: &'a [u8],
    /// Where it comes from.
    pub(crate) source: Option<SocketAddr>,
}

/// The key of the connections to a server that are alike.
pub(crate) fn key(target: Target, way: Way<'_>) -> Key<'_> {
    Key {
        name: way.name,
        destination: way.destination,
        proxy_header: way.introduction,
        source: way.source,
        ..Key::of(target)
    }
}

/// Where connections lead; a server without an address or a port takes that the client connected to.
pub(crate) fn destination(address: &Address, local: Option<SocketAddr>) -> Option<SocketAddr> {
    match address {
        Address::Ip(to) => Some(SocketAddr::new(ip_of(to.ip(), local)?, to.port())),
        Address::IpPortOf { ip, shift } => {
            let port = i32::from(local?.port()) + shift;
            let port = u16::try_from(port).ok().filter(|port| *port != 0)?;
            Some(SocketAddr::new(ip_of(ip.ip(), local)?, port))
        }
        Address::Unix(_) | Address::Abstract(_) | Address::Unresolved(_) | Address::Reversed => {
            None
        }
    }
}

/// The address of a server; that the client connected to where it has none of its own.
fn ip_of(own: IpAddr, local: Option<SocketAddr>) -> Option<IpAddr> {
    match own.is_unspecified() {
        true => local.map(|local| local.ip()),
        false => Some(own),
    }
}

/// Whether a response asks for one of the schemes that authenticate a connection (RFC 4559 §6).
fn demands_connection(response: &Head) -> bool {
    let asks = |name| {
        response
            .values(name)
            .any(|value| SCHEMES.iter().any(|scheme| begins_with(value, scheme)))
    };
    asks(Name::WwwAuthenticate) || asks(Name::ProxyAuthenticate)
}

fn begins_with(value: &[u8], scheme: &[u8]) -> bool {
    value
        .get(..scheme.len())
        .is_some_and(|begins| begins.eq_ignore_ascii_case(scheme))
}

/// How the names of those schemes begin.
const SCHEMES: [&[u8]; 2] = [b"NTLM", b"Nego"];
