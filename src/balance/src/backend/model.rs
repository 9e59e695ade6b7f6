//! Random requests against a backend that only counts: slots are conserved, a ticket is in one place,
//! and nobody waits for a slot that is free.

use super::{Assigned, Backend, QueuePlace, Ticket, Want, Woken};
use crate::testing::{ALGORITHMS, backend_with, server};
use crate::{Affinity, ServerIndex, ServerState};
use base::Rng;
use std::collections::BTreeMap;
use std::vec::Vec;

const SERVERS: u64 = 5;
const STEPS: u64 = 3_000;

/// Where each ticket is, as those who hold them know.
#[derive(Default)]
struct Model {
    served: BTreeMap<Ticket, ServerIndex>,
    waiting: BTreeMap<Ticket, (Want, QueuePlace)>,
}

impl Model {
    fn serve(&mut self, ticket: Ticket, server: ServerIndex) {
        self.waiting.remove(&ticket);
        assert!(
            self.served.insert(ticket, server).is_none(),
            "{ticket:?} holds two slots"
        );
    }

    fn assign(&mut self, backend: &mut Backend, ticket: Ticket, want: Want) {
        match backend.assign(ticket, want) {
            Assigned::Server(server) => {
                assert!(want.only.is_none_or(|only| only == server));
                self.serve(ticket, server);
            }
            Assigned::Queued { place, .. } => {
                self.waiting.insert(ticket, (want, place));
            }
            Assigned::QueueFull(server) => {
                assert!(want.only == Some(server) || want.hash.is_some());
            }
            Assigned::NoServer => {}
        }
        self.drain(backend);
    }

    fn drain(&mut self, backend: &mut Backend) {
        while let Some(woken) = backend.poll_woken() {
            match woken {
                Woken::Serve(ticket, server) => {
                    assert!(self.waiting.contains_key(&ticket), "{ticket:?} waits");
                    self.serve(ticket, server);
                }
                Woken::AskAgain(ticket) => {
                    let waited = self.waiting.remove(&ticket);
                    assert!(waited.is_some_and(|(_, place)| place != QueuePlace::Backend));
                }
            }
        }
    }

    fn check(&self, backend: &Backend) {
        for at in 0..SERVERS as u32 {
            let server = ServerIndex(at);
            let view = backend.server(server);
            let served = self.served.values().filter(|&&one| one == server).count();
            assert_eq!(view.served as usize, served);
            let queued = |(_, place): &&(Want, QueuePlace)| *place == QueuePlace::Server(server);
            assert_eq!(
                view.queued as usize,
                self.waiting.values().filter(queued).count()
            );
        }
        assert_eq!(backend.served() as usize, self.served.len());
        assert_eq!(backend.queued() as usize, self.waiting.len());
    }
}

/// One of the keys, at random.
fn any<T>(rng: &mut Rng, of: &BTreeMap<Ticket, T>) -> Option<Ticket> {
    let at = rng.below(of.len() as u64) as usize;
    of.keys().nth(at).copied()
}

fn maybe_server(rng: &mut Rng, parts: u64) -> Option<ServerIndex> {
    rng.chance(parts, 10)
        .then(|| ServerIndex(rng.below(SERVERS) as u32))
}

#[test]
fn slots_are_conserved_and_nobody_is_forgotten() {
    for seed in 0..56 {
        let mut rng = Rng::from_u64(seed);
        let algorithm = ALGORITHMS[(seed % 7) as usize];
        let lines: Vec<_> = (1..=SERVERS as u32)
            .map(|id| {
                let maxconn = rng.below(4) as u32;
                let line = server(id)
                    .weight(rng.below(4) as u32)
                    .maxconn(maxconn)
                    .minconn(rng.below(u64::from(maxconn) + 1) as u32)
                    .maxqueue(rng.below(3) as u32);
                if rng.chance(1, 4) {
                    line.backup()
                } else {
                    line
                }
            })
            .collect();
        let mut backend = backend_with(algorithm, lines, |settings| {
            settings.allbackups = rng.chance(1, 2);
            settings.fullconn = rng.below(12) as u32;
            settings.share_percent_max = [0, 110, 150, 300][rng.below(4) as usize];
            settings.affinity =
                [Affinity::Always, Affinity::Slots, Affinity::Queue][rng.below(3) as usize];
        });
        let mut model = Model::default();
        for exchange in 0..STEPS {
            match rng.below(20) {
                0..9 => {
                    let ticket = Ticket {
                        worker: rng.below(4) as u16,
                        exchange,
                    };
                    let want = Want {
                        avoid: maybe_server(&mut rng, 2),
                        only: maybe_server(&mut rng, 3),
                        forced: rng.chance(1, 4),
                        hash: rng.chance(4, 5).then(|| rng.next_u64() as u32),
                        ..Want::default()
                    };
                    model.assign(&mut backend, ticket, want);
                }
                9..17 => {
                    if let Some(ticket) = any(&mut rng, &model.served) {
                        let server = model.served.remove(&ticket).expect("it is served");
                        if let Some((next, server)) = backend.release(server) {
                            assert!(model.waiting.contains_key(&next), "{next:?} waits");
                            model.serve(next, server);
                        }
                    }
                }
                17..19 => {
                    if let Some(ticket) = any(&mut rng, &model.waiting) {
                        assert!(backend.leave(ticket));
                        model.waiting.remove(&ticket);
                    }
                    if let Some(ticket) = any(&mut rng, &model.served) {
                        assert!(!backend.leave(ticket), "{ticket:?} holds a slot");
                    }
                }
                _ => {
                    let states = [
                        ServerState::Up,
                        ServerState::Up,
                        ServerState::Drain,
                        ServerState::Maintenance,
                    ];
                    let state = states[rng.below(4) as usize];
                    backend.set_state(ServerIndex(rng.below(SERVERS) as u32), state);
                    model.drain(&mut backend);
                }
            }
            model.check(&backend);
        }
    }
}
