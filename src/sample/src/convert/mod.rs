//! Converters: a value in, a value or nothing out. Each is one item.

mod address;
mod aes;
mod base64;
mod compare;
mod control;
mod dates;
mod debug;
mod digest;
mod domain;
mod fix;
mod forwarded;
mod given;
mod hash;
mod hex;
mod join;
mod json;
mod json_query;
mod jwt;
mod jwt_decrypt;
mod language;
mod map;
mod mqtt;
mod numbers;
mod operand;
mod packet;
mod parts;
mod protobuf;
mod regsub;
mod table;
mod text;
mod url;
mod variables;
mod when;
mod x509;

#[cfg(test)]
mod reference;

pub use variables::Condition;
pub(crate) use when::When;

use crate::args::{Args, Signature};
use crate::names::Names;
use crate::value::{Type, Value};
use crate::work::Work;
use alloc::borrow::Cow;
use alloc::string::String;
use core::ops::Range;

/// A converter.
pub struct Converter {
    /// Its keyword.
    pub name: &'static str,
    /// What it does, in a line.
    pub doc: &'static str,
    /// Its arguments.
    pub args: Signature,
    /// What comes in, after a cast if need be.
    pub input: Type,
    /// What comes out; [`Type::Any`] says that it is what came in if anything may come in, and that only
    /// the value shows it otherwise.
    pub output: Type,
    /// Looks at the arguments once, when the configuration is read, and may replace them by something
    /// quicker to use ([`crate::args::Arg::Made`]). Says why they cannot be.
    pub check: Option<Check>,
    /// The work; it never fails but may yield nothing.
    pub run: for<'a> fn(Value<'a>, &'a Args, &mut Work) -> Option<Value<'a>>,
}

/// A look at arguments when the configuration is read; says what is wrong with them.
pub type Check = fn(&mut Args, &mut dyn Names) -> Result<(), String>;

impl Converter {
    /// The converter called `name`.
    pub fn find(name: &str) -> Option<&'static Self> {
        Self::all().find(|converter| converter.name == name)
    }

    /// Whether what it says of a part of a message holds for all of it: nothing comes out as long as that
    /// is open.
    pub(crate) fn settles(&self) -> bool {
        matches!(self.name, "fix_is_valid" | "mqtt_is_valid")
    }

    /// All of them.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        TABLES.iter().copied().flatten()
    }
}

/// A part of a text, in the place of all of it.
fn cut(text: Cow<'_, [u8]>, part: Range<usize>) -> Cow<'_, [u8]> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[part]),
        Cow::Owned(mut text) => {
            text.truncate(part.end);
            text.drain(..part.start);
            Cow::Owned(text)
        }
    }
}

/// All converters, by file.
const TABLES: &[&[Converter]] = &[
    address::CONVERTERS,
    aes::CONVERTERS,
    base64::CONVERTERS,
    compare::CONVERTERS,
    control::CONVERTERS,
    dates::CONVERTERS,
    debug::CONVERTERS,
    digest::CONVERTERS,
    domain::CONVERTERS,
    fix::CONVERTERS,
    forwarded::CONVERTERS,
    hash::CONVERTERS,
    hex::CONVERTERS,
    join::CONVERTERS,
    json::CONVERTERS,
    json_query::CONVERTERS,
    jwt::CONVERTERS,
    jwt_decrypt::CONVERTERS,
    language::CONVERTERS,
    map::CONVERTERS,
    numbers::CONVERTERS,
    mqtt::CONVERTERS,
    packet::ETH,
    packet::IP,
    packet::TCP,
    parts::CONVERTERS,
    protobuf::CONVERTERS,
    regsub::CONVERTERS,
    table::CONVERTERS,
    text::CONVERTERS,
    url::CONVERTERS,
    variables::CONVERTERS,
    when::CONVERTERS,
    x509::CONVERTERS,
];
