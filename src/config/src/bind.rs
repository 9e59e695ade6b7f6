//! `bind` lines.

pub(crate) mod options;

use crate::address::{self, REVERSED, Transport, listen};
use crate::context::Context;
use crate::draft::{BindDraft, ProxyDraft};
use crate::keyword::Cursor;
use crate::known;
use crate::nearest::nearest;
use crate::problem::{Parsed, Problem};
use crate::statement::Statement;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use balance::{Proto, ServerIndex};
use engine::settings::AccessLevel;
use session::settings::{Bind, BindAddress, ProxyIndex, Reversed, SocketOptions};

/// Listeners of one configuration; a line such as `:1-65535` makes many.
const LISTENERS_MAX: usize = 1 << 17;

/// The options of one line, for all its addresses.
pub(crate) struct BindLine {
    pub bind: Bind,
    pub explicit_id: bool,
    /// `level`, for `stats socket`.
    pub level: AccessLevel,
    /// `nbconn`: how many connections there are where it connects instead of listening.
    pub reversed: Option<u32>,
    /// The options that were given.
    pub given: Vec<&'static str>,
}

impl BindLine {
    pub(crate) fn new(statement: &Statement<'_>) -> Self {
        Self {
            bind: Bind {
                id: 0,
                name: None,
                address: BindAddress::Inherited(-1),
                socket: SocketOptions::default(),
                maxconn: 0,
                proto: Proto::default(),
                accept_proxy: false,
                netscaler_magic: None,
                place: statement.place.to_string(),
            },
            explicit_id: false,
            level: AccessLevel::Operator,
            reversed: None,
            given: Vec::new(),
        }
    }

    /// One listener of the line.
    pub(crate) fn at(&self, address: BindAddress) -> Bind {
        Bind {
            address,
            ..self.bind.clone()
        }
    }
}

/// `bind <addresses> [options]`
pub(crate) fn parse(
    statement: &Statement<'_>,
    draft: &mut ProxyDraft,
    context: &mut Context<'_>,
) -> Parsed {
    let text = statement.expect(1, "{<path>|[addr1]:port1[-end1]}{,[addr]:port[-end]}...")?;
    if text.contains(REVERSED) {
        return parse_reversed(statement, draft, context);
    }
    let addresses = addresses(statement, 1, context)?;
    let mut line = BindLine::new(statement);
    let title = format!("'bind {text}' in section '{}'", draft.kind());
    options(statement, 2, &title, &mut line, context)?;
    listeners(statement, line, addresses, draft);
    Ok(())
}

/// The listeners of a line.
fn listeners(
    statement: &Statement<'_>,
    mut line: BindLine,
    addresses: Vec<BindAddress>,
    draft: &mut ProxyDraft,
) {
    let spot = statement.spot(1..2);
    for address in addresses {
        draft.binds.push(BindDraft {
            bind: line.at(address),
            explicit_id: line.explicit_id,
            spot: spot.clone(),
        });
        // Only the first address of a line gets its id; the others count on from it.
        line.explicit_id = false;
        line.bind.id = 0;
    }
}

/// `bind rhttp@<backend>/<server> [options]`
fn parse_reversed(
    statement: &Statement<'_>,
    draft: &mut ProxyDraft,
    context: &mut Context<'_>,
) -> Parsed {
    let text = statement.word(1);
    let Some(name) = text.strip_prefix(REVERSED).filter(|it| !it.contains(',')) else {
        return Err(
            Problem::at(1, "'bind' : Cannot mix reverse HTTP bind with others.")
                .because("one server alone is expected"),
        );
    };
    address::allowed(text, context).map_err(|bad| address::problem(1, "bind", bad))?;
    let mut line = BindLine::new(statement);
    line.reversed = Some(1);
    let title = format!("'bind {text}' in section '{}'", draft.kind());
    options(statement, 2, &title, &mut line, context)?;
    let refused = |option: &&&str| !OF_REVERSED.contains(option);
    if let Some(option) = line.given.iter().find(refused) {
        let at = (2..statement.len()).find(|at| statement.word(*at) == *option);
        let message = format!("'{option}' option is not accepted for reverse HTTP");
        let problem = Problem::at(at.unwrap_or(1), message);
        return Err(problem.because("there is no socket that listens"));
    }
    context.listeners += 1;
    let reversed = Reversed {
        name: name.into(),
        // Known once all sections are read.
        backend: ProxyIndex(u32::MAX),
        server: ServerIndex(u32::MAX),
        count: line.reversed.unwrap_or(1),
    };
    let address = BindAddress::Reversed(Box::new(reversed));
    listeners(statement, line, Vec::from([address]), draft);
    Ok(())
}

/// Options of what connects instead of listening.
const OF_REVERSED: &[&str] = &["id", "name", "nbconn", "nice", "process", "thread"];

/// The addresses in word `at`, counted against [`LISTENERS_MAX`].
pub(crate) fn addresses(
    statement: &Statement<'_>,
    at: usize,
    context: &mut Context<'_>,
) -> Result<Vec<BindAddress>, Problem> {
    let name = statement.name(at);
    let room = LISTENERS_MAX - context.listeners;
    let addresses = listen::addresses(statement.word(at), Transport::Stream, room, context)
        .map_err(|bad| address::problem(at, &name, bad))?;
    context.listeners += addresses.len();
    Ok(addresses)
}

/// Reads the options from word `from` to the end of a `bind` line.
pub(crate) fn options(
    statement: &Statement<'_>,
    from: usize,
    title: &str,
    line: &mut BindLine,
    context: &mut Context<'_>,
) -> Parsed {
    let mut cursor = Cursor::new(statement, from);
    while let Some(word) = cursor.option() {
        match options::OPTIONS.iter().find(|option| option.name == word) {
            Some(option) => {
                line.given.push(option.name);
                (option.parse)(&mut cursor, line, context)?;
            }
            None => return Err(unknown(cursor.at, title, word)),
        }
    }
    Ok(())
}

fn unknown(at: usize, title: &str, word: &str) -> Problem {
    if known::has(known::BIND, word) {
        let mut problem = known::not_yet(at, word);
        problem.message = format!("{title}: {}", problem.message);
        return problem;
    }
    let names: Vec<&str> = options::OPTIONS.iter().map(|option| option.name).collect();
    let near = nearest(word, names.into_iter().chain(known::BIND.lines()));
    let maybe = near.map_or_else(Default::default, |near| {
        format!("; did you mean '{near}' maybe ?")
    });
    Problem::at(at, format!("{title}: unknown keyword '{word}'{maybe}"))
        .because("no option of 'bind' has this name")
        .did_you_mean(near)
}
