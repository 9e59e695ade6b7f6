//! What can happen to one connection, in every order of two, from every place it can be in.

use super::ops::{Ask, Op, World};
use crate::{Bond, Limits, Multiplexing, Parked, Place, Reuse, Sound, Target};
use std::format;
use std::string::String;

/// What can happen, by name.
const EVENTS: [(&str, Op); 7] = [
    ("session end", Op::End(0)),
    ("maintenance", Op::Maintain(0)),
    ("purge", Op::Purge(0)),
    ("takeover", Op::Takeover(0, 0)),
    ("transport close", Op::Closed(0)),
    ("stream end", Op::Release(0)),
    ("goaway", Op::Goaway(0)),
];

const ASK: Ask = Ask {
    session: 0,
    server: 0,
    name: 0,
};
const LEASE: Op = Op::Lease(ASK);
const RELEASE: Op = Op::Release(0);
const EVENT: Op = Op::EnterEvent(0);

/// Each place a connection can be in, and how it gets there.
const STARTS: [(&str, Reuse, Multiplexing, &[Op]); 13] = [
    ("new", Reuse::Safe, Multiplexing::None, &[Op::Connect(ASK)]),
    (
        "new, private",
        Reuse::Never,
        Multiplexing::None,
        &[Op::Connect(ASK)],
    ),
    ("busy", Reuse::Safe, Multiplexing::None, &[LEASE]),
    ("available", Reuse::Always, Multiplexing::Ordered, &[LEASE]),
    ("private", Reuse::Never, Multiplexing::Ordered, &[LEASE]),
    ("reserved", Reuse::Safe, Multiplexing::Ordered, &[LEASE]),
    (
        "private idle",
        Reuse::Never,
        Multiplexing::None,
        &[LEASE, RELEASE],
    ),
    ("idle", Reuse::Safe, Multiplexing::None, &[LEASE, RELEASE]),
    (
        "safe",
        Reuse::Safe,
        Multiplexing::Ordered,
        &[LEASE, RELEASE],
    ),
    (
        "event of private idle",
        Reuse::Never,
        Multiplexing::None,
        &[LEASE, RELEASE, EVENT],
    ),
    (
        "event of idle",
        Reuse::Safe,
        Multiplexing::None,
        &[LEASE, RELEASE, EVENT],
    ),
    (
        "event of safe",
        Reuse::Safe,
        Multiplexing::Ordered,
        &[LEASE, RELEASE, EVENT],
    ),
    (
        "doomed",
        Reuse::Safe,
        Multiplexing::None,
        &[LEASE, RELEASE, Op::Goaway(0)],
    ),
];

/// The place of the one connection there is.
fn place(world: &World) -> String {
    let Some((_, held)) = world.toys.slots.iter().next() else {
        return String::from("gone");
    };
    match held.place() {
        Place::New { private, .. } if *private => "new, private".into(),
        Place::New { .. } => "new".into(),
        Place::Busy(_) => "busy".into(),
        Place::Available(_) => "available".into(),
        Place::Session { bond, .. } => match bond {
            Bond::Private => "private".into(),
            Bond::Reserved => "reserved".into(),
        },
        Place::SessionIdle { .. } => "private idle".into(),
        Place::Idle(_) => "idle".into(),
        Place::Safe(_) => "safe".into(),
        Place::Io { from, .. } => match from {
            Parked::Idle => "event of idle".into(),
            Parked::Safe => "event of safe".into(),
            Parked::Session(_) => "event of private idle".into(),
        },
        Place::Doomed { .. } => "doomed".into(),
        Place::Gone => "gone".into(),
    }
}

fn start(at: usize) -> World {
    let (name, reuse, multiplexing, ops) = STARTS[at];
    let limits = Limits {
        reuse,
        ..Limits::default()
    };
    let mut world: World<Sound> = World::new(limits, multiplexing);
    for op in ops {
        world.apply(*op).expect("no fault");
    }
    assert_eq!(place(&world), name);
    world
}

fn apply(world: &mut World, op: Op, history: &str) {
    // What was needed once is kept for two periods more.
    let times = if op == Op::Purge(0) { 3 } else { 1 };
    for _ in 0..times {
        if let Err(fault) = world.apply(op) {
            panic!("{history}: {fault}");
        }
    }
}

/// Whatever remains to be done is done; then nothing is left and nothing is counted.
fn finish(mut world: World, history: &str) {
    for op in [
        Op::LeaveEvent(0),
        Op::Established(0),
        RELEASE,
        Op::Arrive(1),
        RELEASE,
        Op::Ready(0),
        // A stranger comes, and does not get what is another's.
        Op::Lease(Ask { session: 2, ..ASK }),
        RELEASE,
        Op::End(0),
        Op::End(1),
        Op::End(2),
    ] {
        apply(&mut world, op, history);
    }
    world.close_all();
    let gauges = world.pool.gauges(Target(0));
    let left = (gauges.total, gauges.used, gauges.all_idle());
    assert_eq!((left, gauges.session_idle), ((0, 0, 0), 0), "{history}");
}

#[test]
fn every_order_of_two_events_from_every_place_keeps_the_invariants() {
    for (at, (name, ..)) in STARTS.iter().enumerate() {
        for (first_name, first) in EVENTS {
            for (second_name, second) in EVENTS {
                let history = format!("{name}: {first_name}, {second_name}");
                let mut world = start(at);
                apply(&mut world, first, &history);
                apply(&mut world, second, &history);
                finish(world, &history);
            }
        }
    }
}

#[test]
fn each_event_leads_from_each_place_to_one_place() {
    let mut table = String::new();
    for (at, (name, ..)) in STARTS.iter().enumerate() {
        for (event_name, event) in EVENTS {
            let mut world = start(at);
            apply(&mut world, event, name);
            let after = place(&world);
            if after != *name {
                table += &format!("{name} + {event_name} = {after}\n");
            }
        }
    }
    assert_eq!(table, TRANSITIONS, "\n{table}");
}

/// Those that move a connection; every other event leaves it where it is. A client that leaves has got
/// its answers.
const TRANSITIONS: &str = "\
new + session end = gone
new + transport close = gone
new, private + session end = gone
new, private + transport close = gone
busy + session end = idle
busy + transport close = gone
busy + stream end = idle
available + session end = safe
available + transport close = gone
available + stream end = safe
available + goaway = busy
private + session end = doomed
private + transport close = gone
private + stream end = private idle
reserved + session end = safe
reserved + transport close = gone
reserved + stream end = safe
private idle + session end = doomed
private idle + maintenance = doomed
private idle + transport close = gone
private idle + goaway = doomed
idle + maintenance = doomed
idle + purge = doomed
idle + takeover = gone
idle + transport close = gone
idle + goaway = doomed
safe + maintenance = doomed
safe + purge = doomed
safe + takeover = gone
safe + transport close = gone
safe + goaway = doomed
event of private idle + session end = doomed
event of private idle + transport close = gone
event of private idle + goaway = doomed
event of idle + transport close = gone
event of idle + goaway = doomed
event of safe + transport close = gone
event of safe + goaway = doomed
doomed + transport close = gone
";
