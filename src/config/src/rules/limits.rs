//! Keys and tables of `filter bwlim-in` and `bwlim-out`, and the action that switches a limit on.

use super::Reading;
use super::actions::ActionKeyword;
use super::rule::RuleLine;
use super::set::Sets;
use crate::problem::Problem;
use crate::proxy::filters::{FilterDraft, Terms};
use crate::units;
use alloc::boxed::Box;
use alloc::format;
use base::Duration;
use sample::expr::{Expr, Ground};
use sample::fetch::Fetch;
use sample::names::Names;
use session::pace::Way;
use session::rules::{Action, LimitTo, SetLimit};
use session::settings::ProxyIndex;
use tables::DataType;

pub(super) const ACTIONS: &[ActionKeyword] = &[ActionKeyword {
    name: "set-bandwidth-limit",
    doc: "switches on a limit of how much passes in a time",
    sets: Sets::CONTENTS.union(Sets::REPLY).union(Sets::RESPONSE),
    ends: false,
    parse: set_limit,
}];

/// Finds the tables of the section's limits; wrong ones are reported, and no rule finds them.
pub(super) fn read(reading: &mut Reading<'_, '_>) {
    for filter in core::mem::take(&mut reading.draft.filters) {
        let line = filter.line.clone();
        if let Some(filter) = reading.on(&line, |reading| with_table(filter, reading)) {
            reading.draft.filters.push(filter);
        }
    }
}

fn with_table(
    mut filter: FilterDraft,
    reading: &mut Reading<'_, '_>,
) -> Result<FilterDraft, Problem> {
    let Terms::Shared {
        key_at,
        table_at,
        table,
        ..
    } = &mut filter.terms
    else {
        return Ok(filter);
    };
    let statement = filter.line.statement();
    let rule = |what: &str| format!("'filter' : {what}");
    let key = reading.expr(&statement, *key_at, &Ground::anywhere(), &rule)?;
    let own = reading.draft.proxy.name.clone();
    let name = table_at.map_or(&*own, |at| statement.word(at));
    let spot = table_at.unwrap_or(0);
    let found = reading.names(&statement).table(Some(name)).map_err(|_| {
        let message = format!(
            "Proxy {own} : unable to find table '{name}' referenced by bwlim filter '{}'",
            filter.name
        );
        Problem::bare(spot, message).because("no stick table has this name")
    })?;
    reading.fits_table(*key_at, &key, found)?;
    let (data, stored) = match filter.way {
        Way::Upload => (DataType::BytesInRate, "bytes_in_rate"),
        Way::Download => (DataType::BytesOutRate, "bytes_out_rate"),
    };
    let definition = reading.landscape.definitions.get(found as usize);
    if !definition.is_some_and(|it| it.stores(data)) {
        let message = format!(
            "Proxy {own} : stick-table '{name}' uses a data type incompatible with bwlim filter '{}'. It must be '{stored}'",
            filter.name
        );
        return Err(Problem::bare(spot, message).because("this is where bytes are counted"));
    }
    *table = Some(found);
    Ok(filter)
}

/// `set-bandwidth-limit <name> [limit { <size> | <expression> }] [period { <time> | <expression> }]`
fn set_limit(
    line: &mut RuleLine<'_, '_>,
    reading: &mut Reading<'_, '_>,
) -> Result<Action, Problem> {
    let (name_at, name) = line.word("missing bwlim filter name")?;
    let (mut own_max, mut own_period) = (None, None);
    loop {
        if line.takes("limit") {
            own_max = Some((line.at, bytes(line, reading)?));
        } else if line.takes("period") {
            own_period = Some((line.at, time(line, reading)?));
        } else {
            break;
        }
    }
    let mut filters = (0..).zip(&reading.draft.filters);
    let owner = reading.draft.proxy.name.clone();
    let Some((place, filter)) = filters.find(|(_, filter)| &*filter.name == name) else {
        let message = format!(
            "Proxy '{owner}': unable to find bwlim filter '{name}' referenced by set-bandwidth-limit rule."
        );
        let why = "no 'filter bwlim-in' or 'filter bwlim-out' of this proxy has this name";
        return Err(Problem::bare(name_at, message).because(why));
    };
    let (way, min_bytes) = (filter.way, filter.min_bytes);
    let to = match filter.terms {
        Terms::Stream { bytes_max, period } => LimitTo::Stream {
            bytes_max,
            own_bytes_max: own_max.map(|it| it.1),
            period,
            own_period: own_period.map(|it| it.1),
        },
        Terms::Shared {
            bytes_max,
            key_at,
            table,
            ..
        } => {
            let own = own_max.map(|it| (it.0, "limit"));
            if let Some((at, what)) = own.or_else(|| own_period.map(|it| (it.0, "period"))) {
                let message = format!(
                    "Proxy '{owner}': set-bandwidth-limit rule cannot define a {what} for a shared bwlim filter."
                );
                return Err(Problem::bare(at, message).because("all who share it have one"));
            }
            let filter_line = filter.line.clone();
            let key = shared_key(line, reading, &filter_line.statement(), key_at, name_at)?;
            LimitTo::Shared {
                bytes_max,
                table: table.unwrap_or_default(),
                key,
            }
        }
    };
    Ok(Action::Limit(Box::new(SetLimit {
        way,
        proxy: ProxyIndex(reading.me.unwrap_or_default()),
        line: place,
        min_bytes,
        to,
    })))
}

/// The key of a `filter` line, as it is read where the rule stands.
fn shared_key(
    line: &RuleLine<'_, '_>,
    reading: &mut Reading<'_, '_>,
    filter: &crate::statement::Statement<'_>,
    key_at: usize,
    name_at: usize,
) -> Result<Expr, Problem> {
    let owner = reading.draft.proxy.name.clone();
    let rule = |what: &str| format!("Proxy '{owner}': set-bandwidth-limit rule: key: {what}.");
    let key = reading.expr(filter, key_at, &line.ground, &rule);
    let here = key.and_then(|key| {
        reading.is_here(filter, key_at, &key, &line.ground, &rule)?;
        Ok(key)
    });
    here.map_err(|problem| {
        let why = problem.reason.unwrap_or_default();
        Problem::bare(name_at, problem.message).because(why)
    })
}

/// A size, or an expression that yields a number of bytes.
fn bytes(
    line: &mut RuleLine<'_, '_>,
    reading: &mut Reading<'_, '_>,
) -> Result<Result<u32, Expr>, Problem> {
    let word = line.peek();
    if let Ok(bytes) = units::size(word).map(u32::try_from) {
        line.at += 1;
        return bytes
            .map(Ok)
            .map_err(|_| line.wrong(line.at - 1, "'limit': the size is too large"));
    }
    match is_fetch(word) {
        true => line.expr(reading).map(Err),
        false => {
            let what = format!("'limit': invalid size value or unknown fetch method '{word}'");
            Err(line.wrong(line.at, &what))
        }
    }
}

/// A time, or an expression that yields a number of milliseconds.
fn time(
    line: &mut RuleLine<'_, '_>,
    reading: &mut Reading<'_, '_>,
) -> Result<Result<Duration, Expr>, Problem> {
    let word = line.peek();
    if let Ok(time) = units::time(word) {
        line.at += 1;
        return Ok(Ok(time));
    }
    match is_fetch(word) {
        true => line.expr(reading).map(Err),
        false => {
            let what = format!("'period': invalid time value or unknown fetch method '{word}'");
            Err(line.wrong(line.at, &what))
        }
    }
}

fn is_fetch(word: &str) -> bool {
    let name = word.split(['(', ',']).next().unwrap_or_default();
    Fetch::find(name).is_some()
}
