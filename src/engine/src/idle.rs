//! Idle server connections: kept for the next request, looked through from time to time.

use crate::conn::{Place, Side};
use crate::engine::{Engine, Timer};
use alloc::vec::Vec;
use balance::ServerIndex;
use base::Duration;
use session::ConnId;
use session::settings::ProxyIndex;

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
        Some(conn)
    }

    /// A connection to a server carries an exchange from now on.
    pub(crate) fn note_used(&mut self, backend: ProxyIndex, server: ServerIndex) {
        let list = self.idle_list(backend, server);
        list.used += 1;
        list.needed = list.needed.max(list.used);
    }

    /// A connection to a server carries its exchange no more.
    pub(crate) fn note_unused(&mut self, backend: ProxyIndex, server: ServerIndex) {
        self.idle_list(backend, server).used -= 1;
    }

    /// Whether the pool takes one more connection: the first always, others as long as there are no
    /// more than were needed at once of late.
    pub(crate) fn accepts_idle(&mut self, backend: ProxyIndex, server: ServerIndex) -> bool {
        let list = self.idle_list(backend, server);
        list.conns.is_empty() || list.used + list.conns.len() < list.needed
    }

    pub(crate) fn put_idle(&mut self, backend: ProxyIndex, server: ServerIndex, conn: ConnId) {
        self.idle_list(backend, server).conns.push(conn);
        if self.timers.due(&self.purge_timer).is_none() {
            let at = self.now + PURGE_DELAY;
            self.timers.arm(&mut self.purge_timer, Timer::Purge, at);
        }
    }

    /// A connection that was idle is going away.
    pub(crate) fn forget_idle(&mut self, backend: ProxyIndex, server: ServerIndex, conn: ConnId) {
        let list = self.idle_list(backend, server);
        if let Some(at) = list.conns.iter().rposition(|id| *id == conn) {
            list.conns.remove(at);
            list.unused = list.unused.min(list.conns.len());
        }
    }

    /// Closes half of the connections nobody needed since the last time, oldest first
    /// (`pool-purge-delay`).
    pub(crate) fn purge_idle(&mut self) {
        let mut left = false;
        for proxy in 0..self.idle.len() {
            for server in 0..self.idle[proxy].len() {
                let list = &mut self.idle[proxy][server];
                let goes = list.unused.min(list.conns.len()).div_ceil(2);
                let doomed: Vec<ConnId> = list.conns.drain(..goes).collect();
                list.unused = list.conns.len();
                list.needed = list.used.max((list.needed + list.used) / 2);
                left |= !list.conns.is_empty();
                for conn in doomed {
                    if let Side::Server(side) = &mut self.conns[conn].side {
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

/// `pool-purge-delay`.
const PURGE_DELAY: Duration = Duration::from_secs(5);
