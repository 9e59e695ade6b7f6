//! However the bytes are cut, the outcome is the same.

use crate::support::{Bench, request, response};
use message::{Framing, Machine, Role};

/// Gives `pieces` to a machine that accepts, answers every request once it is complete or refused, and
/// returns what was said and written, and how it ended.
fn serve(pieces: &[&[u8]], fin: bool) -> String {
    let mut client = Bench::new(Role::Accepting);
    let (mut said, mut written) = (Vec::new(), Vec::new());
    let mut next = 0;
    for piece in pieces {
        let mut left = *piece;
        loop {
            if !client.machine.wants_bytes() {
                break;
            }
            left = &left[client.receive(left)..];
            // Answer what is complete.
            while answer(&mut client, &mut said, &mut next, &mut written) {}
            if left.is_empty() {
                break;
            }
        }
    }
    if fin {
        client.receive_end(false);
        while answer(&mut client, &mut said, &mut next, &mut written) {}
    }
    said.append(&mut client.log);
    merge(&mut said);
    format!(
        "{}\n{}\n{:?} {:?}",
        said.join("; "),
        written.escape_ascii(),
        client.machine.shutdown(),
        client.machine.waiting(),
    )
}

fn answer(
    client: &mut Bench<http1::Connection>,
    said: &mut Vec<String>,
    next: &mut u64,
    written: &mut Vec<u8>,
) -> bool {
    let due = client
        .log
        .iter()
        .any(|line| line == "end" || line.starts_with("malformed"));
    said.append(&mut client.log);
    if due {
        client.send_head(*next, &response(200, Framing::Length(2), &[]));
        client.send_data(*next, b"ok");
        client.send_end(*next);
        written.extend_from_slice(&client.written());
        *next += 1;
    }
    due
}

/// Gives `pieces` to a machine that has asked with `method`.
fn ask(method: &str, pieces: &[&[u8]], fin: bool) -> String {
    let mut server = Bench::new(Role::Opening);
    server.open();
    let upgrade = [("Connection", "upgrade"), ("Upgrade", "x")];
    server.send_head(0, &request(method, Framing::None, &upgrade));
    server.send_end(0);
    server.written();
    for piece in pieces {
        server.receive(piece);
    }
    if fin {
        server.receive_end(false);
    }
    merge(&mut server.log);
    format!("{}\n{:?}", server.said(), server.machine.capacity())
}

/// Data that came in several pieces is one.
fn merge(said: &mut Vec<String>) {
    let mut merged: Vec<String> = Vec::new();
    for line in said.drain(..) {
        match (merged.last_mut(), line.strip_prefix("data ")) {
            (Some(last), Some(data)) if last.starts_with("data ") => last.push_str(data),
            _ => merged.push(line),
        }
    }
    *said = merged;
}

/// Every cut in two, and every byte on its own, gives what the whole gives.
fn check(bytes: &[u8], run: impl Fn(&[&[u8]]) -> String) {
    let whole = run(&[bytes]);
    for cut in 1..bytes.len() {
        let (a, b) = bytes.split_at(cut);
        assert_eq!(
            run(&[a, b]),
            whole,
            "cut at {cut}: {}",
            bytes.escape_ascii()
        );
    }
    let single: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(run(&single), whole, "bytewise: {}", bytes.escape_ascii());
}

#[test]
fn requests() {
    for bytes in [
        &b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"[..],
        b"\r\n\n\r\nGET / HTTP/1.1\nHost: a\nX: y\n z\n\n",
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n006\r\n world\r\n0\r\nA: b\r\n\r\n",
        b"GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n\r\nPOST /3 HTTP/1.1\r\nContent-Length: 1\r\n\r\nxGET /4 HTTP/1.1\r\n\r\nGET",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /2 HTTP/1.1\r\nA : b\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\nabc\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nA\r\n\r\n",
        b"GET / HTTP/1.1\r\nA: b\0\r\nC: d\r\n\r\n",
        b"G\x16T / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/3.0\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n\r",
    ] {
        for fin in [false, true] {
            check(bytes, |pieces| serve(pieces, fin));
        }
    }
}

#[test]
fn responses() {
    for bytes in [
        &b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"[..],
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: a\r\n\r\nHTTP/1.1 204 None\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nuntil the end",
        b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
        b"HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nraw\r\n\r\nbytes",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhellx",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\nab",
    ] {
        for (method, fin) in [("GET", false), ("GET", true), ("HEAD", false), ("CONNECT", true)] {
            check(bytes, |pieces| ask(method, pieces, fin));
        }
    }
}

/// A server that says more than it should: whether the rest comes with the answer or later changes when
/// it is noticed, never what is done about it.
#[test]
fn excess_ends_the_connection_however_it_comes() {
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    for excess in [&b"x"[..], b"\r\n", b"HTTP/1.1 200 OK\r\n\r\n"] {
        let whole = [answer, excess].concat();
        for pieces in [vec![&whole[..]], vec![answer, excess]] {
            let said = ask("GET", &pieces, false);
            assert!(said.contains("data ok; end; Done(StreamId(0))"), "{said}");
            assert!(said.ends_with("Capacity { now: 0, ever: 0 }"), "{said}");
        }
    }
}
