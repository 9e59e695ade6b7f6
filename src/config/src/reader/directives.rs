//! Lines that start with a dot: conditional blocks and messages (configuration.txt §2.4).

use super::Reader;
use crate::condition;
use crate::diagnostic::{Diagnostic, Severity};
use crate::known;
use crate::nearest::nearest;
use crate::preprocessor::{Conditionals, Misplaced, NESTED_MAX};
use crate::problem::{Parsed, Problem};
use crate::source::Place;
use crate::statement::{Polarity, Statement};
use crate::words::Word;
use alloc::format;

impl Reader<'_> {
    /// A line that starts with a dot.
    pub(super) fn directive(
        &mut self,
        place: &Place,
        line: &str,
        words: &[Word],
        conditionals: &mut Conditionals,
    ) {
        let statement = Statement {
            words,
            polarity: Polarity::Plain,
            place,
            line,
        };
        let result = match statement.word(0) {
            ".if" => conditionals
                .enter(|| self.condition(&statement))
                .and_then(|placed| placed.map_err(|why| misplaced(&statement, why))),
            ".elif" => {
                let value = if conditionals.elif_matters() {
                    self.condition(&statement)
                } else {
                    Ok(false)
                };
                value.and_then(|value| {
                    conditionals
                        .elif(value)
                        .map_err(|why| misplaced(&statement, why))
                })
            }
            ".else" => statement.at_most(1).and_then(|()| {
                conditionals
                    .otherwise()
                    .map_err(|why| misplaced(&statement, why))
            }),
            ".endif" => statement.at_most(1).and_then(|()| {
                conditionals
                    .leave()
                    .map_err(|why| misplaced(&statement, why))
            }),
            _ if !conditionals.taken() => Ok(()),
            ".diag" => self.message(&statement, Severity::Diag),
            ".notice" => self.message(&statement, Severity::Notice),
            ".warning" => self.message(&statement, Severity::Warning),
            ".alert" => self.message(&statement, Severity::Alert),
            other => Err(Problem::at(0, format!("unknown directive '{other}'."))
                .because("no directive has this name")
                .did_you_mean(nearest(other, known::DIRECTIVES.iter().copied()))),
        };
        if let Err(problem) = result {
            self.alert(statement.diagnostic(Severity::Alert, problem));
        }
    }

    fn condition(&self, statement: &Statement<'_>) -> Result<bool, Problem> {
        let text = crate::join(&statement.words[1..]);
        condition::evaluate(&text, &|name| self.context.env(name)).map_err(|bad| {
            let message = format!(
                "{} in '{}' at position {}.",
                bad.message,
                statement.word(0),
                bad.at + 1
            );
            // Without quotes and variables the condition stands in the line as it was evaluated.
            let start = statement.words.get(1).map_or(0, |word| word.start);
            let as_written = statement
                .line
                .get(start..)
                .is_some_and(|line| line.starts_with(&text));
            Problem {
                words: 1..statement.len(),
                bytes: as_written.then(|| start + bad.at..start + bad.at + bad.length),
                ..Problem::at(1, message)
                    .because(bad.reason)
                    .did_you_mean(bad.nearest)
            }
        })
    }

    fn message(&mut self, statement: &Statement<'_>, severity: Severity) -> Parsed {
        let text = statement.word(1);
        if let Some(extra) = statement.words.get(2) {
            return Err(Problem::at(
                2,
                format!(
                    "Unexpected argument '{}' for '{}'. Use quotes if the message should contain spaces.",
                    extra.text,
                    statement.word(0)
                ),
            )
            .because("one argument is expected"));
        }
        if severity == Severity::Diag && !self.context.options.diagnostic_mode {
            return Ok(());
        }
        let problem = Problem::at(1, format!("'{text}'."));
        let diagnostic = Diagnostic {
            snippet: None,
            ..statement.diagnostic(severity, problem)
        };
        if severity == Severity::Alert {
            self.alert(diagnostic);
        } else {
            self.context.notes.push(diagnostic);
        }
        Ok(())
    }
}

fn misplaced(statement: &Statement<'_>, why: Misplaced) -> Problem {
    let name = statement.word(0);
    match why {
        Misplaced::Lone => Problem::at(0, format!("lone '{name}' with no matching '.if'."))
            .because("no '.if' is open here"),
        Misplaced::AfterElse => Problem::at(0, format!("'{name}' after '.else' is not permitted."))
            .because("'.else' has to come last"),
        Misplaced::TooDeep => {
            Problem::at(0, format!("too many nested '.if', max is {NESTED_MAX}."))
                .because("one level too many")
        }
    }
}
