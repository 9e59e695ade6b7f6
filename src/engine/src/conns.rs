//! The table of connections: clients as they are, server connections each in its place.

use crate::conn::Connection;
use alloc::boxed::Box;
use core::ops::{Index, IndexMut};
use message::{Capacity, Machine};
use pool::{Carrier, Held, Multiplexing, Place, Table};
use session::ConnId;
use slotmap::SlotMap;

/// A server connection in its place; its session is a client's connection.
pub(crate) type ServerConn = Held<ConnId, ConnId, Box<Connection>>;

/// Every transport connection of a worker.
#[derive(Debug)]
pub(crate) struct Conns {
    slots: SlotMap<ConnId, Slot>,
}

/// A connection by its side.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "clients are most of all connections, and looked up most often: they need no step further"
)]
enum Slot {
    Client(Connection),
    Server(ServerConn),
}

impl Slot {
    fn get(&self) -> Option<&Connection> {
        match self {
            Self::Client(conn) => Some(conn),
            Self::Server(held) => held.conn().map(|conn| &**conn),
        }
    }

    fn get_mut(&mut self) -> Option<&mut Connection> {
        match self {
            Self::Client(conn) => Some(conn),
            Self::Server(held) => held.conn_mut().map(|conn| &mut **conn),
        }
    }
}

impl Conns {
    pub(crate) fn with_capacity(count: usize) -> Self {
        Self {
            slots: SlotMap::with_capacity_and_key(count),
        }
    }

    pub(crate) fn capacity(&self) -> usize {
        self.slots.capacity()
    }

    pub(crate) fn insert_client(&mut self, conn: Connection) -> ConnId {
        self.slots.insert(Slot::Client(conn))
    }

    pub(crate) fn insert_server(&mut self, held: ServerConn) -> ConnId {
        self.slots.insert(Slot::Server(held))
    }

    pub(crate) fn get(&self, id: ConnId) -> Option<&Connection> {
        self.slots.get(id)?.get()
    }

    pub(crate) fn get_mut(&mut self, id: ConnId) -> Option<&mut Connection> {
        self.slots.get_mut(id)?.get_mut()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (ConnId, &Connection)> {
        let slots = self.slots.iter();
        slots.filter_map(|(id, slot)| slot.get().map(|conn| (id, conn)))
    }

    pub(crate) fn is_client(&self, id: ConnId) -> bool {
        matches!(self.slots.get(id), Some(Slot::Client(_)))
    }

    /// Where a server connection is.
    pub(crate) fn place(&self, id: ConnId) -> Option<&Place<ConnId, Box<Connection>>> {
        self.held(id).map(Held::place)
    }

    /// A client's connection becomes one to a server and keeps its name: whatever the driver was asked to
    /// do with it is still to be done.
    pub(crate) fn turn(&mut self, id: ConnId, enter: impl FnOnce(Connection) -> ServerConn) {
        if let Some(slot @ Slot::Client(_)) = self.slots.get_mut(id)
            && let Slot::Client(conn) = core::mem::replace(slot, Slot::Server(Held::vacant()))
        {
            *slot = Slot::Server(enter(conn));
        }
    }

    /// Takes a client, or what is left of a server connection that is gone, out of the table.
    pub(crate) fn remove(&mut self, id: ConnId) -> Option<Connection> {
        match self.slots.remove(id)? {
            Slot::Client(conn) => Some(conn),
            Slot::Server(_) => None,
        }
    }
}

impl Index<ConnId> for Conns {
    type Output = Connection;

    fn index(&self, id: ConnId) -> &Connection {
        self.get(id).expect("a connection that is there")
    }
}

impl IndexMut<ConnId> for Conns {
    fn index_mut(&mut self, id: ConnId) -> &mut Connection {
        self.get_mut(id).expect("a connection that is there")
    }
}

impl Table for Conns {
    type Id = ConnId;
    type Session = ConnId;
    type Conn = Box<Connection>;

    fn held(&self, id: ConnId) -> Option<&ServerConn> {
        match self.slots.get(id)? {
            Slot::Server(held) => Some(held),
            Slot::Client(_) => None,
        }
    }

    fn held_mut(&mut self, id: ConnId) -> Option<&mut ServerConn> {
        match self.slots.get_mut(id)? {
            Slot::Server(held) => Some(held),
            Slot::Client(_) => None,
        }
    }

    fn all(&self) -> impl Iterator<Item = (ConnId, &ServerConn)> {
        self.slots.iter().filter_map(|(id, slot)| match slot {
            Slot::Server(held) => Some((id, held)),
            Slot::Client(_) => None,
        })
    }
}

impl Carrier for Box<Connection> {
    fn capacity(&self) -> Capacity {
        self.wire.capacity()
    }

    fn streams(&self) -> u32 {
        self.streams.len() as u32
    }

    fn multiplexing(&self) -> Multiplexing {
        if self.wire.is_multiplexed() {
            Multiplexing::Ordered
        } else {
            Multiplexing::None
        }
    }

    fn is_quiet(&self) -> bool {
        let said = self.wire.is_multiplexed() || !self.has_pending();
        said && self.wire.wants_bytes() && !self.read_paused
    }
}
