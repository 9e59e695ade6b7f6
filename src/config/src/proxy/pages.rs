//! Answers that replace the built-in error pages.

use crate::context::Context;
use crate::diagnostic::Severity;
use crate::draft::ProxyDraft;
use crate::keyword::{Keyword, Sections};
use crate::nearest::nearest;
use crate::notes::Mark;
use crate::problem::{Parsed, Problem};
use crate::sections::errors::ErrorsDraft;
use crate::statement::{Spot, Statement};
use alloc::boxed::Box;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use session::settings::{ErrorPage, ErrorPages};

/// Statuses that have a page.
pub(crate) const STATUSES: [u16; 21] = [
    200, 400, 401, 403, 404, 405, 407, 408, 410, 413, 414, 421, 422, 425, 429, 431, 500, 501, 502,
    503, 504,
];
/// Bytes of a page: it has to fit in a buffer of the default size.
pub(crate) const PAGE_MAX: usize = 16384;

pub(super) const KEYWORDS: &[Keyword<ProxyDraft>] = &[
    Keyword {
        name: "errorfile",
        doc: "a file whose bytes are the whole answer",
        sections: Sections::ANY,
        negatable: false,
        parse: |statement, draft, context| {
            let (status, page) = errorfile(statement, context)?;
            let page = PageEntry::Page(status, page);
            draft.pages.push((context.notes.mark(), page));
            Ok(())
        },
    },
    Keyword {
        name: "errorfiles",
        doc: "answers of an 'http-errors' section",
        sections: Sections::ANY,
        negatable: false,
        parse: errorfiles,
    },
    Keyword {
        name: "errorloc",
        doc: "a redirection with status 302",
        sections: Sections::ANY,
        negatable: false,
        parse: |statement, draft, context| redirection(statement, draft, context, 302),
    },
    Keyword {
        name: "errorloc302",
        doc: "a redirection with status 302",
        sections: Sections::ANY,
        negatable: false,
        parse: |statement, draft, context| redirection(statement, draft, context, 302),
    },
    Keyword {
        name: "errorloc303",
        doc: "a redirection with status 303",
        sections: Sections::ANY,
        negatable: false,
        parse: |statement, draft, context| redirection(statement, draft, context, 303),
    },
];

/// One line about answers; later ones win.
#[derive(Clone, Debug)]
pub(crate) enum PageEntry {
    /// The answer for a status.
    Page(u16, ErrorPage),
    /// The built-in answer for a status.
    Default(u16),
    /// Those of an `http-errors` section, all or for these statuses.
    Section {
        name: Box<str>,
        statuses: Vec<u16>,
        spot: Spot,
    },
}

/// The answers of a proxy out of its lines, in order.
pub(crate) fn resolve(
    draft: &ProxyDraft,
    sections: &[ErrorsDraft],
    say: &mut dyn FnMut(&Spot, Severity, Problem),
) -> ErrorPages {
    let mut pages = ErrorPages::default();
    let mut entries: Vec<&(Mark, PageEntry)> = draft.pages.iter().collect();
    // Some were read later than they stand.
    entries.sort_by_key(|entry| entry.0);
    for (_, entry) in entries {
        match entry {
            PageEntry::Page(status, page) => {
                pages.0.insert(*status, page.clone());
            }
            PageEntry::Default(status) => {
                pages.0.remove(status);
            }
            PageEntry::Section {
                name,
                statuses,
                spot,
            } => {
                let own = &draft.proxy.name;
                let Some(section) = sections.iter().find(|section| section.name == *name) else {
                    let message = format!(
                        "proxy '{own}': unknown http-errors section '{name}' (at {}).",
                        spot.place
                    );
                    let near = nearest(name, sections.iter().map(|section| &*section.name));
                    let problem = Problem::bare(0, message)
                        .because("no http-errors section has this name")
                        .did_you_mean(near);
                    say(spot, Severity::Alert, problem);
                    continue;
                };
                for status in statuses {
                    if !section.pages.0.contains_key(status) {
                        let message = format!(
                            "proxy '{own}' : status '{status}' not declared in http-errors section '{name}' (at {}).",
                            spot.place
                        );
                        let problem = Problem::bare(0, message).because("the section lacks it");
                        say(spot, Severity::Warning, problem);
                    }
                }
                let wanted = |status: &u16| statuses.is_empty() || statuses.contains(status);
                let of_section = section.pages.0.iter();
                let of_section = of_section.filter(|(status, _)| wanted(status));
                pages
                    .0
                    .extend(of_section.map(|(status, page)| (*status, page.clone())));
            }
        }
    }
    pages
}

/// `errorfile <status> <file>`
pub(crate) fn errorfile(
    statement: &Statement<'_>,
    context: &Context<'_>,
) -> Result<(u16, ErrorPage), Problem> {
    let status = status(statement, 1)?;
    let path = statement.expect(2, "a file name")?;
    statement.at_most(3)?;
    Ok((status, file(path, context)?))
}

/// A whole answer in a file.
fn file(path: &str, context: &Context<'_>) -> Result<ErrorPage, Problem> {
    let (at, keyword) = (2, "errorfile");
    let bytes = context.surroundings.read_file(path).map_err(|why| {
        Problem::at(at, format!("{keyword} : error opening file '{path}'."))
            .because(format!("cannot be read: {why}"))
    })?;
    if bytes.len() > PAGE_MAX {
        return Err(Problem::at(
            at,
            format!("{keyword} : file '{path}' larger than {PAGE_MAX} bytes."),
        )
        .because("too large"));
    }
    // An empty file (`/dev/null`) stands for an answer without a byte.
    if !bytes.is_empty() && !bytes.starts_with(b"HTTP/") {
        return Err(Problem::at(
            at,
            format!("{keyword} : unable to parse the response in file '{path}'."),
        )
        .because("the file has to hold a whole HTTP response, status line first"));
    }
    Ok(ErrorPage::File(bytes.into()))
}

/// `errorloc <status> <url>`
pub(crate) fn errorloc(
    statement: &Statement<'_>,
    redirect: u16,
) -> Result<(u16, ErrorPage), Problem> {
    let status = status(statement, 1)?;
    let to = statement.expect(2, "a URL")?;
    statement.at_most(3)?;
    let page = ErrorPage::Redirect {
        status: redirect,
        to: to.into(),
    };
    Ok((status, page))
}

fn redirection(
    statement: &Statement<'_>,
    draft: &mut ProxyDraft,
    context: &mut Context<'_>,
    redirect: u16,
) -> Parsed {
    let (status, page) = errorloc(statement, redirect)?;
    let page = PageEntry::Page(status, page);
    draft.pages.push((context.notes.mark(), page));
    Ok(())
}

/// `errorfiles <section> [<status>…]`
fn errorfiles(
    statement: &Statement<'_>,
    draft: &mut ProxyDraft,
    context: &mut Context<'_>,
) -> Parsed {
    let name = statement.word(1);
    if name.is_empty() {
        let message = "errorfiles : expects <name> as argument.";
        return Err(Problem::at(1, message).because("the name of a section is missing here"));
    }
    let mut statuses = Vec::new();
    for at in 2..statement.len() {
        statuses.push(status(statement, at)?);
    }
    let pages = PageEntry::Section {
        name: name.into(),
        statuses,
        spot: statement.spot(1..2),
    };
    draft.pages.push((context.notes.mark(), pages));
    Ok(())
}

fn status(statement: &Statement<'_>, at: usize) -> Result<u16, Problem> {
    let name = statement.word(0);
    let text = statement.expect(at, "a status")?;
    match text.parse() {
        Ok(status) if STATUSES.contains(&status) => Ok(status),
        _ => {
            let all: Vec<_> = STATUSES.iter().map(ToString::to_string).collect();
            Err(
                Problem::at(at, format!("{name} : status code '{text}' not handled."))
                    .because(format!("one of {}", all.join(", "))),
            )
        }
    }
}
