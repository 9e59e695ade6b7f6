//! When the server's time runs (founding.md ): from the last byte of the request on, however it
//! arrived and whatever was spoken, and never while the client still sends. Nor does the end of an
//! answer start a timer of the client's.

use base::{Duration, Instant};
use http2::frame::PREFACE;
use http2::hpack::Encoder;
use proptests::harness::http2::frame;
use proptests::harness::nowhere::settings;
use proptests::pair::{Closed, Dial, Mute, Pace, Pair, Say};

const PROXY: &str = "\
defaults
    mode http
    timeout client 8s
    timeout server 1s
    timeout connect 1s
listen in
    bind 127.0.0.1:80
    log 127.0.0.1:514 local0
    option httplog
    server a 127.0.0.1:81
";

/// What a client says, and how long it waits before it goes on.
type Script = Vec<(Vec<u8>, Duration)>;

/// Says it all, and tells when the exchange ended and how it was logged.
fn play(script: &Script, cut_max: usize) -> (Duration, String) {
    let silent = |_: &_| Dial::Accepted(Box::new(Mute));
    let mut pair = Pair::new(settings(PROXY), Pace::in_order(cut_max), silent);
    let client = pair.connect(Mute);
    pair.run();
    for (bytes, pause) in script {
        pair.say(client, Say::Bytes(bytes.clone()));
        pair.run();
        assert!(
            pair.logs().is_empty(),
            "it ended before the request did: {:?}",
            pair.logs()
        );
        pair.pass_for(*pause);
    }
    while pair.logs().is_empty() && pair.pass() {}
    let log = pair.logs().first().expect("a log line").clone();
    (pair.now() - Instant::ZERO, log)
}

/// `POST` over HTTP/1 with a body of `pieces` bytes, one a second.
fn http1_upload(pieces: u32) -> Script {
    let head = format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {pieces}\r\n\r\n");
    let mut script = vec![(head.into_bytes(), SECOND)];
    script.extend((0..pieces).map(|_| (b"x".to_vec(), SECOND)));
    without_last_pause(script)
}

fn http2_upload(pieces: u32, end_alone: bool) -> Script {
    let mut script = vec![(greeting(0, &[(":method", "POST")]), SECOND)];
    for piece in 1..=pieces {
        let end = u8::from(piece == pieces && !end_alone);
        script.push((frame(0, end, 1, b"x"), SECOND));
    }
    if end_alone {
        script.push((frame(0, 1, 1, b""), SECOND));
    }
    without_last_pause(script)
}

fn without_last_pause(mut script: Script) -> Script {
    if let Some((_, pause)) = script.last_mut() {
        *pause = Duration::ZERO;
    }
    script
}

/// Preface, SETTINGS and the head of stream 1.
fn greeting(flags: u8, fields: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    let mut encoder = Encoder::new();
    let rest = [(":scheme", "http"), (":path", "/"), (":authority", "a")];
    for (name, value) in fields.iter().chain(&rest) {
        encoder.field(name.as_bytes(), value.as_bytes(), &mut block);
    }
    let mut bytes = PREFACE.to_vec();
    bytes.extend(frame(4, 0, 0, b""));
    bytes.extend(frame(1, 4 | flags, 1, &block));
    bytes
}

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn the_servers_time_runs_from_the_last_byte_of_the_request_on() {
    let all_at_once = |bytes: &[u8]| vec![(bytes.to_vec(), Duration::ZERO)];
    let h2_at_once = |flags, body: &[u8]| {
        let mut bytes = greeting(flags, &[(":method", "POST")]);
        bytes.extend_from_slice(body);
        vec![(bytes, Duration::ZERO)]
    };
    let cases: [(&str, Script, u32); 8] = [
        (
            "HTTP/1 GET",
            all_at_once(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
            0,
        ),
        (
            "HTTP/1 body with its head",
            all_at_once(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"),
            0,
        ),
        ("HTTP/1 body in five pieces", http1_upload(5), 5),
        ("HTTP/2 END_STREAM on HEADERS", h2_at_once(1, b""), 0),
        (
            "HTTP/2 END_STREAM on DATA with its head",
            h2_at_once(0, &frame(0, 1, 1, b"x")),
            0,
        ),
        (
            "HTTP/2 END_STREAM on empty DATA with its head",
            h2_at_once(0, &frame(0, 1, 1, b"")),
            0,
        ),
        ("HTTP/2 body in five pieces", http2_upload(5, false), 5),
        (
            "HTTP/2 body in five pieces, its end alone",
            http2_upload(5, true),
            6,
        ),
    ];
    for (name, script, sent) in cases {
        for cut_max in [1, 16_384] {
            let (took, log) = play(&script, cut_max);
            assert_eq!(took, SECOND * (sent + 1), "{name}");
            assert!(log.contains(" 504 "), "{name}: {log}");
            assert!(log.contains(" sH-- "), "{name}: {log}");
        }
    }
}

/// What asks for a tunnel is complete with its head: the server's time runs at once.
#[test]
fn a_server_that_does_not_open_the_tunnel_is_given_up() {
    let websocket = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    let extended = greeting(0, &[(":method", "CONNECT"), (":protocol", "websocket")]);
    let cases: [(&str, &[u8]); 3] = [
        (
            "HTTP/1 CONNECT",
            b"CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n",
        ),
        ("HTTP/1 WebSocket", websocket),
        ("HTTP/2 WebSocket", &extended),
    ];
    for (name, bytes) in cases {
        let (took, log) = play(&vec![(bytes.to_vec(), Duration::ZERO)], 16_384);
        assert_eq!(took, SECOND, "{name}");
        assert!(log.contains(" 504 "), "{name}: {log}");
    }
}

/// A client that takes its time to upload is not the server's fault, and is timed by its own timeout.
#[test]
fn a_client_that_stops_within_its_body_runs_into_its_own_timeout() {
    let scripts = [
        http1_upload(5)[..2].to_vec(),
        http2_upload(5, false)[..2].to_vec(),
    ];
    for script in scripts {
        let script = without_last_pause(script);
        let (took, log) = play(&script, 16_384);
        assert_eq!(took, SECOND * 9);
        assert!(log.contains(" 408 ") && log.contains(" cH-- "), "{log}");
    }
}

/// The answer is complete: nothing more is expected of the client, and only idleness ends it.
#[test]
fn the_end_of_an_answer_starts_no_timer_of_the_exchange() {
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    let dial = |_: &_| Dial::Accepted(Box::new(Mute));
    let mut pair = Pair::new(settings(PROXY), Pace::in_order(16_384), dial);
    let client = pair.connect(Mute);
    let greeting = greeting(1, &[(":method", "GET")]);
    pair.say(client, Say::Bytes(greeting));
    pair.run();
    pair.say(1, Say::Bytes(answer.to_vec()));
    pair.run();
    assert!(pair.logs()[0].contains(" 200 "), "{}", pair.logs()[0]);
    assert_eq!(pair.sockets()[client].closed, Closed::Open);
    pair.pass_for(SECOND * 7);
    assert_eq!(pair.sockets()[client].closed, Closed::Open);
    assert_eq!(pair.logs().len(), 1);
}

/// Slow and steady is not idle: what leaves of a stream counts as its progress, little as it is.
#[test]
fn a_client_that_opens_its_window_little_by_little_is_not_timed_out() {
    let answer = [
        &b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"[..],
        &[b'x'; 1000],
    ]
    .concat();
    let dial = |_: &_| Dial::Accepted(Box::new(Mute));
    let mut pair = Pair::new(settings(PROXY), Pace::in_order(16_384), dial);
    let client = pair.connect(Mute);
    pair.say(client, Say::Bytes(greeting(1, &[(":method", "GET")])));
    // SETTINGS_INITIAL_WINDOW_SIZE is 10.
    pair.say(client, Say::Bytes(frame(4, 0, 0, &[0, 4, 0, 0, 0, 10])));
    pair.run();
    pair.say(1, Say::Bytes(answer));
    pair.run();
    for _ in 0..6 {
        pair.pass_for(SECOND * 5);
        assert!(pair.logs().is_empty(), "{:?}", pair.logs());
        pair.say(client, Say::Bytes(frame(8, 0, 1, &[0, 0, 0, 10])));
        pair.run();
    }
    let last = pair.now();
    while pair.logs().is_empty() && pair.pass() {}
    assert_eq!(pair.now() - last, SECOND * 8);
    assert!(pair.logs()[0].contains(" cD-- "), "{}", pair.logs()[0]);
}

/// What neighbours send on a shared connection is no sign of life of a server that owes an answer.
#[test]
fn a_silent_server_is_given_up_however_busy_its_connection_is() {
    let config = PROXY
        .replace("127.0.0.1:81", "127.0.0.1:81 proto h2")
        .replace("mode http\n", "mode http\n    http-reuse always\n");
    let dial = |_: &_| Dial::Accepted(Box::new(Mute));
    let mut pair = Pair::new(settings(&config), Pace::in_order(16_384), dial);
    let client = pair.connect(Mute);
    pair.say(client, Say::Bytes(greeting(1, &[(":method", "GET")])));
    pair.run();
    pair.say(1, Say::Bytes(frame(4, 0, 0, b"")));
    pair.run();
    let other = pair.connect(Mute);
    pair.say(other, Say::Bytes(greeting(0, &[(":method", "POST")])));
    pair.run();
    assert_eq!(pair.servers().count(), 1, "both are on one connection");
    for _ in 0..3 {
        pair.say(other, Say::Bytes(frame(0, 0, 1, b"x")));
        pair.run();
        pair.pass_for(Duration::from_millis(400));
    }
    let log = pair.logs().first().expect("the first request has failed");
    assert!(log.contains(" 504 ") && log.contains("/1000 504"), "{log}");
}
