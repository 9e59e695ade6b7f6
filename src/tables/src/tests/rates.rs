//! Rates in numbers that were read from HAProxy 3.5-dev: what it was given, when, and what it said.
//! Its periods begin at even milliseconds, so that some began one before their first event.

use super::{at, definition, key, table};
use crate::{DataType, Held, Stored, Table};
use base::Rng;

/// Not at the beginning of time.
const BEGIN: u64 = 1_000_000;

fn entry(period_ms: u32) -> Held {
    let table = table(9, None, &[Stored::rate(DataType::HttpReqRate, period_ms)]);
    table.hold_or_make(key(1), at(BEGIN)).expect("room")
}

fn read(held: &Held, ms: u64) -> i64 {
    held.number(DataType::HttpReqRate, 0, at(BEGIN + ms))
        .expect("stored")
}

/// `set table` to a count, then `show table` at these times.
fn after_set(count: i64, reads: &[(u64, i64)]) {
    let held = entry(1001);
    held.set(DataType::HttpReqRate, 0, count, at(BEGIN));
    for &(ms, rate) in reads {
        assert_eq!(read(&held, ms), rate, "{count} after {ms} ms");
    }
}

#[test]
fn what_was_set_stays_for_a_period_and_fades_during_the_next() {
    let fades = [
        (1, 1000),
        (950, 1000),
        (1013, 988),
        (1076, 925),
        (1201, 800),
        (1326, 675),
        (1452, 549),
        (1578, 423),
        (1703, 298),
        (1829, 172),
        (1955, 46),
        (2017, 0),
    ];
    after_set(1000, &fades);
    after_set(
        7,
        &[
            (1002, 6),
            (1144, 6),
            (1145, 5),
            (1288, 4),
            (1431, 3),
            (1574, 2),
            (1717, 1),
            (1860, 0),
        ],
    );
    after_set(3, &[(0, 3), (1002, 2), (1335, 1), (1669, 0)]);
}

#[test]
fn one_lone_event_counts_until_the_end_of_the_next_period() {
    after_set(1, &[(0, 1), (1002, 1), (2001, 1), (2002, 0)]);
}

#[test]
fn events_of_this_period_count_whole_and_those_of_the_last_in_proportion() {
    for requests in [ONE_CLIENT, ANOTHER_CLIENT] {
        let held = entry(1000);
        for &(ms, rate) in requests {
            held.add(DataType::HttpReqRate, 0, 1, at(BEGIN + ms));
            assert_eq!(read(&held, ms), rate, "at {ms} ms");
        }
    }
}

/// Requests, in milliseconds since the first, and what `sc0_http_req_rate` over a second said in each.
const ONE_CLIENT: &[(u64, i64)] = &[
    (0, 1),
    (101, 2),
    (301, 3),
    (406, 4),
    (506, 5),
    (709, 6),
    (909, 7),
    (920, 8),
    (930, 9),
    (1133, 8),
    (1234, 8),
    (1534, 7),
    (3835, 1),
    (3845, 2),
    (3851, 3),
    (3951, 4),
    (3982, 5),
    (3993, 6),
    (3999, 7),
    (4201, 8),
    (4502, 9),
    (4806, 10),
    (4811, 11),
    (5011, 10),
    (6212, 1),
    (6312, 2),
    (6614, 3),
    (6914, 3),
];

/// The same of another.
const ANOTHER_CLIENT: &[(u64, i64)] = &[
    (0, 1),
    (106, 2),
    (111, 3),
    (122, 4),
    (132, 5),
    (433, 6),
    (438, 7),
    (443, 8),
    (449, 9),
    (549, 10),
    (650, 11),
    (660, 12),
    (2961, 1),
    (3161, 2),
    (3174, 3),
    (3274, 4),
    (3475, 5),
    (3485, 6),
    (3800, 7),
    (3812, 8),
    (3913, 9),
    (4213, 7),
    (4314, 7),
    (4319, 8),
    (5526, 2),
    (5626, 3),
    (5637, 3),
    (5642, 4),
    (5673, 5),
    (5900, 6),
    (5931, 7),
    (5945, 8),
];

#[test]
fn bytes_are_counted_in_blocks_and_shown_in_bytes() {
    let stored = [
        Stored::plain(DataType::BytesInCnt),
        Stored::rate(DataType::BytesInRate, 10_000),
    ];
    let mut definition = definition(9, None, &stored);
    definition.brates_factor = 7;
    let table: Table = Table::new(definition, &Rng::from_u64(1));
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
