//! `balance leastconn`: the fewest requests by weight; among equals, whoever came to that load first.

use crate::ServerIndex;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

#[derive(Debug)]
pub(super) struct LeastConn {
    lanes: Vec<Lane>,
    in_turn: BTreeSet<(Rank, ServerIndex)>,
    next_seq: u64,
}

#[derive(Debug)]
struct Lane {
    weight: u32,
    load: u32,
    /// Where it stands in `in_turn`, if it does.
    rank: Option<Rank>,
}

/// Load by weight, then when it came to that load.
type Rank = (u32, u64);

impl LeastConn {
    pub(super) fn new(weights: &[u32]) -> Self {
        let lane = |&weight| Lane {
            weight,
            load: 0,
            rank: None,
        };
        Self {
            lanes: weights.iter().map(lane).collect(),
            in_turn: BTreeSet::new(),
            next_seq: 0,
        }
    }

    pub(super) fn start(&mut self, server: ServerIndex) {
        let lane = &mut self.lanes[server.0 as usize];
        let rank = (lane.pressure(), self.next_seq);
        self.next_seq += 1;
        lane.rank = Some(rank);
        self.in_turn.insert((rank, server));
    }

    pub(super) fn stop(&mut self, server: ServerIndex) {
        if let Some(rank) = self.lanes[server.0 as usize].rank.take() {
            self.in_turn.remove(&(rank, server));
        }
    }

    pub(super) fn on_load(&mut self, server: ServerIndex, load: u32) {
        let lane = &mut self.lanes[server.0 as usize];
        lane.load = load;
        if let Some((pressure, _)) = lane.rank
            && pressure != lane.pressure()
        {
            self.stop(server);
            self.start(server);
        }
    }

    pub(super) fn in_turn(&self) -> impl Iterator<Item = ServerIndex> {
        self.in_turn.iter().map(|&(_, server)| server)
    }
}

impl Lane {
    /// An idle server comes first whatever its weight. A busy one counts the request it would be given
    /// as well, so that of two with like loads the heavier is preferred.
    fn pressure(&self) -> u32 {
        match self.load {
            0 => 0,
            load => {
                let scaled = u64::from(load + 1) * u64::from(SCALE) / u64::from(self.weight.max(1));
                u32::try_from(scaled).unwrap_or(u32::MAX)
            }
        }
    }
}

/// The unit of pressure: the greatest weight there is.
const SCALE: u32 = 256;
