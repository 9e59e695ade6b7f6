//! Reads the arguments of fetches and converters: `(a,"b,c",'d)')`.

use super::{Arg, Args, Kind, Signature, Unit};
use crate::cast;
use crate::kept;
use crate::names::Names;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::{self, Display};
use core::net::{Ipv4Addr, Ipv6Addr};
use core::time::Duration;

/// Whose arguments they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner<'a> {
    /// A fetch's, by its keyword.
    Fetch(&'a str),
    /// A converter's, by its keyword.
    Converter(&'a str),
}

impl Owner<'_> {
    /// What to say when its own check refuses the arguments.
    pub fn refuses(self, why: &str) -> String {
        format!("invalid args in {self} : {why}")
    }

    /// What to say about the argument at `at`, from 0.
    fn misread(self, at: usize, why: &str) -> String {
        match self {
            Self::Fetch(_) => format!("{self} : {why}"),
            Self::Converter(_) => format!("invalid arg {} in {self} : {why}", at + 1),
        }
    }

    /// What to say about the argument at `at`, which names something that is not there.
    fn unknown(self, at: usize, why: &str) -> String {
        let (what, keyword) = match self {
            Self::Fetch(keyword) => ("sample fetch keyword", keyword),
            Self::Converter(keyword) => ("conversion keyword", keyword),
        };
        format!("{why} in arg {} of {what} '{keyword}'", at + 1)
    }
}

impl Display for Owner<'_> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fetch(keyword) => write!(to, "fetch method '{keyword}'"),
            Self::Converter(keyword) => write!(to, "converter '{keyword}'"),
        }
    }
}

/// Reads the arguments that `text` begins with, or says what is wrong with them; the number is how many
/// bytes they take up with their parentheses. Text that does not begin with a parenthesis has none: the
/// first that is needed is an empty one then, which is good enough for a text or a name.
pub fn parse(
    owner: Owner<'_>,
    signature: Signature,
    text: &str,
    names: &mut dyn Names,
) -> Result<(Args, usize), String> {
    let inside = text.strip_prefix('(');
    if inside.is_none() && signature.needed == 0 {
        return Ok((Args::default(), 0));
    }
    let mut rest = inside.unwrap_or_default().as_bytes();
    let mut args = Vec::new();
    for (at, &kind) in signature.kinds.iter().enumerate() {
        let misread = |why: &str| owner.misread(at, why);
        let (word, after) = word(rest).map_err(|before| {
            let why = format!(
                "failed to parse '\\' after '{before}' as type '{}'",
                kind.name()
            );
            misread(&format!("{why} at position {}", at + 1))
        })?;
        if word.is_empty() && !kind.may_be_empty() {
            if at >= signature.needed {
                // Behind a comma, the reference takes nothing for 0.
                if at > 0 && kind == Kind::Int {
                    args.push(Some(Arg::Int(0)));
                }
                rest = after;
                break;
            }
            let why = format!("expected type '{}' at position {}", kind.name(), at + 1);
            return Err(misread(&format!("{why}, but got nothing")));
        }
        args.push(Some(match read(kind, &word, names) {
            Ok(arg) => arg,
            Err(Bad::Text) => {
                let word = String::from_utf8_lossy(&word);
                let why = format!("failed to parse '{word}' as type '{}'", kind.name());
                return Err(misread(&format!("{why} at position {}", at + 1)));
            }
            Err(Bad::Name(why)) => return Err(owner.unknown(at, &why)),
            Err(Bad::Variable(why)) => return Err(owner.refuses(&why)),
        }));
        rest = after;
        match rest {
            [b',', after @ ..] if at + 1 < signature.kinds.len() => rest = after,
            _ => break,
        }
    }
    let got = args.len();
    // Which argument is said to be wrong if what is behind them is: the last one, but not the first.
    let last = if got < 2 { got } else { got - 1 };
    if let Some(kind) = signature.kinds.get(got).filter(|_| got < signature.needed) {
        let why = format!("missing arguments (got {got}/{}), type", signature.needed);
        return Err(owner.misread(got, &format!("{why} '{}' expected", kind.name())));
    }
    let args = Args(args.into());
    match (inside, rest) {
        (None, _) => Ok((args, 0)),
        (Some(_), [b')', after @ ..]) => Ok((args, text.len() - after.len())),
        (Some(_), []) => Err(owner.misread(last, "expected ')'")),
        (Some(_), rest) => {
            let rest = String::from_utf8_lossy(rest);
            Err(owner.misread(last, &format!("expected ')' before '{rest}'")))
        }
    }
}

impl Kind {
    /// Its name in messages.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Text | Self::Map | Self::Variable => "string",
            Self::Int => "integer",
            Self::Time(_) => "delay",
            Self::Size => "size",
            Self::Mask4 => "IPv4 mask",
            Self::Mask6 => "IPv6 mask",
            Self::Ip4 => "IPv4 address",
            Self::Ip6 => "IPv6 address",
            Self::Frontend => "frontend",
            Self::Backend => "backend",
            Self::Server => "server",
            Self::Table => "table",
            Self::Userlist => "user list",
            Self::Regex => "regex",
        }
    }

    /// Whether nothing between two commas is one.
    const fn may_be_empty(self) -> bool {
        match self {
            Self::Text | Self::Map | Self::Variable | Self::Regex => true,
            Self::Frontend | Self::Backend | Self::Server | Self::Table | Self::Userlist => true,
            Self::Int | Self::Time(_) | Self::Size => false,
            Self::Mask4 | Self::Mask6 | Self::Ip4 | Self::Ip6 => false,
        }
    }
}

/// What is wrong with a word.
enum Bad {
    /// It is not what it should be.
    Text,
    /// It names nothing.
    Name(String),
    /// It names no variable.
    Variable(String),
}

/// The word that `text` begins with, without its quotes, and what follows it. An error is what stands
/// before a backslash that ends the text.
fn word(text: &[u8]) -> Result<(Vec<u8>, &[u8]), String> {
    let mut word = Vec::new();
    let mut quote = None;
    let mut rest = text;
    while let [byte, after @ ..] = rest {
        match (quote, byte) {
            (None, b',' | b')') => break,
            (None, b'"' | b'\'') => quote = Some(*byte),
            (Some(open), byte) if open == *byte => quote = None,
            (None | Some(b'"'), b'\\') => {
                let escaped = match after.first() {
                    None => return Err(String::from_utf8_lossy(&word).into_owned()),
                    Some(byte @ (b' ' | b'\\' | b'"' | b'\'')) => Some(*byte),
                    Some(b'n') => Some(b'\n'),
                    Some(b'r') => Some(b'\r'),
                    Some(b't') => Some(b'\t'),
                    Some(_) => None,
                };
                if let Some(byte) = escaped {
                    word.push(byte);
                    rest = &after[1..];
                    continue;
                }
                word.push(b'\\');
            }
            _ => word.push(*byte),
        }
        rest = after;
    }
    Ok((word, rest))
}

fn read(kind: Kind, word: &[u8], names: &mut dyn Names) -> Result<Arg, Bad> {
    if let Kind::Text | Kind::Map | Kind::Regex = kind {
        return Ok(Arg::Text(kept::bytes_of(word).into()));
    }
    let text = core::str::from_utf8(word).map_err(|_| Bad::Text)?;
    let named = Some(text).filter(|name| !name.is_empty());
    let need = |what: &str| named.ok_or_else(|| Bad::Name(format!("missing {what} name")));
    let referenced = |why: String| Bad::Name(format!("{why} referenced"));
    Ok(match kind {
        Kind::Text | Kind::Map | Kind::Regex => Arg::Text(kept::bytes_of(word).into()),
        Kind::Int => Arg::Int(integer(word).ok_or(Bad::Text)?),
        Kind::Time(unit) => Arg::Time(time(text, unit).ok_or(Bad::Text)?),
        Kind::Size => Arg::Size(size(text).ok_or(Bad::Text)?),
        Kind::Mask4 => Arg::Ip4(mask4(text).ok_or(Bad::Text)?),
        Kind::Mask6 => Arg::Ip6(mask6(text).ok_or(Bad::Text)?),
        Kind::Ip4 => Arg::Ip4(text.parse().map_err(|_| Bad::Text)?),
        Kind::Ip6 => Arg::Ip6(text.parse().map_err(|_| Bad::Text)?),
        Kind::Frontend => Arg::Proxy(names.frontend(named).map_err(referenced)?),
        Kind::Backend => Arg::Proxy(names.backend(named).map_err(referenced)?),
        Kind::Server => {
            let (backend, server) = names.server(need("server")?).map_err(referenced)?;
            Arg::Server(backend, server)
        }
        Kind::Table => Arg::Table(names.table(named).map_err(referenced)?),
        Kind::Userlist => Arg::Userlist(names.userlist(need("userlist")?).map_err(referenced)?),
        Kind::Variable => {
            let none = || Bad::Variable("Empty variable name cannot be accepted".to_string());
            let name = named.ok_or_else(none)?;
            Arg::Variable(names.variable(name).map_err(Bad::Variable)?)
        }
    })
}

/// A number that is all of `word`; a sign alone is 0, and beyond 64 bits it is the nearest there is.
pub(crate) fn integer(word: &[u8]) -> Option<i64> {
    let digits = match word {
        [b'-' | b'+', digits @ ..] => digits,
        digits => digits,
    };
    let only = digits.iter().all(u8::is_ascii_digit);
    only.then(|| cast::number(word)).flatten()
}

/// A number and its unit.
fn time(text: &str, unit: Unit) -> Option<Duration> {
    let (number, suffix) = split(text)?;
    let nanos = match (suffix, unit) {
        ("us", _) => 1_000,
        ("ms", _) | ("", Unit::Millis) => 1_000_000,
        ("s", _) | ("", Unit::Seconds) => 1_000_000_000,
        ("m", _) => 60_000_000_000,
        ("h", _) => 3_600_000_000_000,
        ("d", _) => 86_400_000_000_000,
        _ => return None,
    };
    Some(Duration::from_nanos(number.checked_mul(nanos)?))
}

/// A number of bytes, kilobytes, …
fn size(text: &str) -> Option<u64> {
    let (number, suffix) = split(text)?;
    let shift = match suffix {
        "" => 0,
        "k" | "K" => 10,
        "m" | "M" => 20,
        "g" | "G" => 30,
        _ => return None,
    };
    number.checked_mul(1 << shift)
}

fn split(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|byte: char| !byte.is_ascii_digit());
    let (number, suffix) = text.split_at(end.unwrap_or(text.len()));
    Some((number.parse().ok()?, suffix))
}

/// A mask as an address or as a number of bits.
fn mask4(text: &str) -> Option<Ipv4Addr> {
    if let Ok(mask) = text.parse() {
        return Some(mask);
    }
    let bits = text.parse::<u32>().ok().filter(|bits| *bits <= 32)?;
    Some(Ipv4Addr::from_bits(
        !u32::MAX.checked_shr(bits).unwrap_or(0),
    ))
}

/// A mask as an address or as a number of bits.
fn mask6(text: &str) -> Option<Ipv6Addr> {
    if let Ok(mask) = text.parse() {
        return Some(mask);
    }
    let bits = text.parse::<u32>().ok().filter(|bits| *bits <= 128)?;
    Some(Ipv6Addr::from_bits(
        !u128::MAX.checked_shr(bits).unwrap_or(0),
    ))
}

#[cfg(test)]
mod tests;
