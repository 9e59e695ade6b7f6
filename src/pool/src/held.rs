//! A server connection as a table holds it, and what the pool asks of table and connection.

use crate::key::Target;
use crate::keys::KeyId;
use crate::place::Place;
use message::Capacity;
use slotmap::Key as SlotKey;

/// What the pool must know of a connection, and nothing more.
pub trait Carrier {
    /// How many streams its machine takes now and ever.
    fn capacity(&self) -> Capacity;

    /// Streams on it.
    fn streams(&self) -> u32;

    /// Whether streams share it, and at what price.
    fn multiplexing(&self) -> Multiplexing;

    /// Nothing is under way: nothing to be written, and its next event will be heard. Asked by the
    /// checkers alone.
    fn is_quiet(&self) -> bool;
}

/// Whether streams share a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Multiplexing {
    /// One after the other (HTTP/1).
    None,
    /// At the same time, but one that is not read holds up the others (HTTP/2, FastCGI, SPOP).
    Ordered,
    /// At the same time, each on its own (QUIC).
    Independent,
}

/// The table in which the connections stand, with whatever else stands there.
pub trait Table {
    /// Names a connection; never reused while somebody may hold it.
    type Id: SlotKey;
    /// Names a session.
    type Session: SlotKey;
    /// A connection.
    type Conn: Carrier;

    /// A server connection; `None` if there is none of this name.
    fn held(&self, id: Self::Id) -> Option<&HeldIn<Self>>;

    /// As [`Table::held`], to be moved.
    fn held_mut(&mut self, id: Self::Id) -> Option<&mut HeldIn<Self>>;

    /// All of them; for the checkers.
    fn all(&self) -> impl Iterator<Item = (Self::Id, &HeldIn<Self>)>;
}

/// What a table holds.
pub(crate) type HeldIn<T> = Held<<T as Table>::Id, <T as Table>::Session, <T as Table>::Conn>;

/// A server connection in its place, with its neighbours in the lists of the pool.
#[derive(Debug)]
pub struct Held<K, S, C> {
    pub(crate) place: Place<S, C>,
    pub(crate) target: Target,
    pub(crate) key: KeyId,
    /// Streams that were opened on it.
    pub(crate) begun: u32,
    /// Neighbours in the list that its place names.
    pub(crate) index: Links<K>,
    /// Neighbours among all idle connections of the server, by age.
    pub(crate) age: Links<K>,
    #[cfg(debug_assertions)]
    pub(crate) witness: Witness,
}

/// What a connection once was, for the checkers.
#[cfg(debug_assertions)]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Witness {
    pub(crate) private: bool,
    pub(crate) doomed: bool,
}

/// Neighbours in a list; null at its ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Links<K> {
    pub(crate) before: K,
    pub(crate) after: K,
}

impl<K: SlotKey, S: Copy, C> Held<K, S, C> {
    pub(crate) fn new(place: Place<S, C>, target: Target, key: KeyId, begun: u32) -> Self {
        Self {
            #[cfg(debug_assertions)]
            witness: Witness {
                private: place.is_private(),
                doomed: false,
            },
            place,
            target,
            key,
            begun,
            index: Links::alone(),
            age: Links::alone(),
        }
    }

    /// What stands in a table while the connection that is to stand there moves: it owns nothing.
    pub fn vacant() -> Self {
        Self::new(Place::Gone, Target(u32::MAX), KeyId(u32::MAX), 0)
    }

    /// Where it is.
    pub fn place(&self) -> &Place<S, C> {
        &self.place
    }

    /// The connection; `None` only once it is gone.
    pub fn conn(&self) -> Option<&C> {
        self.place.conn()
    }

    /// The connection, to be worked with in its place.
    pub fn conn_mut(&mut self) -> Option<&mut C> {
        self.place.conn_mut()
    }

    /// Its server.
    pub fn target(&self) -> Target {
        self.target
    }

    /// It carried an exchange before the one it carries now.
    pub fn was_used_before(&self) -> bool {
        self.begun > 1
    }
}

impl<K: SlotKey> Links<K> {
    pub(crate) fn alone() -> Self {
        Self {
            before: K::null(),
            after: K::null(),
        }
    }
}
