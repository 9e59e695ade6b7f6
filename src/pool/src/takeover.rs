//! A connection that moves to another worker: it leaves as a value and comes back as one.

use crate::held::{Held, Table};
use crate::key::Key;
use crate::place::Place;
use crate::pool::{Pool, Want};
use crate::rules::{Rules, Shelf};
use crate::settings::{Around, Files};

/// A connection between two workers.
#[derive(Debug)]
pub struct Parcel<C> {
    /// The connection.
    pub conn: C,
    /// Streams that were opened on it.
    pub begun: u32,
}

impl<T: Table, R: Rules> Pool<T, R> {
    /// What may be asked of other workers, who have `around.idle_elsewhere` idle connections: nothing
    /// while the server has so few that each worker should have its own (`pool-low-conn`), unless files
    /// are scarce or none can be opened.
    pub fn may_take(
        &self,
        want: &Want<'_, T::Session>,
        around: &Around,
    ) -> Option<&'static [Shelf]> {
        let server = self.server(want.key.target);
        let idle = server.gauges.all_idle() + around.idle_elsewhere;
        let enough =
            server.limits.reversed || idle >= server.limits.idle_low || around.files > Files::Few;
        let shelves = R::order(server.limits.reuse, want.careful);
        let takes = around.idle_elsewhere > 0 && enough && !server.maintenance;
        (takes && !shelves.is_empty()).then_some(shelves)
    }

    /// The idle connection another worker gets that asks for this key; `None` is *gone*. It leaves this
    /// pool by [`Pool::hand_over`].
    pub fn find_for_other(&self, key: &Key<'_>, careful: bool) -> Option<T::Id> {
        let server = self.server(key.target);
        if server.maintenance {
            return None;
        }
        let entry = self.keys.get(self.keys.find(key)?);
        let mut shelves = R::order(server.limits.reuse, careful).iter();
        shelves.find_map(|shelf| entry.shelf(*shelf).first())
    }

    /// A connection leaves for another worker. What is left in the table is to be removed.
    pub fn hand_over(&mut self, table: &mut T, id: T::Id) -> Option<Parcel<T::Conn>> {
        let begun = table.held(id)?.begun;
        let conn = self.close(table, id)?;
        Some(Parcel { conn, begun })
    }

    /// A connection arrives, from another worker or from its server itself; it is put into the table, and
    /// [`Pool::attached`] follows, or [`Pool::detached`] if it carries nothing.
    pub fn adopt(
        &mut self,
        key: &Key<'_>,
        parcel: Parcel<T::Conn>,
    ) -> Held<T::Id, T::Session, T::Conn> {
        self.enter(key, Place::Busy(parcel.conn), parcel.begun)
    }
}
