//! How the proxy ends, and what it owes when it does.

use super::world::{Proxy, beside, echo, head, log_server, message, server, until, whole};
use nix::sys::signal::Signal;
use std::io::{BufReader, Read, Write};
use std::net::{TcpStream, UdpSocket};
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

#[test]
fn clients_that_keep_coming_do_not_keep_the_proxy_from_stopping() {
    let proxy = Proxy::start("crowd", &listen(1));
    let address = proxy.connect().peer_addr().expect("an address");
    let (came, coming) = channel();
    let crowd: Vec<_> = (0..4)
        .map(|_| {
            let came = came.clone();
            beside(move || {
                while TcpStream::connect(address).is_ok() {
                    let _ = came.send(());
                }
            })
        })
        .collect();
    for _ in 0..100 {
        coming.recv().expect("the crowd comes");
    }
    proxy.signal(Signal::SIGUSR1);
    for one in crowd {
        one.join().expect("nobody is let in any more");
    }
    // Without an end to letting in those who came, `maxconn` would be it.
    let clients = proxy.tells("Proxy l stopped (cumulated conns: FE: ");
    assert!(clients < 7_000, "{clients} clients");
    assert_eq!(proxy.ended().code(), Some(0));
}

#[test]
fn no_signal_that_is_obeyed_ends_a_proxy_that_just_began_to_listen() {
    let proxy = Proxy::start("early", &listen(1));
    for signal in [
        Signal::SIGUSR1,
        Signal::SIGUSR2,
        Signal::SIGHUP,
        Signal::SIGTTOU,
        Signal::SIGTTIN,
    ] {
        assert!(proxy.bears(signal), "{signal}");
        if signal != Signal::SIGUSR1 {
            proxy.signal(signal);
        }
    }
    proxy.signal(Signal::SIGUSR1);
    assert_eq!(proxy.ended().code(), Some(0));
}

/// A log server: lines come without what precedes the text.
struct LogServer(UdpSocket);

impl LogServer {
    fn new() -> Self {
        Self(log_server().0)
    }

    fn line(&self) -> String {
        let address = self.0.local_addr().expect("an address");
        format!(" log {address} format priority local0\n")
    }

    fn check(&self, expected: &[&str]) {
        for expected in expected {
            assert_eq!(message(&self.0), format!("{expected}\n"));
        }
    }
}

#[test]
fn on_sighup_the_servers_are_told_and_service_goes_on() {
    let log = LogServer::new();
    let text = listen(1) + &log.line() + " server t 127.0.0.1:1 disabled\n";
    let proxy = Proxy::start("hup", &text);
    proxy.signal(Signal::SIGHUP);
    proxy.says("SIGHUP received, dumping servers states.");
    proxy.says("SIGHUP: Server l/s is UP. Conn: 0 act, 0 pend, 0 tot.");
    log.check(&[
        "<133>SIGHUP received, dumping servers states for proxy l.",
        "<133>SIGHUP: Server l/s is UP. Conn: 0 act, 0 pend, 0 tot.",
        "<133>SIGHUP: Server l/t is DOWN. Conn: 0 act, 0 pend, 0 tot.",
    ]);
    assert!(proxy.listens());
}

#[test]
fn clients_of_a_paused_proxy_are_refused_until_it_resumes() {
    let log = LogServer::new();
    let proxy = Proxy::start("pause", &(listen(server(echo)) + &log.line()));
    for _ in 0..2 {
        proxy.signal(Signal::SIGTTOU);
        until("clients are refused", || !proxy.listens());
        proxy.says("Paused proxy l.");
        proxy.signal(Signal::SIGTTIN);
        until("clients are let in", || proxy.listens());
        proxy.says("Resumed proxy l.");
        log.check(&["<132>Paused proxy l.", "<132>Resumed proxy l."]);
    }
    let request = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    let text = whole(proxy.connect(), request);
    assert!(text.starts_with("HTTP/1.1 200 "), "{text}");
}

#[test]
fn a_hard_stop_tells_how_many_clients_it_ended() {
    let log = LogServer::new();
    let (arrived, arrival) = channel();
    let arrived = Arc::new(Mutex::new(arrived));
    let port = server(move |mut stream| {
        let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
        if !head(&mut reader).is_empty() {
            arrived.lock().expect("a sender").send(()).expect("a test");
            let _ = stream.read(&mut [0]);
        }
    });
    let text = format!(
        "global\n hard-stop-after 1s\n nbthread 2\n{}{}",
        log.line(),
        listen(port)
    );
    let proxy = Proxy::start("hard", &text);
    let mut clients = [proxy.connect(), proxy.connect()];
    for client in &mut clients {
        let request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
        client.write_all(request.as_bytes()).expect("a request");
        arrival.recv().expect("the server saw the request");
    }
    proxy.signal(Signal::SIGUSR1);
    proxy.says("soft-stop running for too long, performing a hard-stop.");
    proxy.says("Proxy l hard-stopped (2 remaining conns will be closed).");
    log.check(&["<132>soft-stop running for too long, performing a hard-stop."]);
    assert_eq!(proxy.ended().code(), Some(0));
}
