//! What the system measures of connections, as expressions read it.

use base::{Duration, Epoch, Instant};
use engine::{Engine, Identity, Measures, Output, Shared};
use proptests::harness::nowhere::settings;
use session::ConnId;
use session::settings::ProxyIndex;
use std::sync::Arc;

const FC: &str = "%[fc_rtt] %[fc_rtt(ms)] %[fc_rtt(us)] %[fc_rttvar(us)] %[fc_unacked] %[fc_sacked] \
     %[fc_lost] %[fc_retrans] %[fc_fackets] %[fc_reordering] %[bc_rtt(us)] %[bc_rttvar]";

fn worker(value: &str) -> Engine {
    let text = format!(
        "listen l\n mode http\n bind 127.0.0.1:80\n timeout client 1s\n timeout server 1s\n timeout connect 1s\n \
         http-response set-header x \"{value}\"\n server s 127.0.0.1:81\n"
    );
    let shared = Shared::new(settings(&text), 1, [7; 32], Identity::default());
    Engine::new(Arc::new(shared), 0, Epoch(0))
}

/// All numbers are `times` those of the first.
fn measures(times: u32) -> Measures {
    Measures {
        rtt_us: 1499 * times,
        rttvar_us: 600 * times,
        unacked: times,
        sacked: 2 * times,
        lost: 3 * times,
        retrans: 4 * times,
        fackets: 5 * times,
        reordering: 6 * times,
    }
}

fn at(millis: u64) -> Instant {
    Instant::ZERO + Duration::from_millis(millis)
}

/// What the engine opens a connection for.
fn dialled(worker: &mut Engine) -> Option<ConnId> {
    let mut all = std::iter::from_fn(|| worker.next_output()).collect::<Vec<_>>();
    all.drain(..).find_map(|output| match output {
        Output::Connect { conn, .. } => Some(conn),
        _ => None,
    })
}

fn hear(worker: &mut Engine, id: ConnId, bytes: &[u8]) {
    let buf = worker.recv_buf(id).expect("it wants bytes");
    buf.spare()[..bytes.len()].copy_from_slice(bytes);
    worker.received(at(1), id, bytes.len());
}

/// The field that the client of a request gets; `told` says what is measured of a connection.
fn asked(value: &str, told: impl Fn(&mut Engine, ConnId)) -> String {
    let mut worker = worker(value);
    let client = worker.accepted_measured(at(0), ProxyIndex(0), 0, None, None, None);
    assert_eq!(dialled(&mut worker), None);
    hear(&mut worker, client, b"GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    let server = dialled(&mut worker).expect("a server");
    worker.connected(at(1), server);
    let request = worker.pending(server, &mut [&[][..]; 8]);
    assert!(request > 0);
    assert_eq!(dialled(&mut worker), None);
    assert_eq!(worker.to_measure(server), [server, client]);
    assert_eq!(worker.to_measure(client), [client]);
    for id in worker.to_measure(server) {
        told(&mut worker, id);
    }
    hear(&mut worker, server, b"HTTP/1.1 204 N\r\n\r\n");
    let mut slices = [&[][..]; 8];
    let used = worker.pending(client, &mut slices);
    let answer = String::from_utf8(slices[..used].concat()).expect("text");
    let field = answer.lines().find_map(|line| line.strip_prefix("x: "));
    field.unwrap_or_else(|| panic!("{answer}")).to_owned()
}

#[test]
fn what_was_measured_last_of_either_side_is_read_in_the_unit_that_is_named() {
    let said = asked(FC, |worker, id| {
        let server = worker.destination(id).is_some();
        worker.measured(id, measures(1));
        worker.measured(id, measures(if server { 3 } else { 2 }));
    });
    assert_eq!(said, "3 3 2998 1200 2 4 6 8 10 12 4497 2");
    // Without TCP there is nothing.
    assert_eq!(asked("%[fc_rtt]%[bc_rtt]%[fc_lost]-", |_, _| {}), "-");
}

#[test]
fn nobody_measures_unless_something_reads_it() {
    assert!(!worker("%[fc_http_major] %[src]").wants_measures());
    for value in ["%[fc_rtt]", "%[bc_rttvar(us)]", "%[fc_lost,add(1)]"] {
        assert!(worker(value).wants_measures(), "{value}");
    }
}
