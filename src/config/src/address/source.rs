//! `source` of backends and servers: an address, and behind it `usesrc` and `interface`.

use super::{problem, server};
use crate::context::Context;
use crate::keyword::Cursor;
use crate::known::not_yet;
use crate::problem::Problem;
use alloc::format;
use balance::{Shown, Source};

/// Reads what follows `source`, up to a word that belongs to something else. `title` is whose it is.
pub(crate) fn source(
    cursor: &mut Cursor<'_, '_>,
    title: &str,
    context: &Context<'_>,
) -> Result<Source, Problem> {
    let (at, text) =
        cursor.value("<addr>[:<port>], and optionally 'usesrc' <addr>, and 'interface' <name>")?;
    let address = server::one(text, context).map_err(|bad| problem(at, "source", bad))?;
    let mut source = Source {
        address,
        shown: None,
        interface: None,
    };
    while let Some(word) = cursor.option_of(&["usesrc", "interface"]) {
        match (word, cursor.value("an argument")) {
            ("usesrc", Ok((at, text))) => source.shown = shown(at, text, context)?,
            ("usesrc", Err(_)) => {
                let message = "'usesrc' expects <addr>[:<port>], 'client', 'clientip', or 'hdr_ip(name,#)' as argument.";
                return Err(Problem::at(cursor.at, message).because("it has to follow"));
            }
            (_, Ok((_, name))) => source.interface = Some(name.into()),
            (_, Err(_)) => {
                let message = format!("'{title}' : missing interface name.");
                return Err(Problem::at(cursor.at, message).because("it has to follow"));
            }
        }
    }
    Ok(source)
}

/// The same of a `server` line, where HAProxy has ranges of ports besides.
pub(crate) fn source_of_server(
    cursor: &mut Cursor<'_, '_>,
    title: &str,
    context: &Context<'_>,
) -> Result<Source, Problem> {
    let at = cursor.at + 1;
    if is_range(cursor.statement.word(at)) {
        return Err(not_yet(at, "source <addr>:<low>-<high>"));
    }
    source(cursor, title, context)
}

/// Whether an address ends in two ports.
fn is_range(text: &str) -> bool {
    let ports = text.rsplit_once(':').and_then(|(_, it)| it.split_once('-'));
    ports.is_some_and(|(low, high)| low.parse::<u16>().is_ok() && high.parse::<u16>().is_ok())
}

/// Whose address servers see; `hdr_ip(<name>,0)` is nobody's.
fn shown(at: usize, text: &str, context: &Context<'_>) -> Result<Option<Shown>, Problem> {
    let header = match text {
        "client" => return Ok(Some(Shown::Client)),
        "clientip" => return Ok(Some(Shown::ClientIp)),
        text => text
            .strip_prefix("hdr_ip(")
            .and_then(|rest| rest.strip_suffix(')')),
    };
    let Some(header) = header else {
        let address = server::one(text, context)
            .map_err(|bad| problem(at, &format!("usesrc {text}"), bad))?;
        return Ok(Some(Shown::Address(address)));
    };
    let (name, occurrence) = header.split_once(',').unwrap_or((header, "-1"));
    let occurrence: i32 = occurrence.parse().map_err(|_| {
        Problem::at(
            at,
            format!("'usesrc' : '{occurrence}' in '{text}' is no number."),
        )
        .because("values are counted from 1, or from -1 backwards")
    })?;
    if occurrence < -OCCURRENCES_MAX {
        let message = format!(
            "usesrc hdr_ip(name,num) does not support negative occurrences values smaller than {OCCURRENCES_MAX}."
        );
        return Err(Problem::at(at, message).because("too far back"));
    }
    Ok(Some(Shown::Header {
        name: name.into(),
        occurrence,
    }))
}

/// How far from the end a value may be asked for.
const OCCURRENCES_MAX: i32 = 10;
