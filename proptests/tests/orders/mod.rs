//! Two things happen to one server connection, in every order, wherever the connection is.
//!
//! Two workers and what they say to each other are real; the network is played. Each step ends with the
//! engine's own checks, I1 to I11 of founding.md among them. Of the places of a connection one cannot be a
//! beginning: an event on an idle connection (`Io`) begins and ends within one call of the engine, so that
//! nothing but timers of the same instant can come in between; `timers` plays those.

mod timers;
mod world;

use std::collections::BTreeMap;
use world::{Speaks, World};

/// What can happen to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    SessionEnd,
    Maintenance,
    Purge,
    /// Another worker asks for it, gets it, and uses it.
    Takeover,
    /// As far as it is between the workers; it arrives when the second event has happened.
    Departure,
    TransportClose,
    StreamEnd,
    Goaway,
}

const EVENTS: [Event; 8] = [
    Event::SessionEnd,
    Event::Maintenance,
    Event::Purge,
    Event::Takeover,
    Event::Departure,
    Event::TransportClose,
    Event::StreamEnd,
    Event::Goaway,
];

/// Where a connection is when it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    /// Being established for a stream.
    New,
    /// With a stream; it lay idle before.
    Busy,
    Idle,
    /// To be closed, and not all is sent yet.
    Doomed,
}

/// Each place a connection can be in, with what `place` says of it.
const STARTS: [(&str, &str, Speaks, Start, &str); 13] = [
    ("new", "always", Speaks::H1, Start::New, "connecting, used"),
    (
        "new, shared",
        "always",
        Speaks::H2,
        Start::New,
        "connecting, used",
    ),
    (
        "new, private",
        "never",
        Speaks::H1,
        Start::New,
        "connecting",
    ),
    ("busy", "always", Speaks::H1, Start::Busy, "at one, used"),
    (
        "available",
        "always",
        Speaks::H2,
        Start::Busy,
        "at one, used",
    ),
    ("private", "never", Speaks::H1, Start::Busy, "at one"),
    (
        "private, shared",
        "never",
        Speaks::H2,
        Start::Busy,
        "at one",
    ),
    ("reserved", "safe", Speaks::H2, Start::Busy, "at one, used"),
    (
        "private idle",
        "never",
        Speaks::H1,
        Start::Idle,
        "at one, private idle",
    ),
    (
        "private idle, shared",
        "never",
        Speaks::H2,
        Start::Idle,
        "at one, private idle",
    ),
    ("idle", "always", Speaks::H1, Start::Idle, "at one, idle"),
    ("safe", "always", Speaks::H2, Start::Idle, "at one, safe"),
    (
        "doomed",
        "always",
        Speaks::H2,
        Start::Doomed,
        "at one, safe",
    ),
];

fn start(at: usize) -> World {
    let (name, mode, speaks, start, place) = STARTS[at];
    let mut world = World::new(mode, speaks);
    world.request_of_the_first();
    if start != Start::New {
        world.established();
        world.stream_ends();
        if mode != "never" {
            world.ask();
        }
        match start {
            Start::Busy => world.request_of_the_first(),
            Start::Doomed => {
                world.clog();
                world.purge();
            }
            Start::New | Start::Idle => {}
        }
    }
    assert_eq!(world.place(), place, "{name}");
    world
}

/// Why something cannot happen now.
fn obstacle(world: &World, event: Event) -> Option<&'static str> {
    let from_server = || match () {
        () if world.travels() => Some("nobody reads while it is between workers"),
        () if !world.is_open() => Some("it is closed"),
        () => None,
    };
    match event {
        Event::SessionEnd if !world.user_is_here() => Some("its client has left"),
        Event::SessionEnd | Event::Maintenance => None,
        Event::Purge if world.a_purge_is_due() => None,
        Event::Purge => Some("nothing was idle, and no timer runs"),
        Event::Takeover | Event::Departure if world.is_asked_for() => None,
        Event::Takeover | Event::Departure => Some("no other worker asks for it"),
        Event::TransportClose => from_server(),
        Event::StreamEnd => {
            from_server().or_else(|| (!world.carries_a_stream()).then_some("it carries no stream"))
        }
        Event::Goaway => from_server().or_else(|| match world.speaks() {
            _ if world.is_connecting() => Some("nothing is said before it is established"),
            Speaks::H1 if world.said_close() => Some("an answer has one head"),
            Speaks::H1 | Speaks::H2 => None,
        }),
    }
}

fn happens(world: &mut World, event: Event) {
    match event {
        Event::SessionEnd => world.session_ends(),
        Event::Maintenance => world.maintenance(),
        Event::Purge => world.purge(),
        Event::Takeover => {
            world.leaves();
            world.arrives();
        }
        Event::Departure => world.leaves(),
        Event::TransportClose => world.transport_closes(),
        Event::StreamEnd => world.stream_ends(),
        Event::Goaway => world.goaway(),
    }
}

#[test]
fn every_order_of_two_events_from_every_place_keeps_the_invariants() {
    let mut played = 0;
    let mut obstacles = BTreeMap::<&str, u32>::new();
    for (at, (name, ..)) in STARTS.iter().enumerate() {
        for first in EVENTS {
            for second in EVENTS {
                let mut world = start(at);
                let why = obstacle(&world, first).or_else(|| {
                    happens(&mut world, first);
                    obstacle(&world, second)
                });
                match why {
                    Some(why) => *obstacles.entry(why).or_default() += 1,
                    None => {
                        happens(&mut world, second);
                        played += 1;
                    }
                }
                world.finish(&format!("{name}: {first:?}, {second:?}"));
            }
        }
    }
    let table: String = obstacles
        .iter()
        .map(|(why, count)| format!("{count} {why}\n"))
        .collect();
    let table = format!("{played} played\n{table}");
    assert_eq!(table, PAIRS, "\n{table}");
}

/// How many pairs were played, and how many cannot be and why.
const PAIRS: &str = "\
374 played
2 an answer has one head
85 it carries no stream
90 it is closed
13 its client has left
198 no other worker asks for it
6 nobody reads while it is between workers
27 nothing is said before it is established
37 nothing was idle, and no timer runs
";

#[test]
fn each_event_leads_from_each_place_to_one_place() {
    let mut table = String::new();
    for (at, (name, ..)) in STARTS.iter().enumerate() {
        for event in EVENTS {
            let mut world = start(at);
            if obstacle(&world, event).is_none() {
                let before = world.place();
                happens(&mut world, event);
                let after = world.place();
                if after != before {
                    table += &format!("{name} + {event:?} = {after}\n");
                }
            }
        }
    }
    assert_eq!(table, TRANSITIONS, "\n{table}");
}

/// Those that move a connection; every other event leaves it where it is.
const TRANSITIONS: &str = "\
new + SessionEnd = closed
new + TransportClose = closed
new, shared + SessionEnd = closed
new, shared + TransportClose = closed
new, private + SessionEnd = closed
new, private + TransportClose = closed
busy + SessionEnd = closed
busy + TransportClose = closed
busy + StreamEnd = at one, safe
available + SessionEnd = at one, safe
available + TransportClose = closed
available + StreamEnd = at one, safe
private + SessionEnd = closed
private + TransportClose = closed
private + StreamEnd = at one, private idle
private, shared + SessionEnd = closed
private, shared + TransportClose = closed
private, shared + StreamEnd = at one, private idle
reserved + SessionEnd = at one, safe
reserved + TransportClose = closed
reserved + StreamEnd = at one, safe
private idle + SessionEnd = closed
private idle + Maintenance = closed
private idle + TransportClose = closed
private idle + Goaway = closed
private idle, shared + SessionEnd = closed
private idle, shared + Maintenance = closed
private idle, shared + TransportClose = closed
private idle, shared + Goaway = closed
idle + Maintenance = closed
idle + Purge = closed
idle + Takeover = at other, used
idle + Departure = under way
idle + TransportClose = closed
idle + Goaway = closed
safe + Maintenance = closed
safe + Purge = closed
safe + Takeover = at other, used
safe + Departure = under way
safe + TransportClose = closed
safe + Goaway = closed
";
