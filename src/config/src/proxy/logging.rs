//! What is logged, how, and where to.

use crate::draft::{LogEntry, ProxyDraft};
use crate::keyword::{Keyword, Sections};
use crate::log;
use crate::nearest::nearest;
use crate::problem::Problem;
use crate::statement::{Polarity, Statement};
use alloc::format;
use alloc::vec::Vec;
use session::settings::{LineFormat, LogFormat, LogSteps};

pub(super) const KEYWORDS: &[Keyword<ProxyDraft>] = &[
    Keyword {
        name: "log",
        doc: "where log lines go",
        sections: Sections::ANY,
        negatable: true,
        parse: |statement, draft, context| {
            if statement.polarity != Polarity::Plain {
                draft.logs.clear();
                return statement.at_most(1);
            }
            if statement.word(1) == "global" {
                // Naming them again, in defaults and in the proxy, does not log twice.
                if !draft.logs.iter().any(LogEntry::is_global) {
                    draft.logs.push(LogEntry::Global);
                }
                return statement.at_most(2);
            }
            draft
                .logs
                .push(log::target(statement, &draft.logs, context)?);
            Ok(())
        },
    },
    Keyword {
        name: "log-tag",
        doc: "the program name in log lines",
        sections: Sections::ANY,
        negatable: false,
        parse: |statement, draft, _| {
            let tag = statement.expect(1, "a tag")?;
            statement.at_most(2)?;
            draft.proxy.log_tag = Some(tag.into());
            Ok(())
        },
    },
    Keyword {
        name: "log-steps",
        doc: "the moments at which log lines are written",
        sections: Sections::ACCEPTS,
        negatable: false,
        parse: |statement, draft, _| {
            draft.proxy.log_lines.steps = steps(statement)?;
            statement.at_most(2)
        },
    },
    Keyword {
        name: "unique-id-header",
        doc: "the header that tells servers the name of a request",
        sections: Sections::ACCEPTS,
        negatable: false,
        parse: |statement, draft, _| {
            let Some(name) = statement.words.get(1) else {
                return Err(Problem::at(1, "unique-id-header expects an argument.")
                    .because("a header's name is missing here"));
            };
            draft.proxy.unique_id.header = Some(name.text.as_str().into());
            statement.at_most(2)
        },
    },
    Keyword {
        name: "option httplog",
        doc: "log lines with everything about the request",
        sections: Sections::ACCEPTS,
        negatable: false,
        parse: |statement, draft, _| {
            let line = either(statement, "httplog", LogFormat::Http, LogFormat::Clf)?;
            set_line(draft, line);
            draft.httplog = Some(("option httplog", statement.spot(0..2)));
            statement.at_most(3)
        },
    },
    Keyword {
        name: "option httpslog",
        doc: "log lines with everything about the request and TLS",
        sections: Sections::ACCEPTS,
        negatable: false,
        parse: |statement, draft, _| {
            set_line(draft, LineFormat::Usual(LogFormat::Https));
            draft.httplog = Some(("option httpslog", statement.spot(0..2)));
            statement.at_most(2)
        },
    },
    Keyword {
        name: "option tcplog",
        doc: "log lines with everything about the connection",
        sections: Sections::ACCEPTS,
        negatable: false,
        parse: |statement, draft, _| {
            let line = either(statement, "tcplog", LogFormat::Tcp, LogFormat::TcpClf)?;
            set_line(draft, line);
            statement.at_most(3)
        },
    },
];

/// What an option says replaces every format above it.
fn set_line(draft: &mut ProxyDraft, line: LineFormat) {
    draft.proxy.log_lines.line = line;
    draft.forget("log-format");
}

/// An option that may be followed by `clf`.
fn either(
    statement: &Statement<'_>,
    option: &str,
    plain: LogFormat,
    clf: LogFormat,
) -> Result<LineFormat, Problem> {
    match statement.word(2) {
        "" => Ok(LineFormat::Usual(plain)),
        "clf" => Ok(LineFormat::Usual(clf)),
        _ => Err(
            Problem::at(2, format!("keyword '{option}' only supports option 'clf'."))
                .because("only 'clf' is possible"),
        ),
    }
}

/// `all`, or names with commas between; without any the lines are written as if nothing was said.
fn steps(statement: &Statement<'_>) -> Result<LogSteps, Problem> {
    let text = statement.word(1);
    match text {
        "" => return Ok(LogSteps::empty()),
        "all" => return Ok(LogSteps::all()),
        _ => {}
    }
    let mut steps = LogSteps::empty();
    for name in text.split(',') {
        let Some((_, step)) = STEPS.iter().find(|(known, _)| *known == name) else {
            let names: Vec<&str> = STEPS.iter().map(|(known, _)| *known).collect();
            return Err(Problem::at(
                1,
                format!(
                    "invalid log step name ({name}). Expected values are: {}",
                    names.join(", ")
                ),
            )
            .because("no step has this name")
            .did_you_mean(nearest(name, names)));
        };
        steps |= *step;
    }
    Ok(steps)
}

/// Steps by name; those of rules are only taken by `do-log`.
const STEPS: [(&str, LogSteps); 13] = [
    ("accept", LogSteps::ACCEPT),
    ("request", LogSteps::REQUEST),
    ("connect", LogSteps::CONNECT),
    ("response", LogSteps::RESPONSE),
    ("close", LogSteps::CLOSE),
    ("quic-init", LogSteps::RULES),
    ("http-req", LogSteps::RULES),
    ("http-res", LogSteps::RULES),
    ("http-after-res", LogSteps::RULES),
    ("tcp-req-conn", LogSteps::RULES),
    ("tcp-req-sess", LogSteps::RULES),
    ("tcp-req-cont", LogSteps::RULES),
    ("tcp-res-cont", LogSteps::RULES),
];
