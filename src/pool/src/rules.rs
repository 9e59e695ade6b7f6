//! Every decision of the pool, as functions of what is known at that moment.
//!
//! They are methods of a trait so that a test can run the same pool with one of them wrong and see that
//! the checkers notice. What is not replaced is right; production knows [`Sound`] alone.

use crate::held::Multiplexing;
use crate::place::{Bond, Doom, Ledger, Parked, Place};
use crate::server::Gauges;
use crate::settings::{Around, Files, Limits, Reuse};
use message::Capacity;

/// The decisions of a pool.
pub trait Rules {
    /// How many streams fit on a connection on which `begun` were opened, now and ever. The one
    /// predicate for attaching, for being found, for being kept, and for being dead.
    fn capacity(machine: Capacity, begun: u32, limits: &Limits) -> Capacity {
        let Some(reuses) = limits.reuses_max else {
            return machine;
        };
        let left = reuses.saturating_add(1).saturating_sub(begun);
        Capacity {
            now: machine.now.min(left),
            ever: machine.ever.min(left),
        }
    }

    /// Whether a connection is its session's from the start.
    fn private_from_start(limits: &Limits) -> bool {
        limits.reuse == Reuse::Never
    }

    /// Where a connection belongs that carries streams of `session`; asked when its machine is
    /// installed, and whenever a stream came or went.
    fn classify<S: Copy>(carries: &Carries<S>) -> Class<S> {
        match (carries.owner, carries.reuse, carries.multiplexing) {
            (Some((session, bond)), _, _) => Class::Session(session, bond),
            (None, Reuse::Safe, Multiplexing::Ordered) => {
                Class::Session(carries.session, Bond::Reserved)
            }
            (None, _, _) if Self::is_open(carries) => Class::Available,
            (None, _, _) => Class::Busy,
        }
    }

    /// Whether others may come to a connection that carries streams and is nobody's own. That the
    /// server bears more than one is known once a stream has ended.
    fn is_open<S>(carries: &Carries<S>) -> bool {
        let proven = carries.begun > carries.streams;
        carries.capacity.now > 0
            && match carries.reuse {
                Reuse::Never => false,
                Reuse::Safe => proven && carries.multiplexing != Multiplexing::Ordered,
                Reuse::Aggressive => proven,
                Reuse::Always => true,
            }
    }

    /// Where a connection goes whose last stream ended.
    fn park<S: Copy>(ends: &Ends<'_, S>) -> Result<Parked<S>, Doom> {
        if ends.capacity.now == 0 {
            return Err(Doom::Dead);
        }
        if ends.maintenance {
            return Err(Doom::Maintenance);
        }
        match ends.owner {
            Some((session, Bond::Private)) => {
                let room =
                    ends.session_idle < ends.around.session_idle_max && !ends.around.stopping;
                room.then_some(Parked::Session(session))
                    .ok_or(Doom::Refused)
            }
            Some((_, Bond::Reserved)) | None => {
                let shares = ends.multiplexing != Multiplexing::None;
                if !Self::admits(ends) {
                    Err(Doom::Refused)
                } else if shares || ends.begun > 1 {
                    Ok(Parked::Safe)
                } else {
                    Ok(Parked::Idle)
                }
            }
        }
    }

    /// Whether the pool takes one more idle connection.
    fn admits<S>(ends: &Ends<'_, S>) -> bool {
        let Ends { limits, around, .. } = ends;
        let idle = ends.gauges.all_idle();
        let needed = ends.gauges.used.max(ends.gauges.needed);
        let wanted =
            limits.reversed || ends.gauges.used + idle <= needed.saturating_add(limits.idle_low);
        limits.reuse != Reuse::Never
            && !around.stopping
            && !limits.purge_delay.is_zero()
            && around.files < Files::TooMany
            && limits
                .idle_max
                .is_none_or(|max| idle + around.idle_elsewhere < max)
            && (idle == 0 || (around.files < Files::Many && wanted))
    }

    /// In which order idle connections are looked through.
    fn order(reuse: Reuse, careful: bool) -> &'static [Shelf] {
        match (reuse, careful) {
            (Reuse::Never, _) | (Reuse::Safe, true) => &[],
            (Reuse::Aggressive, true) => &[Shelf::Safe],
            (Reuse::Always, true) => &[Shelf::Safe, Shelf::Idle],
            (Reuse::Safe | Reuse::Aggressive | Reuse::Always, false) => &[Shelf::Idle, Shelf::Safe],
        }
    }

    /// What becomes of a connection whose answer demanded that it be its session's alone. `None` leaves
    /// it: others are on it, and it cannot be taken from them.
    fn authenticated<S: Copy>(carries: &Carries<S>) -> Option<Class<S>> {
        match (carries.owner, carries.multiplexing) {
            (Some((owner, _)), _) => Some(Class::Session(owner, Bond::Private)),
            (None, Multiplexing::None) => Some(Class::Session(carries.session, Bond::Private)),
            (None, Multiplexing::Ordered | Multiplexing::Independent) => None,
        }
    }

    /// Where a connection goes when an event on it was handled while it was idle. Only its capacity
    /// says whether it lives: that nobody owns it says nothing.
    fn after_event<S: Copy>(
        from: Parked<S>,
        capacity: Capacity,
        maintenance: bool,
    ) -> Result<Parked<S>, Doom> {
        if capacity.now == 0 {
            Err(Doom::Dead)
        } else if maintenance {
            Err(Doom::Maintenance)
        } else {
            Ok(from)
        }
    }

    /// Whether an event handler may put a connection back that is where this says.
    fn may_return<S, C>(place: &Place<S, C>) -> Option<&Parked<S>> {
        match place {
            Place::Io { from, .. } => Some(from),
            Place::New { .. }
            | Place::Busy(_)
            | Place::Available(_)
            | Place::Session { .. }
            | Place::SessionIdle { .. }
            | Place::Idle(_)
            | Place::Safe(_)
            | Place::Doomed { .. }
            | Place::Gone => None,
        }
    }

    /// Whether maintenance or the end of a session takes a connection of which this is the place.
    fn is_withdrawn<S, C>(place: &Place<S, C>) -> bool {
        match place {
            Place::Idle(_) | Place::Safe(_) | Place::SessionIdle { .. } => true,
            Place::New { .. }
            | Place::Busy(_)
            | Place::Available(_)
            | Place::Session { .. }
            | Place::Io { .. }
            | Place::Doomed { .. }
            | Place::Gone => false,
        }
    }

    /// The one list in which a connection stands that is there.
    fn list<S: Copy, C>(place: &Place<S, C>) -> Listed<S> {
        match place {
            Place::Available(_) => Listed::Available,
            Place::Idle(_) => Listed::Shelf(Shelf::Idle),
            Place::Safe(_) => Listed::Shelf(Shelf::Safe),
            Place::Session { session, .. }
            | Place::SessionIdle { session, .. }
            | Place::Io {
                from: Parked::Session(session),
                ..
            } => Listed::Session(*session),
            Place::Doomed { .. } => Listed::Doomed,
            Place::New { .. }
            | Place::Busy(_)
            | Place::Io {
                from: Parked::Idle | Parked::Safe,
                ..
            }
            | Place::Gone => Listed::Nowhere,
        }
    }

    /// In which gauge a connection is counted that is there.
    fn ledger<S: Copy, C>(place: &Place<S, C>) -> Ledger {
        match place {
            Place::New { private: false, .. } | Place::Busy(_) | Place::Available(_) => {
                Ledger::Used
            }
            Place::Session {
                bond: Bond::Reserved,
                ..
            } => Ledger::Used,
            Place::New { private: true, .. }
            | Place::Session {
                bond: Bond::Private,
                ..
            }
            | Place::Gone => Ledger::None,
            Place::SessionIdle { .. } => Ledger::SessionIdle,
            Place::Idle(_) => Ledger::Idle,
            Place::Safe(_) => Ledger::Safe,
            Place::Io { from, .. } => from.ledger(),
            Place::Doomed { counted, .. } => *counted,
        }
    }
}

/// The rules as they are.
#[derive(Clone, Copy, Debug)]
pub struct Sound;

impl Rules for Sound {}

/// A connection with streams.
#[derive(Debug)]
pub struct Carries<S> {
    /// Whose it is, if it is one session's.
    pub owner: Option<(S, Bond)>,
    /// The session whose stream is at hand.
    pub session: S,
    /// `http-reuse`.
    pub reuse: Reuse,
    /// Whether streams share it.
    pub multiplexing: Multiplexing,
    /// Streams on it.
    pub streams: u32,
    /// Streams that were opened on it.
    pub begun: u32,
    /// Streams that fit.
    pub capacity: Capacity,
}

/// A connection whose last stream ended.
#[derive(Debug)]
pub struct Ends<'a, S> {
    /// Whose it is, if it is one session's.
    pub owner: Option<(S, Bond)>,
    /// Idle connections which that session has already.
    pub session_idle: u32,
    /// Whether streams share it.
    pub multiplexing: Multiplexing,
    /// Streams that were opened on it.
    pub begun: u32,
    /// Streams that fit.
    pub capacity: Capacity,
    /// The server is in maintenance.
    pub maintenance: bool,
    /// The server's limits.
    pub limits: &'a Limits,
    /// The server's gauges; the connection is still counted as used.
    pub gauges: Gauges,
    /// The rest.
    pub around: &'a Around,
}

/// A place for connections with streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class<S> {
    /// [`Place::Busy`].
    Busy,
    /// [`Place::Available`].
    Available,
    /// [`Place::Session`].
    Session(S, Bond),
}

/// A list of idle connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// [`Place::Idle`].
    Idle,
    /// [`Place::Safe`].
    Safe,
}

/// A list of connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed<S> {
    /// In none.
    Nowhere,
    /// Those with room, by key.
    Available,
    /// Those without streams, by key; and of all keys, by age.
    Shelf(Shelf),
    /// Those of a session.
    Session(S),
    /// Those that are to be closed.
    Doomed,
}
