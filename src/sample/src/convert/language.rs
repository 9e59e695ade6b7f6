//! `language`: what a client would like to read most (RFC 9110 §12.5.4).

use super::Converter;
use crate::args::{Args, Kind, Signature};
use crate::value::{Type, Value};
use crate::work::Work;

pub(super) const CONVERTERS: &[Converter] = &[Converter {
    name: "language",
    doc: "Of some languages, the one with the highest weight in an `accept-language`.",
    args: Signature::new(1, &[Kind::Text, Kind::Text]),
    input: Type::Text,
    output: Type::Text,
    check: None,
    run: language,
}];

fn language<'a>(value: Value<'a>, args: &'a Args, work: &mut Work) -> Option<Value<'a>> {
    let Value::Text(text) = &value else {
        return None;
    };
    let wanted = args.text(0).unwrap_or_default();
    let mut best: Option<(u32, &'a [u8])> = None;
    let mut ranges = text.split(|byte| *byte == b',');
    while let Some(range) = ranges.next() {
        let Some((name, weight)) = weighed(range) else {
            continue;
        };
        let found = wanted
            .split(|byte| *byte == b';')
            .find(|it| speaks(name, it));
        match found {
            // The reference does not look at what follows a language that it was told to leave out.
            Some(_) if weight == Weight::None => drop(ranges.next()),
            Some(found) if weight.thousandths() > best.map_or(0, |best| best.0) => {
                best = Some((weight.thousandths(), found));
            }
            Some(_) | None => {}
        }
    }
    work.done(value);
    let default = args.text(1).filter(|text| !text.is_empty());
    best.map(|best| best.1).or(default).map(Value::text)
}

/// Whether `name` is the language `wanted` or a variant of it.
fn speaks(name: &[u8], wanted: &[u8]) -> bool {
    let rest = name.strip_prefix(wanted);
    !wanted.is_empty() && rest.is_some_and(|rest| matches!(rest, [] | [b'-', ..]))
}

/// How much a language is liked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Weight {
    /// Not at all, and nothing follows that.
    None,
    /// So many thousandths.
    Some(u32),
}

impl Weight {
    const fn thousandths(self) -> u32 {
        match self {
            Self::None => 0,
            Self::Some(thousandths) => thousandths,
        }
    }
}

/// A language and its weight.
fn weighed(range: &[u8]) -> Option<(&[u8], Weight)> {
    let range = blank(range);
    let is_end = |byte: &u8| matches!(byte, b' ' | b'\t' | b';');
    let end = range.iter().position(is_end).unwrap_or(range.len());
    let (name, rest) = range.split_at(end);
    let parameter = match blank(rest) {
        [] => return Some((name, Weight::Some(ONE))),
        [b';', parameter @ ..] => blank(parameter),
        _ => return None,
    };
    let weight = parameter.strip_prefix(b"q").map(blank);
    let weight = weight.and_then(|rest| rest.strip_prefix(b"=")).map(blank);
    Some((name, weight.map_or(Weight::Some(ONE), read)))
}

/// `0.123`; what does not begin with 0 is 1, and what follows three digits is not looked at.
fn read(weight: &[u8]) -> Weight {
    let Some(fraction) = weight.strip_prefix(b"0") else {
        return Weight::Some(ONE);
    };
    let is_digit = |byte: &&u8| byte.is_ascii_digit();
    let (digits, behind) = match fraction.strip_prefix(b".") {
        Some(digits) => digits.split_at(digits.iter().take(3).take_while(is_digit).count()),
        None => (&[][..], fraction),
    };
    let digit = |at: usize| digits.get(at).map_or(0, |byte| u32::from(byte - b'0'));
    match digit(0) * 100 + digit(1) * 10 + digit(2) {
        0 if blank(behind).is_empty() => Weight::None,
        thousandths => Weight::Some(thousandths),
    }
}

/// Without the spaces and tabs it begins with.
fn blank(text: &[u8]) -> &[u8] {
    let is_text = |byte: &u8| !matches!(byte, b' ' | b'\t');
    let start = text.iter().position(is_text).unwrap_or(text.len());
    &text[start..]
}

const ONE: u32 = 1_000;
