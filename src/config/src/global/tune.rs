//! `tune.*`, and keywords that are accepted because they cannot change what is done here.

use super::GlobalDraft;
use crate::keyword::Keyword;
use crate::known;
use crate::problem::Problem;
use crate::statement::{Polarity, Statement};
use alloc::format;

/// Smallest and largest buffer, in bytes.
const BUFSIZE: core::ops::RangeInclusive<u64> = 1024..=64 << 20;

/// As many as the reference allows.
const STICK_COUNTERS_MAX: u32 = 100;

pub(super) const KEYWORDS: &[Keyword<GlobalDraft>] = &[
    keyword!(
        "tune.bufsize",
        "bytes of a buffer",
        |statement, draft, _| {
            draft.global.tune.bufsize = statement.size(1, BUFSIZE)? as u32;
            statement.at_most(2)
        }
    ),
    keyword!(
        "tune.http.logurilen",
        "bytes of a request line in a log",
        |statement, draft, _| {
            draft.global.tune.loguri_len = statement.number_u32(1, 1..=1 << 20)?;
            statement.at_most(2)
        }
    ),
    keyword!(
        "tune.http.maxhdr",
        "fields of one head",
        |statement, draft, _| {
            draft.global.tune.maxhdr = statement.number_u32(1, 1..=32767)?;
            statement.at_most(2)
        }
    ),
    keyword!(
        "tune.idle-pool.shared",
        "workers take idle server connections from each other",
        |statement, draft, _| {
            let text = statement.word(1);
            draft.global.tune.shared_pools = match text {
                // There are no groups of workers: both mean all of them.
                "full" | "on" => true,
                "off" => false,
                _ => {
                    return Err(Problem::at(
                        1,
                        format!(
                            "'tune.idle-pool.shared' expects 'full', 'on' or 'off' but got '{text}'."
                        ),
                    )
                    .because("neither 'full', 'on' nor 'off'"));
                }
            };
            statement.at_most(2)
        }
    ),
    keyword!(
        "tune.pool-high-fd-ratio",
        "percent of open files beyond which idle server connections are closed",
        |statement, draft, _| {
            draft.global.tune.pool_high_fd_ratio = statement.number_u32(1, 0..=100)?;
            statement.at_most(2)
        }
    ),
    keyword!(
        "tune.pool-low-fd-ratio",
        "percent of open files beyond which server connections are hardly kept",
        |statement, draft, _| {
            draft.global.tune.pool_low_fd_ratio = statement.number_u32(1, 0..=100)?;
            statement.at_most(2)
        }
    ),
    keyword!(
        "tune.maxrewrite",
        "bytes of a buffer a received head may not fill",
        |statement, draft, _| {
            draft.global.tune.maxrewrite = statement.size(1, 0..=*BUFSIZE.end())? as u32;
            statement.at_most(2)
        }
    ),
    keyword!(
        "tune.rcvbuf.client",
        "the system's receive buffer, client side",
        |s, d, _| { socket_buffer(s, &mut d.global.tune.rcvbuf_client) }
    ),
    keyword!(
        "tune.rcvbuf.server",
        "the system's receive buffer, server side",
        |s, d, _| { socket_buffer(s, &mut d.global.tune.rcvbuf_server) }
    ),
    keyword!(
        "tune.sndbuf.client",
        "the system's send buffer, client side",
        |s, d, _| { socket_buffer(s, &mut d.global.tune.sndbuf_client) }
    ),
    keyword!(
        "tune.sndbuf.server",
        "the system's send buffer, server side",
        |s, d, _| { socket_buffer(s, &mut d.global.tune.sndbuf_server) }
    ),
    keyword!(
        "tune.stick-counters",
        "entries of stick tables that a connection or a request may track at once",
        |statement, _, context| {
            context.stick_counters = statement.number_u32(1, 0..=STICK_COUNTERS_MAX)?;
            statement.at_most(2)
        }
    ),
];

fn socket_buffer(statement: &Statement<'_>, field: &mut Option<u32>) -> crate::problem::Parsed {
    let size = statement.size(1, 0..=i32::MAX as u64)? as u32;
    *field = Some(size).filter(|size| *size > 0);
    statement.at_most(2)
}

/// Why a keyword may be accepted without doing anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Harmless {
    /// Only about speed or memory of machinery we do not share.
    Tuning,
    /// Only about something that is refused by name wherever it is asked for.
    Absent,
    /// Asks for what is always so here.
    Always,
}

/// Keywords outside `tune.` with nothing to do, how many words follow, and why.
const HARMLESS: &[(&str, core::ops::RangeInclusive<usize>, Harmless)] = &[
    ("busy-polling", 0..=0, Harmless::Tuning),
    ("cpu-affinity", 1..=2, Harmless::Tuning),
    ("cpu-map", 2..=62, Harmless::Tuning),
    ("cpu-policy", 1..=2, Harmless::Tuning),
    ("cpu-set", 1..=62, Harmless::Tuning),
    ("expose-deprecated-directives", 0..=0, Harmless::Always),
    ("expose-experimental-directives", 0..=0, Harmless::Always),
    ("insecure-fork-wanted", 0..=0, Harmless::Absent),
    ("insecure-setuid-wanted", 0..=0, Harmless::Absent),
    ("max-spread-checks", 1..=1, Harmless::Absent),
    ("max-threads-per-group", 1..=1, Harmless::Tuning),
    ("maxpipes", 1..=1, Harmless::Absent),
    ("maxsslconn", 1..=1, Harmless::Absent),
    ("maxsslrate", 1..=1, Harmless::Absent),
    ("maxzlibmem", 1..=1, Harmless::Absent),
    ("no-memory-trimming", 0..=0, Harmless::Tuning),
    ("noevports", 0..=0, Harmless::Always),
    ("nokqueue", 0..=0, Harmless::Always),
    ("noktls", 0..=0, Harmless::Always),
    ("nopoll", 0..=0, Harmless::Always),
    ("nosplice", 0..=0, Harmless::Always),
    ("numa-cpu-mapping", 0..=0, Harmless::Tuning),
    ("profiling.memory", 1..=1, Harmless::Tuning),
    ("profiling.tasks", 1..=1, Harmless::Tuning),
    ("spread-checks", 1..=1, Harmless::Absent),
    ("thread-group", 1..=62, Harmless::Tuning),
    ("thread-groups", 1..=1, Harmless::Tuning),
    ("warn-blocked-traffic-after", 1..=1, Harmless::Tuning),
];

/// Those of them that `no` may stand before.
const NEGATABLE: &[&str] = &["busy-polling", "insecure-fork-wanted", "numa-cpu-mapping"];

impl Harmless {
    const fn why(self) -> &'static str {
        match self {
            Self::Tuning => "accepted, without effect: only tunes what is done another way here",
            Self::Absent => "accepted, without effect: about something that is not there",
            Self::Always => "accepted, without effect: always so",
        }
    }
}

/// Every keyword that is accepted without effect, and why.
pub(crate) fn harmless() -> impl Iterator<Item = (&'static str, &'static str)> {
    let tuning = known::GLOBAL
        .lines()
        .filter(|name| is_tuning(name))
        .filter(|name| KEYWORDS.iter().all(|keyword| keyword.name != *name))
        .filter(|name| super::tune_h2::KEYWORDS.iter().all(|it| it.name != *name))
        .map(|name| (name, Harmless::Tuning.why()));
    HARMLESS
        .iter()
        .map(|(name, _, why)| (*name, why.why()))
        .chain(tuning)
}

/// Whether the line is one that is accepted without effect, or why it is malformed.
pub(super) fn accepted(statement: &Statement<'_>) -> Result<bool, Problem> {
    let name = statement.word(0);
    let words = match HARMLESS.iter().find(|(known, ..)| *known == name) {
        Some((_, words, _)) => words.clone(),
        None if is_tuning(name) => 1..=2,
        None => return Ok(false),
    };
    if statement.polarity != Polarity::Plain && !NEGATABLE.contains(&name) {
        return Err(Problem::at(
            0,
            format!("negation/default is not supported for '{name}'."),
        )
        .because("this keyword cannot be switched off"));
    }
    if statement.len() - 1 < *words.start() {
        return Err(statement.missing(statement.len(), "a value"));
    }
    statement.at_most(1 + words.end())?;
    Ok(true)
}

/// The rest of `tune.*`: limits and sizes of parts we do not share, or do not have at all.
fn is_tuning(name: &str) -> bool {
    name.starts_with("tune.") && super::knows(name)
}
