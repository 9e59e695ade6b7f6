//! What is kept of messages for the log. Slots have numbers in the order of the lines, those that
//! rules make included.

use super::{Kind, Later};
use crate::keyword::Sections;
use crate::problem::Problem;
use crate::statement::Statement;
use alloc::format;
use session::settings::{CaptureSlot, CookieCapture};

pub(super) const KEYWORDS: &[Later] = &[
    Later {
        name: "capture cookie",
        doc: "a cookie that log lines show",
        sections: FRONT,
        kind: Kind::Rule,
        parse: |statement, reading| {
            let what = "'capture' expects 'cookie' <cookie_name> 'len' <len>.";
            let name = statement.word(2).into();
            let len = length(statement, 3, what)?.min(COOKIE_LEN_MAX);
            reading.draft.proxy.captures.cookie = Some(CookieCapture { name, len });
            statement.at_most(5)
        },
    },
    Later {
        name: "capture request",
        doc: "a header of requests that log lines show",
        sections: FRONT,
        kind: Kind::Rule,
        parse: |statement, reading| {
            let what = "'capture request' expects 'header' <header_name> 'len' <len>.";
            let slot = header(statement, what)?;
            reading.draft.proxy.captures.request.push(slot);
            statement.at_most(6)
        },
    },
    Later {
        name: "capture response",
        doc: "a header of responses that log lines show",
        sections: FRONT,
        kind: Kind::Rule,
        parse: |statement, reading| {
            let what = "'capture response' expects 'header' <header_name> 'len' <len>.";
            let slot = header(statement, what)?;
            reading.draft.proxy.captures.response.push(slot);
            statement.at_most(6)
        },
    },
    Later {
        name: "declare capture",
        doc: "a place for a value that rules capture",
        sections: FRONT,
        kind: Kind::Rule,
        parse: |statement, reading| {
            let captures = &mut reading.draft.proxy.captures;
            let slots = match statement.word(2) {
                "request" => &mut captures.request,
                "response" => &mut captures.response,
                _ => {
                    let message =
                        "'declare capture' requires a direction ('request' or 'response')";
                    return Err(Problem::at(2, message).because("a direction is expected"));
                }
            };
            let len = length(
                statement,
                3,
                "'declare capture' requires a capture length ('len')",
            )?;
            slots.push(CaptureSlot { header: None, len });
            statement.at_most(5)
        },
    },
];

/// Where clients are, but not what many proxies have in common.
const FRONT: Sections = Sections::FRONTEND.union(Sections::LISTEN);
/// `tune.http.cookielen`, bytes.
const COOKIE_LEN_MAX: u32 = 63;

fn header(statement: &Statement<'_>, what: &str) -> Result<CaptureSlot, Problem> {
    if statement.word(2) != "header" {
        let message = "'capture' expects 'cookie' or 'request header' or 'response header'.";
        return Err(Problem::at(2, message).because("'header' is expected"));
    }
    let len = length(statement, 4, what)?;
    Ok(CaptureSlot {
        header: Some(statement.word(3).into()),
        len,
    })
}

/// `len <number>` at word `at`; `what` says what the line should be.
fn length(statement: &Statement<'_>, at: usize, what: &str) -> Result<u32, Problem> {
    if statement.word(at) != "len" || statement.word(at + 1).is_empty() {
        return Err(Problem::at(at, what).because("'len' and a number are expected"));
    }
    match statement.word(at + 1).parse() {
        Ok(0) => Err(Problem::at(at + 1, "length must be > 0").because("nothing would be kept")),
        Ok(len) => Ok(len),
        Err(_) => {
            let message = format!("{what} '{}' is no number.", statement.word(at + 1));
            Err(Problem::at(at + 1, message).because("a number is expected"))
        }
    }
}
