//! A JSON text as tokens.

use super::number;
use core::ops::Range;

/// A token.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// `{` or `[`
    Open { at: usize, array: bool },
    /// `}` or `]`
    Close { at: usize, array: bool },
    /// `,`
    Comma,
    /// What stands between the quotes of a member's name.
    Key(Range<usize>),
    /// What stands between the quotes of a string.
    Text(Range<usize>),
    /// `true` or `false`
    Bool(bool),
    /// `null`
    Null,
    /// A number.
    Number { start: usize, value: f64 },
}

/// The tokens of a text up to the first that cannot stand where it does, which is nothing.
pub(super) struct Tokens<'t> {
    text: &'t [u8],
    at: usize,
    expects: Expects,
    /// For each container that is open, whether it is an array: one bit each.
    arrays: u32,
    depth: u32,
}

#[derive(Clone, Copy)]
enum Expects {
    Value,
    Key,
    Colon,
    CommaOrEnd,
    /// Nothing: the text is over.
    Over,
}

/// Containers within containers.
const DEPTH_MAX: u32 = 20;

impl<'t> Tokens<'t> {
    pub(super) const fn new(text: &'t [u8]) -> Self {
        Self {
            text,
            at: 0,
            expects: Expects::Value,
            arrays: 0,
            depth: 0,
        }
    }

    /// The next token; nothing where there is none that may stand here.
    fn token(&mut self) -> Option<Token> {
        loop {
            let at = self.at;
            let byte = *self.text.get(at)?;
            self.at += 1;
            match (self.expects, byte) {
                (_, b' ' | b'\t' | b'\n' | b'\r') => {}
                (Expects::Value, b'{' | b'[') => return self.open(at, byte == b'['),
                (Expects::Value, b']') => return self.close(at, true),
                (Expects::Value, _) => return self.value(at, byte),
                (Expects::Key, b'"') => {
                    self.expects = Expects::Colon;
                    return Some(Token::Key(self.string()?));
                }
                (Expects::Key, b'}') => return self.close(at, false),
                (Expects::Colon, b':') => self.expects = Expects::Value,
                (Expects::CommaOrEnd, b',') => {
                    self.expects = match self.in_array() {
                        true => Expects::Value,
                        false => Expects::Key,
                    };
                    return Some(Token::Comma);
                }
                (Expects::CommaOrEnd, b']' | b'}') => return self.close(at, byte == b']'),
                (Expects::Key | Expects::Colon | Expects::CommaOrEnd | Expects::Over, _) => {
                    return None;
                }
            }
        }
    }

    const fn in_array(&self) -> bool {
        self.arrays & 1 == 1
    }

    fn open(&mut self, at: usize, array: bool) -> Option<Token> {
        if self.depth == DEPTH_MAX {
            return None;
        }
        self.depth += 1;
        self.arrays = self.arrays << 1 | u32::from(array);
        self.expects = match array {
            true => Expects::Value,
            false => Expects::Key,
        };
        Some(Token::Open { at, array })
    }

    fn close(&mut self, at: usize, array: bool) -> Option<Token> {
        if self.depth == 0 || self.in_array() != array {
            return None;
        }
        self.depth -= 1;
        self.arrays >>= 1;
        self.ended();
        Some(Token::Close { at, array })
    }

    const fn ended(&mut self) {
        self.expects = match self.depth {
            0 => Expects::Over,
            _ => Expects::CommaOrEnd,
        };
    }

    fn value(&mut self, at: usize, byte: u8) -> Option<Token> {
        let rest = &self.text[at..];
        let token = match byte {
            b'"' => Token::Text(self.string()?),
            b'-' | b'0'..=b'9' => {
                // What is no number after all takes up nothing: it may be asked for, but nothing can
                // follow it.
                let (value, taken) = number::read(rest);
                self.at = at + taken;
                Token::Number { start: at, value }
            }
            _ => {
                let words: [(&[u8], Token); 3] = [
                    (b"true", Token::Bool(true)),
                    (b"false", Token::Bool(false)),
                    (b"null", Token::Null),
                ];
                let (word, token) = words.into_iter().find(|it| rest.starts_with(it.0))?;
                self.at = at + word.len();
                token
            }
        };
        self.ended();
        Some(token)
    }

    /// What stands between the quote that was read and the next one.
    fn string(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        loop {
            match self.text.get(self.at..)? {
                [b'"', ..] => {
                    self.at += 1;
                    return Some(start..self.at - 1);
                }
                [b'\\', byte, ..] if escaped(*byte).is_some() => self.at += 2,
                [] | [0, ..] => return None,
                _ => self.at += 1,
            }
        }
    }
}

impl Iterator for Tokens<'_> {
    type Item = Option<Token>;

    fn next(&mut self) -> Option<Self::Item> {
        if matches!(self.expects, Expects::Over) {
            return None;
        }
        let token = self.token();
        if token.is_none() {
            self.expects = Expects::Over;
        }
        Some(token)
    }
}

/// What a backslash and this letter stand for.
pub(super) const fn escaped(letter: u8) -> Option<u8> {
    Some(match letter {
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'\\' => b'\\',
        b'"' => b'"',
        _ => return None,
    })
}
