//! A worker that does one thing after the other to a pool of toys.

use super::oracle::{Fault, Oracle};
use super::toy::{ConnKey, SessionKey, Toy, Toys};
use crate::{
    Around, Doom, Files, Key, Limits, Multiplexing, Parcel, Place, Pool, Released, Rules, Sound,
    Target, Want,
};
use slotmap::SlotMap;
use std::string::ToString;
use std::vec::Vec;

/// One thing that happens. Numbers choose among what there is, so that every sequence has a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    /// A client asks: a connection is found, or opened and established at once.
    Lease(Ask),
    /// As `Lease`, but a connection that is opened is not established yet.
    Connect(Ask),
    /// One that was being opened is established.
    Established(u8),
    /// An answer demands that its connection be its session's.
    Private(u8),
    /// An exchange breaks off: nothing more fits on its connection if that carries one at a time.
    Abort(u8),
    /// An exchange ends.
    Release(u8),
    /// A client leaves, its answers complete.
    End(u8),
    /// A peer takes no further streams.
    Goaway(u8),
    /// A transport is closed.
    Closed(u8),
    /// An event on a connection is being handled.
    EnterEvent(u8),
    /// And was handled.
    LeaveEvent(u8),
    /// A purge delay is over.
    Purge(u8),
    /// A server goes into maintenance.
    Maintain(u8),
    /// A server comes out of maintenance.
    Ready(u8),
    /// A connection is opened while files are scarce.
    Evict(u8),
    /// Another worker asks for a connection, and gets it.
    Takeover(u8, u8),
    /// A connection comes from another worker for a client.
    Arrive(u8),
}

/// Who asks, and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ask {
    pub(super) session: u8,
    pub(super) server: u8,
    pub(super) name: u8,
}

/// A worker.
pub(super) struct World<R: Rules = Sound> {
    pub(super) pool: Pool<Toys, R>,
    pub(super) toys: Toys,
    pub(super) oracle: Oracle,
    sessions: SlotMap<SessionKey, ()>,
    /// The clients there are; those that have asked for nothing yet are careful.
    clients: Vec<(SessionKey, bool)>,
    /// Connections with one stream of an exchange.
    exchanges: Vec<(ConnKey, SessionKey)>,
    opening: Vec<(ConnKey, SessionKey)>,
    travelling: Vec<((u8, u8), Parcel<Toy>)>,
    multiplexing: Multiplexing,
    serial: u32,
    /// The checkers are asked after every step, and not the oracle alone.
    pub(super) checked: bool,
    /// Something is still to be written when a connection is given back.
    pub(super) writes_late: bool,
    /// Nobody remembers which connections were to be private.
    pub(super) forgets_authentication: bool,
}

impl<R: Rules> World<R> {
    pub(super) fn new(limits: Limits, multiplexing: Multiplexing) -> Self {
        let mut sessions = SlotMap::with_key();
        let clients = (0..CLIENTS).map(|_| (sessions.insert(()), true)).collect();
        Self {
            pool: Pool::new((0..SERVERS).map(|_| limits), 7),
            toys: Toys::default(),
            oracle: Oracle::default(),
            sessions,
            clients,
            exchanges: Vec::new(),
            opening: Vec::new(),
            travelling: Vec::new(),
            multiplexing,
            serial: 0,
            checked: true,
            writes_late: false,
            forgets_authentication: false,
        }
    }

    pub(super) fn apply(&mut self, op: Op) -> Result<(), Fault> {
        match op {
            Op::Lease(ask) => self.ask(ask, true)?,
            Op::Connect(ask) => self.ask(ask, false)?,
            Op::Established(at) => {
                if let Some(at) = nth(&self.opening, at) {
                    let (id, session) = self.opening.remove(at);
                    self.attach(id, session);
                }
            }
            Op::Private(at) => {
                if let Some(at) = nth(&self.exchanges, at) {
                    let (id, session) = self.exchanges[at];
                    let private = self.pool.authenticated(&mut self.toys, id, session);
                    if self.forgets_authentication {
                        let held = self.toys.slots.get_mut(id).expect("it has an exchange");
                        held.witness.private = false;
                    } else if private {
                        let serial = self.serial_of(id);
                        self.oracle.private.insert(serial, session);
                    }
                }
            }
            Op::Abort(at) => {
                if let Some(at) = nth(&self.exchanges, at) {
                    self.spoil(self.exchanges[at].0);
                }
            }
            Op::Release(at) => {
                if let Some(at) = nth(&self.exchanges, at) {
                    self.release(at);
                }
            }
            Op::End(at) => self.end(at),
            Op::Goaway(at) => {
                if let Some(id) = self.conn_at(at) {
                    self.goaway(id);
                }
            }
            Op::Closed(at) => {
                if let Some(id) = self.conn_at(at) {
                    self.close(id);
                }
            }
            Op::EnterEvent(at) => {
                if let Some(id) = self.conn_at(at) {
                    self.pool.enter_event(&mut self.toys, id);
                }
            }
            Op::LeaveEvent(at) => {
                if let Some(id) = self.conn_at(at) {
                    self.pool.leave_event(&mut self.toys, id);
                }
            }
            Op::Purge(at) => {
                let target = target_of(at);
                self.pool.purge(&mut self.toys, target);
            }
            Op::Maintain(at) => {
                let target = target_of(at);
                self.pool.set_maintenance(&mut self.toys, target, true);
                self.oracle.maintenance.insert(target);
            }
            Op::Ready(at) => {
                let target = target_of(at);
                self.pool.set_maintenance(&mut self.toys, target, false);
                self.oracle.maintenance.remove(&target);
            }
            Op::Evict(at) => {
                let around = Around {
                    files: Files::TooMany,
                    ..AROUND
                };
                self.pool.may_open(&mut self.toys, target_of(at), &around);
            }
            Op::Takeover(server, name) => self.hand_over(server, name)?,
            Op::Arrive(client) => self.arrive(client)?,
        }
        self.close_doomed();
        if self.checked {
            let checked = self.pool.check(&self.toys, &self.toys);
            checked.map_err(|broken| broken.to_string())?;
        }
        Ok(())
    }

    fn ask(&mut self, ask: Ask, at_once: bool) -> Result<(), Fault> {
        let at = usize::from(ask.session) % self.clients.len();
        let (session, careful) = self.clients[at];
        self.clients[at].1 = false;
        let key = (ask.server % SERVERS, ask.name % 2);
        let want = Want {
            session,
            key: key_of(key),
            careful,
        };
        let limits = *self.pool.limits(want.key.target);
        if let Some(id) = self.pool.pick(&mut self.toys, &want) {
            self.lease(id, session, key, careful)?;
            self.attach(id, session);
        } else if self.pool.may_open(&mut self.toys, want.key.target, &AROUND) {
            self.close_doomed();
            let conn = self.toy(key);
            let held = self.pool.open(&want, conn);
            let id = self.toys.slots.insert(held);
            self.lease(id, session, key, careful)?;
            let total = self.pool.gauges(want.key.target).total;
            if limits.connections_max.is_some_and(|max| total > max) {
                return Err("more connections than strict-maxconn".to_string());
            }
            if at_once {
                self.attach(id, session);
            } else {
                self.opening.push((id, session));
            }
        }
        Ok(())
    }

    fn toy(&mut self, key: (u8, u8)) -> Toy {
        self.serial += 1;
        self.oracle.keys.insert(self.serial, key);
        Toy {
            serial: self.serial,
            multiplexing: self.multiplexing,
            streams_max: match self.multiplexing {
                Multiplexing::None => 1,
                Multiplexing::Ordered | Multiplexing::Independent => 3,
            },
            users: Vec::new(),
            dead: false,
            writing: false,
        }
    }

    fn lease(
        &mut self,
        id: ConnKey,
        session: SessionKey,
        key: (u8, u8),
        careful: bool,
    ) -> Result<(), Fault> {
        let limits = *self.pool.limits(Target(key.0.into()));
        let toy = &self.toys.conn(id).expect("it was found");
        let bounds = (
            toy.streams_max,
            limits.reuses_max.map_or(u32::MAX, |max| max + 1),
        );
        let serial = toy.serial;
        self.oracle
            .lease(serial, session, key, limits.reuse, careful, bounds)?;
        if limits.reuse == crate::Reuse::Never {
            self.oracle.private.insert(serial, session);
        }
        Ok(())
    }

    fn attach(&mut self, id: ConnKey, session: SessionKey) {
        let toy = self.toys.conn_mut(id).expect("it was found");
        toy.users.push(session);
        toy.writing = true;
        self.exchanges.push((id, session));
        self.pool.attached(&mut self.toys, id, session);
    }

    fn release(&mut self, at: usize) -> Released {
        let (id, session) = self.exchanges.remove(at);
        let toy = self.toys.conn_mut(id).expect("it has an exchange");
        let user = toy.users.iter().position(|user| *user == session);
        toy.users.remove(user.expect("the exchange's session"));
        // What must be written was written before, and events were asked for.
        toy.writing = !toy.users.is_empty() || self.writes_late;
        self.oracle.released(toy.serial);
        self.pool.detached(&mut self.toys, id, &AROUND)
    }

    fn spoil(&mut self, id: ConnKey) {
        let toy = self.toys.conn_mut(id).expect("it has an exchange");
        if toy.multiplexing == Multiplexing::None {
            toy.dead = true;
            self.oracle.spoiled.insert(toy.serial);
        }
    }

    fn end(&mut self, at: u8) {
        let at = usize::from(at) % self.clients.len();
        let (session, _) = self.clients[at];
        while let Some(at) = self.exchanges.iter().position(|(_, one)| *one == session) {
            self.release(at);
        }
        while let Some(at) = self.opening.iter().position(|(_, one)| *one == session) {
            let (id, _) = self.opening[at];
            self.close(id);
        }
        self.pool.end_session(&mut self.toys, session);
        self.sessions.remove(session);
        self.clients[at] = (self.sessions.insert(()), true);
    }

    /// What a peer says arrives as an event.
    fn goaway(&mut self, id: ConnKey) {
        self.pool.enter_event(&mut self.toys, id);
        if let Some(toy) = self.toys.conn_mut(id) {
            toy.dead = true;
            self.oracle.spoiled.insert(toy.serial);
        }
        self.pool.leave_event(&mut self.toys, id);
        self.pool.refresh(&mut self.toys, id);
    }

    pub(super) fn close_all(&mut self) {
        while let Some(id) = self.conn_at(0) {
            self.close(id);
        }
    }

    fn close(&mut self, id: ConnKey) {
        self.exchanges.retain(|(conn, _)| *conn != id);
        self.opening.retain(|(conn, _)| *conn != id);
        if let Some(toy) = self.pool.close(&mut self.toys, id) {
            self.oracle.gone.insert(toy.serial);
        }
        self.toys.slots.remove(id);
    }

    /// Some are closed at once; others have a last word.
    fn close_doomed(&mut self) {
        while let Some((id, why)) = self.pool.next_doomed(&mut self.toys) {
            self.exchanges.retain(|(conn, _)| *conn != id);
            let serial = self.serial_of(id);
            if let Some(toy) = self.toys.conn_mut(id) {
                toy.users.clear();
            }
            if why == Doom::Evicted || serial.is_multiple_of(2) {
                self.close(id);
            }
        }
    }

    fn hand_over(&mut self, server: u8, name: u8) -> Result<(), Fault> {
        let key = (server % SERVERS, name % 2);
        let Some(id) = self.pool.find_for_other(&key_of(key), false) else {
            return Ok(());
        };
        let held = &self.toys.slots[id];
        if !matches!(held.place(), Place::Idle(_) | Place::Safe(_)) {
            return Err("a connection was given away that was not idle".to_string());
        }
        if let Some(parcel) = self.pool.hand_over(&mut self.toys, id) {
            self.travelling.push((key, parcel));
        }
        self.toys.slots.remove(id);
        Ok(())
    }

    fn arrive(&mut self, client: u8) -> Result<(), Fault> {
        let Some((key, parcel)) = self.travelling.pop() else {
            return Ok(());
        };
        let at = usize::from(client) % self.clients.len();
        let (session, _) = self.clients[at];
        self.clients[at].1 = false;
        if self.oracle.maintenance.contains(&Target(key.0.into())) {
            return Ok(());
        }
        let held = self.pool.adopt(&key_of(key), parcel);
        let id = self.toys.slots.insert(held);
        self.lease(id, session, key, false)?;
        self.attach(id, session);
        Ok(())
    }

    fn serial_of(&self, id: ConnKey) -> u32 {
        self.toys.conn(id).map_or(0, |toy| toy.serial)
    }

    fn conn_at(&self, at: u8) -> Option<ConnKey> {
        let mut ids = self.toys.slots.keys();
        let count = self.toys.slots.len();
        ids.nth(usize::from(at) % count.max(1))
    }

    /// The connection of the last exchange of a client, by serial number; 0 without one.
    pub(super) fn serial_at(&self, client: u8) -> u32 {
        let (session, _) = self.clients[usize::from(client)];
        let mut exchanges = self.exchanges.iter().rev();
        let last = exchanges.find(|(_, one)| *one == session);
        last.map_or(0, |(id, _)| self.serial_of(*id))
    }
}

fn nth<T>(of: &[T], at: u8) -> Option<usize> {
    (!of.is_empty()).then(|| usize::from(at) % of.len())
}

fn target_of(at: u8) -> Target {
    Target((at % SERVERS).into())
}

fn key_of(key: (u8, u8)) -> Key<'static> {
    Key {
        name: [&b"a"[..], b"b"][usize::from(key.1)],
        ..Key::of(Target(key.0.into()))
    }
}

/// Nothing is scarce.
pub(super) const AROUND: Around = Around {
    files: Files::Few,
    elsewhere: 0,
    idle_elsewhere: 0,
    session_idle_max: 2,
    stopping: false,
};

const CLIENTS: usize = 4;
pub(super) const SERVERS: u8 = 2;
