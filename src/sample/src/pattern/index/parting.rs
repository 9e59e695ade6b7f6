//! What parts a value into segments, for patterns that are whole segments.

/// What parts a value into segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pattern) enum Parting {
    /// Slashes and question marks.
    Path,
    /// These, dots and colons.
    Domain,
}

impl Parting {
    #[inline]
    pub(super) fn parts(self, byte: u8) -> bool {
        let bit = match self {
            Self::Path => PATH,
            Self::Domain => DOMAIN,
        };
        KINDS[usize::from(byte)] & bit != 0
    }

    /// A pattern without what parts, at both ends.
    pub(in crate::pattern) fn trimmed(self, key: &[u8]) -> &[u8] {
        let begin = key.iter().position(|&byte| !self.parts(byte));
        let end = key.iter().rposition(|&byte| !self.parts(byte));
        match (begin, end) {
            (Some(begin), Some(end)) => &key[begin..=end],
            _ => &[],
        }
    }

    /// The first place from `from` on where a segment begins, if that is where one may: at the beginning or
    /// behind what parts. A place in front of what parts is none, so a pattern of which nothing is left is
    /// found only behind all segments: at the end, if what parts is in front of it.
    #[inline]
    pub(super) fn start(self, value: &[u8], from: usize) -> Option<usize> {
        let behind = from.checked_sub(1).map(|before| value[before]);
        let mut at = from;
        if behind.is_some_and(|byte| !self.parts(byte)) {
            while !self.parts(*value.get(at)?) {
                at += 1;
            }
        }
        while value.get(at).is_some_and(|&byte| self.parts(byte)) {
            at += 1;
        }
        Some(at)
    }
}

/// In [`KINDS`]: parts paths.
const PATH: u8 = 1;
/// In [`KINDS`]: parts names of domains, in addresses of the web.
const DOMAIN: u8 = 2;

/// For each byte, what it parts.
const KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    kinds[b'/' as usize] = PATH | DOMAIN;
    kinds[b'?' as usize] = PATH | DOMAIN;
    kinds[b'.' as usize] = DOMAIN;
    kinds[b':' as usize] = DOMAIN;
    kinds
};
