//! `http-errors`: answers that proxies share.

use crate::context::Context;
use crate::problem::{Parsed, Problem};
use crate::proxy::pages;
use crate::source::Place;
use crate::statement::Statement;
use alloc::boxed::Box;
use session::settings::ErrorPages;

/// An `http-errors` section being read.
#[derive(Debug)]
pub(crate) struct ErrorsDraft {
    pub name: Box<str>,
    pub place: Place,
    pub pages: ErrorPages,
}

impl ErrorsDraft {
    /// `http-errors <name>`
    pub(crate) fn open(statement: &Statement<'_>) -> Result<Self, Problem> {
        Ok(Self {
            name: super::name(statement, "missing name for http-errors section.")?.into(),
            place: statement.place.clone(),
            pages: ErrorPages::default(),
        })
    }

    /// A line of the section.
    pub(crate) fn line(&mut self, statement: &Statement<'_>, context: &Context<'_>) -> Parsed {
        let page = match statement.word(0) {
            "errorfile" => pages::errorfile(statement, context),
            "errorloc" | "errorloc302" => pages::errorloc(statement, 302),
            "errorloc303" => pages::errorloc(statement, 303),
            _ => {
                let known = ["errorfile", "errorloc", "errorloc302", "errorloc303"];
                return super::unknown(statement, "http-errors", &known);
            }
        };
        let (status, page) = page?;
        self.pages.0.insert(status, page);
        Ok(())
    }
}
