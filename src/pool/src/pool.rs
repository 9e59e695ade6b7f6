//! Finding a connection, opening one, and what changes while it carries streams.

use crate::held::{Carrier, Held, HeldIn, Multiplexing, Table};
use crate::key::{Key, Target};
use crate::keys::{KeyId, Keys};
use crate::list::{List, Thread};
use crate::place::{Bond, Doom, Ledger, Parked, Place};
use crate::rules::{Carries, Class, Listed, Rules, Sound};
use crate::server::{Gauges, Server};
use crate::settings::{Around, Files, Limits};
use alloc::vec::Vec;
use core::marker::PhantomData;
use message::Capacity;
use slotmap::SecondaryMap;

/// The server connections of one worker: who may use which.
///
/// Connections that are to be closed are handed out by [`Pool::next_doomed`]; whoever calls anything
/// else here asks for them afterwards.
#[derive(Debug)]
pub struct Pool<T: Table, R: Rules = Sound> {
    pub(crate) keys: Keys<T::Id>,
    pub(crate) servers: Vec<Server<T::Id>>,
    /// The connections of sessions that have some.
    pub(crate) sessions: SecondaryMap<T::Session, Own<T::Id>>,
    pub(crate) doomed: List<T::Id>,
    rules: PhantomData<R>,
}

/// The connections that are one session's; those without streams come first.
#[derive(Debug)]
pub(crate) struct Own<K> {
    pub(crate) list: List<K>,
    /// Those in [`Place::SessionIdle`].
    pub(crate) idle: u32,
}

/// Who looks for a connection.
#[derive(Clone, Copy, Debug)]
pub struct Want<'a, S> {
    /// The session.
    pub session: S,
    /// What the connection must be like.
    pub key: Key<'a>,
    /// The first request of its session, which would not be tried again if the connection turned out
    /// to be dead.
    pub careful: bool,
}

impl<T: Table, R: Rules> Pool<T, R> {
    /// Pools for servers numbered from 0; `seed` makes hashes unforeseeable.
    pub fn new(limits: impl IntoIterator<Item = Limits>, seed: u64) -> Self {
        let servers = limits.into_iter().map(|limits| Server {
            limits,
            maintenance: false,
            gauges: Gauges::default(),
            peak: 0,
            by_age: List::default(),
        });
        let servers: Vec<_> = servers.collect();
        Self {
            keys: Keys::new(seed, servers.len()),
            servers,
            sessions: SecondaryMap::new(),
            doomed: List::default(),
            rules: PhantomData,
        }
    }

    /// What is counted for a server.
    pub fn gauges(&self, target: Target) -> Gauges {
        self.server(target).gauges
    }

    /// The most connections to a server that were used at once since the last purge.
    pub fn peak(&self, target: Target) -> u32 {
        self.server(target).peak
    }

    /// The key of a connection that is there.
    pub fn key(&self, table: &T, id: T::Id) -> Option<Key<'_>> {
        let held = table.held(id)?;
        Some(self.keys.get(held.key).key().get())
    }

    /// The limits of a server.
    pub fn limits(&self, target: Target) -> &Limits {
        &self.server(target).limits
    }

    /// The connection to use, in the order of `http-reuse`: the session's own, one that carries other
    /// streams, an idle one. It waits for its stream: [`Pool::attached`] must follow.
    pub fn pick(&mut self, table: &mut T, want: &Want<'_, T::Session>) -> Option<T::Id> {
        if self.server(want.key.target).maintenance {
            return None;
        }
        let key = self.keys.find(&want.key)?;
        let own = self.sessions.get(want.session);
        let own = own.and_then(|own| {
            own.list
                .iter(table, Thread::Index)
                .find(|(_, held)| held.key == key && self.is_findable(held))
                .map(|(id, _)| id)
        });
        let id = match own {
            Some(id) => Some(id),
            None => self.pick_shared(table, key, want),
        }?;
        self.take_off_shelf(table, id);
        Some(id)
    }

    fn pick_shared(&self, table: &T, key: KeyId, want: &Want<'_, T::Session>) -> Option<T::Id> {
        let entry = self.keys.get(key);
        let reuse = self.server(want.key.target).limits.reuse;
        let first = |list: List<T::Id>| list.iter(table, Thread::Index).next();
        if let Some((id, _)) = first(entry.available) {
            return Some(id);
        }
        let shelves = R::order(reuse, want.careful).iter();
        let idle = shelves.filter_map(|shelf| first(*entry.shelf(*shelf)));
        idle.map(|(id, _)| id).next()
    }

    /// A connection that was found carries a stream in a moment.
    fn take_off_shelf(&mut self, table: &mut T, id: T::Id) {
        let Some(held) = table.held(id) else {
            return;
        };
        match held.place {
            Place::Idle(_) | Place::Safe(_) => self.shift(table, id, Place::Busy),
            Place::SessionIdle { session, .. } => self.shift(table, id, |conn| Place::Session {
                conn,
                session,
                bond: Bond::Private,
            }),
            Place::New { .. }
            | Place::Busy(_)
            | Place::Available(_)
            | Place::Session { .. }
            | Place::Io { .. }
            | Place::Doomed { .. }
            | Place::Gone => {}
        }
    }

    /// Whether one more connection to a server may be opened. If the process has too many files open,
    /// or the server (`strict-maxconn`) too many connections, idle ones are doomed for it, to be closed
    /// at once; `false` if there are none where there must be.
    pub fn may_open(&mut self, table: &mut T, target: Target, around: &Around) -> bool {
        let server = self.server(target);
        let after = server.gauges.total + around.elsewhere + 1;
        let max = server.limits.connections_max;
        let mut too_many = max.map_or(0, |max| after.saturating_sub(max));
        if too_many == 0 && around.files == Files::TooMany {
            self.evict(table, target);
        }
        while too_many > 0 && self.evict(table, target) {
            too_many -= 1;
        }
        too_many == 0
    }

    /// A connection that is being established for an exchange of a session, to be put into the table.
    /// [`Pool::attached`] follows when it carries its stream.
    pub fn open(
        &mut self,
        want: &Want<'_, T::Session>,
        conn: T::Conn,
    ) -> Held<T::Id, T::Session, T::Conn> {
        let private = R::private_from_start(&self.server(want.key.target).limits);
        let place = Place::New {
            conn,
            session: want.session,
            private,
        };
        self.enter(&want.key, place, 0)
    }

    /// A connection joins those of its key and server.
    pub(crate) fn enter(
        &mut self,
        key: &Key<'_>,
        place: Place<T::Session, T::Conn>,
        begun: u32,
    ) -> Held<T::Id, T::Session, T::Conn> {
        let id = self.keys.join(key);
        let server = self.server_mut(key.target);
        server.gauges.total += 1;
        server.add(R::ledger(&place));
        Held::new(place, key.target, id, begun)
    }

    /// A stream of `session` was opened on a connection that was just established, found or taken over.
    /// Wherever its machine came from, this is where it gets its place.
    pub fn attached(&mut self, table: &mut T, id: T::Id, session: T::Session) {
        if let Some(held) = table.held_mut(id) {
            held.begun += 1;
        }
        let Some(held) = table.held(id) else {
            return;
        };
        let owner = match held.place {
            Place::New {
                session,
                private: true,
                ..
            } => Some((session, Bond::Private)),
            Place::Session { session, bond, .. } => Some((session, bond)),
            Place::New { private: false, .. } | Place::Busy(_) | Place::Available(_) => None,
            Place::SessionIdle { .. }
            | Place::Idle(_)
            | Place::Safe(_)
            | Place::Io { .. }
            | Place::Doomed { .. }
            | Place::Gone => return,
        };
        let class = R::classify(&self.carries(held, owner, session));
        self.shift_to_class(table, id, class);
    }

    /// Streams came or went, or a peer changed how many fit: whether others may find a connection that
    /// is nobody's own may be another matter now.
    pub fn refresh(&mut self, table: &mut T, id: T::Id) {
        let Some(held) = table.held(id) else {
            return;
        };
        let available = match held.place {
            Place::Available(_) => true,
            Place::Busy(_) => false,
            Place::New { .. }
            | Place::Session { .. }
            | Place::SessionIdle { .. }
            | Place::Idle(_)
            | Place::Safe(_)
            | Place::Io { .. }
            | Place::Doomed { .. }
            | Place::Gone => return,
        };
        let to = self.carries(held, None, T::Session::default());
        if to.streams > 0 && R::is_open(&to) != available {
            let class = if available {
                Class::Busy
            } else {
                Class::Available
            };
            self.shift_to_class(table, id, class);
        }
    }

    fn carries(
        &self,
        held: &HeldIn<T>,
        owner: Option<(T::Session, Bond)>,
        session: T::Session,
    ) -> Carries<T::Session> {
        let conn = held.conn();
        Carries {
            owner,
            session,
            reuse: self.server(held.target).limits.reuse,
            multiplexing: conn.map_or(Multiplexing::None, Carrier::multiplexing),
            streams: conn.map_or(0, Carrier::streams),
            begun: held.begun,
            capacity: self.capacity(held),
        }
    }

    pub(crate) fn shift_to_class(&mut self, table: &mut T, id: T::Id, class: Class<T::Session>) {
        let same = match (table.held(id).map(|held| &held.place), class) {
            (Some(Place::Busy(_)), Class::Busy) => true,
            (Some(Place::Available(_)), Class::Available) => true,
            (Some(Place::Session { session, bond, .. }), Class::Session(other, other_bond)) => {
                *session == other && *bond == other_bond
            }
            _ => false,
        };
        if !same {
            self.shift(table, id, |conn| match class {
                Class::Busy => Place::Busy(conn),
                Class::Available => Place::Available(conn),
                Class::Session(session, bond) => Place::Session {
                    conn,
                    session,
                    bond,
                },
            });
        }
    }

    /// A response demanded that its connection be `session`'s alone (NTLM, Negotiate). Says whether it
    /// is now: a connection that others use cannot be taken from them.
    pub fn authenticated(&mut self, table: &mut T, id: T::Id, session: T::Session) -> bool {
        let Some(held) = table.held(id) else {
            return false;
        };
        let owner = match held.place {
            Place::Session { session, bond, .. } => Some((session, bond)),
            Place::Busy(_) | Place::Available(_) => None,
            Place::New { .. }
            | Place::SessionIdle { .. }
            | Place::Idle(_)
            | Place::Safe(_)
            | Place::Io { .. }
            | Place::Doomed { .. }
            | Place::Gone => return false,
        };
        let class = R::authenticated(&self.carries(held, owner, session));
        let Some(class) = class else {
            return false;
        };
        #[cfg(debug_assertions)]
        if let Some(held) = table.held_mut(id) {
            held.witness.private = true;
        }
        self.shift_to_class(table, id, class);
        true
    }

    /// An event on a connection is about to be handled: if it is idle, nobody finds it until
    /// [`Pool::leave_event`].
    pub fn enter_event(&mut self, table: &mut T, id: T::Id) {
        let from = match table.held(id).map(|held| &held.place) {
            Some(Place::Idle(_)) => Parked::Idle,
            Some(Place::Safe(_)) => Parked::Safe,
            Some(Place::SessionIdle { session, .. }) => Parked::Session(*session),
            Some(_) | None => return,
        };
        self.shift(table, id, |conn| Place::Io { conn, from });
    }

    /// The event was handled. A connection that is still where the event found it goes back to its
    /// place or is doomed; one that was doomed meanwhile stays so.
    pub fn leave_event(&mut self, table: &mut T, id: T::Id) {
        let Some(held) = table.held(id) else {
            return;
        };
        let Some(&from) = R::may_return(&held.place) else {
            return;
        };
        let maintenance = self.server(held.target).maintenance;
        match R::after_event(from, self.capacity(held), maintenance) {
            Ok(parked) => self.put_away(table, id, parked),
            Err(why) => self.doom(table, id, why),
        }
    }

    pub(crate) fn put_away(&mut self, table: &mut T, id: T::Id, parked: Parked<T::Session>) {
        self.shift(table, id, |conn| match parked {
            Parked::Idle => Place::Idle(conn),
            Parked::Safe => Place::Safe(conn),
            Parked::Session(session) => Place::SessionIdle { conn, session },
        });
    }

    pub(crate) fn doom(&mut self, table: &mut T, id: T::Id, why: Doom) {
        let Some(held) = table.held(id) else {
            return;
        };
        let counted = match &held.place {
            Place::Idle(_) | Place::Safe(_) | Place::SessionIdle { .. } | Place::Io { .. } => {
                R::ledger(&held.place)
            }
            Place::New { .. } | Place::Busy(_) | Place::Available(_) | Place::Session { .. } => {
                Ledger::None
            }
            Place::Doomed { .. } | Place::Gone => return,
        };
        #[cfg(debug_assertions)]
        if let Some(held) = table.held_mut(id) {
            held.witness.doomed = true;
        }
        self.shift(table, id, |conn| Place::Doomed { conn, why, counted });
    }

    /// Moves a connection to another place: out of the list and the gauge of the one, into those of the
    /// other. The only function that does.
    pub(crate) fn shift(
        &mut self,
        table: &mut T,
        id: T::Id,
        to: impl FnOnce(T::Conn) -> Place<T::Session, T::Conn>,
    ) {
        self.unlist(table, id);
        let Some(held) = table.held_mut(id) else {
            return;
        };
        let before = R::ledger(&held.place);
        let Some(conn) = core::mem::replace(&mut held.place, Place::Gone).into_conn() else {
            return;
        };
        held.place = to(conn);
        let after = R::ledger(&held.place);
        let target = held.target;
        if before != after {
            let server = self.server_mut(target);
            server.subtract(before);
            server.add(after);
        }
        self.enlist(table, id);
    }

    fn enlist(&mut self, table: &mut T, id: T::Id) {
        let Some(held) = table.held(id) else {
            return;
        };
        let (key, target) = (held.key, held.target);
        let parked = held.place.is_parked();
        match R::list(&held.place) {
            Listed::Nowhere => {}
            Listed::Available => {
                let list = &mut self.keys.get_mut(key).available;
                list.push_front(table, id, Thread::Index);
            }
            Listed::Shelf(shelf) => {
                let list = self.keys.get_mut(key).shelf_mut(shelf);
                list.push_front(table, id, Thread::Index);
                let list = &mut self.server_mut(target).by_age;
                list.push_front(table, id, Thread::Age);
            }
            Listed::Session(session) => {
                if !self.sessions.contains_key(session) {
                    let own = Own {
                        list: List::default(),
                        idle: 0,
                    };
                    self.sessions.insert(session, own);
                }
                if let Some(own) = self.sessions.get_mut(session) {
                    if parked {
                        own.idle += 1;
                        own.list.push_front(table, id, Thread::Index);
                    } else {
                        own.list.push_back(table, id, Thread::Index);
                    }
                }
            }
            Listed::Doomed => self.doomed.push_back(table, id, Thread::Index),
        }
    }

    pub(crate) fn unlist(&mut self, table: &mut T, id: T::Id) {
        let Some(held) = table.held(id) else {
            return;
        };
        let (key, target) = (held.key, held.target);
        let parked = held.place.is_parked();
        match R::list(&held.place) {
            Listed::Nowhere => {}
            Listed::Available => {
                let list = &mut self.keys.get_mut(key).available;
                list.remove(table, id, Thread::Index);
            }
            Listed::Shelf(shelf) => {
                let list = self.keys.get_mut(key).shelf_mut(shelf);
                list.remove(table, id, Thread::Index);
                let list = &mut self.server_mut(target).by_age;
                list.remove(table, id, Thread::Age);
            }
            Listed::Session(session) => {
                if let Some(own) = self.sessions.get_mut(session) {
                    own.idle -= u32::from(parked);
                    own.list.remove(table, id, Thread::Index);
                    if own.list.is_empty() {
                        self.sessions.remove(session);
                    }
                }
            }
            Listed::Doomed if self.is_queued(table, id) => {
                self.doomed.remove(table, id, Thread::Index);
            }
            Listed::Doomed => {}
        }
    }

    /// Streams that fit on a connection, by the one rule.
    pub(crate) fn capacity(&self, held: &HeldIn<T>) -> Capacity {
        let machine = held.conn().map(Carrier::capacity).unwrap_or_default();
        R::capacity(machine, held.begun, &self.server(held.target).limits)
    }

    fn is_findable(&self, held: &HeldIn<T>) -> bool {
        let is_event = matches!(held.place, Place::Io { .. });
        !is_event && self.capacity(held).now > 0
    }

    pub(crate) fn server(&self, target: Target) -> &Server<T::Id> {
        &self.servers[target.0 as usize]
    }

    pub(crate) fn server_mut(&mut self, target: Target) -> &mut Server<T::Id> {
        &mut self.servers[target.0 as usize]
    }
}
