//! Actions that end a rule set, a request or a connection.

use super::ActionKeyword;
use super::reply::{self, Defaults};
use crate::problem::Problem;
use crate::rules::reading::Reading;
use crate::rules::rule::RuleLine;
use crate::rules::set::Sets;
use alloc::boxed::Box;
use alloc::sync::Arc;
use session::rules::Action;

pub(super) const ACTIONS: &[ActionKeyword] = &[
    ActionKeyword {
        name: "accept",
        doc: "no further rule of the set",
        sets: Sets::TCP,
        ends: true,
        parse: |_, _| Ok(Action::Allow),
    },
    ActionKeyword {
        name: "allow",
        doc: "no further rule of the set",
        sets: Sets::HEADS,
        ends: true,
        parse: |_, _| Ok(Action::Allow),
    },
    ActionKeyword {
        name: "auth",
        doc: "asks for a user's name and password",
        sets: Sets::REQUEST,
        ends: true,
        parse: auth,
    },
    ActionKeyword {
        name: "close",
        doc: "closes both connections",
        sets: Sets::REPLY,
        ends: true,
        parse: |_, _| Ok(Action::Close),
    },
    ActionKeyword {
        name: "deny",
        doc: "answers with an error, by default 403 or 502",
        sets: Sets::HTTP,
        ends: true,
        parse: |line, reading| {
            let status = if line.set.responds() { 502 } else { 403 };
            let reply = reply::parse(line, reading, Defaults::Error(status))?;
            Ok(Action::Deny(Arc::new(reply)))
        },
    },
    ActionKeyword {
        name: "reject",
        doc: "closes the connection without a word",
        sets: Sets::TCP.union(Sets::REQUEST),
        ends: false,
        parse: |_, _| Ok(Action::Reject),
    },
    ActionKeyword {
        name: "return",
        doc: "answers at once, by default with 200",
        sets: Sets::HTTP,
        ends: true,
        parse: |line, reading| {
            let reply = reply::parse(line, reading, Defaults::Answer)?;
            Ok(Action::Return(Arc::new(reply)))
        },
    },
    ActionKeyword {
        name: "silent-drop",
        doc: "forgets the connection without telling the client",
        sets: Sets::TCP.union(Sets::HTTP),
        ends: false,
        parse: |line, _| match line.peek() {
            "rst-ttl" => Err(crate::known::not_yet(line.at, "silent-drop rst-ttl")),
            _ => Ok(Action::SilentDrop),
        },
    },
    ActionKeyword {
        name: "tarpit",
        doc: "answers with an error, by default 500, but only after 'timeout tarpit'",
        sets: Sets::REQUEST,
        ends: true,
        parse: |line, reading| {
            let reply = reply::parse(line, reading, Defaults::Error(500))?;
            Ok(Action::Tarpit(Arc::new(reply)))
        },
    },
];

/// `auth [realm <realm>]`
fn auth(line: &mut RuleLine<'_, '_>, reading: &mut Reading<'_, '_>) -> Result<Action, Problem> {
    let mut realm = None;
    if line.takes("realm") {
        realm = Some(Box::new(line.format(reading, "missing realm value")?));
    }
    Ok(Action::Auth { realm })
}
