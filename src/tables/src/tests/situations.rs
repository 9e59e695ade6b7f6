//! Situations and their outcomes.

use super::{at, definition, key, table};
use crate::{DataType, Gpc, KeyRef, KeyType, NoEntry, Stored, Table};
use base::{Duration, Rng};

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

#[test]
fn a_table_that_does_not_purge_takes_no_more_until_one_has_expired() {
    let mut definition = definition(1, Some(100), &[]);
    definition.nopurge = true;
    let table: Table = Table::new(definition, &Rng::from_u64(1));
    assert!(table.hold_or_make(key(1), at(0)).is_ok());
    let second = |ms| table.hold_or_make(key(2), at(ms)).map(|_| ());
    assert_eq!(second(99), Err(NoEntry::Full));
    assert_eq!(second(100), Ok(()));
}

#[test]
fn an_entry_that_is_made_again_has_forgotten_everything() {
    let table = table(2, Some(100), &[Stored::plain(DataType::Gpc0)]);
    let count = |ms| {
        let held = table.hold_or_make(key(1), at(ms)).expect("room");
        held.add_gpc(Gpc::First, 1, at(ms))
    };
    assert_eq!(
        (count(0), count(99), count(199)),
        (Some(1), Some(2), Some(1))
    );
    assert_eq!(table.used(), 1);
}

#[test]
fn what_is_held_or_tracked_is_not_cleared() {
    let table = table(2, None, &[]);
    let tracked = table.track(key(1), at(0)).expect("room");
    let id = tracked.id();
    assert!(table.remove(id).is_err());
    drop(tracked);
    assert!(table.remove(id).is_ok());
    assert!(table.lookup(key(1), at(0)).is_none());
    assert!(table.hold_by_id(id, at(0)).is_none());
}

#[test]
fn an_id_is_not_used_for_the_next_entry_in_the_same_place() {
    let table = table(1, None, &[]);
    let first = table.hold_or_make(key(1), at(0)).expect("room").id();
    let second = table.hold_or_make(key(2), at(0)).expect("room").id();
    assert_ne!(first, second);
    assert!(table.hold_by_id(first, at(0)).is_none());
    let found = table.hold_by_id(second, at(0)).expect("there");
    assert_eq!(found.key().as_ref(), key(2));
}

#[test]
fn text_is_cut_to_the_length_of_the_table() {
    let mut definition = definition(9, None, &[]);
    definition.key = KeyType::String { bytes_max: 5 };
    let table: Table = Table::new(definition, &Rng::from_u64(1));
    drop(table.hold_or_make(KeyRef::Bytes(b"abcdefghi"), at(0)));
    assert!(table.lookup(KeyRef::Bytes(b"abcdexyz"), at(0)).is_some());
    assert!(table.lookup(KeyRef::Bytes(b"abcd"), at(0)).is_none());
}

#[test]
fn a_short_block_is_the_one_with_zeros_behind_it() {
    let mut definition = definition(9, None, &[]);
    definition.key = KeyType::Binary { bytes: 4 };
    let table: Table = Table::new(definition, &Rng::from_u64(1));
    drop(table.hold_or_make(KeyRef::Bytes(b"ab"), at(0)));
    assert!(table.lookup(KeyRef::Bytes(b"ab\0\0xyz"), at(0)).is_some());
    assert!(table.lookup(KeyRef::Bytes(b"ab\0x"), at(0)).is_none());
}

#[test]
fn a_key_of_another_type_finds_nothing_and_makes_nothing() {
    let table = table(9, None, &[]);
    assert!(table.lookup(KeyRef::Bytes(b"1"), at(0)).is_none());
    let made = table.hold_or_make(KeyRef::Bytes(b"1"), at(0)).map(|_| ());
    assert_eq!(made, Err(NoEntry::WrongKey));
}

#[test]
fn a_counter_of_32_bits_begins_anew_and_one_of_64_goes_on() {
    let stored = [
        Stored::plain(DataType::HttpReqCnt),
        Stored::plain(DataType::BytesInCnt),
    ];
    let table = table(9, None, &stored);
    let held = table.hold_or_make(key(1), at(0)).expect("room");
    held.set(DataType::HttpReqCnt, 0, 0xffff_ffff, at(0));
    held.add(DataType::HttpReqCnt, 0, 2, at(0));
    assert_eq!(held.number(DataType::HttpReqCnt, 0, at(0)), Some(1));
    held.add_bytes_in(0xffff_ffff, at(0));
    held.add_bytes_in(2, at(0));
    assert_eq!(
        held.number(DataType::BytesInCnt, 0, at(0)),
        Some(0x1_0000_0001)
    );
}

#[test]
fn an_array_stands_in_for_its_first_elements() {
    let stored = [
        Stored::array(DataType::Gpc, 2, 0),
        Stored::array(DataType::GpcRate, 1, 1000),
        Stored::array(DataType::Gpt, 1, 0),
    ];
    let table = table(9, None, &stored);
    let held = table.hold_or_make(key(1), at(0)).expect("room");
    assert_eq!(held.add_gpc(Gpc::First, 3, at(0)), Some(3));
    assert_eq!(held.add_gpc(Gpc::Nth(0), 1, at(0)), Some(4));
    assert_eq!(held.add_gpc(Gpc::Second, 7, at(0)), Some(7));
    assert_eq!(held.add_gpc(Gpc::Nth(2), 1, at(0)), None);
    assert_eq!(held.number(DataType::Gpc0Rate, 0, at(0)), Some(4));
    assert_eq!(held.number(DataType::Gpc1Rate, 0, at(0)), None);
    assert_eq!(held.set(DataType::Gpt0, 0, 5, at(0)), Some(()));
    assert_eq!(held.number(DataType::Gpt, 0, at(0)), Some(5));
    assert_eq!(held.clear_gpc(Gpc::First, at(0)), Some(4));
    assert_eq!(held.clear_gpc(Gpc::First, at(0)), Some(0));
    assert_eq!(held.number(DataType::Gpc0Rate, 0, at(0)), Some(4));
}

#[test]
fn a_counter_of_which_only_the_rate_is_stored_answers_with_the_rate() {
    let table = table(9, None, &[Stored::rate(DataType::Gpc0Rate, 1000)]);
    let held = table.hold_or_make(key(1), at(0)).expect("room");
    assert_eq!(held.add_gpc(Gpc::First, 1, at(0)), Some(1));
    assert_eq!(held.add_gpc(Gpc::First, 1, at(500)), Some(2));
}

#[test]
fn an_array_and_its_elements_by_name_exclude_each_other() {
    use crate::StoreError;
    let mut definition = definition(9, None, &[Stored::array(DataType::Gpc, 2, 0)]);
    let mut store = |stored| definition.store(stored);
    assert_eq!(
        store(Stored::plain(DataType::Gpc1)),
        Err(StoreError::Excluded(DataType::Gpc))
    );
    assert_eq!(
        store(Stored::array(DataType::Gpc, 1, 0)),
        Err(StoreError::Twice)
    );
    assert_eq!(
        store(Stored::array(DataType::Gpt, 101, 0)),
        Err(StoreError::Elements)
    );
    assert_eq!(
        store(Stored::rate(DataType::ConnRate, 0)),
        Err(StoreError::Period)
    );
    assert_eq!(store(Stored::rate(DataType::Gpc0Rate, 5)), Ok(()));
}

#[test]
fn an_entry_knows_its_table() {
    let (here, there) = (table(9, None, &[]), table(9, None, &[]));
    let held = here.hold_or_make(key(1), at(0)).expect("room");
    assert!(here.is_home_of(&held) && !there.is_home_of(&held));
    assert_eq!(held.definition(), here.definition());
}

#[test]
fn an_event_is_counted_and_its_rate_and_no_other() {
    use crate::Event;
    let counted = |event, count, rate| {
        let stored: std::vec::Vec<_> = DataType::ALL
            .into_iter()
            .filter(|data| !data.is_array())
            .map(|data| Stored::rate(data, 1000))
            .collect();
        let table = table(9, None, &stored);
        let held = table.hold_or_make(key(1), at(0)).expect("room");
        held.count(event, 3, at(0));
        for data in DataType::ALL {
            let expected = if data == count || data == rate { 3 } else { 0 };
            let number = held.number(data, 0, at(0)).unwrap_or(0);
            assert_eq!(number, expected, "{event:?}: {data:?}");
        }
    };
    counted(Event::Connection, DataType::ConnCnt, DataType::ConnRate);
    counted(Event::Session, DataType::SessCnt, DataType::SessRate);
    counted(Event::Request, DataType::HttpReqCnt, DataType::HttpReqRate);
    counted(
        Event::ClientError,
        DataType::HttpErrCnt,
        DataType::HttpErrRate,
    );
    counted(
        Event::ServerFailure,
        DataType::HttpFailCnt,
        DataType::HttpFailRate,
    );
    counted(Event::Glitch, DataType::GlitchCnt, DataType::GlitchRate);
}

#[test]
fn an_entry_outlives_its_table_in_the_hand_that_holds_it() {
    let table = table(9, Some(10), &[Stored::plain(DataType::Gpc0)]);
    let held = table.hold_or_make(key(1), at(0)).expect("room");
    drop(table);
    assert_eq!(held.add_gpc(Gpc::First, 1, at(100)), Some(1));
}
