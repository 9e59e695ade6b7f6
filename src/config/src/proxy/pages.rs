//! Answers that replace the built-in error pages.

use crate::context::Context;
use crate::draft::ProxyDraft;
use crate::keyword::{Keyword, Sections};
use crate::problem::{Parsed, Problem};
use crate::statement::Statement;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use session::settings::ErrorPage;

/// Statuses that have a page.
pub(crate) const STATUSES: [u16; 19] = [
    200, 400, 401, 403, 404, 405, 407, 408, 410, 413, 421, 422, 425, 429, 500, 501, 502, 503, 504,
];
/// Bytes of a page: it has to fit in a buffer of the default size.
pub(crate) const PAGE_MAX: usize = 16384;

pub(super) const KEYWORDS: &[Keyword<ProxyDraft>] = &[
    Keyword {
        name: "errorfile",
        doc: "a file whose bytes are the whole answer",
        sections: Sections::ANY,
        negatable: false,
        parse: errorfile,
    },
    Keyword {
        name: "errorloc",
        doc: "a redirection with status 302",
        sections: Sections::ANY,
        negatable: false,
        parse: |statement, draft, _| errorloc(statement, draft, 302),
    },
    Keyword {
        name: "errorloc302",
        doc: "a redirection with status 302",
        sections: Sections::ANY,
        negatable: false,
        parse: |statement, draft, _| errorloc(statement, draft, 302),
    },
    Keyword {
        name: "errorloc303",
        doc: "a redirection with status 303",
        sections: Sections::ANY,
        negatable: false,
        parse: |statement, draft, _| errorloc(statement, draft, 303),
    },
];

fn errorfile(
    statement: &Statement<'_>,
    draft: &mut ProxyDraft,
    context: &mut Context<'_>,
) -> Parsed {
    let status = status(statement)?;
    let path = statement.expect(2, "a file name")?;
    statement.at_most(3)?;
    let bytes = context.surroundings.read_file(path).map_err(|why| {
        Problem::at(2, format!("errorfile : error opening file '{path}'."))
            .because(format!("cannot be read: {why}"))
    })?;
    if bytes.len() > PAGE_MAX {
        return Err(Problem::at(
            2,
            format!("errorfile : file '{path}' larger than {PAGE_MAX} bytes."),
        )
        .because("too large"));
    }
    // An empty file (`/dev/null`) stands for an answer without a byte.
    if !bytes.is_empty() && !bytes.starts_with(b"HTTP/") {
        return Err(Problem::at(
            2,
            format!("errorfile : unable to parse the response in file '{path}'."),
        )
        .because("the file has to hold a whole HTTP response, status line first"));
    }
    draft
        .proxy
        .pages
        .0
        .insert(status, ErrorPage::File(bytes.into()));
    Ok(())
}

fn errorloc(statement: &Statement<'_>, draft: &mut ProxyDraft, redirect: u16) -> Parsed {
    let status = status(statement)?;
    let to = statement.expect(2, "a URL")?;
    statement.at_most(3)?;
    draft.proxy.pages.0.insert(
        status,
        ErrorPage::Redirect {
            status: redirect,
            to: to.into(),
        },
    );
    Ok(())
}

fn status(statement: &Statement<'_>) -> Result<u16, Problem> {
    let name = statement.word(0);
    let text = statement.expect(1, "a status")?;
    match text.parse() {
        Ok(status) if STATUSES.contains(&status) => Ok(status),
        _ => {
            let all: Vec<_> = STATUSES.iter().map(ToString::to_string).collect();
            Err(
                Problem::at(1, format!("{name} : status code '{text}' not handled."))
                    .because(format!("one of {}", all.join(", "))),
            )
        }
    }
}
