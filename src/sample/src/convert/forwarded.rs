//! `Forwarded` (RFC 7239): its parameters, and the nodes they name.

use super::{Converter, cut};
use crate::address;
use crate::args::{Args, Kind, Signature};
use crate::cast::cast;
use crate::forwarded::{self, Name, Port};
use crate::value::{Type, Value};
use crate::work::Work;
use alloc::borrow::Cow;

pub(super) const CONVERTERS: &[Converter] = &[
    Converter {
        name: "rfc7239_is_valid",
        doc: "Whether it is one element of `Forwarded` and nothing else.",
        args: Signature::NONE,
        input: Type::Text,
        output: Type::Bool,
        check: None,
        run: |value, _, work| {
            let Value::Text(text) = &value else {
                return None;
            };
            let valid = forwarded::element(text).is_some();
            work.done(value);
            Some(Value::Bool(valid))
        },
    },
    Converter {
        name: "rfc7239_field",
        doc: "A parameter of an element of `Forwarded`, without quotes.",
        args: Signature::new(1, &[Kind::Text]),
        input: Type::Text,
        output: Type::Text,
        check: None,
        run: field,
    },
    Converter {
        name: "rfc7239_n2nn",
        doc: "The name of a node: an address, `unknown`, or what begins with `_`.",
        args: Signature::NONE,
        input: Type::Text,
        output: Type::Any,
        check: None,
        run: node_name,
    },
    Converter {
        name: "rfc7239_n2np",
        doc: "The port of a node: a number, or what begins with `_`.",
        args: Signature::NONE,
        input: Type::Text,
        output: Type::Any,
        check: None,
        run: node_port,
    },
    Converter {
        name: "rfc7239_nn",
        doc: "An address or a text as the name of a node.",
        args: Signature::NONE,
        input: Type::Any,
        output: Type::Text,
        check: None,
        run: to_node_name,
    },
    Converter {
        name: "rfc7239_np",
        doc: "A number or a text as the port of a node.",
        args: Signature::NONE,
        input: Type::Any,
        output: Type::Text,
        check: None,
        run: to_node_port,
    },
];

fn field<'a>(value: Value<'a>, args: &'a Args, work: &mut Work) -> Option<Value<'a>> {
    let Value::Text(text) = value else {
        return None;
    };
    let found = forwarded::element(&text).and_then(|element| {
        let mut parameters = element.into_iter().flatten();
        let wanted = args.text(0).unwrap_or_default();
        parameters.find(|parameter| parameter.name == wanted)
    });
    let Some(range) = found.map(|found| found.value) else {
        work.done(Value::Text(text));
        return None;
    };
    Some(Value::Text(cut(text, range)))
}

fn node_name<'a>(value: Value<'a>, _: &'a Args, work: &mut Work) -> Option<Value<'a>> {
    let Value::Text(text) = value else {
        return None;
    };
    let name = forwarded::node(&text).map(|node| node.name);
    if let Some(Name::Word(range)) = name {
        return Some(Value::Text(cut(text, range)));
    }
    work.done(Value::Text(text));
    match name? {
        Name::Ip4(address) => Some(Value::Ip4(address)),
        Name::Ip6(address) => Some(Value::Ip6(address)),
        Name::Word(_) => None,
    }
}

fn node_port<'a>(value: Value<'a>, _: &'a Args, work: &mut Work) -> Option<Value<'a>> {
    let Value::Text(text) = value else {
        return None;
    };
    let port = forwarded::node(&text).and_then(|node| node.port);
    if let Some(Port::Word(range)) = port {
        return Some(Value::Text(cut(text, range)));
    }
    work.done(Value::Text(text));
    match port? {
        Port::Number(port) => Some(Value::Int(port.into())),
        Port::Word(_) => None,
    }
}

fn to_node_name<'a>(value: Value<'a>, _: &'a Args, work: &mut Work) -> Option<Value<'a>> {
    if let Value::Ip6(it) = value {
        let mut name = work.buffer();
        name.push(b'[');
        address::write6(it, &mut name);
        name.push(b']');
        return Some(Value::Text(Cow::Owned(name)));
    }
    let is_address = matches!(value, Value::Ip4(_));
    match cast(value, Type::Text, work)? {
        text if is_address => Some(text),
        Value::Text(text) if text.is_empty() => {
            work.done(Value::Text(text));
            Some(Value::text(b"unknown"))
        }
        text => obfuscated(text, work),
    }
}

fn to_node_port<'a>(value: Value<'a>, _: &'a Args, work: &mut Work) -> Option<Value<'a>> {
    match value {
        Value::Int(port) => cast(Value::Int((port as u32).into()), Type::Text, work),
        value => {
            let text = cast(value, Type::Text, work)?;
            obfuscated(text, work)
        }
    }
}

/// A text with `_` before it, if it may stand there.
fn obfuscated<'a>(value: Value<'a>, work: &mut Work) -> Option<Value<'a>> {
    let Value::Text(text) = &value else {
        return None;
    };
    let fits = !text.is_empty() && text.len() < work.bufsize;
    let good = fits && text.iter().all(forwarded::is_obfuscated);
    let mut word = work.buffer();
    if good {
        word.push(b'_');
        word.extend_from_slice(text);
    }
    work.done(value);
    if !good {
        work.give(word);
        return None;
    }
    Some(Value::Text(Cow::Owned(word)))
}
