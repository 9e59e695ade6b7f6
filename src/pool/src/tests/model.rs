//! Random steps: a million in an ordinary run, and the two mistakes of history shrunk to their steps.

use super::ops::{Ask, Op, World};
use crate::rules::{Carries, Class};
use crate::{Limits, Multiplexing, Reuse, Rules, Sound};
use base::{Duration, Rng};
use message::Capacity;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use std::format;
use std::string::String;
use std::vec::Vec;

/// Steps of an ordinary run.
const STEPS: u64 = 1_000_000;
/// After so many the world begins anew, with other settings.
const STEPS_PER_WORLD: u64 = 500;

#[test]
fn a_million_random_steps_break_no_invariant() {
    assert_eq!(first_fault::<Sound>(STEPS, |_| {}), None);
}

/// What goes wrong first within so many random steps, in worlds that were prepared.
pub(super) fn first_fault<R: Rules>(steps: u64, prepare: fn(&mut World<R>)) -> Option<String> {
    let mut rng = Rng::from_u64(2026);
    for world in 0..steps / STEPS_PER_WORLD {
        let (limits, multiplexing) = any_settings(&mut rng);
        let mut at: World<R> = World::new(limits, multiplexing);
        prepare(&mut at);
        for step in 0..STEPS_PER_WORLD {
            let op = any_op(&mut rng);
            if let Err(fault) = at.apply(op) {
                return Some(format!(
                    "{fault} (world {world}, step {step}, {op:?}, {limits:?}, {multiplexing:?})"
                ));
            }
        }
        at.close_all();
        for server in 0..super::ops::SERVERS {
            let gauges = at.pool.gauges(crate::Target(server.into()));
            let idle = gauges.all_idle() + gauges.session_idle;
            assert_eq!((gauges.total, gauges.used, idle), (0, 0, 0));
        }
    }
    None
}

fn any_settings(rng: &mut Rng) -> (Limits, Multiplexing) {
    let reuse = [Reuse::Never, Reuse::Safe, Reuse::Aggressive, Reuse::Always];
    let kinds = [
        Multiplexing::None,
        Multiplexing::Ordered,
        Multiplexing::Independent,
    ];
    let limits = Limits {
        reuse: reuse[rng.below(4) as usize],
        idle_max: rng.chance(1, 4).then(|| rng.below(3) as u32),
        idle_low: rng.below(3) as u32,
        purge_delay: Duration::from_secs(u64::from(!rng.chance(1, 10)) * 5),
        reuses_max: rng.chance(1, 4).then(|| rng.below(4) as u32),
        connections_max: rng.chance(1, 4).then(|| 1 + rng.below(4) as u32),
        reversed: rng.chance(1, 4),
    };
    (limits, kinds[rng.below(3) as usize])
}

fn any_op(rng: &mut Rng) -> Op {
    let one = rng.below(16) as u8;
    let other = rng.below(2) as u8;
    let ask = Ask {
        session: one,
        server: u8::from(rng.chance(1, 4)),
        name: u8::from(rng.chance(1, 4)),
    };
    match rng.below(40) {
        0..12 => Op::Lease(ask),
        12..14 => Op::Connect(ask),
        14..16 => Op::Established(one),
        16 => Op::Private(one),
        17 => Op::Abort(one),
        18..28 => Op::Release(one),
        28 => Op::End(one),
        29 => Op::Goaway(one),
        30 => Op::Closed(one),
        31..33 => Op::EnterEvent(one),
        33..35 => Op::LeaveEvent(one),
        35 => Op::Purge(one),
        36 if rng.chance(1, 4) => Op::Maintain(other),
        36 => Op::Ready(other),
        37 => Op::Evict(other),
        38 => Op::Takeover(ask.server, ask.name),
        _ => Op::Arrive(one),
    }
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        4 => (0..4u8).prop_map(|session| Op::Lease(Ask { session, server: 0, name: 0 })),
        2 => (0..8u8).prop_map(Op::Private),
        1 => (0..8u8).prop_map(Op::Abort),
        4 => (0..8u8).prop_map(Op::Release),
        1 => (0..4u8).prop_map(Op::End),
    ];
    proptest::collection::vec(op, 1..60)
}

/// The fewest steps that show what is wrong with `R`, and what they show.
pub(super) fn smallest<R: Rules>(limits: Limits, checked: bool) -> Option<(Vec<Op>, String)> {
    let config = Config {
        cases: 256,
        max_shrink_iters: 100_000,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let found = TestRunner::new_with_rng(config, rng).run(&ops(), |ops| {
        let mut world: World<R> = World::new(limits, Multiplexing::None);
        world.checked = checked;
        ops.into_iter()
            .try_for_each(|op| world.apply(op))
            .map_err(TestCaseError::fail)
    });
    match found {
        Ok(()) => None,
        Err(TestError::Fail(reason, ops)) => Some((ops, reason.message().into())),
        Err(TestError::Abort(reason)) => panic!("{reason}"),
    }
}

const LEASE: Op = Op::Lease(Ask {
    session: 0,
    server: 0,
    name: 0,
});

/// An answer makes its connection private, and nobody is noted as its owner (HAProxy 90b2154d, then
/// 4fc1e393).
struct PrivateWithoutOwner;

impl Rules for PrivateWithoutOwner {
    fn authenticated<S: Copy>(_: &Carries<S>) -> Option<Class<S>> {
        Some(Class::Busy)
    }
}

/// A connection on which an exchange broke off is taken for one that can go on.
struct ReuseAfterAbort;

impl Rules for ReuseAfterAbort {
    fn capacity(machine: Capacity, _: u32, _: &Limits) -> Capacity {
        match machine.ever {
            0 => Capacity { now: 1, ever: 1 },
            _ => machine,
        }
    }
}

#[test]
fn the_rules_as_they_are_survive_the_search_that_finds_the_old_mistakes() {
    assert_eq!(smallest::<Sound>(ALWAYS, true), None);
}

#[test]
fn a_private_connection_without_owner_is_found_in_two_steps() {
    let (steps, what) = smallest::<PrivateWithoutOwner>(ALWAYS, true).expect("found");
    assert_eq!(steps, [LEASE, Op::Private(0)]);
    assert_eq!(what, "I2: a private connection has no owner");
}

#[test]
fn reuse_after_an_abort_is_found_in_four_steps_and_seen_coming_in_three() {
    let (steps, what) = smallest::<ReuseAfterAbort>(ALWAYS, false).expect("found");
    assert_eq!(steps, [LEASE, Op::Abort(0), Op::Release(0), LEASE]);
    assert_eq!(what, "connection handed out: spoiled");
    let (steps, what) = smallest::<ReuseAfterAbort>(ALWAYS, true).expect("found");
    assert_eq!(steps, [LEASE, Op::Abort(0), Op::Release(0)]);
    assert_eq!(what, "I9: a connection can be found and not used");
}

const ALWAYS: Limits = Limits {
    reuse: Reuse::Always,
    idle_max: None,
    idle_low: 0,
    purge_delay: Duration::from_secs(5),
    reuses_max: None,
    connections_max: None,
    reversed: false,
};
