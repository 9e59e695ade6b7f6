//! `capture` and `declare capture`: slots for values, and what fills them by itself.

use super::http::spot;
use super::set::Set;
use super::{Kind, Later, Reading};
use crate::keyword::Sections;
use crate::known;
use crate::problem::{Parsed, Problem};
use crate::statement::Statement;
use alloc::format;
use sample::expr::Expr;
use session::rules::{Action, Captured, Rule};
use session::settings::CaptureSlot;

const ACCEPTS: Sections = Sections::FRONTEND.union(Sections::LISTEN);

pub(super) const KEYWORDS: &[Later] = &[
    Later {
        name: "capture request",
        doc: "keeps a header of requests for the log",
        sections: ACCEPTS,
        kind: Kind::Rule,
        parse: |statement, reading| header(statement, reading, Set::Request),
    },
    Later {
        name: "capture response",
        doc: "keeps a header of responses for the log",
        sections: ACCEPTS,
        kind: Kind::Rule,
        parse: |statement, reading| header(statement, reading, Set::Response),
    },
    Later {
        name: "declare capture",
        doc: "a slot for values that rules keep",
        sections: ACCEPTS,
        kind: Kind::Rule,
        parse: declare,
    },
];

/// `capture request header <name> len <length>`, and the same of responses: a rule in front of all
/// others that keeps the last field of this name.
fn header(statement: &Statement<'_>, reading: &mut Reading<'_, '_>, set: Set) -> Parsed {
    let keyword = format!("capture {}", statement.word(1));
    let (name, len) = (statement.word(3), statement.word(5).parse::<u32>());
    let complete = statement.word(2) == "header" && statement.word(4) == "len";
    let (true, false, Ok(len)) = (complete, name.is_empty(), len) else {
        let message = format!("'{keyword}' expects 'header' <header_name> 'len' <len>.");
        return Err(Problem {
            words: 2..statement.len().max(3),
            ..Problem::at(2, message).because("not of this form")
        });
    };
    if let Some(extra) = statement.words.get(6) {
        let message = format!(
            "'{keyword}' cannot handle unexpected argument '{}'.",
            extra.text
        );
        return Err(Problem::at(6, message).because("nothing more is expected"));
    }
    let text = match set.responds() {
        true => format!("res.fhdr({name},-1)"),
        false => format!("req.fhdr({name},-1)"),
    };
    let ground = set.ground(reading.origin);
    let value = Expr::parse(&text, &ground, &mut reading.names(statement));
    let value = value.map_err(|bad| Problem::at(3, format!("'{keyword}' : {}.", bad.message)))?;
    let to = slot(reading, set, Some(name), len);
    reading.draft.rules.captures_of(set).push(Rule {
        condition: None,
        action: Action::Capture {
            to,
            value: value.0,
            len: len as usize,
        },
        spot: spot(statement),
    });
    Ok(())
}

/// `declare capture request|response len <length>`
fn declare(statement: &Statement<'_>, reading: &mut Reading<'_, '_>) -> Parsed {
    let set = match statement.word(2) {
        "request" => Set::Request,
        "response" => Set::Response,
        _ => {
            let message = "'declare capture' requires a direction ('request' or 'response').";
            return Err(Problem::at(2, message).because("one of the two is expected"));
        }
    };
    if statement.word(3) != "len" {
        let message = "'declare capture' requires a capture length ('len').";
        return Err(Problem::at(3, message).because("'len' and a number are expected"));
    }
    let Ok(len) = statement.word(4).parse::<u32>() else {
        let message =
            "'declare capture': 'len' requires a numeric value that represents the capture length.";
        return Err(Problem::at(4, message).because("a number of bytes is expected"));
    };
    if statement.len() > 5 {
        return Err(known::not_yet(
            5,
            &format!("declare capture ... {}", statement.word(5)),
        ));
    }
    slot(reading, set, None, len);
    Ok(())
}

/// One more slot.
fn slot(reading: &mut Reading<'_, '_>, set: Set, header: Option<&str>, len: u32) -> Captured {
    let captures = &mut reading.draft.proxy.captures;
    let responds = set.responds();
    let slots = match responds {
        true => &mut captures.response,
        false => &mut captures.request,
    };
    slots.push(CaptureSlot {
        header: header.map(Into::into),
        len,
    });
    let number = slots.len() as u32 - 1;
    match responds {
        true => Captured::Response(number),
        false => Captured::Request(number),
    }
}
