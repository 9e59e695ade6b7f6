//! Keywords of `defaults`, `frontend`, `listen` and `backend`.

mod backend;
mod basics;
pub(crate) mod cookie;
pub(crate) mod filters;
pub(crate) mod hashing;
mod headers;
mod logging;
pub(crate) mod pages;
pub(crate) mod stats;
mod switches;
mod table;
mod timeouts;

pub(crate) use pages::{PAGE_MAX, PageEntry, STATUSES};

use crate::context::Context;
use crate::draft::ProxyDraft;
use crate::keyword::{self, Keyword, Sections};
use crate::known;
use crate::nearest::nearest;
use crate::problem::{Parsed, Problem};
use crate::rules::Later;
use crate::statement::{Polarity, Statement};
use alloc::format;
use alloc::vec::Vec;

/// All keywords, by file.
pub(crate) const TABLES: &[&[Keyword<ProxyDraft>]] = &[
    backend::KEYWORDS,
    hashing::KEYWORDS,
    basics::KEYWORDS,
    cookie::KEYWORDS,
    filters::KEYWORDS,
    headers::KEYWORDS,
    logging::KEYWORDS,
    pages::KEYWORDS,
    stats::KEYWORDS,
    switches::KEYWORDS,
    table::KEYWORDS,
    timeouts::KEYWORDS,
];

/// Keywords that are refused, not ignored, in a section of the wrong kind.
const STRICT: &[&str] = &["server", "default-server", "server-template"];

/// One line of a proxy section.
pub(crate) fn statement(
    statement: &Statement<'_>,
    draft: &mut ProxyDraft,
    context: &mut Context<'_>,
) -> Parsed {
    let (name, sections) = if let Some(found) = keyword::find(TABLES, statement) {
        if found.sections.contains(draft.section) {
            return found.apply(statement, draft, context);
        }
        (found.name, found.sections)
    } else if let Some(found) = Later::find(statement) {
        if found.sections.contains(draft.section) {
            return found.keep(statement, draft, context);
        }
        (found.name, found.sections)
    } else {
        return Err(unknown(statement, draft));
    };
    let problem = misplaced(name, sections, draft);
    if draft.section == Sections::DEFAULTS || STRICT.contains(&name) {
        return Err(problem);
    }
    context.warn(statement, problem);
    Ok(())
}

fn misplaced(name: &str, sections: Sections, draft: &ProxyDraft) -> Problem {
    let verb = if STRICT.contains(&name) {
        "not allowed"
    } else {
        "ignored"
    };
    let message = if draft.section == Sections::DEFAULTS {
        format!("'{name}' not allowed in 'defaults' section.")
    } else if draft.accepts() {
        format!(
            "'{name}' {verb} because {} has no backend capability.",
            draft.title()
        )
    } else {
        format!(
            "'{name}' {verb} because {} has no frontend capability.",
            draft.title()
        )
    };
    Problem {
        words: 0..name.split(' ').count(),
        ..Problem::at(0, message).because(format!("belongs in: {}", sections.list()))
    }
}

/// Why the line starts with nothing we know.
fn unknown(statement: &Statement<'_>, draft: &ProxyDraft) -> Problem {
    let first = statement.word(0);
    let second = statement.word(1);
    // Some members have arguments in parentheses: `http-check set-var(check.x)`.
    let member = second.split('(').next().unwrap_or(second);
    let both = format!("{first} {member}");
    if let Some(problem) = known::removed(&both).or_else(|| known::removed(first)) {
        return problem;
    }
    if !second.is_empty() && known::has(known::PROXY, &both) {
        return Problem {
            words: 0..2,
            ..known::not_yet(0, &both)
        };
    }
    let family: Vec<&str> = known::PROXY
        .lines()
        .filter_map(|name| name.strip_prefix(first)?.strip_prefix(' '))
        .collect();
    if !family.is_empty() {
        return unknown_member(statement, first, &family);
    }
    if known::has(known::PROXY, first) {
        return known::not_yet(0, first);
    }
    if crate::global::knows(first) {
        return Problem::at(
            0,
            format!("unknown keyword '{first}' in '{}' section", draft.kind()),
        )
        .because("belongs in: global");
    }
    let near = nearest(
        first,
        known::PROXY
            .lines()
            .map(|name| name.split(' ').next().unwrap_or(name))
            .chain(known::SECTIONS.iter().copied()),
    );
    let maybe = near.map_or_else(Default::default, |near| {
        format!("; did you mean '{near}' maybe ?")
    });
    Problem::at(
        0,
        format!(
            "unknown keyword '{first}' in '{}' section{maybe}",
            draft.kind()
        ),
    )
    .because(format!("no keyword of '{}' has this name", draft.kind()))
    .did_you_mean(near)
}

/// The first word is a family such as `timeout`, the second none of its members.
fn unknown_member(statement: &Statement<'_>, first: &str, family: &[&str]) -> Problem {
    let second = statement.word(1);
    if second.is_empty() {
        let what = if first == "option" {
            "an option name"
        } else {
            "a second word"
        };
        return Problem::at(1, format!("'{first}' expects {what}."))
            .because(format!("one of {} is expected", family.join(", ")));
    }
    let near = nearest(second, family.iter().copied());
    let maybe = near.map_or_else(Default::default, |near| {
        format!("; did you mean '{near}' maybe ?")
    });
    let message = if first == "option" {
        format!("unknown option '{second}'{maybe}")
    } else {
        format!(
            "'{first}' supports {} (got '{second}'){maybe}",
            family.join(", ")
        )
    };
    Problem::at(1, message)
        .because(format!("'{first}' has no such member"))
        .did_you_mean(near)
}

/// Whether the line switches off: options are off by default, so `default` does what `no` does.
fn is_off(statement: &Statement<'_>) -> bool {
    match statement.polarity {
        Polarity::Plain => false,
        Polarity::No | Polarity::Default => true,
    }
}
