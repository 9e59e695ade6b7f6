//! The invariants I1 to I11 (founding.md §2.3), over a whole pool.
//!
//! Each is written from the places alone and not from the rules that lead to them, so that a wrong rule
//! shows. I2, I6 and I11 are about a connection's past, of which builds with assertions keep a witness.

use crate::held::{Carrier, HeldIn, Table};
use crate::key::Target;
use crate::list::{List, Thread};
use crate::place::{Bond, Doom, Ledger, Parked, Place};
use crate::pool::Pool;
use crate::rules::Rules;
use crate::server::Gauges;
use core::fmt;
use slotmap::Key as SlotKey;

/// Whose streams a connection carries.
pub trait Users<T: Table> {
    /// Names the session of each stream.
    fn each(&self, id: T::Id, name: &mut dyn FnMut(T::Session));
}

/// An invariant that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// `I1` to `I11`.
    pub invariant: &'static str,
    /// What is wrong.
    pub what: &'static str,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.invariant, self.what)
    }
}

fn hold(holds: bool, invariant: &'static str, what: &'static str) -> Result<(), Broken> {
    holds.then_some(()).ok_or(Broken { invariant, what })
}

impl<T: Table, R: Rules> Pool<T, R> {
    /// Everything that must hold between two calls.
    pub fn check(&self, table: &T, users: &impl Users<T>) -> Result<(), Broken> {
        let mut expected = Listings::default();
        for (id, held) in table.all() {
            let Some(conn) = held.conn() else {
                continue;
            };
            self.check_ownership(held, |name| users.each(id, name))?;
            check_streams(held, conn)?;
            self.check_findable(held, conn)?;
            expected.note(held);
        }
        self.check_gauges(table)?;
        self.check_lists(table, &expected)
    }

    /// I2, I3, I5: whose a connection is, and that nobody else is on it.
    fn check_ownership(
        &self,
        held: &HeldIn<T>,
        users: impl Fn(&mut dyn FnMut(T::Session)),
    ) -> Result<(), Broken> {
        #[cfg(debug_assertions)]
        if held.witness.private && !matches!(held.place, Place::Doomed { .. } | Place::Gone) {
            let owned = held.place.is_private() && held.place.session().is_some();
            hold(owned, "I2", "a private connection has no owner")?;
        }
        let (mut first, mut shared) = (T::Session::null(), false);
        users(&mut |session| {
            shared |= !first.is_null() && session != first;
            first = session;
        });
        hold(
            !shared || !held.place.is_private(),
            "I5",
            "a private connection carries streams of several sessions",
        )?;
        if let Some(owner) = held.place.session() {
            let own = !shared && (first.is_null() || first == owner);
            hold(own, "I3", "a session's connection carries another's stream")?;
            hold(!owner.is_null(), "I3", "the owner is nobody")?;
        }
        hold(
            held.key.0 < self.keys.ids().count() as u32
                && self.keys.get(held.key).key().get().target == held.target,
            "I5",
            "a connection is found under another server's key",
        )
    }

    /// I8 to I10: what can be found can be used, lies still, and is not in maintenance.
    fn check_findable(&self, held: &HeldIn<T>, conn: &T::Conn) -> Result<(), Broken> {
        let parked = held.place.is_parked();
        let server = self.server(held.target);
        hold(
            !parked || !server.maintenance,
            "I8",
            "a connection lies idle while its server is in maintenance",
        )?;
        let found = parked || matches!(held.place, Place::Available(_));
        let machine = conn.capacity();
        let used_up = server.limits.reuses_max.is_some_and(|max| held.begun > max);
        hold(
            !found || (machine.now > 0 && machine.ever > 0 && !used_up),
            "I9",
            "a connection can be found and not used",
        )?;
        hold(
            !parked || conn.is_quiet(),
            "I10",
            "something is under way on an idle connection",
        )?;
        if let Place::Doomed {
            why: Doom::Dead, ..
        } = held.place
        {
            hold(
                machine.now == 0 || used_up,
                "I11",
                "a connection was taken for dead that was alive",
            )?;
        }
        Ok(())
    }

    /// I7. Counted server by server, so that checking takes no memory: what a request takes is counted
    /// where checks run.
    fn check_gauges(&self, table: &T) -> Result<(), Broken> {
        for (at, server) in self.servers.iter().enumerate() {
            let mut counted = Gauges::default();
            let own = table.all().map(|(_, held)| held);
            let own = own.filter(|held| held.target.0 as usize == at && held.conn().is_some());
            own.for_each(|held| count(&mut counted, held));
            let is = Gauges {
                needed: 0,
                ..server.gauges
            };
            hold(is == counted, "I7", "a gauge is not what there is")?;
        }
        Ok(())
    }

    /// I1: every list holds exactly those who belong there.
    fn check_lists(&self, table: &T, expected: &Listings) -> Result<(), Broken> {
        let mut found = Listings::default();
        for key in self.keys.ids() {
            let entry = self.keys.get(key);
            let mine = |held: &HeldIn<T>| held.key == key;
            found.available += walk(table, entry.available, Thread::Index, |held| {
                mine(held) && matches!(held.place, Place::Available(_))
            })?;
            found.shelved += walk(table, entry.idle, Thread::Index, |held| {
                mine(held) && matches!(held.place, Place::Idle(_))
            })?;
            found.shelved += walk(table, entry.safe, Thread::Index, |held| {
                mine(held) && matches!(held.place, Place::Safe(_))
            })?;
        }
        let mut aged = 0;
        for (at, server) in self.servers.iter().enumerate() {
            aged += walk(table, server.by_age, Thread::Age, |held| {
                held.target == Target(at as u32)
                    && matches!(held.place, Place::Idle(_) | Place::Safe(_))
            })?;
        }
        for (session, own) in &self.sessions {
            found.own += walk(table, own.list, Thread::Index, |held| {
                held.place.session() == Some(session)
            })?;
            let idle = own.list.iter(table, Thread::Index);
            let idle = idle.filter(|(_, held)| held.place.is_parked()).count();
            hold(
                idle == own.idle as usize,
                "I7",
                "a session's idle connections are miscounted",
            )?;
        }
        walk(table, self.doomed, Thread::Index, |held| {
            matches!(held.place, Place::Doomed { .. })
        })?;
        hold(
            aged == expected.shelved,
            "I1",
            "an idle connection has no age",
        )?;
        hold(
            found == *expected,
            "I1",
            "a connection is not in the list of its place",
        )
    }
}

/// I4, I6: a connection without a stream is in a place for those, and what is doomed stays so.
fn check_streams<K: SlotKey, S: SlotKey, C: Carrier>(
    held: &crate::held::Held<K, S, C>,
    conn: &C,
) -> Result<(), Broken> {
    #[cfg(debug_assertions)]
    hold(
        !held.witness.doomed || matches!(held.place, Place::Doomed { .. } | Place::Gone),
        "I6",
        "a doomed connection came back",
    )?;
    let idle = match held.place {
        Place::New { .. } => return Ok(()),
        Place::Busy(_) | Place::Available(_) | Place::Session { .. } => false,
        Place::SessionIdle { .. }
        | Place::Idle(_)
        | Place::Safe(_)
        | Place::Io { .. }
        | Place::Doomed { .. }
        | Place::Gone => true,
    };
    hold(
        idle == (conn.streams() == 0),
        "I4",
        "the streams of a connection do not fit its place",
    )
}

/// What each gauge must be, from the definition of I7.
fn count<K: SlotKey, S: SlotKey, C>(gauges: &mut Gauges, held: &crate::held::Held<K, S, C>) {
    gauges.total += 1;
    let out_of = |gauges: &mut Gauges, ledger: Ledger| match ledger {
        Ledger::Idle => gauges.idle += 1,
        Ledger::Safe => gauges.safe += 1,
        Ledger::SessionIdle => gauges.session_idle += 1,
        Ledger::None | Ledger::Used => {}
    };
    match held.place {
        Place::New { private: true, .. } | Place::Gone => {}
        Place::New { private: false, .. } | Place::Busy(_) | Place::Available(_) => {
            gauges.used += 1;
        }
        Place::Session { bond, .. } => gauges.used += u32::from(bond == Bond::Reserved),
        Place::SessionIdle { .. }
        | Place::Io {
            from: Parked::Session(_),
            ..
        } => gauges.session_idle += 1,
        Place::Idle(_)
        | Place::Io {
            from: Parked::Idle, ..
        } => gauges.idle += 1,
        Place::Safe(_)
        | Place::Io {
            from: Parked::Safe, ..
        } => gauges.safe += 1,
        Place::Doomed { counted, .. } => out_of(gauges, counted),
    }
}

/// How many connections belong into the lists of each kind.
#[derive(Debug, Default, PartialEq, Eq)]
struct Listings {
    available: usize,
    shelved: usize,
    own: usize,
}

impl Listings {
    fn note<K: SlotKey, S: SlotKey, C>(&mut self, held: &crate::held::Held<K, S, C>) {
        match held.place {
            Place::Available(_) => self.available += 1,
            Place::Idle(_) | Place::Safe(_) => self.shelved += 1,
            Place::Session { .. }
            | Place::SessionIdle { .. }
            | Place::Io {
                from: Parked::Session(_),
                ..
            } => self.own += 1,
            Place::New { .. }
            | Place::Busy(_)
            | Place::Io {
                from: Parked::Idle | Parked::Safe,
                ..
            }
            | Place::Doomed { .. }
            | Place::Gone => {}
        }
    }
}

/// How long a list is, whose members all belong to it.
fn walk<T: Table>(
    table: &T,
    list: List<T::Id>,
    thread: Thread,
    belongs: impl Fn(&HeldIn<T>) -> bool,
) -> Result<usize, Broken> {
    let mut length = 0;
    let mut last = T::Id::null();
    for (id, held) in list.iter(table, thread) {
        hold(
            belongs(held),
            "I1",
            "a list holds a connection of another place",
        )?;
        length += 1;
        last = id;
        hold(length <= LIST_MAX, "I1", "a list has no end")?;
    }
    hold(last == list.last, "I1", "a list is torn")?;
    Ok(length)
}

/// No list of a simulation is longer.
const LIST_MAX: usize = 1 << 20;
