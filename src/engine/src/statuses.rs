//! Sets of status codes: what counts as an error of clients, what as a failure of servers.

use core::ops::RangeInclusive;

/// A set of status codes from 100 to 599.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statuses([u64; 8]);

impl Statuses {
    /// All that can be in it.
    pub const RANGE: RangeInclusive<u16> = 100..=599;

    /// `http-err-codes` where nothing is said: 400 to 499.
    pub fn errors() -> Self {
        let mut set = Self::default();
        set.set(400..=499, true);
        set
    }

    /// `http-fail-codes` where nothing is said: 500 to 599 but for what clients can bring about, 501
    /// and 505.
    pub fn failures() -> Self {
        let mut set = Self::default();
        set.set(500..=599, true);
        set.set(501..=501, false);
        set.set(505..=505, false);
        set
    }

    /// Puts codes in or takes them out.
    pub fn set(&mut self, codes: RangeInclusive<u16>, is_in: bool) {
        for code in codes {
            if let Some((word, bit)) = place(code) {
                match is_in {
                    true => self.0[word] |= bit,
                    false => self.0[word] &= !bit,
                }
            }
        }
    }

    /// Whether a code is in it.
    pub fn contains(&self, code: u16) -> bool {
        place(code).is_some_and(|(word, bit)| self.0[word] & bit != 0)
    }
}

fn place(code: u16) -> Option<(usize, u64)> {
    let at = Statuses::RANGE.contains(&code).then(|| code - 100)?;
    Some((usize::from(at / 64), 1 << (at % 64)))
}

#[cfg(test)]
mod tests {
    use super::Statuses;
    use alloc::vec::Vec;

    #[test]
    fn codes_are_in_what_they_were_put_in() {
        let errors: Vec<u16> = (0..1000)
            .filter(|it| Statuses::errors().contains(*it))
            .collect();
        assert!(errors.into_iter().eq(400..=499));
        let failures: Vec<u16> = (0..1000)
            .filter(|it| Statuses::failures().contains(*it))
            .collect();
        assert!(
            failures
                .into_iter()
                .eq((500..=599).filter(|it| ![501, 505].contains(it)))
        );
        let mut set = Statuses::default();
        set.set(599..=599, true);
        set.set(0..=100, true);
        let all: Vec<u16> = (0..1000).filter(|it| set.contains(*it)).collect();
        assert_eq!(all, [100, 599]);
    }
}
