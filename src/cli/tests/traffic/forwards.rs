//! `log-forward`: messages that come over datagrams and streams go on to log servers.

use super::world::{PATIENCE, Proxy, free_port, log_server, message};
use std::io::{Read, Write};
use std::net::{TcpStream, UdpSocket};

/// A process with these sections, and a frontend that nobody needs.
fn proxy(name: &str, sections: &str) -> Proxy {
    let text = format!(
        "global\n nbthread 2\n{sections}\
         frontend f\n mode http\n bind 127.0.0.1:PORT\n timeout client 20s\n"
    );
    Proxy::start(name, &text)
}

#[test]
fn datagrams_go_on_to_every_target_in_its_format() {
    let (as_it_is, port) = log_server();
    let (graver, graver_port) = log_server();
    let from = free_port();
    let proxy = proxy(
        "datagrams",
        &format!(
            "log-forward a\n dgram-bind 127.0.0.1:{from}\n log 127.0.0.1:{port} local0\n \
             log 127.0.0.1:{graver_port} format rfc5424 local0 err\n"
        ),
    );
    let client = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let bsd = "<134>Feb  6 12:14:14 host1 app[12]: hello";
    let ietf = "<131>1 2009-02-06T12:14:14Z - app - - - broken";
    for message in [bsd, "<13>", ietf] {
        let sent = client.send_to(message.as_bytes(), ("127.0.0.1", from));
        sent.expect("a datagram");
    }
    assert_eq!(message(&as_it_is), format!("{bsd}\n"));
    let filled = ietf.replace("Z - app", "Z 127.0.0.1 app") + "\n";
    assert_eq!(message(&as_it_is), filled);
    assert_eq!(message(&graver), filled);
    drop(proxy);
}

#[test]
fn streams_go_on_message_by_message_and_end_where_they_are_none() {
    let (server, port) = log_server();
    let from = free_port();
    let proxy = proxy(
        "streams",
        &format!(
            "log-forward a\n bind 127.0.0.1:{from}\n maxconn 1\n timeout client 20s\n \
             log 127.0.0.1:{port} format raw local0\n"
        ),
    );
    let connect = || {
        let stream = TcpStream::connect(("127.0.0.1", from)).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream
    };
    let mut first = connect();
    first.write_all(b"<1>one\r\n6 <2>").expect("it reads");
    assert_eq!(message(&server), "one\n");
    // There is room for one stream alone.
    let mut second = connect();
    second.write_all(b"<1>later\n").expect("the kernel reads");
    first
        .write_all(b"two<3>three\nrubbish\n<4>four\n")
        .expect("it reads");
    assert_eq!(message(&server), "two\n");
    assert_eq!(message(&server), "three\n");
    // What was not read when it was closed makes a reset of the end.
    let mut end = [0];
    assert!(matches!(first.read(&mut end), Ok(0) | Err(_)));
    assert_eq!(message(&server), "later\n");
    drop(proxy);
}

#[test]
fn a_silent_stream_is_closed_in_time() {
    let (_server, port) = log_server();
    let from = free_port();
    let proxy = proxy(
        "silent",
        &format!(
            "log-forward a\n bind 127.0.0.1:{from}\n timeout client 50ms\n \
             log 127.0.0.1:{port} local0\n"
        ),
    );
    let mut stream = TcpStream::connect(("127.0.0.1", from)).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    assert_eq!(stream.read(&mut [0]).expect("an end"), 0);
    drop(proxy);
}

#[test]
fn messages_go_through_a_ring_and_a_stream_and_come_out_as_they_were() {
    let (server, port) = log_server();
    let (datagrams, stream) = (free_port(), free_port());
    let proxy = proxy(
        "chain",
        &format!(
            "ring r1\n format rfc5424\n server a 127.0.0.1:{stream} log-proto octet-count\n\
             log-forward a\n dgram-bind 127.0.0.1:{datagrams}\n option dont-parse-log\n log ring@r1 local0\n\
             log-forward b\n bind 127.0.0.1:{stream}\n option host keep\n \
             log 127.0.0.1:{port} format raw local0\n"
        ),
    );
    let client = UdpSocket::bind("127.0.0.1:0").expect("a port");
    for number in 0..100 {
        let text = format!("message\n{number}");
        let sent = client.send_to(text.as_bytes(), ("127.0.0.1", datagrams));
        sent.expect("a datagram");
        assert_eq!(message(&server), text + "\n");
    }
    drop(proxy);
}
