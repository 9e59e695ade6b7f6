//! Tracking of keys, and counters of tracked entries.

use super::ActionKeyword;
use crate::problem::Problem;
use crate::rules::reading::Reading;
use crate::rules::rule::RuleLine;
use crate::rules::set::Sets;
use alloc::boxed::Box;
use alloc::format;
use sample::expr::Expr;
use sample::names::Names;
use session::rules::{Action, Count};

/// Sets in which entries may be tracked.
const TRACKING: Sets = Sets::REQUESTS.union(Sets::RESPONSE);

pub(super) const ACTIONS: &[ActionKeyword] = &[
    ActionKeyword {
        name: "sc-add-gpc",
        doc: "adds to a general counter of a tracked entry",
        sets: Sets::ALL,
        ends: false,
        parse: |line, reading| {
            let (index, counter) = index_and_counter(line, reading)?;
            let value = number(line, reading)?;
            Ok(count(Count::AddGpc {
                index,
                counter,
                value,
            }))
        },
    },
    ActionKeyword {
        name: "sc-inc-gpc",
        doc: "counts up a general counter of a tracked entry",
        sets: Sets::ALL,
        ends: false,
        parse: |line, reading| {
            let (index, counter) = index_and_counter(line, reading)?;
            Ok(count(Count::IncrementGpc { index, counter }))
        },
    },
    ActionKeyword {
        name: "sc-inc-gpc0",
        doc: "counts up the first general counter of a tracked entry",
        sets: Sets::ALL,
        ends: false,
        parse: |line, reading| {
            let counter = counter_alone(line, reading)?;
            Ok(count(Count::IncrementGpc0 { counter }))
        },
    },
    ActionKeyword {
        name: "sc-inc-gpc1",
        doc: "counts up the second general counter of a tracked entry",
        sets: Sets::ALL,
        ends: false,
        parse: |line, reading| {
            let counter = counter_alone(line, reading)?;
            Ok(count(Count::IncrementGpc1 { counter }))
        },
    },
    ActionKeyword {
        name: "sc-set-gpt",
        doc: "sets a general tag of a tracked entry",
        sets: Sets::ALL,
        ends: false,
        parse: |line, reading| {
            let (index, counter) = index_and_counter(line, reading)?;
            let value = number(line, reading)?;
            Ok(count(Count::SetGpt {
                index,
                counter,
                value,
            }))
        },
    },
    ActionKeyword {
        name: "sc-set-gpt0",
        doc: "sets the first general tag of a tracked entry",
        sets: Sets::ALL,
        ends: false,
        parse: |line, reading| {
            let counter = counter_alone(line, reading)?;
            let value = number(line, reading)?;
            Ok(count(Count::SetGpt0 { counter, value }))
        },
    },
    ActionKeyword {
        name: "track-sc",
        doc: "tracks the entry of a key in a stick table",
        sets: TRACKING,
        ends: false,
        parse: track,
    },
];

fn count(count: Count) -> Action {
    Action::Count(Box::new(count))
}

/// `track-sc<N> <key> [table <table>]`
fn track(line: &mut RuleLine<'_, '_>, reading: &mut Reading<'_, '_>) -> Result<Action, Problem> {
    let at = line.set.words();
    let digits = line.action.trim_start_matches("track-sc");
    let counters = reading.context.stick_counters;
    let counter = match digits.parse::<u8>() {
        Ok(counter) if u32::from(counter) < counters => counter,
        Ok(_) => {
            let what = format!(
                "{digits} track-sc number exceeding {} (tune.stick-counters-1) value",
                counters.saturating_sub(1)
            );
            return Err(line.wrong(at, &what));
        }
        Err(_) => return Err(line.wrong(at, "the number of a counter is expected: track-sc0")),
    };
    let key_at = line.at;
    let key = line.expr(reading)?;
    let mut name = None;
    if line.takes("table") {
        name = Some(line.word("missing table name")?);
    }
    let table_at = name.map_or(at, |name| name.0);
    let mut names = reading.names(line.statement);
    let table = names.table(name.map(|name| name.1)).map_err(|_| {
        let own = reading.draft.proxy.name.clone();
        let table = name.map_or(&*own, |name| name.1);
        let message = format!(
            "Proxy '{own}': unable to find table '{table}' referenced by {}.",
            line.action
        );
        Problem::bare(table_at, message).because("no stick table has this name")
    })?;
    reading.fits_table(key_at, &key, table)?;
    Ok(Action::Track {
        counter,
        table,
        key,
    })
}

/// `(<counter>)`; the first where it is left out.
fn counter_alone(line: &RuleLine<'_, '_>, reading: &Reading<'_, '_>) -> Result<u8, Problem> {
    match line.argument()? {
        Some(text) => counter(line, reading, text),
        None => Ok(0),
    }
}

/// `(<index>,<counter>)`
fn index_and_counter(
    line: &RuleLine<'_, '_>,
    reading: &Reading<'_, '_>,
) -> Result<(u32, u8), Problem> {
    let at = line.set.words();
    let argument = line
        .argument()?
        .and_then(|argument| argument.split_once(','));
    let Some((index, text)) = argument else {
        let what = "expects the number of the element and that of the tracked entry in parentheses";
        return Err(line.wrong(at, what));
    };
    let index = index
        .parse()
        .ok()
        .filter(|index| *index < tables::ELEMENTS_MAX);
    let index = index.ok_or_else(|| {
        let what = format!(
            "the number of the element has to be below {}",
            tables::ELEMENTS_MAX
        );
        line.wrong(at, &what)
    })?;
    Ok((index, counter(line, reading, text)?))
}

fn counter(line: &RuleLine<'_, '_>, reading: &Reading<'_, '_>, text: &str) -> Result<u8, Problem> {
    let counters = reading.context.stick_counters;
    let what = match text.parse::<u8>() {
        Ok(counter) if u32::from(counter) < counters => return Ok(counter),
        Ok(_) => format!(
            "invalid stick table track ID. The max allowed ID is {} (tune.stick-counters)",
            counters.saturating_sub(1)
        ),
        Err(_) => format!(
            "invalid stick table track ID. Expects {}(<Track ID>)",
            line.action
        ),
    };
    Err(line.wrong(line.set.words(), &what))
}

/// A number, or an expression that yields one.
fn number(
    line: &mut RuleLine<'_, '_>,
    reading: &mut Reading<'_, '_>,
) -> Result<Result<u32, Expr>, Problem> {
    let word = line.peek();
    if word.starts_with(|first: char| first.is_ascii_digit()) {
        line.at += 1;
        let number = word.parse();
        let what = "a number of 32 bits or an expression is expected";
        return number.map(Ok).map_err(|_| line.wrong(line.at - 1, what));
    }
    line.expr(reading).map(Err)
}
