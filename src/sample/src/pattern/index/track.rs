//! Eight bytes of a text at a time, in the direction in which patterns are looked for.

use message::capitals;

/// A text that is walked along.
#[derive(Clone, Copy, Debug)]
pub(super) struct Track<'t> {
    text: &'t [u8],
    /// Letters of ASCII are small ones.
    folded: bool,
    /// From its end to its beginning.
    backward: bool,
}

impl<'t> Track<'t> {
    pub(super) fn new(text: &'t [u8], folded: bool, backward: bool) -> Self {
        Self {
            text,
            folded,
            backward,
        }
    }

    /// The piece behind so many bytes, the first byte in the lowest place and zeros behind the last, and
    /// how many bytes there are of it.
    pub(super) fn piece(&self, at: usize) -> (u64, usize) {
        let rest = self.text.len() - at;
        let bytes = rest.min(PIECE);
        if bytes == 0 {
            return (0, 0);
        }
        let (from, to) = match self.backward {
            false => (at, at + bytes),
            true => (rest - bytes, rest),
        };
        // A whole word with the piece at its end, or at its beginning.
        let word = match self.backward {
            false => to.checked_sub(PIECE).map(|start| &self.text[start..to]),
            true => self.text.get(from..from + PIECE),
        };
        let word = word.and_then(<[u8]>::first_chunk);
        let spare = u8::BITS * (PIECE - bytes) as u32;
        let piece = match (word, self.backward) {
            (Some(word), false) => u64::from_le_bytes(*word) >> spare,
            (Some(word), true) => u64::from_be_bytes(*word) >> spare,
            (None, false) => put_together(self.text[from..to].iter().rev()),
            (None, true) => put_together(self.text[from..to].iter()),
        };
        match self.folded {
            true => (piece | capitals(piece) >> 2, bytes),
            false => (piece, bytes),
        }
    }
}

/// A word out of the bytes of a piece, the last of it first.
fn put_together<'b>(bytes: impl Iterator<Item = &'b u8>) -> u64 {
    bytes.fold(0, |word, &byte| word << u8::BITS | u64::from(byte))
}

/// Bytes of a piece that is not the last of a text.
pub(super) const PIECE: usize = 8;

#[cfg(test)]
mod tests {
    use super::{PIECE, Track};
    use alloc::vec::Vec;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_pieces_of_a_text_are_the_text(
            text in prop::collection::vec(any::<u8>(), 0..30),
            folded: bool,
            backward: bool,
        ) {
            let track = Track::new(&text, folded, backward);
            let mut expected = text.clone();
            if folded {
                expected.make_ascii_lowercase();
            }
            if backward {
                expected.reverse();
            }
            // From wherever one begins.
            for from in 0..=text.len() {
                let mut read = Vec::new();
                loop {
                    let (piece, bytes) = track.piece(from + read.len());
                    let all = piece.to_le_bytes();
                    prop_assert!(all[bytes..].iter().all(|&byte| byte == 0));
                    read.extend_from_slice(&all[..bytes]);
                    if bytes < PIECE {
                        break;
                    }
                }
                prop_assert_eq!(&read, &expected[from..]);
            }
        }
    }
}
