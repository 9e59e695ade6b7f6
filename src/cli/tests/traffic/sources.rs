//! Servers that see the addresses of their clients.

use super::world::{Proxy, head, log_server, message, server, whole};
use std::io::{BufReader, Write};

/// Servers of the loopback interface may be connected to from all of 127.0.0.0/8.
#[test]
fn a_server_sees_each_client_s_own_address_and_nobody_gets_a_connection_of_another() {
    let port = server(|mut stream| {
        let peer = stream.peer_addr().expect("a peer").ip().to_string();
        let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
        let mut count = 0;
        while !head(&mut reader).is_empty() {
            count += 1;
            let said = format!("{peer} {count}");
            let length = said.len();
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{said}");
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    let text = format!(
        "global\n nbthread 1\n\
         defaults\n mode http\n timeout connect 20s\n timeout client 20s\n timeout server 20s\n\
         listen l\n bind 127.0.0.1:PORT\n http-reuse always\n http-request set-src hdr(client)\n \
         source 127.0.0.1 usesrc clientip\n server s 127.0.0.1:{port}\n"
    );
    let proxy = Proxy::start("sources", &text);
    let seen = |client: &str| {
        let request =
            format!("GET / HTTP/1.1\r\nHost: h\r\nClient: {client}\r\nConnection: close\r\n\r\n");
        let answer = whole(proxy.connect(), &request);
        let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
        body.to_string()
    };
    assert_eq!(seen("127.0.0.77"), "127.0.0.77 1");
    assert_eq!(seen("127.0.0.77"), "127.0.0.77 2");
    assert_eq!(seen("127.0.0.78"), "127.0.0.78 1");
}

#[test]
fn an_address_that_is_not_ours_to_connect_from_is_told() {
    let (log, port) = log_server();
    let text = format!(
        "defaults\n mode http\n timeout connect 20s\n timeout client 20s\n timeout server 20s\n\
         listen l\n bind 127.0.0.1:PORT\n log 127.0.0.1:{port} local0 err\n \
         source 203.0.113.9\n server s 127.0.0.1:1\n"
    );
    let proxy = Proxy::start("sources-unbound", &text);
    let answer = whole(proxy.connect(), "GET / HTTP/1.0\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    let said = "Cannot bind to source address before connect() for backend l.";
    proxy.alerts(said);
    let logged = message(&log);
    assert!(
        logged.starts_with("<128>") && logged.contains(said),
        "{logged}"
    );
}
