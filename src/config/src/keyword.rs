//! What a keyword is, and how one is found.

use crate::context::Context;
use crate::problem::{Parsed, Problem};
use crate::statement::{Polarity, Statement};
use alloc::format;
use alloc::string::String;

bitflags::bitflags! {
    /// Sections a keyword may stand in.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct Sections: u8 {
        const DEFAULTS = 1;
        const FRONTEND = 2;
        const LISTEN = 4;
        const BACKEND = 8;
        const GLOBAL = 16;
        /// Wherever clients are accepted.
        const ACCEPTS = Self::DEFAULTS.bits() | Self::FRONTEND.bits() | Self::LISTEN.bits();
        /// Wherever servers are.
        const SERVES = Self::DEFAULTS.bits() | Self::BACKEND.bits() | Self::LISTEN.bits();
        /// Every proxy and `defaults`.
        const ANY = Self::ACCEPTS.bits() | Self::BACKEND.bits();
        /// Every proxy, but not `defaults`.
        const PROXY = Self::FRONTEND.bits() | Self::LISTEN.bits() | Self::BACKEND.bits();
    }
}

impl Sections {
    /// The sections by name.
    pub(crate) fn list(self) -> String {
        let mut names = String::new();
        for (flag, name) in [
            (Self::GLOBAL, "global"),
            (Self::DEFAULTS, "defaults"),
            (Self::FRONTEND, "frontend"),
            (Self::LISTEN, "listen"),
            (Self::BACKEND, "backend"),
        ] {
            if self.contains(flag) {
                if !names.is_empty() {
                    names.push_str(", ");
                }
                names.push_str(name);
            }
        }
        names
    }
}

/// One keyword: its name, its place and its parser are one item.
pub(crate) struct Keyword<T: 'static> {
    /// One word, or two for families such as `timeout client`.
    pub name: &'static str,
    /// What it does, in a line.
    pub doc: &'static str,
    pub sections: Sections,
    /// `no` and `default` may stand before it.
    pub negatable: bool,
    pub parse: fn(&Statement<'_>, &mut T, &mut Context<'_>) -> Parsed,
}

impl<T> Keyword<T> {
    /// Whether the line starts with this keyword.
    fn is(&self, statement: &Statement<'_>) -> bool {
        starts(self.name, statement)
    }

    /// Runs the parser, once `no` and `default` are known to be fine.
    pub(crate) fn apply(
        &self,
        statement: &Statement<'_>,
        to: &mut T,
        context: &mut Context<'_>,
    ) -> Parsed {
        if statement.polarity != Polarity::Plain && !self.negatable {
            return Err(Problem::at(
                0,
                format!("negation/default is not supported for '{}'.", self.name),
            )
            .because("this keyword cannot be switched off"));
        }
        (self.parse)(statement, to, context)
    }
}

/// Whether a line starts with the keyword `name`, of one word or two.
pub(crate) fn starts(name: &str, statement: &Statement<'_>) -> bool {
    match name.split_once(' ') {
        None => name == statement.word(0),
        Some((first, second)) => first == statement.word(0) && second == statement.word(1),
    }
}

/// The keyword a line starts with; two words win over one.
pub(crate) fn find<T>(
    tables: &'static [&'static [Keyword<T>]],
    statement: &Statement<'_>,
) -> Option<&'static Keyword<T>> {
    let mut found: Option<&Keyword<T>> = None;
    for keyword in tables.iter().copied().flatten() {
        if keyword.is(statement) && found.is_none_or(|other| other.name.len() < keyword.name.len())
        {
            found = Some(keyword);
        }
    }
    found
}

/// The options of a `bind` or `server` line, one after the other.
pub(crate) struct Cursor<'c, 'l> {
    pub statement: &'c Statement<'l>,
    /// The option's own word.
    pub at: usize,
    /// The next word to be read.
    next: usize,
}

impl<'c, 'l> Cursor<'c, 'l> {
    pub(crate) fn new(statement: &'c Statement<'l>, at: usize) -> Self {
        Self {
            statement,
            at,
            next: at,
        }
    }

    /// Steps to the next option.
    pub(crate) fn option(&mut self) -> Option<&'l str> {
        let word = self.statement.words.get(self.next)?;
        self.at = self.next;
        self.next += 1;
        Some(&word.text)
    }

    /// Steps to the next option if it is one of these.
    pub(crate) fn option_of(&mut self, names: &[&str]) -> Option<&'l str> {
        let word = self.statement.words.get(self.next)?;
        names
            .contains(&&*word.text)
            .then(|| self.option())
            .flatten()
    }

    /// The number of the option's next word, and that word.
    pub(crate) fn value(&mut self, what: &str) -> Result<(usize, &'l str), Problem> {
        let at = self.next;
        match self.statement.words.get(at) {
            Some(word) => {
                self.next += 1;
                Ok((at, &word.text))
            }
            None => Err(Problem::at(
                self.at,
                format!("'{}' expects {what}.", self.statement.word(self.at)),
            )
            .because(format!("{what} has to follow"))),
        }
    }

    /// The number of the option's next word, which may be missing.
    pub(crate) fn optional(&mut self) -> usize {
        let at = self.next;
        if at < self.statement.len() {
            self.next += 1;
        }
        at
    }

    /// A number that follows the option.
    pub(crate) fn number(&mut self, range: core::ops::RangeInclusive<u64>) -> Result<u64, Problem> {
        let name = self.statement.word(self.at);
        let (at, text) = self.value("an integer")?;
        match crate::units::number(text) {
            Ok(value) if range.contains(&value) => Ok(value),
            Ok(value) => Err(Problem::at(
                at,
                format!(
                    "'{name}' : value must be between {} and {} (was {value}).",
                    range.start(),
                    range.end()
                ),
            )
            .because("out of range")),
            Err(bad) => {
                let problem = self.statement.bad_number(at, bad);
                Err(
                    Problem::at(at, format!("'{name}' : invalid value '{text}'."))
                        .because(problem.reason.unwrap_or_default()),
                )
            }
        }
    }

    /// A 32-bit number that follows the option.
    pub(crate) fn number_u32(
        &mut self,
        range: core::ops::RangeInclusive<u32>,
    ) -> Result<u32, Problem> {
        let wide = u64::from(*range.start())..=u64::from(*range.end());
        Ok(self.number(wide)? as u32)
    }
}

/// One option of a `bind` or `server` line.
pub(crate) struct LineOption<T: 'static> {
    pub name: &'static str,
    /// What it does, in a line.
    pub doc: &'static str,
    pub parse: fn(&mut Cursor<'_, '_>, &mut T, &mut Context<'_>) -> Parsed,
}
