//! Texts put together: `concat`, `add_item`.

use super::Converter;
use crate::args::{Arg, Args, Kind, Signature};
use crate::cast::cast;
use crate::names::Names;
use crate::value::{Type, Value};
use crate::work::Work;
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;

pub(super) const CONVERTERS: &[Converter] = &[
    Converter {
        name: "concat",
        doc: "The text with a text, what a variable holds and another text behind it.",
        args: Signature::new(1, PARTS),
        input: Type::Text,
        output: Type::Text,
        check: Some(|args, names| variable(args, 1, names)),
        run: concat,
    },
    Converter {
        name: "add_item",
        doc: "The same, with a delimiter only between what is not empty.",
        args: Signature::new(2, PARTS),
        input: Type::Text,
        output: Type::Text,
        check: Some(check_item),
        run: add_item,
    },
];

const PARTS: &[Kind] = &[Kind::Text, Kind::Text, Kind::Text];

/// Makes the argument at `at` the variable it names; an empty one names none.
pub(super) fn variable(args: &mut Args, at: usize, names: &mut dyn Names) -> Result<(), String> {
    if let Some(Some(arg)) = args.0.get_mut(at)
        && let Arg::Text(text) = arg
        && !text.is_empty()
    {
        let name = String::from_utf8_lossy(text);
        let none = |_| format!("failed to register variable name '{name}'");
        let variable = names.variable(&name).map_err(none)?;
        *arg = Arg::Variable(variable);
    }
    Ok(())
}

fn check_item(args: &mut Args, names: &mut dyn Names) -> Result<(), String> {
    let given = |at: usize| args.text(at).is_some_and(|text| !text.is_empty());
    if !given(1) && !given(2) {
        return Err("one of the optional arguments has to be nonempty".into());
    }
    variable(args, 1, names)
}

/// What the variable at `at` holds, as text; nothing where there is none.
fn held(args: &Args, at: usize, work: &mut Work) -> Option<Cow<'static, [u8]>> {
    let value = work.variable(args.variable(at)?)?;
    match cast(value, Type::Text, work)? {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

fn concat<'a>(value: Value<'a>, args: &'a Args, work: &mut Work) -> Option<Value<'a>> {
    let start = args.text(0).unwrap_or_default();
    let held = held(args, 1, work);
    join(value, start, held, args.text(2), work)
}

fn add_item<'a>(value: Value<'a>, args: &'a Args, work: &mut Work) -> Option<Value<'a>> {
    let Value::Text(text) = &value else {
        return None;
    };
    let held = held(args, 1, work);
    let suffix = args.text(2);
    let item = [held.as_deref(), suffix];
    let adds = item.into_iter().flatten().any(|part| !part.is_empty());
    let delimiter = match adds && !text.is_empty() {
        true => args.text(0).unwrap_or_default(),
        false => &[],
    };
    join(value, delimiter, held, suffix, work)
}

/// All of them one behind the other; nothing if they do not fit into a buffer.
fn join<'a>(
    value: Value<'a>,
    start: &[u8],
    held: Option<Cow<'static, [u8]>>,
    end: Option<&[u8]>,
    work: &mut Work,
) -> Option<Value<'a>> {
    let Value::Text(text) = value else {
        return None;
    };
    let mut joined = work.own(text);
    joined.extend_from_slice(start);
    if let Some(held) = held {
        joined.extend_from_slice(&held);
        work.done(Value::Text(held));
    }
    joined.extend_from_slice(end.unwrap_or_default());
    if joined.len() >= work.bufsize {
        work.give(joined);
        return None;
    }
    Some(Value::Text(Cow::Owned(joined)))
}
