//! `balance first`: by `id`, as far as the slots go.

use crate::{ServerIndex, ServerSettings};
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

#[derive(Debug)]
pub(super) struct First {
    ids: Vec<u32>,
    in_turn: BTreeSet<(u32, ServerIndex)>,
}

impl First {
    pub(super) fn new(servers: &[ServerSettings]) -> Self {
        Self {
            ids: servers.iter().map(|server| server.id).collect(),
            in_turn: BTreeSet::new(),
        }
    }

    pub(super) fn start(&mut self, server: ServerIndex) {
        self.in_turn.insert((self.id(server), server));
    }

    pub(super) fn stop(&mut self, server: ServerIndex) {
        self.in_turn.remove(&(self.id(server), server));
    }

    pub(super) fn in_turn(&self) -> impl Iterator<Item = ServerIndex> {
        self.in_turn.iter().map(|&(_, server)| server)
    }

    fn id(&self, server: ServerIndex) -> u32 {
        self.ids[server.0 as usize]
    }
}
