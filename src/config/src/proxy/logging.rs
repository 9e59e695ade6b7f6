//! What is logged, how, and where to.

use crate::draft::{LogEntry, ProxyDraft};
use crate::keyword::{Keyword, Sections};
use crate::log;
use crate::problem::{Parsed, Problem};
use crate::statement::{Polarity, Statement};
use session::settings::LogFormat;

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
        name: "option httplog",
        doc: "log lines with everything about the request",
        sections: Sections::ACCEPTS,
        negatable: false,
        parse: |statement, draft, _| httplog(statement, draft),
    },
    Keyword {
        name: "option tcplog",
        doc: "log lines with everything about the connection",
        sections: Sections::ACCEPTS,
        negatable: false,
        parse: |statement, draft, _| {
            if statement.word(2) == "clf" {
                return Err(crate::known::not_yet(2, "option tcplog clf"));
            }
            statement.at_most(2)?;
            draft.proxy.log_format = LogFormat::Tcp;
            Ok(())
        },
    },
];

fn httplog(statement: &Statement<'_>, draft: &mut ProxyDraft) -> Parsed {
    draft.proxy.log_format = match statement.word(2) {
        "" => LogFormat::Http,
        "clf" => LogFormat::Clf,
        other => {
            return Err(Problem::at(
                2,
                alloc::format!("keyword 'httplog' only supports option 'clf' (got '{other}')."),
            )
            .because("only 'clf' is possible"));
        }
    };
    draft.httplog = Some(statement.spot(0..2));
    statement.at_most(3)
}
