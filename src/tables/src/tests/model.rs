//! Random steps, beside the naive model.

use super::world::{Fault, Op, Setting, World};
use crate::{Rules, Sound};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use std::vec::Vec;

fn settings() -> impl Strategy<Value = Setting> {
    let expire_ms = prop_oneof![Just(None), (1..60u64).prop_map(Some)];
    let shards = prop_oneof![Just(1), Just(4)];
    (1..7u32, expire_ms, any::<bool>(), shards).prop_map(|(size, expire_ms, nopurge, shards)| {
        Setting {
            size,
            expire_ms,
            nopurge,
            shards,
        }
    })
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        3 => (0..8u8).prop_map(Op::Make),
        3 => (0..8u8).prop_map(Op::Track),
        3 => (0..8u8).prop_map(Op::End),
        1 => (0..8u8).prop_map(Op::Drop),
        2 => (0..8u8).prop_map(Op::Touch),
        6 => (0..8u8).prop_map(Op::Count),
        1 => (0..8u8).prop_map(Op::Clear),
        8 => (0..25u8).prop_map(Op::Pass),
        2 => (0..15u8).prop_map(Op::Expire),
    ];
    proptest::collection::vec(op, 1..100)
}

/// What goes wrong first in worlds that were prepared, with the fewest steps that show it.
pub(super) fn smallest<R: Rules>(prepare: fn(&mut World<R>)) -> Option<(Fault, Setting, Vec<Op>)> {
    let config = Config {
        cases: 1000,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let found =
        TestRunner::new_with_rng(config, rng).run(&(settings(), ops()), |(setting, ops)| {
            let mut world: World<R> = World::new(setting);
            prepare(&mut world);
            ops.into_iter()
                .try_for_each(|op| world.apply(op))
                .and_then(|()| world.close())
                .map_err(TestCaseError::fail)
        });
    match found {
        Ok(()) => None,
        Err(TestError::Fail(reason, (setting, ops))) => {
            Some((reason.message().into(), setting, ops))
        }
        Err(TestError::Abort(reason)) => panic!("{reason}"),
    }
}

#[test]
fn a_table_and_its_naive_model_never_differ() {
    let found = smallest::<Sound>(|_| {});
    assert!(found.is_none(), "{found:?}");
}
