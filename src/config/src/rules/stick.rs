//! `stick match`, `stick on`, `stick store-request`, `stick store-response`.

use super::http::{gate, unexpected};
use super::{Kind, Later, Reading};
use crate::keyword::Sections;
use crate::problem::{Parsed, Problem};
use crate::statement::Statement;
use alloc::format;
use sample::expr::Ground;
use sample::names::Names;
use sample::{ServerChoice, StoreResponse};
use session::rules::{StickRule, StickUses};

/// Where servers are.
const SERVES: Sections = Sections::BACKEND.union(Sections::LISTEN);

pub(super) const KEYWORDS: &[Later] = &[
    Later {
        name: "stick match",
        doc: "a request goes to the server that a stick table knows",
        sections: SERVES,
        kind: Kind::Rule,
        parse: |statement, reading| request(statement, reading, StickUses::MATCH),
    },
    Later {
        name: "stick on",
        doc: "the same, and the table learns which server it was",
        sections: SERVES,
        kind: Kind::Rule,
        parse: |statement, reading| request(statement, reading, StickUses::all()),
    },
    Later {
        name: "stick store-request",
        doc: "a stick table learns which server served a request",
        sections: SERVES,
        kind: Kind::Rule,
        parse: |statement, reading| request(statement, reading, StickUses::STORE),
    },
    Later {
        name: "stick store-response",
        doc: "a stick table learns which server gave a response",
        sections: SERVES,
        kind: Kind::Rule,
        parse: |statement, reading| {
            let ground = Ground::of::<StoreResponse>();
            let rule = rule(statement, reading, &ground, StickUses::STORE)?;
            reading.draft.rules.learn.push(rule);
            Ok(())
        },
    },
];

fn request(statement: &Statement<'_>, reading: &mut Reading<'_, '_>, uses: StickUses) -> Parsed {
    let ground = Ground::of::<ServerChoice>();
    let rule = rule(statement, reading, &ground, uses)?;
    reading.draft.rules.stick.push(rule);
    Ok(())
}

/// `stick <use> <key> [table <table>] [if|unless <condition>]`
fn rule(
    statement: &Statement<'_>,
    reading: &mut Reading<'_, '_>,
    ground: &Ground,
    uses: StickUses,
) -> Result<StickRule, Problem> {
    let key_at = 2;
    if statement.word(key_at).is_empty() {
        return Err(Problem::at(key_at, "'stick' expects a fetch method.")
            .because("what the key is made of is missing here"));
    }
    let message = |what: &str| format!("'stick': {what}");
    let key = reading.expr(statement, key_at, ground, &message)?;
    reading.is_here(statement, key_at, &key, ground, &message)?;
    let named = statement.word(key_at + 1) == "table";
    let table_at = match named {
        true => key_at + 2,
        false => 0,
    };
    let own = reading.draft.proxy.name.clone();
    let name = match named {
        true => statement.word(table_at),
        false => &own,
    };
    let table = reading.names(statement).table(Some(name));
    let table = table.map_err(|_| {
        let message = format!("Proxy '{own}': unable to find stick-table '{name}'.");
        Problem::bare(table_at, message).because("no stick table has this name")
    })?;
    reading.fits_table(key_at, &key, table)?;
    let at = key_at + 1 + 2 * usize::from(named);
    if !matches!(statement.word(at), "" | "if" | "unless") {
        let message = format!("'stick': unknown keyword '{}'.", statement.word(at));
        return Err(unexpected(statement, at, message));
    }
    let condition = reading.condition(statement, at, ground, "sticking condition")?;
    reading.shared.learning.insert(table);
    Ok(StickRule {
        gate: gate(statement, condition),
        key,
        table,
        uses,
    })
}
