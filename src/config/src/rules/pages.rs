//! `http-error`: what is answered in place of the page of a status.

use super::rule::RuleLine;
use super::{Kind, Later, actions};
use crate::keyword::Sections;

pub(super) const KEYWORDS: &[Later] = &[Later {
    name: "http-error",
    doc: "the answer for a status",
    sections: Sections::ANY,
    kind: Kind::Setting,
    parse: |statement, reading| {
        let mut line = RuleLine::unruled(statement, reading);
        let (_, page) = actions::page(&mut line, reading)?;
        let place = reading.line;
        reading.draft.pages.push((place, page));
        Ok(())
    },
}];
