//! Patterns that are regular expressions: one after the other.

use crate::regex::Regex;
use alloc::string::String;
use alloc::vec::Vec;

/// The entries of a list and their expressions, in the order in which they came.
#[derive(Clone, Debug, Default)]
pub(super) struct Expressions(Vec<(Regex, u32)>);

impl Expressions {
    /// The first entry that matches, and what it matched with.
    pub(super) fn find(&self, text: &[u8]) -> Option<(u32, &Regex)> {
        let found = self.0.iter().find(|(regex, _)| regex.is_match(text))?;
        Some((found.1, &found.0))
    }

    /// Where their cost or their meaning is not what one expects.
    pub(super) fn notes(&self) -> Vec<(u32, String)> {
        let noted = self.0.iter();
        noted
            .filter_map(|(regex, slot)| Some((*slot, regex.note()?)))
            .collect()
    }

    pub(super) fn add(&mut self, regex: Regex, slot: u32) {
        self.0.push((regex, slot));
    }

    pub(super) fn remove(&mut self, slot: u32) {
        self.0.retain(|entry| entry.1 != slot);
    }
}
