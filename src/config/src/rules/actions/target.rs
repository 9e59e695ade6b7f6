//! Changes of the request's method and target.

use super::ActionKeyword;
use crate::nearest::nearest;
use crate::problem::Problem;
use crate::rules::reading::Reading;
use crate::rules::rule::RuleLine;
use crate::rules::set::Sets;
use alloc::boxed::Box;
use alloc::format;
use session::normalize::Normalizer;
use session::rules::{Action, Edit, PathPart};

/// An action that sets a part of the target.
macro_rules! set {
    ($name:literal, $doc:literal, $part:ident) => {
        ActionKeyword {
            name: $name,
            doc: $doc,
            sets: Sets::REQUEST,
            ends: false,
            parse: |line, reading| {
                let value = one_format(line, reading)?;
                let part = PathPart::$part;
                Ok(Action::Edit(Box::new(Edit::SetTarget { part, value })))
            },
        }
    };
}

/// An action that replaces a part of the target where a regular expression matches.
macro_rules! replace {
    ($name:literal, $doc:literal, $part:ident) => {
        ActionKeyword {
            name: $name,
            doc: $doc,
            sets: Sets::REQUEST,
            ends: false,
            parse: |line, reading| {
                let what = "expects exactly 2 arguments <match-regex> and <replace-format>";
                line.needs(2, what)?;
                let regex = line.regex(what)?;
                let with = line.format(reading, what)?;
                let part = PathPart::$part;
                Ok(Action::Edit(Box::new(Edit::ReplaceTarget {
                    part,
                    regex,
                    with,
                })))
            },
        }
    };
}

pub(super) const ACTIONS: &[ActionKeyword] = &[
    ActionKeyword {
        name: "set-method",
        doc: "another method",
        sets: Sets::REQUEST,
        ends: false,
        parse: |line, reading| {
            let value = one_format(line, reading)?;
            Ok(Action::Edit(Box::new(Edit::SetMethod(value))))
        },
    },
    set!("set-path", "another path; the query stays", Path),
    set!("set-pathq", "another path and query", PathAndQuery),
    set!("set-query", "another query; the path stays", Query),
    set!("set-uri", "another target", Uri),
    replace!("replace-path", "rewrites the path", Path),
    replace!("replace-pathq", "rewrites path and query", PathAndQuery),
    replace!("replace-uri", "rewrites the target", Uri),
    ActionKeyword {
        name: "normalize-uri",
        doc: "rewrites the target to one that means the same",
        sets: Sets::REQUEST,
        ends: false,
        parse: normalize,
    },
];

/// The one format that follows.
fn one_format(
    line: &mut RuleLine<'_, '_>,
    reading: &mut Reading<'_, '_>,
) -> Result<sample::format::Format, Problem> {
    let what = "expects exactly 1 argument <format>";
    if line.is_over() {
        return Err(line.wrong(line.at, what));
    }
    let format = line.format(reading, what)?;
    if !line.is_over() {
        let got = format!("{what}, but '{}' follows", line.peek());
        return Err(line.wrong(line.at, &got));
    }
    Ok(format)
}

const NORMALIZERS: &[&str] = &[
    "fragment-encode",
    "fragment-strip",
    "path-merge-slashes",
    "path-strip-dot",
    "path-strip-dotdot",
    "percent-decode-unreserved",
    "percent-to-uppercase",
    "query-sort-by-name",
];

/// `normalize-uri <normalizer> [full|strict]`
fn normalize(
    line: &mut RuleLine<'_, '_>,
    reading: &mut Reading<'_, '_>,
) -> Result<Action, Problem> {
    if !reading.context.experimental {
        let message = "'normalize-uri' action is experimental, must be allowed via a global 'expose-experimental-directives'";
        return Err(Problem::at(line.set.words(), message).because("not allowed without"));
    }
    let (at, name) = line.word("missing argument <normalizer>")?;
    let normalizer = match name {
        "fragment-encode" => Normalizer::FragmentEncode,
        "fragment-strip" => Normalizer::FragmentStrip,
        "path-merge-slashes" => Normalizer::PathMergeSlashes,
        "path-strip-dot" => Normalizer::PathStripDot,
        "path-strip-dotdot" => Normalizer::PathStripDotDot {
            full: line.takes("full"),
        },
        "percent-decode-unreserved" => Normalizer::PercentDecodeUnreserved {
            strict: line.takes("strict"),
        },
        "percent-to-uppercase" => Normalizer::PercentToUppercase {
            strict: line.takes("strict"),
        },
        "query-sort-by-name" => Normalizer::QuerySortByName,
        _ => {
            let problem = line.wrong(at, &format!("unknown normalizer '{name}'"));
            let near = nearest(name, NORMALIZERS.iter().copied());
            return Err(problem.did_you_mean(near));
        }
    };
    Ok(Action::Edit(Box::new(Edit::Normalize(normalizer))))
}
