//! `balance sticky`: always the same, until it goes; who comes back stands at the end.

use crate::ServerIndex;
use alloc::collections::VecDeque;

#[derive(Debug, Default)]
pub(super) struct Sticky(VecDeque<ServerIndex>);

impl Sticky {
    pub(super) fn start(&mut self, server: ServerIndex) {
        self.0.push_back(server);
    }

    pub(super) fn stop(&mut self, server: ServerIndex) {
        self.0.retain(|other| *other != server);
    }

    pub(super) fn in_turn(&self) -> impl Iterator<Item = ServerIndex> {
        self.0.iter().copied()
    }
}
