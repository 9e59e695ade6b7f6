//! What becomes of a connection when streams end, and its end.

use crate::held::{Carrier, Table};
use crate::list::Thread;
use crate::place::{Doom, Place};
use crate::pool::Pool;
use crate::rules::{Ends, Rules};
use crate::settings::Around;

/// What became of a connection of which a stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Released {
    /// It carries other streams.
    InUse,
    /// It waits for the next one.
    Parked,
    /// It is to be closed: [`Pool::next_doomed`] names it.
    Doomed,
}

impl<T: Table, R: Rules> Pool<T, R> {
    /// A stream of a connection ended, in whatever way: what the connection can still do says its
    /// capacity. Whoever calls this has nothing more to do with the connection if it was parked.
    pub fn detached(&mut self, table: &mut T, id: T::Id, around: &Around) -> Released {
        let Some((held, conn)) = table
            .held(id)
            .and_then(|held| held.conn().map(|conn| (held, conn)))
        else {
            return Released::Doomed;
        };
        if conn.streams() > 0 {
            self.refresh(table, id);
            return Released::InUse;
        }
        let owner = match held.place {
            Place::Session { session, bond, .. } => Some((session, bond)),
            Place::Busy(_) | Place::Available(_) => None,
            Place::New { .. }
            | Place::SessionIdle { .. }
            | Place::Idle(_)
            | Place::Safe(_)
            | Place::Io { .. }
            | Place::Doomed { .. }
            | Place::Gone => return Released::Doomed,
        };
        let own = owner.and_then(|(session, _)| self.sessions.get(session));
        let server = self.server(held.target);
        let fate = R::park(&Ends {
            owner,
            session_idle: own.map_or(0, |own| own.idle),
            multiplexing: conn.multiplexing(),
            begun: held.begun,
            capacity: self.capacity(held),
            maintenance: server.maintenance,
            limits: &server.limits,
            gauges: server.gauges,
            around,
        });
        match fate {
            Ok(parked) => {
                self.put_away(table, id, parked);
                Released::Parked
            }
            Err(why) => {
                self.doom(table, id, why);
                Released::Doomed
            }
        }
    }

    /// The next connection that is to be closed, and why; each is named once.
    pub fn next_doomed(&mut self, table: &mut T) -> Option<(T::Id, Doom)> {
        let id = self.doomed.first()?;
        self.doomed.remove(table, id, Thread::Index);
        match table.held(id)?.place {
            Place::Doomed { why, .. } => Some((id, why)),
            _ => None,
        }
    }

    pub(crate) fn is_queued(&self, table: &T, id: T::Id) -> bool {
        let follows = |id| {
            let held = table.held(id);
            held.is_some_and(|held| table.held(held.index.before).is_some())
        };
        self.doomed.first() == Some(id) || follows(id)
    }

    /// A connection is closed, wherever it was. What is left in the table is to be removed.
    pub fn close(&mut self, table: &mut T, id: T::Id) -> Option<T::Conn> {
        self.unlist(table, id);
        let held = table.held_mut(id)?;
        let (target, key) = (held.target, held.key);
        let ledger = R::ledger(&held.place);
        let conn = core::mem::replace(&mut held.place, Place::Gone).into_conn()?;
        let server = self.server_mut(target);
        server.subtract(ledger);
        server.gauges.total -= 1;
        self.keys.leave(key);
        Some(conn)
    }
}
