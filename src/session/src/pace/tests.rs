//! The arithmetic against what HAProxy was seen to do, and against a model that adds up.

use super::*;
use alloc::vec::Vec;
use base::Rng;
use tables::{DataType, Definition, KeyRef, KeyType, Stored, Table};

fn at(ms: u64) -> Instant {
    Instant::ZERO + Duration::from_millis(ms)
}

fn pace(bytes_max: u32, period_ms: u64, min_bytes: u32) -> Pace {
    Pace {
        bytes_max,
        period: Duration::from_millis(period_ms),
        min_bytes,
    }
}

fn lane(paces: &[Pace]) -> Lane {
    let mut lane = Lane::default();
    for (line, pace) in (0..).zip(paces) {
        let rank = Rank {
            in_backend: false,
            line,
        };
        lane.set(rank, *pace, Meter::Own(None), at(0));
    }
    lane
}

/// Sends `bytes` of which a buffer full is always there: when how many left.
fn send(lane: &mut Lane, mut bytes: u64, from_ms: u64) -> Vec<(u64, u64)> {
    let mut sent = Vec::new();
    let mut now = at(from_ms);
    while bytes > 0 {
        let passes = lane.pass(bytes.min(BUFFER), now);
        if passes > 0 {
            lane.left(passes);
            bytes -= passes;
            sent.push((now.as_millis(), passes));
            continue;
        }
        let next = lane.until().expect("what is held back waits for something");
        assert!(next > now, "a wait is over before it began");
        now = next;
        lane.wake(now);
    }
    sent
}

const BUFFER: u64 = 16_384;

/// Waits of HAProxy's were measured to some milliseconds, its first buffer holds the head as well.
#[test]
fn bytes_leave_when_haproxy_lets_them() {
    let seen = [
        (
            pace(10_240, 1000, 2048),
            20_000,
            &[
                (0, 10_240),
                (1200, 2048),
                (1400, 2048),
                (1600, 2048),
                (1800, 2048),
                (1954, 1568),
            ][..],
        ),
        (
            pace(1000, 10_000, 1000),
            3000,
            &[(0, 1000), (20_000, 1000), (40_000, 1000)],
        ),
        (pace(3072, 3000, 3072), 6144, &[(0, 3072), (6000, 3072)]),
        (
            pace(1000, 10_000, 3000),
            3000,
            &[(0, 1000), (20_000, 1000), (40_000, 1000)],
        ),
    ];
    for (pace, bytes, expected) in seen {
        assert_eq!(send(&mut lane(&[pace]), bytes, 0), expected, "{pace:?}");
    }
}

#[test]
fn a_limit_above_a_buffer_passes_a_buffer_at_a_time_in_even_steps() {
    let sent = send(&mut lane(&[pace(102_400, 1000, 0)]), 65_536, 0);
    assert_eq!(
        sent,
        [(0, 16_384), (160, 16_384), (320, 16_384), (480, 16_384)]
    );
}

#[test]
fn what_is_shorter_than_its_period_is_worth_passes_at_once() {
    let sent = send(&mut lane(&[pace(10_000, 1000, 0)]), 10_000, 5);
    assert_eq!(sent, [(5, 10_000)]);
}

#[test]
fn a_pause_of_two_periods_makes_the_whole_limit_free_again() {
    let mut lane = lane(&[pace(1000, 100, 0)]);
    assert_eq!(send(&mut lane, 1000, 0), [(0, 1000)]);
    assert_eq!(send(&mut lane, 1000, 200), [(200, 1000)]);
}

/// The sum of what left by any time is in proportion to that time, plus what may go in one go; and over
/// any whole period from the second on it comes near the limit.
#[test]
fn the_sum_never_exceeds_the_proportion_and_one_burst() {
    let mut rng = Rng::from_u64(7);
    for _ in 0..300 {
        let (limit_bits, period_bits) = (4 + rng.below(20), 1 + rng.below(12));
        let limit = 1 + rng.below(1 << limit_bits);
        let period = 1 + rng.below(1 << period_bits);
        let least = if rng.below(3) == 0 {
            0
        } else {
            rng.below(limit / 4 + 1)
        };
        let pace = pace(limit as u32, period, least as u32);
        let sent = send(&mut lane(&[pace]), limit * 5, rng.below(1000));
        let began = sent[0].0;
        let mut sum = 0;
        for (when, bytes) in &sent {
            sum += bytes;
            let share = limit * (when - began) / period;
            let burst = limit.min(BUFFER);
            assert!(
                sum <= share + burst,
                "{pace:?}: {sum} by {} ms",
                when - began
            );
        }
        let took = sent[sent.len() - 1].0 - began;
        let most = period * 6 + sent.len() as u64 * 2 + 10;
        assert!(took <= most, "{pace:?} took {took} ms");
    }
}

#[test]
fn of_two_limits_the_tighter_one_counts_and_no_byte_counts_twice() {
    let wide = pace(100_000, 1000, 0);
    let tight = pace(10_000, 1000, 1000);
    let alone = send(&mut lane(&[tight]), 30_000, 0);
    assert_eq!(send(&mut lane(&[wide, tight]), 30_000, 0), alone);
    assert_eq!(send(&mut lane(&[tight, wide]), 30_000, 0), alone);
}

#[test]
fn a_limit_that_is_set_anew_forgets_its_wait_and_not_what_has_passed() {
    let mut lane = lane(&[pace(1000, 1000, 1000)]);
    let rank = Rank {
        in_backend: false,
        line: 0,
    };
    assert_eq!(lane.pass(1500, at(0)), 1000);
    lane.left(1000);
    assert!(lane.until().is_some());
    lane.set(rank, pace(1000, 1000, 0), Meter::Own(None), at(500));
    assert_eq!(lane.until(), Some(at(500)));
    assert_eq!(lane.pass(500, at(500)), 0);
    lane.set(rank, pace(4000, 1000, 0), Meter::Own(None), at(500));
    assert_eq!(lane.pass(500, at(500)), 500);
}

fn shared(table: &Table) -> Meter {
    let key = KeyRef::Integer(1);
    let entry = table.hold_or_make(key, at(0)).expect("there is room");
    let rate = table
        .layout()
        .exactly(DataType::BytesOutRate, 0)
        .expect("it is stored");
    Meter::Shared { entry, rate }
}

fn table() -> Table {
    let mut definition = Definition::new("t", KeyType::Integer, 10);
    let stored = Stored::rate(DataType::BytesOutRate, 1000);
    definition.store(stored).expect("it fits");
    Table::new(definition, &Rng::from_u64(1))
}

#[test]
fn those_who_share_a_limit_take_turns_and_together_keep_to_it() {
    for limit in [3000, 40_000, 1_000_000] {
        let table = table();
        let mut lanes: Vec<Lane> = (0..3).map(|_| Lane::default()).collect();
        for lane in &mut lanes {
            let rank = Rank {
                in_backend: false,
                line: 0,
            };
            lane.set(rank, pace(limit, 1000, 0), shared(&table), at(0));
        }
        let mut sums = [0; 3];
        for ms in 0..10_000 {
            for (lane, sum) in lanes.iter_mut().zip(&mut sums) {
                lane.wake(at(ms));
                loop {
                    let passes = lane.pass(BUFFER, at(ms));
                    if passes == 0 {
                        break;
                    }
                    lane.left(passes);
                    *sum += passes;
                }
            }
            let sum: u64 = sums.iter().sum();
            let limit = u64::from(limit);
            assert!(sum <= limit * ms / 1000 + limit.min(BUFFER), "at {ms} ms");
        }
        let (least, most) = (sums.iter().min(), sums.iter().max());
        let (least, most) = (least.copied().unwrap_or(0), most.copied().unwrap_or(0));
        assert!(most - least <= most / 5, "{limit}: {sums:?}");
        let all: u64 = sums.iter().sum();
        assert!(all * 10 >= u64::from(limit) * 9 * 10, "{limit}: {all}");
    }
}

#[test]
fn one_of_three_who_share_a_limit_has_all_of_it_while_the_others_are_silent() {
    let table = table();
    let _silent = [shared(&table), shared(&table)];
    let mut lane = Lane::default();
    let rank = Rank {
        in_backend: false,
        line: 0,
    };
    lane.set(rank, pace(10_240, 1000, 0), shared(&table), at(0));
    let sent = send(&mut lane, 60_000, 0);
    let took = sent.last().map(|(when, _)| *when);
    assert!(
        took.is_some_and(|took| (5_000..7_000).contains(&took)),
        "{took:?}"
    );
}

#[test]
fn a_shared_limit_lets_its_entry_go_with_its_exchange() {
    let table = table();
    let mut pacing = Pacing::default();
    let rank = Rank {
        in_backend: true,
        line: 0,
    };
    let download = pacing.lane(Way::Download);
    download.set(rank, pace(1000, 1000, 0), shared(&table), at(0));
    let entry = table.lookup(KeyRef::Integer(1), at(0));
    assert_eq!(entry.as_ref().map(|entry| entry.holders()), Some(1));
    pacing.end(at(10));
    assert_eq!(entry.map(|entry| entry.holders()), Some(0));
}
