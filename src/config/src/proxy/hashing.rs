//! `balance` with a hash, `hash-type` and its kin.

use crate::context::Context;
use crate::draft::ProxyDraft;
use crate::keyword::{Keyword, Sections};
use crate::known;
use crate::problem::Problem;
use crate::rules::Remembered;
use crate::statement::Statement;
use crate::units;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use balance::{Affinity, HashType};
use session::settings::{HashFunction, HashedUri};

/// What is said so far of hashes.
#[derive(Clone, Debug, Default)]
pub(crate) struct HashingDraft {
    /// `balance`, if it is one of these.
    pub of: Option<(HashOfDraft, Arc<Remembered>)>,
    /// `hash-type`
    pub kind: HashType,
    pub function: HashFunction,
    pub avalanche: bool,
    /// `hash-balance-factor`
    pub factor: Option<(u32, Arc<Remembered>)>,
}

/// What is hashed, before expressions are read.
#[derive(Clone, Debug)]
pub(crate) enum HashOfDraft {
    Source,
    Uri(HashedUri),
    Param(Box<[u8]>),
    Header {
        name: Box<[u8]>,
        domain: bool,
    },
    /// The expression is in word 2 of the line.
    Expr,
    /// The converters of log lines are in word 2 of the line.
    Message,
    /// The cookie of this name.
    RdpCookie(String),
}

impl HashingDraft {
    /// `balance log-hash`
    pub(crate) fn is_of_messages(&self) -> bool {
        matches!(self.of, Some((HashOfDraft::Message, _)))
    }
}

pub(super) const KEYWORDS: &[Keyword<ProxyDraft>] = &[
    Keyword {
        name: "hash-balance-factor",
        doc: "percent of its share of all requests that a server of a ring may have; 0 is no limit",
        sections: Sections::SERVES,
        negatable: false,
        parse: |statement, draft, context| {
            let word = statement.expect(1, "an integer")?;
            let percent = match units::number(word).map(u32::try_from) {
                Ok(Ok(percent)) if percent == 0 || percent > 100 => percent,
                Ok(_) | Err(_) => {
                    let message = "'hash-balance-factor' must be 0 or greater than 100.";
                    return Err(Problem::at(1, message).because("not such a number"));
                }
            };
            statement.at_most(2)?;
            draft.hashing.factor = Some((percent, Arc::new(Remembered::of(statement, context))));
            draft.proxy.balance.share_percent_max = percent;
            Ok(())
        },
    },
    Keyword {
        name: "hash-preserve-affinity",
        doc: "whether a hash goes to a server of a ring that is full: always, maxconn, maxqueue",
        sections: Sections::SERVES,
        negatable: false,
        parse: |statement, draft, _| {
            draft.proxy.balance.affinity = match statement.word(1) {
                "always" => Affinity::Always,
                "maxconn" => Affinity::Slots,
                "maxqueue" => Affinity::Queue,
                "" => {
                    let message = "'hash-preserve-affinity' needs a keyword to specify when to preserve hash affinity";
                    return Err(Problem::at(1, message).because("it is missing here"));
                }
                other => {
                    let message = format!("'hash-preserve-affinity': unknown keyword '{other}'");
                    return Err(Problem::at(1, message)
                        .because("'always', 'maxconn' or 'maxqueue' is expected"));
                }
            };
            statement.at_most(2)
        },
    },
    Keyword {
        name: "hash-type",
        doc: "how a hash is made, and how it becomes a server",
        sections: Sections::SERVES,
        negatable: false,
        parse: |statement, draft, _| {
            let hashing = &mut draft.hashing;
            hashing.kind = match statement.word(1) {
                "map-based" => HashType::Map,
                "consistent" => HashType::Consistent,
                _ => {
                    let message = "'hash-type' only supports 'consistent' and 'map-based'.";
                    return Err(Problem::at(1, message).because("not one of them"));
                }
            };
            let consistent = hashing.kind == HashType::Consistent;
            (hashing.function, hashing.avalanche) = match statement.word(2) {
                "" => (HashFunction::Sdbm, consistent),
                word => (function(word)?, false),
            };
            match statement.word(3) {
                "" => {}
                "avalanche" => hashing.avalanche = true,
                _ => {
                    let message =
                        "'hash-type' only supports 'avalanche' as a modifier for hash functions.";
                    return Err(Problem::at(3, message).because("not 'avalanche'"));
                }
            }
            statement.at_most(4)
        },
    },
];

fn function(word: &str) -> Result<HashFunction, Problem> {
    Ok(match word {
        "sdbm" => HashFunction::Sdbm,
        "djb2" => HashFunction::Djb2,
        "wt6" => HashFunction::Wt6,
        "crc32" => HashFunction::Crc32,
        "none" => HashFunction::None,
        _ => {
            let message = "'hash-type' only supports 'sdbm', 'djb2', 'crc32', 'wt6' or 'none' hash functions.";
            return Err(Problem::at(2, message).because("not one of them"));
        }
    })
}

/// What a `balance` line hashes; nothing if it is about something else.
pub(super) fn of(
    statement: &Statement<'_>,
    context: &mut Context<'_>,
) -> Result<Option<(HashOfDraft, Arc<Remembered>)>, Problem> {
    let text = statement.word(1);
    let (name, argument) = match text.split_once('(') {
        Some((name, rest)) => (name, Some(rest.strip_suffix(')'))),
        None => (text, None),
    };
    let of = match (name, argument) {
        ("source", None) => {
            statement.at_most(2)?;
            HashOfDraft::Source
        }
        ("uri", None) => HashOfDraft::Uri(uri(statement)?),
        ("url_param", None) => HashOfDraft::Param(parameter(statement)?),
        ("hash", None) => {
            if statement.word(2).is_empty() {
                let message = "balance hash requires a sample expression.";
                return Err(Problem::at(2, message).because("it is missing here"));
            }
            statement.at_most(3)?;
            HashOfDraft::Expr
        }
        ("log-hash", None) => {
            if statement.word(2).is_empty() {
                let message = "balance log-hash requires a converter list.";
                return Err(Problem::at(2, message).because("it is missing here"));
            }
            statement.at_most(3)?;
            HashOfDraft::Message
        }
        ("hdr", Some(Some(field))) if !field.is_empty() => HashOfDraft::Header {
            name: field.as_bytes().into(),
            domain: domain_only(statement)?,
        },
        ("hdr", Some(_)) => {
            let message = "balance hdr requires an http header field name.";
            return Err(Problem::at(1, message).because("it is missing in the parentheses"));
        }
        ("rdp-cookie", None) => rdp_cookie(statement, "mstshash")?,
        ("rdp-cookie", Some(Some(name))) if !name.is_empty() => rdp_cookie(statement, name)?,
        ("rdp-cookie", Some(_)) => {
            let message = "balance rdp-cookie : missing cookie name.";
            return Err(Problem::at(1, message).because("it is missing in the parentheses"));
        }
        _ => return Ok(None),
    };
    Ok(Some((of, Arc::new(Remembered::of(statement, context)))))
}

fn rdp_cookie(statement: &Statement<'_>, name: &str) -> Result<HashOfDraft, Problem> {
    statement.at_most(2)?;
    Ok(HashOfDraft::RdpCookie(name.into()))
}

fn uri(statement: &Statement<'_>) -> Result<HashedUri, Problem> {
    let mut uri = HashedUri::default();
    let mut at = 2;
    while at < statement.len() {
        let word = statement.word(at);
        match word {
            "whole" => uri.whole = true,
            "path-only" => uri.path_only = true,
            "len" => uri.len = Some(positive(statement, at)?),
            "depth" => uri.depth = Some(positive(statement, at)?),
            _ => {
                let message = format!(
                    "balance uri only accepts parameters 'len', 'depth', 'path-only', and 'whole' (got '{word}')."
                );
                return Err(Problem::at(at, message).because("not one of them"));
            }
        }
        at += if matches!(word, "len" | "depth") {
            2
        } else {
            1
        };
    }
    Ok(uri)
}

/// The number behind word `at`.
fn positive(statement: &Statement<'_>, at: usize) -> Result<u32, Problem> {
    let (name, text) = (statement.word(at), statement.word(at + 1));
    match units::number(text).map(u32::try_from) {
        Ok(Ok(number)) if number > 0 => Ok(number),
        Ok(_) | Err(_) => {
            let message =
                format!("balance uri : '{name}' expects a positive integer (got '{text}').");
            Err(Problem::at(at + 1, message).because("not such a number"))
        }
    }
}

fn parameter(statement: &Statement<'_>) -> Result<Box<[u8]>, Problem> {
    let name = statement.word(2);
    if name.is_empty() {
        let message = "balance url_param requires an URL parameter name.";
        return Err(Problem::at(2, message).because("it is missing here"));
    }
    match statement.word(3) {
        "" => Ok(name.as_bytes().into()),
        "check_post" => Err(known::not_yet(3, "balance url_param check_post")),
        other => {
            let message =
                format!("balance url_param only accepts 'check_post' modifier (got '{other}').");
            Err(Problem::at(3, message).because("nothing more is expected"))
        }
    }
}

fn domain_only(statement: &Statement<'_>) -> Result<bool, Problem> {
    match statement.word(2) {
        "" => Ok(false),
        "use_domain_only" => {
            statement.at_most(3)?;
            Ok(true)
        }
        other => {
            let message = format!(
                "balance {} only accepts 'use_domain_only' modifier (got '{other}').",
                statement.word(1)
            );
            Err(Problem::at(2, message).because("nothing more is expected"))
        }
    }
}
