//! Log formats: texts with `%alias` and `%[expression]` in them, wherever the configuration takes one.

mod alias;
mod flags;
mod moment;
mod parse;
mod pen;

pub use alias::Alias;
pub use moment::{Moment, Origin, RuleKind};
pub use parse::{BadFormat, Unknown};

use crate::cast::cast;
use crate::expr::{Expr, Ground};
use crate::facts::Facts;
use crate::names::Names;
use crate::source::{Sources, Stable};
use crate::value::{Type, Value};
use crate::work::Work;
use alias::About;
use alloc::boxed::Box;
use alloc::vec::Vec;
use flags::{Flags, Wanted};
use pen::{Encoding, Pen};

/// What a format is for, which decides how spaces, missing values and strange bytes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `log-format` and its like: spaces in a row are one, what is missing is a dash.
    Log,
    /// `unique-id-format`: spaces in a row are one, values are fit for a header.
    UniqueId,
    /// Header fields, request-targets, locations: values are fit for a header, and not encoded.
    Header,
    /// Bodies, variables, names: values as they are.
    Text,
}

impl Style {
    const fn merges_spaces(self) -> bool {
        matches!(self, Self::Log | Self::UniqueId)
    }

    /// Values of expressions go into a header field.
    const fn is_for_headers(self) -> bool {
        matches!(self, Self::UniqueId | Self::Header)
    }
}

/// A format, read for the place where it stands: evaluated by whoever has the facts of that place
/// ([`crate::For`]).
#[derive(Clone)]
pub struct Format {
    items: Box<[Item]>,
    style: Style,
    /// How the whole is encoded (`%{+json}o`): the items that have a name, and nothing else.
    whole: Encoding,
    /// `%{+bin}o`
    binary: bool,
}

#[derive(Clone)]
enum Item {
    /// As it is.
    Text(Box<[u8]>),
    /// One space, if none is there already.
    Space,
    /// A value.
    Value(Element),
}

#[derive(Clone)]
struct Element {
    what: What,
    name: Option<Box<str>>,
    wanted: Option<Wanted>,
    flags: Flags,
}

#[derive(Clone)]
enum What {
    Alias(&'static Alias),
    Expr(Expr),
}

impl Format {
    /// Reads a format that stands on `ground`.
    pub fn parse(
        text: &str,
        style: Style,
        ground: &Ground,
        names: &mut dyn Names,
    ) -> Result<Self, BadFormat> {
        parse::parse(text, style, ground, names)
    }

    /// Whether there is nothing in it, so that a log line has its default.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// What it always is, if nothing in it varies.
    pub fn constant(&self) -> Option<&[u8]> {
        match &*self.items {
            [] => Some(b""),
            [Item::Text(text)] if self.whole == Encoding::Plain => Some(text),
            _ => None,
        }
    }

    /// What its items read.
    pub fn sources(&self) -> Sources {
        self.elements().fold(Sources::default(), |all, element| {
            all.union(match &element.what {
                What::Alias(alias) => Sources::of(alias.source),
                What::Expr(expr) => expr.sources(),
            })
        })
    }

    /// From when on none of its items changes any more.
    pub fn stable(&self) -> Stable {
        let each = self.elements().map(|element| match &element.what {
            What::Alias(alias) => alias.stable,
            What::Expr(expr) => expr.stable(),
        });
        each.max().unwrap_or(Stable::Accept)
    }

    /// Its first alias that says something only of HTTP.
    pub fn http_alias(&self) -> Option<&'static Alias> {
        self.elements().find_map(|element| match element.what {
            What::Alias(alias) if alias.http => Some(alias),
            What::Alias(_) | What::Expr(_) => None,
        })
    }

    /// Its expressions.
    pub fn expressions(&self) -> impl Iterator<Item = &Expr> {
        self.elements().filter_map(|element| match &element.what {
            What::Expr(expr) => Some(expr),
            What::Alias(_) => None,
        })
    }

    /// Appends what it is now, at most `max` bytes; says whether that was all of it.
    pub fn write<'a>(
        &'a self,
        facts: &Facts<'a>,
        moment: Moment,
        work: &mut Work,
        out: &mut Vec<u8>,
        max: usize,
    ) -> bool {
        let mut pen = Pen::new(out, work.buffer(), max);
        pen.dashes = self.style == Style::Log;
        pen.encoding = self.whole;
        pen.hex_cbor = !self.binary;
        match self.whole {
            Encoding::Plain => self.write_all(facts, moment, work, &mut pen),
            Encoding::Json | Encoding::Cbor => self.write_named(facts, moment, work, &mut pen),
        }
        let all = !pen.is_cut();
        work.give(pen.scratch);
        all
    }

    fn write_all<'a>(
        &'a self,
        facts: &Facts<'a>,
        moment: Moment,
        work: &mut Work,
        pen: &mut Pen<'_>,
    ) {
        let mut is_spaced = true;
        for item in &self.items {
            match item {
                Item::Text(text) => {
                    pen.raw(text);
                    is_spaced = false;
                }
                Item::Space if is_spaced => {}
                Item::Space => {
                    pen.raw(b" ");
                    is_spaced = true;
                }
                Item::Value(element) => {
                    let before = pen.written();
                    pen.encoding = match self.style {
                        Style::UniqueId | Style::Header => Encoding::Plain,
                        Style::Log | Style::Text => element.encoding(),
                    };
                    // CBOR of a single item is never binary.
                    pen.hex_cbor = true;
                    self.write_element(element, facts, moment, work, pen);
                    let is_expr = matches!(element.what, What::Expr(_));
                    is_spaced &= pen.written() == before && !is_expr;
                }
            }
            if pen.is_cut() {
                return;
            }
        }
    }

    fn write_named<'a>(
        &'a self,
        facts: &Facts<'a>,
        moment: Moment,
        work: &mut Work,
        pen: &mut Pen<'_>,
    ) {
        pen.open_object();
        let mut is_first = true;
        for element in self.elements() {
            let Some(name) = &element.name else {
                continue;
            };
            pen.key(name, is_first);
            is_first = false;
            self.write_element(element, facts, moment, work, pen);
            if pen.is_cut() {
                return;
            }
        }
        pen.close_object();
    }

    fn write_element<'a>(
        &'a self,
        element: &'a Element,
        facts: &Facts<'a>,
        moment: Moment,
        work: &mut Work,
        pen: &mut Pen<'_>,
    ) {
        pen.flags = element.flags;
        pen.wanted = element.wanted;
        match &element.what {
            What::Alias(alias) => (alias.show)(
                &About {
                    facts,
                    work,
                    moment,
                },
                pen,
            ),
            What::Expr(expr) => match expr.value(facts, work).found() {
                Some(value) => self.write_value(value, work, pen),
                None => self.write_missing(pen),
            },
        }
    }

    fn write_value(&self, value: Value<'_>, work: &mut Work, pen: &mut Pen<'_>) {
        if self.style.is_for_headers() {
            return match cast(value, Type::Text, work) {
                Some(value) => {
                    pen.for_header(bytes_of(&value));
                    work.done(value);
                }
                None => self.write_missing(pen),
            };
        }
        let encoded = pen.encoding != Encoding::Plain;
        // Without an encoding everything is text, whatever it is wanted to be.
        let to = match (pen.wanted, pen.encoding, &value) {
            (Some(wanted), Encoding::Json | Encoding::Cbor, _) => wanted.kind(),
            (_, Encoding::Json | Encoding::Cbor, Value::Int(_)) => Type::Int,
            (_, Encoding::Json | Encoding::Cbor, Value::Bool(_)) => Type::Bool,
            (_, Encoding::Cbor, Value::Bytes(_)) => Type::Bytes,
            (_, _, Value::Bytes(_)) if self.binary => Type::Bytes,
            _ => Type::Text,
        };
        let Some(value) = cast(value, to, work) else {
            return self.write_missing(pen);
        };
        match &value {
            Value::Bool(value) => pen.bool(*value),
            Value::Int(number) => pen.number(*number),
            Value::Bytes(bytes) if encoded && pen.wanted == Some(Wanted::Raw) => pen.raw(bytes),
            Value::Bytes(bytes) if pen.encoding == Encoding::Cbor => pen.cbor_bytes(bytes),
            Value::Bytes(bytes) if encoded => pen.raw(bytes),
            Value::Bytes(bytes) => pen.maybe_escaped(bytes),
            _ => pen.text(bytes_of(&value)),
        }
        work.done(value);
    }

    fn write_missing(&self, pen: &mut Pen<'_>) {
        // In a header nothing is nothing, quotes or not.
        if !self.style.is_for_headers() {
            pen.missing();
        }
    }

    fn elements(&self) -> impl Iterator<Item = &Element> {
        self.items.iter().filter_map(|item| match item {
            Item::Value(element) => Some(element),
            Item::Text(_) | Item::Space => None,
        })
    }
}

impl Element {
    const fn encoding(&self) -> Encoding {
        if self.flags.contains(Flags::JSON) {
            Encoding::Json
        } else if self.flags.contains(Flags::CBOR) {
            Encoding::Cbor
        } else {
            Encoding::Plain
        }
    }
}

impl core::fmt::Debug for Format {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let mut list = f.debug_list();
        for item in &self.items {
            match item {
                Item::Text(text) => list.entry(&alloc::string::String::from_utf8_lossy(text)),
                Item::Space => list.entry(&' '),
                Item::Value(element) => match &element.what {
                    What::Alias(alias) => list.entry(&format_args!("%{}", alias.name)),
                    What::Expr(expr) => list.entry(expr),
                },
            };
        }
        list.finish()
    }
}

fn bytes_of<'v>(value: &'v Value<'_>) -> &'v [u8] {
    match value {
        Value::Text(it) | Value::Bytes(it) | Value::Method(it) => it,
        Value::Bool(_) | Value::Int(_) | Value::Ip4(_) | Value::Ip6(_) => b"",
    }
}

#[cfg(test)]
mod tests;
