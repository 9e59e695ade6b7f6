//! `json`: text as the inside of a JSON string (RFC 8259 §7), of ASCII only.

use super::Converter;
use crate::args::{Arg, Args, Kind, Signature};
use crate::names::Names;
use crate::value::{Type, Value};
use crate::work::Work;
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

pub(super) const CONVERTERS: &[Converter] = &[Converter {
    name: "json",
    doc: "Escaped for a JSON string, decoded from ASCII or UTF-8 before.",
    args: Signature::new(1, &[Kind::Text]),
    input: Type::Text,
    output: Type::Text,
    check: Some(check),
    run: json,
}];

/// UTF-8 instead of single bytes.
const UTF8: i64 = 1;
/// What is no character is left out, instead of everything.
const SKIPS: i64 = 2;
/// A character may take more bytes than it needs.
const OVERLONG: i64 = 4;

fn check(args: &mut Args, _: &mut dyn Names) -> Result<(), String> {
    let Some(Some(arg)) = args.0.get_mut(0) else {
        return Ok(());
    };
    let decoder = match arg {
        Arg::Text(text) => match &text[..] {
            b"" | b"ascii" => 0,
            b"utf8" => UTF8,
            b"utf8s" => UTF8 | SKIPS,
            b"utf8p" => UTF8 | OVERLONG,
            b"utf8ps" => UTF8 | OVERLONG | SKIPS,
            _ => {
                return Err("Unexpected input code type. Allowed value are 'ascii', 'utf8', 'utf8s', 'utf8p' and 'utf8ps'".into());
            }
        },
        _ => return Ok(()),
    };
    *arg = Arg::Int(decoder);
    Ok(())
}

fn json<'a>(value: Value<'a>, args: &'a Args, work: &mut Work) -> Option<Value<'a>> {
    let Value::Text(text) = &value else {
        return None;
    };
    let mut escaped = work.buffer();
    let done = escape(text, args.int(0).unwrap_or(0), work.bufsize, &mut escaped);
    work.done(value);
    if done.is_none() {
        work.give(escaped);
        return None;
    }
    Some(Value::Text(Cow::Owned(escaped)))
}

/// Nothing if `decoder` finds an error it does not skip, or if it grows longer than `most` bytes.
fn escape(text: &[u8], decoder: i64, most: usize, out: &mut Vec<u8>) -> Option<()> {
    let mut rest = text;
    while let [byte, after @ ..] = rest {
        let character = if decoder & UTF8 == 0 {
            rest = after;
            Some(u32::from(*byte))
        } else {
            let (character, taken) = character(rest, decoder & OVERLONG != 0);
            rest = &rest[taken..];
            if character.is_none() && decoder & SKIPS == 0 {
                return None;
            }
            character
        };
        if let Some(character) = character {
            put(character, out);
        }
        if out.len() > most {
            return None;
        }
    }
    Some(())
}

fn put(character: u32, out: &mut Vec<u8>) {
    let short = match character {
        0x22 => b'"',
        0x5c => b'\\',
        0x2f => b'/',
        0x08 => b'b',
        0x0c => b'f',
        0x0a => b'n',
        0x0d => b'r',
        0x09 => b't',
        0x20..0x7f => {
            out.push(character as u8);
            return;
        }
        _ => {
            out.extend_from_slice(b"\\u");
            let digit = |shift: u32| b"0123456789abcdef"[(character >> shift & 15) as usize];
            out.extend_from_slice(&[12, 8, 4, 0].map(digit));
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

/// The character of UTF-8 that `text` begins with, if it is one that four digits can name, and how many
/// bytes it takes up. Of a sequence that is broken off, what is there.
fn character(text: &[u8], overlong: bool) -> (Option<u32>, usize) {
    let first = text.first().copied().unwrap_or(0);
    let length = first.leading_ones() as usize;
    match length {
        0 => return (Some(first.into()), 1),
        2..=6 => {}
        _ => return (None, 1),
    }
    let more = text[1..].iter().take(length - 1);
    let more = more.take_while(|byte| **byte & 0xc0 == 0x80);
    let (mut character, mut taken) = (u32::from(first) & (0x7f >> length), 1);
    for byte in more {
        character = character << 6 | u32::from(byte & 0x3f);
        taken += 1;
    }
    let needed = match character {
        0..0x80 => 1,
        0x80..0x800 => 2,
        0x800..0x1_0000 => 3,
        _ => return (None, taken),
    };
    let is_one = !matches!(character, 0xd800..=0xdfff | 0xfffe | 0xffff);
    let good = taken == length && is_one && (overlong || taken == needed);
    (good.then_some(character), taken)
}
