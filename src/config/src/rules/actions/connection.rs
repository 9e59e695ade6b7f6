//! Addresses, marks and the way a connection goes on.

use super::ActionKeyword;
use crate::known;
use crate::nearest::nearest;
use crate::problem::Problem;
use crate::rules::reading::Reading;
use crate::rules::rule::RuleLine;
use crate::rules::set::Sets;
use alloc::format;
use balance::Proto;
use sample::expr::Expr;
use session::rules::{Action, AddressPart, Mark, Side};

/// An action that sets a part of an address.
macro_rules! address {
    ($name:literal, $doc:literal, $part:ident) => {
        ActionKeyword {
            name: $name,
            doc: $doc,
            sets: Sets::REQUESTS,
            ends: false,
            parse: |line, reading| {
                let value = line.expr(reading)?;
                let part = AddressPart::$part;
                Ok(Action::SetAddress { part, value })
            },
        }
    };
}

/// An action that marks the packets of a connection.
macro_rules! mark {
    ($name:literal, $doc:literal, $mark:ident, $side:ident, $sets:expr) => {
        ActionKeyword {
            name: $name,
            doc: $doc,
            sets: $sets,
            ends: false,
            parse: |line, reading| {
                let value = number(line, reading)?;
                let (mark, side) = (Mark::$mark, Side::$side);
                Ok(Action::Mark { mark, side, value })
            },
        }
    };
}

/// Where the client's packets can be marked.
const CLIENT: Sets = Sets::TCP.union(Sets::HTTP);

pub(super) const ACTIONS: &[ActionKeyword] = &[
    ActionKeyword {
        name: "expect-netscaler-cip",
        doc: "the connection begins with NetScaler's client IP insertion",
        sets: Sets::CONNECTION,
        ends: false,
        parse: |line, _| match line.takes("layer4") {
            true => Ok(Action::ExpectNetscaler),
            false => Err(line.wrong(line.at, "'layer4' is expected")),
        },
    },
    ActionKeyword {
        name: "expect-proxy",
        doc: "the connection begins with a header of the PROXY protocol",
        sets: Sets::CONNECTION,
        ends: false,
        parse: |line, _| match line.takes("layer4") {
            true => Ok(Action::ExpectProxy),
            false => Err(line.wrong(line.at, "'layer4' is expected")),
        },
    },
    mark!(
        "set-bc-mark",
        "marks packets to the server",
        Mark,
        Server,
        Sets::CONTENTS
    ),
    mark!(
        "set-bc-tos",
        "the type of service of packets to the server",
        Tos,
        Server,
        Sets::CONTENTS
    ),
    address!(
        "set-dst",
        "another address the client seems to have connected to",
        Destination
    ),
    address!(
        "set-dst-port",
        "another port the client seems to have connected to",
        DestinationPort
    ),
    mark!(
        "set-fc-mark",
        "marks packets to the client",
        Mark,
        Client,
        CLIENT
    ),
    mark!(
        "set-fc-tos",
        "the type of service of packets to the client",
        Tos,
        Client,
        CLIENT
    ),
    mark!(
        "set-mark",
        "old name of 'set-fc-mark'",
        Mark,
        Client,
        CLIENT
    ),
    address!(
        "set-src",
        "another address the client seems to have",
        Source
    ),
    address!(
        "set-src-port",
        "another port the client seems to have",
        SourcePort
    ),
    mark!("set-tos", "old name of 'set-fc-tos'", Tos, Client, CLIENT),
    ActionKeyword {
        name: "switch-mode",
        doc: "a TCP session goes on as HTTP",
        sets: Sets::CONTENT,
        ends: true,
        parse: switch_mode,
    },
];

/// `switch-mode http [proto { h1 | h2 }]`
fn switch_mode(
    line: &mut RuleLine<'_, '_>,
    reading: &mut Reading<'_, '_>,
) -> Result<Action, Problem> {
    let (at, mode) = line.word("expects a mode as argument")?;
    if mode != "http" {
        let what = format!("expects a valid mode (got '{mode}')");
        return Err(line.wrong(at, &what).did_you_mean(Some("http")));
    }
    let mut proto = Proto::Unset;
    if line.takes("proto") {
        let (at, name) = line.word("'proto' expects a protocol as argument")?;
        proto = match name {
            "h1" => Proto::Http1,
            "h2" => Proto::Http2,
            "none" => {
                let what = "MUX protocol 'none' is not compatible with the selected mode";
                return Err(line.wrong(at, what));
            }
            "fcgi" | "quic" | "qmux" | "spop" => {
                return Err(known::not_yet(
                    at,
                    &format!("switch-mode http proto {name}"),
                ));
            }
            other => {
                let what = format!("'proto' expects a valid MUX protocol (got '{other}')");
                let near = nearest(other, ["h1", "h2"]);
                return Err(line.wrong(at, &what).did_you_mean(near));
            }
        };
    }
    if !reading.draft.accepts() {
        let what = "no client connects here: it has no frontend capability";
        return Err(line.wrong(line.set.words(), what));
    }
    Ok(Action::SwitchMode(proto))
}

/// A number, decimal or `0x` and hexadecimal digits, or an expression that yields one.
pub(super) fn number(
    line: &mut RuleLine<'_, '_>,
    reading: &mut Reading<'_, '_>,
) -> Result<Expr, Problem> {
    let word = line.peek();
    if !word.starts_with(|first: char| first.is_ascii_digit()) {
        return line.expr(reading);
    }
    line.at += 1;
    let number = match word.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => word.parse(),
    };
    let what = "a number of 32 bits or an expression is expected";
    let number = number.map_err(|_| line.wrong(line.at - 1, what))?;
    let text = format!("int({number})");
    let mut names = reading.names(line.statement);
    let constant = Expr::parse(&text, &line.ground, &mut names);
    constant
        .map(|read| read.0)
        .map_err(|bad| line.wrong(line.at - 1, &bad.message))
}
