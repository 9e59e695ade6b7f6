//! Ranges of numbers, addresses among them: which of them a number is in.

use super::marks::{Marks, RULES_MAX};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// Ranges, cut where one begins or ends: between two cuts, all numbers are in the same ranges.
#[derive(Clone, Debug)]
pub(super) struct Spans<K> {
    starts: Box<[K]>,
    /// What is for numbers from a start to the next one.
    marks: Box<[Marks]>,
}

/// A range, both ends included, and the rule it is for.
pub(super) type Span<K> = (K, K, usize);

impl<K: Copy + Ord> Spans<K> {
    /// `after` is the next number, if there is one.
    pub(super) fn new(spans: &[Span<K>], after: impl Fn(K) -> Option<K>) -> Self {
        let begins = spans.iter().map(|&(from, _, rule)| (from, rule, true));
        let ends = spans.iter();
        let ends = ends.filter_map(|&(_, to, rule)| Some((after(to)?, rule, false)));
        let mut cuts: Vec<_> = begins.chain(ends).collect();
        cuts.sort_unstable_by_key(|cut| cut.0);
        let mut open = [0_u32; RULES_MAX];
        let mut starts = Vec::new();
        let mut marks = Vec::new();
        for cut in cuts.chunk_by(|a, b| a.0 == b.0) {
            for &(_, rule, begins) in cut {
                // An end may come before the begin at the same place.
                open[rule] = match begins {
                    true => open[rule].wrapping_add(1),
                    false => open[rule].wrapping_sub(1),
                };
            }
            let mut here = Marks::default();
            let rules = open.iter().enumerate().filter(|(_, open)| **open > 0);
            rules.for_each(|(rule, _)| here.add(rule));
            starts.push(cut[0].0);
            marks.push(here);
        }
        Self {
            starts: starts.into(),
            marks: marks.into(),
        }
    }

    /// Marks what is for the ranges that a number is in.
    pub(super) fn find(&self, number: K, marks: &mut Marks) {
        let behind = self.starts.partition_point(|&start| start <= number);
        if let Some(at) = behind.checked_sub(1) {
            marks.add_all(&self.marks[at]);
        }
    }
}
