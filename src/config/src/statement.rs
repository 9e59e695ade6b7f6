//! One line as a keyword's parser sees it.

use crate::diagnostic::{Diagnostic, Severity, Snippet};
use crate::problem::Problem;
use crate::source::Place;
use crate::units::{self, BadNumber};
use crate::words::Word;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use base::Duration;
use core::ops::{Range, RangeInclusive};

/// What stands before the keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Polarity {
    /// Nothing.
    Plain,
    /// `no`: switched off.
    No,
    /// `default`: back to how it is without the keyword.
    Default,
}

/// Words of a line, to come back to after the line has been read.
#[derive(Clone, Debug)]
pub(crate) struct Spot {
    pub place: Place,
    line: Arc<str>,
    start: usize,
    end: usize,
}

impl Spot {
    /// Bytes `start..end` of a line.
    pub(crate) fn new(place: Place, line: &str, start: usize, end: usize) -> Self {
        Self {
            place,
            line: line.into(),
            start,
            end,
        }
    }

    /// The words.
    pub(crate) fn text(&self) -> &str {
        &self.line[self.start..self.end]
    }

    /// A diagnostic whose message is complete, with these words underlined.
    pub(crate) fn diagnostic(&self, severity: Severity, problem: Problem) -> Diagnostic {
        Diagnostic {
            severity,
            place: Some(self.place.clone()),
            message: problem.message,
            snippet: Some(Snippet {
                number: self.place.line,
                line: String::from(&*self.line),
                start: self.start,
                end: self.end,
            }),
            reason: problem.reason,
            help: problem.help,
        }
    }
}

/// A line's words after `no` or `default`.
pub(crate) struct Statement<'l> {
    pub words: &'l [Word],
    pub polarity: Polarity,
    pub place: &'l Place,
    /// The whole line.
    pub line: &'l str,
}

impl<'l> Statement<'l> {
    /// The text of word `at`; empty past the end, as no word is empty.
    pub(crate) fn word(&self, at: usize) -> &'l str {
        self.words.get(at).map_or("", |word| word.text.as_str())
    }

    /// Words `words` as something to come back to; past the end, the end of the line.
    pub(crate) fn spot(&self, words: Range<usize>) -> Spot {
        let end_of_line = self.line.trim_end().len();
        let start = self
            .words
            .get(words.start)
            .map_or(end_of_line + 1, |word| word.start);
        let last = words.end.min(self.words.len());
        let end = match self.words.get(last.wrapping_sub(1)) {
            Some(word) if last > words.start => word.end,
            _ => start + 1,
        };
        Spot::new(self.place.clone(), self.line, start, end)
    }

    /// `problem` of this line in HAProxy's form.
    pub(crate) fn diagnostic(&self, severity: Severity, problem: Problem) -> Diagnostic {
        let message = match problem.bare {
            true => problem.message,
            false => format!("parsing [{}] : {}", self.place, problem.message),
        };
        let spot = match &problem.bytes {
            Some(bytes) => Spot::new(self.place.clone(), self.line, bytes.start, bytes.end),
            None => self.spot(problem.words.clone()),
        };
        spot.diagnostic(severity, Problem { message, ..problem })
    }

    /// How many words there are, the keyword included.
    pub(crate) fn len(&self) -> usize {
        self.words.len()
    }

    /// Word `at`, which has to be there.
    pub(crate) fn expect(&self, at: usize, what: &str) -> Result<&'l str, Problem> {
        match self.words.get(at) {
            Some(word) => Ok(&word.text),
            None => Err(self.missing(at, what)),
        }
    }

    /// The problem that word `at` is not there.
    pub(crate) fn missing(&self, at: usize, what: &str) -> Problem {
        Problem::at(
            at,
            format!("'{}' expects {what} as argument.", self.name(at)),
        )
        .because(format!("{what} is missing here"))
    }

    /// Nothing may follow the first `count` words.
    pub(crate) fn at_most(&self, count: usize) -> Result<(), Problem> {
        match self.words.get(count) {
            None => Ok(()),
            Some(extra) => Err(Problem {
                words: count..self.len(),
                ..Problem::at(
                    count,
                    format!(
                        "'{}' cannot handle unexpected argument '{}'.",
                        self.name(count),
                        extra.text
                    ),
                )
                .because("nothing more is expected")
            }),
        }
    }

    /// The keyword as messages name it: two words for families such as `timeout client`.
    pub(crate) fn name(&self, before: usize) -> String {
        let family = matches!(
            self.word(0),
            "option" | "timeout" | "stats" | "http-check" | "tcp-check" | "rate-limit"
        );
        if family && before > 1 && self.len() > 1 {
            format!("{} {}", self.word(0), self.word(1))
        } else {
            self.word(0).into()
        }
    }

    /// A number in word `at` that lies in `range`.
    pub(crate) fn number(&self, at: usize, range: RangeInclusive<u64>) -> Result<u64, Problem> {
        let text = self.expect(at, "an integer")?;
        let value = units::number(text).map_err(|bad| self.bad_number(at, bad))?;
        if range.contains(&value) {
            return Ok(value);
        }
        Err(Problem::at(
            at,
            format!(
                "'{}' value must be between {} and {} (was {value}).",
                self.name(at),
                range.start(),
                range.end()
            ),
        )
        .because("out of range"))
    }

    /// A number in word `at` that fits 32 bits.
    pub(crate) fn number_u32(&self, at: usize, range: RangeInclusive<u32>) -> Result<u32, Problem> {
        let wide = u64::from(*range.start())..=u64::from(*range.end());
        Ok(self.number(at, wide)? as u32)
    }

    /// A size in word `at`.
    pub(crate) fn size(&self, at: usize, range: RangeInclusive<u64>) -> Result<u64, Problem> {
        let text = self.expect(at, "a size")?;
        let value = units::size(text).map_err(|bad| self.bad_number(at, bad))?;
        if range.contains(&value) {
            return Ok(value);
        }
        Err(Problem::at(
            at,
            format!(
                "'{}' value must be between {} and {} bytes (was {value}).",
                self.name(at),
                range.start(),
                range.end()
            ),
        )
        .because("out of range"))
    }

    /// A time in word `at`.
    pub(crate) fn time(&self, at: usize) -> Result<Duration, Problem> {
        let text = self.expect(at, "a time")?;
        units::time(text).map_err(|bad| self.bad_time(at, bad))
    }

    /// The problem with the number in word `at`.
    pub(crate) fn bad_number(&self, at: usize, bad: BadNumber) -> Problem {
        let name = self.name(at);
        let word = self.word(at);
        match bad {
            BadNumber::Empty => Problem::at(at, format!("'{name}' expects an integer argument."))
                .because("a number is expected"),
            BadNumber::Unexpected(c, _) => Problem::at(
                at,
                format!("'{name}' : unexpected character '{c}' in integer value '{word}'."),
            )
            .because(format!("'{c}' is not part of a number")),
            BadNumber::Overflow => {
                Problem::at(at, format!("'{name}' : value '{word}' is too large."))
                    .because("does not fit")
            }
        }
    }

    /// The problem with the time in word `at`.
    pub(crate) fn bad_time(&self, at: usize, bad: BadNumber) -> Problem {
        let name = self.name(at);
        let word = self.word(at);
        match bad {
            BadNumber::Empty => Problem::at(
                at,
                format!("'{name}' expects an integer value (in milliseconds)"),
            )
            .because("a time is expected, such as 5s"),
            BadNumber::Unexpected(c, _) => {
                Problem::at(at, format!("unexpected character '{c}' in '{name}'"))
                    .because("a whole number with one of the units us, ms, s, m, h, d is expected")
            }
            BadNumber::Overflow => Problem::at(
                at,
                format!(
                    "timer overflow in argument '{word}' to '{name}' (maximum value is 2147483647 ms or ~24.8 days)"
                ),
            )
            .because("longer than 24.8 days"),
        }
    }
}
