//! `option forwarded`: what servers are told of clients (RFC 7239).

use super::{Kind, Later, Reading};
use crate::keyword::Sections;
use crate::problem::{Parsed, Problem};
use crate::statement::Statement;
use alloc::format;
use sample::expr::{For, Ground};
use session::forwarded::{Forwarded, Part};

pub(super) const KEYWORDS: &[Later] = &[Later {
    name: "option forwarded",
    doc: "adds what is known of the client to requests",
    sections: Sections::SERVES,
    kind: Kind::Switch,
    parse: forwarded,
}];

/// `[proto] [host|host-expr <expr>] [by…] [by_port…] [for…] [for_port…]`
fn forwarded(statement: &Statement<'_>, reading: &mut Reading<'_, '_>) -> Parsed {
    let all = For::read(|ground| parts(statement, reading, ground))?;
    let parts = all.get();
    let alone = [
        (&parts.by_port, &parts.by, "by"),
        (&parts.from_port, &parts.from, "for"),
    ];
    for (port, node, name) in alone {
        if port.is_some() && node.is_none() {
            let message = format!(
                "'option forwarded' : '{name}_port-expr' will be ignored because both '{name}' and '{name}-expr' are unset"
            );
            let problem = Problem::at(0, message).because("a port is one of a node");
            reading.warn(statement, problem);
        }
    }
    reading.draft.proxy.forwarded = Some(all);
    Ok(())
}

fn parts(
    statement: &Statement<'_>,
    reading: &mut Reading<'_, '_>,
    ground: &Ground,
) -> Result<Forwarded, Problem> {
    let mut all = Forwarded::default();
    if statement.len() == 2 {
        all.proto = true;
        all.from = Some(Part::Usual);
    }
    let mut at = 2;
    while at < statement.len() {
        let word = statement.word(at);
        let (name, given) = match word.strip_suffix("-expr") {
            Some(name) => (name, true),
            None => (word, false),
        };
        let to = match name {
            "proto" if !given => {
                all.proto = true;
                at += 1;
                continue;
            }
            "host" => &mut all.host,
            "by" => &mut all.by,
            "by_port" => &mut all.by_port,
            "for" => &mut all.from,
            "for_port" => &mut all.from_port,
            _ => return Err(unknown(at)),
        };
        *to = Some(match given {
            true => {
                at += 1;
                expression(statement, reading, ground, at)?
            }
            false => Part::Usual,
        });
        at += 1;
    }
    Ok(all)
}

fn expression(
    statement: &Statement<'_>,
    reading: &mut Reading<'_, '_>,
    ground: &Ground,
    at: usize,
) -> Result<Part, Problem> {
    let text = statement.word(at);
    if text.is_empty() {
        let message = format!("'{}' expects <expr> as argument.", statement.word(at - 1));
        return Err(Problem::at(at, message).because("an expression is missing here"));
    }
    let rule =
        |what: &str| format!("failed to parse 'option forwarded' expression '{text}' : {what}.");
    let expr = reading.expr(statement, at, ground, &rule)?;
    reading.is_here(statement, at, &expr, ground, &rule)?;
    Ok(Part::Expr(expr))
}

fn unknown(at: usize) -> Problem {
    let message = "'option forwarded' only supports optional values: 'proto', 'host', 'host-expr', 'by', 'by-expr', 'by_port', 'by_port-expr', 'for', 'for-expr', 'for_port' and 'for_port-expr'.";
    Problem::at(at, message).because("not one of them")
}
