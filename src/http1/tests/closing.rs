//! What a closed or broken transport means, wherever it happens.

use crate::support::{Bench, request, response};
use http1::Connection;
use message::{Framing, Machine, Role, Shutdown, StreamId};

fn client(bytes: &str) -> Bench<Connection> {
    let mut client = Bench::new(Role::Accepting);
    client.receive(bytes.as_bytes());
    client
}

/// A server that is asked for the first time (`served` false) or the second, and has said `bytes`.
fn server(served: bool, bytes: &str) -> Bench<Connection> {
    let mut server = Bench::new(Role::Opening);
    for stream in 0..=u64::from(served) {
        server.open();
        server.send_head(stream, &request("GET", Framing::None, &[]));
        server.send_end(stream);
        server.written();
        if stream < u64::from(served) {
            server.receive(b"HTTP/1.1 204 No\r\n\r\n");
            server.said();
        }
    }
    server.receive(bytes.as_bytes());
    server
}

#[test]
fn a_client_that_says_nothing_goes() {
    for bytes in ["", "\r\n", "\r\n\r"] {
        let mut client = client(bytes);
        client.receive_end(false);
        assert_eq!(client.said(), "Finished(PeerGone)", "{bytes:?}");
        assert_eq!(client.machine.shutdown(), Shutdown::Close);
    }
}

#[test]
fn a_client_that_closes_within_a_head_is_told() {
    for bytes in ["G", "GET / HTTP/1.1\r\nHost: a\r\n"] {
        let mut client = client(bytes);
        client.receive_end(false);
        assert_eq!(
            client.said(),
            "malformed 400 the connection was closed within a head"
        );
        client.send_head(0, &response(400, Framing::None, &[]));
        client.send_end(0);
        assert!(client.text().starts_with("HTTP/1.1 400"));
        assert!(
            client
                .said()
                .starts_with("Done(StreamId(0)); Finished(Broken(")
        );
        assert_eq!(client.machine.shutdown(), Shutdown::Close);
    }
}

#[test]
fn a_client_whose_transport_breaks_within_a_head_is_gone() {
    let mut client = client("GET / HT");
    client.receive_end(true);
    assert_eq!(client.said(), "Finished(PeerGone)");
}

#[test]
fn a_half_closed_client_gets_its_answer() {
    let mut client = client("GET / HTTP/1.1\r\n\r\n");
    client.receive_end(false);
    assert!(client.said().ends_with("end; HalfClosed"));
    client.send_head(0, &response(200, Framing::Length(2), &[]));
    client.send_data(0, b"ok");
    client.send_end(0);
    assert!(client.text().ends_with("connection: close\r\n\r\nok"));
    assert_eq!(client.said(), "Done(StreamId(0)); Finished(Clean)");
    assert_eq!(client.machine.shutdown(), Shutdown::Close);
}

#[test]
fn pipelined_requests_before_a_half_close_are_answered() {
    let mut client = client("GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n");
    client.receive_end(false);
    for stream in 0..2 {
        client.send_head(stream, &response(200, Framing::None, &[]));
        client.send_end(stream);
        client.written();
    }
    assert_eq!(
        client.said(),
        "Opened(StreamId(0)); GET /1 1.1 None ; end; HalfClosed; Done(StreamId(0)); \
         Opened(StreamId(1)); GET /2 1.1 None ; end; HalfClosed; Done(StreamId(1)); Finished(Clean)"
    );
}

#[test]
fn a_client_that_closes_within_a_body_aborts() {
    for body in [
        "Content-Length: 5\r\n\r\nab",
        "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n",
    ] {
        for reset in [false, true] {
            let mut client = client(&format!("POST / HTTP/1.1\r\n{body}"));
            client.receive_end(reset);
            let said = client.said();
            assert!(
                said.ends_with("data ab; Reset(StreamId(0), Aborted); Finished(PeerGone)"),
                "{said}"
            );
        }
    }
}

#[test]
fn a_transport_that_breaks_before_the_last_bytes_are_written_leaves_nothing_to_write() {
    let mut client = client("GET / HTTP/1.1\r\n\r\n");
    client.send_head(0, &response(200, Framing::Length(5), &[]));
    client.send_data(0, b"ab");
    client.reset(0);
    assert!(client.machine.has_pending());
    client.receive_end(true);
    assert!(!client.machine.has_pending());
    assert!(client.said().ends_with("Finished(Clean)"));
}

#[test]
fn a_client_whose_transport_breaks_while_it_waits_aborts() {
    let mut client = client("GET / HTTP/1.1\r\n\r\n");
    client.receive_end(true);
    assert!(
        client
            .said()
            .ends_with("end; Reset(StreamId(0), Aborted); Finished(PeerGone)")
    );
}

#[test]
fn a_server_that_closes_before_its_answer_is_raced_if_it_was_used_before() {
    for reset in [false, true] {
        let mut used = server(true, "");
        used.receive_end(reset);
        assert_eq!(used.said(), "Reset(StreamId(1), Raced); Finished(PeerGone)");
        let mut fresh = server(false, "");
        fresh.receive_end(reset);
        assert_eq!(
            fresh.said(),
            "Reset(StreamId(0), Aborted); Finished(PeerGone)"
        );
        let mut begun = server(true, "HTTP/1.1 2");
        begun.receive_end(reset);
        assert_eq!(
            begun.said(),
            "Reset(StreamId(1), Aborted); Finished(PeerGone)"
        );
        let mut interim = server(true, "HTTP/1.1 100 Continue\r\n\r\n");
        interim.receive_end(reset);
        assert!(
            interim
                .said()
                .ends_with("Reset(StreamId(1), Aborted); Finished(PeerGone)")
        );
    }
}

#[test]
fn a_truncated_answer_is_never_a_complete_one() {
    for (bytes, clean, reset) in [
        ("Content-Length: 5\r\n\r\nab", false, false),
        (
            "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n",
            false,
            false,
        ),
        (
            "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n",
            false,
            false,
        ),
        ("\r\nab", true, false),
        ("Content-Length: 2\r\n\r\nab", true, true),
    ] {
        for (failed, complete) in [(false, clean), (true, reset)] {
            let mut server = server(false, &format!("HTTP/1.1 200 OK\r\n{bytes}"));
            server.receive_end(failed);
            let said = server.said();
            assert!(said.contains("data ab"), "{said}");
            assert_eq!(said.contains("; end; Done"), complete, "{bytes}: {said}");
            assert_eq!(
                said.contains("Reset(StreamId(0), Aborted)"),
                !complete,
                "{bytes}: {said}"
            );
            assert!(said.contains("Finished("), "{said}");
        }
    }
}

#[test]
fn data_before_a_break_is_read_first() {
    let mut server = server(false, "");
    let mut cx = message::Cx {
        now: Default::default(),
        pool: &mut server.pool,
        heads: &mut server.heads,
        rng: &mut base::Rng::from_u64(1),
    };
    let bytes = base::Buf::copy_of(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
    server.machine.receive(&mut cx, bytes);
    server.machine.receive_end(&mut cx, true);
    server.listen();
    assert_eq!(
        server.said(),
        "200 OK 1.1 Length(9) Content-Length=9; data abc; Reset(StreamId(0), Aborted); Finished(PeerGone)"
    );
}

#[test]
fn a_server_that_speaks_or_closes_while_idle_is_left() {
    for (bytes, ending) in [
        ("HTTP/1.1 408 Timeout\r\n\r\n", "Finished(Broken("),
        ("", "Finished(PeerGone)"),
    ] {
        let mut server = Bench::new(Role::Opening);
        server.receive(bytes.as_bytes());
        server.receive_end(false);
        assert!(server.said().starts_with(ending));
        assert_eq!(server.machine.capacity().ever, 0);
    }
}

#[test]
fn a_server_that_closed_after_its_answer_need_not_read_the_rest_of_the_request() {
    let mut server = Bench::new(Role::Opening);
    server.open();
    server.send_head(0, &request("POST", Framing::Length(9), &[]));
    server.receive(b"HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n");
    server.receive_end(false);
    assert!(
        server
            .said()
            .ends_with("end; Done(StreamId(0)); Finished(Clean)")
    );
    server.send_data(0, b"dropped");
    assert_eq!(server.text(), "");
}

#[test]
fn giving_up_an_answer_never_looks_like_its_end() {
    for (framing, shutdown) in [
        (Framing::Length(9), Shutdown::Close),
        (Framing::Streamed, Shutdown::Close),
        (Framing::UntilClose, Shutdown::Abort),
    ] {
        let mut client = client("GET / HTTP/1.1\r\n\r\n");
        client.send_head(0, &response(200, framing, &[]));
        client.send_data(0, b"abc");
        client.reset(0);
        assert!(!client.text().contains("0\r\n\r\n"));
        assert_eq!(client.machine.shutdown(), shutdown, "{framing:?}");
        assert!(client.said().ends_with("Finished(Clean)"));
        assert_eq!(client.machine.room(StreamId(0)), 0);
    }
}

#[test]
fn giving_up_a_request_closes_the_server_connection() {
    let mut server = server(false, "");
    server.reset(0);
    assert_eq!(server.said(), "Finished(Clean)");
    assert_eq!(server.machine.shutdown(), Shutdown::Close);
}

#[test]
fn a_server_that_answers_until_it_closes_is_not_to_be_used_again() {
    let mut server = server(false, "HTTP/1.1 200 OK\r\n\r\nab");
    assert_eq!(server.machine.capacity().ever, 0);
    server.receive_end(false);
    assert!(
        server
            .said()
            .ends_with("data ab; end; Done(StreamId(0)); Finished(Clean)")
    );
}

#[test]
fn a_client_that_closes_while_it_is_answered_ends_cleanly() {
    let mut client = client("GET / HTTP/1.1\r\n\r\n");
    client.send_head(0, &response(200, Framing::Length(2), &[]));
    client.receive_end(false);
    client.send_data(0, b"ok");
    client.send_end(0);
    client.written();
    assert!(
        client
            .said()
            .ends_with("; HalfClosed; Done(StreamId(0)); Finished(Clean)")
    );
}

#[test]
fn a_client_that_sends_more_than_it_announced_is_lingered_for() {
    let mut client = client("GET / HTTP/1.0\r\n\r\nexcess");
    client.send_head(0, &response(200, Framing::None, &[]));
    client.send_end(0);
    client.written();
    assert_eq!(client.machine.shutdown(), Shutdown::Linger);
}
