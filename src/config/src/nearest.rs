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
    candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= WORD_MAX)
        .map(|candidate| (distance(word.as_bytes(), candidate.as_bytes()), candidate))
        .filter(|(distance, candidate)| *distance <= tolerated(word.len().max(candidate.len())))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
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
    use super::nearest;

    #[test]
    fn a_swap_is_one_mistake_and_far_words_are_not_suggested() {
        let words = ["bind", "balance", "backlog", "mode"];
        assert_eq!(nearest("bnid", words), Some("bind"));
        assert_eq!(nearest("balnce", words), Some("balance"));
        assert_eq!(nearest("zzzzzz", words), None);
        assert_eq!(nearest("x", words), None);
    }
}
