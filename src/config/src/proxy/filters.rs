//! `filter bwlim-in`, `filter bwlim-out`: limits that rules switch on (`set-bandwidth-limit`).

use crate::context::Context;
use crate::draft::ProxyDraft;
use crate::keyword::{Keyword, Sections};
use crate::known;
use crate::nearest::nearest;
use crate::problem::{Parsed, Problem};
use crate::rules::Remembered;
use crate::statement::Statement;
use crate::units::{self, BadNumber};
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use base::Duration;
use session::pace::Way;

/// A `filter` line.
#[derive(Clone, Debug)]
pub(crate) struct FilterDraft {
    pub name: Box<str>,
    pub way: Way,
    /// `min-size`, bytes.
    pub min_bytes: u32,
    pub terms: Terms,
    pub line: Arc<Remembered>,
}

/// What it limits.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Terms {
    /// Each stream.
    Stream { bytes_max: u32, period: Duration },
    /// All streams with the same key.
    Shared {
        bytes_max: u32,
        /// The word with the key.
        key_at: usize,
        /// The word that names the table; the proxy's own without.
        table_at: Option<usize>,
        /// The table's place, once all sections are read.
        table: Option<u32>,
    },
}

pub(super) const KEYWORDS: &[Keyword<ProxyDraft>] = &[Keyword {
    name: "filter",
    doc: "what may be done with messages as they pass: bwlim-in, bwlim-out",
    sections: Sections::PROXY,
    negatable: false,
    parse: filter,
}];

/// Filters HAProxy has and we do not have yet.
const LATER: &[&str] = &[
    "cache",
    "comp-req",
    "comp-res",
    "compression",
    "fcgi-app",
    "opentelemetry",
    "opentracing",
    "spoe",
    "trace",
];

const ARGUMENTS: &[&str] = &[
    "default-limit",
    "default-period",
    "key",
    "limit",
    "min-size",
    "table",
];

fn filter(statement: &Statement<'_>, draft: &mut ProxyDraft, context: &mut Context<'_>) -> Parsed {
    let way = match statement.word(1) {
        "bwlim-in" => Way::Upload,
        "bwlim-out" => Way::Download,
        "" => {
            let message = format!("missing argument for 'filter' in {}.", draft.title());
            return Err(Problem::at(1, message).because("the kind of filter is expected"));
        }
        later if LATER.contains(&later) => {
            return Err(Problem {
                words: 0..2,
                ..known::not_yet(0, &format!("filter {later}"))
            });
        }
        other => {
            let all = ["bwlim-in", "bwlim-out"].into_iter();
            let message = format!("'filter' : unknown keyword '{other}'.");
            return Err(Problem::at(1, message)
                .because("no filter has this name")
                .did_you_mean(nearest(other, all.chain(LATER.iter().copied()))));
        }
    };
    let name = statement.word(2);
    if name.is_empty() {
        return Err(wrong(statement, 2, "a name is expected as first argument"));
    }
    let (terms, min_bytes) = terms(statement)?;
    if draft.filters.iter().any(|other| &*other.name == name) {
        let message = format!(
            "'filter' : bwlim filter '{name}' already declared for proxy '{}'",
            draft.proxy.name
        );
        return Err(Problem::at(2, message).because("rules could not tell them apart"));
    }
    draft.filters.push(FilterDraft {
        name: name.into(),
        way,
        min_bytes,
        terms,
        line: Arc::new(Remembered::of(statement, context)),
    });
    Ok(())
}

/// What stands behind the name, and `min-size`.
fn terms(statement: &Statement<'_>) -> Result<(Terms, u32), Problem> {
    let (mut own_max, mut own_period) = (None, None);
    let (mut shared_max, mut key_at, mut table_at) = (None, None, None);
    let mut min_bytes = 0;
    let mut at = 3;
    while at < statement.len() {
        let option = statement.word(at);
        match option {
            "default-limit" => own_max = Some(size(statement, at)?),
            "default-period" => own_period = Some(period(statement, at)?),
            "limit" => shared_max = Some(size(statement, at)?),
            "key" => key_at = Some(value(statement, at, "sample expression")?),
            "table" => table_at = Some(value(statement, at, "table name")?),
            "min-size" => min_bytes = size(statement, at)?,
            other => {
                let filter = statement.word(1);
                let message = format!("'filter {filter}' : unknown keyword '{other}'.");
                return Err(Problem::at(at, message)
                    .because("not an option of this filter")
                    .did_you_mean(nearest(other, ARGUMENTS.iter().copied())));
            }
        }
        let mixed = (own_max.is_some() || own_period.is_some())
            && (shared_max.is_some() || key_at.is_some() || table_at.is_some());
        if mixed {
            let what = "cannot mix per-stream and shared parameter";
            return Err(wrong(statement, at, what));
        }
        at += 2;
    }
    let missing = |option: &str| {
        let what = format!("<{option}> option is missing");
        wrong(statement, statement.len(), &what)
    };
    // Nothing at all is as good as not said.
    let shared = shared_max.is_some() || key_at.is_some() || table_at.is_some();
    let (own_max, shared_max) = (
        own_max.filter(|it| *it > 0),
        shared_max.filter(|it| *it > 0),
    );
    let terms = if shared {
        let key_at = key_at.ok_or_else(|| missing("key"))?;
        Terms::Shared {
            bytes_max: shared_max.ok_or_else(|| missing("limit"))?,
            key_at,
            table_at,
            table: None,
        }
    } else {
        let period = own_period.filter(|it| !it.is_zero());
        let period = period.ok_or_else(|| missing("default-period"))?;
        Terms::Stream {
            bytes_max: own_max.ok_or_else(|| missing("default-limit"))?,
            period,
        }
    };
    Ok((terms, min_bytes))
}

/// The word behind an option.
fn value(statement: &Statement<'_>, option_at: usize, what: &str) -> Result<usize, Problem> {
    let at = option_at + 1;
    if statement.word(at).is_empty() {
        let what = format!(
            "the {what} is missing for '{}' option",
            statement.word(option_at)
        );
        return Err(wrong(statement, at, &what));
    }
    Ok(at)
}

fn size(statement: &Statement<'_>, option_at: usize) -> Result<u32, Problem> {
    let at = value(statement, option_at, "value")?;
    let size = units::size(statement.word(at)).and_then(|bytes| {
        let bytes = u32::try_from(bytes);
        bytes.map_err(|_| BadNumber::Overflow)
    });
    size.map_err(|bad| bad_value(statement, option_at, bad))
}

fn period(statement: &Statement<'_>, option_at: usize) -> Result<Duration, Problem> {
    let at = value(statement, option_at, "value")?;
    units::time(statement.word(at)).map_err(|bad| bad_value(statement, option_at, bad))
}

fn bad_value(statement: &Statement<'_>, option_at: usize, bad: BadNumber) -> Problem {
    let why: String = match bad {
        BadNumber::Empty => "a number is expected".into(),
        BadNumber::Unexpected(c, _) => format!("unexpected character '{c}'"),
        BadNumber::Overflow => "too large".into(),
    };
    let option = statement.word(option_at);
    let what = format!("invalid value for option '{option}' ({why})");
    wrong(statement, option_at + 1, &what)
}

fn wrong(statement: &Statement<'_>, at: usize, what: &str) -> Problem {
    let message = format!("'filter' : '{}' : {what}", statement.word(1));
    Problem::at(at, message).because(what)
}
