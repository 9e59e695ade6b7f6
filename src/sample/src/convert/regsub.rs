//! `regsub`: what a regular expression matches is replaced.

use super::Converter;
use crate::args::{Arg, Args, Kind, Signature};
use crate::names::Names;
use crate::regex::{Begin, Regex};
use crate::value::{Type, Value};
use crate::work::Work;
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

pub(super) const CONVERTERS: &[Converter] = &[Converter {
    name: "regsub",
    doc: "The first match, or with `g` all, of a regular expression replaced by a text.",
    args: Signature::new(2, &[Kind::Regex, Kind::Text, Kind::Text]),
    input: Type::Text,
    output: Type::Text,
    check: Some(check),
    run: regsub,
}];

/// What the arguments say.
struct Substitution {
    regex: Regex,
    all: bool,
    /// Nothing if a backslash has nothing behind it that could be meant: the reference ends the text
    /// there.
    with: Option<Box<[Piece]>>,
}

/// A piece of what a match is replaced by.
enum Piece {
    Text(Box<[u8]>),
    /// What the group with this number matched, 0 for all.
    Group(usize),
}

fn check(args: &mut Args, _: &mut dyn Names) -> Result<(), String> {
    let flags = args.text(2).unwrap_or_default();
    if let Some(flag) = flags.iter().find(|flag| !matches!(flag, b'i' | b'g')) {
        let flag = char::from(*flag);
        return Err(format!(
            "invalid regex flag '{flag}', only 'i' and 'g' are supported"
        ));
    }
    let pattern = args.text(0).unwrap_or_default();
    if pattern.is_empty() {
        return Err("missing regex".into());
    }
    let pattern = core::str::from_utf8(pattern).map_err(|_| "the regex is not UTF-8")?;
    let regex = Regex::compile(pattern, flags.contains(&b'i'))
        .map_err(|why| format!("regex '{pattern}' is invalid: {why}"))?;
    let made = Substitution {
        regex,
        all: flags.contains(&b'g'),
        with: pieces(args.text(1).unwrap_or_default()),
    };
    if let Some(first) = args.0.first_mut() {
        *first = Some(Arg::Made(Arc::new(made)));
    }
    Ok(())
}

/// `\0` to `\9` are groups, `\xHH` is a byte, and any other character behind a backslash itself.
fn pieces(template: &[u8]) -> Option<Box<[Piece]>> {
    let mut pieces = Vec::new();
    let mut text = Vec::new();
    let mut rest = template;
    let digit = |byte: &u8| char::from(*byte).to_digit(16).map(|digit| digit as u8);
    loop {
        rest = match rest {
            [] => break,
            [b'\\', group @ b'0'..=b'9', after @ ..] => {
                pieces.push(Piece::Text(core::mem::take(&mut text).into()));
                pieces.push(Piece::Group(usize::from(group - b'0')));
                after
            }
            [b'\\', b'x', high, low, after @ ..] => {
                text.push(digit(high)? << 4 | digit(low)?);
                after
            }
            [b'\\'] | [b'\\', b'x', ..] => return None,
            [b'\\', byte, after @ ..] | [byte, after @ ..] => {
                text.push(*byte);
                after
            }
        };
    }
    pieces.push(Piece::Text(text.into()));
    Some(pieces.into())
}

fn regsub<'a>(value: Value<'a>, args: &'a Args, work: &mut Work) -> Option<Value<'a>> {
    let Value::Text(text) = &value else {
        return None;
    };
    let substitution: &Substitution = args.made(0)?;
    let mut replaced = work.buffer();
    substitution.replace(text, work.bufsize, &mut replaced);
    replaced.truncate(work.bufsize);
    work.done(value);
    Some(Value::Text(Cow::Owned(replaced)))
}

impl Substitution {
    /// Adds `text` with its matches replaced to `out`; what is beyond `most` bytes need not be right.
    fn replace(&self, text: &[u8], most: usize, out: &mut Vec<u8>) {
        let mut rest = text;
        let mut begin = Begin::Start;
        let mut tries = 0;
        while let Some(found) = self.regex.captures_within(rest, begin, &mut tries) {
            let (start, end) = found.whole();
            out.extend_from_slice(&rest[..start]);
            let Some(pieces) = &self.with else {
                return;
            };
            for piece in pieces {
                out.extend_from_slice(match piece {
                    Piece::Text(text) => text,
                    Piece::Group(group) => {
                        let (start, end) = found.group(*group).unwrap_or_default();
                        &rest[start..end]
                    }
                });
                if out.len() >= most {
                    return;
                }
            }
            let Some(first) = rest.first() else {
                return;
            };
            // An empty match stands before a character, which is not looked at again.
            if end == 0 {
                out.push(*first);
            }
            rest = &rest[end.max(1)..];
            begin = Begin::Middle;
            if !self.all {
                break;
            }
        }
        out.extend_from_slice(rest);
    }
}
