//! Limits of servers, and servers that are not there.

use super::world::{Proxy, beside, echo, free_port, head, server, whole};
use std::io::{BufReader, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const REQUEST: &str = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
const DEFAULTS: &str = "defaults\n mode http\n timeout connect 20s\n timeout client 20s\n \
                        timeout server 20s\n timeout queue 20s\n";

#[test]
fn two_workers_share_the_limit_of_a_server_and_serve_all_who_wait() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = most.clone();
    let port = server(move |mut stream| {
        let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
        while !head(&mut reader).is_empty() {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            // Long enough for another to be seen; on a busy machine each of these takes its time.
            for _ in 0..4 {
                std::thread::yield_now();
            }
            now.fetch_sub(1, Ordering::SeqCst);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        }
    });
    let text = format!(
        "global\n nbthread 2\n{DEFAULTS}listen l\n bind 127.0.0.1:PORT\n \
         server s 127.0.0.1:{port} maxconn 2\n"
    );
    let proxy = Proxy::start("limit", &text);
    let clients: Vec<_> = (0..40).map(|_| proxy.connect()).collect();
    let asked: Vec<_> = clients
        .into_iter()
        .map(|client| beside(move || whole(client, REQUEST)))
        .collect();
    for client in asked {
        let text = client.join().expect("an answer");
        assert!(text.starts_with("HTTP/1.1 200 "), "{text}");
    }
    assert!(seen.load(Ordering::SeqCst) <= 2, "the limit was passed");
}

#[test]
fn a_request_moves_on_from_a_dead_server_to_a_live_one() {
    let (dead, live) = (free_port(), server(echo));
    let text = format!(
        "{DEFAULTS}listen l\n bind 127.0.0.1:PORT\n option redispatch 1\n \
         server dead 127.0.0.1:{dead}\n server live 127.0.0.1:{live}\n"
    );
    let proxy = Proxy::start("moves", &text);
    for _ in 0..4 {
        let text = whole(proxy.connect(), REQUEST);
        assert!(text.starts_with("HTTP/1.1 200 "), "{text}");
    }
}

#[test]
fn a_backup_serves_when_all_others_are_disabled() {
    let (first, second) = (server(echo), server(echo));
    let text = format!(
        "{DEFAULTS}listen l\n bind 127.0.0.1:PORT\n server a 127.0.0.1:{first} disabled\n \
         server b 127.0.0.1:{second} backup\n"
    );
    let text = whole(Proxy::start("backup", &text).connect(), REQUEST);
    assert!(text.starts_with("HTTP/1.1 200 "), "{text}");
}
