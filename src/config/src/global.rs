//! Keywords of `global`.

/// A keyword of `global` that `no` does not go with. In front of the modules that use it.
macro_rules! keyword {
    ($name:literal, $doc:literal, $parse:expr) => {
        Keyword {
            name: $name,
            doc: $doc,
            sections: $crate::keyword::Sections::GLOBAL,
            negatable: false,
            parse: $parse,
        }
    };
}

mod environment;
mod logging;
mod process;
mod stats;
mod statuses;
mod tune;
mod tune_h2;
mod variables;

use crate::context::Context;
use crate::draft::LogEntry;
use crate::keyword::{self, Keyword};
use crate::known;
use crate::nearest::nearest;
use crate::problem::{Parsed, Problem};
use crate::rules::VarsDraft;
use crate::statement::Statement;
use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;
use base::Duration;
use engine::settings::{Global, Statuses, Tune};
use session::settings::SocketOptions;
pub(crate) use tune::harmless;

/// All keywords, by file.
pub(crate) const TABLES: &[&[Keyword<GlobalDraft>]] = &[
    environment::KEYWORDS,
    logging::KEYWORDS,
    process::KEYWORDS,
    stats::KEYWORDS,
    statuses::KEYWORDS,
    tune::KEYWORDS,
    tune_h2::KEYWORDS,
    variables::KEYWORDS,
];

/// `stats timeout` without the keyword.
const STATS_TIMEOUT: Duration = Duration::from_secs(10);
/// `stats maxconn` without the keyword.
const STATS_MAXCONN: u32 = 10;

/// `global` while it is being read.
#[derive(Clone, Debug)]
pub(crate) struct GlobalDraft {
    pub global: Global,
    pub logs: Vec<LogEntry>,
    pub zero_warning: bool,
    pub quiet: bool,
    /// `unix-bind prefix`
    pub unix_prefix: Option<Box<str>>,
    /// Mode and owner of `unix-bind`.
    pub unix_socket: SocketOptions,
    /// `set-var`, `set-var-fmt`
    pub vars: VarsDraft,
}

impl Default for GlobalDraft {
    fn default() -> Self {
        Self {
            global: Global {
                nbthread: None,
                maxconn: 0,
                uid: None,
                capabilities: Vec::new(),
                gid: None,
                chroot: None,
                daemon: false,
                master_outlives_failures: false,
                max_reloads: process::MAX_RELOADS,
                pidfile: None,
                ulimit_n: None,
                http_errors: Statuses::errors(),
                http_failures: Statuses::failures(),
                fd_hard_limit: process::FD_HARD_LIMIT,
                strict_limits: true,
                hard_stop_after: None,
                close_spread: None,
                grace: None,
                node: None,
                host_name: Default::default(),
                local_addresses: Default::default(),
                description: None,
                log_tag: None,
                log_hostname: None,
                stats_sockets: Vec::new(),
                stats_timeout: STATS_TIMEOUT,
                stats_maxconn: STATS_MAXCONN,
                logs: Vec::new(),
                tune: Tune::default(),
                localpeer: None,
            },
            logs: Vec::new(),
            zero_warning: false,
            quiet: false,
            unix_prefix: None,
            unix_socket: SocketOptions::default(),
            vars: VarsDraft::default(),
        }
    }
}

impl GlobalDraft {
    /// A section without lines on this machine.
    pub(crate) fn of(surroundings: &dyn crate::Surroundings) -> Self {
        let mut draft = Self::default();
        draft.global.host_name = surroundings.host_name().into();
        draft.global.local_addresses = surroundings.local_addresses().into();
        draft
    }
}

/// Whether a keyword belongs here.
pub(crate) fn knows(name: &str) -> bool {
    known::has(known::GLOBAL, name)
}

/// One line of `global`.
pub(crate) fn statement(
    statement: &Statement<'_>,
    draft: &mut GlobalDraft,
    context: &mut Context<'_>,
) -> Parsed {
    match keyword::find(TABLES, statement) {
        Some(found) => found.apply(statement, draft, context),
        None if tune::accepted(statement)? => {
            context.experimental |= statement.word(0) == "expose-experimental-directives";
            Ok(())
        }
        None => Err(unknown(statement)),
    }
}

fn unknown(statement: &Statement<'_>) -> Problem {
    let first = statement.word(0);
    if let Some(problem) = known::removed(first) {
        return problem;
    }
    if first == "stats" {
        return stats::unknown(statement);
    }
    if known::has(known::GLOBAL, first) {
        return known::not_yet(0, first);
    }
    if known::has(known::PROXY, first) {
        return Problem::at(0, format!("unknown keyword '{first}' in 'global' section"))
            .because("belongs in: defaults, frontend, listen or backend");
    }
    let near = nearest(first, known::GLOBAL.lines());
    let maybe = near.map_or_else(Default::default, |near| {
        format!("; did you mean '{near}' maybe ?")
    });
    Problem::at(
        0,
        format!("unknown keyword '{first}' in 'global' section{maybe}"),
    )
    .because("no keyword of 'global' has this name")
    .did_you_mean(near)
}
