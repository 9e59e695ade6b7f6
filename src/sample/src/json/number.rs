//! Numbers of JSON texts, read and written.

use alloc::vec::Vec;
use core::fmt::{self, Write};

/// The number that `text` begins with and how many bytes it takes up: none and 0 if there are no digits,
/// or none behind the point.
pub(super) fn read(text: &[u8]) -> (f64, usize) {
    let mut at = usize::from(matches!(text.first(), Some(b'-' | b'+')));
    let sign = if text.first() == Some(&b'-') {
        -1.0
    } else {
        1.0
    };
    let whole = digits(text, &mut at);
    if whole.is_empty() && text.get(at) != Some(&b'.') {
        return (0.0, 0);
    }
    let mut value = sign
        * whole
            .iter()
            .fold(0.0, |sum, byte| sum * 10.0 + f64::from(byte - b'0'));
    if text.get(at) == Some(&b'.') {
        at += 1;
        let mut place = 0.1;
        let mut fraction = 0.0;
        for byte in digits(text, &mut at) {
            fraction += place * f64::from(byte - b'0');
            place /= 10.0;
        }
        value += sign * fraction;
    }
    if let Some(b'e' | b'E') = text.get(at) {
        at += 1;
        let negative = text.get(at) == Some(&b'-');
        at += usize::from(negative);
        at += usize::from(text.get(at) == Some(&b'+'));
        let exponent = digits(text, &mut at);
        let exponent = exponent.iter().fold(0_u32, |sum, byte| {
            sum.saturating_mul(10)
                .saturating_add(u32::from(byte - b'0'))
        });
        let scale = power_of_ten(exponent);
        value = if negative {
            value / scale
        } else {
            value * scale
        };
    } else if !text[at - 1].is_ascii_digit() {
        return (0.0, 0);
    }
    (value, at)
}

/// The digits at `at`, which moves behind them.
fn digits<'t>(text: &'t [u8], at: &mut usize) -> &'t [u8] {
    let rest = text.get(*at..).unwrap_or_default();
    let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    *at += count;
    &rest[..count]
}

/// Infinite beyond what there is.
fn power_of_ten(exponent: u32) -> f64 {
    // The first power that is infinite is the 309th.
    (0..exponent.min(309)).fold(1.0, |power, _| power * 10.0)
}

/// Writes a number as `printf` does with `%g`: six digits, without zeros at the end.
pub(crate) fn put_number(value: f64, to: &mut Vec<u8>) {
    if value.is_nan() {
        to.extend_from_slice(b"-nan");
        return;
    }
    if value.is_infinite() {
        to.extend_from_slice(if value > 0.0 { b"inf" } else { b"-inf" });
        return;
    }
    let start = to.len();
    let _ = write!(End(to), "{value:.5e}");
    let digits = memchr::memrchr(b'e', &to[start..]).map_or(to.len(), |at| start + at);
    let exponent = core::str::from_utf8(to.get(digits + 1..).unwrap_or_default());
    let exponent: i32 = exponent.unwrap_or_default().parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        to.truncate(start);
        let places = usize::try_from(5 - exponent).unwrap_or(0);
        let _ = write!(End(to), "{value:.places$}");
        trim(start, to);
    } else {
        to.truncate(digits);
        trim(start, to);
        let sign = if exponent < 0 { '-' } else { '+' };
        let _ = write!(End(to), "e{sign}{:02}", exponent.unsigned_abs());
    }
}

/// Takes the zeros behind the point away, and the point if nothing else is behind it.
fn trim(start: usize, to: &mut Vec<u8>) {
    if !to[start..].contains(&b'.') {
        return;
    }
    while to.pop_if(|byte| *byte == b'0').is_some() {}
    to.pop_if(|byte| *byte == b'.');
}

/// The end of a buffer, to be written to; that does not fail.
struct End<'b>(&'b mut Vec<u8>);

impl Write for End<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}
