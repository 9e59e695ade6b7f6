//! Converters: a value in, a value or nothing out. Each is one item.

mod aes;
mod compare;
mod digest;
mod given;
mod hash;
mod hex;
mod map;
mod table;
mod text;
mod x509;

#[cfg(test)]
mod reference;

use crate::args::{Args, Signature};
use crate::names::Names;
use crate::value::{Type, Value};
use crate::work::Work;
use alloc::string::String;

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
    /// What comes out; [`Type::Any`] says that it is what came in.
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

    /// All of them.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        TABLES.iter().copied().flatten()
    }
}

/// All converters, by file.
const TABLES: &[&[Converter]] = &[
    aes::CONVERTERS,
    compare::CONVERTERS,
    digest::CONVERTERS,
    hash::CONVERTERS,
    hex::CONVERTERS,
    map::CONVERTERS,
    table::CONVERTERS,
    text::CONVERTERS,
    x509::CONVERTERS,
];
