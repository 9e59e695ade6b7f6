//! Arithmetic with 64 bits and a sign: what does not fit is the nearest number that does.

use super::{Check, Converter, operand};
use crate::args::{Args, Kind, Signature};
use crate::value::{Type, Value};
use crate::work::Work;
use alloc::borrow::Cow;

pub(super) const CONVERTERS: &[Converter] = &[
    binary("add", "The sum with a number.", |value, args, work| {
        with(value, args, work, i64::saturating_add)
    }),
    binary(
        "sub",
        "The difference from a number.",
        |value, args, work| with(value, args, work, i64::saturating_sub),
    ),
    binary("mul", "The product with a number.", |value, args, work| {
        with(value, args, work, i64::saturating_mul)
    }),
    binary(
        "div",
        "The quotient; by 0, the largest number.",
        |value, args, work| {
            with(value, args, work, |left, right| match right {
                0 => i64::MAX,
                right => left.saturating_div(right),
            })
        },
    ),
    binary(
        "mod",
        "The remainder of the division; by 0, 0.",
        |value, args, work| {
            with(value, args, work, |left, right| {
                left.checked_rem(right).unwrap_or(0)
            })
        },
    ),
    binary("and", "The bits both have.", |value, args, work| {
        with(value, args, work, |left, right| left & right)
    }),
    binary("or", "The bits one of both has.", |value, args, work| {
        with(value, args, work, |left, right| left | right)
    }),
    binary("xor", "The bits only one has.", |value, args, work| {
        with(value, args, work, |left, right| left ^ right)
    }),
    unary("neg", "The opposite.", Type::Int, |value, _, _| {
        Some(Value::Int(int(&value)?.saturating_neg()))
    }),
    unary(
        "cpl",
        "All bits the other way.",
        Type::Int,
        |value, _, _| Some(Value::Int(!int(&value)?)),
    ),
    unary("not", "Whether it is 0.", Type::Bool, |value, _, _| {
        Some(Value::Bool(int(&value)? == 0))
    }),
    unary("bool", "Whether it is not 0.", Type::Bool, |value, _, _| {
        Some(Value::Bool(int(&value)? != 0))
    }),
    unary("even", "Whether it is even.", Type::Bool, |value, _, _| {
        Some(Value::Bool(int(&value)? & 1 == 0))
    }),
    unary("odd", "Whether it is odd.", Type::Bool, |value, _, _| {
        Some(Value::Bool(int(&value)? & 1 == 1))
    }),
    unary(
        "htonl",
        "Its lowest 32 bits as bytes, the highest first.",
        Type::Bytes,
        htonl,
    ),
    Converter {
        name: "iif",
        doc: "One text if it is true, the other one if it is not.",
        args: Signature::new(2, &[Kind::Text, Kind::Text]),
        input: Type::Bool,
        output: Type::Text,
        check: None,
        run: |value, args, _| match value {
            Value::Bool(it) => args.text(usize::from(!it)).map(Value::text),
            _ => None,
        },
    },
];

const READ: Check = |args, names| operand::read(args, 0, names);

type Run = for<'a> fn(Value<'a>, &'a Args, &mut Work) -> Option<Value<'a>>;

const fn binary(name: &'static str, doc: &'static str, run: Run) -> Converter {
    Converter {
        name,
        doc,
        args: Signature::new(1, &[Kind::Text]),
        input: Type::Int,
        output: Type::Int,
        check: Some(READ),
        run,
    }
}

const fn unary(name: &'static str, doc: &'static str, output: Type, run: Run) -> Converter {
    Converter {
        name,
        doc,
        args: Signature::NONE,
        input: Type::Int,
        output,
        check: None,
        run,
    }
}

const fn int(value: &Value<'_>) -> Option<i64> {
    match value {
        Value::Int(number) => Some(*number),
        _ => None,
    }
}

fn with<'a>(
    value: Value<'a>,
    args: &'a Args,
    work: &mut Work,
    make: fn(i64, i64) -> i64,
) -> Option<Value<'a>> {
    let left = int(&value)?;
    let right = operand::get(args, 0, work)?;
    Some(Value::Int(make(left, right)))
}

fn htonl<'a>(value: Value<'a>, _: &'a Args, work: &mut Work) -> Option<Value<'a>> {
    let mut bytes = work.buffer();
    bytes.extend_from_slice(&(int(&value)? as u32).to_be_bytes());
    Some(Value::Bytes(Cow::Owned(bytes)))
}
