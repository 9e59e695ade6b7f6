//! The word that was probably meant.

use alloc::vec;
use alloc::vec::Vec;

/// Longest word compared, in bytes; beyond it nothing is suggested.
const WORD_MAX: usize = 64;

/// The candidate closest to `word`, if any is close enough to be worth showing.
pub(crate) fn nearest<'c>(
    word: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    if word.len() < 2 || word.len() > WORD_MAX {
        return None;
    }
    let letters = letters(word);
    candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= WORD_MAX)
        .filter_map(|candidate| {
            let tolerated = tolerated(word.len().max(candidate.len()));
            // There are hundreds of candidates, and most are far away at a glance.
            let apart = word.len().abs_diff(candidate.len());
            if apart > tolerated || letters.apart(self::letters(candidate)) > tolerated {
                return None;
            }
            let distance = distance(word.as_bytes(), candidate.as_bytes());
            (distance <= tolerated).then_some((distance, candidate))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The letters of a word, as bits.
#[derive(Clone, Copy)]
struct Letters(u64);

fn letters(word: &str) -> Letters {
    let bit = |byte: u8| 1 << (byte.to_ascii_lowercase() % 64);
    Letters(word.bytes().fold(0, |bits, byte| bits | bit(byte)))
}

impl Letters {
    /// The edits there are at least: a letter that the other word lacks needs one.
    fn apart(self, other: Self) -> usize {
        let missing = |a: u64, b: u64| (a & !b).count_ones() as usize;
        missing(self.0, other.0).max(missing(other.0, self.0))
    }
}

/// A third of the letters may be wrong.
fn tolerated(length: usize) -> usize {
    (length / 3).max(1)
}

/// Edits between two words: insert, delete, replace, or swap of two neighbours.
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut before: Vec<usize> = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut row = vec![0; b.len() + 1];
    for i in 1..=a.len() {
        row[0] = i;
        for j in 1..=b.len() {
            let same = usize::from(!a[i - 1].eq_ignore_ascii_case(&b[j - 1]));
            let mut best = (last[j] + 1).min(row[j - 1] + 1).min(last[j - 1] + same);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row[j] = best;
        }
        core::mem::swap(&mut before, &mut last);
        core::mem::swap(&mut last, &mut row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::{distance, letters, nearest};

    #[test]
    fn a_swap_is_one_mistake_and_far_words_are_not_suggested() {
        let words = ["bind", "balance", "backlog", "mode"];
        assert_eq!(nearest("bnid", words), Some("bind"));
        assert_eq!(nearest("balnce", words), Some("balance"));
        assert_eq!(nearest("zzzzzz", words), None);
        assert_eq!(nearest("x", words), None);
    }

    #[test]
    fn words_are_never_closer_than_their_letters_say() {
        let words = [
            "bind", "BIND", "bnid", "mode", "timeout", "time-out", "maxconn", "xx",
        ];
        for a in words {
            for b in words {
                let least = letters(a).apart(letters(b));
                assert!(distance(a.as_bytes(), b.as_bytes()) >= least, "{a} {b}");
            }
        }
    }
}
