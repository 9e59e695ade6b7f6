//! Servers chosen by hashes: what HAProxy 3.5-dev was seen to do with those that are full, and what changes
//! when servers come and go. (Which server a hash leads to is in the tests of the whole proxy.)

use super::{Assigned, Backend, QueuePlace, Ticket, Want};
use crate::testing::{ServerLine, backend, backend_with, server};
use crate::{Affinity, Algorithm, HashType, ServerIndex, ServerState};
use base::{Rng, avalanche};
use std::string::String;
use std::vec::Vec;

/// Of `hash-type consistent` without more, of the keys `a` and `b`.
fn hash(key: u8) -> u32 {
    avalanche(key.into())
}

fn of_ring(lines: Vec<ServerLine>, percent: u32, affinity: Affinity) -> Backend {
    backend_with(Algorithm::Hash(HashType::Consistent), lines, |settings| {
        settings.share_percent_max = percent;
        settings.affinity = affinity;
    })
}

fn weights(weights: &[u32]) -> Vec<ServerLine> {
    let lines = weights.iter().zip(1..);
    lines
        .map(|(weight, id)| server(id).weight(*weight))
        .collect()
}

/// Where requests of these keys go that stay: a number, `N?` if it waits for that server, `?` if it waits
/// for any, `-` if there is no place.
fn held(backend: &mut Backend, keys: &str) -> String {
    let told = keys.bytes().zip(0..).map(|(key, exchange)| {
        let ticket = Ticket {
            worker: 0,
            exchange,
        };
        let want = Want {
            hash: (key != b'.').then(|| hash(key)),
            ..Want::default()
        };
        match backend.assign(ticket, want) {
            Assigned::Server(server) => std::format!("{}", server.0),
            Assigned::Queued {
                place: QueuePlace::Server(server),
                ..
            } => std::format!("{}?", server.0),
            Assigned::Queued {
                place: QueuePlace::Backend,
                ..
            } => "?".into(),
            Assigned::QueueFull(_) | Assigned::NoServer => "-".into(),
        }
    });
    told.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_hash_balance_factor_sends_requests_on_along_the_ring() {
    let equal = [1, 1, 1];
    for (weighed, percent, keys, seen) in [
        (&equal, 101, "aaaaaaaaaa", "2 0 2 1 0 2 1 0 2 1"),
        (&equal, 110, "aaaaaaaaaa", "2 0 2 1 0 2 1 0 2 1"),
        (&equal, 125, "aaaaaaaaaa", "2 0 2 1 2 0 0 2 0 2"),
        (&equal, 150, "aaaaaaaaaa", "2 0 2 0 2 0 2 0 2 0"),
        (&equal, 200, "aaaaaaaaaa", "2 2 0 2 2 0 2 2 0 2"),
        (&equal, 300, "aaaaaaaaaa", "2 2 2 2 2 2 2 2 2 2"),
        (
            &[1, 2, 4],
            150,
            "aaaaaaaaaaaaaa",
            "1 2 1 2 2 2 1 1 2 2 1 2 1 2",
        ),
        (
            &[10, 20, 3],
            120,
            "abababababababab",
            "0 1 1 1 1 1 0 1 0 1 0 1 1 1 0 1",
        ),
    ] {
        let mut backend = of_ring(weights(weighed), percent, Affinity::Always);
        assert_eq!(held(&mut backend, keys), seen, "{weighed:?} {percent}");
    }
}

fn full(queue: u32) -> Vec<ServerLine> {
    (1..=3)
        .map(|id| server(id).maxconn(1).maxqueue(queue))
        .collect()
}

#[test]
fn who_is_full_is_waited_for_or_passed_over_as_affinity_says() {
    for (affinity, queue, keys, seen) in [
        (Affinity::Always, 1, "aaab", "2 2? - 1"),
        (Affinity::Always, 0, "aaaab", "2 2? 2? 2? 1"),
        // When all are full, they are waited for at the end of the ring.
        (Affinity::Slots, 1, "aaaaab", "2 0 1 1? - -"),
        (Affinity::Slots, 0, "aaaab", "2 0 1 1? 1?"),
        (Affinity::Queue, 1, "aaaaaaab", "2 2? 0 0? 1 1? - -"),
        (Affinity::Queue, 0, "aaaab", "2 2? 2? 2? 1"),
    ] {
        let mut backend = of_ring(full(queue), 0, affinity);
        assert_eq!(held(&mut backend, keys), seen, "{affinity:?} {queue}");
    }
    // A list knows nobody who is next.
    for affinity in [Affinity::Always, Affinity::Slots, Affinity::Queue] {
        let mut backend = backend_with(Algorithm::Hash(HashType::Map), full(1), |settings| {
            settings.affinity = affinity;
        });
        assert_eq!(held(&mut backend, "aaa").split(' ').nth(2), Some("-"));
    }
}

#[test]
fn requests_without_a_hash_are_served_in_turn() {
    let ring = |weighed: &[u32], count: usize| {
        let mut backend = of_ring(weights(weighed), 0, Affinity::Always);
        held(&mut backend, &".".repeat(count))
    };
    assert_eq!(ring(&[1, 1, 1], 9), "2 2 1 0 2 0 0 1 2");
    assert_eq!(ring(&[1, 2, 4], 14), "2 2 2 2 2 2 2 2 2 2 2 2 1 0");
    let mut list = backend(Algorithm::Hash(HashType::Map), weights(&[1, 2, 4]));
    assert_eq!(held(&mut list, &".".repeat(7)), "0 2 1 2 1 2 2");
    let mut list = backend(Algorithm::Hash(HashType::Map), full(0));
    assert_eq!(held(&mut list, "...."), "0 1 2 ?");
}

/// The servers of many hashes while nobody is served.
fn map_of(backend: &mut Backend, hashes: &[u32]) -> Vec<Option<ServerIndex>> {
    let ticket = Ticket {
        worker: 0,
        exchange: 0,
    };
    let chosen = hashes.iter().map(|hash| {
        let want = Want {
            hash: Some(*hash),
            ..Want::default()
        };
        match backend.assign(ticket, want) {
            Assigned::Server(server) => {
                backend.release(server);
                Some(server)
            }
            Assigned::Queued { .. } | Assigned::QueueFull(_) | Assigned::NoServer => None,
        }
    });
    chosen.collect()
}

#[test]
fn on_a_ring_a_server_takes_its_own_keys_along_and_gets_them_back() {
    for seed in 0..60 {
        let mut rng = Rng::from_u64(seed);
        let count = 2 + rng.below(5) as usize;
        let weighed: Vec<u32> = (0..count).map(|_| 1 + rng.below(20) as u32).collect();
        let hashes: Vec<u32> = (0..500).map(|_| rng.next_u64() as u32).collect();
        let mut backend = of_ring(weights(&weighed), 0, Affinity::Always);
        let before = map_of(&mut backend, &hashes);
        let gone = ServerIndex(rng.below(count as u64) as u32);
        backend.set_state(gone, ServerState::Maintenance);
        let without = map_of(&mut backend, &hashes);
        for (before, without) in before.iter().zip(&without) {
            assert_ne!(*without, Some(gone));
            assert!(before == without || *before == Some(gone), "{weighed:?}");
        }
        backend.set_state(gone, ServerState::Up);
        assert_eq!(map_of(&mut backend, &hashes), before);
    }
}

#[test]
fn in_a_list_servers_have_exactly_the_shares_of_their_weights() {
    for seed in 0..60 {
        let mut rng = Rng::from_u64(seed);
        let count = 1 + rng.below(6) as usize;
        let weighed: Vec<u32> = (0..count).map(|_| 1 + rng.below(30) as u32).collect();
        let total: u32 = weighed.iter().sum();
        let mut backend = backend(Algorithm::Hash(HashType::Map), weights(&weighed));
        let from = rng.next_u64() as u32 / 2;
        let hashes: Vec<u32> = (from..from + total).collect();
        let chosen = map_of(&mut backend, &hashes);
        for (at, weight) in weighed.iter().enumerate() {
            let own = Some(ServerIndex(at as u32));
            let share = chosen.iter().filter(|chosen| **chosen == own).count();
            assert_eq!(share, *weight as usize, "{weighed:?}");
        }
    }
}
