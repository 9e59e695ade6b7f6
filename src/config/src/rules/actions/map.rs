//! Changes of lists of patterns and maps while traffic runs.

use super::ActionKeyword;
use crate::problem::Problem;
use crate::rules::reading::Reading;
use crate::rules::rule::RuleLine;
use crate::rules::set::Sets;
use alloc::boxed::Box;
use alloc::sync::Arc;
use sample::names::Names;
use sample::pattern::{Reference, Shape};
use session::rules::{Action, MapEdit};

pub(super) const ACTIONS: &[ActionKeyword] = &[
    ActionKeyword {
        name: "add-acl",
        doc: "one more pattern in the list of a file",
        sets: Sets::HTTP,
        ends: false,
        parse: |line, reading| {
            let list = reference(line, reading, Shape::List)?;
            let key = line.text(reading, ONE)?;
            Ok(Action::Map(Box::new(MapEdit::AddAcl { list, key })))
        },
    },
    ActionKeyword {
        name: "del-acl",
        doc: "a pattern of the list of a file goes",
        sets: Sets::HEADS,
        ends: false,
        parse: |line, reading| {
            let list = reference(line, reading, Shape::List)?;
            let key = line.text(reading, ONE)?;
            Ok(Action::Map(Box::new(MapEdit::DelAcl { list, key })))
        },
    },
    ActionKeyword {
        name: "del-map",
        doc: "a key of the map of a file goes",
        sets: Sets::HEADS,
        ends: false,
        parse: |line, reading| {
            let map = reference(line, reading, Shape::Map)?;
            let key = line.text(reading, ONE)?;
            Ok(Action::Map(Box::new(MapEdit::DelMap { map, key })))
        },
    },
    ActionKeyword {
        name: "set-map",
        doc: "gives a key of the map of a file a value",
        sets: Sets::HEADS,
        ends: false,
        parse: |line, reading| {
            line.needs(2, TWO)?;
            let map = reference(line, reading, Shape::Map)?;
            let key = line.text(reading, TWO)?;
            let value = line.text(reading, TWO)?;
            Ok(Action::Map(Box::new(MapEdit::SetMap { map, key, value })))
        },
    },
];

const ONE: &str = "expects exactly 1 argument";
const TWO: &str = "expects exactly 2 arguments";

/// `(<file>)`: the list or the map, which need not be used by anything else.
fn reference(
    line: &RuleLine<'_, '_>,
    reading: &mut Reading<'_, '_>,
    shape: Shape,
) -> Result<Arc<Reference>, Problem> {
    let at = line.set.words();
    let Some(name) = line.argument()? else {
        return Err(line.wrong(at, "expects the name of a file in parentheses"));
    };
    let mut names = reading.names(line.statement);
    let lists = names.lists();
    let found = lists.and_then(|lists| sample::pattern::named(name, shape, lists));
    found.map_err(|why| line.wrong(at, &why))
}
