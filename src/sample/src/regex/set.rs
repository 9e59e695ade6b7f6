//! Sets of bytes, and those that have names.

use core::ops::{Not, RangeInclusive};

/// A set of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Set([u64; 4]);

impl Set {
    /// Just `byte`.
    pub(super) fn of(byte: u8) -> Self {
        let mut set = Self::default();
        set.add(byte);
        set
    }

    /// All in some ranges.
    pub(super) fn ranges(ranges: &[RangeInclusive<u8>]) -> Self {
        let mut set = Self::default();
        for range in ranges {
            range.clone().for_each(|byte| set.add(byte));
        }
        set
    }

    pub(super) fn add(&mut self, byte: u8) {
        self.0[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }

    pub(super) fn add_all(&mut self, other: &Self) {
        self.0
            .iter_mut()
            .zip(other.0)
            .for_each(|(to, it)| *to |= it);
    }

    pub(super) fn has(&self, byte: u8) -> bool {
        self.0[usize::from(byte >> 6)] >> (byte & 63) & 1 != 0
    }

    /// The same with the other case of each letter of ASCII.
    pub(super) fn ignoring_case(&self) -> Self {
        let mut set = *self;
        for byte in 0..=255_u8 {
            if self.has(byte) {
                set.add(byte.to_ascii_lowercase());
                set.add(byte.to_ascii_uppercase());
            }
        }
        set
    }

    /// The bytes in it, as ranges in order.
    pub(super) fn to_ranges(self) -> impl Iterator<Item = (u8, u8)> {
        let mut next = 0_u16;
        core::iter::from_fn(move || {
            let has = |at: &u16| self.has(*at as u8);
            let first = (next..256).find(has)?;
            next = (first..256).find(|at| !has(at)).unwrap_or(256);
            Some((first as u8, (next - 1) as u8))
        })
    }

    /// The class of POSIX called `name`.
    pub(super) fn posix(name: &str) -> Option<Self> {
        Some(match name {
            "alpha" => Self::ranges(&[b'a'..=b'z', b'A'..=b'Z']),
            "lower" => Self::ranges(&[b'a'..=b'z']),
            "upper" => Self::ranges(&[b'A'..=b'Z']),
            "alnum" => Self::ranges(&[b'a'..=b'z', b'A'..=b'Z', b'0'..=b'9']),
            "ascii" => Self::ranges(&[0..=127]),
            "blank" => Self::ranges(&[b'\t'..=b'\t', b' '..=b' ']),
            "cntrl" => Self::ranges(&[0..=31, 127..=127]),
            "digit" => digits(),
            "graph" => Self::ranges(&[33..=126]),
            "print" => Self::ranges(&[32..=126]),
            "punct" => Self::ranges(&[33..=47, 58..=64, 91..=96, 123..=126]),
            "space" => spaces(),
            "word" => words(),
            "xdigit" => Self::ranges(&[b'0'..=b'9', b'a'..=b'f', b'A'..=b'F']),
            _ => return None,
        })
    }

    /// The set that the letter of an escape stands for.
    pub(super) fn escape(letter: u8) -> Option<Self> {
        Some(match letter {
            b'd' => digits(),
            b'D' => !digits(),
            b'w' => words(),
            b'W' => !words(),
            b's' => spaces(),
            b'S' => !spaces(),
            b'h' => horizontal(),
            b'H' => !horizontal(),
            b'v' => vertical(),
            b'V' => !vertical(),
            _ => return None,
        })
    }
}

impl Not for Set {
    type Output = Self;

    fn not(self) -> Self {
        Self(self.0.map(|bits| !bits))
    }
}

/// What `\b` takes for a part of a word.
pub(super) const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn digits() -> Set {
    Set::ranges(&[b'0'..=b'9'])
}

fn words() -> Set {
    Set::ranges(&[b'a'..=b'z', b'A'..=b'Z', b'0'..=b'9', b'_'..=b'_'])
}

/// With the vertical tab.
fn spaces() -> Set {
    Set::ranges(&[9..=13, b' '..=b' '])
}

/// With the space of Latin-1 that does not break.
fn horizontal() -> Set {
    Set::ranges(&[9..=9, b' '..=b' ', 0xa0..=0xa0])
}

/// With the next line of Latin-1.
pub(super) fn vertical() -> Set {
    Set::ranges(&[10..=13, 0x85..=0x85])
}
