//! `balance random`: the least loaded of a few that are drawn by weight.
//!
//! Weights of who is open change with every request, so a draw walks along the servers.

use crate::ServerIndex;
use crate::server::Server;
use alloc::vec::Vec;
use base::Rng;

#[derive(Debug)]
pub(super) struct Random {
    weights: Vec<u32>,
    draws: u32,
    takes: Vec<bool>,
}

impl Random {
    pub(super) fn new(weights: &[u32], draws: u32) -> Self {
        Self {
            weights: weights.to_vec(),
            draws: draws.max(1),
            takes: weights.iter().map(|_| false).collect(),
        }
    }

    pub(super) fn start(&mut self, server: ServerIndex) {
        self.takes[server.0 as usize] = true;
    }

    pub(super) fn stop(&mut self, server: ServerIndex) {
        self.takes[server.0 as usize] = false;
    }

    /// Only open servers are drawn: one that is full never makes a request wait while another is free.
    pub(super) fn pick(
        &mut self,
        is_open: &dyn Fn(ServerIndex) -> bool,
        avoid: Option<ServerIndex>,
        servers: &[Server],
        rng: &mut Rng,
    ) -> Option<ServerIndex> {
        let candidates = || {
            (0..self.weights.len() as u32)
                .map(ServerIndex)
                .filter(|&server| self.takes[server.0 as usize] && is_open(server))
        };
        let weight_of = |server: ServerIndex| {
            if Some(server) == avoid {
                0
            } else {
                u64::from(self.weights[server.0 as usize])
            }
        };
        let total: u64 = candidates().map(weight_of).sum();
        if total == 0 {
            return candidates().next();
        }
        let mut draw = || {
            let mut at = rng.below(total);
            candidates().find(|&server| {
                let weight = weight_of(server);
                let hit = at < weight;
                at = at.saturating_sub(weight);
                hit
            })
        };
        let mut best = draw()?;
        for _ in 1..self.draws {
            let other = draw()?;
            let load = |server: ServerIndex| u64::from(servers[server.0 as usize].served);
            let weight = |server: ServerIndex| u64::from(self.weights[server.0 as usize]);
            if load(other) * weight(best) < load(best) * weight(other) {
                best = other;
            }
        }
        Some(best)
    }
}
