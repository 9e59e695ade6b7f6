//! Dates as numbers and as text: `date`, `http_date`, `utime` and its like.

use super::Converter;
use crate::args::{Arg, Args, Kind, Signature};
use crate::date::Day;
use crate::names::Names;
use crate::strftime::{self, Moment};
use crate::text::put_padded;
use crate::value::{Type, Value};
use crate::work::Work;
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

pub(super) const CONVERTERS: &[Converter] = &[
    Converter {
        name: "date",
        doc: "The seconds since 1970 of a date in a header (RFC 9110 §5.6.7).",
        args: Signature::NONE,
        input: Type::Text,
        output: Type::Int,
        check: None,
        run: |value, _, work| {
            let Value::Text(text) = &value else {
                return None;
            };
            let seconds = read(text);
            work.done(value);
            seconds.map(Value::Int)
        },
    },
    Converter {
        name: "http_date",
        doc: "A date for a header (RFC 9110 §5.6.7).",
        args: Signature::new(0, &[Kind::Int, Kind::Text]),
        input: Type::Int,
        output: Type::Text,
        check: Some(check_http_date),
        run: http_date,
    },
    formatted(
        "utime",
        "Seconds since 1970 by a format, in UTC.",
        |value, args, work| format_date(value, args, work, Zone::Utc, Parts::Seconds),
    ),
    formatted(
        "ms_utime",
        "Milliseconds since 1970 by a format, in UTC.",
        |value, args, work| format_date(value, args, work, Zone::Utc, Parts::Millis),
    ),
    formatted(
        "us_utime",
        "Microseconds since 1970 by a format, in UTC.",
        |value, args, work| format_date(value, args, work, Zone::Utc, Parts::Micros),
    ),
    formatted(
        "ltime",
        "Seconds since 1970 by a format, in local time.",
        |value, args, work| format_date(value, args, work, Zone::Local, Parts::Seconds),
    ),
    formatted(
        "ms_ltime",
        "Milliseconds since 1970 by a format, in local time.",
        |value, args, work| format_date(value, args, work, Zone::Local, Parts::Millis),
    ),
    formatted(
        "us_ltime",
        "Microseconds since 1970 by a format, in local time.",
        |value, args, work| format_date(value, args, work, Zone::Local, Parts::Micros),
    ),
];

const fn formatted(
    name: &'static str,
    doc: &'static str,
    run: for<'a> fn(Value<'a>, &'a Args, &mut Work) -> Option<Value<'a>>,
) -> Converter {
    Converter {
        name,
        doc,
        args: Signature::new(1, &[Kind::Text, Kind::Int]),
        input: Type::Int,
        output: Type::Text,
        check: None,
        run,
    }
}

#[derive(Clone, Copy)]
enum Zone {
    Utc,
    Local,
}

/// What a number counts.
#[derive(Clone, Copy)]
enum Parts {
    Seconds,
    Millis,
    Micros,
}

impl Parts {
    const fn of_second(self) -> i64 {
        match self {
            Self::Seconds => 1,
            Self::Millis => 1_000,
            Self::Micros => 1_000_000,
        }
    }
}

/// The reference keeps so many bits of a number of seconds, so that the year fits into 32 bits.
const SECONDS_BITS: i64 = (1 << 55) - 1;

fn check_http_date(args: &mut Args, _: &mut dyn Names) -> Result<(), String> {
    let Some(Some(arg)) = args.0.get_mut(1) else {
        return Ok(());
    };
    let parts = match arg {
        Arg::Text(text) => match &text[..] {
            b"s" => Parts::Seconds,
            b"ms" => Parts::Millis,
            b"us" => Parts::Micros,
            text => {
                let text = String::from_utf8_lossy(text);
                return Err(format!("expects 's', 'ms' or 'us', got '{text}'"));
            }
        },
        _ => return Ok(()),
    };
    *arg = Arg::Int(parts.of_second());
    Ok(())
}

fn http_date<'a>(value: Value<'a>, args: &'a Args, work: &mut Work) -> Option<Value<'a>> {
    let Value::Int(number) = value else {
        return None;
    };
    let number = number.wrapping_add(args.int(0).unwrap_or(0));
    let of_second = args.int(1).unwrap_or(1).max(1);
    let moment = Moment::of((number / of_second) & SECONDS_BITS, 0)?;
    let mut text = work.buffer();
    let day = moment.day;
    text.extend_from_slice(moment.weekday_name());
    text.extend_from_slice(b", ");
    put_padded(&mut text, day.day, 2, b'0');
    text.push(b' ');
    text.extend_from_slice(moment.month_name());
    text.push(b' ');
    put_padded(&mut text, day.year as u32, 4, b'0');
    text.push(b' ');
    moment.put_time(&mut text);
    if of_second > 1 {
        text.push(b'.');
        let part = number % of_second;
        text.extend_from_slice(itoa::Buffer::new().format(part).as_bytes());
    }
    text.extend_from_slice(b" GMT");
    Some(Value::Text(Cow::Owned(text)))
}

fn format_date<'a>(
    value: Value<'a>,
    args: &'a Args,
    work: &mut Work,
    zone: Zone,
    parts: Parts,
) -> Option<Value<'a>> {
    let Value::Int(number) = value else {
        return None;
    };
    let seconds = match parts {
        Parts::Seconds => number & SECONDS_BITS,
        Parts::Millis | Parts::Micros => number / parts.of_second(),
    };
    // The offset is one of seconds whatever the number counts.
    let seconds = seconds.wrapping_add(args.int(1).unwrap_or(0));
    let offset = work.utc_offset_minutes;
    let moment = match zone {
        Zone::Utc => Moment::of(seconds, 0)?.in_zone(b"GMT", offset),
        Zone::Local => Moment::of(seconds, offset)?,
    };
    let given = args.text(0).unwrap_or_default();
    let mut text = work.buffer();
    match parts {
        Parts::Seconds => strftime::put(&moment, given, work.bufsize, &mut text),
        Parts::Millis | Parts::Micros => {
            let mut own = work.buffer();
            put_parts(
                given,
                number % parts.of_second(),
                parts,
                work.bufsize,
                &mut own,
            );
            strftime::put(&moment, &own, work.bufsize, &mut text);
            work.give(own);
        }
    }
    Some(Value::Text(Cow::Owned(text)))
}

/// Writes `format` with the parts of a second in the place of `%N`, `%3N` and so on. More than nine
/// digits are nine.
fn put_parts(format: &[u8], part: i64, parts: Parts, most: usize, out: &mut Vec<u8>) {
    let mut digits = [b'0'; 9];
    // Of a negative part, the reference has the digits of the number its bits make.
    let width = match parts {
        Parts::Seconds => 0,
        Parts::Millis => 3,
        Parts::Micros => 6,
    };
    let mut buffer = itoa::Buffer::new();
    let number = buffer.format(part as u64).as_bytes();
    let start = usize::saturating_sub(width, number.len());
    for (digit, byte) in digits[start..].iter_mut().zip(number) {
        *digit = *byte;
    }
    let mut rest = format;
    while let [byte, after @ ..] = rest {
        if out.len() >= most {
            return;
        }
        let count = after.iter().take_while(|it| it.is_ascii_digit()).count();
        rest = match (byte, after.get(count)) {
            (b'%', Some(b'N')) => {
                let width = after[..count].iter().fold(0_usize, |sum, digit| {
                    sum.saturating_mul(10)
                        .saturating_add(usize::from(digit - b'0'))
                });
                let width = if count == 0 { 9 } else { width.min(9) };
                out.extend_from_slice(&digits[..width]);
                &after[count + 1..]
            }
            _ => {
                out.push(*byte);
                after
            }
        };
    }
}

/// One of the three forms of a date in a header; what follows it is not looked at. The seconds are as
/// the reference counts them: a day before 1970 is one of 32 bits without a sign.
fn read(text: &[u8]) -> Option<i64> {
    let mut rest = text;
    let long = strftime::WEEKDAYS.iter().position(|day| {
        let behind = text.strip_prefix(*day);
        behind.is_some_and(|behind| behind.starts_with(b", "))
    });
    let short = || {
        strftime::WEEKDAYS
            .iter()
            .position(|day| text.starts_with(&day[..3]))
    };
    let (day, month, year, time) = if let Some(long) = long {
        rest = &rest[strftime::WEEKDAYS[long].len() + 2..];
        let day = digits(&mut rest, 2)?;
        skip(&mut rest, b"-")?;
        let month = month(&mut rest)?;
        skip(&mut rest, b"-")?;
        let year = match digits(&mut rest, 4) {
            Some(year) => year,
            // Two digits are of 1961 to 2060.
            None => match digits(&mut rest, 2)? {
                year @ 0..=60 => 2_000 + year,
                year => 1_900 + year,
            },
        };
        skip(&mut rest, b" ")?;
        let time = time(&mut rest)?;
        skip(&mut rest, b" GMT")?;
        (day, month, year, time)
    } else if short().is_some() && text.get(3) == Some(&b',') {
        rest = &rest[4..];
        skip(&mut rest, b" ")?;
        let day = digits(&mut rest, 2)?;
        skip(&mut rest, b" ")?;
        let month = month(&mut rest)?;
        skip(&mut rest, b" ")?;
        let year = digits(&mut rest, 4)?;
        skip(&mut rest, b" ")?;
        let time = time(&mut rest)?;
        skip(&mut rest, b" GMT")?;
        (day, month, year, time)
    } else {
        short()?;
        rest = &rest[3..];
        skip(&mut rest, b" ")?;
        let month = month(&mut rest)?;
        skip(&mut rest, b" ")?;
        let day = match skip(&mut rest, b" ") {
            Some(()) => digits(&mut rest, 1)?,
            None => digits(&mut rest, 2)?,
        };
        skip(&mut rest, b" ")?;
        let time = time(&mut rest)?;
        skip(&mut rest, b" ")?;
        (day, month, digits(&mut rest, 4)?, time)
    };
    let first = Day {
        year: year.into(),
        month,
        day: 1,
    };
    let days = first.days_after_1970() + i64::from(day) - 1;
    Some(i64::from(days as u32) * 86_400 + i64::from(time))
}

/// `08:49:37`, as seconds.
fn time(rest: &mut &[u8]) -> Option<u32> {
    let hours = digits(rest, 2)?;
    skip(rest, b":")?;
    let minutes = digits(rest, 2)?;
    skip(rest, b":")?;
    Some(hours * 3_600 + minutes * 60 + digits(rest, 2)?)
}

/// The name of a month, as its number from 1.
fn month(rest: &mut &[u8]) -> Option<u32> {
    let name = rest.get(..3)?;
    let at = strftime::MONTHS
        .iter()
        .position(|month| &month[..3] == name)?;
    *rest = &rest[3..];
    Some(at as u32 + 1)
}

/// A number of so many digits.
fn digits(rest: &mut &[u8], count: usize) -> Option<u32> {
    let digits = rest.get(..count)?;
    let number = digits.iter().try_fold(0, |number, byte| {
        Some(number * 10 + char::from(*byte).to_digit(10)?)
    })?;
    *rest = &rest[count..];
    Some(number)
}

fn skip(rest: &mut &[u8], text: &[u8]) -> Option<()> {
    *rest = rest.strip_prefix(text)?;
    Some(())
}
