//! `fcgi-app`: how a FastCGI application is asked.
//!
//! Only what a section says on its own is read and checked: no backend can use one yet, so that none of
//! it has an effect, here as in HAProxy. What would need an expression or a condition is refused.

use crate::diagnostic::Severity;
use crate::known;
use crate::problem::{Parsed, Problem};
use crate::statement::{Polarity, Spot, Statement};
use alloc::boxed::Box;
use alloc::format;

/// An `fcgi-app` section being read.
#[derive(Debug)]
pub(crate) struct FcgiDraft {
    pub name: Box<str>,
    pub spot: Spot,
    has_docroot: bool,
}

impl FcgiDraft {
    /// `fcgi-app <name>`
    pub(crate) fn open(statement: &Statement<'_>) -> Result<Self, Problem> {
        let name = super::name(statement, "'fcgi-app' expects <name> as argument.")?;
        Ok(Self {
            name: name.into(),
            spot: statement.spot(0..2),
            has_docroot: false,
        })
    }

    /// A line of the section.
    pub(crate) fn line(&mut self, statement: &Statement<'_>) -> Parsed {
        match statement.word(0) {
            "docroot" => {
                statement.expect(1, "<path>")?;
                self.has_docroot = true;
            }
            "index" => {
                statement.expect(1, "<filename>")?;
            }
            "option" => return option(statement),
            later if LATER.contains(&later) => return Err(known::not_yet(0, later)),
            _ => return super::unknown(statement, "fcgi-app", &KEYWORDS),
        }
        statement.at_most(2)
    }

    /// What is missing once all of it is read.
    pub(crate) fn missing(&self) -> Option<crate::Diagnostic> {
        if self.has_docroot {
            return None;
        }
        let message = format!("fcgi-app '{}': no docroot configured.", self.name);
        let problem = Problem::at(0, message).because("a 'docroot' line is missing behind it");
        Some(self.spot.diagnostic(Severity::Alert, problem))
    }
}

/// `option get-values`, `keep-conn`, `max-reqs`, `mpxs-conns`
fn option(statement: &Statement<'_>) -> Parsed {
    match statement.word(1) {
        "get-values" | "keep-conn" | "mpxs-conns" => statement.at_most(2),
        "max-reqs" if statement.polarity == Polarity::Plain => {
            statement.number(2, 1..=i32::MAX as u64)?;
            statement.at_most(3)
        }
        other => {
            let near = crate::nearest::nearest(other, OPTIONS);
            let problem = Problem::at(1, format!("unknown option '{other}'."));
            Err(problem
                .because("no option of 'fcgi-app' has this name")
                .did_you_mean(near))
        }
    }
}

const KEYWORDS: [&str; 3] = ["docroot", "index", "option"];
const OPTIONS: [&str; 4] = ["get-values", "keep-conn", "max-reqs", "mpxs-conns"];
/// What takes expressions, conditions or patterns, or has an effect of its own.
const LATER: [&str; 7] = [
    "acl",
    "hide-header",
    "log-stderr",
    "pass-header",
    "path-info",
    "set-param",
    "unset-param",
];
