//! Where a run of bytes of one class ends, found eight bytes at a time.
//!
//! Names, values and targets are short: for most of them a call of `memchr` costs more than what it
//! saves. Each class has a quick test of eight bytes that may be too strict, and an exact one for the byte
//! where the quick one stopped.

use super::chars::{is_relaxed_target, is_target, is_token};
use memchr::memchr3;

/// Where the token that begins at `at` ends (RFC 9110 §5.6.2); at the end of `bytes` at the latest.
#[inline]
pub(crate) fn token_end(bytes: &[u8], at: usize) -> usize {
    end(bytes, at, neither_letter_nor_hyphen, is_token)
}

/// The same for a request-target; `relaxed` as in [`is_relaxed_target`].
#[inline]
pub(crate) fn target_end(bytes: &[u8], at: usize, relaxed: bool) -> usize {
    end(bytes, at, unlike_target, |byte| {
        is_target(byte) || (relaxed && is_relaxed_target(byte))
    })
}

/// Where the next NUL, carriage return or line feed stands; `None` if there is none.
#[inline]
pub(crate) fn value_end(bytes: &[u8], at: usize) -> Option<usize> {
    let near = &bytes[..bytes.len().min(at + NEAR_BYTES)];
    let found = end(near, at, |word| below(word, b'\r' + 1), is_in_value);
    if found < near.len() {
        return Some(found);
    }
    memchr3(0, b'\r', b'\n', &bytes[found..]).map(|more| found + more)
}

/// How far a value is searched before it counts as a long one, for which `memchr` is quicker.
const NEAR_BYTES: usize = 64;

fn is_in_value(byte: u8) -> bool {
    !matches!(byte, 0 | b'\r' | b'\n')
}

/// The first byte from `at` on that does not belong. In what `odd` returns, the lowest set bit is the
/// highest of the first byte in doubt.
#[inline(always)]
fn end(
    bytes: &[u8],
    mut at: usize,
    odd: impl Fn(u64) -> u64,
    belongs: impl Fn(u8) -> bool,
) -> usize {
    loop {
        for word in bytes[at..].as_chunks().0 {
            let odd = odd(u64::from_le_bytes(*word));
            if odd != 0 {
                at += odd.trailing_zeros() as usize / 8;
                break;
            }
            at += 8;
        }
        match bytes.get(at) {
            Some(byte) if belongs(*byte) => at += 1,
            Some(_) | None => return at,
        }
    }
}

/// Marks bytes less than `limit`, which is at most 128; above the first one it may mark others.
#[inline(always)]
fn below(word: u64, limit: u8) -> u64 {
    word.wrapping_sub(all(limit)) & !word & HIGHS
}

/// Marks all bytes but letters and hyphens. A byte from 128 on may carry over into the next, but
/// it is marked itself.
#[inline(always)]
fn neither_letter_nor_hyphen(word: u64) -> u64 {
    let lower = word | all(0x20);
    let from_a = lower.wrapping_add(all(128 - b'a'));
    let behind_z = lower.wrapping_add(all(127 - b'z'));
    let not_hyphen = (word ^ all(b'-')).wrapping_add(all(127));
    (word | ((!from_a | behind_z) & not_hyphen)) & HIGHS
}

/// Marks what stands in no request-target, or only in a relaxed one.
#[inline(always)]
fn unlike_target(word: u64) -> u64 {
    let number_sign = word ^ all(b'#');
    let delete = word ^ all(127);
    below(word, b'!') | below(number_sign, 1) | below(delete, 1) | (word & HIGHS)
}

/// A byte eight times.
const fn all(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

const HIGHS: u64 = all(128);

#[cfg(test)]
mod tests {
    use super::*;

    /// Each byte after each number of ordinary ones, with ordinary or odd ones behind it.
    #[test]
    fn the_end_is_where_the_first_byte_stands_that_does_not_belong() {
        for before in 0..80 {
            for byte in 0..=255 {
                for behind in [
                    &b""[..],
                    b"a",
                    b"aaaaaaaaa",
                    b"\0\0\0\0\0\0\0\0",
                    b"\xff: \r\n#!ab",
                ] {
                    let mut bytes = [b'a'; 80][..before].to_vec();
                    bytes.push(byte);
                    bytes.extend_from_slice(behind);
                    let first = |belongs: &dyn Fn(u8) -> bool| {
                        bytes.iter().position(|byte| !belongs(*byte))
                    };
                    let all = bytes.len();
                    assert_eq!(token_end(&bytes, 0), first(&is_token).unwrap_or(all));
                    assert_eq!(value_end(&bytes, 0), first(&is_in_value));
                    for relaxed in [false, true] {
                        let expected =
                            first(&|it| is_target(it) || (relaxed && is_relaxed_target(it)));
                        assert_eq!(target_end(&bytes, 0, relaxed), expected.unwrap_or(all));
                    }
                }
            }
        }
    }

    #[test]
    fn what_stands_before_is_not_looked_at() {
        assert_eq!(token_end(b"::name: v", 2), 6);
        assert_eq!(value_end(b"\r\nvalue\r\n", 2), Some(7));
        assert_eq!(value_end(b"value", 5), None);
        assert_eq!(token_end(b"", 0), 0);
    }
}
