//! Files into lines, lines into words, words to the section they belong to.

use crate::context::Context;
use crate::diagnostic::{Diagnostic, Severity};
use crate::draft::ProxyDraft;
use crate::global::GlobalDraft;
use crate::known;
use crate::preprocessor::Conditionals;
use crate::problem::{Parsed, Problem};
use crate::rules::ProfileDraft;
use crate::sections::NamedSections;
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
use heirs::Heirs;

mod directives;
mod heirs;
mod section;

pub(crate) use section::valid_name;

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
        global: GlobalDraft::of(surroundings),
        proxies: Vec::new(),
        defaults: Vec::new(),
        names: BTreeMap::new(),
        heirs: BTreeMap::new(),
        sections: NamedSections::default(),
        profiles: Vec::new(),
        section: Section::None,
        fatal: 0,
    };
    for file in files {
        reader.file(file);
        if reader.fatal > FATAL_MAX {
            break;
        }
    }
    let everything = Everything {
        global: reader.global,
        proxies: reader.proxies,
        defaults: reader.defaults,
        sections: reader.sections,
        profiles: reader.profiles,
    };
    finish::finish(reader.context, everything)
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
    /// To the last user list.
    Userlist,
    /// To the last section of answers.
    Errors,
    /// To the last `log-profile`.
    Profile,
    /// To the last ring.
    Ring,
    /// To the last FastCGI application.
    Fcgi,
    /// To the last `log-forward`.
    Forward,
}

/// What a configuration has, once all of it is read.
pub(crate) struct Everything {
    pub global: GlobalDraft,
    pub proxies: Vec<ProxyDraft>,
    pub defaults: Vec<ProxyDraft>,
    pub sections: NamedSections,
    pub profiles: Vec<ProfileDraft>,
}

struct Reader<'c> {
    context: Context<'c>,
    global: GlobalDraft,
    proxies: Vec<ProxyDraft>,
    defaults: Vec<ProxyDraft>,
    /// Names of proxies: who has them, and where.
    names: BTreeMap<Box<str>, (String, Place)>,
    /// Who inherits from which `defaults` section.
    heirs: BTreeMap<usize, Heirs>,
    sections: NamedSections,
    profiles: Vec<ProfileDraft>,
    section: Section,
    fatal: usize,
}

impl Reader<'_> {
    fn file(&mut self, file: &SourceFile) {
        self.section = Section::None;
        let start = self.context.notes.mark();
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
        self.context.notes.end_file(&file.name, start);
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
        let last = |name: Option<&Box<str>>| name.map(ToString::to_string).unwrap_or_default();
        match self.section {
            Section::None | Section::Refused => String::new(),
            Section::Userlist => last(self.sections.userlists.last().map(|it| &it.name)),
            Section::Errors => last(self.sections.errors.last().map(|it| &it.name)),
            Section::Forward => last(self.sections.forwards.last().map(|it| &it.forward.name)),
            Section::Ring => last(self.sections.rings.last().map(|it| &it.ring.name)),
            Section::Fcgi => last(self.sections.fcgi.last().map(|it| &it.name)),
            Section::Global => "global".into(),
            Section::Defaults => named(self.defaults.last()),
            Section::Proxy => named(self.proxies.last()),
            Section::Profile => {
                let last = self.profiles.last();
                last.map_or_else(String::new, |profile| profile.name.to_string())
            }
        }
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
            Section::Userlist => match self.sections.userlists.last_mut() {
                Some(draft) => draft.line(statement, &mut self.context),
                None => Ok(()),
            },
            Section::Errors => match self.sections.errors.last_mut() {
                Some(draft) => draft.line(statement, &self.context),
                None => Ok(()),
            },
            Section::Forward => match self.sections.forwards.last_mut() {
                Some(draft) => draft.line(statement, &mut self.context),
                None => Ok(()),
            },
            Section::Ring => match self.sections.rings.last_mut() {
                Some(draft) => draft.line(statement, &self.context),
                None => Ok(()),
            },
            Section::Fcgi => match self.sections.fcgi.last_mut() {
                Some(draft) => draft.line(statement),
                None => Ok(()),
            },
            Section::Profile => match self.profiles.last_mut() {
                Some(profile) => profile.statement(statement, &mut self.context),
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
        self.context.notes.push(diagnostic);
    }
}
