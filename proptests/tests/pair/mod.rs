//! The fast path itself: what is said on one side is heard on the other.

use base::Duration;
use proptests::harness::nowhere::settings;
use proptests::pair::{Answerer, Closed, Dial, Pace, Pair, Say, Talker};

const PROXY: &str = "\
defaults
    mode http
    timeout client 10s
    timeout server 10s
    timeout connect 1s
listen in
    bind 127.0.0.1:80
    server a 127.0.0.1:81
";

fn ok(pace: Pace) -> Pair {
    Pair::new(settings(PROXY), pace, |_| {
        Dial::Accepted(Box::new(Answerer::new(|request| {
            let body = request.target().as_bytes();
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
            vec![Say::Bytes([head.as_bytes(), body].concat())]
        })))
    })
}

#[test]
fn a_request_goes_to_the_server_and_its_answer_comes_back() {
    let mut pair = ok(Pace::in_order(16_384));
    let client = pair.connect(Talker::saying(b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n"));
    pair.run();
    let heard = |at: usize| String::from_utf8_lossy(&pair.sockets()[at].heard).into_owned();
    assert_eq!(
        heard(client),
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n/a"
    );
    assert_eq!(heard(1), "GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_eq!(pair.sockets()[client].closed, Closed::Open);
}

#[test]
fn a_server_that_refuses_is_answered_for_once_the_retries_are_used_up() {
    let mut pair = Pair::new(settings(PROXY), Pace::in_order(16_384), |_| Dial::Refused);
    let client = pair.connect(Talker::saying(b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n"));
    pair.run();
    while pair.sockets()[client].heard.is_empty() && pair.pass() {}
    assert_eq!(
        pair.now().as_millis(),
        3_000,
        "a pause of a second before each of three retries"
    );
    assert!(pair.sockets()[client].heard.starts_with(b"HTTP/1.1 503 "));
    assert_eq!(pair.servers().count(), 4);
}

#[test]
fn when_descriptors_run_out_idle_server_connections_go_and_those_in_use_stay() {
    let mut pair = ok(Pace::in_order(16_384));
    pair.connect(Talker::saying(b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n"));
    pair.run();
    let busy = pair.connect(Talker::saying(
        b"POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n",
    ));
    pair.connect(Talker::saying(b"GET /c HTTP/1.1\r\nHost: h\r\n\r\n"));
    pair.run();
    let open = |pair: &Pair| {
        let servers = pair.servers();
        servers.filter(|s| s.closed == Closed::Open).count()
    };
    assert_eq!(open(&pair), 2, "one idle, one in use");
    pair.out_of_resources();
    assert_eq!(open(&pair), 1);
    pair.say(busy, Say::Bytes(b"x".to_vec()));
    pair.run();
    assert!(pair.sockets()[busy].heard.starts_with(b"HTTP/1.1 200 "));
}

/// A request of a client who takes no data.
const NO_WINDOW: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\x06\x04\0\0\0\0\0\0\x04\0\0\0\0\
    \0\0\x06\x01\x05\0\0\0\x01\x82\x86\x84\x41\x01h";

const RST_STREAM: u8 = 3;
const PING: u8 = 6;
const GOAWAY: u8 = 7;

/// The types of the frames that were heard.
fn frame_types(mut bytes: &[u8]) -> Vec<u8> {
    let mut types = Vec::new();
    while let [a, b, c, kind, ..] = *bytes {
        types.push(kind);
        let count = u32::from_be_bytes([0, a, b, c]) as usize;
        bytes = &bytes[9 + count..];
    }
    types
}

#[test]
fn an_http2_connection_outlives_a_stream_whose_client_did_not_take_its_answer() {
    let mut pair = ok(Pace::in_order(16_384));
    let client = pair.connect(Talker::saying(NO_WINDOW));
    pair.run();
    pair.pass_for(Duration::from_secs(11));
    let types = |pair: &Pair| frame_types(&pair.sockets()[client].heard);
    assert_eq!(types(&pair).last(), Some(&RST_STREAM));
    assert_eq!(pair.sockets()[client].closed, Closed::Open);
    pair.pass_for(Duration::from_secs(10));
    // Streams that are under way are still taken, until the client has read this.
    assert!(types(&pair).ends_with(&[GOAWAY, PING]));
}

#[test]
fn a_soft_stop_says_that_a_stream_was_given_up_before_its_connection_ends() {
    let mut pair = ok(Pace::in_order(16_384));
    let client = pair.connect(Talker::saying(NO_WINDOW));
    pair.run();
    pair.soft_stop();
    pair.run();
    pair.pass_for(Duration::from_secs(11));
    let types = frame_types(&pair.sockets()[client].heard);
    assert_eq!(types.last(), Some(&RST_STREAM));
}
