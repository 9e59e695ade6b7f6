//! What a proxy is, where it listens, and where it sends.

use crate::draft::{ProxyDraft, Reference};
use crate::keyword::{Keyword, Sections};
use crate::nearest::nearest;
use crate::problem::Problem;
use crate::statement::Statement;
use crate::{bind, known};
use alloc::format;
use session::settings::Mode;

pub(super) const KEYWORDS: &[Keyword<ProxyDraft>] = &[
    Keyword {
        name: "backlog",
        doc: "connections the system keeps until they are accepted",
        sections: Sections::ACCEPTS,
        negatable: false,
        parse: |statement, draft, _| {
            draft.backlog = Some(statement.number_u32(1, 0..=i32::MAX as u32)?);
            statement.at_most(2)
        },
    },
    Keyword {
        name: "bind",
        doc: "an address to listen on",
        sections: Sections::FRONTEND.union(Sections::LISTEN),
        negatable: false,
        parse: bind::parse,
    },
    Keyword {
        name: "default_backend",
        doc: "the backend of requests no rule sends elsewhere",
        sections: Sections::ACCEPTS,
        negatable: false,
        parse: |statement, draft, _| {
            let name = statement.expect(1, "a backend name")?;
            statement.at_most(2)?;
            draft.default_backend = Some(reference(statement, name, "default_backend"));
            Ok(())
        },
    },
    Keyword {
        name: "description",
        doc: "free text shown in statistics",
        sections: Sections::PROXY,
        negatable: false,
        parse: |statement, draft, _| {
            statement.expect(1, "a text")?;
            let text = crate::join(&statement.words[1..]);
            draft.proxy.description = Some(text.into());
            Ok(())
        },
    },
    Keyword {
        name: "be-unpublished",
        doc: "no other proxy sends requests here until it is published",
        sections: Sections::BACKEND.union(Sections::LISTEN),
        negatable: false,
        parse: |statement, draft, _| {
            draft.proxy.unpublished = true;
            statement.at_most(1)
        },
    },
    Keyword {
        name: "disabled",
        doc: "the proxy is read, but not started",
        sections: Sections::ANY,
        negatable: false,
        parse: |statement, draft, _| {
            draft.proxy.disabled = true;
            statement.at_most(1)
        },
    },
    Keyword {
        name: "enabled",
        doc: "the proxy is started, whatever its defaults say",
        sections: Sections::ANY,
        negatable: false,
        parse: |statement, draft, _| {
            draft.proxy.disabled = false;
            statement.at_most(1)
        },
    },
    Keyword {
        name: "id",
        doc: "the proxy's number in statistics",
        sections: Sections::PROXY,
        negatable: false,
        parse: |statement, draft, _| {
            let text = statement.expect(1, "a number")?;
            match text.parse::<u32>() {
                Ok(id) if id > 0 && id <= i32::MAX as u32 => draft.proxy.id = id,
                _ => {
                    return Err(Problem::at(1, "custom id has to be > 0.")
                        .because("a number from 1 is expected"));
                }
            }
            draft.id_spot = Some(statement.spot(0..2));
            statement.at_most(2)
        },
    },
    Keyword {
        name: "max-session-srv-conns",
        doc: "idle server connections that are one client's own",
        sections: Sections::ACCEPTS,
        negatable: false,
        parse: |statement, draft, _| {
            draft.proxy.session_idle_max = statement.number_u32(1, 0..=i32::MAX as u32)?;
            statement.at_most(2)
        },
    },
    Keyword {
        name: "maxconn",
        doc: "concurrent client connections; more wait in the system's backlog",
        sections: Sections::ACCEPTS,
        negatable: false,
        parse: |statement, draft, _| {
            draft.proxy.maxconn = statement.number_u32(1, 0..=i32::MAX as u32)?;
            statement.at_most(2)
        },
    },
    Keyword {
        name: "mode",
        doc: "what is spoken: tcp or http; log takes log lines alone",
        sections: Sections::ANY,
        negatable: false,
        parse: |statement, draft, _| {
            draft.is_log = statement.word(1) == "log";
            if draft.is_log && draft.section != Sections::BACKEND {
                return Err(match draft.serves() {
                    true => known::not_yet(1, &format!("mode log in '{}' sections", draft.kind())),
                    false => {
                        let message =
                            "mode syslog is only applicable on proxies with backend capability.";
                        Problem::at(1, message).because("only for a backend")
                    }
                });
            }
            draft.proxy.mode = mode(statement)?;
            statement.at_most(2)
        },
    },
    Keyword {
        name: "monitor-uri",
        doc: "requests for this URI are answered with 200 at once",
        sections: Sections::ACCEPTS,
        negatable: false,
        parse: |statement, draft, _| {
            let uri = statement.expect(1, "an URI")?;
            statement.at_most(2)?;
            draft.proxy.monitor_uri = Some(uri.as_bytes().into());
            Ok(())
        },
    },
];

fn reference(statement: &Statement<'_>, name: &str, keyword: &'static str) -> Reference {
    Reference {
        name: name.into(),
        spot: statement.spot(1..2),
        keyword,
    }
}

fn mode(statement: &Statement<'_>) -> Result<Mode, Problem> {
    match statement.expect(1, "'tcp' or 'http'")? {
        // What is not a log line never gets to a log backend.
        "tcp" | "log" => Ok(Mode::Tcp),
        "http" => Ok(Mode::Http),
        // `health` was removed, `spop` is still to come.
        later @ "spop" => Err(known::not_yet(1, &format!("mode {later}"))),
        other => Err(Problem::at(1, format!("unknown proxy mode '{other}'."))
            .because("'tcp' or 'http' is expected")
            .did_you_mean(nearest(other, ["tcp", "http"]))),
    }
}
