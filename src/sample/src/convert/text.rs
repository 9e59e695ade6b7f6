//! Converters of text as text: case, order, ends.

use super::{Converter, cut};
use crate::args::{Args, Kind, Signature};
use crate::value::{Type, Value};
use crate::work::Work;
use alloc::borrow::Cow;

pub(super) const CONVERTERS: &[Converter] = &[
    Converter {
        name: "lower",
        doc: "Letters of ASCII in lower case.",
        args: Signature::NONE,
        input: Type::Text,
        output: Type::Text,
        check: None,
        run: |value, _, work| change(value, work, <[u8]>::make_ascii_lowercase),
    },
    Converter {
        name: "upper",
        doc: "Letters of ASCII in upper case.",
        args: Signature::NONE,
        input: Type::Text,
        output: Type::Text,
        check: None,
        run: |value, _, work| change(value, work, <[u8]>::make_ascii_uppercase),
    },
    Converter {
        name: "reverse",
        doc: "The last byte first.",
        args: Signature::NONE,
        input: Type::Text,
        output: Type::Text,
        check: None,
        run: |value, _, work| change(value, work, <[u8]>::reverse),
    },
    Converter {
        name: "length",
        doc: "How long a string is, bytes.",
        args: Signature::NONE,
        input: Type::Text,
        output: Type::Int,
        check: None,
        run: length,
    },
    Converter {
        name: "ltrim",
        doc: "Without the given characters at its beginning.",
        args: Signature::new(1, &[Kind::Text]),
        input: Type::Text,
        output: Type::Text,
        check: None,
        run: |value, args, _| {
            let chars = args.text(0).unwrap_or_default();
            let start = |text: &[u8]| text.iter().position(|byte| !chars.contains(byte));
            trim(value, |text| start(text).unwrap_or(text.len())..text.len())
        },
    },
    Converter {
        name: "rtrim",
        doc: "Without the given characters at its end.",
        args: Signature::new(1, &[Kind::Text]),
        input: Type::Text,
        output: Type::Text,
        check: None,
        run: |value, args, _| {
            let chars = args.text(0).unwrap_or_default();
            let last = |text: &[u8]| text.iter().rposition(|byte| !chars.contains(byte));
            trim(value, |text| 0..last(text).map_or(0, |last| last + 1))
        },
    },
    Converter {
        name: "cut_crlf",
        doc: "What stands before the first CR or LF.",
        args: Signature::NONE,
        input: Type::Text,
        output: Type::Text,
        check: None,
        run: |value, _, _| {
            trim(value, |text| {
                0..memchr::memchr2(b'\r', b'\n', text).unwrap_or(text.len())
            })
        },
    },
];

fn change<'a>(value: Value<'a>, work: &mut Work, change: fn(&mut [u8])) -> Option<Value<'a>> {
    let Value::Text(text) = value else {
        return None;
    };
    let mut own = work.own(text);
    change(&mut own);
    Some(Value::Text(Cow::Owned(own)))
}

fn length<'a>(value: Value<'a>, _: &'a Args, work: &mut Work) -> Option<Value<'a>> {
    let Value::Text(text) = &value else {
        return None;
    };
    let length = text.len() as i64;
    work.done(value);
    Some(Value::Int(length))
}

fn trim<'a>(
    value: Value<'a>,
    keep: impl FnOnce(&[u8]) -> core::ops::Range<usize>,
) -> Option<Value<'a>> {
    let Value::Text(text) = value else {
        return None;
    };
    let keep = keep(&text);
    Some(Value::Text(cut(text, keep)))
}
