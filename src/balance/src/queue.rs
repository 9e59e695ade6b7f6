//! Those who wait: one line for the backend, one for each server.

use crate::{Priority, QueuePlace, ServerIndex, Ticket};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

/// When somebody began to wait, counted over all lines of a backend.
type Age = u64;

/// Who stands before whom.
type Order = (Priority, Age);

/// All lines of one backend. A ticket stands in at most one of them.
#[derive(Debug)]
pub(crate) struct Queue {
    /// Where each ticket stands.
    places: BTreeMap<Ticket, (QueuePlace, Order)>,
    backend: BTreeSet<(Order, Ticket)>,
    servers: Vec<BTreeSet<(Order, Ticket)>>,
    next_age: Age,
}

impl Queue {
    pub(crate) fn new(servers: usize) -> Self {
        Self {
            places: BTreeMap::new(),
            backend: BTreeSet::new(),
            servers: (0..servers).map(|_| BTreeSet::new()).collect(),
            next_age: 0,
        }
    }

    /// Puts a ticket, which stands in no line yet, behind all of its priority; says how many wait already.
    pub(crate) fn join(&mut self, place: QueuePlace, ticket: Ticket, priority: Priority) -> u32 {
        let order = (priority, self.next_age);
        self.next_age += 1;
        let waiting = self.line(place).len() as u32;
        let earlier = self.places.insert(ticket, (place, order));
        debug_assert_eq!(earlier, None, "{ticket:?} waits already");
        self.line_mut(place).insert((order, ticket));
        waiting
    }

    /// Takes a ticket out of its line; says which, if it stood in one.
    pub(crate) fn leave(&mut self, ticket: Ticket) -> Option<QueuePlace> {
        let (place, order) = self.places.remove(&ticket)?;
        self.line_mut(place).remove(&(order, ticket));
        Some(place)
    }

    /// Takes the first ticket that `server` may serve: of its own line, and of the backend's if `shared`.
    pub(crate) fn take(&mut self, server: ServerIndex, shared: bool) -> Option<Ticket> {
        let own = self.line(QueuePlace::Server(server)).first();
        let common = self.backend.first().filter(|_| shared);
        let ticket = match (own, common) {
            (Some(own), Some(common)) => own.min(common).1,
            (Some(one), None) | (None, Some(one)) => one.1,
            (None, None) => return None,
        };
        self.leave(ticket);
        Some(ticket)
    }

    /// How many stand in a line.
    pub(crate) fn len(&self, place: QueuePlace) -> u32 {
        self.line(place).len() as u32
    }

    /// How many wait in all lines together.
    pub(crate) fn total(&self) -> u32 {
        self.places.len() as u32
    }

    fn line(&self, place: QueuePlace) -> &BTreeSet<(Order, Ticket)> {
        match place {
            QueuePlace::Server(server) => &self.servers[server.0 as usize],
            QueuePlace::Backend => &self.backend,
        }
    }

    fn line_mut(&mut self, place: QueuePlace) -> &mut BTreeSet<(Order, Ticket)> {
        match place {
            QueuePlace::Server(server) => &mut self.servers[server.0 as usize],
            QueuePlace::Backend => &mut self.backend,
        }
    }
}
