//! `stick-table`

use crate::draft::ProxyDraft;
use crate::keyword::{Keyword, Sections};
use crate::known;
use crate::nearest::nearest;
use crate::problem::{Parsed, Problem};
use crate::statement::Statement;
use crate::units;
use alloc::format;
use base::Duration;
use tables::{
    BINARY_BYTES_DEFAULT, DataType, Definition, KeyType, STRING_BYTES_DEFAULT, ServerKey,
    StoreError, Stored,
};

pub(super) const KEYWORDS: &[Keyword<ProxyDraft>] = &[Keyword {
    name: "stick-table",
    doc: "what is remembered of clients",
    sections: Sections::PROXY,
    negatable: false,
    parse: stick_table,
}];

const ARGUMENTS: &[&str] = &[
    "brates-factor",
    "expire",
    "nopurge",
    "peers",
    "recv-only",
    "size",
    "srvkey",
    "store",
    "type",
    "write-to",
];

/// `stick-table type <type> size <size> …`
fn stick_table(
    statement: &Statement<'_>,
    draft: &mut ProxyDraft,
    context: &mut crate::context::Context<'_>,
) -> Parsed {
    if let Some((_, first)) = &draft.table {
        let message = format!(
            "stick-table name '{}' conflicts with table declared in {} at {}.",
            draft.proxy.name,
            draft.title(),
            first.place
        );
        return Err(Problem::at(0, message).because("a proxy has one table at most"));
    }
    let mut key = KeyType::Ip;
    let mut size = None;
    let mut table = Definition::new(&draft.proxy.name, key, 0);
    let mut at = 1;
    while at < statement.len() {
        let value_at = at + 1;
        match statement.word(at) {
            "type" => {
                (key, at) = key_type(statement, value_at)?;
                continue;
            }
            "size" => size = Some(entries(statement, value_at)?),
            "expire" => table.expire = Some(expire(statement, value_at)?),
            "nopurge" | "recv-only" => {
                match statement.word(at) {
                    "nopurge" => table.nopurge = true,
                    _ => table.recv_only = true,
                }
                at += 1;
                continue;
            }
            "brates-factor" => table.brates_factor = factor(statement, value_at)?,
            "srvkey" => table.server_key = server_key(statement, value_at)?,
            "store" => store(statement, value_at, &mut table, context)?,
            later @ ("peers" | "write-to") => {
                return Err(known::not_yet(at, &format!("stick-table ... {later}")));
            }
            other => {
                let message = format!("stick-table: unknown argument '{other}'.");
                return Err(Problem::at(at, message)
                    .because("no argument of 'stick-table' has this name")
                    .did_you_mean(nearest(other, ARGUMENTS.iter().copied())));
            }
        }
        at += 2;
    }
    let Some(size) = size else {
        return Err(Problem::at(statement.len(), "stick-table: missing size.")
            .because("'size' and a number of entries are missing"));
    };
    table.key = key;
    table.size = size;
    draft.table = Some((table, statement.spot(0..statement.len())));
    Ok(())
}

/// The type of the keys at word `at`, and the word behind it.
fn key_type(statement: &Statement<'_>, at: usize) -> Result<(KeyType, usize), Problem> {
    let name = statement.word(at);
    let has_length = statement.word(at + 1) == "len";
    let length = |default: u32| match has_length {
        false => Ok(default),
        true => match statement.word(at + 2).parse::<u32>() {
            Ok(length @ 1..=KEY_BYTES_MAX) => Ok(length),
            _ => Err(
                Problem::at(at + 2, "'len' expects a positive integer argument.")
                    .because("a number of bytes is expected"),
            ),
        },
    };
    let behind = at + 1 + 2 * usize::from(has_length);
    Ok(match name {
        "ip" | "ipv4" => (KeyType::Ip, at + 1),
        "ipv6" => (KeyType::Ip6, at + 1),
        "integer" => (KeyType::Integer, at + 1),
        "string" => {
            let bytes_max = length(STRING_BYTES_DEFAULT)?;
            (KeyType::String { bytes_max }, behind)
        }
        "binary" => {
            let bytes = length(BINARY_BYTES_DEFAULT)?;
            (KeyType::Binary { bytes }, behind)
        }
        _ => {
            let names = ["ip", "ipv6", "integer", "string", "binary"];
            let message = format!("stick-table: unknown type '{name}'.");
            return Err(Problem::at(at, message)
                .because("one of ip, ipv6, integer, string, binary is expected")
                .did_you_mean(nearest(name, names)));
        }
    })
}

fn entries(statement: &Statement<'_>, at: usize) -> Result<u32, Problem> {
    let text = statement.word(at);
    if text.is_empty() {
        return Err(missing(statement, at));
    }
    let entries = units::size(text).ok().and_then(|size| size.try_into().ok());
    match entries.filter(|entries| *entries > 0) {
        Some(entries) => Ok(entries),
        None => Err(unreadable(at, text, "size")),
    }
}

fn expire(statement: &Statement<'_>, at: usize) -> Result<Duration, Problem> {
    let text = statement.word(at);
    if text.is_empty() {
        return Err(missing(statement, at));
    }
    units::time(text).map_err(|_| unreadable(at, text, "expire"))
}

fn missing(statement: &Statement<'_>, at: usize) -> Problem {
    let message = format!(
        "stick-table: missing argument after '{}'.",
        statement.word(at - 1)
    );
    Problem::at(at, message).because("a value is missing here")
}

fn unreadable(at: usize, text: &str, name: &str) -> Problem {
    let part = |c: &char| c.is_ascii_digit() || "kmgKMGsdh".contains(*c);
    let message = match text.chars().find(|c| !part(c)) {
        Some(c) => format!("stick-table: unexpected character '{c}' in argument of '{name}'."),
        None => format!("stick-table: value '{text}' of '{name}' is out of range."),
    };
    Problem::at(at, message).because("a number is expected")
}

fn factor(statement: &Statement<'_>, at: usize) -> Result<u32, Problem> {
    match statement.word(at).parse() {
        Ok(factor @ 1..=1024) => Ok(factor),
        _ => Err(Problem::at(
            at,
            "stick-table: argument 'brates-factor' must be greater than 0 and lower or equal than 1024.",
        )
        .because("out of range")),
    }
}

fn server_key(statement: &Statement<'_>, at: usize) -> Result<ServerKey, Problem> {
    match statement.word(at) {
        "name" => Ok(ServerKey::Name),
        "addr" => Ok(ServerKey::Address),
        other => {
            let message = format!("stick-table : unknown server key type '{other}'.");
            Err(Problem::at(at, message).because("'name' or 'addr' is expected"))
        }
    }
}

/// `store <type>[(<arguments>)],…`
fn store(
    statement: &Statement<'_>,
    at: usize,
    table: &mut Definition,
    context: &mut crate::context::Context<'_>,
) -> Parsed {
    let list = statement.word(at);
    if list.is_empty() {
        return Err(missing(statement, at));
    }
    let mut rest = list;
    while !rest.is_empty() {
        let end = rest.find(['(', ',']).unwrap_or(rest.len());
        let name = &rest[..end];
        let (arguments, behind) = match rest[end..].strip_prefix('(') {
            Some(inside) => {
                let close = inside.find(')').unwrap_or(inside.len());
                let behind = inside.get(close + 1..).unwrap_or_default();
                (Some(&inside[..close]), behind)
            }
            None => (None, &rest[end..]),
        };
        rest = behind.strip_prefix(',').unwrap_or(behind);
        let stored = stored(at, name, arguments)?;
        match table.store(stored) {
            Ok(()) => {}
            Err(StoreError::Twice) => {
                let message =
                    format!("stick-table: store option '{name}' already enabled, ignored.");
                let problem = Problem::at(at, message).because("once is enough");
                context.warn(statement, problem);
            }
            Err(why) => {
                let message = match why {
                    StoreError::Excluded(_) => {
                        let array = name.trim_end_matches(|c: char| "01_rate".contains(c));
                        format!(
                            "stick-table: simultaneous usage of '{array}' and '{array}[0/1]' in a same table is not permitted as '{array}' overrides '{array}[0/1]'."
                        )
                    }
                    _ => format!("stick-table: error when processing store option '{name}'."),
                };
                return Err(Problem::at(at, message).because(format!("{why}")));
            }
        }
    }
    Ok(())
}

/// One data type with its arguments.
fn stored(at: usize, name: &str, arguments: Option<&str>) -> Result<Stored, Problem> {
    let Some(data) = DataType::by_name(name) else {
        let near = nearest(name, DataType::ALL.iter().map(|data| data.name()));
        let message = format!("stick-table: unknown store option '{name}'.");
        return Err(Problem::at(at, message)
            .because("no data type has this name")
            .did_you_mean(near));
    };
    let bad = |reason: &str| {
        let message = format!("stick-table: error when processing store option '{name}'.");
        Problem::at(at, message).because(reason)
    };
    let arguments = match arguments {
        Some(arguments) if data.is_array() || data.has_period() => arguments,
        Some(_) => {
            let message = format!("stick-table: unexpected argument to store option '{name}'.");
            return Err(Problem::at(at, message).because("this data type takes none"));
        }
        None if data.is_array() || data.has_period() => {
            let message = format!("stick-table: missing argument to store option '{name}'.");
            return Err(Problem::at(at, message).because("its arguments go in parentheses"));
        }
        None => return Ok(Stored::plain(data)),
    };
    let period = |text: &str| {
        let time = units::time(text.trim()).ok();
        let millis = time.and_then(|time| u32::try_from(time.as_millis()).ok());
        millis.ok_or_else(|| bad("a period such as 10s is expected"))
    };
    if !data.is_array() {
        return Ok(Stored::rate(data, period(arguments)?));
    }
    let (elements, rest) = match arguments.split_once(',') {
        Some((elements, rest)) => (elements, Some(rest)),
        None => (arguments, None),
    };
    let elements = elements.trim().parse();
    let elements = elements.map_err(|_| bad("a number of elements is expected"))?;
    let period_ms = match (rest, data.has_period()) {
        (Some(text), true) => period(text)?,
        (None, false) => 0,
        (Some(_), false) => return Err(bad("it has no period")),
        (None, true) => return Err(bad("a period such as 10s is expected behind the number")),
    };
    Ok(Stored::array(data, elements, period_ms))
}

/// The longest key, bytes.
const KEY_BYTES_MAX: u32 = 65_536;
