//! Idle server connections: kept for the next request, looked through from time to time.

use crate::conn::{Place, ServerSide, Side};
use crate::engine::{Engine, Timer};
use crate::shared::Shared;
use alloc::vec::Vec;
use balance::ServerIndex;
use base::Duration;
use session::settings::ProxyIndex;
use session::{ConnId, Counter};

/// The idle connections of one server on one worker, most recently used last.
#[derive(Debug, Default)]
pub(crate) struct IdleList {
    conns: Vec<ConnId>,
    /// The fewest there were since the last purge: nobody needed those.
    unused: usize,
    /// Connections that carry exchanges now.
    used: usize,
    /// The most that did so at once, of late.
    needed: usize,
}

impl IdleList {
    pub(crate) fn ids(&self) -> impl Iterator<Item = ConnId> + '_ {
        self.conns.iter().copied()
    }
}

impl Engine {
    /// The most recently used idle connection to a server.
    pub(crate) fn take_idle(&mut self, backend: ProxyIndex, server: ServerIndex) -> Option<ConnId> {
        let list = self.idle_list(backend, server);
        let conn = list.conns.pop()?;
        list.unused = list.unused.min(list.conns.len());
        if let Side::Server(side) = &mut self.conns[conn].side {
            idle_gauge(&self.shared, self.worker, side).sub(1);
            side.reused = true;
        }
        Some(conn)
    }

    /// A connection to a server carries an exchange from now on.
    pub(crate) fn note_used(&mut self, backend: ProxyIndex, server: ServerIndex) {
        let list = self.idle_list(backend, server);
        list.used += 1;
        let more = list.used > list.needed;
        list.needed = list.needed.max(list.used);
        let needed = list.needed as u64;
        let of = &self.counters(backend).servers[server.0 as usize];
        of.used_conn_cur.add(1);
        if more {
            of.need_conn_est.set(needed);
        }
    }

    /// A connection to a server carries its exchange no more.
    pub(crate) fn note_unused(&mut self, backend: ProxyIndex, server: ServerIndex) {
        self.idle_list(backend, server).used -= 1;
        let of = &self.counters(backend).servers[server.0 as usize];
        of.used_conn_cur.sub(1);
    }

    /// Whether the pool takes one more connection: the first always, others as long as there are no
    /// more than were needed at once of late.
    pub(crate) fn accepts_idle(&mut self, backend: ProxyIndex, server: ServerIndex) -> bool {
        let list = self.idle_list(backend, server);
        list.conns.is_empty() || list.used + list.conns.len() < list.needed
    }

    pub(crate) fn put_idle(&mut self, backend: ProxyIndex, server: ServerIndex, conn: ConnId) {
        self.idle_list(backend, server).conns.push(conn);
        if let Side::Server(side) = &self.conns[conn].side {
            idle_gauge(&self.shared, self.worker, side).add(1);
        }
        if self.timers.due(&self.purge_timer).is_none() {
            let at = self.now + PURGE_DELAY;
            self.timers.arm(&mut self.purge_timer, Timer::Purge, at);
        }
    }

    /// A connection that was idle is going away.
    pub(crate) fn forget_idle(&mut self, side: &ServerSide, conn: ConnId) {
        let list = self.idle_list(side.backend, side.server);
        if let Some(at) = list.conns.iter().rposition(|id| *id == conn) {
            list.conns.remove(at);
            list.unused = list.unused.min(list.conns.len());
            idle_gauge(&self.shared, self.worker, side).sub(1);
        }
    }

    /// Closes half of the connections nobody needed since the last time, oldest first
    /// (`pool-purge-delay`).
    pub(crate) fn purge_idle(&mut self) {
        let mut left = false;
        for proxy in 0..self.idle.len() {
            for server in 0..self.idle[proxy].len() {
                let list = &mut self.idle[proxy][server];
                let goes = list.unused.div_ceil(2);
                let doomed: Vec<ConnId> = list.conns.drain(..goes).collect();
                list.unused = list.conns.len();
                list.needed = list.used.max((list.needed + list.used) / 2);
                let of = &self.shared.counters[usize::from(self.worker)][proxy].servers[server];
                of.need_conn_est.set(list.needed as u64);
                left |= !list.conns.is_empty();
                for conn in doomed {
                    if let Side::Server(side) = &mut self.conns[conn].side {
                        idle_gauge(&self.shared, self.worker, side).sub(1);
                        side.place = Place::Doomed;
                    }
                    self.close(conn, false);
                }
            }
        }
        if left {
            let at = self.now + PURGE_DELAY;
            self.timers.arm(&mut self.purge_timer, Timer::Purge, at);
        }
    }

    /// Closes every idle connection.
    pub(crate) fn drop_idle(&mut self) {
        for proxy in 0..self.idle.len() {
            for server in 0..self.idle[proxy].len() {
                while let Some(conn) = self.idle[proxy][server].conns.pop() {
                    if let Side::Server(side) = &mut self.conns[conn].side {
                        idle_gauge(&self.shared, self.worker, side).sub(1);
                        side.place = Place::Doomed;
                    }
                    self.close(conn, false);
                }
                self.idle[proxy][server].unused = 0;
            }
        }
    }

    fn idle_list(&mut self, backend: ProxyIndex, server: ServerIndex) -> &mut IdleList {
        &mut self.idle[backend.0 as usize][server.0 as usize]
    }
}

/// Where an idle connection is counted: `idle_conn_cur`, or `safe_conn_cur` once it was reused.
fn idle_gauge<'a>(shared: &'a Shared, worker: u16, side: &ServerSide) -> &'a Counter {
    let proxies = &shared.counters[usize::from(worker)];
    let of = &proxies[side.backend.0 as usize].servers[side.server.0 as usize];
    if side.reused {
        &of.safe_conn_cur
    } else {
        &of.idle_conn_cur
    }
}

/// `pool-purge-delay`.
const PURGE_DELAY: Duration = Duration::from_secs(5);
