//! Fields of messages of Protocol Buffers, on their own or within the frames of gRPC.

use super::{Converter, cut};
use crate::args::{Arg, Args, Kind, Signature};
use crate::names::Names;
use crate::value::{Type, Value};
use crate::work::Work;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use core::ops::Range;

pub(super) const CONVERTERS: &[Converter] = &[
    Converter {
        name: "protobuf",
        doc: "A field of a message of Protocol Buffers, raw or as a number of some type.",
        args: FIELD,
        input: Type::Bytes,
        output: Type::Bytes,
        check: Some(check),
        run: |value, args, work| run(value, args, work, |message, its| find(message, 0, its)),
    },
    Converter {
        name: "ungrpc",
        doc: "The same of the first message of gRPC that has such a field.",
        args: FIELD,
        input: Type::Bytes,
        output: Type::Bytes,
        check: Some(check),
        run: |value, args, work| run(value, args, work, find_in_frames),
    },
];

/// `field_number[, field_type]`
const FIELD: Signature = Signature::new(1, &[Kind::Text, Kind::Text]);

/// The field that is wanted: its numbers from the outermost message inwards, and its type.
struct Wanted {
    path: Box<[u32]>,
    kind: Option<Number>,
}

/// How a number is stored, and what it is read as.
#[derive(Clone, Copy)]
enum Number {
    Plain,
    ZigZag,
    Fixed64,
    Double,
    Fixed32,
    Signed32,
    Float,
}

/// How a field is stored.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wire {
    Varint,
    Eight,
    Bytes,
    Four,
}

impl Number {
    fn named(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"int32" | b"int64" | b"uint32" | b"uint64" | b"bool" | b"enum" => Self::Plain,
            b"sint32" | b"sint64" => Self::ZigZag,
            b"fixed64" | b"sfixed64" => Self::Fixed64,
            b"double" => Self::Double,
            b"fixed32" => Self::Fixed32,
            b"sfixed32" => Self::Signed32,
            b"float" => Self::Float,
            _ => return None,
        })
    }

    fn wire(self) -> Wire {
        match self {
            Self::Plain | Self::ZigZag => Wire::Varint,
            Self::Fixed64 | Self::Double => Wire::Eight,
            Self::Fixed32 | Self::Signed32 | Self::Float => Wire::Four,
        }
    }

    fn read(self, bytes: &[u8]) -> Option<i64> {
        Some(match self {
            Self::Plain => varint(bytes)?.0 as i64,
            Self::ZigZag => {
                let number = varint(bytes)?.0;
                (number >> 1) as i64 ^ -((number & 1) as i64)
            }
            Self::Fixed64 => i64::from_le_bytes(*bytes.first_chunk()?),
            Self::Double => unsigned(f64::from_le_bytes(*bytes.first_chunk()?)) as i64,
            Self::Fixed32 => i64::from(u32::from_le_bytes(*bytes.first_chunk()?)),
            Self::Signed32 => i64::from(i32::from_le_bytes(*bytes.first_chunk()?)),
            Self::Float => {
                let number = f32::from_le_bytes(*bytes.first_chunk()?);
                i64::from(signed(f64::from(number)) as u32)
            }
        })
    }
}

/// What a processor of today makes of a number that is no 64 bit integer: the lowest there is.
fn signed(number: f64) -> i64 {
    if (-TWO_TO_63..TWO_TO_63).contains(&number) {
        number as i64
    } else {
        i64::MIN
    }
}

/// The same for integers without a sign, which are made of those with one.
fn unsigned(number: f64) -> u64 {
    if number >= TWO_TO_63 {
        signed(number - TWO_TO_63) as u64 ^ (1 << 63)
    } else {
        signed(number) as u64
    }
}

fn check(args: &mut Args, _: &mut dyn Names) -> Result<(), String> {
    let text = args.text(0).unwrap_or_default();
    let parts = text.split(|byte| *byte == b'.');
    let path: Option<Box<[u32]>> = parts.map(part).collect();
    let path = path
        .filter(|_| !text.is_empty() && !text.ends_with(b"."))
        .ok_or_else(|| "a field number is digits with dots between them".to_string())?;
    let kind = match args.text(1) {
        None => None,
        Some(name) => {
            let kind = Number::named(name).ok_or_else(|| "unknown field type".to_string())?;
            Some(kind)
        }
    };
    args.0 = Box::new([Some(Arg::Made(Arc::new(Wanted { path, kind })))]);
    Ok(())
}

/// One number of a path; what is beyond 32 bits is left out, and nothing is 0.
fn part(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0_u32, |number, digit| {
        let digit = char::from(*digit).to_digit(10)?;
        Some(number.wrapping_mul(10).wrapping_add(digit))
    })
}

/// What looking for a field ends with.
enum Found {
    /// Where its value is, and how it is stored.
    At(Range<usize>, Wire),
    /// It is there and broken.
    Broken,
    /// It is not there.
    Not,
}

fn run<'a>(
    value: Value<'a>,
    args: &'a Args,
    work: &mut Work,
    with: fn(&[u8], &[u32]) -> Found,
) -> Option<Value<'a>> {
    let Value::Bytes(message) = value else {
        return None;
    };
    let Wanted { path, kind } = args.made(0)?;
    let made = match (with(&message, path), kind) {
        (Found::At(range, _), None) => return Some(Value::Bytes(cut(message, range))),
        (Found::At(range, wire), Some(kind)) if kind.wire() == wire => {
            kind.read(&message[range]).map(Value::Int)
        }
        (Found::At(..) | Found::Broken | Found::Not, _) => None,
    };
    work.done(Value::Bytes(message));
    made
}

/// Each frame is a byte that says whether it is compressed, its length in four bytes, and its message.
fn find_in_frames(data: &[u8], path: &[u32]) -> Found {
    let mut at = 0;
    while let Some(length) = data.get(at + 1..).and_then(<[u8]>::first_chunk) {
        let begin = at + FRAME_HEADER_BYTES;
        let end = begin.saturating_add(u32::from_be_bytes(*length) as usize);
        let Some(message) = data.get(begin..end) else {
            break;
        };
        match find(message, begin, path) {
            Found::Not => at = end,
            found => return found,
        }
    }
    Found::Not
}

/// Looks for the field in a message that begins at `begin` of what the answer counts from. Only the
/// first field of each number is looked into.
fn find(message: &[u8], begin: usize, path: &[u32]) -> Found {
    let (mut message, mut begin, mut path) = (message, begin, path);
    while let Some((wanted, inner)) = path.split_first() {
        let Some((key, bytes)) = varint(message).filter(|it| it.1 > 0) else {
            return Found::Not;
        };
        (message, begin) = (&message[bytes..], begin + bytes);
        let is_it = key >> 3 == u64::from(*wanted);
        let Some((wire, prefix, bytes)) = extent(key & 7, message) else {
            let known = matches!(key & 7, 0 | 1 | 2 | 5);
            return if is_it && inner.is_empty() && known {
                Found::Broken
            } else {
                Found::Not
            };
        };
        let value = prefix..prefix + bytes;
        if !is_it {
            (message, begin) = (&message[value.end..], begin + value.end);
        } else if inner.is_empty() {
            return Found::At(begin + value.start..begin + value.end, wire);
        } else if wire == Wire::Bytes {
            (message, begin, path) = (&message[value], begin + prefix, inner);
        } else {
            return Found::Not;
        }
    }
    Found::Not
}

/// How the field is stored whose value `rest` begins with, how long what is in front of that is, and
/// how long it is itself, if it is all there.
fn extent(wire: u64, rest: &[u8]) -> Option<(Wire, usize, usize)> {
    let (wire, prefix, bytes) = match wire {
        0 => (Wire::Varint, 0, varint(rest)?.1),
        1 => (Wire::Eight, 0, 8),
        2 => {
            let (length, prefix) = varint(rest)?;
            (Wire::Bytes, prefix, usize::try_from(length).ok()?)
        }
        5 => (Wire::Four, 0, 4),
        _ => return None,
    };
    let end = prefix.checked_add(bytes)?;
    (end <= rest.len()).then_some((wire, prefix, bytes))
}

/// The number at the beginning, seven bits a byte, and how long it is; 0 of no bytes if there are none.
fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    if bytes.is_empty() {
        return Some((0, 0));
    }
    let mut number = 0;
    for (at, byte) in bytes.iter().take(VARINT_BYTES_MAX).enumerate() {
        number |= u64::from(byte & 127) << (7 * at);
        if byte & 128 == 0 {
            return Some((number, at + 1));
        }
    }
    None
}

const FRAME_HEADER_BYTES: usize = 5;

const VARINT_BYTES_MAX: usize = 10;

const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;
