//! Stick tables that the workers of a process share.

use base::{Duration, Epoch, Instant};
use engine::{Engine, Identity, Shared};
use proptests::harness::nowhere::settings;
use session::settings::ProxyIndex;
use std::net::SocketAddr;
use std::sync::Arc;

const TEXT: &str = "\
defaults
    timeout client 10s
    timeout server 10s
    timeout connect 1s
listen in
    bind 127.0.0.1:80
    stick-table type ip size 10k expire 5s store conn_cnt
    tcp-request connection track-sc0 src
    server a 127.0.0.1:90
";

fn workers() -> (Arc<Shared>, [Engine; 2]) {
    workers_of(TEXT)
}

fn workers_of(text: &str) -> (Arc<Shared>, [Engine; 2]) {
    let shared = Arc::new(Shared::new(settings(text), 2, [7; 32], Identity::default()));
    let workers = [0, 1].map(|number| Engine::new(shared.clone(), number, Epoch(0)));
    (shared, workers)
}

fn drain(worker: &mut Engine) {
    while worker.next_output().is_some() {}
}

/// A client comes and goes.
fn visit(worker: &mut Engine, now: Instant, client: u32) {
    let peer = SocketAddr::from((client.to_be_bytes(), 1000));
    let id = worker.accepted(now, ProxyIndex(0), 0, Some(peer), None);
    drain(worker);
    worker.peer_closed(now, id, true);
    drain(worker);
}

/// Lets a worker do what is due until then.
fn pass(worker: &mut Engine, until: Instant) {
    while let Some(due) = worker.deadline().filter(|due| *due <= until) {
        worker.timeout(due);
        drain(worker);
    }
}

fn at(millis: u64) -> Instant {
    Instant::ZERO + Duration::from_millis(millis)
}

#[test]
fn what_has_expired_goes_though_nobody_asks_for_it_and_one_worker_sees_to_that() {
    let (shared, mut workers) = workers();
    let table = &shared.tables[0];
    visit(&mut workers[1], at(0), 0x0a00_0001);
    visit(&mut workers[0], at(2000), 0x0a00_0002);
    assert_eq!(table.used(), 2);
    assert_eq!(workers[0].deadline(), None);
    for (millis, left) in [(4999, 2), (5000, 1), (6999, 1), (7000, 0)] {
        pass(&mut workers[1], at(millis));
        assert_eq!(table.used(), left, "at {millis}");
    }
    assert_eq!(workers[1].deadline(), None, "the table is empty");
    visit(&mut workers[0], at(9000), 0x0a00_0003);
    assert_eq!(workers[1].deadline(), None, "the other one is on the way");
    pass(&mut workers[0], at(14_000));
    assert_eq!(table.used(), 0);
}

#[test]
fn many_that_expire_at_once_go_in_pieces() {
    let (shared, [mut worker, _]) = workers();
    let table = &shared.tables[0];
    for client in 0..5000 {
        visit(&mut worker, at(0), client);
    }
    assert_eq!(table.used(), 5000);
    while let Some(due) = worker.deadline() {
        let before = table.used();
        worker.timeout(due);
        drain(&mut worker);
        assert!(before - table.used() <= 1024, "too much in one turn");
        assert!(worker.deadline().is_none_or(|next| next > due));
    }
    assert_eq!(table.used(), 0);
}

#[test]
fn what_a_client_does_that_none_should_is_counted_where_its_connection_is_tracked() {
    let text = "\
defaults
    mode http
    timeout client 10s
listen in
    bind 127.0.0.1:80 proto h2
    stick-table type ip size 10k store glitch_cnt
    tcp-request connection track-sc0 src
    http-request return status 200
";
    let (shared, [mut worker, _]) = workers_of(text);
    let peer = SocketAddr::from(([10, 0, 0, 1], 1000));
    let id = worker.accepted(at(0), ProxyIndex(0), 0, Some(peer), None);
    drain(&mut worker);
    let mut send = |bytes: &[u8]| {
        let buf = worker.recv_buf(id).expect("it is read from");
        buf.spare()[..bytes.len()].copy_from_slice(bytes);
        worker.received(at(1), id, bytes.len());
        drain(&mut worker);
        let key = tables::KeyRef::Ip([10, 0, 0, 1].into());
        let entry = shared.tables[0].lookup(key, at(1)).expect("it is tracked");
        entry.number(tables::DataType::GlitchCnt, 0, at(1))
    };
    assert_eq!(
        send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"),
        Some(0)
    );
    // GET, http, a path that is none.
    assert_eq!(
        send(b"\0\0\x05\x01\x05\0\0\0\x01\x82\x86\x04\x01x"),
        Some(1)
    );
    // The same with one.
    assert_eq!(send(b"\0\0\x03\x01\x05\0\0\0\x03\x82\x86\x84"), Some(1));
    assert_eq!(
        send(b"\0\0\x05\x01\x05\0\0\0\x05\x82\x86\x04\x01x"),
        Some(2)
    );
}

#[test]
fn who_has_read_an_answer_finds_nothing_of_its_request_tracked() {
    let text = |log: &str| {
        format!(
            "\
defaults
    mode http
    timeout client 10s
{log}listen in
    bind 127.0.0.1:80
    stick-table type ip size 10k expire 5s store bytes_out_cnt
    http-request track-sc0 src
    http-request return status 200 content-type a/b string 12345
"
        )
    };
    let key = tables::KeyRef::Ip([10, 0, 0, 1].into());
    // A log line may ask who tracks: then it is only over when the line is written.
    for (log, holders) in [
        ("", 0),
        ("    log 127.0.0.1:514 local0\n    option httplog\n", 1),
    ] {
        let (shared, [mut worker, _]) = workers_of(&text(log));
        let peer = SocketAddr::from(([10, 0, 0, 1], 1000));
        let id = worker.accepted(at(0), ProxyIndex(0), 0, Some(peer), None);
        drain(&mut worker);
        let request = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n";
        let buf = worker.recv_buf(id).expect("it is read from");
        buf.spare()[..request.len()].copy_from_slice(request);
        worker.received(at(1), id, request.len());
        // The answer is made, and not a byte of it written.
        let entry = shared.tables[0].lookup(key, at(1)).expect("it was tracked");
        assert_eq!(entry.holders(), holders, "{log}");
        let mut slices = [&[][..]; 8];
        let used = worker.pending(id, &mut slices);
        let count: usize = slices[..used].iter().map(|it| it.len()).sum();
        drain(&mut worker);
        worker.written(at(1), id, count);
        drain(&mut worker);
        assert_eq!(entry.holders(), 0);
        let counted = entry.number(tables::DataType::BytesOutCnt, 0, at(1));
        assert_eq!(counted, Some(count as i64), "once");
    }
}
