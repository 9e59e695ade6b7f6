//! Rings: shown by the runtime API, and sent to log servers over TCP.

use super::world::{Proxy, ask, free_port, path, server, until, whole};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, channel};

const REQUEST: &str = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

/// A proxy that answers requests by itself and logs their targets; `rings` are sections, `logs` lines.
/// The messages of one worker are in the order of the requests.
fn proxy(name: &str, workers: u32, socket: &str, rings: &str, logs: &str) -> Proxy {
    let text = format!(
        "global\n nbthread {workers}\n stats socket {socket} level admin\n{rings}\
         frontend f\n mode http\n bind 127.0.0.1:PORT\n timeout client 20s\n{logs}\
         \x20log-format \"%HU\"\n option dontlognull\n http-request return status 200\n"
    );
    Proxy::start(name, &text)
}

fn get(proxy: &Proxy, path: &str) {
    let request = REQUEST.replace("GET / ", &format!("GET {path} "));
    assert!(whole(proxy.connect(), &request).starts_with("HTTP/1.1 200"));
}

/// A log server that tells each line it gets.
fn lines_of_a_server() -> (u16, Receiver<String>) {
    let (told, lines) = channel();
    let port = server(move |stream| {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            // The test may be over.
            let _ = told.send(line);
        }
    });
    (port, lines)
}

#[test]
fn a_ring_keeps_the_last_messages_and_shows_new_ones_until_the_client_says_something() {
    let socket = path("events.sock");
    let rings = "ring r1\n description my buffer\n size 30\n maxlen 10\n";
    let proxy = proxy(
        "events",
        1,
        &socket,
        rings,
        " log ring@r1 format rfc5424 local0\n",
    );
    for path in ["/a", "/b", "/much-too-long", "/c"] {
        get(&proxy, path);
    }
    // Each takes four bytes more.
    until("the oldest has gone", || {
        ask(&socket, "show events r1") == "/b\n/much-too-\n/c\n\n"
    });
    let list = ask(&socket, "show events");
    assert!(
        list.contains("    r1         : type=buffer, 0 dropped, my buffer\n"),
        "{list}"
    );
    assert_eq!(ask(&socket, "show events r2"), "No such event sink\n\n");

    let mut client = UnixStream::connect(&socket).expect("the runtime API");
    let asked = client.write_all(b"prompt i; show events r1 -nw\n");
    asked.expect("a command");
    let mut reader = BufReader::new(client.try_clone().expect("a second handle"));
    let mut line = || {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a line");
        line
    };
    assert_eq!(line(), "\n");
    // Whether the command was understood before the message comes, no answer tells.
    let mut first = String::new();
    std::thread::scope(|scope| {
        let shown = scope.spawn(line);
        until("a message is shown", || {
            get(&proxy, "/new");
            shown.is_finished()
        });
        first = shown.join().expect("a line");
    });
    assert_eq!(first, "/new\n");
    client.write_all(b"enough\nshow version\n").expect("words");
    client.shutdown(std::net::Shutdown::Write).expect("a FIN");
    let mut rest = String::new();
    reader.read_to_string(&mut rest).expect("the rest");
    let rest = rest.trim_start_matches("/new\n");
    assert!(rest.starts_with('\n'), "{rest:?}");
    drop(proxy);
    let _ = std::fs::remove_file(socket);
}

#[test]
fn servers_of_a_ring_and_of_a_line_get_every_message_framed_as_they_want_it() {
    let socket = path("feeds.sock");
    let (lines_port, lines) = lines_of_a_server();
    let (direct_port, direct) = lines_of_a_server();
    let (told, counted) = channel();
    let counted_port = server(move |mut stream: TcpStream| {
        let mut bytes = vec![0; "4 /one4 /two".len()];
        if stream.read_exact(&mut bytes).is_ok() {
            let _ = told.send(bytes);
        }
    });
    let rings = format!(
        "ring r1\n timeout connect 5s\n timeout server 10s\n \
         server a 127.0.0.1:{lines_port}\n server b 127.0.0.1:{counted_port} log-proto octet-count\n"
    );
    let logs =
        format!(" log ring@r1 local0\n log tcp@127.0.0.1:{direct_port} format priority local1\n");
    let proxy = proxy("feeds", 2, &socket, &rings, &logs);
    for path in ["/one", "/two"] {
        get(&proxy, path);
        assert_eq!(lines.recv().as_deref(), Ok(path));
        assert_eq!(direct.recv(), Ok(format!("<142>{path}")));
    }
    assert_eq!(counted.recv().as_deref(), Ok(&b"4 /one4 /two"[..]));
    drop(proxy);
    let _ = std::fs::remove_file(socket);
}

#[test]
fn a_log_server_that_is_away_holds_up_nobody_and_gets_the_last_messages_when_it_is_back() {
    let socket = path("away.sock");
    let port = free_port();
    let rings = format!("ring r1\n size 64\n server a 127.0.0.1:{port}\n");
    let proxy = proxy("away", 1, &socket, &rings, " log ring@r1 local0\n");
    for number in 0..50 {
        get(&proxy, &format!("/{number:03}"));
    }
    // The last of them was shown before the server comes, so that they all were written by then.
    until("all are written", || {
        ask(&socket, "show events r1").contains("/049\n")
    });
    let listener = TcpListener::bind(("127.0.0.1", port)).expect("the port");
    let (stream, _) = listener.accept().expect("a connection");
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    // Eight bytes each.
    for number in 42..50 {
        assert_eq!(lines.next(), Some(format!("/{number:03}")));
    }
    proxy.says("ring 'r1' : 42 messages lost before server 'a' took them.");
    assert!(ask(&socket, "show events").contains("42 dropped"));
    assert!(ask(&socket, "show info").contains("DroppedLogs: 42\n"));
    drop(proxy);
    let _ = std::fs::remove_file(socket);
}

#[test]
fn the_last_messages_of_a_process_that_stops_still_go_out() {
    let socket = path("last-words.sock");
    let (port, lines) = lines_of_a_server();
    let rings = format!("ring r1\n server a 127.0.0.1:{port}\n");
    let proxy = proxy("last-words", 1, &socket, &rings, " log ring@r1 local0\n");
    get(&proxy, "/last");
    proxy.signal(nix::sys::signal::Signal::SIGUSR1);
    assert!(proxy.ended().success());
    assert!(lines.iter().any(|line| line == "/last"));
    let _ = std::fs::remove_file(socket);
}
