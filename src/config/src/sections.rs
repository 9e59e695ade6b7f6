//! Sections that are no proxies: they have a name, and others refer to them by it.

pub(crate) mod errors;
pub(crate) mod fcgi;
pub(crate) mod forward;
pub(crate) mod ring;
pub(crate) mod userlist;

use crate::problem::{Parsed, Problem};
use crate::statement::Statement;
use alloc::format;
use errors::ErrorsDraft;
use fcgi::FcgiDraft;
use forward::ForwardDraft;
use ring::RingDraft;
use userlist::UserlistDraft;

/// Those of a configuration so far.
#[derive(Debug, Default)]
pub(crate) struct NamedSections {
    pub userlists: alloc::vec::Vec<UserlistDraft>,
    pub errors: alloc::vec::Vec<ErrorsDraft>,
    pub fcgi: alloc::vec::Vec<FcgiDraft>,
    pub rings: alloc::vec::Vec<RingDraft>,
    pub forwards: alloc::vec::Vec<ForwardDraft>,
}

/// The name behind the keyword of a section: letters, digits and `-_.:`, and nothing behind it.
fn name<'l>(statement: &Statement<'l>, missing: &str) -> Result<&'l str, Problem> {
    let name = statement.word(1);
    if name.is_empty() {
        return Err(Problem::at(1, missing).because("a name is missing here"));
    }
    crate::reader::valid_name(statement, name)?;
    statement.at_most(2)?;
    Ok(name)
}

/// A line that begins with nothing a section knows.
fn unknown(statement: &Statement<'_>, section: &str, known: &[&str]) -> Parsed {
    let word = statement.word(0);
    let near = crate::nearest::nearest(word, known.iter().copied());
    Err(Problem::at(
        0,
        format!("unknown keyword '{word}' in '{section}' section"),
    )
    .because(format!("no keyword of '{section}' has this name"))
    .did_you_mean(near))
}
