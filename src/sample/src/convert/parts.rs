//! Parts of texts: `field`, `word`, `param`, `bytes`.

use super::{Converter, cut, operand};
use crate::args::{Arg, Args, Kind, Signature};
use crate::cast::cast;
use crate::names::Names;
use crate::value::{Type, Value};
use crate::work::Work;
use alloc::borrow::Cow;
use alloc::string::String;
use core::ops::Range;

pub(super) const CONVERTERS: &[Converter] = &[
    Converter {
        name: "field",
        doc: "The nth field between delimiters, and those that follow it up to a number.",
        args: PLACE,
        input: Type::Text,
        output: Type::Text,
        check: Some(check_place),
        run: |value, args, work| part(value, args, work, field),
    },
    Converter {
        name: "word",
        doc: "The nth field that is not empty, and those that follow it up to a number.",
        args: PLACE,
        input: Type::Text,
        output: Type::Text,
        check: Some(check_place),
        run: |value, args, work| part(value, args, work, word),
    },
    Converter {
        name: "param",
        doc: "What a name is given by `name=value` between delimiters.",
        args: Signature::new(1, &[Kind::Text, Kind::Text]),
        input: Type::Text,
        output: Type::Text,
        check: Some(check_param),
        run: param,
    },
    Converter {
        name: "bytes",
        doc: "The bytes from an offset on, and no more than a number of them.",
        args: Signature::new(1, &[Kind::Text, Kind::Text]),
        // Whatever it is: a text stays one.
        input: Type::Any,
        output: Type::Bytes,
        check: Some(check_bytes),
        run: bytes,
    },
];

const PLACE: Signature = Signature::new(2, &[Kind::Int, Kind::Text, Kind::Int]);

fn check_place(args: &mut Args, _: &mut dyn Names) -> Result<(), String> {
    if args.int(0) == Some(0) {
        return Err("Unexpected value 0 for index".into());
    }
    if args.text(1).is_none_or(<[u8]>::is_empty) {
        return Err("Empty separators list".into());
    }
    Ok(())
}

/// Where a part begins and ends, of a text that is read from the beginning or from the end.
type Find = fn(&mut dyn Iterator<Item = bool>, usize, usize, usize) -> Option<Range<usize>>;

fn part<'a>(value: Value<'a>, args: &'a Args, work: &mut Work, find: Find) -> Option<Value<'a>> {
    let Value::Text(text) = value else {
        return None;
    };
    let index = args.int(0).unwrap_or(1);
    let delimiters = args.text(1).unwrap_or_default();
    // The reference counts parts with 32 bits, and none or less than none are all of them.
    let count = args.int(2).map_or(1, |count| count as i32);
    let count = usize::try_from(count).ok().filter(|count| *count > 0);
    let count = count.unwrap_or(usize::MAX);
    let nth = usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX);
    let length = text.len();
    let mut is_delimiter = text.iter().map(|byte| delimiters.contains(byte));
    let found = if index > 0 {
        find(&mut is_delimiter, nth, count, length)
    } else {
        let from_end = find(&mut is_delimiter.rev(), nth, count, length);
        from_end.map(|it| length - it.end..length - it.start)
    };
    match found {
        Some(found) => Some(Value::Text(cut(text, found))),
        None => {
            work.done(Value::Text(text));
            None
        }
    }
}

/// The place of fields `nth` to `nth + count - 1`.
fn field(
    is_delimiter: &mut dyn Iterator<Item = bool>,
    nth: usize,
    count: usize,
    length: usize,
) -> Option<Range<usize>> {
    let mut delimiters = is_delimiter.enumerate().filter(|it| it.1).map(|it| it.0);
    let start = match nth {
        0 | 1 => 0,
        nth => delimiters.nth(nth - 2)? + 1,
    };
    let end = delimiters.nth(count - 1).unwrap_or(length);
    Some(start..end)
}

/// The place of words `nth` to `nth + count - 1`; if there are too few, all there is behind the first.
fn word(
    is_delimiter: &mut dyn Iterator<Item = bool>,
    nth: usize,
    count: usize,
    length: usize,
) -> Option<Range<usize>> {
    let mut start = None;
    let mut words = 0_usize;
    let mut inside = false;
    for (at, is_delimiter) in is_delimiter.enumerate() {
        let ends = inside && is_delimiter;
        if ends && start.is_some() && words - nth == count - 1 {
            return start.map(|start| start..at);
        }
        if !inside && !is_delimiter {
            words += 1;
            if words == nth {
                start = Some(at);
            }
        }
        inside = !is_delimiter;
    }
    start.map(|start| start..length)
}

fn check_param(args: &mut Args, _: &mut dyn Names) -> Result<(), String> {
    let Some(Some(Arg::Text(text))) = args.0.get_mut(1) else {
        return Ok(());
    };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let delimiter = match text[..] {
        [delimiter] => Some(delimiter),
        [b'0', b'x', high, low] => digit(high)
            .zip(digit(low))
            .map(|(high, low)| (high << 4 | low) as u8),
        _ => None,
    };
    let Some(delimiter) = delimiter else {
        return Err(
            "Delimiter must be either exactly 1 character, or 0xHH for an ASCII code .".into(),
        );
    };
    *text = [delimiter].into();
    Ok(())
}

fn param<'a>(value: Value<'a>, args: &'a Args, work: &mut Work) -> Option<Value<'a>> {
    let Value::Text(text) = value else {
        return None;
    };
    let name = args.text(0).unwrap_or_default();
    let delimiter = args.text(1).and_then(|it| it.first()).unwrap_or(&b'&');
    let mut start = 0;
    let mut found = None;
    // Nothing behind the last delimiter is no parameter.
    while start < text.len() {
        let rest = &text[start..];
        let end = memchr::memchr(*delimiter, rest).unwrap_or(rest.len());
        match rest[..end].strip_prefix(name) {
            Some([b'=', ..]) => found = Some(start + name.len() + 1..start + end),
            Some([]) => found = Some(start + end..start + end),
            _ => {}
        }
        if found.is_some() {
            break;
        }
        start += end + 1;
    }
    match found {
        Some(found) => Some(Value::Text(cut(text, found))),
        None => {
            work.done(Value::Text(text));
            None
        }
    }
}

fn check_bytes(args: &mut Args, names: &mut dyn Names) -> Result<(), String> {
    operand::read(args, 0, names)?;
    if args.int(0).is_some_and(|offset| offset < 0) {
        return Err("expects a non-negative integer".into());
    }
    operand::read(args, 1, names)?;
    if args.int(1).is_some_and(|length| length < 1) {
        return Err("expects a positive integer".into());
    }
    Ok(())
}

fn bytes<'a>(value: Value<'a>, args: &'a Args, work: &mut Work) -> Option<Value<'a>> {
    let value = match value {
        text @ (Value::Text(_) | Value::Method(_)) => cast(text, Type::Text, work)?,
        value => cast(value, Type::Bytes, work)?,
    };
    let bytes = match &value {
        Value::Text(bytes) | Value::Bytes(bytes) => bytes,
        _ => return None,
    };
    let Some(range) = range(bytes.len(), args, work) else {
        work.done(value);
        return None;
    };
    let cut = |bytes: Cow<'a, [u8]>| cut(bytes, range);
    Some(match value {
        Value::Text(text) => Value::Text(cut(text)),
        Value::Bytes(bytes) => Value::Bytes(cut(bytes)),
        other => other,
    })
}

/// What `bytes` keeps of so many bytes.
fn range(length: usize, args: &Args, work: &mut Work) -> Option<Range<usize>> {
    let offset = usize::try_from(operand::get(args, 0, work)?).ok()?;
    let start = offset.min(length);
    let most = match args.get(1) {
        None => usize::MAX,
        Some(_) => usize::try_from(operand::get(args, 1, work)?).ok()?,
    };
    Some(start..length.min(start.saturating_add(most)))
}
