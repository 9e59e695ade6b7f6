//! Conditions of `.if`, `.elif` and `-cc` (configuration.txt §2.4).
//!
//! `||` binds weaker than `&&`, `!` strongest. Both sides are always read, so that a mistake is found
//! even where its value does not matter.

mod arguments;
mod predicates;

#[cfg(test)]
mod tests;

use alloc::format;
use alloc::string::String;
use predicates::Predicate;

/// Parentheses and negations inside each other.
const DEPTH_MAX: usize = 64;

/// Why a condition has no value, and the byte where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BadCondition {
    pub message: String,
    /// The first byte that is wrong, and how many are.
    pub at: usize,
    pub length: usize,
    pub reason: &'static str,
    /// The predicate that was probably meant.
    pub nearest: Option<&'static str>,
}

/// The value of a condition; an empty one is false.
pub(crate) fn evaluate(
    text: &str,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<bool, BadCondition> {
    let mut parser = Parser {
        text,
        at: 0,
        depth: 0,
        env,
    };
    parser.skip_spaces();
    if parser.rest().is_empty() {
        return Ok(false);
    }
    let value = parser.or()?;
    match parser.rest().chars().next() {
        None => Ok(value),
        Some(c) => Err(BadCondition {
            message: format!(
                "unexpected character '{c}' at the end of conditional expression '{text}'"
            ),
            at: parser.at,
            length: c.len_utf8(),
            reason: "the condition is complete before this",
            nearest: None,
        }),
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
    env: &'t dyn Fn(&str) -> Option<String>,
}

impl<'t> Parser<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn skip_spaces(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t']).len();
    }

    /// Steps over `token` if it comes next.
    fn take(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
            self.skip_spaces();
        }
        found
    }

    fn or(&mut self) -> Result<bool, BadCondition> {
        let mut value = self.and()?;
        while self.take("||") {
            value |= self.and()?;
        }
        Ok(value)
    }

    fn and(&mut self) -> Result<bool, BadCondition> {
        let mut value = self.term()?;
        while self.take("&&") {
            value &= self.term()?;
        }
        Ok(value)
    }

    fn term(&mut self) -> Result<bool, BadCondition> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.unparsable());
        }
        let value = if self.take("!") {
            !self.term()?
        } else if self.take("(") {
            let value = self.or()?;
            if !self.take(")") {
                return Err(BadCondition {
                    message: format!("missing ')' in conditional expression '{}'", self.text),
                    at: self.at,
                    length: 1,
                    reason: "a parenthesis is not closed",
                    nearest: None,
                });
            }
            value
        } else {
            self.word()?
        };
        self.depth -= 1;
        Ok(value)
    }

    /// An integer or a predicate.
    fn word(&mut self) -> Result<bool, BadCondition> {
        let rest = self.rest();
        let unsigned = rest.strip_prefix(['-', '+']).unwrap_or(rest);
        let digits = unsigned.len()
            - unsigned
                .trim_start_matches(|c: char| c.is_ascii_digit())
                .len();
        if digits > 0 {
            let value = unsigned[..digits].bytes().any(|digit| digit != b'0');
            self.at += rest.len() - unsigned.len() + digits;
            self.skip_spaces();
            return Ok(value);
        }
        let length = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(rest.len());
        let predicate = Predicate::of(&rest[..length]).ok_or_else(|| self.unparsable())?;
        let mut after = self.at + length;
        let mut given = alloc::vec::Vec::new();
        if self.text[after..].starts_with('(') {
            let list = arguments::read(self.text, after + 1)?;
            after = list.end;
            given = list.arguments;
        }
        let value = predicate
            .evaluate(&given, self.env)
            .map_err(|message| BadCondition {
                message: format!("{message} in conditional expression '{}'", self.text),
                at: self.at,
                length: after - self.at,
                reason: "these arguments do not fit",
                nearest: None,
            })?;
        self.at = after;
        self.skip_spaces();
        Ok(value)
    }

    fn unparsable(&self) -> BadCondition {
        let rest = self.rest();
        let name = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .map_or(rest, |end| &rest[..end]);
        BadCondition {
            message: format!("unparsable conditional expression '{rest}'"),
            at: self.at,
            length: name.len().max(1),
            reason: "an integer, a predicate, '!' or '(' is expected",
            nearest: crate::nearest::nearest(name, predicates::names()),
        }
    }
}
