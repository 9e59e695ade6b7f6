//! Entries whose patterns are the same, in the order in which they came.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

/// Entries with the same pattern: the slot of the only one, which is what almost all are, or the number of
/// a queue. It is small because an index may have millions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Same(u32);

/// The queues of an index.
#[derive(Clone, Debug, Default)]
pub(super) struct Queues {
    all: Vec<VecDeque<u32>>,
    free: Vec<u32>,
}

impl Same {
    pub(super) fn one(slot: u32) -> Self {
        Self(slot)
    }

    fn queue(self) -> Option<usize> {
        (self.0 & MANY != 0).then_some((self.0 & !MANY) as usize)
    }
}

impl Queues {
    /// The entry that came first.
    pub(super) fn first(&self, same: Same) -> u32 {
        match same.queue() {
            None => same.0,
            Some(at) => self.all[at].front().copied().unwrap_or(u32::MAX),
        }
    }

    /// All of the entries.
    pub(super) fn iter(&self, same: Same) -> impl Iterator<Item = u32> {
        let one = same.queue().is_none().then_some(same.0);
        let many = same.queue().map(|at| self.all[at].iter().copied());
        one.into_iter().chain(many.into_iter().flatten())
    }

    /// Adds one that came after all others.
    pub(super) fn push(&mut self, same: &mut Same, slot: u32) {
        match same.queue() {
            Some(at) => self.all[at].push_back(slot),
            None => {
                let at = self.free.pop().unwrap_or_else(|| {
                    self.all.push(VecDeque::new());
                    (self.all.len() - 1) as u32
                });
                self.all[at as usize].extend([same.0, slot]);
                *same = Same(at | MANY);
            }
        }
    }

    /// Takes one out; says whether none is left.
    pub(super) fn remove(&mut self, same: &mut Same, slot: u32) -> bool {
        let Some(at) = same.queue() else {
            return same.0 == slot;
        };
        let queue = &mut self.all[at];
        if let Some(place) = queue.iter().position(|&other| other == slot) {
            queue.remove(place);
        }
        if let (1, Some(&last)) = (queue.len(), queue.front()) {
            *queue = VecDeque::new();
            self.free.push(at as u32);
            *same = Same(last);
        }
        false
    }
}

/// Set in the number of a queue; slots are smaller.
const MANY: u32 = 1 << 31;
