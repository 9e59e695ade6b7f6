//! Which connection each request gets (founding.md §2.2), as observed of HAProxy.

use super::ops::{Ask, Op, World};
use crate::{Limits, Multiplexing, Reuse, Sound};
use std::format;
use std::string::String;
use std::vec::Vec;

/// Runs requests one after the other, each complete before the next. `A` is a request of client A, `!`
/// after it an answer that demands NTLM, `-` after it its end. Says which connections they got.
fn trace(reuse: Reuse, multiplexing: Multiplexing, script: &str) -> String {
    let limits = Limits {
        reuse,
        ..Limits::default()
    };
    let mut world: World<Sound> = World::new(limits, multiplexing);
    let mut got = Vec::new();
    let apply = |world: &mut World, op| world.apply(op).expect("no fault");
    for word in script.split(' ') {
        let session = word.as_bytes()[0] - b'A';
        let ask = Ask {
            session,
            server: 0,
            name: 0,
        };
        if word.ends_with('-') {
            apply(&mut world, Op::End(session));
            continue;
        }
        apply(&mut world, Op::Lease(ask));
        got.push(format!("{}", world.serial_at(session)));
        if word.ends_with('!') {
            apply(&mut world, Op::Private(0));
        }
        apply(&mut world, Op::Release(0));
    }
    got.join(" ")
}

#[test]
fn two_sessions_of_two_requests_get_the_connections_of_their_mode() {
    let script = "A A A- B B";
    let trace = |reuse| trace(reuse, Multiplexing::None, script);
    assert_eq!(trace(Reuse::Never), "1 1 2 2");
    assert_eq!(trace(Reuse::Safe), "1 1 2 1");
    assert_eq!(trace(Reuse::Aggressive), "1 1 1 1");
    assert_eq!(trace(Reuse::Always), "1 1 1 1");
}

#[test]
fn ntlm_takes_a_connection_out_of_the_pool_until_its_session_ends() {
    // The first three lines are those of the trace before; client D stands for its A.
    let before = "D D D- B B B-";
    let script = format!("{before} A! A B B A A- C");
    let trace = |reuse| trace(reuse, Multiplexing::None, &script);
    assert_eq!(trace(Reuse::Never), "1 1 2 2 3 3 4 4 3 5");
    assert_eq!(trace(Reuse::Safe), "1 1 2 1 3 3 4 1 3 5");
    assert_eq!(trace(Reuse::Aggressive), "1 1 1 1 1 1 2 2 1 2");
    assert_eq!(trace(Reuse::Always), "1 1 1 1 1 1 2 2 1 2");
}

#[test]
fn three_sessions_of_one_request_share_a_connection_only_if_always() {
    let script = "A A- B B- C";
    let trace = |reuse| trace(reuse, Multiplexing::None, script);
    assert_eq!(trace(Reuse::Safe), "1 2 3");
    assert_eq!(trace(Reuse::Aggressive), "1 2 3");
    assert_eq!(trace(Reuse::Always), "1 1 1");
}

#[test]
fn a_multiplexed_connection_is_known_to_bear_reuse_from_its_first_stream_on() {
    let trace = |reuse| trace(reuse, Multiplexing::Ordered, "A A- B B- C");
    assert_eq!(trace(Reuse::Never), "1 2 3");
    assert_eq!(trace(Reuse::Safe), "1 2 3");
    assert_eq!(trace(Reuse::Aggressive), "1 1 1");
    assert_eq!(trace(Reuse::Always), "1 1 1");
}

/// Streams at the same time: each word opens one, and none ends.
fn together(reuse: Reuse, multiplexing: Multiplexing, script: &str) -> String {
    let limits = Limits {
        reuse,
        ..Limits::default()
    };
    let mut world: World<Sound> = World::new(limits, multiplexing);
    let mut got = Vec::new();
    for word in script.split(' ') {
        let session = word.as_bytes()[0] - b'A';
        let ask = Ask {
            session,
            server: 0,
            name: 0,
        };
        world.apply(Op::Lease(ask)).expect("no fault");
        got.push(format!("{}", world.serial_at(session)));
    }
    got.join(" ")
}

#[test]
fn streams_of_several_sessions_meet_on_a_connection_only_where_the_mode_lets_them() {
    use Multiplexing::{Independent, Ordered};
    let script = "A A B A B B";
    // Three fit on each. In safe mode a slow stream can only hold up its own session's.
    assert_eq!(together(Reuse::Never, Ordered, script), "1 1 2 1 2 2");
    assert_eq!(together(Reuse::Safe, Ordered, script), "1 1 2 1 2 2");
    assert_eq!(together(Reuse::Safe, Independent, script), "1 2 3 4 5 6");
    assert_eq!(together(Reuse::Aggressive, Ordered, script), "1 2 3 4 5 6");
    assert_eq!(together(Reuse::Always, Ordered, script), "1 1 1 2 2 2");
}
