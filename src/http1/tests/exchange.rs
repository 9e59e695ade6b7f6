//! Whole exchanges in both roles: framing, persistence, and what ends a connection.

use crate::support::{Bench, request, response};
use http1::{Connection, Limits};
use message::{Capacity, Framing, Head, Machine, Owes, Role, Shutdown, StreamId, Version, Waiting};

/// A client that has sent `bytes`.
fn client(bytes: &str) -> Bench<Connection> {
    let mut client = Bench::new(Role::Accepting);
    client.receive(bytes.as_bytes());
    client
}

/// A server that was asked with `method` and knows the whole request.
fn server(method: &str) -> Bench<Connection> {
    let mut server = Bench::new(Role::Opening);
    ask(&mut server, method);
    server
}

fn ask(server: &mut Bench<Connection>, method: &str) {
    let stream = server.open().0;
    server.send_head(stream, &request(method, Framing::None, &[]));
    server.send_end(stream);
    server.written();
}

/// Answers stream `stream` and returns what was written.
fn answer(client: &mut Bench<Connection>, stream: u64, head: &Head, body: &[u8]) -> String {
    client.send_head(stream, head);
    client.send_data(stream, body);
    client.send_end(stream);
    client.text()
}

#[test]
fn a_get_is_answered_and_the_connection_waits_for_the_next() {
    let mut client = Bench::new(Role::Accepting);
    assert_eq!(client.machine.waiting(), Waiting::First);
    client.receive(b"\r\n\r");
    assert_eq!(client.machine.waiting(), Waiting::First);
    client.receive(b"\nGET");
    assert_eq!(client.machine.waiting(), Waiting::Head);
    client.receive(b" /a HTTP/1.1\r\nHost: h\r\nX-Y:z\r\n\r\n");
    assert_eq!(client.machine.waiting(), Waiting::Stream);
    assert_eq!(
        client.said(),
        "Opened(StreamId(0)); GET /a 1.1 None Host=h,X-Y=z; end"
    );
    let head = response(200, Framing::Length(2), &[("Content-Length", "2")]);
    assert_eq!(
        answer(&mut client, 0, &head, b"ok"),
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    );
    assert_eq!(client.said(), "Done(StreamId(0))");
    assert_eq!(client.machine.waiting(), Waiting::Next);
    assert_eq!(client.machine.shutdown(), Shutdown::Open);
}

#[test]
fn a_request_is_sent_its_answer_read_and_the_connection_can_be_used_again() {
    let mut server = Bench::new(Role::Opening);
    let free = Capacity {
        now: 1,
        ever: u32::MAX,
    };
    assert_eq!(server.machine.capacity(), free);
    assert_eq!(server.open().0, 0);
    assert_eq!(server.machine.capacity().now, 0);
    server.send_head(0, &request("POST", Framing::Streamed, &[("Host", "h")]));
    server.send_data(0, b"hello");
    server.send_end(0);
    assert_eq!(
        server.text(),
        "POST / HTTP/1.1\r\nHost: h\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    );
    server.receive(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
    );
    assert_eq!(
        server.said(),
        "200 OK 1.1 Streamed Transfer-Encoding=chunked; data abc; end; Done(StreamId(0))"
    );
    assert_eq!(server.machine.capacity(), free);
    assert_eq!(server.machine.shutdown(), Shutdown::Open);
    assert_eq!(server.open().0, 1);
}

#[test]
fn pipelined_requests_wait_for_the_answer_before_them() {
    let mut client =
        client("GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\nGET /3 HTTP/1.1\r\n\r\n");
    let ok = response(200, Framing::None, &[]);
    assert_eq!(client.said(), "Opened(StreamId(0)); GET /1 1.1 None ; end");
    client.send_head(0, &ok);
    client.send_end(0);
    assert_eq!(client.said(), "", "the answer is not written yet");
    assert_eq!(
        client.text(),
        "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
    );
    assert_eq!(
        client.said(),
        "Done(StreamId(0)); Opened(StreamId(1)); GET /2 1.1 None ; end"
    );
    answer(&mut client, 1, &ok, b"");
    assert_eq!(
        client.said(),
        "Done(StreamId(1)); Opened(StreamId(2)); GET /3 1.1 None ; end"
    );
    answer(&mut client, 2, &ok, b"");
    assert_eq!(client.said(), "Done(StreamId(2))");
    assert!(client.machine.wants_bytes());
}

#[test]
fn versions_and_options_decide_whether_a_client_connection_goes_on() {
    let plain = (
        "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
        Shutdown::Open,
    );
    let close = (
        "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        Shutdown::Close,
    );
    let keep = (
        "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: keep-alive\r\n\r\n",
        Shutdown::Open,
    );
    for (start, fields, expected) in [
        ("GET / HTTP/1.1", "", plain),
        ("GET / HTTP/1.1", "Connection: keep-alive\r\n", plain),
        ("GET / HTTP/1.1", "Connection: x, Close\r\n", close),
        ("GET / HTTP/1.0", "", close),
        ("GET / HTTP/1.0", "Connection: keep-alive\r\n", keep),
        ("GET / HTTP/1.0", "Connection: keep-alive, close\r\n", close),
    ] {
        let mut client = client(&format!("{start}\r\n{fields}\r\n"));
        let text = answer(&mut client, 0, &response(200, Framing::None, &[]), b"");
        assert_eq!(
            (text.as_str(), client.machine.shutdown()),
            expected,
            "{start} {fields}"
        );
        let finished = client.said().contains("Finished(Clean)");
        assert_eq!(finished, expected.1 == Shutdown::Close, "{start} {fields}");
    }
}

#[test]
fn insecure_framing_ends_the_connection_of_a_client() {
    let both = "Content-Length: 9\r\nTransfer-Encoding: chunked\r\n";
    let ok = response(200, Framing::None, &[]);
    let closes = |start: &str, fields: &str, limits| {
        let mut client = Bench::with(Role::Accepting, limits);
        client.receive(format!("{start}\r\n{fields}\r\n0\r\n\r\n").as_bytes());
        assert!(client.said().ends_with("; end"));
        answer(&mut client, 0, &ok, b"").contains("connection: close")
    };
    assert!(closes("POST / HTTP/1.1", both, Limits::default()));
    let keeps = Limits {
        keep_insecure_framing: true,
        ..Limits::default()
    };
    assert!(!closes("POST / HTTP/1.1", both, keeps));
    let old = "Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n";
    assert!(closes("POST / HTTP/1.0", old, Limits::default()));
}

#[test]
fn contradictory_lengths_leave_a_request_on_its_way_to_the_server() {
    let mut server = Bench::new(Role::Opening);
    server.open();
    let fields = [
        ("Content-Length", "9"),
        ("X", "y"),
        ("Transfer-Encoding", "x, chunked"),
    ];
    server.send_head(0, &request("POST", Framing::Streamed, &fields));
    server.send_end(0);
    assert_eq!(
        server.text(),
        "POST / HTTP/1.1\r\nX: y\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"
    );
}

#[test]
fn bodies_of_answers_are_framed_for_the_client() {
    let chunks = "2\r\nab\r\n0\r\n\r\n";
    for (version, framing, fields, expected) in [
        ("1.1", Framing::Length(2), "", "content-length: 2\r\n\r\nab"),
        (
            "1.1",
            Framing::Streamed,
            "",
            &format!("transfer-encoding: chunked\r\n\r\n{chunks}"),
        ),
        (
            "1.1",
            Framing::UntilClose,
            "",
            "connection: close\r\n\r\nab",
        ),
        (
            "1.0",
            Framing::Length(2),
            "Connection: keep-alive\r\n",
            "content-length: 2\r\nconnection: keep-alive\r\n\r\nab",
        ),
        (
            "1.0",
            Framing::Streamed,
            "Connection: keep-alive\r\n",
            "connection: close\r\n\r\nab",
        ),
        (
            "1.0",
            Framing::UntilClose,
            "",
            "connection: close\r\n\r\nab",
        ),
    ] {
        let mut client = client(&format!("GET / HTTP/{version}\r\n{fields}\r\n"));
        let text = answer(&mut client, 0, &response(200, framing, &[]), b"ab");
        assert_eq!(
            text,
            format!("HTTP/1.1 200 OK\r\n{expected}"),
            "{version} {framing:?}"
        );
        let closes = expected.contains("close");
        assert_eq!(
            client.machine.shutdown() != Shutdown::Open,
            closes,
            "{version} {framing:?}"
        );
    }
}

#[test]
fn messages_without_bodies_get_none() {
    let length = [("Content-Length", "5")];
    let coding = [("Transfer-Encoding", "chunked")];
    for (method, status, framing, fields, expected) in [
        (
            "HEAD",
            200,
            Framing::None,
            &length,
            "200 OK\r\nContent-Length: 5\r\n\r\n",
        ),
        (
            "HEAD",
            200,
            Framing::None,
            &coding,
            "200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        ),
        (
            "HEAD",
            200,
            Framing::Length(5),
            &length,
            "200 OK\r\nContent-Length: 5\r\n\r\n",
        ),
        (
            "HEAD",
            200,
            Framing::Streamed,
            &coding,
            "200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        ),
        (
            "GET",
            304,
            Framing::None,
            &length,
            "304 OK\r\nContent-Length: 5\r\n\r\n",
        ),
        ("GET", 204, Framing::None, &length, "204 OK\r\n\r\n"),
        ("GET", 204, Framing::Streamed, &coding, "204 OK\r\n\r\n"),
    ] {
        let mut client = client(&format!("{method} / HTTP/1.1\r\n\r\n"));
        let text = answer(&mut client, 0, &response(status, framing, fields), b"hello");
        assert_eq!(
            text,
            format!("HTTP/1.1 {expected}"),
            "{method} {status} {framing:?}"
        );
        assert_eq!(client.machine.waiting(), Waiting::Next);
    }
    for (method, bytes) in [
        ("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"),
        (
            "HEAD",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        ),
        ("GET", "HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n"),
        (
            "GET",
            "HTTP/1.1 304 No\r\nTransfer-Encoding: chunked\r\n\r\n",
        ),
        ("GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    ] {
        let mut server = server(method);
        server.receive(bytes.as_bytes());
        let said = server.said();
        assert!(
            said.contains(" None ") && said.ends_with("; end; Done(StreamId(0))"),
            "{said}"
        );
        assert_eq!(server.machine.capacity().now, 1, "{method} {bytes}");
    }
}

#[test]
fn interim_answers_pass_before_the_final_one() {
    let mut server = server("GET");
    server.receive(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\n");
    assert_eq!(
        server.said(),
        "100 Continue 1.1 None ; 103 Hints 1.1 None Link=x"
    );
    server.receive(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert!(server.said().ends_with("end; Done(StreamId(0))"));

    let hints = response(
        103,
        Framing::None,
        &[("Link", "x"), ("Content-Length", "3")],
    );
    let mut modern = client("GET / HTTP/1.1\r\n\r\n");
    modern.send_head(0, &hints);
    assert_eq!(modern.text(), "HTTP/1.1 103 OK\r\nLink: x\r\n\r\n");
    answer(&mut modern, 0, &response(200, Framing::None, &[]), b"");
    assert!(modern.said().ends_with("Done(StreamId(0))"));

    let mut old = client("GET / HTTP/1.0\r\n\r\n");
    old.send_head(0, &hints);
    assert_eq!(old.text(), "", "HTTP/1.0 knows no interim answers");
}

#[test]
fn hop_by_hop_fields_stay_on_their_hop() {
    let mut server = Bench::new(Role::Opening);
    server.open();
    let fields = [
        ("Host", "h"),
        (
            "Connection",
            "keep-alive, X-Custom, HTTP2-Settings, TE, Upgrade",
        ),
        ("Keep-Alive", "timeout=5"),
        ("Proxy-Connection", "keep-alive"),
        ("HTTP2-Settings", "AAA"),
        ("TE", "gzip, trailers"),
        ("Upgrade", "h2c"),
        ("X-Custom", "1"),
    ];
    server.send_head(0, &request("GET", Framing::None, &fields));
    assert_eq!(
        server.text(),
        "GET / HTTP/1.1\r\nHost: h\r\nTE: trailers\r\nX-Custom: 1\r\nconnection: X-Custom, TE\r\n\r\n"
    );
    for (te, expected) in [
        ("trailers, gzip", "TE: trailers\r\n"),
        ("gzip", ""),
        ("trailers;q=0.5", ""),
    ] {
        let mut server = Bench::new(Role::Opening);
        server.open();
        server.send_head(0, &request("GET", Framing::None, &[("TE", te)]));
        assert_eq!(server.text(), format!("GET / HTTP/1.1\r\n{expected}\r\n"));
    }
    let mut client = client("GET / HTTP/1.1\r\n\r\n");
    let fields = [
        ("Connection", "close, X"),
        ("Keep-Alive", "max=1"),
        ("Upgrade", "h2, foo"),
    ];
    let text = answer(&mut client, 0, &response(200, Framing::None, &fields), b"");
    assert_eq!(
        text,
        "HTTP/1.1 200 OK\r\nUpgrade: foo\r\ncontent-length: 0\r\nconnection: X\r\n\r\n"
    );
}

#[test]
fn trailers_pass_without_what_would_frame_or_route() {
    let mut client = client(
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nHost: x\r\nX: y\r\nContent-Length: 3\r\nConnection: close\r\n\r\n",
    );
    assert!(client.said().ends_with("data a; trailers X=y; end"));
    let mut trailers = Head::default();
    trailers.push(b"X", b"y");
    trailers.push(b"Host", b"z");
    client.send_head(0, &response(200, Framing::Streamed, &[]));
    client.send_data(0, b"b");
    client.send_trailers(0, &trailers);
    client.send_end(0);
    assert_eq!(
        client.text(),
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nb\r\n0\r\nX: y\r\n\r\n"
    );
}

#[test]
fn trailers_that_are_all_dropped_are_none() {
    let mut client =
        client("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nHost: x\r\n\r\n");
    assert!(
        client
            .said()
            .ends_with("Streamed Transfer-Encoding=chunked; end")
    );
}

#[test]
fn an_owner_can_end_the_connection_after_an_exchange() {
    let mut client = client("GET / HTTP/1.1\r\n\r\n");
    client.machine.close_after();
    let text = answer(&mut client, 0, &response(200, Framing::None, &[]), b"");
    assert!(text.contains("connection: close"));
    assert_eq!(client.machine.shutdown(), Shutdown::Close);
}

#[test]
fn a_client_that_sent_more_than_the_last_request_is_lingered_for() {
    let mut client = client("GET / HTTP/1.1\r\n\r\nGET /1 HTTP/1.1\r\n\r\n");
    client.machine.close_after();
    let text = answer(&mut client, 0, &response(200, Framing::None, &[]), b"");
    assert!(text.contains("connection: close"));
    assert_eq!(client.machine.shutdown(), Shutdown::Linger);
    assert!(
        client.machine.wants_bytes(),
        "what still comes is read and dropped"
    );
    client.receive(b"GET /2 HTTP/1.1\r\n\r\n");
    client.receive_end(false);
    let said = client.said();
    assert!(
        said.ends_with("Done(StreamId(0)); Finished(Clean)"),
        "{said}"
    );

    let mut server = Bench::new(Role::Opening);
    server.machine.close_after();
    assert_eq!(server.machine.capacity().ever, 0);
    let mut server = Bench::new(Role::Opening);
    server.open();
    server.machine.close_after();
    server.send_head(0, &request("GET", Framing::None, &[]));
    server.send_end(0);
    assert_eq!(server.text(), "GET / HTTP/1.1\r\nconnection: close\r\n\r\n");
    server.receive(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert!(
        server
            .said()
            .ends_with("end; Done(StreamId(0)); Finished(Clean)")
    );
    assert_eq!(server.machine.shutdown(), Shutdown::Close);
}

#[test]
fn a_server_connection_ends_when_its_answer_says_so() {
    for (bytes, reusable) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            false,
        ),
        ("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", false),
        (
            "HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: Keep-Alive\r\n\r\n",
            true,
        ),
        (
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: Keep-Alive\r\n\r\n0\r\n\r\n",
            false,
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
            false,
        ),
    ] {
        let mut server = server("GET");
        server.receive(bytes.as_bytes());
        assert_eq!(server.machine.capacity().ever > 0, reusable, "{bytes}");
        assert_eq!(
            server.said().contains("Finished(Clean)"),
            !reusable,
            "{bytes}"
        );
    }
}

#[test]
fn a_request_of_http2_reaches_a_server_of_http1_in_origin_form() {
    let mut head = Head::default();
    head.set_request(b"GET", b"http://a/b?c", Version::Http2);
    head.target_prefix = 8;
    head.push(b"host", b"a");
    let mut server = Bench::new(Role::Opening);
    server.open();
    server.send_head(0, &head);
    assert_eq!(server.text(), "GET /b?c HTTP/1.1\r\nhost: a\r\n\r\n");
}

#[test]
fn a_server_with_faulty_framing_costs_the_client_its_connection() {
    let mut client = client("GET / HTTP/1.1\r\n\r\n");
    let mut head = response(200, Framing::Streamed, &[("Transfer-Encoding", "chunked")]);
    head.version = Version::Http10;
    let text = answer(&mut client, 0, &head, b"");
    assert!(text.contains("connection: close"), "{text}");
}

#[test]
fn an_early_answer_ends_the_connection_of_the_client() {
    let mut client = client("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc");
    let owed = Owes {
        peer_bytes: true,
        readable: false,
        owner_parts: true,
    };
    assert_eq!(client.machine.owes(StreamId(0)), owed);
    let text = answer(&mut client, 0, &response(403, Framing::None, &[]), b"");
    assert!(text.contains("connection: close"), "{text}");
    assert!(client.said().ends_with("data abc; Done(StreamId(0))"));
    assert_eq!(client.machine.shutdown(), Shutdown::Linger);
}

#[test]
fn a_request_left_unread_does_not_stop_the_next_one() {
    let mut client = client("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\n");
    client.said();
    // The engine under test reads nothing here: only the machine is driven.
    let mut cx = message::Cx {
        now: Default::default(),
        pool: &mut client.pool,
        heads: &mut client.heads,
        rng: &mut base::Rng::from_u64(1),
    };
    client
        .machine
        .receive(&mut cx, base::Buf::copy_of(b"abcGET /2 HTTP/1.1\r\n\r\n"));
    let ok = response(200, Framing::None, &[]);
    client.machine.send_head(&mut cx, StreamId(0), &ok);
    client.machine.send_end(&mut cx, StreamId(0));
    client.written();
    assert_eq!(
        client.said(),
        "Done(StreamId(0)); Opened(StreamId(1)); GET /2 1.1 None ; end"
    );
}

#[test]
fn an_early_answer_of_a_server_is_read_while_the_request_goes_on() {
    let mut server = Bench::new(Role::Opening);
    server.open();
    server.send_head(0, &request("POST", Framing::Length(4), &[]));
    server.send_data(0, b"ab");
    server.written();
    server.receive(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(server.said(), "200 OK 1.1 None Content-Length=0; end");
    assert_eq!(
        server.machine.capacity().now,
        0,
        "not reusable before the request is complete"
    );
    server.send_data(0, b"cd");
    server.send_end(0);
    assert_eq!(server.text(), "cd");
    assert_eq!(server.said(), "Done(StreamId(0))");
    assert_eq!(server.machine.capacity().now, 1);
}

#[test]
fn no_more_is_sent_than_was_announced() {
    let mut client = client("GET / HTTP/1.1\r\n\r\n");
    let text = answer(
        &mut client,
        0,
        &response(200, Framing::Length(2), &[]),
        b"okGET",
    );
    assert!(text.ends_with("\r\n\r\nok"), "{text}");
}

#[test]
fn a_message_that_ends_short_takes_its_connection_with_it() {
    let mut short = client("GET / HTTP/1.1\r\n\r\n");
    answer(
        &mut short,
        0,
        &response(200, Framing::Length(5), &[]),
        b"ok",
    );
    assert_eq!(short.machine.shutdown(), Shutdown::Close);
    assert!(
        short
            .said()
            .ends_with("; Reset(StreamId(0), Aborted); Finished(Clean)")
    );

    let mut server = Bench::new(Role::Opening);
    server.open();
    server.send_head(0, &request("POST", Framing::Length(5), &[]));
    server.send_end(0);
    assert_eq!(server.machine.shutdown(), Shutdown::Close);
    assert_eq!(server.machine.capacity().ever, 0);
}

#[test]
fn a_refused_request_can_be_answered() {
    let mut client = client("GET / HT");
    let mut cx = message::Cx {
        now: Default::default(),
        pool: &mut client.pool,
        heads: &mut client.heads,
        rng: &mut base::Rng::from_u64(1),
    };
    assert_eq!(client.machine.refuse(&mut cx), Some(StreamId(0)));
    assert_eq!(client.machine.refuse(&mut cx), None);
    let text = answer(&mut client, 0, &response(408, Framing::None, &[]), b"");
    assert_eq!(
        text,
        "HTTP/1.1 408 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    );
    assert_eq!(client.machine.shutdown(), Shutdown::Linger);
}

#[test]
fn draining_takes_no_further_requests() {
    let mut fresh = Bench::new(Role::Accepting);
    fresh.drain();
    assert_eq!(
        fresh.machine.shutdown(),
        Shutdown::Open,
        "its first request may be on the way"
    );
    fresh.receive(b"GET / HTTP/1.1\r\n\r\n");
    let text = answer(&mut fresh, 0, &response(200, Framing::None, &[]), b"");
    assert!(text.contains("connection: close"));

    let mut idle = client("GET / HTTP/1.1\r\n\r\n");
    answer(&mut idle, 0, &response(200, Framing::None, &[]), b"");
    idle.said();
    idle.drain();
    assert_eq!(idle.said(), "Finished(Clean)");
    assert_eq!(idle.machine.shutdown(), Shutdown::Close);

    let mut server = server("GET");
    server.drain();
    server.receive(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert!(
        server
            .said()
            .ends_with("end; Done(StreamId(0)); Finished(Clean)")
    );
    let mut unused = Bench::new(Role::Opening);
    unused.drain();
    assert_eq!(unused.said(), "Finished(Clean)");
}

#[test]
fn the_send_queue_holds_its_owner_back_and_calls_it_again() {
    let mut client = client("GET / HTTP/1.1\r\n\r\n");
    client.send_head(0, &response(200, Framing::Length(100_000), &[]));
    let mut sent = 0;
    while client.machine.room(StreamId(0)) > 0 {
        client.send_data(0, &[b'x'; 16_384]);
        sent += 16_384;
    }
    assert!(sent <= 3 * 16_384, "{sent}");
    client.said();
    let written = client.written();
    assert!(written.len() > sent);
    assert_eq!(client.said(), "Writable(StreamId(0))");
}

#[test]
fn an_idle_connection_is_small_and_holds_nothing() {
    assert!(
        size_of::<Connection>() <= 264,
        "{}",
        size_of::<Connection>()
    );
    let mut client =
        client("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
    answer(
        &mut client,
        0,
        &response(200, Framing::Length(2), &[]),
        b"ok",
    );
    let shown = format!("{:?}", client.machine);
    assert!(
        shown.contains("rx: Buf(0 bytes)") && shown.contains("unread: None"),
        "{shown}"
    );
}

#[test]
fn framing_is_declared_once() {
    for (framing, field, value, expected) in [
        (
            Framing::Length(2),
            "Content-Length",
            "2",
            "Content-Length: 2\r\n",
        ),
        (
            Framing::Length(2),
            "Content-Length",
            "2, 2",
            "content-length: 2\r\n",
        ),
        (
            Framing::Streamed,
            "Transfer-Encoding",
            "chunked",
            "Transfer-Encoding: chunked\r\n",
        ),
    ] {
        let mut client = client("GET / HTTP/1.1\r\n\r\n");
        client.send_head(
            0,
            &response(200, framing, &[(field, value), (field, value)]),
        );
        assert_eq!(client.text(), format!("HTTP/1.1 200 OK\r\n{expected}\r\n"));
    }
}

#[test]
fn an_option_goes_with_the_field_it_speaks_of() {
    let mut server = Bench::new(Role::Opening);
    server.open();
    let fields = [("Connection", "TE, X"), ("TE", "gzip")];
    server.send_head(0, &request("GET", Framing::None, &fields));
    assert_eq!(server.text(), "GET / HTTP/1.1\r\nconnection: X\r\n\r\n");
}

#[test]
fn a_request_keeps_its_version_unless_its_body_needs_chunks() {
    for (framing, version) in [(Framing::None, "1.0"), (Framing::Streamed, "1.1")] {
        let mut server = Bench::new(Role::Opening);
        server.open();
        let mut head = request("POST", framing, &[]);
        head.version = Version::Http10;
        server.send_head(0, &head);
        let text = server.text();
        assert!(
            text.starts_with(&format!("POST / HTTP/{version}\r\n")),
            "{text}"
        );
        assert_eq!(
            text.contains("connection: keep-alive\r\n"),
            version == "1.0",
            "{text}"
        );
    }
}

#[test]
fn fields_that_rules_changed_are_written_where_they_stood() {
    let mut client = Bench::new(Role::Accepting);
    let mut cx = message::Cx {
        now: Default::default(),
        pool: &mut client.pool,
        heads: &mut client.heads,
        rng: &mut base::Rng::from_u64(1),
    };
    let bytes = b"GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB:2\r\nC: 3\r\nD: 4\r\nE: 5\r\n\r\n";
    client.machine.receive(&mut cx, base::Buf::copy_of(bytes));
    let Some(message::Part::Head(mut head)) = client.machine.read(&mut cx, StreamId(0)) else {
        panic!("a head");
    };
    head.set(message::Name::Host, b"b");
    head.remove_if(|_, name, _| name == b"D");
    head.push(b"F", b"6");
    let mut server = Bench::new(Role::Opening);
    server.open();
    server.send_head(0, &head);
    assert_eq!(
        server.text(),
        "GET / HTTP/1.1\r\nHost: b\r\nA: 1\r\nB: 2\r\nC: 3\r\nE: 5\r\nF: 6\r\n\r\n"
    );
}

#[test]
fn a_client_that_closes_behind_what_its_owner_has_not_read_is_noticed() {
    let mut client = Bench::new(Role::Accepting);
    let head = b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n";
    for (piece, lacks) in [(&head[..], true), (b"ab", true), (b"cde", false)] {
        assert!(client.machine.wants_bytes());
        let mut cx = message::Cx {
            now: Default::default(),
            pool: &mut client.pool,
            heads: &mut client.heads,
            rng: &mut base::Rng::from_u64(1),
        };
        client.machine.receive(&mut cx, base::Buf::copy_of(piece));
        if piece == head {
            assert!(client.machine.read(&mut cx, StreamId(0)).is_some());
        }
        while client.machine.poll_event(&mut cx).is_some() {}
        assert_eq!(client.machine.owes(StreamId(0)).peer_bytes, lacks);
    }
    client.receive_end(false);
    assert_eq!(client.said(), "HalfClosed");
    assert!(!client.machine.owes(StreamId(0)).peer_bytes);
}
