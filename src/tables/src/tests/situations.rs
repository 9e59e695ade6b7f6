//! Situations and their outcomes.

use crate::{DataType, Definition, KeyRef, KeyType, NoEntry, Stored, Table};
use base::{Duration, Instant, Rng};

fn at(ms: u64) -> Instant {
    Instant::ZERO + Duration::from_millis(ms)
}

fn table(size: u32, expire_ms: Option<u64>, stored: &[Stored]) -> Table {
    let mut definition = Definition::new("t", KeyType::Integer, size);
    definition.expire = expire_ms.map(Duration::from_millis);
    for one in stored {
        definition.store(*one).expect("stored");
    }
    Table::new(definition, &Rng::from_u64(1))
}

fn key(number: u32) -> KeyRef<'static> {
    KeyRef::Integer(number)
}

#[test]
fn an_entry_lives_until_its_time_is_over_and_not_a_millisecond_longer() {
    let table = table(10, Some(1000), &[]);
    drop(table.hold_or_make(key(1), at(5)));
    assert!(table.lookup(key(1), at(1004)).is_some());
    assert!(table.lookup(key(1), at(1005)).is_none());
}

#[test]
fn a_touch_postpones_and_a_lookup_does_not() {
    let table = table(10, Some(1000), &[]);
    drop(table.hold_or_make(key(1), at(0)));
    let entry = table.lookup(key(1), at(500)).expect("there");
    assert_eq!(entry.expires_in(at(500)), Duration::from_millis(500));
    assert_eq!(entry.idle(at(500)), Duration::from_millis(500));
    entry.touch(at(600));
    assert_eq!(entry.expires_in(at(600)), Duration::from_secs(1));
    assert!(table.lookup(key(1), at(1599)).is_some());
    assert!(table.lookup(key(1), at(1600)).is_none());
}

#[test]
fn a_tracked_entry_outlives_its_time_and_begins_anew_when_tracking_ends() {
    let table = table(10, Some(100), &[]);
    let tracked = table.track(key(1), at(0)).expect("room");
    assert_eq!(table.expire(at(1000), 10), None);
    assert!(table.lookup(key(1), at(1000)).is_some());
    tracked.end(at(1000));
    assert_eq!(table.expire(at(1099), 10), Some(at(1100)));
    assert!(table.lookup(key(1), at(1099)).is_some());
    assert_eq!((table.expire(at(1100), 10), table.used()), (None, 0));
}

#[test]
fn a_full_table_lets_the_one_go_that_was_touched_longest_ago() {
    let table = table(3, Some(1000), &[]);
    for number in 1..=3 {
        drop(table.hold_or_make(key(number), at(number.into())));
    }
    table.lookup(key(1), at(4)).expect("there").touch(at(4));
    drop(table.hold_or_make(key(4), at(5)));
    let there = [1, 2, 3, 4].map(|number| table.lookup(key(number), at(5)).is_some());
    assert_eq!(there, [true, false, true, true]);
    assert_eq!(table.used(), 3);
}

#[test]
fn a_full_table_of_held_entries_takes_no_more() {
    let table = table(2, None, &[]);
    let first = table.track(key(1), at(0)).expect("room");
    let second = table.track(key(2), at(0)).expect("room");
    let third = table.hold_or_make(key(3), at(1)).map(|_| ());
    assert_eq!(third, Err(NoEntry::Full));
    first.end(at(2));
    assert!(table.hold_or_make(key(3), at(3)).is_ok());
    assert!(table.lookup(key(1), at(3)).is_none());
    drop(second);
}

#[test]
fn connections_are_counted_while_they_track() {
    let stored = [
        Stored::plain(DataType::ConnCur),
        Stored::plain(DataType::ConnCnt),
        Stored::rate(DataType::ConnRate, 1000),
    ];
    let table = table(10, None, &stored);
    let number = |data| {
        table
            .lookup(key(1), at(1))
            .and_then(|e| e.number(data, 0, at(1)))
    };
    let first = table.track(key(1), at(0)).expect("room");
    let second = table.track(key(1), at(0)).expect("room");
    assert_eq!(number(DataType::ConnCur), Some(2));
    first.end(at(1));
    assert_eq!(number(DataType::ConnCur), Some(1));
    drop(second);
    assert_eq!(number(DataType::ConnCur), Some(0));
    assert_eq!(number(DataType::ConnCnt), Some(2));
    assert_eq!(number(DataType::ConnRate), Some(2));
}
