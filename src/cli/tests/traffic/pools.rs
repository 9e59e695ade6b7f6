//! Server connections that the workers of a process share, or do not.

use super::world::{Proxy, ask, head, path, server, until, whole};
use std::io::{BufReader, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const REQUEST: &str = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
/// So many that both workers have some: the kernel spreads them by their ports.
const CLIENTS: usize = 40;

/// How many connections two workers open for clients that come one after the other.
fn connections(name: &str, shared: &str) -> usize {
    let count = Arc::new(AtomicUsize::new(0));
    let seen = count.clone();
    let port = server(move |mut stream| {
        count.fetch_add(1, Ordering::SeqCst);
        let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
        while !head(&mut reader).is_empty() {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        }
    });
    let text = format!(
        "global\n nbthread 2\n tune.idle-pool.shared {shared}\n\
         defaults\n mode http\n timeout connect 20s\n timeout client 20s\n timeout server 20s\n\
         listen l\n bind 127.0.0.1:PORT\n http-reuse always\n server s 127.0.0.1:{port}\n"
    );
    let proxy = Proxy::start(name, &text);
    for _ in 0..CLIENTS {
        let text = whole(proxy.connect(), REQUEST);
        assert!(text.starts_with("HTTP/1.1 200 "), "{text}");
    }
    seen.load(Ordering::SeqCst)
}

#[test]
fn one_connection_serves_the_clients_of_both_workers_in_turn() {
    assert_eq!(connections("shared", "on"), 1);
}

#[test]
fn each_worker_has_a_connection_of_its_own_where_pools_are_not_shared() {
    assert_eq!(connections("unshared", "off"), 2);
}

/// What `show servers conn` says of the one server: connections in use, and idle ones by worker.
fn used_and_idle(socket: &str) -> (u64, Vec<u64>) {
    let said = ask(socket, "show servers conn l");
    let line = said.lines().nth(1).expect("a server");
    let words: Vec<&str> = line.split(' ').collect();
    let number = |word: &str| word.parse().expect("a number");
    (
        number(words[7]),
        words[15..].iter().map(|w| number(w)).collect(),
    )
}

#[test]
fn a_server_in_maintenance_loses_the_idle_connections_of_both_workers() {
    let socket = path("maint.sock");
    let open = Arc::new(AtomicUsize::new(0));
    let seen = open.clone();
    let port = server(move |mut stream| {
        open.fetch_add(1, Ordering::SeqCst);
        let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
        while !head(&mut reader).is_empty() {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        }
        open.fetch_sub(1, Ordering::SeqCst);
    });
    let text = format!(
        "global\n nbthread 2\n tune.idle-pool.shared off\n stats socket {socket} level admin\n\
         defaults\n mode http\n timeout connect 20s\n timeout client 20s\n timeout server 20s\n\
         listen l\n bind 127.0.0.1:PORT\n http-reuse always\n \
         server s 127.0.0.1:{port} pool-purge-delay 1h\n"
    );
    let proxy = Proxy::start("maintenance", &text);
    let status = || whole(proxy.connect(), REQUEST)[9..12].to_string();
    for _ in 0..CLIENTS {
        assert_eq!(status(), "200");
    }
    assert_eq!(used_and_idle(&socket), (0, vec![1, 1]));
    assert_eq!(ask(&socket, "disable server l/s"), "\n");
    // It is out of use as soon as that was said; its connections follow.
    assert_eq!(status(), "503");
    until("the server has no connection left", || {
        seen.load(Ordering::SeqCst) == 0
    });
    assert_eq!(used_and_idle(&socket), (0, vec![0, 0]));
    let stat = ask(&socket, "show stat l 4 -1");
    assert!(stat.contains(",MAINT,"), "{stat}");
    assert_eq!(ask(&socket, "set server l/s state ready"), "\n");
    assert_eq!(status(), "200");
    proxy.says("Server l/s is UP/READY (leaving forced maintenance).");
    drop(proxy);
    let _ = std::fs::remove_file(socket);
}
