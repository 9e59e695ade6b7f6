//! What is no message: the status that answers it, and the words for it.

use crate::support::{Bench, request, response};
use http1::Limits;
use message::{Framing, Machine, Role, Shutdown};

/// Gives `bytes` as a client would and compares the outcome: `200` for a request that was taken.
fn check_request(bytes: &[u8], expected: &str) {
    check_request_with(Limits::default(), bytes, expected);
}

fn check_request_with(limits: Limits, bytes: &[u8], expected: &str) {
    let mut client = Bench::with(Role::Accepting, limits);
    client.receive(bytes);
    let said = client.said();
    let shown = bytes.escape_ascii().to_string();
    let shown = &shown[..shown.len().min(200)];
    let outcome = match said.find("malformed ") {
        Some(at) => said[at + 10..].to_string(),
        None if said.contains("; end") => "200".into(),
        None => said,
    };
    assert_eq!(outcome, expected, "{shown}");
    if expected != "200" {
        assert!(!client.machine.wants_bytes(), "{shown}");
        client.send_head(0, &response(400, Framing::Length(3), &[]));
        client.send_data(0, b"bad");
        client.send_end(0);
        assert_eq!(
            client.text(),
            "HTTP/1.1 400 OK\r\ncontent-length: 3\r\nconnection: close\r\n\r\nbad",
            "{shown}"
        );
        assert_eq!(client.machine.shutdown(), Shutdown::Linger, "{shown}");
        assert!(client.machine.captured().is_some(), "{shown}");
    }
}

#[test]
fn another_protocol_is_refused_from_its_first_bytes() {
    check_request(
        b"\x16\x03\x01\x02\x00\x01\x00",
        "400 the method is not a token",
    );
    check_request(b"SSH-2.0:", "400 the method is not a token");
}

/// A request with these fields, and this behind its head.
fn with_fields(start: &str, fields: &str, behind: &str) -> Vec<u8> {
    format!("{start}\r\n{fields}\r\n{behind}").into_bytes()
}

#[test]
fn start_lines() {
    let not_token = "400 the method is not a token";
    let form = "400 the request target has none of the forms this method allows";
    let authority = "400 the authority of the request target is not valid";
    let character = "400 the request target contains a forbidden character";
    let version = "400 the protocol version is not valid";
    for (start, expected) in [
        ("GET / HTTP/1.1", "200"),
        ("get / HTTP/1.1", "200"),
        ("GET  /  HTTP/1.1", "200"),
        ("GET / HTTP/1.9", "200"),
        ("OPTIONS * HTTP/1.1", "200"),
        ("GET http://a/ HTTP/1.1", "200"),
        ("CONNECT a:80 HTTP/1.1", "200"),
        ("GET", "400 the start line is not complete"),
        ("GET /", "400 the start line is not complete"),
        ("GE\tT / HTTP/1.1", not_token),
        ("GE:T / HTTP/1.1", not_token),
        (" GET / HTTP/1.1", not_token),
        ("\u{16}\u{3}\u{1}", not_token),
        ("GET * HTTP/1.1", form),
        ("GET a HTTP/1.1", form),
        ("GET a:80 HTTP/1.1", form),
        ("OPTIONS */a HTTP/1.1", form),
        ("CONNECT a HTTP/1.1", authority),
        ("CONNECT / HTTP/1.1", authority),
        ("CONNECT a: HTTP/1.1", authority),
        ("CONNECT http://a:80 HTTP/1.1", authority),
        ("GET http://a,b/ HTTP/1.1", authority),
        ("GET /# HTTP/1.1", character),
        ("GET /\u{7f} HTTP/1.1", character),
        ("GET /\u{e9} HTTP/1.1", character),
        ("GET /\0 HTTP/1.1", character),
        ("GET / HTTP/1.1 ", version),
        ("GET / http/1.1", version),
        ("GET / HTTP/11.1", version),
        ("GET / RTSP/1.0", version),
        (
            "GET / HTTP/0.9",
            "505 the protocol version is not supported",
        ),
        (
            "PRI * HTTP/2.0",
            "405 the client speaks HTTP/2, which is not spoken here",
        ),
    ] {
        let host = if start.contains("a:80 ") || start.contains("//a/") {
            "Host: a\r\n"
        } else {
            ""
        };
        check_request(&with_fields(start, host, ""), expected);
    }
}

#[test]
fn fields() {
    let name = "400 a field name is not a token";
    let value = "400 a field value contains a forbidden character";
    let many = "Host: a\r\n".to_string() + &"a: b\r\n".repeat(101);
    for (fields, expected) in [
        ("A: b\r\n", "200"),
        ("A: b\n", "200"),
        ("A:\r\n", "200"),
        ("A: b\r\n c\r\n", "200"),
        ("A: \u{1}\u{7f}\u{e9}\r\n", "200"),
        ("A : b\r\n", name),
        (": b\r\n", name),
        ("A b: c\r\n", name),
        ("A\r\n", name),
        ("A\u{e9}: b\r\n", name),
        ("A\0: b\r\n", name),
        ("A\r\n: b\r\n", name),
        ("A: b\0\r\n", value),
        ("A: b\rc\r\n", value),
        ("A: \rb\r\n", value),
        ("A: b\r\r\n", value),
        ("Host: a\r\nHost: a\r\n", "200"),
        (
            "Host: a\r\nHost: b\r\n",
            "400 there are several Host fields",
        ),
        (&many, "431 the head has too many fields"),
    ] {
        check_request(&with_fields("GET / HTTP/1.1", fields, ""), expected);
    }
}

#[test]
fn lengths_and_codings() {
    let length = "400 Content-Length is not a number";
    let conflict = "400 Content-Length has several values";
    let coding = "400 Transfer-Encoding does not end in one chunked";
    let unknown = "422 Transfer-Encoding names an unknown coding";
    for (fields, behind, expected) in [
        ("Content-Length: 2\r\n", "ab", "200"),
        ("Content-Length: 2, 2\r\n", "ab", "200"),
        ("Content-Length: 2\r\nContent-Length: 2\r\n", "ab", "200"),
        ("Content-Length:\r\n", "", length),
        ("Content-Length: 0,\r\n", "", length),
        ("Content-Length: +2\r\n", "ab", length),
        ("Content-Length: 2a\r\n", "ab", length),
        ("Content-Length: 18446744073709551616\r\n", "", length),
        ("Content-Length: 2, 3\r\n", "ab", conflict),
        ("Content-Length: 2\r\nContent-Length: 3\r\n", "ab", conflict),
        ("Transfer-Encoding: chunked\r\n", "0\r\n\r\n", "200"),
        ("Transfer-Encoding: Chunked\r\n", "0\r\n\r\n", "200"),
        (
            "Transfer-Encoding: chunked, chunked\r\n",
            "0\r\n\r\n",
            coding,
        ),
        (
            "Transfer-Encoding: chunked, gzip, chunked\r\n",
            "0\r\n\r\n",
            coding,
        ),
        ("Transfer-Encoding: chunked, gzip\r\n", "0\r\n\r\n", coding),
        ("Transfer-Encoding: gzip\r\n", "0\r\n\r\n", coding),
        ("Transfer-Encoding: identity\r\n", "0\r\n\r\n", coding),
        ("Transfer-Encoding:\r\n", "0\r\n\r\n", coding),
        (
            "Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n",
            "0\r\n\r\n",
            unknown,
        ),
        ("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n", unknown),
        (
            "Transfer-Encoding : chunked\r\n",
            "0\r\n\r\n",
            "400 a field name is not a token",
        ),
    ] {
        check_request(&with_fields("POST / HTTP/1.1", fields, behind), expected);
    }
    let payload = "413 an HTTP/1.0 request with this method has a body";
    for method in ["GET", "HEAD", "DELETE"] {
        let start = format!("{method} / HTTP/1.0");
        let bytes = with_fields(&start, "Content-Length: 1\r\n", "a");
        check_request(&bytes, payload);
        let lenient = Limits {
            payload_with_any_method: true,
            ..Limits::default()
        };
        check_request_with(lenient, &bytes, "200");
    }
    check_request(
        &with_fields("POST / HTTP/1.0", "Content-Length: 1\r\n", "a"),
        "200",
    );
    check_request(
        &with_fields("CONNECT a:80 HTTP/1.1", "Content-Length: 1\r\n", "a"),
        "400 a CONNECT request has a body",
    );
}

#[test]
fn chunks_and_trailers() {
    let size = "400 a chunk size is not valid";
    let extension = "400 a chunk extension is not valid";
    let end = "400 a chunk does not end in CRLF";
    let long = format!("0\r\n{}\r\n\r\n", "a".repeat(20_000));
    for (body, expected) in [
        ("5\r\nhello\r\n0\r\n\r\n", "200"),
        ("5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n", "200"),
        ("005 \r\nhello\r\n0\r\n\r\n", "200"),
        ("x\r\n", size),
        ("\r\n", size),
        ("0x5\r\nhello", size),
        ("5\nhello\r\n0\r\n\r\n", size),
        ("5 5\r\n", size),
        ("5;\nhello", extension),
        ("5\r\rhello", extension),
        ("5\r\nhelloo", end),
        ("5\r\nhello\n0\r\n\r\n", end),
        ("10000000000000000\r\n", "400 a chunk size is too large"),
        ("0\r\nX y\r\n\r\n", "400 a field name is not a token"),
        (
            "0\r\nX: \0\r\n\r\n",
            "400 a field value contains a forbidden character",
        ),
        (&long, "400 the trailer section is too long"),
    ] {
        let fields = "Transfer-Encoding: chunked\r\n";
        check_request(&with_fields("POST / HTTP/1.1", fields, body), expected);
    }
}

#[test]
fn hosts_that_are_more_than_host_and_port() {
    let bad = "400 the Host field is not a host and a port";
    for host in [
        "a b", "a\tb", "a/b", "a?b", "a#b", "user@a", "a,b", "a\\b", "http://a", "[::1", "[::1]x",
        "a[b]", "a\r\n b",
    ] {
        let bytes = with_fields("GET / HTTP/1.1", &format!("Host: {host}\r\n"), "");
        check_request(&bytes, bad);
        let relaxed = Limits {
            relaxed: true,
            ..Limits::default()
        };
        check_request_with(relaxed, &bytes, "200");
    }
    for host in ["", "a", "a:", "a:80", "[::1]:80", "a_b", "a*b"] {
        check_request(
            &with_fields("GET / HTTP/1.1", &format!("Host: {host}\r\n"), ""),
            "200",
        );
    }
}

#[test]
fn hosts_against_targets() {
    let mismatch = "400 the Host field contradicts the request target";
    for (method, target, host, expected) in [
        ("GET", "http://hostname1/", "hostname2", mismatch),
        ("GET", "http://hostname:80/", "hostname:81", mismatch),
        ("GET", "http://hostname:8080/", "hostname", mismatch),
        ("GET", "http://hostname/", "hostname:81", mismatch),
        ("CONNECT", "hostname1:80", "hostname2:80", mismatch),
        ("CONNECT", "hostname:80", "hostname:443", mismatch),
        ("CONNECT", "hostname:8080", "hostname", mismatch),
        ("CONNECT", "hostname:80", "hostname:", "200"),
        ("GET", "http://hostname:80/", "hostname:", "200"),
        ("GET", "https://hostname:/", "hostname:443", "200"),
    ] {
        let start = format!("{method} {target} HTTP/1.1");
        check_request(
            &with_fields(&start, &format!("Host: {host}\r\n"), ""),
            expected,
        );
    }
}

#[test]
fn default_ports_leave_target_and_host() {
    for (target, host, new_target, new_host) in [
        (
            "http://toto:poue@hostname:80/c1",
            "hostname:80",
            "http://toto:poue@hostname/c1",
            "hostname",
        ),
        (
            "http://hostname:8080/c2",
            "hostname:8080",
            "http://hostname:8080/c2",
            "hostname:8080",
        ),
        (
            "https://hostname:443/c3",
            "hostname:443",
            "https://hostname/c3",
            "hostname",
        ),
        (
            "https://hostname:80/c4",
            "hostname:80",
            "https://hostname:80/c4",
            "hostname:80",
        ),
        (
            "http://hostname:80/c20",
            "hostname",
            "http://hostname/c20",
            "hostname",
        ),
        (
            "http://hostname/c22",
            "hostname:80",
            "http://hostname/c22",
            "hostname:80",
        ),
        (
            "http://hostname:/c24",
            "hostname",
            "http://hostname/c24",
            "hostname",
        ),
        (
            "http://hostname/c26",
            "hostname:",
            "http://hostname/c26",
            "hostname:",
        ),
        (
            "http://hostname:80/c28",
            "hostname:",
            "http://hostname/c28",
            "hostname",
        ),
        (
            "http://hostname:/c29",
            "hostname:80",
            "http://hostname/c29",
            "hostname",
        ),
        ("http://:", ":80", "http:///", ""),
        (
            "http://hostname",
            "hostname",
            "http://hostname/",
            "hostname",
        ),
        (
            "http://hostname:81",
            "hostname:81",
            "http://hostname:81/",
            "hostname:81",
        ),
        (
            "http://hostname?a=b",
            "hostname",
            "http://hostname?a=b",
            "hostname",
        ),
        (
            "http://hostname:80?c=d",
            "hostname:80",
            "http://hostname?c=d",
            "hostname",
        ),
    ] {
        let mut client = Bench::new(Role::Accepting);
        client.receive(format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes());
        let expected =
            format!("Opened(StreamId(0)); GET {new_target} 1.1 None Host={new_host}; end");
        assert_eq!(client.said(), expected);
    }
}

#[test]
fn sizes() {
    let long = "a".repeat(15_360);
    check_request(
        format!("GET /{long} HTTP/1.1\r\n\r\n").as_bytes(),
        "414 the start line is too long",
    );
    check_request(
        format!("{long}a").as_bytes(),
        "414 the start line is too long",
    );
    check_request(
        &with_fields("GET / HTTP/1.1", &format!("A: {long}\r\n"), ""),
        "431 the head is too long",
    );
    let fits = "a".repeat(15_360 - "GET / HTTP/1.1\r\nA: \r\n\r\n".len());
    check_request(
        &with_fields("GET / HTTP/1.1", &format!("A: {fits}\r\n"), ""),
        "200",
    );
    check_request(
        &with_fields("GET / HTTP/1.1", &format!("A: {fits}b\r\n"), ""),
        "431 the head is too long",
    );
}

#[test]
fn relaxed_requests() {
    let relaxed = Limits {
        relaxed: true,
        ..Limits::default()
    };
    for bytes in [
        "GET /\u{e9}#x HTTP/1.1\r\n\r\n",
        "GET / RTSP/1.0\r\n\r\n",
        "GET / HTTP/1.1\r\nA b: c\r\nA\0: b\r\n\r\n",
        "GET / HTTP/1.1\r\nA: \0\r\n\r\n",
        "CONNECT a HTTP/1.1\r\n\r\n",
        "GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n",
        "GET http://hostname#frag HTTP/1.1\r\nHost: hostname\r\n\r\n",
    ] {
        check_request_with(relaxed, bytes.as_bytes(), "200");
    }
    let mut client = Bench::with(Role::Accepting, relaxed);
    client.receive(b"GET / HTTP/1.1\r\nA b: c\r\nD: e\r\n\r\n");
    assert_eq!(
        client.said(),
        "Opened(StreamId(0)); GET / 1.1 None D=e; end"
    );
    check_request_with(
        relaxed,
        b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        "400 Content-Length is not a number",
    );
}

/// Gives `bytes` as the answer to a request.
fn answered(method: &str, bytes: &[u8]) -> String {
    let mut server = Bench::new(Role::Opening);
    server.open();
    server.send_head(0, &request(method, Framing::None, &[]));
    server.send_end(0);
    server.written();
    server.receive(bytes);
    server.said()
}

#[test]
fn responses() {
    for (bytes, words) in [
        ("HTTP/1.1 20 OK\r\n\r\n", "the status code is not valid"),
        ("HTTP/1.1 2000 OK\r\n\r\n", "the status code is not valid"),
        ("HTTP/1.1 099 OK\r\n\r\n", "the status code is not valid"),
        (
            "\r\nHTTP/1.1 200 OK\r\n\r\n",
            "the start line is not complete",
        ),
        ("ICY 200 OK\r\n\r\n", "the protocol version is not valid"),
        (
            "HTTP/2.0 200 OK\r\n\r\n",
            "the protocol version is not supported",
        ),
        (
            "HTTP/1.1 200 OK\r\nA\r\n\r\n",
            "a field name is not a token",
        ),
        (
            "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
            "a field name is not a token",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: a\r\n\r\n",
            "Content-Length is not a number",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n",
            "Content-Length has several values",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n",
            "Transfer-Encoding does not end in one chunked",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nContent-Length: 0\r\n\r\n",
            "Transfer-Encoding does not end in one chunked",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
            "Transfer-Encoding names an unknown coding",
        ),
        (
            "HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
            "the switch of protocols was not asked for",
        ),
    ] {
        let said = answered("GET", bytes.as_bytes());
        let mut parts = said.split("; ");
        let first = parts.next().unwrap_or("");
        assert!(
            first.starts_with("malformed ") && first.ends_with(words),
            "{bytes:?}: {said}"
        );
        assert!(
            parts
                .next()
                .is_some_and(|it| it.starts_with("Finished(Broken(")),
            "{bytes:?}: {said}"
        );
    }
}

#[test]
fn a_broken_body_of_an_answer_breaks_off_behind_what_was_good() {
    let said = answered(
        "GET",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\nx\r\n",
    );
    assert!(
        said.contains(
            "data ab; Reset(StreamId(0), Broken(Fault { what: \"a chunk size is not valid\""
        ),
        "{said}"
    );
    assert!(said.contains("; Finished(Broken("), "{said}");
}

#[test]
fn a_bad_start_line_is_answered_before_anything_follows_it() {
    check_request(b"GET /\r\n", "400 the start line is not complete");
    check_request(
        b"GET / HTTP/1.1\r\n Host: a\r\nX",
        "400 a field name is not a token",
    );
}
