//! Single decisions: who is admitted, what is purged, what a key distinguishes.

use super::ops::{AROUND, Ask, Op, World};
use super::toy::SessionKey;
use crate::list::Thread;
use crate::rules::Ends;
use crate::{
    Around, Doom, Files, Gauges, Key, Limits, Multiplexing, Parked, Reuse, Rules, Sound, Target,
};
use base::Duration;
use message::Capacity;
use std::vec::Vec;

/// What becomes of a connection used once, beside `used` others and `idle` idle ones.
fn parks(limits: Limits, used: u32, idle: u32, needed: u32, around: Around) -> bool {
    let fate = Sound::park::<SessionKey>(&Ends {
        owner: None,
        session_idle: 0,
        multiplexing: Multiplexing::None,
        begun: 1,
        capacity: Capacity {
            now: 1,
            ever: u32::MAX,
        },
        maintenance: false,
        limits: &limits,
        gauges: Gauges {
            used: used + 1,
            idle,
            needed,
            ..Gauges::default()
        },
        around: &around,
    });
    assert!(matches!(fate, Ok(Parked::Idle) | Err(Doom::Refused)));
    fate.is_ok()
}

#[test]
fn the_first_idle_connection_is_kept_and_more_as_far_as_they_were_needed() {
    let limits = Limits::default();
    assert!(parks(limits, 0, 0, 0, AROUND));
    assert!(!parks(limits, 0, 1, 1, AROUND));
    assert!(parks(limits, 0, 1, 2, AROUND));
    assert!(!parks(limits, 1, 1, 2, AROUND));
    let low = Limits {
        idle_low: 1,
        ..limits
    };
    assert!(parks(low, 0, 1, 1, AROUND));
    assert!(!parks(low, 0, 2, 1, AROUND));
}

#[test]
fn connections_that_nobody_can_replace_are_kept_beyond_what_was_needed() {
    let limits = Limits {
        reversed: true,
        ..Limits::default()
    };
    assert!(parks(limits, 0, 2, 1, AROUND));
    let most = Limits {
        idle_max: Some(2),
        ..limits
    };
    assert!(!parks(most, 0, 2, 1, AROUND));
}

#[test]
fn scarce_files_leave_a_server_one_idle_connection_and_then_none() {
    let with = |files| Around { files, ..AROUND };
    assert!(!parks(Limits::default(), 0, 1, 9, with(Files::Many)));
    assert!(parks(Limits::default(), 0, 0, 9, with(Files::Many)));
    assert!(!parks(Limits::default(), 0, 0, 9, with(Files::TooMany)));
}

#[test]
fn pool_max_conn_counts_the_idle_connections_of_every_worker() {
    let limits = Limits {
        idle_max: Some(2),
        ..Limits::default()
    };
    assert!(parks(limits, 0, 1, 9, AROUND));
    assert!(!parks(limits, 0, 2, 9, AROUND));
    let elsewhere = Around {
        idle_elsewhere: 1,
        ..AROUND
    };
    assert!(!parks(limits, 0, 1, 9, elsewhere));
    let none = Limits {
        idle_max: Some(0),
        ..Limits::default()
    };
    assert!(!parks(none, 0, 0, 9, AROUND));
}

#[test]
fn nothing_is_kept_without_a_purge_delay_or_when_the_worker_stops() {
    let limits = Limits {
        purge_delay: Duration::ZERO,
        ..Limits::default()
    };
    assert!(!parks(limits, 0, 0, 9, AROUND));
    let stopping = Around {
        stopping: true,
        ..AROUND
    };
    assert!(!parks(Limits::default(), 0, 0, 9, stopping));
}

#[test]
fn ratios_are_those_of_the_files_there_may_be() {
    assert_eq!(Files::of(19, 100, 20, 25), Files::Few);
    assert_eq!(Files::of(20, 100, 20, 25), Files::Many);
    assert_eq!(Files::of(25, 100, 20, 25), Files::TooMany);
    assert_eq!(Files::of(u32::MAX, 0, 20, 25), Files::Few);
}

fn lease(session: u8) -> Op {
    Op::Lease(Ask {
        session,
        server: 0,
        name: 0,
    })
}

fn run(world: &mut World, ops: &[Op]) {
    for op in ops {
        world.apply(*op).expect("no fault");
    }
}

fn idle_after(world: &World) -> Vec<u32> {
    let by_age = world.pool.server(Target(0)).by_age;
    let serial = |(id, _)| world.toys.conn(id).map(|toy| toy.serial);
    by_age
        .iter(&world.toys, Thread::Age)
        .filter_map(serial)
        .collect()
}

#[test]
fn a_purge_closes_half_of_what_nobody_needed_the_oldest_first() {
    let limits = Limits {
        reuse: Reuse::Always,
        ..Limits::default()
    };
    let mut world = World::new(limits, Multiplexing::None);
    run(&mut world, &[lease(0), lease(1), lease(2), lease(3)]);
    run(&mut world, &[Op::Release(0); 4]);
    assert_eq!(idle_after(&world), [4, 3, 2, 1]);
    // All four were needed in the first period, and in the second as far as anybody knows.
    run(&mut world, &[Op::Purge(0)]);
    assert_eq!(idle_after(&world), [4, 3, 2, 1]);
    run(&mut world, &[Op::Purge(0), Op::Purge(0)]);
    assert_eq!(idle_after(&world), [4, 3, 2]);
    run(&mut world, &[Op::Purge(0); 3]);
    assert_eq!(idle_after(&world), [] as [u32; 0]);
}

#[test]
fn the_idle_private_connections_of_a_session_are_bounded() {
    let limits = Limits {
        reuse: Reuse::Never,
        ..Limits::default()
    };
    let mut world = World::new(limits, Multiplexing::None);
    run(&mut world, &[lease(0), lease(0), lease(0)]);
    run(&mut world, &[Op::Release(0); 3]);
    // Two may lie idle in these tests; the third was closed.
    let parked = |world: &World| {
        let all = world.toys.slots.values();
        all.filter(|held| held.place().is_parked()).count()
    };
    assert_eq!(parked(&world), 2);
    run(&mut world, &[Op::End(0)]);
    assert_eq!(parked(&world), 0);
}

#[test]
fn max_reuse_counts_the_requests_after_the_first() {
    let limits = Limits {
        reuses_max: Some(1),
        reuse: Reuse::Always,
        ..Limits::default()
    };
    let mut world = World::new(limits, Multiplexing::None);
    let mut got = Vec::new();
    for _ in 0..5 {
        run(&mut world, &[lease(0)]);
        got.push(world.serial_at(0));
        run(&mut world, &[Op::Release(0)]);
    }
    assert_eq!(got, [1, 1, 2, 2, 3]);
}

#[test]
fn every_part_of_a_key_tells_connections_apart() {
    let address = |port| Some(core::net::SocketAddr::from(([127, 0, 0, 1], port)));
    let key = Key::of(Target(1));
    let others = [
        Key::of(Target(0)),
        Key { name: b"n", ..key },
        Key {
            destination: address(1),
            ..key
        },
        Key {
            source: address(1),
            ..key
        },
        Key {
            proxy_header: b"n",
            ..key
        },
        Key {
            mark: Some(0),
            ..key
        },
        Key {
            tos: Some(0),
            ..key
        },
    ];
    for (at, one) in others.iter().enumerate() {
        assert_ne!(one, &key);
        assert_ne!(one.hash(7), key.hash(7));
        for other in &others[at + 1..] {
            assert_ne!(one.hash(7), other.hash(7), "{one:?} {other:?}");
        }
    }
    assert_ne!(key.hash(7), key.hash(8));
    assert_eq!(key.hash(7), key.to_owned().get().hash(7));
}
