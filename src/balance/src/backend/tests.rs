use super::{Assigned, Backend, Priority, QueuePlace, Ticket, Want, Woken};
use crate::testing::{ALGORITHMS, backend, backend_with, server};
use crate::{Algorithm, ServerIndex, ServerState};
use std::vec::Vec;

const ANY: Want = Want {
    avoid: None,
    only: None,
    forced: false,
    hash: None,
    priority: Priority { class: 0, at: 0 },
};

fn ticket(exchange: u64) -> Ticket {
    Ticket {
        worker: 0,
        exchange,
    }
}

fn only(server: u32) -> Want {
    Want {
        only: Some(ServerIndex(server)),
        ..ANY
    }
}

fn woken(backend: &mut Backend) -> Vec<Woken> {
    core::iter::from_fn(|| backend.poll_woken()).collect()
}

#[test]
fn a_freed_slot_goes_to_the_one_who_waited_longest() {
    let mut backend = backend(Algorithm::RoundRobin, [server(1).maxconn(1)]);
    let first = ServerIndex(0);
    assert_eq!(backend.assign(ticket(1), ANY), Assigned::Server(first));
    for (exchange, ahead) in [(2, 1), (3, 2)] {
        assert_eq!(
            backend.assign(ticket(exchange), ANY),
            Assigned::Queued {
                place: QueuePlace::Backend,
                ahead
            }
        );
    }
    assert_eq!(backend.release(first), Some((ticket(2), first)));
    assert!(!backend.leave(ticket(2)), "it holds a slot now");
    assert!(backend.leave(ticket(3)));
    assert_eq!(backend.release(first), None);
    assert_eq!(backend.served(), 0);
}

#[test]
fn the_line_of_one_server_is_no_longer_than_maxqueue() {
    let servers = [server(1).maxconn(1).maxqueue(1), server(2)];
    let mut backend = backend(Algorithm::RoundRobin, servers);
    assert_eq!(
        backend.assign(ticket(1), only(0)),
        Assigned::Server(ServerIndex(0))
    );
    assert_eq!(
        backend.assign(ticket(2), only(0)),
        Assigned::Queued {
            place: QueuePlace::Server(ServerIndex(0)),
            ahead: 1
        }
    );
    let full = Assigned::QueueFull(ServerIndex(0));
    assert_eq!(backend.assign(ticket(3), only(0)), full);
    assert_eq!(
        backend.release(ServerIndex(0)),
        Some((ticket(2), ServerIndex(0)))
    );
}

#[test]
fn maintenance_sends_those_who_wait_for_the_server_away() {
    let mut backend = backend(Algorithm::RoundRobin, [server(1).maxconn(1), server(2)]);
    backend.assign(ticket(1), only(0));
    backend.assign(ticket(2), only(0));
    backend.set_state(ServerIndex(0), ServerState::Maintenance);
    assert_eq!(woken(&mut backend), [Woken::AskAgain(ticket(2))]);
    assert_eq!(backend.assign(ticket(3), only(0)), Assigned::NoServer);
    assert_eq!(
        backend.assign(ticket(3), ANY),
        Assigned::Server(ServerIndex(1))
    );
}

#[test]
fn who_insists_is_served_by_a_server_in_maintenance_and_waits_for_its_slots() {
    let mut backend = backend(Algorithm::RoundRobin, [server(1).maxconn(1), server(2)]);
    let down = ServerIndex(0);
    let insists = Want {
        forced: true,
        ..only(0)
    };
    backend.set_state(down, ServerState::Maintenance);
    assert_eq!(backend.assign(ticket(1), insists), Assigned::Server(down));
    let place = QueuePlace::Server(down);
    let queued = Assigned::Queued { place, ahead: 1 };
    assert_eq!(backend.assign(ticket(2), insists), queued);
    assert_eq!(backend.assign(ticket(3), only(0)), Assigned::NoServer);
    assert_eq!(backend.release(down), Some((ticket(2), down)));
}

#[test]
fn a_server_that_comes_up_serves_those_who_wait() {
    let servers = [server(1).maxconn(1), server(2).maxconn(2).disabled()];
    let mut backend = backend(Algorithm::LeastConn, servers);
    for exchange in 1..=4 {
        backend.assign(ticket(exchange), ANY);
    }
    backend.set_state(ServerIndex(1), ServerState::Up);
    assert_eq!(
        woken(&mut backend),
        [2, 3].map(|exchange| Woken::Serve(ticket(exchange), ServerIndex(1)))
    );
    assert_eq!(backend.queued_backend(), 1);
}

#[test]
fn draining_and_weightless_servers_serve_only_who_asks_for_them() {
    let mut backend = backend(Algorithm::RoundRobin, [server(1).weight(0), server(2)]);
    backend.set_state(ServerIndex(1), ServerState::Drain);
    assert_eq!(backend.assign(ticket(1), ANY), Assigned::NoServer);
    for at in [0, 1] {
        assert_eq!(
            backend.assign(ticket(2), only(at)),
            Assigned::Server(ServerIndex(at))
        );
    }
}

#[test]
fn backups_serve_while_no_other_server_can() {
    for (allbackups, expected) in [(false, [1, 1, 1]), (true, [1, 2, 1])] {
        let servers = [server(1), server(2).backup(), server(3).backup()];
        let mut backend = backend_with(Algorithm::RoundRobin, servers, |settings| {
            settings.allbackups = allbackups;
        });
        assert_eq!(
            backend.assign(ticket(0), ANY),
            Assigned::Server(ServerIndex(0))
        );
        backend.set_state(ServerIndex(0), ServerState::Maintenance);
        for (exchange, at) in (1..).zip(expected) {
            assert_eq!(
                backend.assign(ticket(exchange), ANY),
                Assigned::Server(ServerIndex(at))
            );
        }
    }
}

#[test]
fn a_server_to_avoid_is_taken_when_it_is_the_only_one() {
    let avoid_first = Want {
        avoid: Some(ServerIndex(0)),
        ..ANY
    };
    for algorithm in ALGORITHMS {
        let mut backend = backend(algorithm, [server(1), server(2)]);
        assert_eq!(
            backend.assign(ticket(1), avoid_first),
            Assigned::Server(ServerIndex(1)),
            "{algorithm:?}"
        );
        backend.set_state(ServerIndex(1), ServerState::Maintenance);
        assert_eq!(
            backend.assign(ticket(2), avoid_first),
            Assigned::Server(ServerIndex(0)),
            "{algorithm:?}"
        );
    }
}

#[test]
fn with_minconn_the_slots_grow_with_the_load() {
    let servers = [server(1).minconn(1).maxconn(4)];
    let mut backend = backend_with(Algorithm::RoundRobin, servers, |settings| {
        settings.fullconn = 8;
    });
    let served: Vec<u32> = (1..=9)
        .map(|exchange| {
            backend.assign(ticket(exchange), ANY);
            backend.served()
        })
        .collect();
    assert_eq!(served, [1, 1, 1, 2, 2, 3, 3, 4, 4]);
}

#[test]
fn an_unresolved_address_starts_in_maintenance() {
    let backend = backend(Algorithm::RoundRobin, [server(1).unresolved()]);
    assert_eq!(
        backend.server(ServerIndex(0)).state,
        ServerState::Maintenance
    );
    assert_eq!(backend.active_count(), 0);
}

#[test]
fn who_waits_goes_by_class_then_by_time_then_by_age() {
    let mut backend = backend(Algorithm::RoundRobin, [server(1).maxconn(1)]);
    let want = |class, at| Want {
        priority: Priority { class, at },
        ..ANY
    };
    backend.assign(ticket(0), want(0, 0));
    for (exchange, class, at) in [(1, 1, 0), (2, 0, 9), (3, 0, 9), (4, 0, 8), (5, -1, 99)] {
        let assigned = backend.assign(ticket(exchange), want(class, at));
        assert!(matches!(assigned, Assigned::Queued { .. }), "{assigned:?}");
    }
    let served: Vec<u64> = (0..5)
        .filter_map(|_| backend.release(ServerIndex(0)))
        .map(|(ticket, _)| ticket.exchange)
        .collect();
    assert_eq!(served, [5, 4, 2, 3, 1]);
}
