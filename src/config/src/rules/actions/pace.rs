//! Time, order, and how strictly and loudly things are done.

use super::ActionKeyword;
use crate::known;
use crate::nearest::nearest;
use crate::problem::Problem;
use crate::rules::reading::Reading;
use crate::rules::rule::RuleLine;
use crate::rules::set::Sets;
use crate::units;
use alloc::format;
use base::Duration;
use sample::expr::Expr;
use session::rules::{Action, TimeoutKind};
use session::settings::Level;

/// `do-log` and its like: everything but what comes before a stream.
const STREAMS: Sets = Sets::CONTENTS
    .union(Sets::REPLY)
    .union(Sets::RESPONSE)
    .union(Sets::AFTER);

pub(super) const ACTIONS: &[ActionKeyword] = &[
    ActionKeyword {
        name: "disable-l7-retry",
        doc: "this request is not sent again when a response is bad",
        sets: Sets::REQUEST,
        ends: false,
        parse: |_, _| Ok(Action::DisableL7Retry),
    },
    ActionKeyword {
        name: "do-log",
        doc: "writes a log line at once",
        sets: Sets::ALL,
        ends: false,
        parse: |line, _| match line.peek() {
            "profile" => Err(known::not_yet(line.at, "do-log profile")),
            _ => Ok(Action::DoLog),
        },
    },
    ActionKeyword {
        name: "pause",
        doc: "waits a while",
        sets: Sets::HTTP,
        ends: false,
        parse: |line, reading| Ok(Action::Pause(duration(line, reading)?)),
    },
    ActionKeyword {
        name: "set-log-level",
        doc: "the level of this request's log line",
        sets: STREAMS,
        ends: false,
        parse: set_log_level,
    },
    ActionKeyword {
        name: "set-nice",
        doc: "a hint to HAProxy's scheduler; there is none here",
        sets: Sets::CONTENTS.union(Sets::REPLY).union(Sets::RESPONSE),
        ends: false,
        parse: |line, _| {
            let (_, text) = line.word("expects exactly 1 argument (integer value)")?;
            // As in the reference, what is no number is none, and the rest is cut to what is possible.
            let nice: i32 = text.parse().unwrap_or(0);
            Ok(Action::SetNice(nice.clamp(-1024, 1024)))
        },
    },
    ActionKeyword {
        name: "set-priority-class",
        doc: "the class of this request in queues: the smaller goes first",
        sets: Sets::CONTENTS,
        ends: false,
        parse: |line, reading| {
            let value = line.expr(reading)?;
            Ok(Action::SetPriority { class: true, value })
        },
    },
    ActionKeyword {
        name: "set-priority-offset",
        doc: "milliseconds by which this request counts as younger in queues",
        sets: Sets::CONTENTS,
        ends: false,
        parse: |line, reading| {
            let value = line.expr(reading)?;
            let class = false;
            Ok(Action::SetPriority { class, value })
        },
    },
    ActionKeyword {
        name: "set-retries",
        doc: "how often a connection is tried again",
        sets: Sets::CONTENTS,
        ends: false,
        parse: |line, reading| {
            if !reading.draft.serves() {
                let what = "'set-retries' only available in backend or listen section";
                return Err(line.wrong(line.set.words(), what));
            }
            super::connection::number(line, reading).map(Action::SetRetries)
        },
    },
    ActionKeyword {
        name: "set-timeout",
        doc: "a timeout of this request",
        sets: Sets::HTTP,
        ends: false,
        parse: set_timeout,
    },
    ActionKeyword {
        name: "strict-mode",
        doc: "whether a change that cannot be made ends the request",
        sets: Sets::HEADS,
        ends: false,
        parse: |line, _| {
            let (at, word) = line.word("expects exactly 1 arguments")?;
            match word {
                "on" => Ok(Action::StrictMode(true)),
                "off" => Ok(Action::StrictMode(false)),
                _ => {
                    let what =
                        format!("Unexpected value '{word}'. Only 'on' and 'off' are supported");
                    Err(line.wrong(at, &what))
                }
            }
        },
    },
    ActionKeyword {
        name: "wait-for-body",
        doc: "waits for the body, or a part of it",
        sets: Sets::HTTP,
        ends: false,
        parse: wait_for_body,
    },
];

/// A time, or an expression in milliseconds.
fn duration(
    line: &mut RuleLine<'_, '_>,
    reading: &mut Reading<'_, '_>,
) -> Result<Result<Duration, Expr>, Problem> {
    let word = line.peek();
    if units::time(word).is_ok() {
        return line.time("a time is expected").map(Ok);
    }
    let fetch = word.split(['(', ',']).next().unwrap_or_default();
    if sample::fetch::Fetch::find(fetch).is_some() {
        return line.expr(reading).map(Err);
    }
    line.time("expects a time or an expression").map(Ok)
}

/// `set-timeout <kind> { <time> | <expression> }`
fn set_timeout(
    line: &mut RuleLine<'_, '_>,
    reading: &mut Reading<'_, '_>,
) -> Result<Action, Problem> {
    let kinds = [
        ("client", TimeoutKind::Client),
        ("connect", TimeoutKind::Connect),
        ("queue", TimeoutKind::Queue),
        ("server", TimeoutKind::Server),
        ("tarpit", TimeoutKind::Tarpit),
        ("tunnel", TimeoutKind::Tunnel),
    ];
    let list = "'client'/'connect'/'queue'/'server'/'tarpit'/'tunnel'";
    let (at, name) = line.word(&format!("'set-timeout' rule supports {list}"))?;
    let Some((_, kind)) = kinds.into_iter().find(|kind| kind.0 == name) else {
        let what = format!("'set-timeout' rule supports {list} (got '{name}')");
        let near = nearest(name, kinds.iter().map(|kind| kind.0));
        return Err(line.wrong(at, &what).did_you_mean(near));
    };
    let owner = &reading.draft.proxy.name;
    let lacks = match kind {
        TimeoutKind::Client => (!reading.draft.accepts()).then_some("frontend"),
        TimeoutKind::Connect | TimeoutKind::Queue | TimeoutKind::Server | TimeoutKind::Tunnel => {
            (!reading.draft.serves()).then_some("backend")
        }
        TimeoutKind::Tarpit => None,
    };
    if let Some(lacks) = lacks {
        return Err(line.wrong(at, &format!("'{owner}' has no {lacks} capability")));
    }
    let value = duration(line, reading)?;
    Ok(Action::SetTimeout { kind, value })
}

/// `set-log-level { <level> | silent }`
fn set_log_level(line: &mut RuleLine<'_, '_>, _: &mut Reading<'_, '_>) -> Result<Action, Problem> {
    let what = "expects exactly 1 argument (log level name or 'silent')";
    let (at, word) = line.word(what)?;
    let level = match word {
        "silent" => None,
        "emerg" => Some(Level::Emerg),
        "alert" => Some(Level::Alert),
        "crit" => Some(Level::Crit),
        "err" => Some(Level::Err),
        "warning" => Some(Level::Warning),
        "notice" => Some(Level::Notice),
        "info" => Some(Level::Info),
        "debug" => Some(Level::Debug),
        _ => return Err(line.wrong(at, what)),
    };
    Ok(Action::SetLogLevel(level))
}

/// `wait-for-body time <time> [at-least <bytes>]`
fn wait_for_body(line: &mut RuleLine<'_, '_>, _: &mut Reading<'_, '_>) -> Result<Action, Problem> {
    let what = "expects time <time> [ at-least <bytes> ]";
    let (mut time, mut at_least) = (None, None);
    loop {
        if line.takes("time") {
            time = Some(line.time(what)?);
        } else if line.takes("at-least") {
            at_least = Some(line.size(what)?);
        } else {
            break;
        }
    }
    match time {
        Some(time) => Ok(Action::WaitForBody { time, at_least }),
        None => Err(line.wrong(line.at, what)),
    }
}
