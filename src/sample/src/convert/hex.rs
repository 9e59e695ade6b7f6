//! Bytes as digits and back: `hex`, `hex2i`, `be2hex`, `be2dec`, `le2dec`.

use super::Converter;
use crate::args::{Args, Kind, Signature};
use crate::names::Names;
use crate::value::{Type, Value};
use crate::work::Work;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

pub(super) const CONVERTERS: &[Converter] = &[
    Converter {
        name: "hex",
        doc: "Two hexadecimal digits a byte, in upper case.",
        args: Signature::NONE,
        input: Type::Bytes,
        output: Type::Text,
        check: None,
        run: |value, _, work| hex(value, &[], usize::MAX, false, work),
    },
    Converter {
        name: "hex2i",
        doc: "The number that hexadecimal digits make.",
        args: Signature::NONE,
        input: Type::Text,
        output: Type::Int,
        check: None,
        run: hex2i,
    },
    Converter {
        name: "be2hex",
        doc: "Two hexadecimal digits a byte, with a separator between chunks.",
        args: Signature::new(0, &[Kind::Text, Kind::Int, Kind::Int]),
        input: Type::Bytes,
        output: Type::Text,
        check: Some(check_be2hex),
        run: |value, args, work| {
            let (separator, chunk) = (args.text(0).unwrap_or_default(), chunk(args));
            hex(value, separator, chunk, truncates(args), work)
        },
    },
    Converter {
        name: "be2dec",
        doc: "Chunks of bytes as decimal numbers, the first byte highest.",
        args: Signature::new(2, &[Kind::Text, Kind::Int, Kind::Int]),
        input: Type::Bytes,
        output: Type::Text,
        check: Some(check_dec),
        run: |value, args, work| {
            dec(value, args, work, |chunk| {
                chunk
                    .iter()
                    .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
            })
        },
    },
    Converter {
        name: "le2dec",
        doc: "Chunks of bytes as decimal numbers, the first byte lowest.",
        args: Signature::new(2, &[Kind::Text, Kind::Int, Kind::Int]),
        input: Type::Bytes,
        output: Type::Text,
        check: Some(check_dec),
        run: |value, args, work| {
            dec(value, args, work, |chunk| {
                let bytes = chunk.iter().rev();
                bytes.fold(0, |sum, byte| sum << 8 | u64::from(*byte))
            })
        },
    },
];

fn check_be2hex(args: &mut Args, _: &mut dyn Names) -> Result<(), String> {
    let chunk = args.int(1).unwrap_or(0);
    let separated = args.text(0).is_some_and(|it| !it.is_empty());
    if chunk < 0 || (chunk == 0 && (separated || args.len() > 1)) {
        return Err(format!("chunk_size needs to be positive ({chunk})"));
    }
    check_truncate(args)
}

fn check_dec(args: &mut Args, _: &mut dyn Names) -> Result<(), String> {
    let chunk = args.int(1).unwrap_or(0);
    if !(1..=8).contains(&chunk) {
        return Err(format!("chunk_size out of [1..8] range ({chunk})"));
    }
    check_truncate(args)
}

fn check_truncate(args: &Args) -> Result<(), String> {
    match args.int(2) {
        None | Some(0 | 1) => Ok(()),
        Some(other) => Err(format!("Unsupported truncate value ({other})")),
    }
}

/// How many bytes make a chunk; 0 was only accepted where there is none.
fn chunk(args: &Args) -> usize {
    match args.int(1) {
        None | Some(0) => usize::MAX,
        Some(chunk) => usize::try_from(chunk).unwrap_or(usize::MAX),
    }
}

/// Whether a chunk that is not full at the end is left out.
fn truncates(args: &Args) -> bool {
    args.int(2) == Some(1)
}

fn hex<'a>(
    value: Value<'a>,
    separator: &[u8],
    chunk: usize,
    truncate: bool,
    work: &mut Work,
) -> Option<Value<'a>> {
    let Value::Bytes(bytes) = &value else {
        return None;
    };
    let whole = if truncate {
        bytes.len() - bytes.len() % chunk
    } else {
        bytes.len()
    };
    let limit = work.bufsize;
    // Without a separator all of it fits, or nothing comes out; with one, as many chunks as fit.
    if separator.is_empty() && whole > limit / 2 {
        work.done(value);
        return None;
    }
    let mut out = work.buffer();
    for (at, part) in bytes[..whole].chunks(chunk).enumerate() {
        if at > 0 {
            out.extend_from_slice(separator);
        }
        if !separator.is_empty() && out.len().saturating_add(chunk.saturating_mul(2)) > limit {
            out.truncate(out.len() - if at > 0 { separator.len() } else { 0 });
            break;
        }
        for byte in part {
            out.push(DIGITS[usize::from(byte >> 4)]);
            out.push(DIGITS[usize::from(byte & 15)]);
        }
    }
    work.done(value);
    Some(Value::Text(out.into()))
}

fn hex2i<'a>(value: Value<'a>, _: &'a Args, work: &mut Work) -> Option<Value<'a>> {
    let Value::Text(text) = &value else {
        return None;
    };
    let number = text.iter().try_fold(0, |number: u64, byte| {
        let digit = char::from(*byte).to_digit(16)?;
        Some(match number.checked_mul(16) {
            Some(number) => number | u64::from(digit),
            None => u64::MAX,
        })
    });
    work.done(value);
    // Digits beyond 64 bits give the largest number, which is -1 as a signed one.
    number.map(|number| Value::Int(number as i64))
}

fn dec<'a>(
    value: Value<'a>,
    args: &'a Args,
    work: &mut Work,
    number: fn(&[u8]) -> u64,
) -> Option<Value<'a>> {
    let Value::Bytes(bytes) = &value else {
        return None;
    };
    let (separator, chunk) = (args.text(0).unwrap_or_default(), chunk(args));
    let limit = work.bufsize;
    let mut out: Vec<u8> = work.buffer();
    let mut digits = itoa::Buffer::new();
    for (at, part) in bytes.chunks(chunk).enumerate() {
        if part.len() < chunk && truncates(args) {
            break;
        }
        let separator = if at > 0 { separator } else { &[] };
        let digits = digits.format(number(part)).as_bytes();
        if out.len() + separator.len() + digits.len() >= limit {
            break;
        }
        out.extend_from_slice(separator);
        out.extend_from_slice(digits);
    }
    work.done(value);
    Some(Value::Text(out.into()))
}

const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
