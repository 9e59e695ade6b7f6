//! Fetches of entries that are tracked: `sc_<what>(<number>)`, and `sc0_<what>` to `sc2_<what>` for the
//! first three numbers. All may name another table, in which the same key is looked up.

use super::{Fetch, fetch};
use crate::args::{Args, Kind, Signature};
use crate::facts::{Client, Process, Track};
use crate::source::Stable;
use crate::stick::{Ask, asks};
use crate::value::Value;
use crate::work::Work;
use alloc::borrow::Cow;
use tables::{DataType, Gpc, Key, KeyType};

type Came<'a> = (&'a Client<'a>, &'a dyn Process);

/// Where the number of what is tracked stands.
#[derive(Clone, Copy)]
enum Number {
    /// In the name.
    Named(usize),
    /// In the first argument.
    First,
    /// In the second, behind the number of an element.
    Second,
}

const NAMED: Signature = Signature::new(0, &[Kind::Table]);
const FIRST: Signature = Signature::new(1, &[Kind::Int, Kind::Table]);
const SECOND: Signature = Signature::new(2, &[Kind::Int, Kind::Int, Kind::Table]);

/// The four fetches of a question, each with `$run` and its further arguments.
macro_rules! ways {
    ($name:literal, $doc:expr, $run:ident $(, $ask:expr)?) => {
        &[
            fetch!(concat!("sc_", $name), $doc, FIRST, Client: |came: Came<'_>, args: &Args, work: &mut Work| $run(came, args, work, Number::First $(, $ask)?)).stable(Stable::End),
            fetch!(concat!("sc0_", $name), $doc, NAMED, Client: |came: Came<'_>, args: &Args, work: &mut Work| $run(came, args, work, Number::Named(0) $(, $ask)?)).stable(Stable::End),
            fetch!(concat!("sc1_", $name), $doc, NAMED, Client: |came: Came<'_>, args: &Args, work: &mut Work| $run(came, args, work, Number::Named(1) $(, $ask)?)).stable(Stable::End),
            fetch!(concat!("sc2_", $name), $doc, NAMED, Client: |came: Came<'_>, args: &Args, work: &mut Work| $run(came, args, work, Number::Named(2) $(, $ask)?)).stable(Stable::End),
        ]
    };
}

macro_rules! tracked {
    (
        one: $($name:literal $table:literal $doc:literal ($ask:expr);)*
        element: $($element:literal $of_table:literal $element_doc:literal ($element_ask:expr);)*
    ) => {
        /// By what is asked.
        pub(super) const FETCHES: &[&[Fetch]] = &[
            $(ways!($name, concat!("Of what is tracked: ", $doc, "."), ask, $ask),)*
            $(&[fetch!(concat!("sc_", $element), concat!("Of what is tracked: ", $element_doc, "."), SECOND, Client: |came: Came<'_>, args: &Args, work: &mut Work| ask(came, args, work, Number::Second, $element_ask)).stable(Stable::End)],)*
            ways!("trackers", "Of what is tracked: how many track it.", ask, Ask::Trackers),
            ways!("tracked", "Whether something is tracked.", is_tracked),
            &[
                fetch!("sc_key", "The key of what is tracked.", Signature::new(1, &[Kind::Int]), Client: key),
                fetch!("sc0_key", "The key of what is tracked.", Signature::NONE, Client: key0),
                fetch!("sc1_key", "The key of what is tracked.", Signature::NONE, Client: key1),
                fetch!("sc2_key", "The key of what is tracked.", Signature::NONE, Client: key2),
            ],
        ];
    };
}

asks!(tracked);

impl Number {
    /// What is tracked: by the stream, or else by the connection.
    fn track<'a>(self, client: &Client<'a>, args: &Args) -> Option<&'a Track> {
        let number = match self {
            Self::Named(number) => number,
            Self::First => usize::try_from(args.int(0)?).ok()?,
            Self::Second => usize::try_from(args.int(1)?).ok()?,
        };
        let of = |tracks: &'a [Option<Track>]| tracks.get(number)?.as_ref();
        of(client.stream_tracked).or_else(|| of(client.tracked))
    }

    /// The table that the arguments name.
    fn table(self, args: &Args) -> Option<u32> {
        args.table(match self {
            Self::Named(_) => 0,
            Self::First => 1,
            Self::Second => 2,
        })
    }

    fn element(self, args: &Args) -> Option<u32> {
        match self {
            Self::Named(_) | Self::First => Some(0),
            Self::Second => u32::try_from(args.int(0)?).ok(),
        }
    }
}

fn ask(
    (client, _): Came<'_>,
    args: &Args,
    work: &mut Work,
    number: Number,
    ask: Ask,
) -> Option<i64> {
    let track = number.track(client, args)?;
    let element = number.element(args)?;
    match number.table(args).filter(|table| *table != track.table) {
        None => ask.of_entry(element, &track.entry, work.now),
        Some(other) => {
            let table = work.tables.get(other as usize)?;
            let key = track.entry.key();
            is_key_of(key, table.definition().key)
                .then(|| ask.of_key(element, table, key.as_ref(), work.now))?
        }
    }
}

fn is_tracked((client, _): Came<'_>, args: &Args, work: &mut Work, number: Number) -> bool {
    let Some(track) = number.track(client, args) else {
        return false;
    };
    number.table(args).is_none_or(|other| {
        let key = track.entry.key().as_ref();
        let table = work.tables.get(other as usize);
        let lookup = || table.is_some_and(|it| it.lookup(key, work.now).is_some());
        other == track.table || lookup()
    })
}

const fn is_key_of(key: &Key, kind: KeyType) -> bool {
    match key {
        Key::Ip(_) => matches!(kind, KeyType::Ip),
        Key::Ip6(_) => matches!(kind, KeyType::Ip6),
        Key::Integer(_) => matches!(kind, KeyType::Integer),
        Key::Bytes(_) => matches!(kind, KeyType::String { .. } | KeyType::Binary { .. }),
    }
}

fn key<'a>(came: Came<'_>, args: &Args, work: &mut Work) -> Option<Value<'a>> {
    key_of(came, args, work, Number::First)
}

fn key0<'a>(came: Came<'_>, args: &Args, work: &mut Work) -> Option<Value<'a>> {
    key_of(came, args, work, Number::Named(0))
}

fn key1<'a>(came: Came<'_>, args: &Args, work: &mut Work) -> Option<Value<'a>> {
    key_of(came, args, work, Number::Named(1))
}

fn key2<'a>(came: Came<'_>, args: &Args, work: &mut Work) -> Option<Value<'a>> {
    key_of(came, args, work, Number::Named(2))
}

fn key_of<'a>(
    (client, _): Came<'_>,
    args: &Args,
    work: &mut Work,
    number: Number,
) -> Option<Value<'a>> {
    let track = number.track(client, args)?;
    Some(match track.entry.key() {
        Key::Ip(address) => Value::Ip4(*address),
        Key::Ip6(address) => Value::Ip6(*address),
        Key::Integer(number) => Value::Int((*number).into()),
        Key::Bytes(bytes) => {
            let own = Cow::Owned(work.own(Cow::Borrowed(bytes)));
            match work.tables.get(track.table as usize)?.definition().key {
                KeyType::Binary { .. } => Value::Bytes(own),
                KeyType::Ip | KeyType::Ip6 | KeyType::Integer | KeyType::String { .. } => {
                    Value::Text(own)
                }
            }
        }
    })
}
