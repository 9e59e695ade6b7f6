//! Regular expressions over bytes, with the meaning they have in PCRE2 without options.

use alloc::format;
use alloc::string::String;
use regex_automata::meta::{BuildError, Config, Regex as Automaton};
use regex_automata::util::captures::Captures as Found;
use regex_automata::util::syntax;
use regex_automata::{Input, MatchKind};

/// A compiled regular expression.
#[derive(Clone, Debug)]
pub struct Regex {
    automaton: Automaton,
}

impl Regex {
    /// Compiles `pattern`; `ignore_case` is `-i` and means letters of ASCII. Says what is wrong with it.
    pub fn compile(pattern: &str, ignore_case: bool) -> Result<Self, String> {
        if pattern.len() > PATTERN_BYTES_MAX {
            return Err(format!("it is longer than {PATTERN_BYTES_MAX} bytes"));
        }
        let syntax = syntax::Config::new()
            .utf8(false)
            .unicode(false)
            .case_insensitive(ignore_case);
        let config = Config::new()
            .utf8_empty(false)
            .match_kind(MatchKind::LeftmostFirst)
            .nfa_size_limit(Some(AUTOMATON_BYTES_MAX))
            .hybrid_cache_capacity(CACHE_BYTES_MAX);
        let automaton = Automaton::builder()
            .syntax(syntax)
            .configure(config)
            .build(pattern)
            .map_err(|error| said(&error))?;
        Ok(Self { automaton })
    }

    /// Where its meaning or its cost differs from PCRE2's, to be said as a warning.
    pub fn note(&self) -> Option<&'static str> {
        None
    }

    /// Whether it matches anywhere in `text`.
    pub fn is_match(&self, text: &[u8]) -> bool {
        self.automaton.is_match(text)
    }

    /// Where its first match in `text` is, and its groups. `begin` says what `text` begins at.
    pub fn captures(&self, text: &[u8], begin: Begin) -> Option<Captures> {
        let _ = begin;
        let mut found: Found = self.automaton.create_captures();
        self.automaton.captures(Input::new(text), &mut found);
        found.pattern()?;
        let mut groups = [None; GROUPS];
        for (at, group) in groups.iter_mut().enumerate() {
            let span = found.get_group(at).filter(|_| at < found.group_len());
            *group = span.map(|span| (span.start, span.end));
        }
        Some(Captures { groups })
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

fn said(error: &BuildError) -> String {
    match (error.size_limit(), error.syntax_error()) {
        (Some(limit), _) => format!("compiled, it is larger than {limit} bytes"),
        (None, Some(error)) => format!("{error}"),
        (None, None) => format!("{error}"),
    }
}

/// The whole match and `\1` to `\9`.
const GROUPS: usize = 10;

/// The longest pattern, bytes.
const PATTERN_BYTES_MAX: usize = 65_536;

/// The largest automaton of one pattern, bytes.
const AUTOMATON_BYTES_MAX: usize = 4 * 1024 * 1024;

/// What one worker remembers of the states of one pattern, bytes.
const CACHE_BYTES_MAX: usize = 256 * 1024;
