//! `server` and `default-server` lines.

pub(crate) mod introduction;
mod keep;
pub(crate) mod options;
pub(crate) mod place;
pub(crate) mod template;

use crate::context::Context;
use crate::draft::{ProxyDraft, ServerDraft};
use crate::keyword::Cursor;
use crate::known;
use crate::nearest::nearest;
use crate::problem::{Parsed, Problem};
use crate::rules::Remembered;
use crate::statement::Statement;
use alloc::format;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;
use balance::ServerSettings;
use options::ServerLine;
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
    draft.servers.push(ServerDraft {
        server: line.server,
        introduction: line.introduction,
        explicit_id: line.explicit_id,
        init_addr: line.init_addr,
        log: line.log,
        line: Arc::new(Remembered::of(statement, context)),
        spot: statement.spot(1..2),
    });
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
