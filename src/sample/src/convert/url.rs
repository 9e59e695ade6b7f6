//! Percent-encoding (RFC 3986 §2.1): `url_dec`, `url_enc`.

use super::Converter;
use crate::args::{Args, Kind, Signature};
use crate::names::Names;
use crate::value::{Type, Value};
use crate::work::Work;
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

pub(super) const CONVERTERS: &[Converter] = &[
    Converter {
        name: "url_dec",
        doc: "Without percent-encoding; `+` is a space in a query, or anywhere if the argument is not 0.",
        args: Signature::new(0, &[Kind::Int]),
        input: Type::Text,
        output: Type::Text,
        check: None,
        run: url_dec,
    },
    Converter {
        name: "url_enc",
        doc: "Percent-encoded, as in a query.",
        args: Signature::new(1, &[Kind::Text]),
        input: Type::Text,
        output: Type::Text,
        check: Some(check_enc),
        run: url_enc,
    },
];

fn url_dec<'a>(value: Value<'a>, args: &'a Args, work: &mut Work) -> Option<Value<'a>> {
    let Value::Text(text) = value else {
        return None;
    };
    let in_form = args.int(0).is_some_and(|form| form != 0);
    if memchr::memchr2(b'%', b'+', &text).is_none() {
        return Some(Value::Text(text));
    }
    let mut own = work.own(text);
    if decode(&mut own, in_form).is_none() {
        work.give(own);
        return None;
    }
    Some(Value::Text(Cow::Owned(own)))
}

/// Decodes in place; nothing if a percent sign is not followed by two digits.
fn decode(text: &mut Vec<u8>, mut in_form: bool) -> Option<()> {
    let (mut read, mut written) = (0, 0);
    while let Some(byte) = text.get(read).copied() {
        let (decoded, taken) = match byte {
            b'+' if in_form => (b' ', 1),
            b'%' => {
                let digit = |at: usize| char::from(*text.get(read + at)?).to_digit(16);
                ((digit(1)? << 4 | digit(2)?) as u8, 3)
            }
            byte => (byte, 1),
        };
        in_form |= byte == b'?';
        text[written] = decoded;
        written += 1;
        read += taken;
    }
    text.truncate(written);
    Some(())
}

fn check_enc(args: &mut Args, _: &mut dyn Names) -> Result<(), String> {
    match args.text(0) {
        None | Some(b"" | b"query") => Ok(()),
        Some(_) => Err("Unexpected encode type. Allowed value is 'query'".into()),
    }
}

fn url_enc<'a>(value: Value<'a>, _: &'a Args, work: &mut Work) -> Option<Value<'a>> {
    let Value::Text(text) = &value else {
        return None;
    };
    let mut encoded = work.buffer();
    for byte in text.iter() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(*byte);
            }
            byte => {
                let digit = |four_bits: u8| DIGITS[usize::from(four_bits)];
                encoded.extend_from_slice(&[b'%', digit(byte >> 4), digit(byte & 15)]);
            }
        }
        // The reference leaves a place for the NUL and one more.
        if encoded.len() + 1 >= work.bufsize {
            work.give(encoded);
            work.done(value);
            return None;
        }
    }
    work.done(value);
    Some(Value::Text(Cow::Owned(encoded)))
}

const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
