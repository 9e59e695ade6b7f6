//! Servers that connect to the proxy: their connections leave the frontend they came by, once, and serve
//! requests of its clients' frontend.

use super::World;
use super::h2_origin::Origin;
use base::{Duration, Rng};
use http2::frame::PREFACE;
use proptests::harness::nowhere::settings;
use proptests::pair::{Closed, Mute, Pace, Pair, Say, ServerState};

const SETTINGS: &[u8] = b"\0\0\0\x04\0\0\0\0\0";
const PING: &[u8] = b"\0\0\x08\x06\0\0\0\0\0are you?";

/// A proxy whose server comes through its second proxy, with these options and this rule.
struct Reversed {
    world: World,
    devices: usize,
}

impl Reversed {
    fn new() -> Self {
        Self::with("", "", "attach-srv in/a")
    }

    fn with(proxy: &str, server: &str, rule: &str) -> Self {
        Self::paced(proxy, server, rule, Pace::in_order(16_384))
    }

    fn paced(proxy: &str, server: &str, rule: &str, pace: Pace) -> Self {
        let config = format!(
            "global\n expose-experimental-directives\n\
             defaults\n mode http\n timeout client 10s\n timeout server 1h\n timeout connect 1s\n\
             listen in\n bind 127.0.0.1:80\n {proxy}\n server a rhttp@ {server}\n\
             frontend devices\n bind 127.0.0.1:82 proto h2\n maxconn 1\n \
             tcp-request session {rule}\n"
        );
        let mut world = World::new("");
        world.pair = Pair::new(settings(&config), pace, |_| {
            unreachable!("nothing can be dialled")
        });
        Self { world, devices: 0 }
    }

    /// One more server connects; its place among the sockets.
    fn device(&mut self) -> usize {
        self.devices += 1;
        let device = Origin::reversed(self.devices.to_string());
        let at = self.world.pair.connect_to(1, 0, device);
        self.world.pair.run();
        at
    }

    /// One that says only this.
    fn peer(&mut self, says: &[&[u8]]) -> usize {
        let at = self.world.pair.connect_to(1, 0, Mute);
        self.world.pair.say(at, Say::Bytes(says.concat()));
        self.world.pair.run();
        at
    }

    fn trace(&mut self, script: &str) -> String {
        self.world.trace(script)
    }

    /// Connections that the frontend of the devices has.
    fn coming(&self) -> u64 {
        let shared = self.world.pair.engine().shared();
        let counted = shared.counters[0][1].frontend.scur.get();
        assert_eq!(u64::from(shared.connections[1].now()), counted);
        counted
    }

    fn closed(&self, at: usize) -> Closed {
        self.world.pair.sockets()[at].closed
    }

    fn heard(&self, at: usize) -> &[u8] {
        &self.world.pair.sockets()[at].heard
    }
}

#[test]
fn a_request_is_refused_at_once_while_its_server_has_not_come() {
    let mut proxy = Reversed::new();
    let begun = proxy.world.pair.now();
    assert_eq!(proxy.trace("A A B"), "503 503 503");
    assert_eq!(proxy.world.pair.now(), begun, "no attempt is repeated");
    let shared = proxy.world.pair.engine().shared();
    let counted = &shared.counters[0][0].servers[0];
    assert_eq!((counted.econ.get(), counted.wretr.get()), (3, 0));
    assert_eq!((counted.connect.get(), counted.scur.get()), (0, 0));
}

#[test]
fn a_server_that_came_serves_everybody_and_is_no_client_any_more() {
    for mode in ["never", "safe", "aggressive", "always"] {
        // Where we would come from is of no matter either.
        let proxy = format!("http-reuse {mode}\n source 192.0.2.7");
        let mut proxy = Reversed::with(&proxy, "", "attach-srv in/a");
        proxy.device();
        assert_eq!(proxy.coming(), 0, "{mode}");
        assert_eq!(proxy.world.gauges(), [0, 0, 1, 0], "{mode}");
        assert_eq!(proxy.trace("A A B A- B C"), "1 1 1 1 1", "{mode}");
        assert_eq!(proxy.world.gauges(), [0, 0, 1, 0], "{mode}");
    }
}

#[test]
fn the_room_of_a_server_that_has_moved_is_there_for_the_next() {
    let mut proxy = Reversed::new();
    proxy.device();
    assert!(
        proxy
            .world
            .pair
            .engine()
            .may_accept(session::settings::ProxyIndex(1), 0)
    );
    proxy.device();
    proxy.device();
    assert_eq!(proxy.world.gauges(), [0, 0, 3, 0]);
    // None of them is given up as more than what is needed.
    assert_eq!(proxy.trace("A? B? C"), "3");
    proxy.trace("B- A-");
    assert_eq!(proxy.world.gauges(), [0, 0, 3, 0]);
}

#[test]
fn what_is_read_behind_the_settings_is_not_lost() {
    let mut proxy = Reversed::new();
    let at = proxy.peer(&[PREFACE, SETTINGS, PING]);
    assert_eq!(proxy.world.gauges(), [0, 0, 1, 0]);
    let answered = [0, 0, 8, 6, 1];
    let heard = proxy.heard(at);
    assert!(heard.windows(5).any(|it| it == answered), "{heard:?}");
    assert!(!heard.starts_with(PREFACE), "the peer has said it");
}

#[test]
fn a_server_comes_however_its_bytes_are_cut() {
    for seed in 0..40 {
        let pace = Pace::random(Rng::from_u64(seed), 1 + seed as usize % 30);
        let mut proxy = Reversed::paced("", "", "attach-srv in/a", pace);
        proxy.device();
        assert_eq!(proxy.trace("A B A"), "1 1 1", "seed {seed}");
    }
}

#[test]
fn a_peer_is_no_server_before_it_has_said_how_it_speaks() {
    let mut proxy = Reversed::new();
    let at = proxy.peer(&[PREFACE]);
    assert_eq!((proxy.coming(), proxy.world.gauges()), (1, [0; 4]));
    assert_eq!(proxy.trace("A"), "503");
    proxy.world.pair.pass_for(Duration::from_secs(30));
    assert_ne!(proxy.closed(at), Closed::Open);
    assert_eq!(proxy.coming(), 0);
}

#[test]
fn a_peer_that_says_something_else_is_sent_away() {
    let mut proxy = Reversed::new();
    let others: [&[&[u8]]; 4] = [
        &[b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"],
        &[b"PRI * HTTP/2.0\r\n\r\nXX"],
        &[PREFACE, PING],
        // A request, of whom is to answer them.
        &[PREFACE, SETTINGS, b"\0\0\x03\x01\x05\0\0\0\x01\x82\x86\x84"],
    ];
    for says in others {
        let at = proxy.peer(says);
        assert_ne!(proxy.closed(at), Closed::Open, "{says:?}");
        assert_eq!(
            (proxy.coming(), proxy.world.gauges()),
            (0, [0; 4]),
            "{says:?}"
        );
    }
}

#[test]
fn a_peer_that_leaves_before_it_is_a_server_leaves_the_frontend() {
    let whole = [PREFACE, SETTINGS].concat();
    for end in [Say::Fin, Say::Reset] {
        for count in 0..=whole.len() {
            let mut proxy = Reversed::new();
            let at = proxy.peer(&[&whole[..count]]);
            proxy.world.pair.say(at, end.clone());
            proxy.world.pair.run();
            assert_ne!(proxy.closed(at), Closed::Open, "{count} bytes");
            assert_eq!(
                (proxy.coming(), proxy.world.gauges()),
                (0, [0; 4]),
                "{count} bytes"
            );
            proxy.world.pair.assert_at_rest();
        }
    }
}

#[test]
fn a_request_whose_server_leaves_goes_to_another_that_came_or_is_refused() {
    let mut proxy = Reversed::new();
    let first = proxy.device();
    assert_eq!(proxy.trace("A"), "1");
    proxy.world.pair.say(first, Say::Fin);
    proxy.world.pair.run();
    assert_eq!(proxy.trace("A"), "503");
    proxy.device();
    assert_eq!(proxy.trace("A"), "2");
}

#[test]
fn rules_behind_the_one_that_attaches_still_count() {
    let rules = |second: &str| {
        let rules = format!("attach-srv in/a\n tcp-request session {second}");
        let mut proxy = Reversed::with("", "", &rules);
        let at = proxy.device();
        (proxy.closed(at) == Closed::Open, proxy.world.gauges()[2])
    };
    assert_eq!(rules("reject"), (false, 0));
    assert_eq!(rules("accept"), (true, 1));
    assert_eq!(rules("attach-srv in/a"), (true, 1));
}

#[test]
fn who_has_to_say_whose_it_is_hears_nothing_before_and_is_a_server_behind_it() {
    let config = "global\n expose-experimental-directives\n\
         defaults\n mode http\n timeout client 10s\n timeout server 1h\n timeout connect 1s\n\
         listen in\n bind 127.0.0.1:80\n server a rhttp@\n\
         frontend devices\n bind 127.0.0.1:82 proto h2 accept-proxy\n \
         tcp-request session attach-srv in/a if { src 192.0.2.9 }\n";
    let mut proxy = Reversed::new();
    proxy.world.pair = Pair::new(settings(config), Pace::in_order(7), |_| {
        unreachable!("nothing can be dialled")
    });
    let at = proxy.peer(&[]);
    assert_eq!(proxy.heard(at), b"");
    let header = b"PROXY TCP4 192.0.2.9 192.0.2.80 40000 82\r\n";
    let says = [&header[..], PREFACE, SETTINGS].concat();
    proxy.world.pair.say(at, Say::Bytes(says));
    proxy.world.pair.run();
    assert_eq!(proxy.world.gauges(), [0, 0, 1, 0]);
    // SETTINGS, once, and the acknowledgement of theirs.
    let (mut rest, mut frames) = (proxy.heard(at), Vec::new());
    while let [0, 0, length, kind, flags, ..] = *rest {
        frames.push((kind, flags));
        rest = &rest[9 + usize::from(length)..];
    }
    assert_eq!(frames, [(4, 0), (4, 1)]);
}

#[test]
fn connections_that_no_rule_attaches_are_clients() {
    let mut proxy = Reversed::with("", "", "attach-srv in/a if FALSE");
    proxy.device();
    assert_eq!(proxy.coming(), 1);
    assert_eq!(proxy.trace("A"), "503");
}

#[test]
fn a_name_is_a_part_of_what_is_looked_for() {
    let named = |server: &str, rule: &str| {
        let mut proxy = Reversed::with("", server, rule);
        proxy.device();
        assert_eq!(proxy.world.gauges(), [0, 0, 1, 0]);
        proxy.trace("A")
    };
    let server = "pool-conn-name str(blue)";
    assert_eq!(named(server, "attach-srv in/a name str(blue)"), "1");
    assert_eq!(named(server, "attach-srv in/a name str(green)"), "503");
    assert_eq!(named(server, "attach-srv in/a"), "503");
    let server = "pool-conn-name hdr(host)";
    assert_eq!(named(server, "attach-srv in/a name str(h)"), "1");
    assert_eq!(named(server, "attach-srv in/a name src"), "503");
}

#[test]
fn a_server_in_maintenance_takes_nobody_in() {
    let mut proxy = Reversed::new();
    let first = proxy.device();
    proxy.world.pair.set_server(0, ServerState::Maintenance);
    proxy.world.pair.run();
    let second = proxy.device();
    for at in [first, second] {
        assert_ne!(proxy.closed(at), Closed::Open);
    }
    assert_eq!((proxy.coming(), proxy.world.gauges()), (0, [0; 4]));
    proxy.world.pair.set_server(0, ServerState::Up);
    proxy.device();
    assert_eq!(proxy.trace("A"), "3");
}

#[test]
fn limits_of_the_server_hold_for_those_who_come() {
    for option in ["pool-max-conn 1", "maxconn 1 strict-maxconn"] {
        let mut proxy = Reversed::with("", option, "attach-srv in/a");
        let first = proxy.device();
        let second = proxy.device();
        proxy.world.pair.pass_for(Duration::from_secs(1));
        assert_eq!(proxy.closed(first), Closed::Open, "{option}");
        assert_ne!(proxy.closed(second), Closed::Open, "{option}");
        assert_eq!(
            (proxy.coming(), proxy.world.gauges()),
            (0, [0, 0, 1, 0]),
            "{option}"
        );
    }
    let mut proxy = Reversed::with("", "max-reuse 1", "attach-srv in/a");
    proxy.device();
    assert_eq!(proxy.trace("A A A"), "1 1 503");
}

#[test]
fn a_soft_stop_lets_a_server_go_that_is_about_to_come() {
    let mut proxy = Reversed::new();
    proxy.peer(&[PREFACE]);
    proxy.device();
    proxy.world.pair.soft_stop();
    proxy.world.pair.run();
    proxy.world.pair.pass_for(Duration::from_secs(30));
    assert!(proxy.world.pair.is_stopped());
    assert_eq!((proxy.coming(), proxy.world.gauges()), (0, [0; 4]));
}

/// Devices and clients come, ask and break off at any time: the checkers of the pool look on, and in the
/// end nothing is left.
#[test]
fn nothing_is_left_of_servers_and_clients_that_break_off_at_any_time() {
    for seed in 0..60 {
        let mut rng = Rng::from_u64(seed);
        let pace = Pace::random(rng.fork("pace"), 200);
        let mut proxy = Reversed::paced("", "", "attach-srv in/a", pace);
        let mut devices = Vec::new();
        let mut clients = Vec::new();
        for _ in 0..60 {
            let pair = &mut proxy.world.pair;
            match rng.below(8) {
                0 | 1 => {
                    let device = Origin::reversed("1".into());
                    devices.push(pair.connect_to(1, 0, device));
                }
                2 => clients.push(pair.connect(Mute)),
                3 | 4 if !clients.is_empty() => {
                    let at = clients[rng.below(clients.len() as u64) as usize];
                    let target = if rng.chance(1, 3) { "/slow" } else { "/" };
                    let request = format!("GET {target} HTTP/1.1\r\nHost: h\r\n\r\n");
                    pair.say(at, Say::Bytes(request.into_bytes()));
                }
                5 | 6 if !devices.is_empty() => {
                    let at = devices.swap_remove(rng.below(devices.len() as u64) as usize);
                    pair.say(at, Say::any_end(&mut rng));
                }
                _ if !clients.is_empty() => {
                    let at = clients.swap_remove(rng.below(clients.len() as u64) as usize);
                    pair.say(at, Say::Reset);
                }
                _ => {}
            }
            for _ in 0..rng.below(40) {
                pair.step();
            }
        }
        let pair = &mut proxy.world.pair;
        for at in devices.into_iter().chain(clients) {
            pair.say(at, Say::Reset);
        }
        pair.run();
        pair.pass_for(Duration::from_secs(7200));
        pair.assert_at_rest();
        assert_eq!(
            (proxy.coming(), proxy.world.gauges()),
            (0, [0; 4]),
            "seed {seed}"
        );
    }
}
