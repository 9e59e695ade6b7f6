//! TCP sessions that become HTTP (`switch-mode http`, a backend that speaks HTTP).

use base::Duration;
use proptests::harness::nowhere::settings;
use proptests::pair::{Answerer, Closed, Dial, Pace, Pair, Say, Talker};

/// What every configuration here begins with: all that is known of a request goes into its answer.
const HEAD: &str = "\
defaults
    timeout client 10s
    timeout server 10s
    timeout connect 1s
backend web
    mode http
    tcp-request content set-var(txn.at) var(txn.at),concat(c)
    http-request return status 200 content-type a/b lf-string \"%[path] %[var(req.was)] %[var(txn.at)]\"
backend raw
    server s 127.0.0.1:90
";

/// A frontend in TCP mode with these lines, and the backend it sends to by default.
fn front(lines: &str, backend: &str) -> String {
    // The first proxy is the one that clients connect to.
    let (defaults, backends) = HEAD.split_once("backend web").expect("a backend");
    format!(
        "{defaults}frontend in\n mode tcp\n bind 127.0.0.1:80{lines}\n default_backend {backend}\nbackend web{backends}"
    )
}

const SWITCH: &str = "
 tcp-request inspect-delay 5s
 tcp-request content set-var(req.was) internal.strm.is_htx
 tcp-request content switch-mode http if HTTP
 tcp-request content reject
 http-request set-var(txn.at) str(f)";

fn pair(text: &str, cut: usize) -> Pair {
    Pair::new(settings(text), Pace::in_order(cut), |_| {
        Dial::Accepted(Box::new(Answerer::new(|_| {
            vec![Say::Bytes(
                b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_vec(),
            )]
        })))
    })
}

/// What a client hears that says `bytes`, in pieces of `cut`, within the time of any timeout; and whether
/// its connection is open then.
fn heard(text: &str, bytes: &[u8], cut: usize) -> (String, Closed) {
    let mut pair = pair(text, cut);
    let client = pair.connect(Talker::saying(bytes));
    pair.run();
    let socket = &pair.sockets()[client];
    let said = (
        String::from_utf8_lossy(&socket.heard).into_owned(),
        socket.closed,
    );
    pair.say(client, Say::Reset);
    pair.pass_for(Duration::from_secs(60));
    pair.assert_at_rest();
    said
}

/// The bodies of answers.
fn bodies(text: &str) -> Vec<&str> {
    let mut answers = text.split("HTTP/1.1 200 OK\r\n");
    assert_eq!(answers.next(), Some(""), "{text}");
    answers
        .map(|it| it.split_once("\r\n\r\n").expect("a head").1)
        .collect()
}

const TWO: &[u8] = b"GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n";

#[test]
fn a_session_goes_on_as_its_first_request_however_its_bytes_are_cut() {
    for cut in [1, 2, 7, 40, 16_384] {
        let (text, closed) = heard(&front(SWITCH, "web"), TWO, cut);
        // What content rules have set stays; those behind them see a request.
        assert_eq!(bodies(&text), ["/a 0 fc", "/b 1 fc"], "in pieces of {cut}");
        assert_eq!(closed, Closed::Open);
    }
}

#[test]
fn a_backend_of_http_makes_a_session_http_and_rules_of_the_frontend_still_run() {
    let lines = "\n tcp-request content set-var(req.was) internal.strm.is_htx\n http-request set-var(txn.at) str(f)";
    for cut in [1, 16_384] {
        let (text, _) = heard(&front(lines, "web"), TWO, cut);
        assert_eq!(bodies(&text), ["/a 0 fc", "/b 1 fc"], "in pieces of {cut}");
    }
}

/// The preface, SETTINGS, and GET / of `h` on the first two streams of a client.
const H2: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0\
    \0\0\x06\x01\x05\0\0\0\x01\x82\x86\x84\x41\x01h\0\0\x06\x01\x05\0\0\0\x03\x82\x86\x84\x41\x01h";

#[test]
fn the_preface_of_http_2_ends_the_session_and_each_stream_begins_anew() {
    for cut in [1, 10, 16_384] {
        for (lines, backend) in [
            (SWITCH, "web"),
            ("\n http-request set-var(txn.at) str(f)", "web"),
        ] {
            let (text, closed) = heard(&front(lines, backend), H2, cut);
            let was = if lines == SWITCH { "1" } else { "" };
            let body = format!("/ {was} fc");
            assert_eq!(
                text.matches(&body).count(),
                2,
                "{text:?} in pieces of {cut}"
            );
            assert_eq!(closed, Closed::Open);
        }
    }
    // Only where nobody insists on HTTP/1.
    let lines =
        "\n tcp-request inspect-delay 5s\n tcp-request content switch-mode http proto h1 if HTTP";
    let (text, _) = heard(&front(lines, "web"), H2, 16_384);
    assert!(text.starts_with("HTTP/1.1 405 "), "{text}");
}

#[test]
fn what_is_no_request_is_answered_once_the_session_is_http() {
    let lines = "\n tcp-request content switch-mode http";
    let (text, closed) = heard(&front(lines, "web"), b"SSH-2.0\r\n\r\n", 16_384);
    assert!(text.starts_with("HTTP/1.1 400 "), "{text}");
    assert_ne!(closed, Closed::Open);
    // A head that does not come is waited for as anybody's.
    let mut late = pair(&front(lines, "web"), 16_384);
    let client = late.connect(Talker::saying(b"GET / HT"));
    late.pass_for(Duration::from_secs(11));
    assert!(late.sockets()[client].heard.starts_with(b"HTTP/1.1 408 "));
    late.pass_for(Duration::from_secs(60));
    late.assert_at_rest();
    // One that the client gives up is none.
    let mut gone = pair(&front(lines, "web"), 16_384);
    let client = gone.connect(Talker::new(vec![
        Say::Bytes(b"GET / HT".to_vec()),
        Say::Reset,
    ]));
    gone.run();
    assert!(gone.sockets()[client].is_closed());
    gone.assert_at_rest();
}

#[test]
fn requests_do_not_go_to_servers_of_tcp_nor_out_of_bind_lines_that_are_raw() {
    let lines = "\n tcp-request content switch-mode http";
    let (text, _) = heard(&front(lines, "raw"), TWO, 16_384);
    assert!(text.starts_with("HTTP/1.1 500 "), "{text}");
    let lines = " proto none\n tcp-request content switch-mode http";
    let (text, closed) = heard(&front(lines, "web"), TWO, 16_384);
    assert_eq!(text, "");
    assert_ne!(closed, Closed::Open);
}
