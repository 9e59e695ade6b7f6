//! `balance static-rr`: in turn along a list that is laid out once for the servers there are. The same
//! list is that of `hash-type map-based`.

use crate::ServerIndex;
use alloc::vec;
use alloc::vec::Vec;

#[derive(Debug)]
pub(super) struct StaticRr {
    /// Weights of all servers by their common factor, and which of them take requests.
    lanes: Vec<(u32, bool)>,
    /// Each server as often as its weight says; `None` until it is asked for.
    turns: Option<Vec<ServerIndex>>,
    /// Whose turn is next.
    next: usize,
}

impl StaticRr {
    pub(super) fn new(weights: &[u32]) -> Self {
        // The common factor is that of all weights, whoever takes requests.
        let divisor = weights.iter().copied().fold(0, greatest_common_divisor);
        let lane = |&weight| (weight / divisor.max(1), false);
        Self {
            lanes: weights.iter().map(lane).collect(),
            turns: None,
            next: 0,
        }
    }

    pub(super) fn start(&mut self, server: ServerIndex) {
        self.lanes[server.0 as usize].1 = true;
        self.turns = None;
    }

    pub(super) fn stop(&mut self, server: ServerIndex) {
        self.lanes[server.0 as usize].1 = false;
        self.turns = None;
    }

    /// The server at a place of the list, which begins anew behind its end.
    pub(super) fn at(&mut self, place: u32) -> Option<ServerIndex> {
        let lanes = &self.lanes;
        let turns = self.turns.get_or_insert_with(|| lay_out(lanes));
        let at = (place as usize).checked_rem(turns.len())?;
        Some(turns[at])
    }

    pub(super) fn pick(
        &mut self,
        is_open: &dyn Fn(ServerIndex) -> bool,
        avoid: Option<ServerIndex>,
    ) -> Option<ServerIndex> {
        let lanes = &self.lanes;
        let turns = self.turns.get_or_insert_with(|| lay_out(lanes));
        if self.next >= turns.len() {
            self.next = 0;
        }
        let mut avoided = None;
        for step in 0..turns.len() {
            let at = (self.next + step) % turns.len();
            let server = turns[at];
            if !is_open(server) {
                continue;
            }
            avoided = Some((at, server));
            if Some(server) != avoid {
                break;
            }
        }
        let (at, server) = avoided?;
        self.next = at + 1;
        Some(server)
    }
}

/// Spreads the servers evenly: at each step everybody earns their weight, and a turn costs the sum of
/// all weights. It is taken by who can pay for the most turns (a debt counts less than none), the first
/// declared among equals; so the first server always begins.
fn lay_out(lanes: &[(u32, bool)]) -> Vec<ServerIndex> {
    let weight_of = |&(weight, takes): &(u32, bool)| if takes { i64::from(weight) } else { 0 };
    let weights: Vec<i64> = lanes.iter().map(weight_of).collect();
    let total: i64 = weights.iter().sum();
    let mut credits = vec![0; weights.len()];
    (0..total)
        .map(|_| {
            let mut best: Option<(i64, usize)> = None;
            for (at, &weight) in weights.iter().enumerate().filter(|&(_, &w)| w > 0) {
                credits[at] += weight;
                let turns: i64 = i64::div_euclid(credits[at], total);
                if best.is_none_or(|(most, _)| turns > most) {
                    best = Some((turns, at));
                }
            }
            let (_, at) = best.unwrap_or_default();
            credits[at] -= total;
            ServerIndex(at as u32)
        })
        .collect()
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 {
        a
    } else {
        greatest_common_divisor(b, a % b)
    }
}
