//! The options of `server` lines that say which connections are kept, and for how long.

use super::introduction::NameDraft;
use super::options::ServerLine;
use crate::keyword::{Cursor, LineOption};
use crate::problem::Problem;
use crate::rules::Remembered;
use crate::units;
use alloc::format;
use alloc::sync::Arc;
use base::Duration;

type Item = LineOption<ServerLine>;

pub(super) const OPTIONS: &[Item] = &[
    Item {
        name: "idle-ping",
        doc: "how often an idle HTTP/2 connection must show that it lives",
        parse: |cursor, line, _| {
            let interval = time(cursor)?;
            line.server.keep.ping = Some(interval).filter(|interval| !interval.is_zero());
            Ok(())
        },
    },
    Item {
        name: "max-reuse",
        doc: "requests on a connection after the first; -1 is no limit",
        parse: |cursor, line, _| {
            line.server.keep.reuses_max = limit(cursor)?;
            Ok(())
        },
    },
    Item {
        name: "pool-conn-name",
        doc: "a name that only connections with the same name share: an expression",
        parse: |cursor, line, context| {
            let (at, _) = cursor.value("an expression")?;
            line.introduction.conn_name = Some(NameDraft {
                line: Arc::new(Remembered::of(cursor.statement, context)),
                at,
                title: line.title.as_str().into(),
            });
            Ok(())
        },
    },
    Item {
        name: "pool-low-conn",
        doc: "idle connections kept beyond what is needed",
        parse: |cursor, line, _| {
            line.server.keep.idle_low = cursor.number_u32(0..=i32::MAX as u32)?;
            Ok(())
        },
    },
    Item {
        name: "pool-max-conn",
        doc: "idle connections at most; -1 is no limit",
        parse: |cursor, line, _| {
            line.server.keep.idle_max = limit(cursor)?;
            Ok(())
        },
    },
    Item {
        name: "pool-purge-delay",
        doc: "how often half of the unneeded idle connections are closed; 0 keeps none",
        parse: |cursor, line, _| {
            line.server.keep.purge_delay = time(cursor)?;
            Ok(())
        },
    },
    Item {
        name: "strict-maxconn",
        doc: "'maxconn' also limits connections, idle ones included",
        parse: |_, line, _| {
            line.server.keep.strict_maxconn = true;
            Ok(())
        },
    },
];

/// A number of connections or requests; -1 is no limit.
fn limit(cursor: &mut Cursor<'_, '_>) -> Result<Option<u32>, Problem> {
    let name = cursor.statement.word(cursor.at);
    let (at, text) = cursor.value("an integer")?;
    match units::signed(text) {
        Ok(-1) => Ok(None),
        Ok(value) if (0..=i64::from(i32::MAX)).contains(&value) => Ok(Some(value as u32)),
        Ok(_) => Err(Problem::at(at, format!("'{name}' must be >= -1."))
            .because("-1 is no limit, and there is nothing below it")),
        Err(bad) => {
            let problem = cursor.statement.bad_number(at, bad);
            Err(
                Problem::at(at, format!("'{name}' : invalid value '{text}'."))
                    .because(problem.reason.unwrap_or_default()),
            )
        }
    }
}

fn time(cursor: &mut Cursor<'_, '_>) -> Result<Duration, Problem> {
    let (at, text) = cursor.value("a time")?;
    units::time(text).map_err(|bad| cursor.statement.bad_time(at, bad))
}
