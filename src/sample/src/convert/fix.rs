//! Messages of FIX, the protocol of financial exchanges: fields `tag=value`, each with a 0x01 behind.

use super::{Converter, cut};
use crate::args::{Arg, Args, Kind, Signature};
use crate::names::Names;
use crate::value::{Type, Value};
use crate::work::Work;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use core::ops::Range;

pub(super) const CONVERTERS: &[Converter] = &[
    Converter {
        name: "fix_is_valid",
        doc: "Whether a FIX message is valid; nothing while more of it has to come.",
        args: Signature::NONE,
        input: Type::Bytes,
        output: Type::Bool,
        check: None,
        run: |value, _, work| {
            let Value::Bytes(message) = &value else {
                return None;
            };
            let valid = is_valid(message);
            work.done(value);
            valid.map(Value::Bool)
        },
    },
    Converter {
        name: "fix_tag_value",
        doc: "The value of a tag in a FIX message.",
        args: Signature::new(1, &[Kind::Text]),
        input: Type::Bytes,
        output: Type::Bytes,
        check: Some(check_tag),
        run: tag_value,
    },
];

/// One field.
struct Field {
    /// Where it begins.
    begin: usize,
    /// Its tag; none if that is no number from 1.
    tag: Option<u32>,
    /// Where its value is.
    value: Range<usize>,
}

/// The fields from the beginning of a message to its checksum, or to the last whole one.
fn fields(message: &[u8]) -> impl Iterator<Item = Field> {
    let (mut begin, mut ended) = (0, false);
    core::iter::from_fn(move || {
        if ended {
            return None;
        }
        let rest = &message[begin..];
        let equals = begin + memchr::memchr(b'=', rest)?;
        let end = equals + memchr::memchr(END, &message[equals..])?;
        let field = Field {
            begin,
            tag: number(&message[begin..equals]).filter(|tag| *tag != 0),
            value: equals + 1..end,
        };
        begin = end + 1;
        ended = field.tag == Some(CHECK_SUM);
        Some(field)
    })
}

/// A number of 32 bits; what is beyond is left out.
fn number(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u32, |number, digit| {
        let digit = char::from(*digit).to_digit(10)?;
        Some(number.wrapping_mul(10).wrapping_add(digit))
    })
}

/// Whether it is valid; nothing if that cannot be told yet.
fn is_valid(message: &[u8]) -> Option<bool> {
    if message.len() < MESSAGE_BYTES_MIN {
        return None;
    }
    let mut fields = fields(message);
    let begin = fields.next()?;
    let version = VERSIONS
        .iter()
        .find(|it| *it.0 == message[begin.value.clone()]);
    let Some((_, last)) = version.filter(|_| begin.tag == Some(BEGIN_STRING)) else {
        return Some(false);
    };
    let length = fields.next()?;
    let body = length.value.end + 1;
    let Some(bytes) = number(&message[length.value]).filter(|_| length.tag == Some(BODY_LENGTH))
    else {
        return Some(false);
    };
    if fields.next()?.tag != Some(MSG_TYPE) {
        return Some(false);
    }
    for Field { begin, tag, value } in fields {
        match tag {
            Some(CHECK_SUM) => {
                let sum = message[..begin]
                    .iter()
                    .fold(0, |sum: u8, byte| sum.wrapping_add(*byte));
                let right = begin - body == bytes as usize
                    && value.len() == 3
                    && number(&message[value]) == Some(u32::from(sum));
                return Some(right);
            }
            Some(tag) if tag <= *last || USER_DEFINED.contains(&tag) => {}
            Some(_) | None => return Some(false),
        }
    }
    None
}

/// A tag by its number or by one of a few names.
fn check_tag(args: &mut Args, _: &mut dyn Names) -> Result<(), String> {
    let name = args.text(0).unwrap_or_default();
    let known = NAMES
        .iter()
        .find(|it| it.0.as_bytes().eq_ignore_ascii_case(name));
    let tag = known
        .map(|it| it.1)
        .or_else(|| number(name))
        .filter(|tag| *tag != 0);
    let Some(tag) = tag else {
        return Err(format!("Unknown FIX tag name '{}'", name.escape_ascii()));
    };
    args.0 = Box::new([Some(Arg::Int(i64::from(tag)))]);
    Ok(())
}

fn tag_value<'a>(value: Value<'a>, args: &'a Args, work: &mut Work) -> Option<Value<'a>> {
    let Value::Bytes(message) = value else {
        return None;
    };
    let wanted = args.int(0);
    let found = fields(&message)
        .take_while(|field| field.tag.is_some())
        .find(|field| field.tag.map(i64::from) == wanted)
        .filter(|field| !field.value.is_empty());
    let range = found.map(|field| field.value);
    match range {
        Some(range) => Some(Value::Bytes(cut(message, range))),
        None => {
            work.done(Value::Bytes(message));
            None
        }
    }
}

/// What every field ends with.
const END: u8 = 1;

/// The shortest message: three fields and the checksum.
const MESSAGE_BYTES_MIN: usize = 26;

const BEGIN_STRING: u32 = 8;
const BODY_LENGTH: u32 = 9;
const CHECK_SUM: u32 = 10;
const MSG_TYPE: u32 = 35;

/// The tags that arguments may name.
const NAMES: &[(&str, u32)] = &[
    ("BeginString", BEGIN_STRING),
    ("BodyLength", BODY_LENGTH),
    ("MsgType", MSG_TYPE),
    ("SenderCompID", 49),
    ("TargetCompID", 56),
    ("CheckSum", CHECK_SUM),
];

/// The versions, and the last tag that each of them knows.
const VERSIONS: &[(&[u8], u32)] = &[
    (b"FIX.4.0", 140),
    (b"FIX.4.1", 211),
    (b"FIX.4.2", 446),
    (b"FIX.4.3", 659),
    (b"FIX.4.4", 956),
    (b"FIXT.1.1", 1621),
];

/// Tags that anyone may use for anything.
const USER_DEFINED: Range<u32> = 10_000..20_000;
