//! Templates: what a match is replaced by.

use super::Captures;
use alloc::vec::Vec;

/// A template has a backslash with nothing behind it that could be meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meaningless;

/// Writes a template in which `\0` to `\9` stand for what groups of the match in `text` are, `\xHH` for a
/// byte, and a backslash and any other character for that. Ends once there are `most` bytes: what would be
/// beyond is not wanted. Nothing is written of a template that means nothing.
pub fn expand(
    template: &[u8],
    text: &[u8],
    found: &Captures,
    most: usize,
    to: &mut Vec<u8>,
) -> Result<(), Meaningless> {
    let begin = to.len();
    let mut rest = template;
    while to.len() < most {
        rest = match rest {
            [] => break,
            [b'\\', digit @ b'0'..=b'9', after @ ..] => {
                let group = found.group(usize::from(digit - b'0'));
                let (begin, end) = group.unwrap_or_default();
                to.extend_from_slice(&text[begin..end]);
                after
            }
            [b'\\', b'x', digits @ ..] => {
                let Some((byte, after)) = hex(digits) else {
                    to.truncate(begin);
                    return Err(Meaningless);
                };
                to.push(byte);
                after
            }
            [b'\\'] => {
                to.truncate(begin);
                return Err(Meaningless);
            }
            [b'\\', byte, after @ ..] | [byte, after @ ..] => {
                to.push(*byte);
                after
            }
        };
    }
    Ok(())
}

/// The byte that two digits stand for, and what follows them.
fn hex(digits: &[u8]) -> Option<(u8, &[u8])> {
    let ([high, low], after) = digits.split_first_chunk()?;
    let digit = |digit: &u8| char::from(*digit).to_digit(16);
    Some(((digit(high)? << 4 | digit(low)?) as u8, after))
}
