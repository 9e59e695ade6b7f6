//! What a keyword's parser found wrong with its line.

use alloc::string::String;
use core::ops::Range;

/// Something wrong with one line; the reader adds where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The words it is about; the keyword itself is word 0.
    pub words: Range<usize>,
    /// The bytes of the line it is about, where that is known better than by words.
    pub bytes: Option<Range<usize>>,
    /// The line in HAProxy's form, after the place.
    pub message: String,
    /// Why, shown under the words.
    pub reason: Option<String>,
    /// What may have been meant or what to do instead.
    pub help: Option<String>,
    /// The message is whole: no place is put in front of it. It is about sections together, and is
    /// said behind what is about single lines.
    pub bare: bool,
}

/// What a parser returns.
pub(crate) type Parsed = Result<(), Problem>;

impl Problem {
    /// A problem with word `at`.
    pub(crate) fn at(at: usize, message: impl Into<String>) -> Self {
        Self {
            words: at..at + 1,
            bytes: None,
            message: message.into(),
            reason: None,
            help: None,
            bare: false,
        }
    }

    /// A problem with word `at` and other sections.
    pub(crate) fn bare(at: usize, message: impl Into<String>) -> Self {
        Self {
            bare: true,
            ..Self::at(at, message)
        }
    }

    /// Adds why it is wrong.
    pub(crate) fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// Adds what to do instead.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds the nearest of the words that would be right here.
    pub(crate) fn did_you_mean(self, nearest: Option<&str>) -> Self {
        match nearest {
            Some(word) => self.help(alloc::format!("did you mean '{word}'?")),
            None => self,
        }
    }
}
