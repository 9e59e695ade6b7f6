//! A server goes into maintenance while it has connections of every kind (founding.md R-2.6 (e)).

use super::{World, answer};
use proptests::pair::{Say, ServerState};

/// A world whose server is in maintenance once `script` was played.
fn withdrawn_after(lines: &str, script: &str) -> World {
    let mut world = World::new(lines);
    world.trace(script);
    world.pair.set_server(0, ServerState::Maintenance);
    world.pair.run();
    world
}

#[test]
fn idle_connections_close_at_once_private_ones_included() {
    for (mode, script) in [
        ("safe", "A A"),
        ("always", "A B? C"),
        ("never", "A A"),
        ("safe", "A!"),
    ] {
        let lines = format!(" http-reuse {mode}\n server a 127.0.0.1:81 pool-low-conn 9\n");
        let world = withdrawn_after(&lines, script);
        let busy = script.matches('?').count();
        assert_eq!(world.open().len(), busy, "{mode}: {script}");
        assert_eq!(world.gauges(), [busy as u64, 0, 0, 0], "{mode}: {script}");
    }
}

#[test]
fn busy_connections_close_when_their_answer_is_complete_private_ones_included() {
    for (mode, used) in [("safe", 1), ("always", 1), ("never", 0)] {
        let lines = format!(" http-reuse {mode}\n server a 127.0.0.1:81\n");
        let mut world = withdrawn_after(&lines, "A?");
        assert_eq!(world.open(), [1], "{mode}");
        assert_eq!(world.gauges(), [used, 0, 0, 0], "{mode}");
        let mut sockets = world.pair.sockets().iter();
        let server = sockets.position(|one| one.to.is_some()).expect("a server");
        world.pair.say(server, Say::Bytes(answer("/", "late")));
        world.pair.run();
        let client = &world.pair.sockets()[world.clients[&'A']];
        assert!(client.heard.ends_with(b"late"), "{mode}");
        assert_eq!(world.open(), [] as [usize; 0], "{mode}");
        assert_eq!(world.gauges(), [0; 4], "{mode}");
    }
}

#[test]
fn nobody_is_sent_to_a_server_in_maintenance_and_to_one_that_drains() {
    for state in [ServerState::Maintenance, ServerState::Drain] {
        let mut world = World::new(" server a 127.0.0.1:81\n server b 127.0.0.1:82\n");
        world.pair.set_server(0, state);
        assert_eq!(world.trace("A A"), "1 1");
        let to: Vec<String> = world
            .pair
            .servers()
            .map(|socket| format!("{:?}", socket.to))
            .collect();
        assert!(to.iter().all(|to| to.contains("82")), "{state:?}: {to:?}");
        world.pair.set_server(1, ServerState::Maintenance);
        assert_eq!(world.trace("A"), "503", "{state:?}");
        world.pair.set_server(0, ServerState::Up);
        assert_eq!(world.trace("A"), "2", "{state:?}");
    }
}

#[test]
fn a_server_that_drains_keeps_its_connections() {
    let mut world = World::new(" server a 127.0.0.1:81\n");
    world.trace("A A");
    world.pair.set_server(0, ServerState::Drain);
    assert_eq!(world.open(), [1]);
    world.pair.set_server(0, ServerState::Up);
    assert_eq!(world.trace("A"), "1");
}

#[test]
fn a_server_that_comes_back_is_connected_to_anew() {
    let mut world = withdrawn_after(" server a 127.0.0.1:81\n", "A A");
    world.pair.set_server(0, ServerState::Up);
    assert_eq!(world.trace("A A"), "2 2");
}

#[test]
fn who_waits_is_not_served_by_a_server_in_maintenance_when_its_slot_is_free() {
    let lines = " server a 127.0.0.1:81 maxconn 1\n server b 127.0.0.1:82 maxconn 1\n";
    let mut world = World::new(lines);
    world.trace("A? B? C?");
    world.pair.set_server(0, ServerState::Maintenance);
    let sockets = world.pair.sockets().iter().enumerate();
    let servers = sockets.filter(|(_, one)| one.to.is_some());
    let servers: Vec<usize> = servers.map(|(at, _)| at).collect();
    world.pair.say(servers[0], Say::Bytes(answer("/", "1")));
    world.pair.run();
    assert_eq!(world.open(), [2], "nobody came in its place");
    world.pair.say(servers[1], Say::Bytes(answer("/", "2")));
    world.pair.run();
    let third = world.pair.servers().nth(2).expect("a third connection");
    let to = format!("{:?}", third.to);
    assert!(to.contains("82") && !third.heard.is_empty(), "{to}");
}

#[test]
fn a_server_that_begins_in_maintenance_serves_once_it_is_brought_back() {
    let mut world = World::new(" server a 127.0.0.1:81 disabled\n");
    assert_eq!(world.trace("A"), "503");
    world.pair.set_server(0, ServerState::Up);
    assert_eq!(world.trace("A A"), "1 1");
    let shared = world.pair.engine().shared();
    let history = shared.backend_history(session::settings::ProxyIndex(0));
    assert_eq!(history.downs, 0, "it never was up before");
}
