//! `log` lines, in `global` and in proxies.

use crate::address::{self, Form, Transport};
use crate::context::Context;
use crate::draft::{FormatGiven, LogDraft, LogEntry, Named, Reference};
use crate::known;
use crate::nearest::nearest;
use crate::problem::Problem;
use crate::statement::Statement;
use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;
use session::settings::{Facility, Level, LogSample, LogSocket, LogTarget, LogWhere, SyslogFormat};

/// Facilities in the order of their numbers.
const FACILITIES: [&str; 24] = [
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "auth2",
    "ftp", "ntp", "audit", "alert", "cron2", "local0", "local1", "local2", "local3", "local4",
    "local5", "local6", "local7",
];
/// Levels by name, most severe first.
const LEVELS: [(&str, Level); 8] = [
    ("emerg", Level::Emerg),
    ("alert", Level::Alert),
    ("crit", Level::Crit),
    ("err", Level::Err),
    ("warning", Level::Warning),
    ("notice", Level::Notice),
    ("info", Level::Info),
    ("debug", Level::Debug),
];
const FORMATS: [(&str, SyslogFormat); 8] = [
    ("local", SyslogFormat::Local),
    ("rfc3164", SyslogFormat::Rfc3164),
    ("rfc5424", SyslogFormat::Rfc5424),
    ("priority", SyslogFormat::Priority),
    ("short", SyslogFormat::Short),
    ("timed", SyslogFormat::Timed),
    ("iso", SyslogFormat::Iso),
    ("raw", SyslogFormat::Raw),
];
/// What addresses of servers that are spoken to over a stream start with.
const STREAMS: [&str; 5] = ["tcp@", "tcp4@", "tcp6@", "uxst@", "stream+"];
/// Length of a line without `len`.
const LEN_DEFAULT: u32 = 1024;
/// Targets of one section; every proxy has its own copy of those of its defaults.
const TARGETS_MAX: usize = 64;
/// Ranges of one `sample`.
const RANGES_MAX: usize = 1024;

/// `log <target> [len N] [format F] [sample R:S] <facility> [<level> [<minlevel>]]`
pub(crate) fn target(
    statement: &Statement<'_>,
    before: &[LogEntry],
    context: &Context<'_>,
) -> Result<LogEntry, Problem> {
    if before.len() == TARGETS_MAX {
        return Err(
            Problem::at(0, format!("log : more than {TARGETS_MAX} targets.")).because("too many"),
        );
    }
    let (to, names) = destination(statement, context)?;
    let mut target = LogTarget {
        to,
        len: LEN_DEFAULT,
        format: SyslogFormat::Local,
        sample: None,
        facility: Facility(0),
        level: Level::Debug,
        min_level: Level::Emerg,
        profile: None,
    };
    let mut format_given = FormatGiven(false);
    let mut profile = None;
    let mut at = 2;
    loop {
        match statement.word(at) {
            "len" => target.len = length(statement, at + 1)?,
            "format" => {
                target.format = format(statement, at + 1)?;
                format_given = FormatGiven(true);
            }
            "sample" => target.sample = Some(sample(statement, at + 1)?),
            "profile" => {
                let name = statement.expect(at + 1, "a log-profile section")?;
                profile = Some(Reference {
                    name: name.into(),
                    spot: statement.spot(at..at + 2),
                    keyword: "log",
                });
            }
            _ => break,
        }
        at += 2;
    }
    target.facility = facility(statement, at)?;
    if statement.len() > at + 1 {
        target.level = choice(statement, at + 1, "optional log level", LEVELS)?;
    }
    if statement.len() > at + 2 {
        target.min_level = choice(statement, at + 2, "optional minimum log level", LEVELS)?;
    }
    statement.at_most(at + 3)?;
    Ok(LogEntry::Target(Box::new(LogDraft {
        target,
        format_given,
        names,
        profile,
    })))
}

/// Where a line goes. One that names something goes nowhere until that is found.
fn destination(
    statement: &Statement<'_>,
    context: &Context<'_>,
) -> Result<(LogWhere, Option<Named>), Problem> {
    let Some(word) = statement.words.get(1) else {
        return Err(Problem::at(
            1,
            "log : expects <address> and <facility> as arguments, or 'global'.",
        )
        .because("a log server's address is expected"));
    };
    let nowhere = LogWhere::Socket(LogSocket::Fd(-1));
    if let Some(name) = word.text.strip_prefix("ring@") {
        return Ok((nowhere, Some(Named::Ring(named(statement, name)))));
    }
    if let Some(name) = word.text.strip_prefix("backend@") {
        return Ok((nowhere, Some(Named::Backend(named(statement, name)))));
    }
    let bad = |bad| address::problem(1, "log", bad);
    if STREAMS.iter().any(|prefix| word.text.starts_with(prefix)) {
        let address = address::server::log_server(&word.text, Transport::Stream, context);
        let stream = Named::Stream(address.map_err(bad)?, statement.place.clone());
        return Ok((nowhere, Some(stream)));
    }
    let socket = match &*word.text {
        "stdout" => LogSocket::Fd(1),
        "stderr" => LogSocket::Fd(2),
        text => match address::form(text, Transport::Datagram).map_err(bad)? {
            Form::Unix(path) => LogSocket::Unix(path.into()),
            Form::Fd(fd) => LogSocket::Fd(fd),
            Form::Abstract(_) => return Err(known::not_yet(1, "log to abns@")),
            Form::Host { family, host, port } => {
                LogSocket::Udp(address::server::syslog(family, host, port, context).map_err(bad)?)
            }
        },
    };
    Ok((LogWhere::Socket(socket), None))
}

fn named(statement: &Statement<'_>, name: &str) -> Reference {
    Reference {
        name: name.into(),
        spot: statement.spot(0..2),
        keyword: "log",
    }
}

fn length(statement: &Statement<'_>, at: usize) -> Result<u32, Problem> {
    let text = statement.expect(at, "a length")?;
    match text.parse::<u32>() {
        Ok(length) if (80..=65535).contains(&length) => Ok(length),
        _ => Err(Problem::at(
            at,
            format!("log : invalid log length '{text}', must be between 80 and 65535"),
        )
        .because("out of range")),
    }
}

fn facility(statement: &Statement<'_>, at: usize) -> Result<Facility, Problem> {
    let Some(word) = statement.words.get(at) else {
        return Err(Problem::at(
            at,
            "log : expects <address> and <facility> as arguments, or 'global'.",
        )
        .because("a facility such as local0 is expected"));
    };
    match FACILITIES.iter().position(|name| *name == word.text) {
        Some(number) => Ok(Facility(number as u8)),
        None => Err(
            Problem::at(at, format!("log : unknown log facility '{}'", word.text))
                .because("a facility such as local0 or daemon is expected")
                .did_you_mean(nearest(&word.text, FACILITIES)),
        ),
    }
}

/// The format in word `at`.
pub(crate) fn format(statement: &Statement<'_>, at: usize) -> Result<SyslogFormat, Problem> {
    choice(statement, at, "log format", FORMATS)
}

/// One of some named values.
fn choice<T: Copy, const N: usize>(
    statement: &Statement<'_>,
    at: usize,
    what: &str,
    values: [(&'static str, T); N],
) -> Result<T, Problem> {
    let text = statement.expect(at, what)?;
    match values.iter().find(|(name, _)| *name == text) {
        Some((_, value)) => Ok(*value),
        None => {
            let names: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
            Err(Problem::at(at, format!("log : unknown {what} '{text}'"))
                .because(format!("one of {} is expected", names.join(", ")))
                .did_you_mean(nearest(text, names)))
        }
    }
}

/// `sample <ranges>:<size>`
fn sample(statement: &Statement<'_>, at: usize) -> Result<LogSample, Problem> {
    let text = statement.expect(at, "<ranges>:<size>")?;
    let bad = |message: &str, reason: &str| {
        Problem::at(at, format!("log : {message} in sample '{text}'")).because(reason)
    };
    let (list, size) = text
        .split_once(':')
        .ok_or_else(|| bad("missing sampling size", "'<ranges>:<size>' is expected"))?;
    let size: u32 = size
        .parse()
        .ok()
        .filter(|size| *size > 0)
        .ok_or_else(|| bad("invalid sampling size", "a number from 1 is expected"))?;
    let mut ranges = Vec::new();
    for range in list.split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let parsed = (first.parse::<u32>(), last.parse::<u32>());
        match parsed {
            (Ok(first), Ok(last)) if first >= 1 && first <= last => ranges.push((first, last)),
            _ => return Err(bad("invalid range", "a range such as 1 or 2-5 is expected")),
        }
        if ranges.len() > RANGES_MAX {
            return Err(bad("too many ranges", "too many ranges"));
        }
    }
    ranges.sort_unstable();
    if ranges.windows(2).any(|pair| pair[1].0 <= pair[0].1) {
        return Err(bad("ranges are overlapping", "two ranges share a number"));
    }
    if ranges.last().is_some_and(|(_, last)| *last > size) {
        return Err(bad(
            "sampling size smaller than the last range",
            "a range ends after the size",
        ));
    }
    Ok(LogSample { ranges, size })
}
