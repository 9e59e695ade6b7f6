//! Words into conditions.

use super::test::{BadTest, Test};
use super::{Acls, Condition, Term};
use crate::expr::{Ground, Unknown};
use crate::names::Names;
use crate::pattern;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Why words are no condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadCondition {
    /// The first and the last of the words it is about; `if` is the first of all.
    pub words: (usize, usize),
    /// Where in the first of them it begins to be wrong, bytes.
    pub at: usize,
    /// What is wrong, a sentence without a full stop.
    pub message: String,
    /// What the word may have been meant to be.
    pub unknown: Option<Unknown>,
}

impl Condition {
    /// Reads `if` or `unless` and what follows. What a person would want to know about it comes back
    /// too.
    pub fn parse(
        words: &[&str],
        ground: &Ground,
        acls: &Acls,
        names: &mut dyn Names,
    ) -> Result<(Self, Vec<String>), BadCondition> {
        let unless = match words.first() {
            Some(&"if") => false,
            Some(&"unless") => true,
            _ => {
                return Err(wrong(
                    0,
                    "conditions must start with either 'if' or 'unless'",
                ));
            }
        };
        let mut parser = Parser {
            words,
            next: 1,
            ground,
            acls,
            names,
            remarks: Vec::new(),
        };
        let mut suites: Vec<Vec<Term>> = Vec::new();
        let mut open = false;
        while let Some(piece) = parser.piece()? {
            match piece {
                Piece::Or => open = false,
                Piece::Term(term) => {
                    match suites.last_mut().filter(|_| open) {
                        Some(suite) => suite.push(term),
                        None => suites.push(Vec::from([term])),
                    }
                    open = true;
                }
            }
        }
        let suites = suites.into_iter().map(Vec::into_boxed_slice).collect();
        Ok((Self { unless, suites }, parser.remarks))
    }
}

struct Parser<'p> {
    words: &'p [&'p str],
    next: usize,
    ground: &'p Ground,
    acls: &'p Acls,
    names: &'p mut dyn Names,
    remarks: Vec<String>,
}

enum Piece {
    Or,
    Term(Term),
}

impl Parser<'_> {
    /// The next term or `or`. Marks of exclamation may stand alone, or in front of a word.
    fn piece(&mut self) -> Result<Option<Piece>, BadCondition> {
        let mut negated = false;
        loop {
            let Some(&word) = self.words.get(self.next) else {
                return Ok(None);
            };
            let at = self.next;
            self.next += 1;
            let name = word.trim_start_matches('!');
            negated ^= (word.len() - name.len()) % 2 == 1;
            if name.is_empty() {
                continue;
            }
            if name == "||" || name.eq_ignore_ascii_case("or") {
                return Ok(Some(Piece::Or));
            }
            let term = match name {
                "{" => self.anonymous(at, negated)?,
                name => self.named(at, name, negated)?,
            };
            return Ok(Some(Piece::Term(term)));
        }
    }

    /// `{ <expression> … }`; the brace is word `open`.
    fn anonymous(&mut self, open: usize, negated: bool) -> Result<Term, BadCondition> {
        let words = &self.words[open + 1..];
        let Some(length) = words.iter().position(|&word| word == "}") else {
            return Err(wrong(open, "missing closing '}' in condition"));
        };
        self.next = open + length + 2;
        let test = self.test(&words[..length], open + 1)?;
        Ok(Term::at(negated, None, &[test], self.ground))
    }

    fn named(&mut self, at: usize, name: &str, negated: bool) -> Result<Term, BadCondition> {
        if let Some(tests) = self.acls.get(name) {
            return Ok(Term::at(negated, Some(name), tests, self.ground));
        }
        let Some(words) = pattern::predefined(name) else {
            return Err(BadCondition {
                unknown: Some(Unknown::Acl(name.into())),
                ..wrong(at, &format!("no such ACL : '{name}'"))
            });
        };
        let (test, _) = Test::parse(words, self.names).map_err(|bad| BadCondition {
            words: (at, at),
            at: 0,
            message: bad.message,
            unknown: None,
        })?;
        Ok(Term::at(negated, Some(name), &[test], self.ground))
    }

    /// A test whose words begin at word `start`.
    fn test(&mut self, words: &[&str], start: usize) -> Result<Test, BadCondition> {
        let (test, remarks) = Test::parse(words, self.names).map_err(|bad| {
            let BadTest {
                words: (first, last),
                at,
                message,
                unknown,
            } = bad;
            BadCondition {
                words: (start + first, start + last),
                at,
                message,
                unknown,
            }
        })?;
        self.remarks.extend(remarks);
        Ok(test)
    }
}

fn wrong(at: usize, message: &str) -> BadCondition {
    BadCondition {
        words: (at, at),
        at: 0,
        message: message.into(),
        unknown: None,
    }
}
