//! A rule's words, one after the other.

use super::reading::Reading;
use super::set::Set;
use crate::problem::Problem;
use crate::statement::Statement;
use crate::units::{self, BadNumber};
use alloc::format;
use alloc::string::String;
use base::Duration;
use sample::expr::{Expr, Ground};
use sample::format::{Format, Style};
use sample::regex::Regex;

/// A rule being read.
pub(crate) struct RuleLine<'l, 's> {
    pub statement: &'l Statement<'s>,
    /// The word that comes next.
    pub at: usize,
    pub set: Set,
    /// The action as it is written.
    pub action: &'s str,
    pub ground: Ground,
    /// Whose rule it is: `frontend 'web'`. Nothing for a line that is no rule.
    owner: Option<String>,
}

impl<'l, 's> RuleLine<'l, 's> {
    /// The rule of a line; its action is the word behind the keyword.
    pub(crate) fn new(statement: &'l Statement<'s>, set: Set, reading: &Reading<'_, '_>) -> Self {
        Self {
            statement,
            at: set.words() + 1,
            set,
            action: statement.word(set.words()),
            ground: set.ground(reading.origin),
            owner: Some(reading.draft.title()),
        }
    }

    /// A line that is no rule, with words as behind the action of one: they begin at the first. It is
    /// read as something of `http-request`.
    pub(crate) fn unruled(statement: &'l Statement<'s>, reading: &Reading<'_, '_>) -> Self {
        Self {
            statement,
            at: 1,
            set: Set::Request,
            action: statement.word(0),
            ground: Set::Request.ground(reading.origin),
            owner: None,
        }
    }

    /// The word that comes next, left where it is; empty at the end.
    pub(crate) fn peek(&self) -> &'s str {
        self.statement.word(self.at)
    }

    /// Whether `name` comes next; if so, it is passed.
    pub(crate) fn takes(&mut self, name: &str) -> bool {
        let found = self.peek() == name;
        self.at += usize::from(found);
        found
    }

    /// Whether nothing comes next but a condition, or nothing at all.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.peek(), "" | "if" | "unless")
    }

    /// The next word and its number; `what` says what is missing if there is none.
    pub(crate) fn word(&mut self, what: &str) -> Result<(usize, &'s str), Problem> {
        let at = self.at;
        let word = self.peek();
        if word.is_empty() {
            return Err(self.wrong(at, what));
        }
        self.at += 1;
        Ok((at, word))
    }

    /// A problem with word `at`, in the form of the rule's keyword.
    pub(crate) fn wrong(&self, at: usize, what: &str) -> Problem {
        Problem::at(at, self.message(what)).because(what)
    }

    /// A message in the form of the rule's keyword.
    pub(super) fn message(&self, what: &str) -> String {
        let (keyword, action) = (self.set.name(), self.action);
        let Some(owner) = &self.owner else {
            return format!("{action} : {what}.");
        };
        match self.set.is_tcp() {
            true => format!("'{keyword} {action}' : {what} in {owner}."),
            false => format!(
                "error detected in {owner} while parsing '{keyword} {action}' rule : {what}."
            ),
        }
    }

    /// The expression in the next word. What it reads has to exist here.
    pub(crate) fn expr(&mut self, reading: &mut Reading<'_, '_>) -> Result<Expr, Problem> {
        let (at, _) = self.word("missing fetch method")?;
        let rule = |what: &str| self.message(what);
        let expr = reading.expr(self.statement, at, &self.ground, &rule)?;
        reading.is_here(self.statement, at, &expr, &self.ground, &rule)?;
        Ok(expr)
    }

    /// The format in the next word, for a header or a target; `what` says what is missing if there is
    /// none.
    pub(crate) fn format(
        &mut self,
        reading: &mut Reading<'_, '_>,
        what: &str,
    ) -> Result<Format, Problem> {
        self.styled(reading, Style::Header, what)
    }

    /// The format in the next word, as a text of its own.
    pub(crate) fn text(
        &mut self,
        reading: &mut Reading<'_, '_>,
        what: &str,
    ) -> Result<Format, Problem> {
        self.styled(reading, Style::Text, what)
    }

    fn styled(
        &mut self,
        reading: &mut Reading<'_, '_>,
        style: Style,
        what: &str,
    ) -> Result<Format, Problem> {
        let (at, _) = self.word(what)?;
        let rule = |what: &str| self.message(what);
        reading.format(self.statement, at, style, &self.ground, &rule)
    }

    /// The regular expression in the next word.
    pub(crate) fn regex(&mut self, what: &str) -> Result<Regex, Problem> {
        let (at, text) = self.word(what)?;
        Regex::compile(text, false).map_err(|why| {
            let message = self.message(&format!("regex '{text}' is invalid"));
            Problem::at(at, message).because(why)
        })
    }

    /// The time in the next word, a number of milliseconds without a unit.
    pub(crate) fn time(&mut self, what: &str) -> Result<Duration, Problem> {
        let (at, text) = self.word(what)?;
        units::time(text).map_err(|bad| self.wrong(at, &bad_number(text, bad)))
    }

    /// The size in the next word, bytes.
    pub(crate) fn size(&mut self, what: &str) -> Result<u64, Problem> {
        let (at, text) = self.word(what)?;
        units::size(text).map_err(|bad| self.wrong(at, &bad_number(text, bad)))
    }

    /// Nothing may be left of these arguments: `what` says how many there have to be.
    pub(crate) fn needs(&self, count: usize, what: &str) -> Result<(), Problem> {
        let there = (self.at..).take_while(|&at| !self.statement.word(at).is_empty());
        match there.take(count).count() == count {
            true => Ok(()),
            false => Err(self.wrong(self.statement.len(), what)),
        }
    }

    /// What stands in the parentheses of the action: `set-var(txn.x)`. Nothing without.
    pub(crate) fn argument(&self) -> Result<Option<&'s str>, Problem> {
        let Some((_, rest)) = self.action.split_once('(') else {
            return Ok(None);
        };
        match rest.strip_suffix(')') {
            Some(inside) => Ok(Some(inside)),
            None => {
                let what = format!("incomplete argument after action '{}'", self.action);
                Err(self.wrong(self.set.words(), &what))
            }
        }
    }
}

/// What is wrong with a time or a size.
fn bad_number(text: &str, bad: BadNumber) -> String {
    match bad {
        BadNumber::Empty => "a number is expected".into(),
        BadNumber::Unexpected(c, _) => format!("unexpected character '{c}' in '{text}'"),
        BadNumber::Overflow => format!("'{text}' is too large"),
    }
}
