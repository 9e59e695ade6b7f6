//! Commands about stick tables.

mod pick;

use super::Answer;
use crate::dump::{Deed, Dump, Entries, TableList};
use crate::session::Rights;
use crate::view::View;
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use base::Instant;
use pick::{Pick, Refusal, find_data, number, pick};
use tables::{Entry, Filter, NoEntry, Table};

/// `show table [<table> [data.<type> <operator> <value>]* | key <key> | ptr <ptr>]`
pub(super) fn show(args: &[String], _rights: &mut Rights, view: &dyn View) -> Answer {
    let [name, args @ ..] = args else {
        return Answer::Dump(Dump::Tables(TableList::default()));
    };
    on_table(name, view, |table| {
        let entry = match pick(args, table, "show", SHOW_USAGE)? {
            Pick::All(filters) => return Ok(walk(table, filters, Deed::Show)),
            Pick::One(key) => table.lookup(key.as_ref(), view.now()),
            Pick::NoSuchKey => None,
            Pick::Id(id) => Some(table.lookup_by_id(id, view.now()).ok_or(NO_SUCH_PTR)?),
        };
        Ok(match entry {
            Some(entry) => Answer::Dump(Dump::Entries(Entries::one(table.clone(), entry))),
            None => Answer::Done,
        })
    })
}

/// `clear table <table> [data.<type> <operator> <value>]* | key <key> | ptr <ptr>`
pub(super) fn clear(args: &[String], _rights: &mut Rights, view: &dyn View) -> Answer {
    let [name, args @ ..] = args else {
        return Answer::error(CLEAR_USAGE);
    };
    on_table(name, view, |table| {
        let entry = match pick(args, table, "clear", CLEAR_USAGE)? {
            Pick::All(filters) => return Ok(walk(table, filters, Deed::Clear)),
            Pick::One(key) => table.lookup(key.as_ref(), view.now()),
            Pick::NoSuchKey => None,
            Pick::Id(id) => Some(table.lookup_by_id(id, view.now()).ok_or(NO_SUCH_PTR)?),
        };
        match entry.map(|entry| table.remove(entry.id())) {
            None | Some(Ok(())) => Ok(Answer::Done),
            Some(Err(_in_use)) => Err("Entry currently in use, cannot remove".into()),
        }
    })
}

/// `set table <table> {key <key> | ptr <ptr>} [data.<type> <value>]*`
pub(super) fn set(args: &[String], _rights: &mut Rights, view: &dyn View) -> Answer {
    let [name, args @ ..] = args else {
        return Answer::error(SET_USAGE);
    };
    on_table(name, view, |table| {
        let entry = match pick(args, table, "set", SET_USAGE)? {
            Pick::One(key) => match table.hold_or_make(key.as_ref(), view.now()) {
                Ok(entry) => entry,
                Err(NoEntry::Full) => return Err("Unable to allocate a new entry".into()),
                Err(NoEntry::WrongKey) => return Ok(Answer::Done),
            },
            Pick::Id(id) => table.hold_by_id(id, view.now()).ok_or(NO_SUCH_PTR)?,
            Pick::All(filters) if filters.is_empty() => return Ok(Answer::Done),
            Pick::All(_) => return Err("'set table' is about one entry: key or ptr".into()),
            Pick::NoSuchKey => return Ok(Answer::Done),
        };
        entry.touch(view.now());
        // Behind `key` or `ptr` and what follows it.
        set_all(args.get(2..).unwrap_or_default(), &entry, view.now())?;
        Ok(Answer::Done)
    })
}

/// Sets one value after the other; those before a wrong one stay set.
fn set_all(mut words: &[String], entry: &Entry, now: Instant) -> Result<(), Refusal> {
    while let [name, rest @ ..] = words {
        let name = name.strip_prefix("data.");
        let name = name.ok_or("\"data.<type>\" followed by a value expected")?;
        let (data, index) = find_data(name, entry.layout())?;
        let slot = entry.layout().exactly(data, index);
        let slot = slot.ok_or("index out of range in this data array")?;
        let value = rest.first().and_then(|word| number(word));
        let value = value.ok_or("Require a valid integer value to store")?;
        entry.set_at(slot, value, now);
        words = &rest[1..];
    }
    Ok(())
}

fn walk(table: &Arc<Table>, filters: Vec<Filter>, deed: Deed) -> Answer {
    Answer::Dump(Dump::Entries(Entries::all(table.clone(), filters, deed)))
}

fn on_table(
    name: &str,
    view: &dyn View,
    run: impl FnOnce(&Arc<Table>) -> Result<Answer, Refusal>,
) -> Answer {
    let mut tables = view.tables().iter();
    match tables.find(|table| *table.definition().name == *name) {
        Some(table) => run(table).unwrap_or_else(Answer::error),
        None => Answer::error("No such table"),
    }
}

const NO_SUCH_PTR: Cow<'static, str> = Cow::Borrowed("No entry can be found matching ptr.");

const SHOW_USAGE: &str = "usage: show table [<table> [data.<type> <operator> <value>]* | \
                          key <key> | ptr <ptr>]";

const CLEAR_USAGE: &str = "usage: clear table <table> [data.<type> <operator> <value>]* | \
                           key <key> | ptr <ptr>";

const SET_USAGE: &str = "usage: set table <table> {key <key> | ptr <ptr>} [data.<type> <value>]*";

#[cfg(test)]
mod tests;
