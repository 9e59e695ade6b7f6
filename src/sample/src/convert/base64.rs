//! Bytes as letters and back: base64 in its two alphabets, and as zeros and ones.

use super::Converter;
use crate::args::Signature;
use crate::base64;
use crate::value::{Type, Value};
use crate::work::Work;
use alloc::borrow::Cow;
use alloc::vec::Vec;

pub(super) const CONVERTERS: &[Converter] = &[
    Converter {
        name: "base64",
        doc: "Bytes in base64 (RFC 4648 §4).",
        args: Signature::NONE,
        input: Type::Bytes,
        output: Type::Text,
        check: None,
        run: |value, _, work| encode(value, work, fits_base64, base64::encode),
    },
    Converter {
        name: "ub64enc",
        doc: "Bytes in base64 for URLs (RFC 4648 §5).",
        args: Signature::NONE,
        input: Type::Bytes,
        output: Type::Text,
        check: None,
        run: |value, _, work| encode(value, work, fits_base64, base64::encode_url),
    },
    Converter {
        name: "base2",
        doc: "Eight zeros and ones a byte.",
        args: Signature::NONE,
        input: Type::Bytes,
        output: Type::Text,
        check: None,
        run: |value, _, work| encode(value, work, |count, most| count <= most / 8, base2),
    },
    Converter {
        name: "b64dec",
        doc: "What base64 stands for (RFC 4648 §4).",
        args: Signature::NONE,
        input: Type::Text,
        output: Type::Bytes,
        check: None,
        run: |value, _, work| decode(value, work, base64::decode),
    },
    Converter {
        name: "ub64dec",
        doc: "What base64 for URLs stands for (RFC 4648 §5).",
        args: Signature::NONE,
        input: Type::Text,
        output: Type::Bytes,
        check: None,
        run: |value, _, work| decode(value, work, base64::decode_url),
    },
];

/// Whether the digits of so many bytes, padded, and a NUL fit into a buffer.
const fn fits_base64(count: usize, bufsize: usize) -> bool {
    count.div_ceil(3) * 4 < bufsize
}

fn base2(bytes: &[u8], out: &mut Vec<u8>) {
    for byte in bytes {
        out.extend((0..8).rev().map(|bit| b'0' + (byte >> bit & 1)));
    }
}

fn encode<'a>(
    value: Value<'a>,
    work: &mut Work,
    fits: fn(usize, usize) -> bool,
    encode: fn(&[u8], &mut Vec<u8>),
) -> Option<Value<'a>> {
    let Value::Bytes(bytes) = &value else {
        return None;
    };
    let fits = fits(bytes.len(), work.bufsize);
    let mut text = work.buffer();
    if fits {
        encode(bytes, &mut text);
    }
    work.done(value);
    if !fits {
        work.give(text);
        return None;
    }
    Some(Value::Text(Cow::Owned(text)))
}

fn decode<'a>(
    value: Value<'a>,
    work: &mut Work,
    decode: fn(&[u8], &mut Vec<u8>) -> Option<()>,
) -> Option<Value<'a>> {
    let Value::Text(text) = &value else {
        return None;
    };
    let mut bytes = work.buffer();
    let decoded = decode(text, &mut bytes);
    work.done(value);
    if decoded.is_none() {
        work.give(bytes);
        return None;
    }
    Some(Value::Bytes(Cow::Owned(bytes)))
}
