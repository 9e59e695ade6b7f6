//! Comparisons with what a variable holds.

use super::{Converter, join};
use crate::args::{Args, Kind, Signature};
use crate::cast::cast;
use crate::names::Names;
use crate::value::{Type, Value};
use crate::work::Work;
use alloc::string::String;
use subtle::ConstantTimeEq;

pub(super) const CONVERTERS: &[Converter] = &[
    Converter {
        name: "secure_memcmp",
        doc: "Whether a variable holds the same bytes, in a time that depends on their number only.",
        args: Signature::new(1, &[Kind::Variable]),
        input: Type::Bytes,
        output: Type::Bool,
        check: None,
        run: secure_memcmp,
    },
    Converter {
        name: "strcmp",
        doc: "Less than 0 if the text comes before what a variable holds, 0 if they are equal.",
        args: Signature::new(1, &[Kind::Text]),
        input: Type::Text,
        output: Type::Int,
        check: Some(check_strcmp),
        run: strcmp,
    },
];

fn secure_memcmp<'a>(value: Value<'a>, args: &'a Args, work: &mut Work) -> Option<Value<'a>> {
    let held = args.variable(0).and_then(|name| work.variable(name));
    let held = held.and_then(|held| cast(held, Type::Bytes, work));
    let equal = match (&value, &held) {
        (Value::Bytes(bytes), Some(Value::Bytes(held))) => Some(bool::from(bytes.ct_eq(held))),
        _ => None,
    };
    work.done(value);
    if let Some(held) = held {
        work.done(held);
    }
    equal.map(Value::Bool)
}

fn check_strcmp(args: &mut Args, names: &mut dyn Names) -> Result<(), String> {
    if args.text(0).is_none_or(<[u8]>::is_empty) {
        return Err("missing variable name".into());
    }
    join::variable(args, 0, names)
}

fn strcmp<'a>(value: Value<'a>, args: &'a Args, work: &mut Work) -> Option<Value<'a>> {
    let held = args.variable(0).and_then(|name| work.variable(name));
    let held = held.and_then(|held| cast(held, Type::Text, work));
    let order = match (&value, &held) {
        (Value::Text(text), Some(Value::Text(held))) => Some(order(text, held)),
        _ => None,
    };
    work.done(value);
    if let Some(held) = held {
        work.done(held);
    }
    order.map(Value::Int)
}

/// The difference of the first bytes that differ, unless both texts end as C has it before; then -1 or
/// 1 by their lengths.
fn order(text: &[u8], other: &[u8]) -> i64 {
    let pairs = text.iter().zip(other).take_while(|pair| pair != &(&0, &0));
    let difference = pairs.map(|(one, other)| i64::from(*one) - i64::from(*other));
    let difference = { difference }.find(|difference| *difference != 0);
    difference.unwrap_or(text.len().cmp(&other.len()) as i64)
}
