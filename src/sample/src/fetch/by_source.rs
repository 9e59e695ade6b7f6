//! Fetches of the entry of the client's address: `src_<what>`. And of tables as a whole.

use super::{Fetch, fetch};
use crate::args::{Args, Kind, Signature};
use crate::facts::{Client, Process};
use crate::source::Stable;
use crate::stick::{Ask, asks, with_key};
use crate::value::Value;
use crate::work::Work;
use tables::{DataType, Gpc, Table};

type Came<'a> = (&'a Client<'a>, &'a dyn Process);

const TABLE: Signature = Signature::new(1, &[Kind::Table]);
const ELEMENT: Signature = Signature::new(2, &[Kind::Int, Kind::Table]);

macro_rules! by_source {
    (
        one: $($name:literal $table:literal $doc:literal ($ask:expr);)*
        element: $($element:literal $of_table:literal $element_doc:literal ($element_ask:expr);)*
    ) => {
        pub(super) const FETCHES: &[Fetch] = &[
            $(fetch!(concat!("src_", $name), concat!("Of the client's address: ", $doc, "."), TABLE, Client: |came: Came<'_>, args: &Args, work: &mut Work| ask(came, args.table(0), Some(0), work, $ask)).stable(Stable::End),)*
            $(fetch!(concat!("src_", $element), concat!("Of the client's address: ", $element_doc, "."), ELEMENT, Client: |came: Came<'_>, args: &Args, work: &mut Work| ask(came, args.table(1), args.int(0), work, $element_ask)).stable(Stable::End),)*
            fetch!("src_updt_conn_cnt", "Of the client's address: connections so far, once this is counted.", TABLE, Client: updated).stable(Stable::End),
            fetch!("table_cnt", "How many entries a table has.", TABLE, Internal: used),
            fetch!("table_avl", "How many entries still fit into a table.", TABLE, Internal: available),
        ];
    };
}

asks!(by_source);

fn ask(
    (client, _): Came<'_>,
    table: Option<u32>,
    element: Option<i64>,
    work: &mut Work,
    ask: Ask,
) -> Option<i64> {
    let element = u32::try_from(element?).ok()?;
    let src = Value::address(client.peer?.ip());
    with_key(src, table?, work, |table, key, now| {
        ask.of_key(element, table, key, now)
    })?
}

fn updated(came: Came<'_>, args: &Args, work: &mut Work) -> Option<i64> {
    ask(came, args.table(0), Some(0), work, Ask::Connection)
}

fn used(_: &dyn Process, args: &Args, work: &mut Work) -> Option<u32> {
    Some(table(args, work)?.used())
}

fn available(_: &dyn Process, args: &Args, work: &mut Work) -> Option<u32> {
    Some(table(args, work)?.available())
}

fn table<'w>(args: &Args, work: &'w Work) -> Option<&'w Table> {
    let table = work.tables.get(args.table(0)? as usize)?;
    Some(table)
}
