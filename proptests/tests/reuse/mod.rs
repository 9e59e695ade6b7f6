//! Which server connection each request gets: a raw client, a raw origin that says on which of its
//! connections a request came, and the whole engine between them.

mod dialed;
mod h2_origin;
mod introduced;
mod maintenance;
mod reversed;
mod workers;

use base::Duration;
use proptests::harness::nowhere::settings;
use proptests::pair::{Answerer, Closed, Dial, Mute, Pace, Pair, Say};
use std::collections::BTreeMap;

/// A proxy with these lines, whose server answers with the number of its connection.
struct World {
    pair: Pair,
    clients: BTreeMap<char, usize>,
    /// What each client had heard before its last request.
    heard: BTreeMap<char, usize>,
}

impl World {
    fn new(lines: &str) -> Self {
        let config = format!(
            "defaults\n mode http\n timeout client 1h\n timeout server 1h\n timeout connect 1s\n\
             listen in\n bind 127.0.0.1:80\n{lines}"
        );
        let mut number = 0;
        let pair = Pair::new(settings(&config), Pace::in_order(16_384), move |_| {
            number += 1;
            let number = number.to_string();
            Dial::Accepted(Box::new(Answerer::new(move |request| {
                vec![Say::Bytes(answer(request.target(), &number))]
            })))
        });
        Self {
            pair,
            clients: BTreeMap::new(),
            heard: BTreeMap::new(),
        }
    }

    /// `A` is a request of client A, `A!` one that is answered with 401 and NTLM, `A-` its end, `5s` lets
    /// time pass. Says which connection answered each request, or the status if the proxy did.
    fn trace(&mut self, script: &str) -> String {
        let mut got = Vec::new();
        for word in script.split(' ') {
            if let Some(seconds) = word.strip_suffix('s') {
                let seconds = seconds.parse().expect("a number of seconds");
                self.pair.pass_for(Duration::from_secs(seconds));
                continue;
            }
            let name = word.chars().next().expect("a client");
            match &word[1..] {
                "-" => {
                    let at = self.clients.remove(&name).expect("a client that came");
                    self.heard.remove(&name);
                    self.pair.say(at, Say::Fin);
                    self.pair.run();
                }
                "" => got.push(self.ask(name, "/")),
                "!" => got.push(self.ask(name, "/ntlm")),
                "?" => self.send(name, "/slow"),
                other => panic!("{other:?} means nothing"),
            }
        }
        got.join(" ")
    }

    fn send(&mut self, client: char, target: &str) {
        let pair = &mut self.pair;
        let at = *self
            .clients
            .entry(client)
            .or_insert_with(|| pair.connect(Mute));
        self.heard.insert(client, pair.sockets()[at].heard.len());
        let request = format!("GET {target} HTTP/1.1\r\nHost: h\r\n\r\n");
        pair.say(at, Say::Bytes(request.into_bytes()));
        pair.run();
    }

    fn ask(&mut self, client: char, target: &str) -> String {
        self.send(client, target);
        let heard = &self.pair.sockets()[self.clients[&client]].heard[self.heard[&client]..];
        let heard = String::from_utf8_lossy(heard);
        let (head, body) = heard.split_once("\r\n\r\n").unwrap_or_default();
        match head.get(9..12) {
            Some("200" | "401") => body.to_string(),
            status => status.unwrap_or("nothing").to_string(),
        }
    }

    /// The connections to the server that are open, by number.
    fn open(&self) -> Vec<usize> {
        let servers = self.pair.servers().enumerate();
        servers
            .filter(|(_, socket)| socket.closed == Closed::Open)
            .map(|(at, _)| at + 1)
            .collect()
    }

    /// What the first server's gauges say: used, idle, reused and idle, private and idle.
    fn gauges(&self) -> [u64; 4] {
        let of = &self.pair.engine().shared().counters[0][0].servers[0];
        [
            of.used_conn_cur.get(),
            of.idle_conn_cur.get(),
            of.safe_conn_cur.get(),
            of.priv_idle_cur.get(),
        ]
    }
}

fn answer(target: &str, number: &str) -> Vec<u8> {
    let head = match target {
        "/slow" => return Vec::new(),
        "/ntlm" => "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: NTLM\r\n",
        _ => "HTTP/1.1 200 OK\r\n",
    };
    let length = number.len();
    format!("{head}Content-Length: {length}\r\n\r\n{number}").into_bytes()
}

/// The trace of a mode (founding.md §2.2), observed of HAProxy.
fn trace(mode: &str, script: &str) -> String {
    World::new(&format!(" http-reuse {mode}\n server a 127.0.0.1:81\n")).trace(script)
}

#[test]
fn two_clients_of_two_requests_get_the_connections_of_their_mode() {
    let script = "A A A- B B";
    assert_eq!(trace("never", script), "1 1 2 2");
    assert_eq!(trace("safe", script), "1 1 2 1");
    assert_eq!(trace("aggressive", script), "1 1 1 1");
    assert_eq!(trace("always", script), "1 1 1 1");
}

#[test]
fn an_ntlm_answer_keeps_its_connection_for_its_client_until_that_leaves() {
    let script = "D D D- B B B- A! A B B A A- C";
    assert_eq!(trace("never", script), "1 1 2 2 3 3 4 4 3 5");
    assert_eq!(trace("safe", script), "1 1 2 1 3 3 4 1 3 5");
    assert_eq!(trace("aggressive", script), "1 1 1 1 1 1 2 2 1 2");
    assert_eq!(trace("always", script), "1 1 1 1 1 1 2 2 1 2");
}

#[test]
fn first_requests_share_a_connection_that_was_used_once_only_if_always() {
    let script = "A A- B B- C";
    assert_eq!(trace("safe", script), "1 2 3");
    assert_eq!(trace("aggressive", script), "1 2 3");
    assert_eq!(trace("always", script), "1 1 1");
}

#[test]
fn a_private_connection_is_closed_with_its_client() {
    let mut world = World::new(" server a 127.0.0.1:81\n");
    assert_eq!(world.trace("A A! B A"), "1 1 2 1");
    assert_eq!(world.gauges(), [0, 1, 0, 1]);
    assert_eq!(world.open(), [1, 2]);
    world.trace("A-");
    assert_eq!(world.open(), [2]);
    assert_eq!(world.gauges(), [0, 1, 0, 0]);
}

#[test]
fn a_pooled_connection_is_adopted_by_the_client_whose_answer_demands_it() {
    // It had no owner when the answer came, and one stream.
    let mut world = World::new(" http-reuse always\n server a 127.0.0.1:81\n");
    assert_eq!(world.trace("A B! C B"), "1 1 2 1");
    world.trace("B-");
    assert_eq!(world.open(), [2]);
}

#[test]
fn the_sixth_idle_private_connection_of_a_client_is_closed() {
    let servers: String = (0..6)
        .map(|at| format!(" server s{at} 127.0.0.1:{}\n", 81 + at))
        .collect();
    let mut world = World::new(&format!(" http-reuse never\n{servers}"));
    assert_eq!(world.trace("A A A A A A"), "1 2 3 4 5 6");
    assert_eq!(world.open(), [1, 2, 3, 4, 5]);
    let mut world = World::new(&format!(
        " http-reuse never\n max-session-srv-conns 2\n{servers}"
    ));
    assert_eq!(world.trace("A A A"), "1 2 3");
    assert_eq!(world.open(), [1, 2]);
}

#[test]
fn max_reuse_closes_a_connection_after_so_many_more_requests() {
    let mut world = World::new(" server a 127.0.0.1:81 max-reuse 1\n");
    assert_eq!(world.trace("A A A A A"), "1 1 2 2 3");
    assert_eq!(world.open(), [3]);
    let mut world = World::new(" server a 127.0.0.1:81 max-reuse 0\n");
    assert_eq!(world.trace("A A A"), "1 2 3");
    assert_eq!(world.open(), [] as [usize; 0]);
}

#[test]
fn idle_connections_are_bounded_and_may_be_none() {
    let open_after = |options: &str| {
        let mut world = World::new(&format!(" server a 127.0.0.1:81 {options}\n"));
        world.trace("A A");
        world.open()
    };
    assert_eq!(open_after("pool-max-conn 1"), [1]);
    assert_eq!(open_after("pool-max-conn 0"), [] as [usize; 0]);
    assert_eq!(open_after("pool-purge-delay 0"), [] as [usize; 0]);
}

#[test]
fn pool_low_conn_keeps_what_was_not_needed_at_once() {
    let mut world = World::new(" server a 127.0.0.1:81 pool-low-conn 2\n");
    assert_eq!(world.trace("A B C D"), "1 2 3 4");
    assert_eq!(world.open(), [1, 2, 3]);
}

#[test]
fn what_nobody_needs_is_closed_by_halves_the_oldest_first() {
    let mut world = World::new(" server a 127.0.0.1:81 pool-low-conn 9 pool-purge-delay 10s\n");
    world.trace("A B C D");
    assert_eq!(world.open(), [1, 2, 3, 4]);
    world.trace("10s");
    assert_eq!(
        world.open(),
        [3, 4],
        "one was needed at once, three were not"
    );
    world.trace("10s");
    assert_eq!(world.open(), [4]);
    world.trace("10s");
    assert_eq!(world.open(), [] as [usize; 0]);
    assert_eq!(world.gauges(), [0; 4]);
}

#[test]
fn strict_maxconn_counts_connections_and_closes_an_idle_one_for_another_client() {
    let mut world = World::new(" server a 127.0.0.1:81 maxconn 1 strict-maxconn\n");
    // In safe mode a first request cannot use the idle connection: that makes room.
    assert_eq!(world.trace("A A B B"), "1 1 2 2");
    assert_eq!(world.open(), [2]);
    // A private connection cannot be closed for others.
    let mut world = World::new(" retries 0\n server a 127.0.0.1:81 maxconn 1 strict-maxconn\n");
    assert_eq!(world.trace("A! B A"), "1 503 1");
    assert_eq!(world.open(), [1]);
    assert_eq!(world.trace("A- C"), "2");
}

#[test]
fn with_many_files_open_hardly_anything_is_kept() {
    let ratios = |low: u32, high: u32| {
        let config = format!(
            "global\n maxconn 10\n tune.pool-low-fd-ratio {low}\n tune.pool-high-fd-ratio {high}\n\
             defaults\n mode http\n timeout client 1h\n timeout server 1h\n timeout connect 1s\n\
             listen in\n bind 127.0.0.1:80\n server a 127.0.0.1:81 pool-low-conn 9\n"
        );
        let mut world = World::new("");
        world.pair = Pair::new(settings(&config), Pace::in_order(16_384), |_| {
            Dial::Accepted(Box::new(Answerer::new(|request| {
                vec![Say::Bytes(answer(request.target(), "1"))]
            })))
        });
        world.trace("A B");
        world.open()
    };
    // Two clients and two servers are four of twenty files.
    assert_eq!(ratios(50, 60), [1, 2]);
    assert_eq!(ratios(20, 60), [1]);
    assert_eq!(ratios(5, 5), [] as [usize; 0]);
}

#[test]
fn a_server_that_closes_an_idle_connection_is_asked_on_another() {
    let mut world = World::new(" server a 127.0.0.1:81\n");
    assert_eq!(world.trace("A A"), "1 1");
    let server = world.pair.sockets().iter().position(|one| one.to.is_some());
    world.pair.say(server.expect("a server"), Say::Fin);
    world.pair.run();
    assert_eq!(world.open(), [] as [usize; 0]);
    assert_eq!(world.gauges(), [0; 4]);
    assert_eq!(world.trace("A A"), "2 2");
}

#[test]
fn a_client_that_leaves_in_the_middle_takes_the_connection_with_it() {
    let mut world = World::new(" server a 127.0.0.1:81\n");
    world.trace("A A?");
    assert_eq!(world.gauges(), [1, 0, 0, 0]);
    world.trace("A-");
    assert_eq!(world.open(), [] as [usize; 0]);
    assert_eq!(world.gauges(), [0; 4]);
    assert_eq!(world.trace("B"), "2");
}
