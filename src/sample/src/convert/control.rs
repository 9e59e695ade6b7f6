//! `has_ctl`: control characters that have no place in a text.

use super::Converter;
use crate::args::{Arg, Args, Kind, Signature};
use crate::names::Names;
use crate::value::{Type, Value};
use crate::work::Work;
use alloc::format;
use alloc::string::String;

pub(super) const CONVERTERS: &[Converter] = &[Converter {
    name: "has_ctl",
    doc: "Whether there is a control character, or one of a mask.",
    args: Signature::new(0, &[Kind::Text]),
    input: Type::Bytes,
    output: Type::Bool,
    check: Some(check),
    run: has_ctl,
}];

/// All of them without TAB.
const DEFAULT: i64 = ANY & !(1 << b'\t');
/// `any`
const ANY: i64 = (1 << 33) - 1;
/// `http`: CR, LF and NUL.
const HTTP: i64 = 0x2401;

fn check(args: &mut Args, _: &mut dyn Names) -> Result<(), String> {
    let Some(Some(arg)) = args.0.get_mut(0) else {
        return Ok(());
    };
    let Arg::Text(text) = &*arg else {
        return Ok(());
    };
    let mask = match &text[..] {
        b"" => DEFAULT,
        b"any" => ANY,
        b"http" => HTTP,
        text => {
            let (number, taken) = number(text);
            let said = String::from_utf8_lossy(text);
            if taken < text.len() {
                return Err(format!(
                    "cannot parse value '{said}', problem at position {taken}; expecting an integer value (decimal or hex with '0x' prefix)"
                ));
            }
            if number & !ANY != 0 {
                let excess = number & !ANY;
                return Err(format!(
                    "unsupported excess bits {excess:#x} in argument value {said}"
                ));
            }
            number
        }
    };
    *arg = Arg::Int(mask);
    Ok(())
}

fn has_ctl<'a>(value: Value<'a>, args: &'a Args, work: &mut Work) -> Option<Value<'a>> {
    let Value::Bytes(bytes) = &value else {
        return None;
    };
    let mask = args.int(0).unwrap_or(DEFAULT);
    let found = bytes.iter().any(|byte| match byte {
        0..0x20 => mask >> byte & 1 == 1,
        0x7f => mask >> 32 & 1 == 1,
        _ => false,
    });
    work.done(value);
    Some(Value::Bool(found))
}

/// The number that `text` begins with as `strtoll` reads it with base 0: white space, a sign, then a
/// number that is octal behind `0` and hexadecimal behind `0x`; and how many bytes it takes up.
pub(super) fn number(text: &[u8]) -> (i64, usize) {
    let is_space = |byte: &&u8| byte.is_ascii_whitespace() || **byte == 0x0b;
    let mut at = text.iter().take_while(is_space).count();
    let negative = text.get(at) == Some(&b'-');
    at += usize::from(matches!(text.get(at), Some(b'-' | b'+')));
    let hex = |digit: &u8| digit.is_ascii_hexdigit();
    let base = match text.get(at..).unwrap_or_default() {
        [b'0', b'x' | b'X', digit, ..] if hex(digit) => 16,
        [b'0', ..] => 8,
        _ => 10,
    };
    at += if base == 16 { 2 } else { 0 };
    let digits = text.get(at..).unwrap_or_default();
    let digits = digits
        .iter()
        .map_while(|byte| char::from(*byte).to_digit(base));
    let (mut number, mut count) = (0_i64, 0);
    for digit in digits {
        let (digit, shifted) = (i64::from(digit), number.saturating_mul(i64::from(base)));
        number = match negative {
            true => shifted.saturating_sub(digit),
            false => shifted.saturating_add(digit),
        };
        count += 1;
    }
    if count == 0 {
        (0, 0)
    } else {
        (number, at + count)
    }
}
