//! How the proxy ends, and what it owes when it does.

use super::world::{Proxy, head, server, until};
use nix::sys::signal::Signal;
use std::io::{BufReader, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

fn listen(server: u16) -> String {
    format!(
        "defaults\n mode http\n timeout connect 20s\n timeout client 20s\n timeout server 20s\n\
         listen l\n bind 127.0.0.1:PORT\n server s 127.0.0.1:{server}\n"
    )
}

#[test]
fn a_soft_stop_lets_nobody_in_and_loses_no_answer() {
    let (arrived, arrival) = channel();
    let (release, released) = channel::<()>();
    let (arrived, released) = (
        Arc::new(Mutex::new(arrived)),
        Arc::new(Mutex::new(released)),
    );
    let port = server(move |mut stream| {
        let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
        if head(&mut reader).is_empty() {
            return;
        }
        arrived.lock().expect("a sender").send(()).expect("a test");
        released.lock().expect("a receiver").recv().expect("a word");
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate");
    });
    let proxy = Proxy::start("soft", &listen(port));
    let mut client = proxy.connect();
    let request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    client.write_all(request.as_bytes()).expect("a request");
    arrival.recv().expect("the server saw the request");
    until("signals are heard", || proxy.hears(Signal::SIGUSR1));
    proxy.signal(Signal::SIGUSR1);
    until("nobody is let in", || !proxy.listens());
    release.send(()).expect("a server");
    let mut text = String::new();
    client
        .read_to_string(&mut text)
        .expect("the answer, then the end");
    assert!(text.starts_with("HTTP/1.1 200 OK"), "{text}");
    assert!(text.contains("connection: close"), "{text}");
    assert!(text.ends_with("late"), "{text}");
    drop(client);
    assert_eq!(proxy.ended().code(), Some(0));
}

#[test]
fn an_end_by_signal_is_told_as_such() {
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let proxy = Proxy::start(signal.as_str(), &listen(1));
        proxy.signal(signal);
        assert_eq!(proxy.ended().signal(), Some(signal as i32));
    }
}
