//! Other protocols on a stream: extended CONNECT on the wire, GET with Upgrade for the owner
//! (RFC 8441).

use crate::bench::{Bench, END, Fields, OK, cx, narrow};
use crate::support::id;

use message::{Framing, Head, Machine, Name, Part, Role, StreamId, Version};

const CONNECT: Fields<'_> = &[
    (":method", "CONNECT"),
    (":protocol", "websocket"),
    (":scheme", "http"),
    (":path", "/chat"),
    (":authority", "a"),
    ("sec-websocket-version", "13"),
];
/// SETTINGS_ENABLE_CONNECT_PROTOCOL.
const TAKES: &[u8] = &[0, 8, 0, 0, 0, 1];

/// A server that did not say anything yet, and whether it takes extended CONNECT.
fn client(takes: bool) -> Bench {
    let mut bench = Bench::new(Role::Opening, narrow());
    bench.frame(4, 0, 0, if takes { TAKES } else { b"" });
    bench.sent();
    bench
}

fn upgrade(bench: &mut Bench, framing: Framing) -> StreamId {
    let stream = bench.machine.open(cx!(bench)).expect("capacity");
    let mut head = Head::default();
    head.set_request(b"GET", b"/chat", Version::Http11);
    head.framing = framing;
    head.push(b"Host", b"a");
    head.push(b"Connection", b"keep-alive, Upgrade");
    head.push(b"Upgrade", b"WebSocket");
    head.push(b"Sec-WebSocket-Key", b"dGhlIHNhbXBsZSBub25jZQ==");
    bench.machine.send_head(cx!(bench), stream, &head);
    bench.machine.send_end(cx!(bench), stream);
    stream
}

fn read_head(bench: &mut Bench, stream: StreamId) -> Box<Head> {
    match bench.machine.read(cx!(bench), stream) {
        Some(Part::Head(head)) => head,
        other => panic!("{other:?}"),
    }
}

fn begin(bench: &mut Bench, status: u16, framing: Framing) {
    let mut head = Head::default();
    head.set_response(status, b"", Version::Http11);
    head.framing = framing;
    head.push(b"connection", b"upgrade");
    head.push(b"upgrade", b"websocket");
    head.push(b"sec-websocket-accept", b"x");
    bench.machine.send_head(cx!(bench), id(1), &head);
}

#[test]
fn a_client_that_connects_for_a_protocol_is_seen_as_one_of_http1() {
    let mut bench = Bench::server();
    bench.headers(0, 1, CONNECT);
    let head = read_head(&mut bench, id(1));
    assert_eq!(
        (head.method(), head.target()),
        (&b"GET"[..], &b"http://a/chat"[..])
    );
    assert!(head.has_token(Name::Connection, b"upgrade"));
    assert_eq!(head.value(Name::Upgrade), Some(&b"websocket"[..]));
    assert_eq!(head.framing, Framing::None);
    // What comes before the answer waits for it.
    bench.frame(0, 0, 1, b"early");
    assert_eq!(bench.parts(1), "end|");
    begin(&mut bench, 101, Framing::Tunnel);
    let fields = bench.sent_fields();
    assert_eq!(fields, ":status=200|");
    assert_eq!(bench.parts(1), "early|");
    bench.data(1, b"down");
    bench.end(1);
    bench.frame(0, END, 1, b"");
    assert_eq!(bench.parts(1), "end|");
    assert_eq!(bench.sent(), ["data 1 4 end=true"]);
    assert!(bench.events().contains(&String::from("done 1")));
}

#[test]
fn success_that_is_no_switch_does_not_look_like_one() {
    let mut bench = Bench::server();
    bench.headers(0, 1, CONNECT);
    assert_eq!(bench.parts(1), "head None|end|");
    bench.frame(0, 0, 1, b"into nothing");
    begin(&mut bench, 200, Framing::Streamed);
    assert!(bench.sent_fields().starts_with(":status=502|"));
    assert_eq!(bench.parts(1), "");
    bench.end(1);
    assert_eq!(bench.sent(), ["data 1 0 end=true", "reset 1 NO_ERROR"]);
    assert!(bench.events().contains(&String::from("done 1")));
}

#[test]
fn a_tunnel_whose_client_has_already_ended_its_direction_says_so_after_it_began() {
    let mut bench = Bench::server();
    bench.headers(END, 1, CONNECT);
    assert_eq!(bench.parts(1), "head None|end|");
    begin(&mut bench, 101, Framing::Tunnel);
    assert_eq!(bench.parts(1), "end|");
}

#[test]
fn protocols_are_tokens_and_not_http2_and_have_a_scheme_a_path_and_an_authority() {
    let with = |name: &str, value: &'static str| {
        let mut fields = CONNECT.to_vec();
        for field in &mut fields {
            if field.0 == name {
                field.1 = value;
            }
        }
        fields
    };
    let without = |name: &str| {
        let mut fields = CONNECT.to_vec();
        fields.retain(|field| field.0 != name);
        fields
    };
    for fields in [
        with(":protocol", "h2c"),
        with(":protocol", "H2"),
        with(":protocol", ""),
        with(":protocol", "a b"),
        with(":method", "GET"),
        without(":scheme"),
        without(":path"),
        without(":authority"),
    ] {
        let mut bench = Bench::server();
        bench.headers(0, 1, &fields);
        assert_eq!(bench.sent(), ["reset 1 PROTOCOL_ERROR"], "{fields:?}");
    }
}

#[test]
fn a_server_that_takes_it_is_asked_by_connect_and_its_success_is_a_switch() {
    let mut bench = client(true);
    let stream = upgrade(&mut bench, Framing::None);
    assert_eq!(
        bench.sent_fields(),
        ":method=CONNECT|:protocol=WebSocket|:scheme=https|:authority=a|:path=/chat|"
    );
    bench.headers(0, 1, OK);
    bench.frame(0, END, 1, b"hello");
    let head = read_head(&mut bench, stream);
    assert_eq!((head.status(), head.framing), (101, Framing::Tunnel));
    assert!(head.has_token(Name::Connection, b"upgrade"));
    assert_eq!(head.value(Name::Upgrade), Some(&b"WebSocket"[..]));
    assert_eq!(
        head.value(Name::SecWebsocketAccept),
        Some(&b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="[..])
    );
    assert_eq!(bench.parts(1), "hello|end|");
    bench.data(1, b"up");
    bench.end(1);
    assert_eq!(bench.sent(), ["data 1 2 end=true"]);
    assert!(bench.events().contains(&String::from("done 1")));
}

#[test]
fn a_server_that_declines_answers_as_usual() {
    let mut bench = client(true);
    let stream = upgrade(&mut bench, Framing::None);
    bench.sent();
    bench.headers(0, 1, &[(":status", "403")]);
    bench.frame(0, END, 1, b"no");
    let head = read_head(&mut bench, stream);
    assert_eq!((head.status(), head.framing), (403, Framing::Streamed));
    assert_eq!(bench.parts(1), "no|end|");
    assert_eq!(bench.sent(), ["data 1 0 end=true"]);
    assert!(bench.events().contains(&String::from("done 1")));
}

#[test]
fn a_server_that_does_not_take_it_is_not_asked() {
    for (takes, framing) in [(false, Framing::None), (true, Framing::Length(3))] {
        let mut bench = client(takes);
        upgrade(&mut bench, framing);
        assert_eq!(
            bench.events()[0],
            "broken 1: the server cannot be asked for another protocol"
        );
        assert_eq!(bench.sent(), ["reset 1 PROTOCOL_ERROR"]);
    }
    // Others are on the connection: nothing is said that could end it.
    let mut bench = client(false);
    bench.ask("GET");
    upgrade(&mut bench, Framing::None);
    assert_eq!(bench.sent(), ["headers 1 end=true"]);
    assert!(bench.machine.capacity().now > 0);
}

#[test]
fn whether_a_server_takes_it_is_waited_for() {
    for takes in [true, false] {
        let mut bench = Bench::silent(Role::Opening);
        let stream = upgrade(&mut bench, Framing::None);
        assert_eq!(bench.sent(), [""; 0]);
        assert_eq!(bench.machine.capacity().now, 0);
        bench.frame(4, 0, 0, if takes { TAKES } else { b"" });
        let events = bench.events();
        assert_eq!(events.iter().any(|it| it.starts_with("broken")), !takes);
        let sent = bench.sent();
        assert_eq!(sent.contains(&String::from("headers 1 end=false")), takes);
        if takes {
            bench.headers(END, 1, OK);
            assert_eq!(read_head(&mut bench, stream).status(), 101);
        }
    }
    // Given up before it is known.
    let mut bench = Bench::silent(Role::Opening);
    let stream = upgrade(&mut bench, Framing::None);
    bench
        .machine
        .reset(cx!(bench), stream, message::Reset::Aborted);
    assert!(bench.machine.capacity().now > 0);
    bench.frame(4, 0, 0, TAKES);
    assert_eq!(bench.sent(), ["settings ack"]);
}
