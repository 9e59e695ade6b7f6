//! Variables of the process: lines that are read once all sections are known.

use super::GlobalDraft;
use crate::keyword::Keyword;

pub(super) const KEYWORDS: &[Keyword<GlobalDraft>] = &[
    keyword!(
        "set-var",
        "gives a variable of the process the value of an expression",
        |statement, draft, context| draft.vars.keep_value(statement, context)
    ),
    keyword!(
        "set-var-fmt",
        "gives a variable of the process a text",
        |statement, draft, context| draft.vars.keep_text(statement, context)
    ),
];
