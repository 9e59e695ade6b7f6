//! Many hands on one table: whatever the order, nothing is lost and nothing is left.

use super::{at, definition, key};
use crate::{Bell, DataType, Gpc, KeyRef, Stored, Table};
use base::{Duration, Instant, Rng};
use std::thread;
use std::vec::Vec;

const HANDS: u64 = 4;
const ROUNDS: u64 = 20_000;

fn stored() -> [Stored; 4] {
    [
        Stored::plain(DataType::ConnCur),
        Stored::plain(DataType::ConnCnt),
        Stored::plain(DataType::Gpc0),
        Stored::rate(DataType::Gpc0Rate, 10),
    ]
}

fn in_many_hands(work: impl Fn(u64) + Sync) {
    thread::scope(|scope| {
        let work = &work;
        for hand in 0..HANDS {
            scope.spawn(move || work(hand));
        }
    });
}

#[test]
fn every_event_is_counted_once() {
    let table: Table = Table::new(definition(4, None, &stored()), &Rng::from_u64(1));
    let now = at(5);
    let first = table.hold_or_make(key(1), now).expect("room");
    in_many_hands(|_| {
        let held = table.hold(key(1), now).expect("there");
        for _ in 0..ROUNDS {
            held.add_gpc(Gpc::First, 1, now);
        }
    });
    let total = Some((HANDS * ROUNDS) as i64);
    assert_eq!(first.number(DataType::Gpc0, 0, now), total);
    assert_eq!(first.number(DataType::Gpc0Rate, 0, now), total);
    assert_eq!(first.holders(), 1);
}

#[test]
fn no_event_is_lost_where_periods_move_on() {
    let table: Table = Table::new(definition(4, None, &stored()), &Rng::from_u64(1));
    let first = table.hold_or_make(key(1), at(0)).expect("room");
    // All begin in one period and go on into the next: together they are all there is.
    in_many_hands(|_| {
        for round in 0..ROUNDS {
            let now = at(5 + 10 * (round / (ROUNDS / 2)));
            first.add_gpc(Gpc::First, 1, now);
        }
    });
    let counted = first.number(DataType::Gpc0Rate, 0, at(15)).expect("stored");
    // At the beginning of the second period the first counts whole.
    assert_eq!(counted, (HANDS * ROUNDS) as i64);
}

#[test]
fn a_table_that_is_always_full_ends_with_what_is_in_it_and_no_connections() {
    let table: Table = Table::with_shards(
        definition(16, Some(7), &stored()),
        &Rng::from_u64(1),
        4,
        Bell::default(),
    );
    in_many_hands(|hand| {
        let mut rng = Rng::from_u64(hand);
        let mut tracked = Vec::new();
        for round in 0..ROUNDS {
            let now = at(round / 100);
            tracked.extend(table.track(KeyRef::Integer(rng.below(64) as u32), now));
            if tracked.len() > 3 {
                let one = tracked.swap_remove(rng.below(4) as usize);
                if rng.chance(1, 2) {
                    one.end(now);
                }
            }
            if rng.chance(1, 50) {
                table.expire(now, 4);
            }
            assert!(table.used() <= 16);
        }
    });
    let now = at(ROUNDS / 100);
    let mut seen = 0;
    let page = table.page(crate::Cursor::default(), u32::MAX, now);
    for entry in &page.entries {
        seen += 1;
        assert_eq!(entry.holders(), 0);
        assert_eq!(entry.number(DataType::ConnCur, 0, now), Some(0));
    }
    assert!(page.next.is_none() && seen > 0);
    let end: Instant = now + Duration::from_millis(7);
    assert_eq!(table.expire(end, usize::MAX), None);
    assert_eq!(table.used(), 0);
}
