//! Patterns that may be anywhere in a text: looked for by a few bytes of each, in steps.

use super::marks::Marks;
use super::{FOLDED, fold};
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

/// Patterns of so many bytes at least. Of a text that has one of them in it, only some places are looked
/// at: as many bytes apart as such that one of them is within the pattern and some bytes in front of its
/// end, wherever it begins. What stands there is compared with what the patterns have at their beginnings.
#[derive(Clone, Debug)]
pub(super) struct Grams {
    /// So many bytes are looked at in one place.
    width: usize,
    /// So far are places apart.
    step: usize,
    /// A bit for each hash of what patterns have; most texts have nothing that hits one.
    bits: Box<[u64]>,
    /// What patterns have, at which place, and the number of the pattern; in order.
    grams: Box<[(u32, u32, u32)]>,
    patterns: Box<[Pattern]>,
}

/// A pattern, folded, and what is for texts that have it in them.
pub(super) type Pattern = (Box<[u8]>, Marks);

impl Grams {
    /// The patterns, folded and none of them empty; those that are shorter than [`WIDTH_MAX`] are all of
    /// one length.
    pub(super) fn new(patterns: Vec<Pattern>) -> Self {
        let least = patterns.iter().map(|pattern| pattern.0.len()).min();
        let least = least.unwrap_or(WIDTH_MAX);
        let width = least.min(WIDTH_MAX);
        let step = least - width + 1;
        let mut grams = Vec::new();
        for ((pattern, _), number) in patterns.iter().zip(0..) {
            let places = pattern.windows(width).zip(0..).take(step);
            grams.extend(places.map(|(window, at)| (gram(window), at, number)));
        }
        grams.sort_unstable();
        // One bit in 32 is set at most.
        let words = (grams.len() / (u64::BITS as usize / 32)).next_power_of_two();
        let mut bits = vec![0; words].into_boxed_slice();
        for &(gram, ..) in &grams {
            let (word, bit) = place(gram, words);
            bits[word] |= 1 << bit;
        }
        Self {
            width,
            step,
            bits,
            grams: grams.into(),
            patterns: patterns.into(),
        }
    }

    /// Marks what is for patterns that a text has in it.
    pub(super) fn find(&self, text: &[u8], marks: &mut Marks) {
        match self.width {
            1 => self.scan::<1>(text, marks),
            2 => self.scan::<2>(text, marks),
            3 => self.scan::<3>(text, marks),
            _ => self.scan::<WIDTH_MAX>(text, marks),
        }
    }

    fn scan<const WIDTH: usize>(&self, text: &[u8], marks: &mut Marks) {
        let words = self.bits.len();
        let mut at = 0;
        while let Some(window) = text.get(at..).and_then(<[u8]>::first_chunk::<WIDTH>) {
            let gram = gram(window);
            let (word, bit) = place(gram, words);
            if self.bits[word] >> bit & 1 == 1 {
                self.compare(gram, text, at, marks);
            }
            at += self.step;
        }
    }

    /// Marks what is for patterns that have this at a place and all the rest around it.
    #[cold]
    fn compare(&self, gram: u32, text: &[u8], at: usize, marks: &mut Marks) {
        let first = self.grams.partition_point(|known| known.0 < gram);
        let same = self.grams[first..].iter();
        for &(_, offset, number) in same.take_while(|known| known.0 == gram) {
            let (pattern, of_pattern) = &self.patterns[number as usize];
            let there = at
                .checked_sub(offset as usize)
                .and_then(|begin| text.get(begin..begin + pattern.len()));
            let is_there = |there: &[u8]| there.iter().map(fold).eq(pattern.iter().copied());
            if there.is_some_and(is_there) {
                marks.add_all(of_pattern);
            }
        }
    }
}

/// Some bytes as one number, folded; fewer than there is room for are filled up.
#[inline]
fn gram(bytes: &[u8]) -> u32 {
    let mut all = [0; WIDTH_MAX];
    all[..bytes.len()].copy_from_slice(bytes);
    u32::from_le_bytes(all) | u32::from_le_bytes([FOLDED; WIDTH_MAX])
}

/// The place of a bit among so many words, a power of two.
#[inline]
fn place(gram: u32, words: usize) -> (usize, u32) {
    let hash = gram.wrapping_mul(0x9e37_79b1);
    ((hash >> 16) as usize & (words - 1), hash >> 10 & 63)
}

/// As many bytes are looked at in one place, if patterns are as long.
pub(super) const WIDTH_MAX: usize = 4;
