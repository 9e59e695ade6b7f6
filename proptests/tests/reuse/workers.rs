//! Two workers: an idle connection of one serves a client of the other.

use base::{Epoch, Instant};
use engine::{Engine, Output, Shared, Wanted};
use proptests::harness::nowhere::settings;
use session::settings::ProxyIndex;
use session::{ConnId, ExchangeId};
use std::net::SocketAddr;
use std::sync::Arc;

const AT: Instant = Instant::ZERO;
const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n";
const RESPONSE: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

fn workers(global: &str, server: &str) -> [Engine; 2] {
    workers_with("always", global, server)
}

fn workers_with(mode: &str, global: &str, server: &str) -> [Engine; 2] {
    let config = format!(
        "global\n nbthread 2\n {global}\ndefaults\n mode http\n timeout client 1h\n \
         timeout server 1h\n timeout connect 1s\nlisten in\n bind 127.0.0.1:80\n \
         http-reuse {mode}\n server a 127.0.0.1:81 {server}\n"
    );
    let shared = Shared::new(settings(&config), 2, [7; 32], engine::Identity::default());
    let shared = Arc::new(shared);
    [0, 1].map(|worker| Engine::new(shared.clone(), worker, Epoch(0)))
}

/// What an engine did that the tests look at.
#[derive(Debug, Default)]
struct Did {
    connects: Vec<ConnId>,
    asks: Vec<(u16, ExchangeId, Wanted)>,
    closes: Vec<ConnId>,
    makes_room: Vec<u16>,
    /// Everything it wrote.
    wrote: Vec<(ConnId, Vec<u8>)>,
}

fn drain(engine: &mut Engine) -> Did {
    let mut did = Did::default();
    while let Some(output) = engine.next_output() {
        match output {
            Output::Connect { conn, .. } => did.connects.push(conn),
            Output::Ask {
                worker,
                exchange,
                wanted,
            } => did.asks.push((worker, exchange, wanted)),
            Output::Close { conn, .. } => did.closes.push(conn),
            Output::MakeRoom { worker, .. } => did.makes_room.push(worker),
            Output::Write(id) | Output::WriteSoon(id) => {
                let mut slices = [&[][..]; 8];
                let used = engine.pending(id, &mut slices);
                let bytes = slices[..used].concat();
                engine.written(AT, id, bytes.len());
                did.wrote.push((id, bytes));
            }
            _ => {}
        }
    }
    did
}

fn hear(engine: &mut Engine, id: ConnId, bytes: &[u8]) -> Did {
    let buf = engine.recv_buf(id).expect("it wants bytes");
    buf.spare()[..bytes.len()].copy_from_slice(bytes);
    engine.received(AT, id, bytes.len());
    drain(engine)
}

fn client(engine: &mut Engine) -> ConnId {
    let from = SocketAddr::from(([192, 0, 2, 1], 40_000));
    let to = SocketAddr::from(([192, 0, 2, 80], 80));
    let id = engine.accepted(AT, ProxyIndex(0), 0, Some(from), Some(to));
    drain(engine);
    id
}

/// A client of this worker asks, and is answered on a connection that stays idle.
fn leave_one_idle(engine: &mut Engine) -> ConnId {
    let asking = client(engine);
    let did = hear(engine, asking, REQUEST);
    let [server] = did.connects[..] else {
        panic!("a connection is opened: {did:?}");
    };
    engine.connected(AT, server);
    drain(engine);
    let did = hear(engine, server, RESPONSE);
    assert_eq!(did.wrote.len(), 1, "the answer is passed on");
    server
}

fn idle(engine: &Engine, worker: usize) -> u64 {
    let of = &engine.shared().counters[worker][0].servers[0];
    of.idle_conn_cur.get() + of.safe_conn_cur.get()
}

#[test]
fn an_idle_connection_moves_to_the_worker_that_needs_it() {
    let [mut one, mut other] = workers("", "");
    let first = leave_one_idle(&mut one);
    assert_eq!(idle(&one, 0), 1);
    let asking = client(&mut other);
    let did = hear(&mut other, asking, REQUEST);
    assert!(
        did.connects.is_empty(),
        "none is opened before one is asked for"
    );
    let [(0, exchange, wanted)] = &did.asks[..] else {
        panic!("the first worker is asked: {did:?}");
    };
    let (gone, traveller) = one.asked(AT, wanted.clone()).expect("it is idle");
    assert_eq!((gone, idle(&one, 0)), (first, 0));
    assert!(one.recv_buf(gone).is_none(), "it is forgotten");
    assert!(drain(&mut one).closes.is_empty(), "and not closed");
    let here = other.taken(AT, *exchange, Some(traveller)).expect("a name");
    let did = drain(&mut other);
    assert!(did.connects.is_empty());
    assert_eq!(did.wrote[0].0, here);
    let did = hear(&mut other, here, RESPONSE);
    assert_eq!(did.wrote[0].0, asking);
    // It stays where it was used last.
    assert_eq!((idle(&one, 0), idle(&other, 1)), (0, 1));
    let counted = &other.shared().counters[1][0].servers[0];
    assert_eq!((counted.connect.get(), counted.reuse.get()), (0, 1));
}

#[test]
fn who_asks_for_a_connection_that_is_gone_opens_one() {
    let [mut one, mut other] = workers("", "");
    let server = leave_one_idle(&mut one);
    let asking = client(&mut other);
    let did = hear(&mut other, asking, REQUEST);
    let (_, exchange, wanted) = did.asks[0].clone();
    // The server closed it in between.
    one.peer_closed(AT, server, false);
    assert_eq!(drain(&mut one).closes, [server]);
    assert!(one.asked(AT, wanted).is_none());
    assert_eq!(other.taken(AT, exchange, None), None);
    assert_eq!(drain(&mut other).connects.len(), 1);
}

#[test]
fn who_gets_no_answer_opens_a_connection_once_the_connect_timeout_is_over() {
    let [mut one, mut other] = workers("", "");
    leave_one_idle(&mut one);
    let asking = client(&mut other);
    let did = hear(&mut other, asking, REQUEST);
    let (_, exchange, wanted) = did.asks[0].clone();
    let due = loop {
        // The table of timers may ask to be looked at earlier.
        let due = other.deadline().expect("it does not wait for ever");
        other.timeout(due);
        if drain(&mut other).connects.len() == 1 {
            break due;
        }
    };
    assert_eq!(due.as_millis(), 1_000);
    // The answer comes after all: the connection waits for the next request.
    let (_, traveller) = one.asked(due, wanted).expect("it is idle");
    assert!(other.taken(due, exchange, Some(traveller)).is_some());
    drain(&mut other);
    assert_eq!(idle(&other, 1), 1);
}

#[test]
fn a_connection_that_nobody_waits_for_any_more_is_kept() {
    let [mut one, mut other] = workers("", "");
    leave_one_idle(&mut one);
    let asking = client(&mut other);
    let did = hear(&mut other, asking, REQUEST);
    let (_, exchange, wanted) = did.asks[0].clone();
    other.peer_closed(AT, asking, true);
    drain(&mut other);
    let (_, traveller) = one.asked(AT, wanted).expect("it is idle");
    assert!(other.taken(AT, exchange, Some(traveller)).is_some());
    assert!(drain(&mut other).closes.is_empty());
    assert_eq!(idle(&other, 1), 1);
}

#[test]
fn workers_do_not_ask_where_pools_are_not_shared_or_too_small() {
    let asks = |global: &str, server: &str| {
        let [mut one, mut other] = workers(global, server);
        leave_one_idle(&mut one);
        let asking = client(&mut other);
        let did = hear(&mut other, asking, REQUEST);
        assert_eq!(did.asks.len() + did.connects.len(), 1);
        did.asks.len()
    };
    assert_eq!(asks("", ""), 1);
    assert_eq!(asks("tune.idle-pool.shared full", ""), 1);
    assert_eq!(asks("tune.idle-pool.shared off", ""), 0);
    assert_eq!(asks("", "pool-low-conn 1"), 1);
    assert_eq!(asks("", "pool-low-conn 2"), 0);
}

#[test]
fn strict_maxconn_makes_another_worker_close_an_idle_connection() {
    let [mut one, mut other] = workers_with("safe", "", "maxconn 1 strict-maxconn");
    let server = leave_one_idle(&mut one);
    let asking = client(&mut other);
    // A first request cannot go on a connection of others, and there is no room for its own.
    let did = hear(&mut other, asking, REQUEST);
    assert_eq!((did.connects.len(), did.makes_room), (0, [0].to_vec()));
    one.make_room(AT, ProxyIndex(0), balance::ServerIndex(0));
    assert_eq!(drain(&mut one).closes, [server]);
    let connects = loop {
        let due = other.deadline().expect("there is another attempt");
        other.timeout(due);
        let did = drain(&mut other);
        if !did.connects.is_empty() {
            break did.connects.len();
        }
    };
    assert_eq!(connects, 1);
}

#[test]
fn a_server_that_came_to_one_worker_serves_the_clients_of_the_other() {
    // However few there are: neither worker can open one.
    let config = "global\n nbthread 2\n expose-experimental-directives\n\
         defaults\n mode http\n timeout client 1h\n timeout server 1h\n timeout connect 1s\n\
         listen in\n bind 127.0.0.1:80\n server a rhttp@ pool-low-conn 5\n\
         frontend devices\n bind 127.0.0.1:82 proto h2\n \
         tcp-request session attach-srv in/a\n";
    let shared = Shared::new(settings(config), 2, [7; 32], engine::Identity::default());
    let shared = Arc::new(shared);
    let [mut one, mut other] = [0, 1].map(|worker| Engine::new(shared.clone(), worker, Epoch(0)));
    let came = one.accepted(AT, ProxyIndex(1), 0, None, None);
    drain(&mut one);
    hear(
        &mut one,
        came,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
    );
    assert_eq!(idle(&one, 0), 1);
    let asking = client(&mut other);
    let did = hear(&mut other, asking, REQUEST);
    let [(0, exchange, wanted)] = &did.asks[..] else {
        panic!("the first worker is asked: {did:?}");
    };
    let (gone, traveller) = one.asked(AT, wanted.clone()).expect("it is idle");
    assert_eq!((gone, idle(&one, 0)), (came, 0));
    let here = other.taken(AT, *exchange, Some(traveller)).expect("a name");
    assert_eq!(drain(&mut other).wrote[0].0, here);
    let did = hear(
        &mut other,
        here,
        b"\0\0\x04\x01\x05\0\0\0\x01\x88\x5c\x01\x30",
    );
    let (to, answer) = &did.wrote[0];
    assert_eq!(*to, asking);
    assert!(answer.starts_with(b"HTTP/1.1 200 "));
    // A second worker that finds nobody does not wait.
    let asking = client(&mut one);
    let did = hear(&mut one, asking, REQUEST);
    let [(1, exchange, wanted)] = &did.asks[..] else {
        panic!("the second worker is asked: {did:?}");
    };
    other.peer_closed(AT, here, true);
    drain(&mut other);
    assert!(other.asked(AT, wanted.clone()).is_none());
    one.taken(AT, *exchange, None);
    let (to, answer) = &drain(&mut one).wrote[0];
    assert_eq!(*to, asking);
    assert!(answer.starts_with(b"HTTP/1.1 503 "));
}
