//! Patterns that are numbers and ranges of them: single numbers in a tree, ranges one after the other.

use crate::pattern::entries::Slots;
use crate::pattern::number::Range;
use crate::pattern::same::{Queues, Same};
use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;
use alloc::vec::Vec;

/// The entries of a list by the numbers they stand for.
#[derive(Clone, Debug, Default)]
pub(super) struct Numbers {
    single: BTreeMap<i64, Same>,
    queues: Queues,
    /// In the order in which they came.
    ranges: Vec<(Range, u32)>,
}

impl Numbers {
    /// The first entry for this number.
    pub(super) fn find(&self, number: i64, slots: &Slots) -> Option<u32> {
        let single = self.single.get(&number);
        let single = single.map(|&same| self.queues.first(same));
        let range = self.ranges.iter().find(|range| range.0.contains(number));
        match range {
            Some(&(_, slot)) => Some(slots.earlier(single, slot)),
            None => single,
        }
    }

    pub(super) fn add(&mut self, range: Range, slot: u32) {
        match range.single() {
            Some(number) => match self.single.entry(number) {
                Entry::Occupied(mut same) => self.queues.push(same.get_mut(), slot),
                Entry::Vacant(place) => {
                    place.insert(Same::one(slot));
                }
            },
            None => self.ranges.push((range, slot)),
        }
    }

    pub(super) fn remove(&mut self, range: Range, slot: u32) {
        match range.single() {
            Some(number) => {
                if let Entry::Occupied(mut same) = self.single.entry(number)
                    && self.queues.remove(same.get_mut(), slot)
                {
                    same.remove();
                }
            }
            None => self.ranges.retain(|range| range.1 != slot),
        }
    }
}
