//! `acl`: conditions with a name.

use super::{Kind, Later, Reading};
use crate::keyword::Sections;
use crate::problem::{Parsed, Problem};
use crate::statement::Statement;
use alloc::format;
use alloc::vec::Vec;
use sample::condition::Test;

pub(super) const KEYWORDS: &[Later] = &[Later {
    name: "acl",
    doc: "a condition with a name",
    sections: Sections::ANY,
    kind: Kind::Rule,
    parse: acl,
}];

/// `acl <name> <criterion> [flags] [operator] [<value>]…`
fn acl(statement: &Statement<'_>, reading: &mut Reading<'_, '_>) -> Parsed {
    let name = statement.expect(1, "a name")?;
    let permitted = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
    if let Some(bad) = name.chars().find(|c| !permitted(c)) {
        let message = format!("character '{bad}' is not permitted in acl name '{name}'.");
        let why = "a name is made of letters, digits, '-', '_', '.' and ':'";
        return Err(Problem::at(1, message).because(why));
    }
    if name.eq_ignore_ascii_case("or") {
        let message = format!(
            "acl name '{name}' will never match. 'or' is used to express a logical disjunction within a condition."
        );
        return Err(Problem::at(1, message).because("'or' cannot be a name"));
    }
    let words: Vec<&str> = statement.words[2..]
        .iter()
        .map(|word| &*word.text)
        .collect();
    let mut names = reading.names(statement);
    match Test::parse(&words, &mut names) {
        Ok((test, remarks)) => {
            let idle = reading.idle_acls.entry(name.into());
            idle.or_insert_with(|| statement.spot(1..2));
            reading.acls.add(name, test);
            for remark in remarks {
                let words = 2..statement.len();
                let problem = Problem::at(2, format!("{remark}."));
                reading.warn(statement, Problem { words, ..problem });
            }
            Ok(())
        }
        Err(bad) => {
            let message = format!(
                "error detected while parsing ACL '{name}' : {}.",
                bad.message
            );
            let (first, last) = bad.words;
            let words = 2 + first..2 + last + 1;
            Err(reading.wrong(statement, words, bad.at, message, bad.unknown.as_ref()))
        }
    }
}
