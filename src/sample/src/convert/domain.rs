//! Names of hosts: `host_only`, `port_only`, `reverse_dom`.

use super::{Converter, cut};
use crate::args::{Args, Signature};
use crate::value::{Type, Value};
use crate::work::Work;
use alloc::borrow::Cow;

pub(super) const CONVERTERS: &[Converter] = &[
    Converter {
        name: "host_only",
        doc: "A host without its port, in lower case.",
        args: Signature::NONE,
        input: Type::Text,
        output: Type::Text,
        check: None,
        run: host_only,
    },
    Converter {
        name: "port_only",
        doc: "The port behind a host, 0 without one.",
        args: Signature::NONE,
        input: Type::Text,
        output: Type::Int,
        check: None,
        run: port_only,
    },
    Converter {
        name: "reverse_dom",
        doc: "The labels of a host's name, the last one first.",
        args: Signature::NONE,
        input: Type::Text,
        output: Type::Text,
        check: None,
        run: reverse_dom,
    },
];

/// Where the colon before the port is. A bracket behind all colons closes an address without one.
fn colon(text: &[u8]) -> Option<usize> {
    let last = memchr::memrchr2(b':', b']', text)?;
    (text[last] == b':').then_some(last)
}

fn host_only<'a>(value: Value<'a>, _: &'a Args, work: &mut Work) -> Option<Value<'a>> {
    let Value::Text(text) = value else {
        return None;
    };
    let end = colon(&text).unwrap_or(text.len());
    let mut own = work.own(cut(text, 0..end));
    own.make_ascii_lowercase();
    Some(Value::Text(Cow::Owned(own)))
}

fn port_only<'a>(value: Value<'a>, _: &'a Args, work: &mut Work) -> Option<Value<'a>> {
    let Value::Text(text) = &value else {
        return None;
    };
    let digits = colon(text).map_or(&b""[..], |colon| &text[colon + 1..]);
    // The reference takes each character for a digit, and has 32 bits for them.
    let port = digits.iter().fold(0_u32, |port, byte| {
        let digit = u32::from(*byte).wrapping_sub(u32::from(b'0'));
        port.wrapping_mul(10).wrapping_add(digit)
    });
    work.done(value);
    Some(Value::Int(port.into()))
}

fn reverse_dom<'a>(value: Value<'a>, _: &'a Args, work: &mut Work) -> Option<Value<'a>> {
    let Value::Text(text) = &value else {
        return None;
    };
    let name = text.strip_suffix(b".").unwrap_or(text);
    let mut reversed = work.buffer();
    for label in name.rsplit(|byte| *byte == b'.') {
        if label.is_empty() {
            reversed.clear();
            break;
        }
        if !reversed.is_empty() {
            reversed.push(b'.');
        }
        reversed.extend_from_slice(label);
    }
    work.done(value);
    if reversed.is_empty() {
        work.give(reversed);
        return None;
    }
    Some(Value::Text(Cow::Owned(reversed)))
}
