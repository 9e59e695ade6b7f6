//! Regular expressions over bytes, with the meaning they have in PCRE2 without options.
//!
//! What is regular is an automaton. Look-around, back-references and the like are matched by trying,
//! with a limit; so are the few texts for which an automaton would say something else.

mod automaton;
mod backtrack;
mod class;
mod escape;
mod needed;
mod node;
mod parse;
mod program;
mod set;
mod template;

#[cfg(test)]
mod tests;

pub use template::{Meaningless, expand};

use alloc::format;
use alloc::string::String;
pub(crate) use needed::Needed;
use node::{Edge, Node};
use program::Program;
use regex_automata::Input;
use regex_automata::meta::Regex as Automaton;
use regex_automata::util::primitives::NonMaxUsize;

/// A compiled regular expression.
#[derive(Clone, Debug)]
pub struct Regex {
    automaton: Option<Automaton>,
    program: Program,
    /// Texts and questions that the automaton would get wrong.
    exceptions: Exceptions,
}

/// What an automaton would get wrong.
#[derive(Clone, Copy, Debug)]
struct Exceptions {
    /// `$` in front of a newline at the very end.
    final_newline: bool,
    /// `^` that does not match where the text begins; `(?m)^` behind a newline at the very end.
    begin: bool,
    /// Groups within something that is repeated and may match nothing.
    groups: bool,
}

impl Regex {
    /// Compiles `pattern`; `ignore_case` is `-i` and means letters of ASCII. Says what is wrong with it.
    pub fn compile(pattern: &str, ignore_case: bool) -> Result<Self, String> {
        if pattern.len() > PATTERN_BYTES_MAX {
            return Err(format!("it is longer than {PATTERN_BYTES_MAX} bytes"));
        }
        let node = parse::parse(pattern, ignore_case)?;
        let program = Program::compile(&node)?;
        let automaton = match automaton::is_regular(&node) {
            true => Some(automaton::compile(&node)?),
            false => None,
        };
        let exceptions = Exceptions {
            final_newline: node.any(|it| matches!(it, Node::Edge(Edge::Dollar | Edge::LineStart))),
            begin: node.any(|it| matches!(it, Node::Edge(Edge::Circumflex | Edge::LineStart))),
            groups: node.any(|it| matches!(it, Node::Repeat(inside, _) if inside.width().0 == 0)),
        };
        Ok(Self {
            automaton,
            program,
            exceptions,
        })
    }

    /// What every text has in which `pattern` matches, with `-i` or without, if that can be said. `fold`
    /// makes one of bytes that need not be told apart: the cases of a letter at least.
    pub(crate) fn needed(pattern: &str, fold: fn(&u8) -> u8) -> Option<Needed> {
        // With `-i` there is less in a class that is negated, and in others only what `fold` makes the
        // same.
        needed::of(&parse::parse(pattern, false).ok()?, fold)
    }

    /// Where its cost or its meaning differs from PCRE2's, to be said as a warning.
    pub fn note(&self) -> Option<String> {
        match self.automaton {
            Some(_) => None,
            None => Some(format!(
                "look-around, back-references and atomic groups are matched by trying; a text that \
                 takes more than {} steps counts as not matching",
                backtrack::TRIES_MAX
            )),
        }
    }

    /// Whether it matches anywhere in `text`.
    pub fn is_match(&self, text: &[u8]) -> bool {
        match self.automaton_for(text, Begin::Start) {
            Some(automaton) => automaton.is_match(text),
            None => backtrack::find(&self.program, text, Begin::Start, &mut 0).is_some(),
        }
    }

    /// Where its first match in `text` is, and its groups. `begin` says what `text` begins at.
    pub fn captures(&self, text: &[u8], begin: Begin) -> Option<Captures> {
        self.captures_within(text, begin, &mut 0)
    }

    /// The same where `tries` were made for other searches already, to which those of this one are
    /// added: all of them together have one limit.
    pub fn captures_within(
        &self,
        text: &[u8],
        begin: Begin,
        tries: &mut usize,
    ) -> Option<Captures> {
        let mut groups = [None; GROUPS];
        let automaton = self.automaton_for(text, begin);
        match automaton.filter(|_| !self.exceptions.groups) {
            Some(automaton) => {
                let mut slots = [None; 2 * GROUPS];
                automaton.search_slots(&Input::new(text), &mut slots)?;
                for (group, slots) in groups.iter_mut().zip(slots.as_chunks().0) {
                    let [start, end] = slots.map(|slot| slot.map(NonMaxUsize::get));
                    *group = start.zip(end);
                }
            }
            None => {
                let slots = backtrack::find(&self.program, text, begin, tries)?;
                for (at, group) in groups.iter_mut().enumerate() {
                    let slot = |at: usize| slots.get(at).copied().flatten();
                    *group = slot(2 * at).zip(slot(2 * at + 1));
                }
            }
        }
        Some(Captures { groups })
    }

    /// The automaton, if it says what PCRE2 would say about this text.
    fn automaton_for(&self, text: &[u8], begin: Begin) -> Option<&Automaton> {
        let Exceptions {
            final_newline,
            begin: exception,
            ..
        } = self.exceptions;
        let wrong =
            (final_newline && text.last() == Some(&b'\n')) || (exception && begin == Begin::Middle);
        self.automaton.as_ref().filter(|_| !wrong)
    }
}

/// What the text that is searched begins at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin {
    /// The beginning of what there is: `^` matches here.
    Start,
    /// Some place behind an earlier match: `^` does not match here.
    Middle,
}

/// Where a match and its groups are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Captures {
    groups: [Option<(usize, usize)>; GROUPS],
}

impl Captures {
    /// The beginning and the end of the whole match.
    pub fn whole(&self) -> (usize, usize) {
        self.groups[0].unwrap_or_default()
    }

    /// The beginning and the end of a group, from 1; 0 is the whole match. Nothing if the group does
    /// not exist or took no part.
    pub fn group(&self, at: usize) -> Option<(usize, usize)> {
        self.groups.get(at).copied().flatten()
    }
}

/// The whole match and `\1` to `\9`.
const GROUPS: usize = 10;

/// The longest pattern, bytes.
const PATTERN_BYTES_MAX: usize = 65_536;
