//! Tunnels behind CONNECT and Upgrade, and raw connections, which behave the same.

use crate::support::{Bench, request, response};
use http1::{Connection, Raw};
use message::{Framing, Machine, Role, Shutdown, StreamId};

const UPGRADE: [(&str, &str); 2] = [("Connection", "Upgrade"), ("Upgrade", "echo")];

/// Both ends of a tunnel that has just begun, with its first bytes behind the heads.
fn upgraded() -> (Bench<Connection>, Bench<Connection>) {
    let mut client = Bench::new(Role::Accepting);
    client.receive(b"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nfrom client");
    assert!(client.said().ends_with("; end"));
    let mut server = Bench::new(Role::Opening);
    server.open();
    server.send_head(0, &request("GET", Framing::None, &UPGRADE));
    server.send_end(0);
    assert_eq!(
        server.text(),
        "GET / HTTP/1.1\r\nUpgrade: echo\r\nconnection: Upgrade\r\n\r\n"
    );
    server.receive(
        b"HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nfrom server",
    );
    assert_eq!(
        server.said(),
        "101 Switching 1.1 Tunnel Connection=Upgrade,Upgrade=echo; data from server"
    );
    client.send_head(0, &response(101, Framing::Tunnel, &UPGRADE));
    assert_eq!(
        client.text(),
        "HTTP/1.1 101 OK\r\nUpgrade: echo\r\nconnection: Upgrade\r\n\r\n"
    );
    assert_eq!(client.said(), "data from client");
    (client, server)
}

#[test]
fn bytes_flow_both_ways_until_both_have_closed() {
    let (mut client, mut server) = upgraded();
    client.receive(b"\r\n\r\nraw");
    server.send_data(0, b"raw");
    assert_eq!(
        (client.said().as_str(), server.text().as_str()),
        ("data \\r\\n\\r\\nraw", "raw")
    );
    client.receive_end(false);
    assert_eq!(client.said(), "end");
    server.send_end(0);
    assert_eq!(server.machine.shutdown(), Shutdown::Write);
    server.receive(b"late");
    server.receive_end(false);
    assert_eq!(
        server.said(),
        "data late; end; Done(StreamId(0)); Finished(Clean)"
    );
    assert_eq!(server.machine.shutdown(), Shutdown::Close);
    client.send_data(0, b"late");
    client.send_end(0);
    assert_eq!(client.machine.shutdown(), Shutdown::Write);
    assert_eq!(client.text(), "late");
    assert_eq!(client.said(), "Done(StreamId(0)); Finished(Clean)");
    assert_eq!(client.machine.shutdown(), Shutdown::Close);
}

#[test]
fn a_tunnel_that_breaks_is_reset() {
    let (mut client, mut server) = upgraded();
    server.receive_end(true);
    assert_eq!(
        server.said(),
        "Reset(StreamId(0), Aborted); Finished(PeerGone)"
    );
    client.reset(0);
    assert_eq!(client.machine.shutdown(), Shutdown::Abort);
}

#[test]
fn connect_opens_a_tunnel_only_with_success() {
    for (status, tunnel) in [(200, true), (299, true), (403, false)] {
        let mut client = Bench::new(Role::Accepting);
        client.receive(b"CONNECT a:443 HTTP/1.1\r\n\r\n");
        client.said();
        let mut server = Bench::new(Role::Opening);
        server.open();
        server.send_head(0, &request("CONNECT", Framing::None, &[]));
        server.send_end(0);
        server.written();
        server.receive(format!("HTTP/1.1 {status} X\r\nContent-Length: 3\r\n\r\nabc").as_bytes());
        let framing = if tunnel {
            Framing::Tunnel
        } else {
            Framing::Length(3)
        };
        let said = server.said();
        assert!(
            said.starts_with(&format!("{status} X 1.1 {framing:?} ")),
            "{said}"
        );
        client.send_head(0, &response(status, framing, &[("Content-Length", "3")]));
        let text = client.text();
        assert_eq!(text.contains("Content-Length"), !tunnel, "{text}");
        client.receive(b"GET / HTTP/1.1\r\n\r\n");
        assert_eq!(client.said().contains("data GET"), tunnel);
    }
}

#[test]
fn a_switch_needs_upgrade_on_both_sides_and_a_complete_request() {
    let answer = b"HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n";
    let bare = b"HTTP/1.1 101 S\r\n\r\n";
    for (fields, complete, bytes) in [
        (&[][..], true, &answer[..]),
        (&UPGRADE, true, bare),
        (&UPGRADE, false, answer),
        (
            &[("Connection", "upgrade"), ("Upgrade", "h2c")],
            true,
            answer,
        ),
    ] {
        let mut server = Bench::new(Role::Opening);
        server.open();
        let framing = if complete {
            Framing::None
        } else {
            Framing::Streamed
        };
        server.send_head(0, &request("GET", framing, fields));
        if complete {
            server.send_end(0);
        }
        server.receive(bytes);
        let said = server.said();
        assert!(
            said.starts_with("malformed 400 the switch of protocols was not asked for"),
            "{said}"
        );
    }
}

fn raw(role: Role) -> Bench<Raw> {
    let mut raw = Bench::raw(role);
    raw.listen();
    raw
}

#[test]
fn a_raw_connection_has_one_stream_from_the_beginning() {
    let mut client = raw(Role::Accepting);
    assert_eq!(client.said(), "Opened(StreamId(0))");
    client.receive(b"hello");
    client.send_data(0, b"world");
    assert_eq!(
        (client.said().as_str(), client.text().as_str()),
        ("data hello", "world")
    );
    client.receive_end(false);
    assert_eq!(client.said(), "end; HalfClosed");
    assert_eq!(client.machine.shutdown(), Shutdown::Open);
    client.send_data(0, b"more");
    client.send_end(0);
    assert_eq!(client.machine.shutdown(), Shutdown::Write);
    assert_eq!(client.text(), "more");
    assert_eq!(client.said(), "Done(StreamId(0)); Finished(Clean)");
    assert_eq!(client.machine.shutdown(), Shutdown::Close);
}

#[test]
fn a_raw_server_is_opened_once() {
    let mut server = raw(Role::Opening);
    assert_eq!(server.machine.capacity().now, 1);
    assert_eq!(server.open(), StreamId(0));
    assert_eq!(server.machine.capacity().ever, 0);
    server.send_end(0);
    server.receive(b"bye");
    assert_eq!(server.said(), "data bye");
    assert_eq!(server.machine.shutdown(), Shutdown::Write);
    server.receive_end(false);
    assert_eq!(server.said(), "end; Done(StreamId(0)); Finished(Clean)");
}

#[test]
fn a_server_that_greets_before_the_stream_is_opened_is_heard() {
    let mut server = raw(Role::Opening);
    server.receive(b"220 hello\r\n");
    assert!(!server.machine.wants_bytes());
    server.open();
    assert_eq!(server.said(), "data 220 hello\\r\\n");
}

#[test]
fn a_raw_connection_that_breaks_is_reset_and_one_given_up_aborts() {
    let mut broken = raw(Role::Accepting);
    broken.receive_end(true);
    assert_eq!(
        broken.said(),
        "Opened(StreamId(0)); Reset(StreamId(0), Aborted); Finished(PeerGone)"
    );
    let mut given_up = raw(Role::Accepting);
    given_up.send_data(0, b"x");
    given_up.reset(0);
    assert_eq!(given_up.machine.shutdown(), Shutdown::Abort);
    assert_eq!(given_up.text(), "");
}

#[test]
fn raw_data_is_held_back_both_ways() {
    let mut client = raw(Role::Accepting);
    let mut cx = message::Cx {
        now: Default::default(),
        pool: &mut client.pool,
        heads: &mut client.heads,
        rng: &mut base::Rng::from_u64(1),
    };
    client
        .machine
        .receive(&mut cx, base::Buf::copy_of(b"unread"));
    assert!(client.machine.wants_bytes(), "its end is to be noticed");
    client
        .machine
        .receive(&mut cx, base::Buf::copy_of(&[b'x'; 4_096]));
    assert!(!client.machine.wants_bytes());
    while client.machine.room(StreamId(0)) > 0 {
        let mut buf = cx.pool.take();
        buf.append(&[b'x'; 16_384]);
        client.machine.send_data(&mut cx, StreamId(0), buf);
    }
    client.listen();
    client.said();
    assert_eq!(client.written().len(), 2 * 16_384);
    assert_eq!(client.said(), "Writable(StreamId(0))");
}

#[test]
fn a_server_that_closes_its_side_of_a_tunnel_still_hears() {
    let (_, mut server) = upgraded();
    server.receive_end(false);
    assert_eq!(server.said(), "end");
    server.send_data(0, b"more");
    assert_eq!(server.text(), "more");
    server.send_end(0);
    assert_eq!(server.said(), "Done(StreamId(0)); Finished(Clean)");
}

const KEY: &str = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

#[test]
fn a_websocket_without_a_key_is_refused_and_other_protocols_need_none() {
    for (fields, refused) in [
        ("Connection: upgrade\r\nUpgrade: websocket\r\n", true),
        ("Connection: upgrade\r\nUpgrade: a, WebSocket, b\r\n", true),
        ("Upgrade: websocket\r\n", false),
        ("Connection: upgrade\r\nUpgrade: other\r\n", false),
        (
            &format!("Connection: upgrade\r\nUpgrade: websocket\r\n{KEY}"),
            false,
        ),
    ] {
        let mut client = Bench::new(Role::Accepting);
        client.receive(format!("GET / HTTP/1.1\r\n{fields}\r\n").as_bytes());
        assert_eq!(client.said().contains("malformed 400"), refused, "{fields}");
    }
}

#[test]
fn an_answer_without_what_answers_the_key_begins_no_websocket() {
    const ANSWER: &str = "HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: websocket\r\n";
    let (name, value) = ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    let websocket = [("Connection", "upgrade"), ("Upgrade", "websocket")];
    // The key is the client's, or ours: then we know the answer.
    for (keyed, accept, begins) in [
        (true, "", false),
        (true, "x", true),
        (false, "", false),
        (false, "x", false),
        (false, "right", true),
    ] {
        let mut server = Bench::new(Role::Opening);
        server.open();
        let mut head = request("GET", Framing::None, &websocket);
        if keyed {
            head.push(name.as_bytes(), value.as_bytes());
        }
        server.send_head(0, &head);
        server.send_end(0);
        let sent = server.text();
        let (_, key) = sent.split_once("sec-websocket-key: ").expect("a key");
        let key = key.split("\r\n").next().unwrap_or_default();
        let right = message::websocket::accept(key.as_bytes());
        let right = String::from_utf8_lossy(&right);
        let field = match accept {
            "" => String::new(),
            "right" => format!("sec-websocket-accept: {right}\r\n"),
            other => format!("sec-websocket-accept: {other}\r\n"),
        };
        server.receive(format!("{ANSWER}{field}\r\n").as_bytes());
        assert_eq!(server.said().contains("Tunnel"), begins, "{keyed} {accept}");
    }
}
