//! Environment variables as the following lines see them.

use super::GlobalDraft;
use crate::keyword::{Keyword, Sections};
use crate::problem::Problem;
use crate::statement::Statement;
use alloc::string::ToString;

pub(super) const KEYWORDS: &[Keyword<GlobalDraft>] = &[
    Keyword {
        name: "presetenv",
        doc: "sets a variable that is not set yet",
        sections: Sections::GLOBAL,
        negatable: false,
        parse: |statement, _, context| {
            let (name, value) = name_and_value(statement)?;
            if context.env(name).is_none() {
                context.set_env(name, Some(value));
            }
            Ok(())
        },
    },
    Keyword {
        name: "resetenv",
        doc: "forgets all variables but those named",
        sections: Sections::GLOBAL,
        negatable: false,
        parse: |statement, _, context| {
            let kept = statement.words[1..]
                .iter()
                .map(|word| word.text.to_string());
            context.reset_env(kept.collect());
            Ok(())
        },
    },
    Keyword {
        name: "setenv",
        doc: "sets a variable",
        sections: Sections::GLOBAL,
        negatable: false,
        parse: |statement, _, context| {
            let (name, value) = name_and_value(statement)?;
            context.set_env(name, Some(value));
            Ok(())
        },
    },
    Keyword {
        name: "unsetenv",
        doc: "forgets variables",
        sections: Sections::GLOBAL,
        negatable: false,
        parse: |statement, _, context| {
            statement.expect(1, "a name")?;
            for word in &statement.words[1..] {
                context.set_env(&word.text, None);
            }
            Ok(())
        },
    },
];

fn name_and_value<'l>(statement: &Statement<'l>) -> Result<(&'l str, &'l str), Problem> {
    match (statement.words.get(1), statement.words.get(2)) {
        (Some(name), Some(value)) => {
            statement.at_most(3)?;
            Ok((&name.text, &value.text))
        }
        _ => Err(Problem::at(
            statement.len(),
            alloc::format!("'{}' expects a name and a value.", statement.word(0)),
        )
        .because("a name and a value are expected")),
    }
}
