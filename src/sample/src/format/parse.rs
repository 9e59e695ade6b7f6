//! Reading a format.

use super::alias::{Alias, NOT_YET};
use super::flags::{Flags, Wanted};
use super::pen::Encoding;
use super::{Element, Format, Item, Style, What};
use crate::expr::{self, BadExpr, Expr, Ground};
use crate::kept;
use crate::names::Names;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Why a text is no format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadFormat {
    /// Where in the text it begins to be wrong, bytes.
    pub at: usize,
    /// What is wrong, a sentence.
    pub message: String,
    /// The word that is no keyword, and of what kind it should be one.
    pub unknown: Option<Unknown>,
}

/// A word that is no keyword.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// An alias, without `%`.
    Alias(String),
    /// A fetch or a converter.
    Expr(expr::Unknown),
}

/// Reads a format that stands on `ground`.
pub(super) fn parse(
    text: &str,
    style: Style,
    ground: &Ground,
    names: &mut dyn Names,
) -> Result<Format, BadFormat> {
    let mut reader = Reader {
        text,
        at: 0,
        style,
        ground,
        names,
        items: Vec::new(),
        literal: Vec::new(),
        flags: Flags::empty(),
    };
    while reader.at < text.len() {
        reader.next()?;
    }
    reader.end_literal();
    let flags = reader.flags;
    Ok(Format {
        items: reader.items.into(),
        style,
        whole: match () {
            () if style.is_for_headers() => Encoding::Plain,
            () if flags.contains(Flags::JSON) => Encoding::Json,
            () if flags.contains(Flags::CBOR) => Encoding::Cbor,
            () => Encoding::Plain,
        },
        binary: flags.contains(Flags::BIN),
    })
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    style: Style,
    ground: &'t Ground,
    names: &'t mut dyn Names,
    items: Vec<Item>,
    /// Text that is not an item yet.
    literal: Vec<u8>,
    /// Those of `%o` so far.
    flags: Flags,
}

impl<'t> Reader<'t> {
    /// Reads text up to the next item, or an item.
    fn next(&mut self) -> Result<(), BadFormat> {
        let rest = &self.text.as_bytes()[self.at..];
        match rest[0] {
            b'%' => return self.item(),
            b' ' if self.style.merges_spaces() => {
                self.end_literal();
                if !matches!(self.items.last(), Some(Item::Space)) {
                    self.items.push(Item::Space);
                }
            }
            byte => self.literal.push(byte),
        }
        self.at += 1;
        Ok(())
    }

    /// Reads what a `%` begins.
    fn item(&mut self) -> Result<(), BadFormat> {
        let start = self.at;
        self.at += 1;
        let (name, wanted) = self.name()?;
        let arguments = self.at;
        let flags = self.arguments()?;
        let element = |what, flags| {
            Item::Value(Element {
                what,
                name,
                wanted,
                flags,
            })
        };
        match (self.peek(), flags) {
            (None, None) => Err(bad(start, "truncated line after '%'.".into())),
            (Some(b'['), flags) => {
                let expr = self.expression()?;
                self.end_literal();
                let flags = flags.unwrap_or(self.flags);
                self.items.push(element(What::Expr(expr), flags));
                Ok(())
            }
            (Some(byte), flags) if byte.is_ascii_alphanumeric() => {
                let alias = self.alias()?;
                let flags = flags.unwrap_or(self.flags);
                match alias {
                    Some(alias) => {
                        self.end_literal();
                        self.items.push(element(What::Alias(alias), flags));
                    }
                    None => self.flags = flags,
                }
                Ok(())
            }
            (_, Some(_)) => Err(bad(
                arguments,
                format!(
                    "parse argument modifier without alias name near '%{}'.",
                    &self.text[arguments..self.at]
                ),
            )),
            (Some(b'%'), None) => {
                self.literal.push(b'%');
                self.at += 1;
                Ok(())
            }
            // Behind a name, what is neither an alias nor an expression is text.
            (Some(_), None) if arguments > start + 1 => Ok(()),
            (Some(_), None) => {
                let found = self.text[self.at..].chars().next().unwrap_or_default();
                Err(bad(
                    self.at,
                    format!(
                        "unexpected alias name near '{found}' at position {} line : '{}'. Maybe you want to write a single '%', use the syntax '%%'.",
                        self.at, self.text
                    ),
                ))
            }
        }
    }

    /// Reads `(name:type)`, if it is there.
    fn name(&mut self) -> Result<(Option<Box<str>>, Option<Wanted>), BadFormat> {
        if self.peek() != Some(b'(') {
            return Ok((None, None));
        }
        let start = self.at + 1;
        let len = self.text.as_bytes()[start..]
            .iter()
            .position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')));
        let end = len.map_or(self.text.len(), |len| start + len);
        self.at = end;
        let wanted = match self.peek() {
            Some(b')') => None,
            Some(b':') => {
                let start = end + 1;
                let len = self.text[start..].find(')');
                self.at = len.map_or(self.text.len(), |len| start + len);
                let name = &self.text[start..self.at];
                let wanted = Wanted::find(name).ok_or_else(|| {
                    bad(
                        start,
                        format!(
                            "unexpected output type '{name}' at position {start} line : '{}'. Supported types are: str, sint, bool, raw.",
                            self.text
                        ),
                    )
                })?;
                Some(wanted)
            }
            Some(_) | None => {
                let found = self.text[end..].chars().next();
                let found = found.map(String::from).unwrap_or_default();
                return Err(bad(
                    end,
                    format!(
                        "invalid character in custom name near '{found}' at position {end} line : '{}'.",
                        self.text
                    ),
                ));
            }
        };
        if self.peek().is_none() {
            return Err(bad(self.at, "truncated line after '%'.".into()));
        }
        self.at += 1;
        let name = &self.text[start..end];
        Ok(((!name.is_empty()).then(|| name.into()), wanted))
    }

    /// Reads `{…}`, if it is there: the flags with its changes.
    fn arguments(&mut self) -> Result<Option<Flags>, BadFormat> {
        if self.peek() != Some(b'{') {
            return Ok(None);
        }
        let start = self.at + 1;
        let Some(len) = self.text[start..].find('}') else {
            let words = &self.text[start..];
            return Err(bad(start, format!("truncated line after '{words}'.")));
        };
        self.at = start + len + 1;
        Ok(Some(self.flags.changed_by(&self.text[start..start + len])))
    }

    /// Reads the name of an alias; `%o` is none.
    fn alias(&mut self) -> Result<Option<&'static Alias>, BadFormat> {
        let start = self.at;
        let rest = &self.text[start..];
        let len = rest.find(|c: char| !c.is_ascii_alphanumeric());
        let name = &rest[..len.unwrap_or(rest.len())];
        self.at += name.len();
        match Alias::find(name) {
            Some(alias) => Ok(Some(alias)),
            None if name == "o" => Ok(None),
            None if NOT_YET.contains(&name) => Err(bad(
                start,
                format!("format alias '{name}' is not supported yet."),
            )),
            None => Err(BadFormat {
                at: start,
                message: format!(
                    "no such format alias '{name}'. If you wanted to emit the '%' character verbatim, you need to use '%%'."
                ),
                unknown: Some(Unknown::Alias(name.into())),
            }),
        }
    }

    /// Reads `[…]`.
    fn expression(&mut self) -> Result<Expr, BadFormat> {
        self.at += 1;
        let start = self.at;
        let rest = &self.text[start..];
        let (expr, len) = Expr::parse(rest, self.ground, self.names).map_err(|why| {
            let BadExpr {
                at,
                message,
                unknown,
            } = why;
            BadFormat {
                at: start + at,
                message: format!("failed to parse sample expression <{rest}> : {message}."),
                unknown: unknown.map(Unknown::Expr),
            }
        })?;
        self.at += len;
        match self.text[self.at..].chars().next() {
            Some(']') => self.at += 1,
            Some(found) => {
                return Err(bad(
                    self.at,
                    format!("expected ']' after '{}', but found '{found}'.", expr.text()),
                ));
            }
            None => return Err(bad(start, format!("missing ']' after '{}'.", expr.text()))),
        }
        if !expr.is_valid() {
            let needs = expr.sources().iter().next();
            return Err(bad(
                start,
                format!(
                    "sample fetch <{}> may not be reliably used here because it needs '{}' which is not available here.",
                    expr.fetch().name,
                    needs.map_or("nothing", |source| source.name())
                ),
            ));
        }
        Ok(expr)
    }

    /// Makes an item of the text so far.
    fn end_literal(&mut self) {
        if !self.literal.is_empty() {
            let text = core::mem::take(&mut self.literal);
            self.items.push(Item::Text(kept::bytes_of(&text).into()));
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}

fn bad(at: usize, message: String) -> BadFormat {
    BadFormat {
        at,
        message,
        unknown: None,
    }
}
