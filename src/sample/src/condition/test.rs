//! One line of an ACL: an expression and what its values are compared with.

use crate::expr::{BadExpr, Expr, Ground, Unknown};
use crate::facts::Facts;
use crate::fetch::{Certainty, Fetch};
use crate::names::Names;
use crate::pattern::{self, Acl, Criterion, Verdict};
use crate::work::Work;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::ControlFlow;

/// An expression and what its values are compared with. One that matches is enough.
#[derive(Clone, Debug)]
pub struct Test {
    expr: Expr,
    acl: Acl,
}

/// Why words are no test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadTest {
    /// The first and the last of the words it is about, and where in the first of them it begins.
    pub words: (usize, usize),
    /// Bytes into that word.
    pub at: usize,
    /// What is wrong, a sentence without a full stop.
    pub message: String,
    /// What the word may have been meant to be.
    pub unknown: Option<Unknown>,
}

impl Test {
    /// Reads an expression, or a keyword of conditions such as `path_beg`, and the flags and patterns
    /// behind it. What a person would want to know about it comes back too.
    pub fn parse(words: &[&str], names: &mut dyn Names) -> Result<(Self, Vec<String>), BadTest> {
        let text = words.first().copied().unwrap_or_default();
        let end = text.find(['(', ',']).unwrap_or(text.len());
        let keyword = &text[..end];
        let derived = pattern::derived(keyword);
        let fetch = derived.and_then(|derived| Fetch::find(derived.fetch));
        let ground = Ground::anywhere();
        let read = match fetch {
            Some(fetch) => Expr::parse_with(fetch, text, &ground, names),
            None => Expr::parse(text, &ground, names),
        };
        let (expr, length) = read.map_err(|bad| bad_expr(keyword, fetch.is_some(), text, bad))?;
        if length < text.len() {
            let message = format!("missing comma after fetch keyword in ACL expression '{text}'");
            return Err(wrong(length, message));
        }
        let implied = derived.map(|derived| derived.matching);
        let criterion = Criterion {
            keyword,
            implied: implied.filter(|_| !expr.is_converted()),
            overridden: expr.is_converted() && keyword != expr.fetch().name && fetch.is_some(),
            output: expr.output(),
        };
        let behind = words.get(1..).unwrap_or_default();
        let read = names.lists();
        let read = read.and_then(|lists| Acl::parse(criterion, behind, lists));
        match read {
            Ok(read) => Ok((
                Self {
                    expr,
                    acl: read.acl,
                },
                read.warnings,
            )),
            Err(message) => Err(BadTest {
                words: guilty(behind, &message),
                ..wrong(0, message)
            }),
        }
    }

    /// The same where it stands: fetches that read requests and responses alike read what is there.
    pub(super) fn at(&self, ground: &Ground) -> Self {
        Self {
            expr: self.expr.at(ground),
            acl: self.acl.clone(),
        }
    }

    /// Its expression.
    pub fn expr(&self) -> &Expr {
        &self.expr
    }

    /// What its values are compared with.
    pub(crate) fn acl(&self) -> &Acl {
        &self.acl
    }

    /// What it says of what is known so far.
    pub(super) fn verdict<'a>(&'a self, facts: &Facts<'a>, work: &mut Work) -> Verdict {
        // Whoever keeps a trail is shown each value.
        if self.expr.is_single() && work.trail.is_none() {
            let fetched = self.expr.value(facts, work);
            return self.acl.verdict(fetched, work);
        }
        let mut matched = false;
        let certainty = self.expr.each(facts, work, &mut |work, value| {
            if let Some(trail) = &mut work.trail {
                trail.value(&value);
            }
            matched = self.acl.matches(value, work);
            match matched {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        });
        match (matched, certainty) {
            (true, _) => Verdict::Yes,
            (false, Certainty::Final) => Verdict::No,
            (false, Certainty::MayChange) => Verdict::Maybe,
        }
    }
}

fn wrong(at: usize, message: String) -> BadTest {
    BadTest {
        words: (0, 0),
        at,
        message,
        unknown: None,
    }
}

fn bad_expr(keyword: &str, of_conditions: bool, text: &str, bad: BadExpr) -> BadTest {
    let missing = matches!(&bad.unknown, Some(Unknown::Fetch(name)) if name.is_empty());
    let message = if missing {
        format!("missing fetch method in ACL expression '{text}'")
    } else if of_conditions {
        format!("ACL keyword '{keyword}' : {}", bad.message)
    } else {
        format!("{} in ACL expression '{text}'", bad.message)
    };
    BadTest {
        unknown: bad.unknown,
        ..wrong(bad.at, message)
    }
}

/// The words behind the expression that a message quotes; all of them if it quotes none.
fn guilty(words: &[&str], message: &str) -> (usize, usize) {
    let quoted = |word: &str| {
        let quotes = [('\'', '\''), ('<', '>'), ('"', '"')];
        let quoted = |(open, close)| message.contains(&*format!("{open}{word}{close}"));
        quotes.into_iter().any(quoted)
    };
    match words.iter().position(|word| quoted(word)) {
        Some(at) => (at + 1, at + 1),
        None if words.is_empty() => (0, 0),
        None => (1, words.len()),
    }
}
