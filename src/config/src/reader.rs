//! Files into lines, lines into words, words to the section they belong to.

use crate::condition;
use crate::context::Context;
use crate::diagnostic::{Diagnostic, Severity};
use crate::draft::ProxyDraft;
use crate::global::GlobalDraft;
use crate::known;
use crate::preprocessor::{Conditionals, Misplaced, NESTED_MAX};
use crate::problem::{Parsed, Problem};
use crate::source::{Place, SourceFile};
use crate::statement::{Polarity, Spot, Statement};
use crate::surroundings::Surroundings;
use crate::words::{self, Variables, Word};
use crate::{LoadOptions, Loaded, finish, global, proxy};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

mod section;

/// Fatal errors after which reading stops.
const FATAL_MAX: usize = 50;
/// Bytes of one line before variables are replaced.
const LINE_MAX: usize = 1 << 20;

/// Reads all files and puts the result together.
pub(crate) fn load(
    files: &[SourceFile],
    surroundings: &dyn Surroundings,
    options: &LoadOptions,
) -> Loaded {
    let mut reader = Reader {
        context: Context::new(surroundings, options),
        global: GlobalDraft::default(),
        proxies: Vec::new(),
        defaults: Vec::new(),
        names: BTreeMap::new(),
        section: Section::None,
        fatal: 0,
    };
    for file in files {
        reader.file(file);
        if reader.fatal > FATAL_MAX {
            break;
        }
    }
    finish::finish(reader.context, reader.global, reader.proxies)
}

/// Where the next line belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Section {
    /// Nowhere yet.
    None,
    /// To a section that was refused: its lines are not looked at.
    Refused,
    Global,
    Defaults,
    /// To the last proxy.
    Proxy,
}

struct Reader<'c> {
    context: Context<'c>,
    global: GlobalDraft,
    proxies: Vec<ProxyDraft>,
    defaults: Vec<ProxyDraft>,
    /// Names of proxies: who has them, and where.
    names: BTreeMap<Box<str>, (String, Place)>,
    section: Section,
    fatal: usize,
}

impl Reader<'_> {
    fn file(&mut self, file: &SourceFile) {
        self.section = Section::None;
        let fatal_before = self.fatal;
        let name: Arc<str> = file.name.as_str().into();
        let mut conditionals = Conditionals::default();
        let mut place = Place {
            file: name,
            line: 0,
        };
        for line in file.text.split_inclusive('\n') {
            place.line += 1;
            self.line(&place, line, &mut conditionals);
            if self.fatal >= FATAL_MAX {
                self.alert(Diagnostic {
                    place: Some(place.clone()),
                    ..Diagnostic::general(
                        Severity::Alert,
                        format!(
                            "parsing [{place}]: too many fatal errors ({FATAL_MAX}), stopping now."
                        ),
                    )
                });
                break;
            }
        }
        if self.fatal < FATAL_MAX {
            self.end_of_file(&place, &file.text, &conditionals);
        }
        if self.fatal > fatal_before {
            self.context.diagnostics.push(Diagnostic::general(
                Severity::Alert,
                format!("Error(s) found in configuration file : {}", file.name),
            ));
        }
    }

    fn end_of_file(&mut self, place: &Place, text: &str, conditionals: &Conditionals) {
        let last = text.rsplit('\n').next().unwrap_or("");
        if !last.is_empty() {
            let problem = Problem::at(
                0,
                format!(
                    "parsing [{place}]: Missing LF on last line, file might have been truncated at position {}.",
                    last.len() + 1
                ),
            )
            .because("the last line has to end with a line feed");
            let spot = Spot::new(place.clone(), last, last.len(), last.len() + 1);
            self.alert(spot.diagnostic(Severity::Alert, problem));
        }
        if conditionals.depth() > 0 {
            self.alert(Diagnostic {
                place: Some(place.clone()),
                ..Diagnostic::general(
                    Severity::Alert,
                    format!("parsing [{place}]: non-terminated '.if' block."),
                )
            });
        }
    }

    fn line(&mut self, place: &Place, line: &str, conditionals: &mut Conditionals) {
        let line = line.trim_end_matches(['\n', '\r']);
        if line.len() > LINE_MAX {
            self.alert(Diagnostic {
                place: Some(place.clone()),
                ..Diagnostic::general(
                    Severity::Alert,
                    format!("parsing [{place}]: line too long, limit: {LINE_MAX}."),
                )
            });
            return;
        }
        // Inside a branch that is not taken only the directives are looked at, so that lines for
        // other versions do not have to be well formed here.
        let directive = line.trim_start().starts_with('.');
        if !directive && !conditionals.taken() {
            return;
        }
        let Some(words) = self.split(place, line) else {
            return;
        };
        if words.is_empty() {
            return;
        }
        if directive {
            self.directive(place, line, &words, conditionals);
        } else {
            self.statement(place, line, &words);
        }
    }

    fn split(&mut self, place: &Place, line: &str) -> Option<Vec<Word>> {
        let section = self.section_name();
        let context = &self.context;
        let variables = Variables {
            env: &|name| context.env(name),
            file: &place.file,
            line: place.line,
            section: &section,
        };
        match words::split(line, &variables) {
            Ok(words) => Some(words),
            Err(mistake) => {
                let at = mistake.at;
                let problem = Problem::at(
                    0,
                    format!(
                        "parsing [{place}]: {} at position {}:",
                        mistake.kind.message(),
                        at + 1
                    ),
                )
                .because(mistake.kind.reason());
                let spot = Spot::new(place.clone(), line, at, at + 1);
                self.alert(spot.diagnostic(Severity::Alert, problem));
                None
            }
        }
    }

    /// `.SECTION`: the section's name, or its kind if it has none.
    fn section_name(&self) -> String {
        let named = |draft: Option<&ProxyDraft>| match draft {
            Some(draft) if !draft.proxy.name.is_empty() => draft.proxy.name.to_string(),
            Some(draft) => draft.kind(),
            None => String::new(),
        };
        match self.section {
            Section::None | Section::Refused => String::new(),
            Section::Global => "global".into(),
            Section::Defaults => named(self.defaults.last()),
            Section::Proxy => named(self.proxies.last()),
        }
    }

    /// A line that starts with a dot.
    fn directive(
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
                .did_you_mean(crate::nearest::nearest(
                    other,
                    known::DIRECTIVES.iter().copied(),
                ))),
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
            self.context.diagnostics.push(diagnostic);
        }
        Ok(())
    }

    /// An ordinary line.
    fn statement(&mut self, place: &Place, line: &str, words: &[Word]) {
        let whole = Statement {
            words,
            polarity: Polarity::Plain,
            place,
            line,
        };
        let result = self.no_empty_word(&whole).and_then(|()| {
            let polarity = match (whole.word(0), whole.len()) {
                ("no", 2..) => Polarity::No,
                ("default", 2..) => Polarity::Default,
                _ => return self.dispatch(&whole),
            };
            let rest = Statement {
                words: &words[1..],
                polarity,
                place,
                line,
            };
            // Word numbers of the problem count from the keyword, not from its prefix.
            self.dispatch(&rest).map_err(|mut problem| {
                problem.words = problem.words.start + 1..problem.words.end + 1;
                problem
            })
        });
        if let Err(problem) = result {
            self.alert(whole.diagnostic(Severity::Alert, problem));
        }
    }

    /// An empty word would silently end the line for most keywords.
    fn no_empty_word(&self, statement: &Statement<'_>) -> Parsed {
        let Some(at) = statement.words.iter().position(|word| word.text.is_empty()) else {
            return Ok(());
        };
        let word = &statement.words[at];
        let problem = Problem::at(
            at,
            format!(
                "argument number {at} at position {} is empty and marks the end of the argument list.",
                word.start + 1
            ),
        );
        Err(match &word.unset {
            Some(name) => problem
                .because(format!("the environment variable {name} is not set"))
                .help(format!(
                    "write \"${{{name}[*]}}\" to leave the word out, or \"${{{name}-value}}\" for a default"
                )),
            None => problem.because("an argument cannot be empty"),
        })
    }

    fn dispatch(&mut self, statement: &Statement<'_>) -> Parsed {
        if let Some(kind) = section::kind(statement) {
            return self.open_section(kind, statement);
        }
        match self.section {
            Section::Refused => Ok(()),
            Section::None => Err(self.out_of_section(statement)),
            Section::Global => global::statement(statement, &mut self.global, &mut self.context),
            Section::Defaults => match self.defaults.last_mut() {
                Some(draft) => proxy::statement(statement, draft, &mut self.context),
                None => Ok(()),
            },
            Section::Proxy => match self.proxies.last_mut() {
                Some(draft) => proxy::statement(statement, draft, &mut self.context),
                None => Ok(()),
            },
        }
    }

    fn out_of_section(&mut self, statement: &Statement<'_>) -> Problem {
        let word = statement.word(0);
        let near = crate::nearest::nearest(word, known::SECTIONS.iter().copied());
        // What follows a misspelt section belongs to it, and is not wrong by itself.
        if near.is_some() {
            self.section = Section::Refused;
        }
        Problem::at(0, format!("unknown keyword '{word}' out of section."))
            .because("a file has to start with a section such as 'global' or 'frontend'")
            .did_you_mean(near)
    }

    fn alert(&mut self, diagnostic: Diagnostic) {
        self.fatal += 1;
        self.context.diagnostics.push(diagnostic);
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
