//! One wrong rule for each invariant: the checkers notice every one of them.

use super::model::first_fault;
use crate::place::Ledger;
use crate::rules::{Carries, Class, Ends, Listed, Shelf};
use crate::{Bond, Doom, Limits, Parked, Place, Reuse, Rules, Sound};
use message::Capacity;

/// Enough for each of them.
const STEPS: u64 = 100_000;

fn notices<R: Rules>(what: &str) {
    let fault = first_fault::<R>(STEPS, |_| {}).unwrap_or_default();
    assert!(
        fault.starts_with(what),
        "{what:?} expected, found {fault:?}"
    );
}

/// A connection on which an event is handled can still be found.
struct EventsAreVisible;

impl Rules for EventsAreVisible {
    fn list<S: Copy, C>(place: &Place<S, C>) -> Listed<S> {
        match place {
            Place::Io {
                from: Parked::Idle, ..
            } => Listed::Shelf(Shelf::Idle),
            other => Sound::list(other),
        }
    }
}

#[test]
fn i1_a_connection_in_two_places_is_noticed() {
    notices::<EventsAreVisible>("I1: a list holds a connection of another place");
}

/// A private connection goes to the common pool when its exchange ends.
struct PrivateIsPooled;

impl Rules for PrivateIsPooled {
    fn park<S: Copy>(ends: &Ends<'_, S>) -> Result<Parked<S>, Doom> {
        Sound::park(ends).map(|_| Parked::Idle)
    }
}

#[test]
fn i2_a_private_connection_in_the_pool_is_noticed() {
    notices::<PrivateIsPooled>("I2: a private connection has no owner");
}

/// A connection that several sessions use is reserved for the one that speaks.
struct ReservesWhatIsShared;

impl Rules for ReservesWhatIsShared {
    fn authenticated<S: Copy>(carries: &Carries<S>) -> Option<Class<S>> {
        Some(Class::Session(carries.session, Bond::Reserved))
    }
}

#[test]
fn i3_a_reserved_connection_with_anothers_stream_is_noticed() {
    let prepare = |world: &mut super::ops::World<ReservesWhatIsShared>| {
        // Then nobody remembers that it should have been private.
        world.forgets_authentication = true;
    };
    let fault = first_fault(STEPS, prepare).unwrap_or_default();
    assert!(fault.starts_with("I3: "), "{fault:?}");
}

/// An event handler puts a connection into the pool that is in use by now.
struct ReturnsWhatIsUsed;

impl Rules for ReturnsWhatIsUsed {
    fn may_return<S, C>(place: &Place<S, C>) -> Option<&Parked<S>> {
        match place {
            Place::Busy(_) | Place::Available(_) => Some(&Parked::Idle),
            other => Sound::may_return(other),
        }
    }

    fn after_event<S: Copy>(from: Parked<S>, _: Capacity, _: bool) -> Result<Parked<S>, Doom> {
        Ok(from)
    }
}

#[test]
fn i4_an_idle_connection_with_streams_is_noticed() {
    notices::<ReturnsWhatIsUsed>("I4: ");
}

/// NTLM over a multiplexed connection takes it from the others on it (HAProxy before fd3ce173a).
struct PrivateThoughShared;

impl Rules for PrivateThoughShared {
    fn authenticated<S: Copy>(carries: &Carries<S>) -> Option<Class<S>> {
        Some(Class::Session(carries.session, Bond::Private))
    }
}

#[test]
fn i5_a_private_connection_of_several_sessions_is_noticed() {
    notices::<PrivateThoughShared>("I5: ");
}

/// An event handler puts a connection back that was doomed meanwhile (HAProxy 096999ee2).
struct DoomedComesBack;

impl Rules for DoomedComesBack {
    fn may_return<S, C>(place: &Place<S, C>) -> Option<&Parked<S>> {
        match place {
            Place::Doomed { .. } => Some(&Parked::Idle),
            other => Sound::may_return(other),
        }
    }
}

#[test]
fn i6_a_doomed_connection_that_comes_back_is_noticed() {
    notices::<DoomedComesBack>("I6: ");
}

/// A connection on which an event is handled is counted nowhere (HAProxy 87b96cf3a).
struct MissesOneDecrement;

impl Rules for MissesOneDecrement {
    fn ledger<S: Copy, C>(place: &Place<S, C>) -> Ledger {
        match place {
            Place::Io { .. } => Ledger::None,
            other => Sound::ledger(other),
        }
    }
}

#[test]
fn i7_a_wrong_gauge_is_noticed() {
    notices::<MissesOneDecrement>("I7: ");
}

/// Servers in maintenance keep their idle connections (HAProxy 67df6577f).
struct KeepsInMaintenance;

impl Rules for KeepsInMaintenance {
    fn is_withdrawn<S, C>(_: &Place<S, C>) -> bool {
        false
    }
}

/// What ends while its server is in maintenance is kept (HAProxy b18b5e2f7).
struct ParksInMaintenance;

impl Rules for ParksInMaintenance {
    fn park<S: Copy>(ends: &Ends<'_, S>) -> Result<Parked<S>, Doom> {
        Sound::park(&Ends {
            maintenance: false,
            ..*ends
        })
    }
}

/// An event that ends during maintenance puts its connection back (HAProxy fa1a168bf).
struct ReturnsInMaintenance;

impl Rules for ReturnsInMaintenance {
    fn after_event<S: Copy>(from: Parked<S>, at: Capacity, _: bool) -> Result<Parked<S>, Doom> {
        Sound::after_event(from, at, false)
    }
}

#[test]
fn i8_an_idle_connection_in_maintenance_is_noticed() {
    notices::<KeepsInMaintenance>("I8: ");
    notices::<ParksInMaintenance>("I8: ");
    notices::<ReturnsInMaintenance>("I8: ");
}

/// A peer's goodbye does not keep others from coming.
struct ForgetsGoaway;

impl Rules for ForgetsGoaway {
    fn is_open<S>(carries: &Carries<S>) -> bool {
        carries.reuse == Reuse::Always
    }
}

/// `max-reuse` is forgotten.
struct ForgetsMaxReuse;

impl Rules for ForgetsMaxReuse {
    fn capacity(machine: Capacity, _: u32, _: &Limits) -> Capacity {
        machine
    }
}

#[test]
fn i9_a_connection_that_is_found_and_cannot_be_used_is_noticed() {
    notices::<ForgetsGoaway>("I9: ");
    notices::<ForgetsMaxReuse>("I9: ");
}

#[test]
fn i10_a_connection_that_is_given_back_too_early_is_noticed() {
    let fault = first_fault::<Sound>(STEPS, |world| world.writes_late = true).unwrap_or_default();
    assert!(fault.starts_with("I10: "), "{fault:?}");
}

/// Who has no owner is dead (HAProxy a0541f5d2).
struct UnownedIsDead;

impl Rules for UnownedIsDead {
    fn after_event<S: Copy>(from: Parked<S>, at: Capacity, off: bool) -> Result<Parked<S>, Doom> {
        match from {
            Parked::Session(_) => Sound::after_event(from, at, off),
            Parked::Idle | Parked::Safe => Err(Doom::Dead),
        }
    }
}

#[test]
fn i11_a_live_connection_that_is_taken_for_dead_is_noticed() {
    notices::<UnownedIsDead>("I11: ");
}

/// First requests come on any connection, whatever the mode.
struct FirstIsLater;

impl Rules for FirstIsLater {
    fn order(reuse: Reuse, _: bool) -> &'static [Shelf] {
        Sound::order(reuse, false)
    }
}

#[test]
fn a_first_request_on_a_connection_of_another_session_is_noticed_by_the_oracle() {
    notices::<FirstIsLater>("connection handed out: not for a first request");
}
