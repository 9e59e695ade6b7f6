//! `json_query`: one value of a JSON text.

use super::{Converter, control, cut};
use crate::args::{Args, Kind, Signature};
use crate::json::{self, Found};
use crate::names::Names;
use crate::value::{Type, Value};
use crate::work::Work;
use alloc::borrow::Cow;
use alloc::string::String;

pub(super) const CONVERTERS: &[Converter] = &[Converter {
    name: "json_query",
    doc: "The value at a path of a JSON text; objects have none.",
    args: Signature::new(1, &[Kind::Text, Kind::Text]),
    input: Type::Text,
    output: Type::Any,
    check: Some(check),
    run: json_query,
}];

fn check(args: &mut Args, _: &mut dyn Names) -> Result<(), String> {
    if args.text(0).is_none_or(<[u8]>::is_empty) {
        return Err("json_path must not be empty".into());
    }
    match args.text(1) {
        None | Some(b"" | b"int") => Ok(()),
        Some(_) => Err("output_type only supports \"int\" as argument".into()),
    }
}

fn json_query<'a>(value: Value<'a>, args: &'a Args, work: &mut Work) -> Option<Value<'a>> {
    let Value::Text(text) = value else {
        return None;
    };
    let path = args.text(0).unwrap_or_default();
    let as_int = args.text(1) == Some(b"int");
    query(text, path, as_int, work)
}

/// The value at `path` of `text`.
pub(super) fn query<'a>(
    text: Cow<'a, [u8]>,
    path: &[u8],
    as_int: bool,
    work: &mut Work,
) -> Option<Value<'a>> {
    let found = json::find(&text, path);
    let made = match found {
        Some(Found::Bool(it)) => Some(Value::Bool(it)),
        Some(Found::Number { start, .. }) if as_int => {
            let number = control::number(&text[start..]).0;
            (number.unsigned_abs() <= INT_MAX).then_some(Value::Int(number))
        }
        Some(Found::Number { value, .. }) => {
            let mut shown = work.buffer();
            json::put_number(value, &mut shown);
            Some(Value::Text(Cow::Owned(shown)))
        }
        Some(Found::Array(range)) => return Some(Value::Text(cut(text, range))),
        Some(Found::Text(range)) => {
            let mut plain = work.buffer();
            let done = json::unescape(&text[range], &mut plain);
            match done {
                Some(()) => Some(Value::Text(Cow::Owned(plain))),
                None => {
                    work.give(plain);
                    None
                }
            }
        }
        None => None,
    };
    work.done(Value::Text(text));
    made
}

/// The largest number that JSON's numbers are sure to hold (RFC 8259 §6).
const INT_MAX: u64 = (1 << 53) - 1;
