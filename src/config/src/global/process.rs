//! The process: identity, limits, how it starts and stops.

use super::GlobalDraft;
use crate::bind::options::{group, octal, user};
use crate::context::Context;
use crate::keyword::{Keyword, Sections};
use crate::problem::{Parsed, Problem};
use crate::statement::{Polarity, Statement};
use alloc::boxed::Box;
use alloc::format;
use engine::settings::{Capability, CloseSpread};

/// Workers at most.
const THREADS_MAX: u32 = 1024;
/// `mworker-max-reloads` where nothing is said.
pub(super) const MAX_RELOADS: u32 = 50;
/// `fd-hard-limit` where nothing is said: some systems allow a thousand million open files.
pub(super) const FD_HARD_LIMIT: u64 = 1 << 20;

pub(super) const KEYWORDS: &[Keyword<GlobalDraft>] = &[
    keyword!(
        "chroot",
        "the directory the process is locked in",
        |statement, draft, _| { text(statement, &mut draft.global.chroot, "a directory") }
    ),
    keyword!("daemon", "goes to the background", |statement, draft, _| {
        draft.global.daemon = true;
        statement.at_most(1)
    }),
    keyword!(
        "description",
        "free text shown in statistics",
        |statement, draft, _| {
            statement.expect(1, "a text")?;
            draft.global.description = Some(crate::join(&statement.words[1..]).into());
            Ok(())
        }
    ),
    keyword!(
        "fd-hard-limit",
        "open files at most, whatever the system allows",
        |statement, draft, _| {
            draft.global.fd_hard_limit = statement.number(1, 0..=i32::MAX as u64)?;
            statement.at_most(2)
        }
    ),
    keyword!(
        "gid",
        "the group to run as, by number",
        |statement, draft, _| {
            draft.global.gid = Some(statement.number_u32(1, 0..=u32::MAX)?);
            statement.at_most(2)
        }
    ),
    keyword!(
        "grace",
        "how long listeners stay open after a soft stop",
        |statement, draft, _| {
            draft.global.grace = Some(statement.time(1)?);
            statement.at_most(2)
        }
    ),
    keyword!(
        "group",
        "the group to run as, by name",
        |statement, draft, context| {
            let name = statement.expect(1, "a group name")?;
            draft.global.gid = Some(group(1, name, context)?);
            statement.at_most(2)
        }
    ),
    keyword!(
        "master-worker",
        "workers that fail take nobody along",
        |statement, draft, _| {
            if statement.expect(1, "'no-exit-on-failure'")? != "no-exit-on-failure" {
                let message = "'master-worker' only supports 'no-exit-on-failure' option";
                return Err(Problem::at(1, message).help("start with '-W' to have a master"));
            }
            draft.global.master_outlives_failures = true;
            statement.at_most(2)
        }
    ),
    keyword!(
        "mworker-max-reloads",
        "reloads a worker may see until it is ended",
        |statement, draft, _| {
            draft.global.max_reloads = statement.number_u32(1, 0..=i32::MAX as u32)?;
            statement.at_most(2)
        }
    ),
    keyword!(
        "close-spread-time",
        "over what time a soft stop ends the connections of clients",
        |statement, draft, _| {
            draft.global.close_spread =
                Some(match statement.expect(1, "a time, or 'infinite'")? {
                    "infinite" => CloseSpread::Never,
                    _ => CloseSpread::Over(statement.time(1)?),
                });
            statement.at_most(2)
        }
    ),
    keyword!(
        "hard-stop-after",
        "how long a soft stop may take",
        |statement, draft, _| {
            draft.global.hard_stop_after = Some(statement.time(1)?);
            statement.at_most(2)
        }
    ),
    keyword!(
        "localpeer",
        "this machine's name among peers",
        |statement, draft, _| { text(statement, &mut draft.global.localpeer, "a name") }
    ),
    keyword!(
        "maxconn",
        "concurrent client connections of the process",
        |statement, draft, _| {
            draft.global.maxconn = statement.number_u32(1, 0..=i32::MAX as u32)?;
            statement.at_most(2)
        }
    ),
    keyword!("nbthread", "workers", |statement, draft, _| {
        draft.global.nbthread = Some(statement.number_u32(1, 1..=THREADS_MAX)?);
        statement.at_most(2)
    }),
    keyword!(
        "node",
        "this machine's name in statistics",
        |statement, draft, _| { text(statement, &mut draft.global.node, "a name") }
    ),
    keyword!(
        "pidfile",
        "where the process's id is written",
        |statement, draft, _| { text(statement, &mut draft.global.pidfile, "a file name") }
    ),
    keyword!(
        "quiet",
        "nothing is shown once the process runs",
        |statement, draft, _| {
            draft.quiet = true;
            statement.at_most(1)
        }
    ),
    keyword!(
        "setcap",
        "what the process may still do when it is no longer root",
        setcap
    ),
    Keyword {
        name: "strict-limits",
        doc: "no start without the open files that are needed",
        sections: Sections::GLOBAL,
        negatable: true,
        parse: |statement, draft, _| {
            draft.global.strict_limits = statement.polarity != Polarity::No;
            statement.at_most(1)
        },
    },
    keyword!(
        "uid",
        "the user to run as, by number",
        |statement, draft, _| {
            draft.global.uid = Some(statement.number_u32(1, 0..=u32::MAX)?);
            statement.at_most(2)
        }
    ),
    keyword!(
        "ulimit-n",
        "open files of the process",
        |statement, draft, _| {
            draft.global.ulimit_n = Some(statement.number(1, 0..=i32::MAX as u64)?);
            statement.at_most(2)
        }
    ),
    keyword!(
        "unix-bind",
        "prefix, mode and owner of Unix sockets",
        unix_bind
    ),
    keyword!(
        "user",
        "the user to run as, by name",
        |statement, draft, context| {
            let name = statement.expect(1, "a user name")?;
            draft.global.uid = Some(user(1, name, context)?);
            statement.at_most(2)
        }
    ),
    keyword!(
        "zero-warning",
        "warnings are fatal",
        |statement, draft, _| {
            draft.zero_warning = true;
            statement.at_most(1)
        }
    ),
];

/// A keyword with one text that may be given once.
fn text(statement: &Statement<'_>, field: &mut Option<Box<str>>, what: &str) -> Parsed {
    let value = statement.expect(1, what)?;
    if field.is_some() {
        return Err(Problem {
            words: 0..2,
            ..Problem::at(
                0,
                format!("'{}' already specified. Continuing.", statement.word(0)),
            )
            .because("given twice")
        });
    }
    *field = Some(value.into());
    statement.at_most(2)
}

/// `unix-bind [prefix P] [mode M] [user U] [uid N] [group G] [gid N]`
fn unix_bind(
    statement: &Statement<'_>,
    draft: &mut GlobalDraft,
    context: &mut Context<'_>,
) -> Parsed {
    statement.expect(1, "'prefix', 'mode', 'user', 'uid', 'group' or 'gid'")?;
    for at in (1..statement.len()).step_by(2) {
        let value = statement.expect(at + 1, "a value")?;
        let socket = &mut draft.unix_socket;
        match statement.word(at) {
            "prefix" => draft.unix_prefix = Some(value.into()),
            "mode" => socket.mode = Some(octal(at + 1, value)?),
            "user" => socket.uid = Some(user(at + 1, value, context)?),
            "group" => socket.gid = Some(group(at + 1, value, context)?),
            "uid" => socket.uid = Some(statement.number_u32(at + 1, 0..=u32::MAX)?),
            "gid" => socket.gid = Some(statement.number_u32(at + 1, 0..=u32::MAX)?),
            other => {
                return Err(Problem::at(
                    at,
                    format!("'unix-bind' only supports the 'prefix', 'mode', 'user', 'uid', 'group' and 'gid' options (got '{other}')."),
                )
                .because("not one of them"));
            }
        }
    }
    Ok(())
}

fn setcap(statement: &Statement<'_>, draft: &mut GlobalDraft, _: &mut Context<'_>) -> Parsed {
    let wrong = |at, what: &str| {
        let message = format!(
            "'setcap' : {what}  Supported ones are: cap_net_raw, cap_net_admin, cap_net_bind_service and cap_sys_admin."
        );
        Err(Problem::at(at, message).because("one of them is expected"))
    };
    let Some(names) = statement.words.get(1) else {
        return wrong(0, "missing capability name(s).");
    };
    for name in names.text.split(',') {
        let capability = match name {
            "cap_net_raw" => Capability::NetRaw,
            "cap_net_admin" => Capability::NetAdmin,
            "cap_net_bind_service" => Capability::NetBindService,
            "cap_sys_admin" => Capability::SysAdmin,
            other => return wrong(1, &format!("unsupported capability '{other}'.")),
        };
        draft.global.capabilities.push(capability);
    }
    Ok(())
}
