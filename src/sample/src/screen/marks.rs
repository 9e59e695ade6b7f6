//! Which rules of a screen are meant.

/// A set of rules, by their places in a screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks([u64; WORDS]);

impl Marks {
    /// Just this one.
    pub(super) fn of(rule: usize) -> Self {
        let mut marks = Self::default();
        marks.add(rule);
        marks
    }

    pub(super) fn add(&mut self, rule: usize) {
        self.0[rule / BITS] |= 1 << (rule % BITS);
    }

    pub(super) fn add_all(&mut self, others: &Self) {
        let words = self.0.iter_mut().zip(others.0);
        words.for_each(|(word, other)| *word |= other);
    }

    pub(super) fn has(&self, rule: usize) -> bool {
        self.0[rule / BITS] >> (rule % BITS) & 1 == 1
    }

    pub(super) fn has_all(&self, others: &Self) -> bool {
        let mut words = self.0.iter().zip(others.0);
        words.all(|(word, other)| other & !word == 0)
    }

    /// How many there are.
    pub(super) fn count(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    /// The first one that is not in front of `rule`.
    pub(super) fn next(&self, rule: usize) -> Option<usize> {
        let mut at = rule / BITS;
        let mut word = *self.0.get(at)? & u64::MAX << (rule % BITS);
        while word == 0 {
            at += 1;
            word = *self.0.get(at)?;
        }
        Some(at * BITS + word.trailing_zeros() as usize)
    }
}

/// Rules of one screen at most.
pub(super) const RULES_MAX: usize = WORDS * BITS;

const WORDS: usize = 4;
const BITS: usize = u64::BITS as usize;

#[cfg(test)]
mod tests {
    use super::{Marks, RULES_MAX};

    #[test]
    fn the_next_one_is_found_in_any_word() {
        let mut marks = Marks::of(3);
        marks.add(64);
        marks.add(RULES_MAX - 1);
        let from = |rule| marks.next(rule);
        assert_eq!(
            [from(0), from(3), from(4), from(64)],
            [3, 3, 64, 64].map(Some)
        );
        assert_eq!([from(65), from(RULES_MAX - 1)], [Some(RULES_MAX - 1); 2]);
        assert_eq!(from(RULES_MAX), None);
        assert_eq!(Marks::of(3).next(4), None);
        assert_eq!(marks.count(), 3);
    }
}
