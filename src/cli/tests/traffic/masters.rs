//! A master and its workers.

use super::world::{PATIENCE, Proxy, ask, beside, path, until};
use nix::sys::signal::Signal;
use std::io::{Read, Write};
use std::os::unix::net::UnixDatagram;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const ANSWERS: &str = "defaults\n mode http\n timeout client 20s\n\
                       frontend f\n bind 127.0.0.1:PORT\n http-request return status 200\n";

/// A master, and where it is asked.
fn master(name: &str, text: &str, mode: &str, variables: &[(&str, &str)]) -> (Proxy, String) {
    let socket = path(name);
    let proxy = Proxy::start_as(name, text, &[mode, "-S", &socket], variables);
    (proxy, socket)
}

/// The process ids of its workers, the current one first.
fn workers(socket: &str) -> Vec<u32> {
    ask(socket, "show proc")
        .lines()
        .filter(|line| line.contains(" worker "))
        .map(|line| line.split(' ').next().and_then(|pid| pid.parse().ok()))
        .collect::<Option<_>>()
        .expect("process ids")
}

/// What one request on a connection of its own is answered.
fn answer(proxy: &Proxy) -> String {
    try_answer(proxy).expect("an answer")
}

/// Nothing if the connection was reset before any of an answer came.
fn try_answer(proxy: &Proxy) -> Option<String> {
    let mut client = proxy.connect();
    let request = b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    let mut text = String::new();
    let asked = client.write_all(request);
    match asked.and_then(|()| client.read_to_string(&mut text)) {
        Ok(_) => Some(text),
        Err(error) => {
            assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
            assert_eq!(text, "");
            None
        }
    }
}

/// Whom the kernel has queued for a listener that closes, it resets: there is an instant for that between
/// the last look at the queue and the close. Nobody is refused, and what was begun is answered.
#[test]
fn reloads_refuse_nobody_and_answer_what_was_begun() {
    let (proxy, socket) = master("reload", ANSWERS, "-W", &[]);
    let (proxy, over) = (Arc::new(proxy), Arc::new(AtomicBool::new(false)));
    let clients: Vec<_> = (0..2)
        .map(|_| {
            let (proxy, over) = (proxy.clone(), over.clone());
            beside(move || {
                let mut answered = 0;
                while !over.load(Ordering::Relaxed) {
                    if let Some(text) = try_answer(&proxy) {
                        assert!(text.starts_with("HTTP/1.1 200"), "{text}");
                        answered += 1;
                    }
                }
                answered
            })
        })
        .collect();
    let first = workers(&socket);
    for _ in 0..5 {
        let said = ask(&socket, "reload");
        assert!(said.starts_with("Success=1\n"), "{said}");
    }
    until("the workers before are gone", || {
        workers(&socket).len() == 1
    });
    over.store(true, Ordering::Relaxed);
    for client in clients {
        assert!(client.join().expect("no request failed") > 0);
    }
    assert_ne!(workers(&socket), first);
}

#[test]
fn a_reload_that_fails_changes_nothing() {
    let (proxy, socket) = master("refused", ANSWERS, "-W", &[]);
    let before = workers(&socket);
    std::fs::write(proxy.config(), "nonsense\n").expect("a file");
    assert!(ask(&socket, "reload").starts_with("Success=0\n"));
    assert_eq!(workers(&socket), before);
    assert!(answer(&proxy).starts_with("HTTP/1.1 200"));
    assert!(ask(&socket, "show proc").contains("[failed: 1]"));
}

#[test]
fn a_worker_is_asked_through_its_master() {
    let (_proxy, socket) = master("through", ANSWERS, "-W", &[]);
    let pid = workers(&socket)[0];
    let info = ask(&socket, "@1 show info");
    assert!(info.contains(&format!("\nPid: {pid}\n")), "{info}");
    assert_eq!(
        ask(&socket, &format!("@!{pid} show version; show version"))
            .lines()
            .count(),
        4
    );
}

#[test]
fn a_worker_that_dies_takes_its_master_along() {
    let (proxy, socket) = master("dies", ANSWERS, "-W", &[]);
    let pid = i32::try_from(workers(&socket)[0]).expect("a process id");
    let pid = nix::unistd::Pid::from_raw(pid);
    nix::sys::signal::kill(pid, Signal::SIGKILL).expect("a worker");
    assert_eq!(proxy.ended().code(), Some(128 + 9));
}

#[test]
fn a_master_that_dies_takes_its_worker_along() {
    let (proxy, socket) = master("orphan", ANSWERS, "-W", &[]);
    let pid = workers(&socket)[0];
    proxy.signal(Signal::SIGKILL);
    assert_eq!(proxy.ended().code(), None);
    let path = format!("/proc/{pid}/stat");
    until("the worker ends", || {
        // It may wait for somebody to hear of its end, as long as it has ended.
        let stat = std::fs::read_to_string(&path).unwrap_or_default();
        stat.rsplit_once(") ")
            .is_none_or(|(_, rest)| rest.starts_with('Z'))
    });
}

#[test]
fn a_service_manager_hears_when_it_serves() {
    let path = path("manager");
    let _ = std::fs::remove_file(&path);
    let manager = UnixDatagram::bind(&path).expect("a socket");
    manager.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let variables = [("NOTIFY_SOCKET", &*path)];
    let (proxy, _) = master("notify", ANSWERS, "-Ws", &variables);
    let hear = || {
        let mut space = [0; 200];
        let length = manager.recv(&mut space).expect("a word");
        let text = String::from_utf8_lossy(&space[..length]).into_owned();
        text.lines().next().expect("a line").to_string()
    };
    assert_eq!(hear(), "READY=1");
    proxy.signal(Signal::SIGUSR2);
    assert_eq!([hear(), hear()], ["RELOADING=1", "READY=1"]);
    proxy.signal(Signal::SIGUSR1);
    assert_eq!(hear(), "STOPPING=1");
    assert_eq!(proxy.ended().code(), Some(0));
    std::fs::remove_file(&path).expect("our socket");
}
