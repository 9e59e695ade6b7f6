//! What goes in comes out: large bodies, pipelining, tunnels, half-closed connections.

use super::world::{Proxy, beside, echo, field, head, server, whole};
use std::io::{BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};

/// Bytes of a large body: many times what the proxy may hold of it.
const LARGE: usize = 8 << 20;

fn http(server: u16) -> String {
    format!(
        "defaults\n mode http\n timeout connect 20s\n timeout client 20s\n timeout server 20s\n\
         listen l\n bind 127.0.0.1:PORT\n server s 127.0.0.1:{server}\n"
    )
}

#[test]
fn a_large_body_comes_back_unchanged() {
    let proxy = Proxy::start("large", &http(server(echo)));
    let body: Vec<u8> = (0..LARGE).map(|n| (n * 31 % 251) as u8).collect();
    let mut client = proxy.connect();
    let mut writer = client.try_clone().expect("a second handle");
    let sent = body.clone();
    let upload = beside(move || {
        let start = format!("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: {LARGE}\r\n\r\n");
        writer.write_all(start.as_bytes()).expect("a head");
        writer.write_all(&sent).expect("a body");
    });
    let mut reader = BufReader::new(&mut client);
    let answer = head(&mut reader);
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert_eq!(field(&answer, "content-length"), Some(LARGE.to_string()));
    let mut back = vec![0; LARGE];
    reader.read_exact(&mut back).expect("the whole body");
    upload.join().expect("the upload ends");
    assert!(back == body, "the body changed on its way");
}

#[test]
fn pipelined_requests_are_answered_in_their_order() {
    let proxy = Proxy::start("pipelined", &http(server(echo)));
    let text = whole(
        proxy.connect(),
        "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n\
         GET /3 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
    );
    let places: Vec<_> = ["GET /1 ", "GET /2 ", "GET /3 "]
        .map(|line| text.find(line).expect("an answer"))
        .into();
    assert!(places.is_sorted(), "{text}");
    assert_eq!(text.matches("HTTP/1.1 200 OK").count(), 3, "{text}");
}

#[test]
fn an_upgraded_connection_carries_bytes_both_ways_until_both_ends_close() {
    let port = server(|mut stream: TcpStream| {
        let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
        if head(&mut reader).is_empty() {
            return;
        }
        let start =
            "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: raw\r\n\r\n";
        stream.write_all(start.as_bytes()).expect("an answer");
        let mut all = Vec::new();
        reader.read_to_end(&mut all).expect("the client's bytes");
        all.reverse();
        stream.write_all(&all).expect("an answer");
    });
    let proxy = Proxy::start("upgraded", &http(port));
    let mut client = proxy.connect();
    let request = "GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: raw\r\n\r\n";
    client.write_all(request.as_bytes()).expect("a request");
    let mut reader = BufReader::new(client.try_clone().expect("a second handle"));
    assert!(head(&mut reader).starts_with("HTTP/1.1 101 "));
    client.write_all(b"abc").expect("bytes");
    client.shutdown(Shutdown::Write).expect("a half-close");
    let mut back = String::new();
    reader
        .read_to_string(&mut back)
        .expect("the server's bytes");
    assert_eq!(back, "cba");
}

#[test]
fn a_tcp_client_that_finished_sending_still_gets_the_answer() {
    let port = server(|mut stream: TcpStream| {
        let mut all = Vec::new();
        stream.read_to_end(&mut all).expect("the client's bytes");
        let _ = stream.write_all(format!("{} bytes", all.len()).as_bytes());
    });
    let text = format!(
        "listen l\n mode tcp\n bind 127.0.0.1:PORT\n timeout connect 20s\n timeout client 20s\n \
         timeout server 20s\n server s 127.0.0.1:{port}\n"
    );
    let proxy = Proxy::start("half", &text);
    let mut client = proxy.connect();
    client.write_all(&vec![7; 100_000]).expect("bytes");
    client.shutdown(Shutdown::Write).expect("a half-close");
    let mut answer = String::new();
    client.read_to_string(&mut answer).expect("an answer");
    assert_eq!(answer, "100000 bytes");
}
