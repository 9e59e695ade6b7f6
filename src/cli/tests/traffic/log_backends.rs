//! `backend` in `mode log`: which of its servers gets a line.

use super::world::{Proxy, ask, log_server, message, path, server, whole};
use std::io::{BufRead, BufReader};
use std::sync::mpsc::channel;

/// A proxy that logs the paths of requests to a backend with these lines.
fn proxy(name: &str, socket: &str, backend: &str) -> Proxy {
    let text = format!(
        "global\n nbthread 1\n stats socket {socket} level admin\n\
         frontend f\n mode http\n bind 127.0.0.1:PORT\n timeout client 20s\n\
         \x20log backend@logs format raw local0\n log-format \"%HU\"\n option dontlognull\n \
         http-request return status 200\n\
         backend logs\n mode log\n{backend}"
    );
    Proxy::start(name, &text)
}

fn get(proxy: &Proxy, path: &str) {
    let request = format!("GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    assert!(whole(proxy.connect(), &request).starts_with("HTTP/1.1 200"));
}

#[test]
fn sticky_stays_with_one_server_until_it_goes_and_falls_back_to_the_backup() {
    let socket = path("sticky.sock");
    let servers: Vec<_> = (0..3).map(|_| log_server()).collect();
    let lines = format!(
        " balance sticky\n server a udp@127.0.0.1:{}\n server b udp@127.0.0.1:{} weight 9\n \
         server c udp@127.0.0.1:{} backup\n",
        servers[0].1, servers[1].1, servers[2].1
    );
    let proxy = proxy("sticky", &socket, &lines);
    let turn = |command: &str, server: &str| {
        assert_eq!(
            ask(&socket, &format!("{command} server logs/{server}")),
            "\n"
        );
    };
    get(&proxy, "/1");
    get(&proxy, "/2");
    turn("disable", "a");
    get(&proxy, "/3");
    turn("enable", "a");
    // Who comes back stands at the end.
    get(&proxy, "/4");
    turn("disable", "b");
    get(&proxy, "/5");
    turn("disable", "a");
    get(&proxy, "/6");
    for (server, paths) in [
        (0, ["/1", "/2", "/5"].as_slice()),
        (1, &["/3", "/4"]),
        (2, &["/6"]),
    ] {
        for path in paths {
            assert_eq!(message(&servers[server].0), format!("{path}\n"));
        }
    }
    // With nobody there a line is lost, and counted.
    turn("disable", "c");
    get(&proxy, "/7");
    assert!(ask(&socket, "show info").contains("DroppedLogs: 1\n"));
    assert!(ask(&socket, "show stat").contains("logs,BACKEND"));
    drop(proxy);
    let _ = std::fs::remove_file(socket);
}

#[test]
fn what_converters_make_of_a_line_decides_who_gets_it() {
    let socket = path("log-hash.sock");
    let servers: Vec<_> = (0..2).map(|_| log_server()).collect();
    let lines = format!(
        " balance log-hash field(2,/)\n hash-type map-based none\n \
         server a udp@127.0.0.1:{}\n server b udp@127.0.0.1:{}\n",
        servers[0].1, servers[1].1
    );
    let proxy = proxy("log-hash", &socket, &lines);
    for path in ["/0/x", "/1/x", "/1/y", "/2/x", "/3/x"] {
        get(&proxy, path);
    }
    for (server, paths) in [
        (0, ["/0/x", "/2/x"].as_slice()),
        (1, &["/1/x", "/1/y", "/3/x"]),
    ] {
        for path in paths {
            assert_eq!(message(&servers[server].0), format!("{path}\n"));
        }
    }
    drop(proxy);
    let _ = std::fs::remove_file(socket);
}

#[test]
fn servers_on_streams_take_turns() {
    let socket = path("log-streams.sock");
    let listen = || {
        let (told, lines) = channel();
        let port = server(move |stream| {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                let _ = told.send(line);
            }
        });
        (port, lines)
    };
    let (first, of_first) = listen();
    let (second, of_second) = listen();
    let lines = format!(
        " balance roundrobin\n server a 127.0.0.1:{first} log-bufsize 4096\n \
         server b tcp@127.0.0.1:{second} log-proto legacy\n"
    );
    let proxy = proxy("log-streams", &socket, &lines);
    for path in ["/1", "/2", "/3", "/4"] {
        get(&proxy, path);
    }
    let mut all: Vec<Vec<String>> = [of_first, of_second]
        .iter()
        .map(|lines| (0..2).map(|_| lines.recv().expect("a line")).collect())
        .collect();
    all.sort();
    assert_eq!(all, [["/1", "/3"], ["/2", "/4"]]);
    drop(proxy);
    let _ = std::fs::remove_file(socket);
}
