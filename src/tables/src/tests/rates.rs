//! Rates in numbers that were read from HAProxy 3.5-dev: what it was given, when, and what it said.

use super::{at, key, table};
use crate::{DataType, Held, Stored};

/// Not at the beginning of time.
const BEGIN: u64 = 1_000_000;

fn entry(period_ms: u32) -> Held {
    let table = table(9, None, &[Stored::rate(DataType::ConnRate, period_ms)]);
    table.hold_or_make(key(1), at(BEGIN)).expect("room")
}

fn read(held: &Held, ms: u64) -> i64 {
    held.number(DataType::ConnRate, 0, at(BEGIN + ms))
        .expect("stored")
}

/// `set table t key k data.conn_rate <count>`, then `show table`.
fn after_set(count: i64, reads: &[(u64, i64)]) {
    let held = entry(1001);
    held.set(DataType::ConnRate, 0, count, at(BEGIN));
    for &(ms, rate) in reads {
        assert_eq!(read(&held, ms), rate, "{count} after {ms} ms");
    }
}

#[test]
fn what_was_set_stays_for_a_period_and_fades_during_the_next() {
    // HAProxy's period began a millisecond before, for it keeps even ones.
    after_set(
        1000,
        &[
            (0, 1000),
            (949, 1000),
            (1013, 988),
            (1076, 925),
            (1138, 863),
            (1201, 800),
            (1575, 426),
            (1954, 47),
            (2002, 0),
            (9000, 0),
        ],
    );
    after_set(7, &[(1002, 6), (1145, 5), (1288, 4), (1431, 3), (1860, 0)]);
    after_set(2, &[(1000, 2), (1002, 1), (1501, 1), (1502, 0)]);
}

#[test]
fn one_lone_event_counts_until_the_end_of_the_next_period() {
    after_set(1, &[(0, 1), (1002, 1), (2001, 1), (2002, 0)]);
}

/// Requests at these times, and what `sc0_http_req_rate` said in each.
#[test]
fn events_of_this_period_count_whole_and_those_of_the_last_in_proportion() {
    let held = entry(1000);
    let mut add = |ms: u64| {
        held.add(DataType::ConnRate, 0, 1, at(BEGIN + ms));
        read(&held, ms)
    };
    assert_eq!([0, 300, 999].map(&mut add), [1, 2, 3]);
    // Three fourths, a half, and a third of three, and what came since.
    assert_eq!([1250, 1500, 1667].map(&mut add), [3, 3, 3]);
    // Its period is that from 2000 on: three came in that before.
    assert_eq!(add(2100), 3);
    // Nothing came from 3000 to 3999, and a new period begins with the next event.
    assert_eq!((read(&held, 3500), add(4100), add(5099)), (1, 1, 2));
    assert_eq!(
        (read(&held, 5100), read(&held, 5600), read(&held, 6099)),
        (2, 1, 0)
    );
}

#[test]
fn bytes_are_counted_in_blocks_and_shown_in_bytes() {
    let mut definition = super::definition(
        9,
        None,
        &[
            Stored::plain(DataType::BytesInCnt),
            Stored::rate(DataType::BytesInRate, 10_000),
        ],
    );
    definition.brates_factor = 7;
    let table: crate::Table = crate::Table::new(definition, &base::Rng::from_u64(1));
    let held = table.hold_or_make(key(1), at(0)).expect("room");
    held.add_bytes_in(3058, at(0));
    let number = |data| held.number(data, 0, at(0));
    assert_eq!(
        (number(DataType::BytesInCnt), number(DataType::BytesInRate)),
        (Some(3058), Some(3059))
    );
    held.set(DataType::BytesInRate, 0, 100, at(0));
    assert_eq!(number(DataType::BytesInRate), Some(700));
}
