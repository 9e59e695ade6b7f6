//! The bytes around a violation, kept for `show errors`.

use alloc::vec::Vec;

/// Part of a message that broke the protocol.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capture {
    /// The bytes; at most [`Capture::BYTES_MAX`].
    pub bytes: Vec<u8>,
    /// Where the bytes begin, counted from the start of the head or trailer section; 0 in a body, of
    /// which only the bytes from the offending one on are kept.
    pub start: u32,
    /// Where the offending byte is, counted in the same way.
    pub offset: u32,
}

impl Capture {
    /// Most bytes kept.
    pub const BYTES_MAX: usize = 1024;

    /// Keeps what stands around `offset` in a section that begins with `taken` and goes on with `rest`.
    pub(crate) fn around(offset: u32, taken: &[u8], rest: &[u8]) -> Self {
        let at = (offset as usize).min(taken.len() + rest.len());
        let skipped = (at + BEHIND_BYTES).saturating_sub(Self::BYTES_MAX);
        let bytes = taken
            .iter()
            .chain(rest)
            .skip(skipped)
            .take(Self::BYTES_MAX)
            .copied()
            .collect();
        Self {
            bytes,
            start: skipped as u32,
            offset,
        }
    }
}

/// Bytes kept behind the offending one, if the message is that long.
const BEHIND_BYTES: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offending_byte_is_within() {
        let taken = [b'a'; 3000];
        let capture = Capture::around(2999, &taken, b"!rest");
        assert_eq!(capture.bytes.len(), Capture::BYTES_MAX - BEHIND_BYTES + 6);
        let capture = Capture::around(3000, &taken, b"!rest");
        assert_eq!(
            capture.bytes[(capture.offset - capture.start) as usize],
            b'!'
        );
    }

    #[test]
    fn short_messages_are_kept_whole() {
        let capture = Capture::around(3, b"GET", b"\t/");
        assert_eq!(capture.bytes, b"GET\t/");
        assert_eq!((capture.start, capture.offset), (0, 3));
    }
}
