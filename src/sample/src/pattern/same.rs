//! Entries whose patterns are the same, in the order in which they came.

use alloc::boxed::Box;
use alloc::collections::VecDeque;

/// Entries with the same pattern, by their slots; at least one. Almost always it is one.
#[derive(Clone, Debug)]
pub(super) struct Same {
    first: u32,
    #[expect(
        clippy::box_collection,
        reason = "it is almost always None, and a list may have millions"
    )]
    others: Option<Box<VecDeque<u32>>>,
}

impl Same {
    pub(super) fn new(slot: u32) -> Self {
        Self {
            first: slot,
            others: None,
        }
    }

    /// The one that came first.
    pub(super) fn first(&self) -> u32 {
        self.first
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = u32> {
        let others = self.others.iter().flat_map(|others| others.iter().copied());
        core::iter::once(self.first).chain(others)
    }

    /// One that came after all others.
    pub(super) fn push(&mut self, slot: u32) {
        self.others.get_or_insert_default().push_back(slot);
    }

    /// Takes one out; says whether none is left.
    pub(super) fn remove(&mut self, slot: u32) -> bool {
        let Some(others) = &mut self.others else {
            return self.first == slot;
        };
        if self.first == slot {
            match others.pop_front() {
                Some(next) => self.first = next,
                None => return true,
            }
        } else if let Some(at) = others.iter().position(|&other| other == slot) {
            others.remove(at);
        }
        if others.is_empty() {
            self.others = None;
        }
        false
    }
}
