//! Timers that fire while an event on an idle connection is being taken in, or right before.
//!
//! The engine takes in what all timers that are due lead to before it looks after the connections: an
//! unanswered `idle-ping` takes a connection out of its place (`Io`), and what else is due finds it so.

use super::world::{Speaks, World};
use base::Duration;

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

/// A connection that lies idle since second 0, with a PING every so many seconds.
fn idle(mode: &str, lines: &str, ping: u64) -> World {
    let options = format!("idle-ping {ping}s");
    let mut world = World::with(mode, Speaks::H2, lines, &options);
    world.request_of_the_first();
    world.established();
    world.stream_ends();
    world
}

/// Seconds pass one by one, and the server answers every PING.
fn pass(world: &mut World, seconds: u64) {
    for _ in 0..seconds {
        world.pass(secs(1));
        world.pongs();
    }
}

#[test]
fn a_purge_does_not_see_a_connection_on_which_an_event_is_taken_in() {
    // PINGs at 9, 18 and 27; the third purge, at 30, is the first that finds it needless.
    let mut world = idle("always", "", 9);
    pass(&mut world, 20);
    assert_eq!(world.place(), "at one, safe");
    world.pass(secs(11));
    assert_eq!(world.place(), "at one, safe");
    world.pongs();
    pass(&mut world, 10);
    assert_eq!(world.place(), "closed", "the next purge does");
    world.finish("event, purge");
}

#[test]
fn an_event_does_not_bring_back_what_a_purge_took() {
    // PINGs at 11 and 22; the next would be at 33, in the same step as the purge at 30.
    let mut world = idle("always", "", 11);
    pass(&mut world, 23);
    assert_eq!(world.place(), "at one, safe");
    world.pass(secs(11));
    assert_eq!(world.place(), "closed");
    world.finish("purge, event");
}

#[test]
fn a_session_that_ends_takes_its_connection_whether_an_event_is_taken_in_or_not() {
    for ping in [9, 11] {
        let mut world = idle("never", " timeout http-keep-alive 10s", ping);
        assert_eq!(world.place(), "at one, private idle");
        world.pass(secs(12));
        assert_eq!(world.place(), "closed", "{ping}");
        world.finish("session end");
    }
}
