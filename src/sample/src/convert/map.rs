//! Converters that look a value up in a map.

use super::Converter;
use crate::address;
use crate::args::{Arg, Args, Kind, Signature};
use crate::names::Names;
use crate::pattern::{How, Lookup, Matching, Output, Shape, UserKind, Wanted};
use crate::regex::{Begin, expand};
use crate::value::{Type, Value};
use crate::work::Work;
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;

/// A converter: its name, how keys are compared, what it takes, and what it yields of the entry.
macro_rules! map {
    ($name:expr, $matching:ident, $input:ident, $yields:ident) => {
        Converter {
            name: $name,
            doc: Yields::$yields.doc(),
            args: Yields::$yields.args(),
            input: Type::$input,
            output: Yields::$yields.output(),
            check: Some(|args, names| check(args, names, Matching::$matching, Yields::$yields)),
            run: |value, args, work| run(value, args, work, Yields::$yields),
        }
    };
}

/// The converters of each way of comparing, and some more.
macro_rules! maps {
    ($($matching_name:literal $matching:ident $input:ident,)* ; $($more:expr,)*) => {
        &[
            $(
                map!(concat!("map_", $matching_name), $matching, $input, Value),
                map!(concat!("map_", $matching_name, "_int"), $matching, $input, Int),
                map!(concat!("map_", $matching_name, "_ip"), $matching, $input, Address),
                map!(concat!("map_", $matching_name, "_key"), $matching, $input, Key),
            )*
            $($more,)*
        ]
    };
}

pub(super) const CONVERTERS: &[Converter] = maps! {
    "str" Str Text,
    "beg" Beg Text,
    "sub" Sub Text,
    "dir" Dir Text,
    "dom" Dom Text,
    "end" End Text,
    "reg" Reg Text,
    "int" Int Int,
    "ip" Ip Address,
    ;
    map!("map", Str, Text, Value),
    map!("map_regm", Reg, Text, Replaced),
};

/// What of an entry is yielded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Yields {
    /// The value.
    Value,
    /// The value as a number.
    Int,
    /// The value as an address.
    Address,
    /// The key.
    Key,
    /// The value with the groups of the match in place of `\1` to `\9`.
    Replaced,
}

impl Yields {
    const fn doc(self) -> &'static str {
        match self {
            Self::Value => "What the first matching entry of a map says.",
            Self::Int => "The number the first matching entry of a map says.",
            Self::Address => "The address the first matching entry of a map says.",
            Self::Key => "The key of the first matching entry of a map.",
            Self::Replaced => {
                "What the first matching entry of a map says, with groups of the match put in."
            }
        }
    }

    const fn args(self) -> Signature {
        match self {
            Self::Value | Self::Address | Self::Replaced => {
                Signature::new(1, &[Kind::Map, Kind::Text])
            }
            Self::Int => Signature::new(1, &[Kind::Map, Kind::Int]),
            Self::Key => Signature::new(1, &[Kind::Map]),
        }
    }

    const fn output(self) -> Type {
        match self {
            Self::Value | Self::Key | Self::Replaced => Type::Text,
            Self::Int => Type::Int,
            Self::Address => Type::Address,
        }
    }

    /// What the values of the map have to be.
    const fn values(self) -> Output {
        match self {
            Self::Value | Self::Key | Self::Replaced => Output::Text,
            Self::Int => Output::Int,
            Self::Address => Output::Address,
        }
    }
}

/// Opens the map, and reads the default as what the map has.
fn check(
    args: &mut Args,
    names: &mut dyn Names,
    matching: Matching,
    yields: Yields,
) -> Result<(), String> {
    let path = String::from_utf8_lossy(args.text(0).unwrap_or_default()).into_owned();
    let wanted = Wanted {
        name: &path,
        shape: Shape::Map,
        how: How::exactly(matching),
        output: yields.values(),
        user: UserKind::Map,
        hosts: true,
    };
    let lookup = wanted.open(names.lists()?)?;
    if let Some(place) = args.0.get_mut(0) {
        *place = Some(Arg::Made(Arc::new(lookup)));
    }
    if let (Yields::Address, Some(Some(default))) = (yields, args.0.get_mut(1))
        && let Arg::Text(text) = default
    {
        let read = match address::parse4(text) {
            Some(address) => Some(Arg::Ip4(address)),
            None => address::parse6(text).map(Arg::Ip6),
        };
        let unreadable = || format!("'{}' is not an address", String::from_utf8_lossy(text));
        *default = read.ok_or_else(unreadable)?;
    }
    Ok(())
}

fn run<'a>(value: Value<'a>, args: &'a Args, work: &mut Work, yields: Yields) -> Option<Value<'a>> {
    let lookup = args.made::<Lookup>(0)?;
    let mut buffer = work.buffer();
    // One byte more than there is room for tells that it is too long.
    let most = work.bufsize + 1;
    let mut is_made = true;
    let copies = &mut work.copies;
    let found = match (yields, &value) {
        (Yields::Replaced, Value::Text(text)) => lookup.find_regex(text, copies, |entry, regex| {
            let template = entry.value().unwrap_or_default();
            if let Some(captures) = regex.captures(text, Begin::Start) {
                is_made = expand(template, text, &captures, most, &mut buffer).is_ok();
            }
            None
        }),
        (Yields::Key, value) => lookup.find(value, copies, |entry| {
            buffer.extend_from_slice(entry.key());
            None
        }),
        (_, value) => lookup.find(value, copies, |entry| {
            let text = entry.value().unwrap_or_default();
            match yields.values() {
                Output::Text => {
                    buffer.extend_from_slice(text);
                    None
                }
                output => output.read(text).map(Value::into_owned),
            }
        }),
    };
    work.done(value);
    if !is_made {
        // What the map has means nothing: the default is for what it does not have.
        work.give(buffer);
        return None;
    }
    let text = match found {
        Some(None) if buffer.len() <= work.bufsize => {
            return Some(Value::Text(Cow::Owned(buffer)));
        }
        Some(Some(read)) => Some(read),
        Some(None) | None => None,
    };
    work.give(buffer);
    text.or_else(|| default(args))
}

/// The second argument.
fn default(args: &Args) -> Option<Value<'_>> {
    Some(match args.get(1)? {
        Arg::Text(text) => Value::text(text),
        Arg::Int(number) => Value::Int(*number),
        Arg::Ip4(address) => Value::Ip4(*address),
        Arg::Ip6(address) => Value::Ip6(*address),
        _ => return None,
    })
}
