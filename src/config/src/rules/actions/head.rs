//! Changes of the fields and the status of a head.

use super::ActionKeyword;
use crate::problem::Problem;
use crate::rules::reading::Reading;
use crate::rules::rule::RuleLine;
use crate::rules::set::Sets;
use alloc::boxed::Box;
use alloc::format;
use session::rules::{Action, Edit, Lines, NameMatch, is_token};

/// An action on the lines of a list.
macro_rules! lines {
    ($name:literal, $doc:literal, $lines:ident) => {
        ActionKeyword {
            name: $name,
            doc: $doc,
            sets: Sets::HEADS,
            ends: false,
            parse: |line, reading| {
                let list = line.expr(reading)?;
                let prefix = match line.takes("prefix") {
                    true => Some(line.format(reading, "'prefix' expects a format")?),
                    false => None,
                };
                let lines = Lines::$lines;
                Ok(edit(Edit::Lines {
                    lines,
                    list,
                    prefix,
                }))
            },
        }
    };
}

pub(super) const ACTIONS: &[ActionKeyword] = &[
    ActionKeyword {
        name: "add-header",
        doc: "one more field",
        sets: Sets::HEADS,
        ends: false,
        parse: |line, reading| {
            line.needs(2, TWO)?;
            let name = name(line, reading, TWO)?;
            let value = line.format(reading, TWO)?;
            Ok(edit(Edit::AddHeader { name, value }))
        },
    },
    lines!("add-headers-bin", "more fields, out of a list", Add),
    ActionKeyword {
        name: "del-header",
        doc: "all fields of a name go",
        sets: Sets::HEADS,
        ends: false,
        parse: del_header,
    },
    lines!(
        "del-headers-bin",
        "all fields of the names of a list go",
        Del
    ),
    ActionKeyword {
        name: "early-hint",
        doc: "a field of an interim answer 103",
        sets: Sets::REQUEST,
        ends: false,
        parse: |line, reading| {
            line.needs(2, TWO)?;
            let name = name(line, reading, TWO)?;
            let value = line.format(reading, TWO)?;
            Ok(Action::EarlyHint { name, value })
        },
    },
    ActionKeyword {
        name: "replace-header",
        doc: "rewrites the values of all fields of a name",
        sets: Sets::HEADS,
        ends: false,
        parse: |line, reading| {
            line.needs(3, THREE)?;
            let name = name(line, reading, THREE)?;
            let regex = line.regex(THREE)?;
            let with = line.format(reading, THREE)?;
            Ok(edit(Edit::ReplaceHeader { name, regex, with }))
        },
    },
    ActionKeyword {
        name: "replace-value",
        doc: "rewrites the items between the commas in all fields of a name",
        sets: Sets::HEADS,
        ends: false,
        parse: |line, reading| {
            line.needs(3, THREE)?;
            let name = name(line, reading, THREE)?;
            let regex = line.regex(THREE)?;
            let with = line.format(reading, THREE)?;
            Ok(edit(Edit::ReplaceValue { name, regex, with }))
        },
    },
    ActionKeyword {
        name: "set-header",
        doc: "one field instead of all of its name",
        sets: Sets::HEADS,
        ends: false,
        parse: |line, reading| {
            line.needs(2, TWO)?;
            let name = name(line, reading, TWO)?;
            let value = line.format(reading, TWO)?;
            Ok(edit(Edit::SetHeader { name, value }))
        },
    },
    lines!(
        "set-headers-bin",
        "fields out of a list instead of all of their names",
        Set
    ),
    ActionKeyword {
        name: "set-status",
        doc: "another status",
        sets: Sets::RESPONSE.union(Sets::AFTER),
        ends: false,
        parse: set_status,
    },
];

const TWO: &str = "expects exactly 2 arguments";
const THREE: &str = "expects exactly 3 arguments";

fn edit(edit: Edit) -> Action {
    Action::Edit(Box::new(edit))
}

/// The name of a field, as it stands there.
fn name(
    line: &mut RuleLine<'_, '_>,
    reading: &mut Reading<'_, '_>,
    what: &str,
) -> Result<Box<[u8]>, Problem> {
    let (at, name) = line.word(what)?;
    if let Some(odd) = name.bytes().find(|byte| !is_token(*byte)) {
        let odd = char::from(odd);
        let message = format!("header name '{name}' contains forbidden character '{odd}'.");
        let problem = Problem::at(at, message);
        reading.warn(line.statement, problem.because("names are not evaluated"));
    }
    Ok(name.as_bytes().into())
}

fn text(line: &mut RuleLine<'_, '_>, what: &str) -> Result<Box<[u8]>, Problem> {
    let (_, text) = line.word(what)?;
    Ok(text.as_bytes().into())
}

/// `del-header <name> [-m <meth>]`
fn del_header(line: &mut RuleLine<'_, '_>, _: &mut Reading<'_, '_>) -> Result<Action, Problem> {
    let what = "expects at least 1 argument";
    let name_at = line.at;
    let has_method = line.statement.word(name_at + 1) == "-m";
    let method = match has_method {
        true => line.statement.word(name_at + 2),
        false => "str",
    };
    let names = match method {
        "reg" => NameMatch::Regex(line.regex(what)?),
        "str" => NameMatch::Is(text(line, what)?),
        "beg" => NameMatch::Begins(text(line, what)?),
        "end" => NameMatch::Ends(text(line, what)?),
        "sub" => NameMatch::Has(text(line, what)?),
        "" => return Err(line.wrong(name_at + 2, "-m flag expects exactly 1 argument")),
        other => {
            let what = format!("-m with unsupported matching method '{other}'");
            let problem = line.wrong(name_at + 2, &what);
            return Err(problem.because("one of str, beg, end, sub, reg is expected"));
        }
    };
    line.at += 2 * usize::from(has_method);
    Ok(edit(Edit::DelHeader(names)))
}

/// `set-status <status> [reason <text>]`
fn set_status(line: &mut RuleLine<'_, '_>, _: &mut Reading<'_, '_>) -> Result<Action, Problem> {
    let what = "expects an integer status code between 100 and 999";
    let (at, word) = line.word(what)?;
    let status = word
        .parse()
        .ok()
        .filter(|status| (100..=999).contains(status));
    let status = status.ok_or_else(|| line.wrong(at, what))?;
    let mut reason = None;
    if line.peek() == "reason" && !matches!(line.statement.word(line.at + 1), "" | "if" | "unless")
    {
        line.at += 1;
        let (_, text) = line.word("a reason is expected")?;
        reason = Some(text.as_bytes().into());
    }
    Ok(edit(Edit::SetStatus { status, reason }))
}
