//! Reads what a backslash begins.

use super::node::{Case, Edge, Node};
use super::parse::{Parser, Piece, bytes};
use super::set::{Set, vertical};
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;

impl Parser<'_> {
    /// What a backslash begins outside of a class.
    pub(super) fn escape(&mut self) -> Result<Piece, String> {
        let Some(byte) = self.next() else {
            return Err("\\ at end of pattern".to_owned());
        };
        if let Some(set) = Set::escape(byte) {
            return Ok(Piece::repeatable(bytes(set)));
        }
        let edge = match byte {
            b'A' | b'G' => Some(Edge::Start),
            b'z' => Some(Edge::End),
            b'Z' => Some(Edge::Dollar),
            b'b' => Some(Edge::Word),
            b'B' => Some(Edge::NotWord),
            _ => None,
        };
        if let Some(edge) = edge {
            return Ok(Piece::once(Node::Edge(edge)));
        }
        match byte {
            b'K' => Ok(Piece::once(Node::Keep)),
            b'N' if self.peek() != Some(b'{') => Ok(Piece::repeatable(bytes(!Set::of(b'\n')))),
            b'C' => Ok(Piece::repeatable(bytes(!Set::default()))),
            b'R' => Ok(Piece::repeatable(newline())),
            b'k' => {
                let end = match self.next() {
                    Some(b'<') => b'>',
                    Some(b'\'') => b'\'',
                    Some(b'{') => b'}',
                    _ => return Err("\\k is not followed by a name".to_owned()),
                };
                let name = self.name(end)?;
                self.named(&name)
            }
            b'g' => self.back_by_number_or_name(),
            b'1'..=b'9' => {
                let begin = self.at - 1;
                self.at = begin;
                let number = self.decimal().unwrap_or(0);
                if number < 10 || number <= self.groups_whole {
                    return self.back(number);
                }
                self.at = begin;
                match self.octal(3) {
                    Some(code) => self.code(code).map(|byte| self.literal(byte)),
                    None => Err("reference to non-existent subpattern".to_owned()),
                }
            }
            byte => {
                let byte = self.character(byte)?;
                Ok(self.literal(byte))
            }
        }
    }

    /// `\g1`, `\g{1}`, `\g{-1}`, `\g{name}`
    fn back_by_number_or_name(&mut self) -> Result<Piece, String> {
        if matches!(self.peek(), Some(b'<' | b'\'')) {
            return Err("recursion is not supported".to_owned());
        }
        let inside = if self.take("{") {
            self.until(b'}').unwrap_or_default()
        } else {
            let begin = self.at;
            self.take("-");
            self.decimal();
            core::str::from_utf8(&self.text[begin..self.at]).unwrap_or_default()
        };
        let relative = inside.strip_prefix('-').map(str::parse::<u32>);
        match (relative, inside.parse::<u32>()) {
            (Some(Ok(back)), _) => match (self.groups + 1).checked_sub(back) {
                Some(number) => self.back(number),
                None => Err("reference to non-existent subpattern".to_owned()),
            },
            (None, Ok(number)) => self.back(number),
            (Some(Err(_)), _) | (None, Err(_)) => {
                let name = inside.to_owned();
                self.named(&name)
            }
        }
    }

    pub(super) fn named(&mut self, name: &str) -> Result<Piece, String> {
        let known = self.names.iter().find(|known| known.0 == name);
        let number = known.ok_or("reference to non-existent subpattern")?.1;
        self.back(number)
    }

    fn back(&self, number: u32) -> Result<Piece, String> {
        if number == 0 || number > self.groups_whole {
            return Err("reference to non-existent subpattern".to_owned());
        }
        let case = if self.options.ignore_case {
            Case::Ignored
        } else {
            Case::Counts
        };
        Ok(Piece::repeatable(Node::Back(number, case)))
    }

    /// The character that a backslash and `byte`, which was taken, stand for.
    pub(super) fn character(&mut self, byte: u8) -> Result<u8, String> {
        let code = match byte {
            b'a' => 7,
            b'e' => 0x1b,
            b'f' => 0x0c,
            b'n' => u32::from(b'\n'),
            b'r' => u32::from(b'\r'),
            b't' => u32::from(b'\t'),
            b'0' => {
                self.at -= 1;
                self.octal(3).unwrap_or(0)
            }
            b'o' => {
                let digits = if self.take("{") {
                    self.until(b'}')
                } else {
                    None
                };
                let code = digits.and_then(|it| u32::from_str_radix(it, 8).ok());
                code.ok_or("\\o is not followed by {octal digits}")?
            }
            b'x' if self.take("{") => {
                let code = self
                    .until(b'}')
                    .and_then(|it| u32::from_str_radix(it, 16).ok());
                code.ok_or("\\x{ is not followed by hexadecimal digits and }")?
            }
            b'x' => {
                let mut code = 0;
                for _ in 0..2 {
                    let digit = self.peek().and_then(|it| char::from(it).to_digit(16));
                    let Some(digit) = digit else { break };
                    code = code * 16 + digit;
                    self.at += 1;
                }
                code
            }
            b'c' => match self.next() {
                Some(letter @ b' '..=b'~') => u32::from(letter.to_ascii_uppercase() ^ 64),
                _ => return Err("\\c is not followed by a printable character".to_owned()),
            },
            b'p' | b'P' | b'X' => {
                return Err("properties of Unicode characters are not supported".to_owned());
            }
            byte if byte.is_ascii_alphanumeric() => {
                return Err("unrecognized character follows \\".to_owned());
            }
            byte => u32::from(byte),
        };
        self.code(code)
    }

    fn code(&self, code: u32) -> Result<u8, String> {
        u8::try_from(code).map_err(|_| "character code is too large".to_owned())
    }

    /// Up to `digits` octal digits; none if there are none.
    pub(super) fn octal(&mut self, digits: usize) -> Option<u32> {
        let mut code = None;
        for _ in 0..digits {
            let digit = self.peek().and_then(|it| char::from(it).to_digit(8));
            let Some(digit) = digit else { break };
            code = Some(code.unwrap_or(0) * 8 + digit);
            self.at += 1;
        }
        code
    }
}

/// `\R`: a newline of any kind, the two of DOS at once.
fn newline() -> Node {
    let dos = [b'\r', b'\n'].map(|byte| bytes(Set::of(byte))).into();
    let either = [Node::All(dos), bytes(vertical())].into();
    Node::Atomic(Box::new(Node::Any(either)))
}
