//! Converters of text as text: case, parts.

use super::Converter;
use crate::args::{Args, Signature};
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
        run: |value, args, work| change_case(value, args, work, <[u8]>::make_ascii_lowercase),
    },
    Converter {
        name: "upper",
        doc: "Letters of ASCII in upper case.",
        args: Signature::NONE,
        input: Type::Text,
        output: Type::Text,
        check: None,
        run: |value, args, work| change_case(value, args, work, <[u8]>::make_ascii_uppercase),
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
];

fn change_case<'a>(
    value: Value<'a>,
    _: &'a Args,
    work: &mut Work,
    change: fn(&mut [u8]),
) -> Option<Value<'a>> {
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
