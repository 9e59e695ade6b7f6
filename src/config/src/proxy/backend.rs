//! Keywords about servers and how one is chosen.

use super::{hashing, is_off};
use crate::address::source::source;
use crate::draft::ProxyDraft;
use crate::keyword::{Cursor, Keyword, Sections};
use crate::nearest::nearest;
use crate::problem::{Parsed, Problem};
use crate::server;
use crate::statement::Statement;
use crate::units;
use alloc::format;
use balance::Algorithm;
use session::settings::Reuse;

pub(super) const KEYWORDS: &[Keyword<ProxyDraft>] = &[
    Keyword {
        name: "balance",
        doc: "how a server is chosen",
        sections: Sections::SERVES,
        negatable: false,
        parse: |statement, draft, context| {
            draft.hashing.of = hashing::of(statement, context)?;
            if draft.hashing.of.is_none() {
                draft.proxy.balance.algorithm = algorithm(statement)?;
            }
            Ok(())
        },
    },
    Keyword {
        name: "default-server",
        doc: "options of the servers that follow",
        sections: Sections::SERVES,
        negatable: false,
        parse: server::parse_default,
    },
    Keyword {
        name: "fullconn",
        doc: "the load at which servers with 'minconn' take their whole 'maxconn'",
        sections: Sections::SERVES,
        negatable: false,
        parse: |statement, draft, _| {
            draft.proxy.balance.fullconn = statement.number_u32(1, 0..=i32::MAX as u32)?;
            statement.at_most(2)
        },
    },
    Keyword {
        name: "http-reuse",
        doc: "which requests may use another client's idle server connection",
        sections: Sections::SERVES,
        negatable: false,
        parse: |statement, draft, _| http_reuse(statement, draft),
    },
    Keyword {
        name: "option redispatch",
        doc: "a retry may go to another server",
        sections: Sections::SERVES,
        negatable: true,
        parse: |statement, draft, _| redispatch(statement, draft),
    },
    Keyword {
        name: "retries",
        doc: "connection attempts after the first",
        sections: Sections::SERVES,
        negatable: false,
        parse: |statement, draft, _| {
            draft.proxy.retries = statement.number_u32(1, 0..=i32::MAX as u32)?;
            statement.at_most(2)
        },
    },
    Keyword {
        name: "server",
        doc: "a server",
        sections: Sections::LISTEN.union(Sections::BACKEND),
        negatable: false,
        parse: server::parse,
    },
    Keyword {
        name: "source",
        doc: "the local address of connections to servers",
        sections: Sections::SERVES,
        negatable: false,
        parse: |statement, draft, context| {
            let mut cursor = Cursor::new(statement, 0);
            cursor.option();
            draft.proxy.source = Some(source(&mut cursor, "source", context)?);
            match cursor.option() {
                None => Ok(()),
                Some(_) => Err(Problem::at(
                    cursor.at,
                    "'source' only supports optional keywords 'interface' and 'usesrc'.",
                )
                .because("neither of them")),
            }
        },
    },
];

const NOW: &[&str] = &[
    "roundrobin",
    "static-rr",
    "leastconn",
    "first",
    "random",
    "source",
    "uri",
    "url_param",
    "hash",
    "hdr",
    "rdp-cookie",
    "sticky",
    "log-hash",
];
/// Servers `random` draws without an argument.
const DRAWS_DEFAULT: u32 = 2;

fn algorithm(statement: &Statement<'_>) -> Result<Algorithm, Problem> {
    let Some(text) = statement.words.get(1).map(|word| &*word.text) else {
        return Ok(Algorithm::RoundRobin);
    };
    let (name, argument) = match text.split_once('(') {
        Some((name, rest)) => (name, rest.strip_suffix(')')),
        None => (text, None),
    };
    let algorithm = match (name, argument) {
        ("roundrobin", None) => Algorithm::RoundRobin,
        ("static-rr", None) => Algorithm::StaticRr,
        ("leastconn", None) => Algorithm::LeastConn,
        ("first", None) => Algorithm::First,
        ("sticky", None) => Algorithm::Sticky,
        ("random", None) if text == name => Algorithm::Random {
            draws: DRAWS_DEFAULT,
        },
        ("random", Some(argument)) => match units::number(argument) {
            Ok(draws @ 1..=65536) => Algorithm::Random {
                draws: draws as u32,
            },
            _ => {
                return Err(Problem::at(
                    1,
                    format!("balance {text}: the number of draws must be at least 1."),
                )
                .because("a number of draws is expected in the parentheses"));
            }
        },
        _ => {
            return Err(Problem::at(
                1,
                format!(
                    "unknown balance algorithm '{text}', only {} are possible.",
                    NOW.join(", ")
                ),
            )
            .because("no algorithm has this name")
            .did_you_mean(nearest(name, NOW.iter().copied())));
        }
    };
    statement.at_most(2)?;
    Ok(algorithm)
}

/// `option redispatch [interval]`; without interval only the last retry may go elsewhere.
fn redispatch(statement: &Statement<'_>, draft: &mut ProxyDraft) -> Parsed {
    statement.at_most(3)?;
    draft.proxy.redispatch = match (is_off(statement), statement.word(2)) {
        (true, _) => None,
        (false, "") => Some(-1),
        (false, text) => match units::signed(text).map(i32::try_from) {
            Ok(Ok(interval)) => Some(interval).filter(|interval| *interval != 0),
            _ => {
                return Err(Problem::at(
                    2,
                    format!("invalid 'option redispatch' interval '{text}'."),
                )
                .because("a number of retries is expected"));
            }
        },
    };
    Ok(())
}

fn http_reuse(statement: &Statement<'_>, draft: &mut ProxyDraft) -> Parsed {
    let mode = statement.expect(1, "'never', 'safe', 'aggressive' or 'always'")?;
    let reuse = match mode {
        "never" => Reuse::Never,
        "safe" => Reuse::Safe,
        "aggressive" => Reuse::Aggressive,
        "always" => Reuse::Always,
        _ => {
            return Err(Problem::at(
                1,
                "'http-reuse' only supports 'never', 'safe', 'aggressive', 'always'.",
            )
            .because("not a mode")
            .did_you_mean(nearest(mode, ["never", "safe", "aggressive", "always"])));
        }
    };
    statement.at_most(2)?;
    draft.proxy.reuse = reuse;
    Ok(())
}
