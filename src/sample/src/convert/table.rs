//! Converters of keys to what stick tables know of them.

use super::Converter;
use crate::args::{Args, Kind, Signature};
use crate::stick::{Ask, asks, with_key};
use crate::value::{Type, Value};
use crate::work::Work;
use base::{Duration, Instant};
use tables::{DataType, Entry, Gpc};

const TABLE: Signature = Signature::new(1, &[Kind::Table]);
const ELEMENT: Signature = Signature::new(2, &[Kind::Int, Kind::Table]);
/// A table, and what an unknown key yields.
const ELSE: Signature = Signature::new(1, &[Kind::Table, Kind::Int]);

macro_rules! converters {
    (
        one: $($name:literal $table:literal $doc:literal ($ask:expr);)*
        element: $($element:literal $of_table:literal $element_doc:literal ($element_ask:expr);)*
    ) => {
        pub(super) const CONVERTERS: &[Converter] = &[
            $(of_table(concat!("table_", $table), concat!("Of a key: ", $doc, "."), TABLE, |value, args, work| {
                ask(value, args.table(0), Some(0), work, $ask)
            }),)*
            $(of_table(concat!("table_", $of_table), concat!("Of a key: ", $element_doc, "."), ELEMENT, |value, args, work| {
                ask(value, args.table(1), args.int(0), work, $element_ask)
            }),)*
            of_table("table_trackers", "Of a key: how many track it.", TABLE, |value, args, work| {
                ask(value, args.table(0), Some(0), work, Ask::Trackers)
            }),
            of_table("table_server_id", "Of a key: the number of the server it was assigned to.", TABLE, |value, args, work| {
                ask(value, args.table(0), Some(0), work, Ask::Number(DataType::ServerId))
            }),
            of_table("table_expire", "Of a key: how long it is still known, milliseconds.", ELSE, |value, args, work| {
                time(value, args, work, Entry::expires_in)
            }),
            of_table("table_idle", "Of a key: how long nobody has touched it, milliseconds.", ELSE, |value, args, work| {
                time(value, args, work, Entry::idle)
            }),
            Converter {
                output: Type::Bool,
                ..of_table("in_table", "Whether a key is known.", TABLE, is_known)
            },
        ];
    };
}

asks!(converters);

const fn of_table(
    name: &'static str,
    doc: &'static str,
    args: Signature,
    run: for<'a> fn(Value<'a>, &'a Args, &mut Work) -> Option<Value<'a>>,
) -> Converter {
    Converter {
        name,
        doc,
        args,
        input: Type::Any,
        output: Type::Int,
        check: None,
        run,
    }
}

/// What is no key of the table is not known either.
fn ask<'a>(
    value: Value<'_>,
    table: Option<u32>,
    element: Option<i64>,
    work: &mut Work,
    ask: Ask,
) -> Option<Value<'a>> {
    let element = u32::try_from(element?).ok()?;
    let number = with_key(value, table?, work, |table, key, now| {
        ask.of_key(element, table, key, now)
    })?;
    number.map(Value::Int)
}

fn time<'a>(
    value: Value<'_>,
    args: &Args,
    work: &mut Work,
    of: fn(&Entry, Instant) -> Duration,
) -> Option<Value<'a>> {
    let found = with_key(value, args.table(0)?, work, |table, key, now| {
        let entry = table.lookup(key, now)?;
        Some(of(&entry, now).as_millis() as i64)
    });
    found.flatten().or(args.int(1)).map(Value::Int)
}

fn is_known<'a>(value: Value<'a>, args: &'a Args, work: &mut Work) -> Option<Value<'a>> {
    let found = with_key(value, args.table(0)?, work, |table, key, now| {
        table.lookup(key, now).is_some()
    });
    Some(Value::Bool(found.unwrap_or(false)))
}
