//! Reverse HTTP between two processes: one that clients come to, and one behind it that connects to it.

use super::world::{Proxy, ask, free_port, head, path, server, until, whole};
use nix::sys::signal::Signal::SIGUSR1;
use std::io::{BufReader, Write};

const REQUEST: &str = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
const TIMEOUTS: &str = "timeout connect 20s\n timeout client 20s\n timeout server 20s\n";
/// So many that both workers have some: the kernel spreads them by their ports.
const CLIENTS: usize = 40;

/// Where clients come to; the process behind it connects to `port`.
fn edge(name: &str, port: u16, socket: &str) -> Proxy {
    let text = format!(
        "global\n nbthread 2\n expose-experimental-directives\n stats socket {socket} level admin\n\
         defaults\n mode http\n {TIMEOUTS}\
         frontend public\n bind 127.0.0.1:PORT\n default_backend behind\n\
         backend behind\n server s rhttp@ pool-purge-delay 1h\n\
         frontend private\n bind 127.0.0.1:{port} proto h2\n \
         tcp-request session attach-srv behind/s\n"
    );
    Proxy::start(name, &text)
}

/// What connects to the edge at `port`, and asks a server of its own.
fn inside(name: &str, port: u16) -> Proxy {
    let origin = server(|mut stream| {
        let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
        while !head(&mut reader).is_empty() {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\ninside");
        }
    });
    let text = format!(
        "global\n nbthread 2\n expose-experimental-directives\n\
         defaults\n mode http\n {TIMEOUTS}\
         frontend asked\n bind 127.0.0.1:PORT\n bind rhttp@edge/e nbconn 2\n default_backend own\n\
         backend edge\n server e 127.0.0.1:{port} proto h2\n\
         backend own\n server o 127.0.0.1:{origin}\n"
    );
    Proxy::start(name, &text)
}

fn status(edge: &Proxy) -> String {
    whole(edge.connect(), REQUEST)[9..12].to_string()
}

/// Idle connections to the one server of the edge.
fn idle(socket: &str) -> u64 {
    let said = ask(socket, "show servers conn behind");
    let line = said.lines().nth(1).expect("a server");
    let word = line
        .split(' ')
        .nth(14)
        .expect("a number of idle connections");
    word.parse().expect("a number")
}

#[test]
fn clients_of_both_workers_are_answered_by_who_connects_from_within() {
    let (port, socket) = (free_port(), path("reversed.sock"));
    let edge = edge("reversed-edge", port, &socket);
    assert_eq!(status(&edge), "503");
    let inside = inside("reversed-inside", port);
    until("both connections are there", || idle(&socket) == 2);
    for _ in 0..CLIENTS {
        let answer = whole(edge.connect(), REQUEST);
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert!(answer.ends_with("inside"), "{answer}");
    }
    assert_eq!(idle(&socket), 2);
    drop(inside);
    until("both connections are gone", || idle(&socket) == 0);
    assert_eq!(status(&edge), "503");
}

#[test]
fn who_connects_does_so_again_when_the_edge_comes_back() {
    let (port, socket) = (free_port(), path("reversed-again.sock"));
    let inside = inside("reversed-again-inside", port);
    for _ in 0..2 {
        let edge = edge("reversed-again-edge", port, &socket);
        until("both connections are there", || idle(&socket) == 2);
        assert_eq!(status(&edge), "200");
    }
    inside.signal(SIGUSR1);
    assert!(inside.ended().success());
}

#[test]
fn a_soft_stop_within_ends_the_connections_and_one_at_the_edge_too() {
    let (port, socket) = (free_port(), path("reversed-stop.sock"));
    let edge = edge("reversed-stop-edge", port, &socket);
    let first = inside("reversed-stop-first", port);
    until("both connections are there", || idle(&socket) == 2);
    first.signal(SIGUSR1);
    assert!(first.ended().success());
    until("both connections are gone", || idle(&socket) == 0);
    let second = inside("reversed-stop-second", port);
    until("both connections are there", || idle(&socket) == 2);
    edge.signal(SIGUSR1);
    assert!(edge.ended().success());
    drop(second);
}
