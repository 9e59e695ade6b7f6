//! The runtime API.

use super::GlobalDraft;
use crate::bind::{self, BindLine};
use crate::context::Context;
use crate::keyword::{Keyword, Sections};
use crate::known;
use crate::problem::{Parsed, Problem};
use crate::statement::Statement;
use alloc::format;
use engine::settings::StatsSocket;

pub(super) const KEYWORDS: &[Keyword<GlobalDraft>] = &[
    Keyword {
        name: "stats maxconn",
        doc: "concurrent connections of the runtime API",
        sections: Sections::GLOBAL,
        negatable: false,
        parse: |statement, draft, _| {
            draft.global.stats_maxconn = statement.number_u32(2, 1..=i32::MAX as u32)?;
            statement.at_most(3)
        },
    },
    Keyword {
        name: "stats socket",
        doc: "an address of the runtime API",
        sections: Sections::GLOBAL,
        negatable: false,
        parse: socket,
    },
    Keyword {
        name: "stats timeout",
        doc: "inactivity on a connection of the runtime API",
        sections: Sections::GLOBAL,
        negatable: false,
        parse: |statement, draft, _| {
            draft.global.stats_timeout = statement.time(2)?;
            statement.at_most(3)
        },
    },
];

fn socket(statement: &Statement<'_>, draft: &mut GlobalDraft, context: &mut Context<'_>) -> Parsed {
    statement.expect(2, "an address or a path")?;
    let addresses = bind::addresses(statement, 2, context)?;
    let mut line = BindLine::new(statement);
    let title = "'stats socket'";
    bind::options(statement, 3, title, &mut line, context)?;
    if line.bind.accept_proxy {
        return Err(known::not_yet(2, "stats socket ... accept-proxy"));
    }
    if line.bind.netscaler_magic.is_some() {
        let name = "stats socket ... accept-netscaler-cip";
        return Err(known::not_yet(2, name));
    }
    for address in addresses {
        draft.global.stats_sockets.push(StatsSocket {
            bind: line.at(address),
            level: line.level,
        });
    }
    Ok(())
}

/// `stats` with another second word.
pub(super) fn unknown(statement: &Statement<'_>) -> Problem {
    Problem::at(
        1,
        format!(
            "'stats' only supports 'socket', 'maxconn' and 'timeout' (got '{}')",
            statement.word(1)
        ),
    )
    .because("not one of them")
    .did_you_mean(crate::nearest::nearest(
        statement.word(1),
        ["socket", "maxconn", "timeout"],
    ))
}
