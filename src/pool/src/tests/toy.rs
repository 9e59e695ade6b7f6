//! A connection that only counts its streams, and the table it stands in.

use crate::held::HeldIn;
use crate::{Carrier, Held, Multiplexing, Table, Users};
use message::Capacity;
use slotmap::SlotMap;
use std::vec::Vec;

slotmap::new_key_type! {
    pub(super) struct ConnKey;
    pub(super) struct SessionKey;
}

/// A connection.
#[derive(Clone, Debug)]
pub(super) struct Toy {
    /// Its number among all there ever were, from 1.
    pub(super) serial: u32,
    pub(super) multiplexing: Multiplexing,
    /// Streams at the same time.
    pub(super) streams_max: u32,
    /// Who has streams on it.
    pub(super) users: Vec<SessionKey>,
    /// No stream can be opened any more: an answer broke off, or the peer said so.
    pub(super) dead: bool,
    /// Bytes are still to be written.
    pub(super) writing: bool,
}

impl Carrier for Toy {
    fn capacity(&self) -> Capacity {
        if self.dead {
            return Capacity::default();
        }
        Capacity {
            now: self.streams_max - self.streams(),
            ever: u32::MAX,
        }
    }

    fn streams(&self) -> u32 {
        self.users.len() as u32
    }

    fn multiplexing(&self) -> Multiplexing {
        self.multiplexing
    }

    fn is_quiet(&self) -> bool {
        !self.writing
    }
}

/// The table.
#[derive(Debug, Default)]
pub(super) struct Toys {
    pub(super) slots: SlotMap<ConnKey, Held<ConnKey, SessionKey, Toy>>,
}

impl Table for Toys {
    type Id = ConnKey;
    type Session = SessionKey;
    type Conn = Toy;

    fn held(&self, id: ConnKey) -> Option<&HeldIn<Self>> {
        self.slots.get(id)
    }

    fn held_mut(&mut self, id: ConnKey) -> Option<&mut HeldIn<Self>> {
        self.slots.get_mut(id)
    }

    fn all(&self) -> impl Iterator<Item = (ConnKey, &HeldIn<Self>)> {
        self.slots.iter()
    }
}

impl Toys {
    pub(super) fn conn(&self, id: ConnKey) -> Option<&Toy> {
        self.slots.get(id)?.conn()
    }

    pub(super) fn conn_mut(&mut self, id: ConnKey) -> Option<&mut Toy> {
        self.slots.get_mut(id)?.conn_mut()
    }
}

impl Users<Toys> for Toys {
    fn each(&self, id: ConnKey, name: &mut dyn FnMut(SessionKey)) {
        for user in self.conn(id).iter().flat_map(|conn| &conn.users) {
            name(*user);
        }
    }
}
