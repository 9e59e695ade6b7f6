//! JSON texts (RFC 8259) as far as `json_query` reads them: as leniently as the reference, whose answers
//! are those of its parser `mjson`, oddities included.

mod number;
mod tokens;

pub(crate) use number::put_number;

use alloc::vec::Vec;
use core::ops::Range;
use tokens::{Token, Tokens};

/// What is at a path.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Found {
    /// `true` or `false`
    Bool(bool),
    /// A number.
    Number {
        /// Where it begins.
        start: usize,
        /// What it is.
        value: f64,
    },
    /// What stands between the quotes of a string.
    Text(Range<usize>),
    /// An array with its brackets.
    Array(Range<usize>),
}

/// The value at `path` (`$`, then `.name` or `[index]` again and again). What follows it is not looked
/// at; objects and `null` are none.
pub(crate) fn find(text: &[u8], path: &[u8]) -> Option<Found> {
    let mut search = Search {
        path: path.strip_prefix(b"$")?,
        depth: 0,
        wanted: 0,
        index: 0,
        wanted_index: 0,
        container: None,
    };
    for token in Tokens::new(text) {
        let token = token?;
        if let Some(step) = search.take(token, text) {
            return match step {
                Step::Nothing => None,
                Step::Array(range) => Some(Found::Array(range)),
                Step::Here(Token::Bool(it)) => Some(Found::Bool(it)),
                Step::Here(Token::Number { start, value }) => Some(Found::Number { start, value }),
                Step::Here(Token::Text(range)) => Some(Found::Text(range)),
                Step::Here(_) => None,
            };
        }
    }
    None
}

/// Adds to `out` what stands for itself between the quotes of a string; nothing if there is an escape
/// that stands for no single byte.
pub(crate) fn unescape(inside: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut rest = inside;
    loop {
        rest = match rest {
            [] => return Some(()),
            [b'\\', b'u', b'0', b'0', high, low, after @ ..] => {
                out.push(digit(*high) << 4 | digit(*low));
                after
            }
            [b'\\', b'u', _, _, _, _, ..] => return None,
            [b'\\', escaped, after @ ..] => {
                out.push(tokens::escaped(*escaped)?);
                after
            }
            [byte, after @ ..] => {
                out.push(*byte);
                after
            }
        };
    }
}

/// A hexadecimal digit; of what is none, what the reference's arithmetic makes of it.
const fn digit(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' => byte - b'W',
        b'A'..=b'Z' => byte - b'7',
        _ => byte.wrapping_sub(b'0'),
    }
}

/// How far the walk along the path has come.
struct Search<'p> {
    /// What is left of it.
    path: &'p [u8],
    /// How many containers are open.
    depth: usize,
    /// How many the path has led into.
    wanted: usize,
    /// Which element of the array it is in.
    index: u64,
    /// Which it looks for.
    wanted_index: u64,
    /// Where the container that the path ends at begins.
    container: Option<usize>,
}

/// What a token decides.
enum Step {
    /// There is nothing at the path.
    Nothing,
    /// This is it.
    Here(Token),
    /// This is it.
    Array(Range<usize>),
}

impl Search<'_> {
    fn take(&mut self, token: Token, text: &[u8]) -> Option<Step> {
        match token {
            Token::Open { at, array } => {
                if array && self.depth == self.wanted {
                    self.enter_array();
                }
                if self.path.is_empty() && self.depth == self.wanted {
                    self.container = Some(at);
                }
                self.depth += 1;
                None
            }
            Token::Comma => {
                if self.depth == self.wanted + 1 {
                    self.next_element();
                }
                None
            }
            Token::Key(key) => self.key(&text[key]),
            Token::Close { at, array } => {
                self.depth = self.depth.saturating_sub(1);
                let ends = self.path.is_empty() && self.depth == self.wanted;
                let start = self.container.filter(|_| ends)?;
                Some(match array {
                    true => Step::Array(start..at + 1),
                    false => Step::Nothing,
                })
            }
            Token::Bool(_) | Token::Null | Token::Number { .. } | Token::Text(_) => {
                let here = self.depth == self.wanted && self.path.is_empty();
                here.then_some(Step::Here(token))
            }
        }
    }

    /// The first element of an array whose turn it is. What stands between the brackets is read as a
    /// number, and for the first element taken to be one digit.
    fn enter_array(&mut self) {
        let Some(index) = self.path.strip_prefix(b"[") else {
            return;
        };
        self.index = 0;
        let (number, _) = number::read(index);
        self.wanted_index = if number >= 0.0 {
            number as u64
        } else {
            u64::MAX
        };
        if self.wanted_index == 0 {
            self.wanted += 1;
            self.path = self.path.get(3..).unwrap_or_default();
        }
    }

    /// The next element of an array, or member of an object.
    fn next_element(&mut self) {
        self.index += 1;
        if self.index == self.wanted_index {
            let end = memchr::memchr(b']', self.path);
            self.path = end.map_or(&[], |end| &self.path[end + 1..]);
            self.wanted += 1;
        }
    }

    fn key(&mut self, key: &[u8]) -> Option<Step> {
        if self.depth == self.wanted + 1
            && let [b'.', path @ ..] = self.path
        {
            let (name, rest) = name(path);
            if is(key, name) {
                self.wanted += 1;
                self.path = rest;
                return None;
            }
        }
        (self.depth == self.wanted).then_some(Step::Nothing)
    }
}

/// The name that a path goes on with, up to a dot or a bracket that no backslash stands before.
fn name(path: &[u8]) -> (&[u8], &[u8]) {
    let mut at = 0;
    while let Some(byte) = path.get(at) {
        match byte {
            b'.' | b'[' => break,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    path.split_at(at.min(path.len()))
}

/// Whether `key` is the `name` of a path, whose backslashes are left out.
fn is(key: &[u8], name: &[u8]) -> bool {
    let mut name = name.iter();
    let mut plain = core::iter::from_fn(|| match name.next()? {
        b'\\' => name.next(),
        byte => Some(byte),
    });
    key.iter().all(|byte| plain.next() == Some(byte)) && plain.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_beyond_an_empty_array_finds_what_comes_later_at_that_depth() {
        let text = br#"{"l":[],"p":["s"]}"#;
        assert_eq!(find(text, b"$.l[0]"), Some(Found::Text(14..15)));
    }

    #[test]
    fn what_follows_the_value_is_not_looked_at() {
        let value = Found::Number {
            start: 5,
            value: 1.0,
        };
        assert_eq!(find(br#"{"a":1 and so on"#, b"$.a"), Some(value));
        assert_eq!(find(br#"{"b":1 and so on"#, b"$.a"), None);
    }
}
