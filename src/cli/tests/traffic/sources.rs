//! Servers that see the addresses of their clients.

use super::world::{Proxy, head, server, whole};
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
