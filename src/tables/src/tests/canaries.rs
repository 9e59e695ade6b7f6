//! One wrong decision for each law: the naive model notices every one of them.

use super::model::smallest;
use super::world::World;
use crate::{Counts, Rules, Sound};

fn notices<R: Rules>(what: &str) {
    notices_in::<R>(what, |_| {});
}

fn notices_in<R: Rules>(what: &str, prepare: fn(&mut World<R>)) {
    let found = smallest(prepare);
    let fault = found.as_ref().map_or("nothing", |(fault, ..)| fault);
    assert!(
        fault.starts_with(what),
        "{what:?} expected, found {found:?}"
    );
}

/// Entries live a millisecond too long.
struct ExpiresLate;

impl Rules for ExpiresLate {
    fn is_expired(due_ms: u64, now_ms: u64, expire_ms: Option<u64>) -> bool {
        Sound::is_expired(due_ms.saturating_add(1), now_ms, expire_ms)
    }
}

/// Entries go a millisecond too soon.
struct ExpiresEarly;

impl Rules for ExpiresEarly {
    fn due(now_ms: u64, expire_ms: Option<u64>) -> u64 {
        Sound::due(now_ms, expire_ms.map(|ms| ms - 1))
    }
}

/// A table without `expire` loses what was touched before now.
struct ExpiresAlways;

impl Rules for ExpiresAlways {
    fn is_expired(due_ms: u64, now_ms: u64, _: Option<u64>) -> bool {
        due_ms <= now_ms
    }
}

#[test]
fn an_expiry_at_the_wrong_time_is_noticed() {
    notices::<ExpiresLate>("presence: an entry is there that has gone");
    notices::<ExpiresEarly>("presence: an entry is gone that was there");
    notices::<ExpiresAlways>("presence: an entry is gone that was there");
}

/// It does not matter who holds an entry.
struct HeldGoes;

impl Rules for HeldGoes {
    fn may_go(_: u32) -> bool {
        true
    }
}

#[test]
fn an_entry_that_goes_while_it_is_held_is_noticed() {
    notices::<HeldGoes>("full: an entry was made where there is no room");
}

/// Who is at the front of the queue goes, though it was touched since.
struct ForgetsTouches;

impl Rules for ForgetsTouches {
    fn is_oldest(_: u64, _: u64) -> bool {
        true
    }
}

#[test]
fn an_eviction_of_one_that_is_not_the_oldest_is_noticed() {
    // Where nothing may be purged, one that seems to have expired goes instead.
    notices::<ForgetsTouches>("full: an entry was made where there is no room");
    notices_in::<ForgetsTouches>("eviction: the one that went is not the oldest", |world| {
        world.never_nopurge();
    });
}

/// `nopurge` is forgotten.
struct PurgesAlways;

impl Rules for PurgesAlways {
    fn makes_room(_: bool) -> bool {
        true
    }
}

/// Nothing is ever purged.
struct PurgesNever;

impl Rules for PurgesNever {
    fn makes_room(_: bool) -> bool {
        false
    }
}

#[test]
fn a_full_table_that_ignores_its_setting_is_noticed() {
    notices::<PurgesAlways>("full: an entry was made where there is no room");
    notices::<PurgesNever>("full: an entry was refused where there is room");
}

/// Connections only come.
struct NobodyLeaves;

impl Rules for NobodyLeaves {
    fn leaves(connections: u32) -> u32 {
        connections
    }
}

#[test]
fn a_connection_that_is_counted_after_it_ended_is_noticed() {
    notices::<NobodyLeaves>("connections: ");
}

/// The previous period counts whole.
struct CountsWhole;

impl Rules for CountsWhole {
    fn rate(counts: Counts, now_ms: u64, period_ms: u64) -> u32 {
        let at = Self::advance(counts, now_ms, period_ms);
        at.current + at.previous
    }
}

/// A lone event has parts.
struct SplitsOne;

impl Rules for SplitsOne {
    fn rate(counts: Counts, now_ms: u64, period_ms: u64) -> u32 {
        let at = Self::advance(counts, now_ms, period_ms);
        let left = period_ms - (now_ms - at.began_ms);
        at.current + (u64::from(at.previous) * left / period_ms) as u32
    }
}

/// A period goes on until somebody counts, however late.
struct NeverTooOld;

impl Rules for NeverTooOld {
    fn advance(counts: Counts, now_ms: u64, period_ms: u64) -> Counts {
        match Sound::advance(counts, now_ms, period_ms) {
            Counts {
                began_ms,
                current: 0,
                previous: 0,
            } => Counts {
                began_ms,
                current: 0,
                previous: counts.current,
            },
            at => at,
        }
    }
}

/// The next period begins with its first event, and not where the last one ended.
struct BeginsWithTheFirst;

impl Rules for BeginsWithTheFirst {
    fn advance(counts: Counts, now_ms: u64, period_ms: u64) -> Counts {
        let at = Sound::advance(counts, now_ms, period_ms);
        let moved = at.began_ms != counts.began_ms;
        Counts {
            began_ms: if moved { now_ms } else { at.began_ms },
            ..at
        }
    }
}

#[test]
fn a_rate_that_is_no_sliding_window_is_noticed() {
    notices::<CountsWhole>("rate: ");
    notices::<SplitsOne>("rate: ");
    notices::<NeverTooOld>("rate: ");
    notices::<BeginsWithTheFirst>("rate: ");
}

#[test]
fn a_count_in_an_entry_that_nobody_held_is_noticed() {
    notices_in::<Sound>("count: ", |world| world.counts_unheld = true);
}
