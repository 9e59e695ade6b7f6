//! Logs of the whole process.

use super::GlobalDraft;
use crate::keyword::{Keyword, Sections};
use crate::log;
use crate::statement::Polarity;

pub(super) const KEYWORDS: &[Keyword<GlobalDraft>] = &[
    Keyword {
        name: "log",
        doc: "where log lines of the process and of 'log global' go",
        sections: Sections::GLOBAL,
        negatable: true,
        parse: |statement, draft, context| {
            if statement.polarity != Polarity::Plain {
                draft.logs.clear();
                return statement.at_most(1);
            }
            draft
                .logs
                .push(log::target(statement, &draft.logs, context)?);
            Ok(())
        },
    },
    Keyword {
        name: "log-send-hostname",
        doc: "log lines carry this host name, or the machine's",
        sections: Sections::GLOBAL,
        negatable: false,
        parse: |statement, draft, context| {
            let name = match statement.word(1) {
                "" => context.surroundings.host_name(),
                name => name.into(),
            };
            draft.global.log_hostname = Some(name.into());
            statement.at_most(2)
        },
    },
    Keyword {
        name: "log-tag",
        doc: "the program name in log lines",
        sections: Sections::GLOBAL,
        negatable: false,
        parse: |statement, draft, _| {
            draft.global.log_tag = Some(statement.expect(1, "a tag")?.into());
            statement.at_most(2)
        },
    },
];
