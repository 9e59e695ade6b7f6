//! Comparisons that tell nothing by the time they take.

use super::Converter;
use crate::args::{Args, Kind, Signature};
use crate::cast::cast;
use crate::value::{Type, Value};
use crate::work::Work;
use subtle::ConstantTimeEq;

pub(super) const CONVERTERS: &[Converter] = &[Converter {
    name: "secure_memcmp",
    doc: "Whether a variable holds the same bytes, in a time that depends on their number only.",
    args: Signature::new(1, &[Kind::Variable]),
    input: Type::Bytes,
    output: Type::Bool,
    check: None,
    run: secure_memcmp,
}];

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
