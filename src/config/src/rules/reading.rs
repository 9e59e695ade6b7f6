//! What the parser of a kept line may use besides its words.

use super::kept::{Kept, Kind, Remembered};
use super::landscape::Landscape;
use super::names::Lookup;
use super::shared::Shared;
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::draft::ProxyDraft;
use crate::keyword::Sections;
use crate::known;
use crate::nearest::nearest;
use crate::notes::Mark;
use crate::problem::Problem;
use crate::statement::{Spot, Statement};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;
use sample::cast::castable;
use sample::condition::{Acls, Condition};
use sample::expr::{BadExpr, Unknown};
use sample::format::{BadFormat, Format, Style};
use sample::{Expr, Ground, Source, Type};
use session::settings::ProxyIndex;
use tables::KeyType;

/// Kept lines of one section being read.
pub(crate) struct Reading<'r, 'c> {
    pub landscape: &'r Landscape,
    pub shared: &'r mut Shared,
    /// The proxy the lines are for.
    pub draft: &'r mut ProxyDraft,
    pub context: &'r mut Context<'c>,
    /// Its place; a `defaults` section has none.
    pub me: Option<u32>,
    /// The section the lines stand in: of inherited ones it is `defaults`.
    pub origin: Sections,
    /// Named ACLs so far.
    pub acls: Acls,
    /// Those that no condition has used, with the lines that declared them first.
    pub idle_acls: BTreeMap<Box<str>, Spot>,
    /// The first rule that needs contents and does not wait by itself.
    pub hasty: Option<Spot>,
    mark: Option<Mark>,
    /// Where the line that is being read has its place in the order.
    pub line: Mark,
}

impl<'r, 'c> Reading<'r, 'c> {
    pub(super) fn new(
        landscape: &'r Landscape,
        shared: &'r mut Shared,
        draft: &'r mut ProxyDraft,
        context: &'r mut Context<'c>,
        me: Option<u32>,
        origin: Sections,
    ) -> Self {
        Self {
            landscape,
            shared,
            draft,
            context,
            me,
            origin,
            acls: Acls::default(),
            idle_acls: BTreeMap::new(),
            hasty: None,
            mark: None,
            line: Mark::default(),
        }
    }

    /// Reads lines one after the other; a wrong one is reported, unless it was for another proxy.
    pub(super) fn lines(&mut self, lines: &[Kept]) {
        for line in lines {
            let statement = line.statement();
            self.turn_to(line.mark());
            let keyword = line.keyword();
            if self.draft.is_log && keyword.kind == Kind::Rule {
                self.warn(&statement, ruleless(keyword.name, &self.draft.proxy.name));
                continue;
            }
            let read = (keyword.parse)(&statement, self);
            if let Err(problem) = read {
                self.say(&statement, Severity::Alert, problem);
            }
        }
        self.say_hasty();
        if self.context.options.diagnostic_mode {
            self.say_idle();
        }
    }

    /// What `read` makes of a line of servers; nothing if it is wrong, which is reported.
    pub(super) fn on<T>(
        &mut self,
        line: &Remembered,
        read: impl FnOnce(&mut Self) -> Result<T, Problem>,
    ) -> Option<T> {
        self.turn_to(line.mark());
        let read = read(self);
        read.map_err(|problem| self.say(&line.statement(), Severity::Alert, problem))
            .ok()
    }

    pub(super) fn turn_to(&mut self, mark: Mark) {
        self.line = mark;
        // What was said of an inherited line is not said again for each who inherits it.
        self.mark = (!self.context.notes.has_said(mark)).then_some(mark);
    }

    /// Named ACLs nobody uses.
    fn say_idle(&mut self) {
        let owner = self.draft.title();
        for (name, spot) in core::mem::take(&mut self.idle_acls) {
            let message = format!(
                "parsing [{}] : acl '{name}' of {owner} is used by no condition.",
                spot.place
            );
            let problem = Problem::at(0, message).because("it could go");
            let notes = &mut self.context.notes;
            notes.push(spot.diagnostic(Severity::Diag, problem));
        }
    }

    /// Says something about a line that does not stop the configuration.
    pub(crate) fn warn(&mut self, statement: &Statement<'_>, problem: Problem) {
        self.say(statement, Severity::Warning, problem);
    }

    fn say(&mut self, statement: &Statement<'_>, severity: Severity, problem: Problem) {
        let Some(mark) = self.mark else {
            return;
        };
        let bare = problem.bare;
        let diagnostic = statement.diagnostic(severity, problem);
        match bare {
            true => self.context.notes.push_late(mark, diagnostic),
            false => self.context.notes.push_at(mark, diagnostic),
        }
    }

    /// What names stand for here.
    pub(crate) fn names<'a>(&'a mut self, statement: &'a Statement<'_>) -> Lookup<'a, 'c> {
        Lookup {
            landscape: self.landscape,
            shared: self.shared,
            context: self.context,
            me: self.me,
            acls: &self.acls,
            idle_acls: &mut self.idle_acls,
            place: statement.place,
        }
    }

    /// Reads the expression in word `at` and nothing else of that word. `rule` makes a message of the
    /// line's form.
    pub(crate) fn expr(
        &mut self,
        statement: &Statement<'_>,
        at: usize,
        ground: &Ground,
        rule: &dyn Fn(&str) -> String,
    ) -> Result<Expr, Problem> {
        let text = statement.word(at);
        let bad = match Expr::parse(text, ground, &mut self.names(statement)) {
            Ok((expr, length)) if length == text.len() => return Ok(expr),
            Ok((_, length)) => BadExpr {
                at: length,
                message: format!("missing comma after '{}'", &text[..length]),
                unknown: None,
            },
            Err(bad) => bad,
        };
        let message = rule(&bad.message);
        Err(self.wrong(statement, at..at + 1, bad.at, message, bad.unknown.as_ref()))
    }

    /// What an expression reads has to exist where it stands.
    pub(crate) fn is_here(
        &self,
        statement: &Statement<'_>,
        at: usize,
        expr: &Expr,
        ground: &Ground,
        rule: &dyn Fn(&str) -> String,
    ) -> Result<(), Problem> {
        let sources = expr.sources();
        if sources.meets(ground.sources) {
            return Ok(());
        }
        let names: Vec<&str> = sources.iter().map(Source::name).collect();
        let keyword = expr.fetch().name;
        let message = rule(&format!(
            "fetch method '{keyword}' extracts information from '{}', none of which is available here",
            names.join("', '")
        ));
        let why = format!(
            "{} does not exist in a {}",
            lost(keyword),
            ground.place.name
        );
        Err(self
            .wrong(statement, at..at + 1, 0, message, None)
            .because(why))
    }

    /// Reads the format in word `at`. `rule` makes a message of the line's form.
    pub(crate) fn format(
        &mut self,
        statement: &Statement<'_>,
        at: usize,
        style: Style,
        ground: &Ground,
        rule: &dyn Fn(&str) -> String,
    ) -> Result<Format, Problem> {
        let text = statement.word(at);
        let read = Format::parse(text, style, ground, &mut self.names(statement));
        read.map_err(|bad| self.bad_format(statement, at, bad, rule))
    }

    /// What is wrong with the format in word `at`, or with a file that word names.
    pub(crate) fn bad_format(
        &self,
        statement: &Statement<'_>,
        at: usize,
        bad: BadFormat,
        rule: impl Fn(&str) -> String,
    ) -> Problem {
        let message = rule(bad.message.trim_end_matches('.'));
        match bad.unknown {
            Some(sample::format::Unknown::Expr(unknown)) => {
                self.wrong(statement, at..at + 1, bad.at, message, Some(&unknown))
            }
            Some(sample::format::Unknown::Alias(name)) => {
                let all = sample::format::Alias::all().map(|alias| alias.name);
                let near = nearest(&name, all);
                self.wrong(statement, at..at + 1, bad.at, message, None)
                    .because("no alias has this name")
                    .did_you_mean(near)
            }
            None => self.wrong(statement, at..at + 1, bad.at, message, None),
        }
    }

    /// Keys of a table have to be what the expression yields, or what that can be made.
    pub(crate) fn fits_table(&self, at: usize, key: &Expr, table: u32) -> Result<(), Problem> {
        let Some(definition) = self.landscape.definitions.get(table as usize) else {
            return Ok(());
        };
        let wanted = match definition.key {
            KeyType::Ip => Type::Ip4,
            KeyType::Ip6 => Type::Ip6,
            KeyType::Integer => Type::Int,
            KeyType::String { .. } => Type::Text,
            KeyType::Binary { .. } => Type::Bytes,
        };
        if castable(key.output(), wanted) {
            return Ok(());
        }
        let message = format!(
            "Proxy '{}': type of fetch not usable with type of stick-table '{}'.",
            self.draft.proxy.name, definition.name
        );
        let why = format!(
            "yields {}, keys are {}",
            key.output().name(),
            definition.key.name()
        );
        let words = at..at + 1;
        Err(Problem {
            words,
            ..Problem::bare(at, message).because(why)
        })
    }

    /// The backend that word `at` names.
    pub(crate) fn backend(
        &self,
        statement: &Statement<'_>,
        at: usize,
        keyword: &str,
    ) -> Result<ProxyIndex, Problem> {
        // What a disabled proxy names is never looked at.
        if self.draft.proxy.disabled {
            return Ok(ProxyIndex(self.me.unwrap_or(0)));
        }
        let found = self
            .landscape
            .backend(statement.word(at), self.draft, keyword);
        found.map_err(|problem| Problem {
            words: at..at + 1,
            ..problem
        })
    }

    /// Rule sets run in an order of their own, whatever the order of the lines.
    pub(crate) fn order(&mut self, statement: &Statement<'_>, keyword: &'static str) {
        let place = |keyword: &str| ORDER.iter().position(|other| *other == keyword);
        let Some(here) = place(keyword) else {
            return;
        };
        let last = &mut self.draft.last_rule;
        let before = last.filter(|last| *last > here);
        if before.is_none() {
            *last = Some(here);
        }
        if let Some(before) = before {
            let before = ORDER[before];
            let article = if before.starts_with("http") {
                "an"
            } else {
                "a"
            };
            let message = format!(
                "a '{keyword}' rule placed after {article} '{before}' rule will still be processed before."
            );
            self.warn(
                statement,
                Problem::at(0, message).because("it runs before those above"),
            );
        }
    }

    /// Reads `if` or `unless` at word `at` and what follows; nothing if nothing follows. `rule` is what
    /// messages call the line.
    pub(crate) fn condition(
        &mut self,
        statement: &Statement<'_>,
        at: usize,
        ground: &Ground,
        rule: &str,
    ) -> Result<Option<Condition>, Problem> {
        let words = statement.words.get(at..).unwrap_or_default();
        if words.is_empty() {
            return Ok(None);
        }
        let words: Vec<&str> = words.iter().map(|word| &*word.text).collect();
        let mut names = Lookup {
            landscape: self.landscape,
            shared: self.shared,
            context: self.context,
            me: self.me,
            acls: &self.acls,
            idle_acls: &mut self.idle_acls,
            place: statement.place,
        };
        match Condition::parse(&words, ground, &self.acls, &mut names) {
            Ok((condition, remarks)) => {
                for remark in remarks {
                    let words = at..statement.len();
                    let problem = Problem::at(at, format!("{remark}."));
                    self.warn(statement, Problem { words, ..problem });
                }
                self.conflicts(statement, at, &condition, ground);
                self.raw_under_http(statement, &condition);
                for name in condition.names() {
                    self.idle_acls.remove(name);
                }
                Ok(Some(condition))
            }
            Err(bad) => {
                let message = format!("error detected while parsing {rule} : {}.", bad.message);
                let (first, last) = bad.words;
                let words = at + first..at + last + 1;
                Err(self.wrong(statement, words, bad.at, message, bad.unknown.as_ref()))
            }
        }
    }

    /// ACLs that read what does not exist where the line stands.
    fn conflicts(
        &mut self,
        statement: &Statement<'_>,
        at: usize,
        condition: &Condition,
        ground: &Ground,
    ) {
        let place = ground.place.name;
        if condition.is_empty() {
            let problem = Problem::at(at, "the condition is empty.");
            self.warn(statement, problem.because("nothing follows"));
        }
        for conflict in condition.conflicts(ground.sources) {
            let keyword = &conflict.keyword;
            let message = match (&conflict.acl, conflict.never) {
                (Some(acl), true) => format!(
                    "acl '{acl}' will never match because it only involves keywords that are incompatible with '{place}'."
                ),
                (Some(acl), false) => format!(
                    "acl '{acl}' involves keywords '{keyword}' which is incompatible with '{place}'."
                ),
                (None, _) => format!(
                    "anonymous acl will never match because it uses keyword '{keyword}' which is incompatible with '{place}'."
                ),
            };
            let wanted = conflict.acl.as_deref();
            let mut words = at..statement.len();
            let named = |at: &usize| {
                let word = statement.word(*at).trim_start_matches('!');
                match wanted {
                    Some(acl) => word == acl,
                    None => word.starts_with(keyword.as_str()),
                }
            };
            if let Some(found) = words.clone().find(named) {
                words = found..found + 1;
            }
            let why = format!("{} does not exist here", lost(keyword));
            let problem = Problem::at(at, message).because(why);
            self.warn(statement, Problem { words, ..problem });
        }
    }

    /// A problem `offset` bytes into the first of some words.
    pub(crate) fn wrong(
        &self,
        statement: &Statement<'_>,
        words: Range<usize>,
        offset: usize,
        message: String,
        unknown: Option<&Unknown>,
    ) -> Problem {
        let lacking = match unknown {
            Some(Unknown::Fetch(name)) => known::has(known::FETCHES, name).then_some(name),
            Some(Unknown::Converter(name)) => known::has(known::CONVERTERS, name).then_some(name),
            Some(Unknown::Acl(_)) | None => None,
        };
        let mut problem = match lacking {
            Some(name) => known::not_yet(words.start, name),
            None => Problem::at(words.start, message),
        };
        problem.bytes = within(statement, words.start, offset);
        problem.words = words;
        match unknown {
            Some(_) if lacking.is_some() => problem,
            Some(Unknown::Fetch(name)) => {
                let all = sample::fetch::Fetch::all().map(|fetch| fetch.name);
                let near = nearest(name, all);
                problem.because("no fetch has this name").did_you_mean(near)
            }
            Some(Unknown::Converter(name)) => {
                let all = sample::convert::Converter::all().map(|converter| converter.name);
                let near = nearest(name, all);
                problem
                    .because("no converter has this name")
                    .did_you_mean(near)
            }
            Some(Unknown::Acl(name)) => {
                let near = nearest(name, self.acls.names());
                problem.because("no ACL has this name").did_you_mean(near)
            }
            None => problem,
        }
    }
}

/// Log lines have no rules.
fn ruleless(keyword: &str, backend: &str) -> Problem {
    let message = format!(
        "Cannot use '{keyword}' rules with 'mode log' in backend '{backend}'. They will be ignored."
    );
    Problem::at(0, message).because("log lines have no rules")
}

/// What a fetch reads, for people.
fn lost(keyword: &str) -> &'static str {
    let fetch = sample::fetch::Fetch::find(keyword);
    let source = fetch.and_then(|fetch| fetch.sources().iter().last());
    source.map_or("what it reads", Source::name)
}

/// The bytes of the line from `offset` bytes into word `at` to its end, if the word stands there as it
/// is, without quotes and escapes.
fn within(statement: &Statement<'_>, at: usize, offset: usize) -> Option<Range<usize>> {
    let word = statement.words.get(at)?;
    let plain = statement.line.get(word.start..word.end)? == word.text;
    (plain && 0 < offset && offset < word.text.len()).then(|| word.start + offset..word.end)
}

/// Rules in the order in which they run.
const ORDER: &[&str] = &[
    "tcp-request connection",
    "tcp-request session",
    "tcp-request content",
    "http-request",
    "redirect",
    "use_backend",
    "use-server",
];
