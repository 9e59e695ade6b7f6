//! Lines that are only understood once all sections are read: they keep their words until then.

use super::Reading;
use crate::context::Context;
use crate::draft::ProxyDraft;
use crate::keyword::{self, Sections};
use crate::notes::Mark;
use crate::problem::{Parsed, Problem};
use crate::source::Place;
use crate::statement::{Polarity, Statement};
use crate::words::Word;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// A keyword whose lines are kept.
pub(crate) struct Later {
    /// One word, or two for families such as `stick on`.
    pub name: &'static str,
    /// What it does, in a line.
    pub doc: &'static str,
    pub sections: Sections,
    pub kind: Kind,
    /// Reads the line, once everything it may name is known.
    pub parse: fn(&Statement<'_>, &mut Reading<'_, '_>) -> Parsed,
}

/// What inheriting means for a kept line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Every proxy of a `defaults` section starts with it.
    Setting,
    /// The same, and `no` in front takes lines so far back.
    Switch,
    /// The same, but only if the section has a name; other `defaults` sections do not start with it.
    Rule,
}

bitflags::bitflags! {
    /// What a line of a `defaults` section asks of those who inherit it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct Inherited: u8 {
        /// It is a rule of TCP or HTTP.
        const RULES = 1;
        /// `tcp-request connection`, `tcp-request session`
        const CONNECTION = 2;
        /// `tcp-response content`
        const REPLIES = 4;
        /// It makes a slot for captures.
        const CAPTURES = 8;
    }
}

/// A kept line.
#[derive(Clone, Debug)]
pub(crate) struct Kept(Arc<Line>);

struct Line {
    keyword: &'static Later,
    line: Remembered,
}

/// A line that is remembered with everything that is said of it.
#[derive(Debug)]
pub(crate) struct Remembered {
    words: Vec<Word>,
    polarity: Polarity,
    place: Place,
    text: String,
    mark: Mark,
}

impl Remembered {
    /// The line that is being read.
    pub(crate) fn of(statement: &Statement<'_>, context: &mut Context<'_>) -> Self {
        Self {
            words: statement.words.to_vec(),
            polarity: statement.polarity,
            place: statement.place.clone(),
            text: statement.line.into(),
            mark: context.notes.mark(),
        }
    }

    /// Where what is wrong with it is said.
    pub(crate) fn mark(&self) -> Mark {
        self.mark
    }

    /// The line as its parser sees it.
    pub(crate) fn statement(&self) -> Statement<'_> {
        Statement {
            words: &self.words,
            polarity: self.polarity,
            place: &self.place,
            line: &self.text,
        }
    }
}

impl core::fmt::Debug for Line {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}: {}", self.line.place, self.keyword.name)
    }
}

impl Later {
    /// The keyword a line starts with; two words win over one.
    pub(crate) fn find(statement: &Statement<'_>) -> Option<&'static Self> {
        let found = super::TABLES.iter().copied().flatten();
        let found = found.filter(|keyword| keyword::starts(keyword.name, statement));
        found.max_by_key(|keyword| keyword.name.len())
    }

    /// Keeps a line until all sections are read.
    pub(crate) fn keep(
        &'static self,
        statement: &Statement<'_>,
        draft: &mut ProxyDraft,
        context: &mut Context<'_>,
    ) -> Parsed {
        if statement.polarity == Polarity::No && self.kind == Kind::Switch {
            draft.forget(self.name);
            return Ok(());
        }
        if statement.polarity != Polarity::Plain {
            return Err(Problem::at(
                0,
                format!("negation/default is not supported for '{}'.", self.name),
            )
            .because("this keyword cannot be switched off"));
        }
        let anonymous = draft.section == Sections::DEFAULTS && draft.proxy.name.is_empty();
        if anonymous && self.kind == Kind::Rule {
            return Err(anonymous_rule(statement));
        }
        draft.kept.push(Kept(Arc::new(Line {
            keyword: self,
            line: Remembered::of(statement, context),
        })));
        Ok(())
    }
}

impl Kept {
    /// What inheriting it means.
    pub(crate) fn kind(&self) -> Kind {
        self.0.keyword.kind
    }

    /// What it asks of those who inherit it.
    pub(crate) fn inherits(&self) -> Inherited {
        let word = |at: usize| {
            self.0
                .line
                .words
                .get(at)
                .map_or("", |word| word.text.as_str())
        };
        let what = match (word(0), word(1)) {
            ("acl", _) | (_, "inspect-delay") => return Inherited::empty(),
            ("tcp-request", "connection" | "session") => Inherited::CONNECTION,
            ("tcp-response", _) => Inherited::REPLIES,
            ("http-request", "capture") if word(3) == "len" => Inherited::CAPTURES,
            _ => Inherited::empty(),
        };
        what | Inherited::RULES
    }

    /// Its keyword.
    pub(crate) fn keyword(&self) -> &'static Later {
        self.0.keyword
    }

    /// Where what is wrong with it is said.
    pub(crate) fn mark(&self) -> Mark {
        self.0.line.mark()
    }

    /// The line as its parser sees it.
    pub(crate) fn statement(&self) -> Statement<'_> {
        self.0.line.statement()
    }
}

/// Rules of a `defaults` section without a name would apply to whoever comes after it.
fn anonymous_rule(statement: &Statement<'_>) -> Problem {
    let (first, second) = (statement.word(0), statement.word(1));
    let (words, message) = match first {
        "tcp-request" => (
            0..2,
            format!("tcp-request {second} is not allowed in anonymous 'defaults' sections"),
        ),
        "tcp-response" => (
            0..2,
            format!(
                "tcp-response {second} is only allowed in 'backend' sections or 'defaults' section with a name"
            ),
        ),
        _ => (
            0..1,
            format!("'{first}' not allowed in anonymous 'defaults' section."),
        ),
    };
    Problem {
        words,
        ..Problem::at(0, message).because("rules are only inherited by name")
    }
    .help("give the section a name and inherit from it with 'from'")
}
