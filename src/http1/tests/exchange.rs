//! Whole exchanges in both roles.

use crate::support::{Bench, request, response};
use message::{Capacity, Framing, Machine, Role, Shutdown, Waiting};

#[test]
fn a_get_is_answered_and_the_connection_waits_for_the_next() {
    let mut client = Bench::new(Role::Accepting);
    assert_eq!(client.machine.waiting(), Waiting::First);
    client.receive(b"GET /a HTTP/1.1\r\nHost: h\r\nX-Y:z\r\n\r\n");
    assert_eq!(
        client.said(),
        "Opened(StreamId(0)); GET /a 1.1 None Host=h,X-Y=z; end"
    );
    client.send_head(
        0,
        &response(200, Framing::Length(2), &[("Content-Length", "2")]),
    );
    client.send_data(0, b"ok");
    client.send_end(0);
    assert_eq!(
        client.text(),
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    );
    assert_eq!(client.said(), "Done(StreamId(0))");
    assert_eq!(client.machine.waiting(), Waiting::Next);
}

#[test]
fn a_request_is_sent_its_answer_read_and_the_connection_can_be_used_again() {
    let mut server = Bench::new(Role::Opening);
    assert_eq!(
        server.machine.capacity(),
        Capacity {
            now: 1,
            ever: u32::MAX
        }
    );
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
    assert_eq!(
        server.machine.capacity(),
        Capacity {
            now: 1,
            ever: u32::MAX
        }
    );
    assert_eq!(server.machine.shutdown(), Shutdown::Open);
    assert_eq!(server.open().0, 1);
}
