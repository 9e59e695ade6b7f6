//! `server` and `default-server` lines.

pub(crate) mod introduction;
mod keep;
pub(crate) mod options;
pub(crate) mod template;

use crate::address::{self, Transport, server};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::draft::{ProxyDraft, ServerDraft};
use crate::keyword::Cursor;
use crate::known;
use crate::nearest::nearest;
use crate::problem::{Parsed, Problem};
use crate::statement::Statement;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use balance::{Address, Proto, ServerSettings};
use options::{Otherwise, ServerLine};
use template::Template;

/// Named `default-server`s of one section; every proxy has its own copy of those of its defaults.
const NAMED_MAX: usize = 64;

/// `server <name> <address> [from <origin>] [options]`
pub(crate) fn parse(
    statement: &Statement<'_>,
    draft: &mut ProxyDraft,
    context: &mut Context<'_>,
) -> Parsed {
    let name = match (statement.words.get(1), statement.words.get(2)) {
        (Some(name), Some(_)) => &*name.text,
        _ => {
            return Err(Problem::at(
                statement.len(),
                "'server' expects <name> and <addr>[:<port>] as arguments.",
            )
            .because("a name and an address are expected"));
        }
    };
    let title = format!("server {}/{name}", draft.proxy.name);
    valid_name(name)?;
    let (from, at) = template::origin(statement, 3, draft, draft.default_server.clone())?;
    let mut line = ServerLine {
        server: ServerSettings {
            id: 0,
            name: name.into(),
            place: statement.place.to_string(),
            ..from.server
        },
        explicit_id: false,
        introduction: from.introduction,
        init_addr: from.init_addr,
        log: from.log,
        title,
    };
    options(statement, at, &mut line, context)?;
    match draft.is_log {
        true => set_log_address(statement, &mut line, context)?,
        false => set_address(statement, &mut line, context)?,
    }
    draft.servers.push(ServerDraft {
        server: line.server,
        introduction: line.introduction,
        explicit_id: line.explicit_id,
        log: line.log,
        spot: statement.spot(1..2),
    });
    Ok(())
}

/// The address of a log server in word 2: of datagrams if it says so, or else of a stream.
fn set_log_address(
    statement: &Statement<'_>,
    line: &mut ServerLine,
    context: &Context<'_>,
) -> Parsed {
    let text = statement.word(2);
    let datagrams = ["udp@", "udp4@", "udp6@", "uxdg@"];
    line.log.datagrams = datagrams.iter().any(|prefix| text.starts_with(prefix));
    let transport = match line.log.datagrams {
        true => Transport::Datagram,
        false => Transport::Stream,
    };
    line.server.address = server::log_server(text, transport, context)
        .map_err(|bad| address::problem(2, &line.title, bad))?;
    Ok(())
}

/// The address in word 2, resolved as `init-addr` says.
fn set_address(
    statement: &Statement<'_>,
    line: &mut ServerLine,
    context: &mut Context<'_>,
) -> Parsed {
    let text = statement.word(2);
    let found = server::address(text, line.init_addr.resolve, context)
        .map_err(|bad| address::problem(2, &line.title, bad))?;
    if found.address == Address::Reversed {
        reversed(line)?;
    }
    line.server.address = found.address;
    line.server.host = found.host;
    let Some(bad) = found.unresolved else {
        return Ok(());
    };
    match line.init_addr.otherwise {
        Otherwise::Fatal if !context.options.ignore_resolution_failures => {
            return Err(address::problem(2, &line.title, bad)
                .help("'-dr' or 'init-addr none' starts the server in maintenance instead"));
        }
        Otherwise::Fatal | Otherwise::Maintenance => {
            let message = format!("{}, disabling server.", bad.0);
            let problem = address::problem(2, &line.title, (message, bad.1));
            context
                .notes
                .push(statement.diagnostic(Severity::Notice, problem));
            line.server.disabled = true;
        }
        Otherwise::Address(ip) => line.server.address = found.port.at(ip),
    }
    Ok(())
}

/// What makes no sense where nothing is connected to.
fn reversed(line: &mut ServerLine) -> Parsed {
    let wrong = |what: &str| {
        let message = format!("'{}' : {what} is not possible with 'rhttp@'.", line.title);
        Err(Problem::at(2, message).because("its connections are not opened by us"))
    };
    if line.introduction.text || line.introduction.binary {
        return wrong("'send-proxy'");
    }
    if line.server.source.is_some() {
        return wrong("'source'");
    }
    match line.server.proto {
        Proto::Unset | Proto::Http2 => line.server.proto = Proto::Http2,
        Proto::Http1 | Proto::Raw => return wrong("a 'proto' other than 'h2'"),
    }
    Ok(())
}

/// `default-server [name <name>] [from <origin>] [options]`
pub(crate) fn parse_default(
    statement: &Statement<'_>,
    draft: &mut ProxyDraft,
    context: &mut Context<'_>,
) -> Parsed {
    let name = template::name(statement)?;
    let before = match name {
        None => draft.default_server.clone(),
        Some((name, _)) => draft.named_defaults.get(name).cloned().unwrap_or_default(),
    };
    let at = name.map_or(1, |(_, at)| at);
    let (from, at) = template::origin(statement, at, draft, before)?;
    let mut line = ServerLine {
        server: from.server,
        introduction: from.introduction,
        explicit_id: false,
        init_addr: from.init_addr,
        log: from.log,
        title: "default-server".into(),
    };
    options(statement, at, &mut line, context)?;
    if line.explicit_id {
        return Err(
            Problem::at(1, "'default-server' : 'id' is not possible here.")
                .because("an id belongs to one server"),
        );
    }
    let template = Template {
        server: line.server,
        introduction: line.introduction,
        init_addr: line.init_addr,
        log: line.log,
    };
    match name {
        None => draft.default_server = template,
        Some((name, _)) => {
            draft.named_defaults.insert(name.into(), template);
            if draft.named_defaults.len() > NAMED_MAX {
                return Err(Problem::at(
                    2,
                    format!("'default-server' : more than {NAMED_MAX} names in one section."),
                )
                .because("too many"));
            }
        }
    }
    Ok(())
}

fn options(
    statement: &Statement<'_>,
    from: usize,
    line: &mut ServerLine,
    context: &mut Context<'_>,
) -> Parsed {
    let mut cursor = Cursor::new(statement, from);
    while let Some(word) = cursor.option() {
        match options::all().find(|option| option.name == introduction::bare_name(word)) {
            Some(option) => (option.parse)(&mut cursor, line, context)?,
            None => return Err(unknown(cursor.at, &line.title, word)),
        }
    }
    Ok(())
}

fn unknown(at: usize, title: &str, word: &str) -> Problem {
    if known::has(known::SERVER, word) {
        let mut problem = known::not_yet(at, word);
        problem.message = format!("'{title}' : {}", problem.message);
        return problem;
    }
    let names: Vec<&str> = options::all().map(|option| option.name).collect();
    let near = nearest(word, names.into_iter().chain(known::SERVER.lines()));
    let maybe = near.map_or_else(Default::default, |near| {
        format!("; did you mean '{near}' maybe ?")
    });
    Problem::at(at, format!("'{title}' : unknown keyword '{word}'{maybe}"))
        .because("no option of 'server' has this name")
        .did_you_mean(near)
}

pub(crate) fn valid_name(name: &str) -> Parsed {
    let bad = name
        .chars()
        .find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':')));
    match bad {
        None => Ok(()),
        Some(c) => Err(Problem::at(
            1,
            format!("character '{c}' is not permitted in server name '{name}'."),
        )
        .because("a name is made of letters, digits, '-', '_', '.' and ':'")),
    }
}
