//! The options of `bind` and `stats socket` lines, one item each.

use super::BindLine;
use crate::context::Context;
use crate::keyword::LineOption;
use crate::known;
use crate::problem::{Parsed, Problem};
use crate::protocol::proto;
use alloc::format;
use engine::settings::AccessLevel;

type Item = LineOption<BindLine>;

/// All of them.
pub(crate) const OPTIONS: &[Item] = &[
    Item {
        name: "accept-netscaler-cip",
        doc: "connections begin with NetScaler's client IP insertion, with this magic number",
        parse: |cursor, line, _| {
            line.bind.netscaler_magic = Some(cursor.number_u32(1..=u32::MAX)?);
            Ok(())
        },
    },
    Item {
        name: "accept-proxy",
        doc: "connections begin with a header of the PROXY protocol, version 1 or 2",
        parse: |_, line, _| {
            line.bind.accept_proxy = true;
            Ok(())
        },
    },
    Item {
        name: "backlog",
        doc: "connections the system keeps until they are accepted",
        parse: |cursor, line, _| {
            line.bind.socket.backlog = Some(cursor.number_u32(0..=i32::MAX as u32)?);
            Ok(())
        },
    },
    Item {
        name: "cc",
        doc: "TCP congestion control",
        parse: |cursor, line, _| {
            line.bind.socket.congestion = Some(cursor.value("an algorithm")?.1.into());
            Ok(())
        },
    },
    Item {
        name: "defer-accept",
        doc: "connections are accepted once they have sent something",
        parse: |_, line, _| {
            line.bind.socket.defer_accept = true;
            Ok(())
        },
    },
    Item {
        name: "expose-fd",
        doc: "listeners: a later process may take the sockets over (accepted, without effect)",
        parse: |cursor, _, _| {
            let (at, what) = cursor.value("'listeners'")?;
            if what == "listeners" {
                return Ok(());
            }
            Err(
                Problem::at(at, format!("'expose-fd' : unknown option '{what}'."))
                    .because("only 'listeners' is possible"),
            )
        },
    },
    Item {
        name: "gid",
        doc: "owning group of a Unix socket by number",
        parse: |cursor, line, _| {
            line.bind.socket.gid = Some(cursor.number_u32(0..=u32::MAX)?);
            Ok(())
        },
    },
    Item {
        name: "group",
        doc: "owning group of a Unix socket by name",
        parse: |cursor, line, context| {
            let (at, name) = cursor.value("a group name")?;
            line.bind.socket.gid = Some(group(at, name, context)?);
            Ok(())
        },
    },
    Item {
        name: "id",
        doc: "the listener's number in statistics",
        parse: |cursor, line, _| {
            line.bind.id = cursor.number_u32(1..=i32::MAX as u32)?;
            line.explicit_id = true;
            Ok(())
        },
    },
    Item {
        name: "interface",
        doc: "only connections from this network interface",
        parse: |cursor, line, _| {
            line.bind.socket.interface = Some(cursor.value("an interface name")?.1.into());
            Ok(())
        },
    },
    Item {
        name: "level",
        doc: "what a runtime API connection may do: user, operator or admin",
        parse: |cursor, line, _| {
            let (at, level) = cursor.value("'user', 'operator' or 'admin'")?;
            line.level = match level {
                "user" => AccessLevel::User,
                "operator" => AccessLevel::Operator,
                "admin" => AccessLevel::Admin,
                _ => {
                    return Err(Problem::at(
                        at,
                        format!(
                            "'level' only supports 'user', 'operator', and 'admin' (got '{level}')"
                        ),
                    )
                    .because("not a level")
                    .did_you_mean(crate::nearest::nearest(
                        level,
                        ["user", "operator", "admin"],
                    )));
                }
            };
            Ok(())
        },
    },
    Item {
        name: "maxconn",
        doc: "concurrent connections of this listener",
        parse: |cursor, line, _| {
            line.bind.maxconn = cursor.number_u32(0..=i32::MAX as u32)?;
            Ok(())
        },
    },
    Item {
        name: "mode",
        doc: "permission bits of a Unix socket, in octal",
        parse: |cursor, line, _| {
            let (at, text) = cursor.value("an octal mode")?;
            line.bind.socket.mode = Some(octal(at, text)?);
            Ok(())
        },
    },
    Item {
        name: "mss",
        doc: "TCP maximum segment size; negative values are subtracted",
        parse: |cursor, line, _| {
            let (at, text) = cursor.value("a segment size")?;
            line.bind.socket.mss = Some(mss(at, text)?);
            Ok(())
        },
    },
    Item {
        name: "name",
        doc: "the listener's name in statistics",
        parse: |cursor, line, _| {
            line.bind.name = Some(cursor.value("a name")?.1.into());
            Ok(())
        },
    },
    Item {
        name: "nbconn",
        doc: "connections that are kept open where it connects instead of listening",
        parse: |cursor, line, _| {
            let at = cursor.at;
            let Some(count) = &mut line.reversed else {
                let message = "'nbconn' : only valid for reverse HTTP listeners.";
                return Err(Problem::at(at, message).because("clients connect to this one"));
            };
            let (at, text) = cursor.value("a number of connections")?;
            match crate::units::signed(text) {
                Ok(value) if (1..=i64::from(i32::MAX)).contains(&value) => {
                    *count = value as u32;
                    Ok(())
                }
                _ => {
                    let message = format!("'nbconn' : invalid value {text}, must be > 0.");
                    Err(Problem::at(at, message).because("a number from 1 on is expected"))
                }
            }
        },
    },
    Item {
        name: "nice",
        doc: "scheduling priority (accepted, without effect: all connections are served in turn)",
        parse: |cursor, _, _| {
            let (at, text) = cursor.value("a priority")?;
            signed_in(at, "nice", text, -1024..=1024)
        },
    },
    Item {
        name: "process",
        doc: "processes or threads of this listener (accepted, without effect)",
        parse: |cursor, _, _| cursor.value("a process set").map(drop),
    },
    Item {
        name: "proto",
        doc: "the protocol clients speak at once; h1 or h2",
        parse: |cursor, line, _| {
            line.bind.proto = proto(cursor)?;
            Ok(())
        },
    },
    Item {
        name: "severity-output",
        doc: "how runtime API answers show severity; none",
        parse: |cursor, _, _| {
            let (at, format) = cursor.value("'none', 'number' or 'string'")?;
            match format {
                "none" => Ok(()),
                other => Err(known::not_yet(at, &format!("severity-output {other}"))),
            }
        },
    },
    Item {
        name: "shards",
        doc: "sockets per address (accepted, without effect: every worker has its own)",
        parse: |cursor, _, _| cursor.value("a number of shards").map(drop),
    },
    Item {
        name: "tcp-ut",
        doc: "how long sent data may stay unacknowledged",
        parse: |cursor, line, _| {
            let (at, text) = cursor.value("a time")?;
            let time =
                crate::units::time(text).map_err(|bad| cursor.statement.bad_time(at, bad))?;
            line.bind.socket.user_timeout_ms = Some(time.as_millis() as u32);
            Ok(())
        },
    },
    Item {
        name: "tfo",
        doc: "TCP fast open",
        parse: |_, line, _| {
            line.bind.socket.fast_open = true;
            Ok(())
        },
    },
    Item {
        name: "thread",
        doc: "threads of this listener (accepted, without effect: every worker listens)",
        parse: |cursor, _, _| cursor.value("a thread set").map(drop),
    },
    Item {
        name: "transparent",
        doc: "also addresses the machine does not have",
        parse: |_, line, _| {
            line.bind.socket.transparent = true;
            Ok(())
        },
    },
    Item {
        name: "uid",
        doc: "owner of a Unix socket by number",
        parse: |cursor, line, _| {
            line.bind.socket.uid = Some(cursor.number_u32(0..=u32::MAX)?);
            Ok(())
        },
    },
    Item {
        name: "user",
        doc: "owner of a Unix socket by name",
        parse: |cursor, line, context| {
            let (at, name) = cursor.value("a user name")?;
            line.bind.socket.uid = Some(user(at, name, context)?);
            Ok(())
        },
    },
    Item {
        name: "v4v6",
        doc: "an IPv6 address also takes IPv4 connections",
        parse: |_, line, _| {
            line.bind.socket.v6_only = Some(false);
            Ok(())
        },
    },
    Item {
        name: "v6only",
        doc: "an IPv6 address takes no IPv4 connections",
        parse: |_, line, _| {
            line.bind.socket.v6_only = Some(true);
            Ok(())
        },
    },
];

/// The id of a user by name.
pub(crate) fn user(at: usize, name: &str, context: &Context<'_>) -> Result<u32, Problem> {
    context.surroundings.user_id(name).ok_or_else(|| {
        Problem::at(at, format!("cannot find user id for '{name}'"))
            .because("this machine has no such user")
    })
}

/// The id of a group by name.
pub(crate) fn group(at: usize, name: &str, context: &Context<'_>) -> Result<u32, Problem> {
    context.surroundings.group_id(name).ok_or_else(|| {
        Problem::at(at, format!("cannot find group id for '{name}'"))
            .because("this machine has no such group")
    })
}

/// Permission bits such as `660`.
pub(crate) fn octal(at: usize, text: &str) -> Result<u32, Problem> {
    u32::from_str_radix(text, 8)
        .ok()
        .filter(|mode| *mode <= 0o7777)
        .ok_or_else(|| {
            Problem::at(at, format!("'mode' : invalid octal mode '{text}'."))
                .because("permission bits such as 660 are expected")
        })
}

fn mss(at: usize, text: &str) -> Result<i32, Problem> {
    match text.parse::<i32>() {
        Ok(mss) if mss != 0 && mss.abs() <= 65535 => Ok(mss),
        _ => Err(Problem::at(
            at,
            format!("'mss' : expects a size from 1 to 65535, or its negative (got '{text}')."),
        )
        .because("out of range")),
    }
}

fn signed_in(at: usize, name: &str, text: &str, range: core::ops::RangeInclusive<i64>) -> Parsed {
    match crate::units::signed(text) {
        Ok(value) if range.contains(&value) => Ok(()),
        _ => Err(Problem::at(
            at,
            format!(
                "'{name}' : value must be between {} and {} (was '{text}').",
                range.start(),
                range.end()
            ),
        )
        .because("out of range")),
    }
}
