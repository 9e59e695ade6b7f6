//! Numbers, times and sizes as configurations write them.

use base::Duration;

/// Longest time a keyword takes: what fits in a signed number of milliseconds (24.8 days).
const TIME_MAX_MS: u64 = i32::MAX as u64;

/// What is wrong with a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadNumber {
    /// No digits.
    Empty,
    /// A character that belongs neither to the number nor to a unit, and its byte position.
    Unexpected(char, usize),
    /// Larger than the keyword takes.
    Overflow,
}

/// A time such as `5s`, `1m` or `200` (milliseconds); no fractions (configuration.txt §2.5).
pub(crate) fn time(text: &str) -> Result<Duration, BadNumber> {
    let (number, unit, at) = digits(text)?;
    let micros_per_unit: u64 = match unit {
        "us" => 1,
        "" | "ms" => 1_000,
        "s" => 1_000_000,
        "m" => 60_000_000,
        "h" => 3_600_000_000,
        "d" => 86_400_000_000,
        _ => return Err(unexpected(text, at, &["us", "ms", "s", "m", "h", "d"])),
    };
    let micros = number
        .checked_mul(micros_per_unit)
        .ok_or(BadNumber::Overflow)?;
    // Timers count milliseconds; what is shorter is rounded up, so that it does not become "none".
    let millis = micros.div_ceil(1_000);
    if millis > TIME_MAX_MS {
        return Err(BadNumber::Overflow);
    }
    Ok(Duration::from_millis(millis))
}

/// A time in whole seconds such as `30m` or `200` (seconds); what is shorter is rounded up.
pub(crate) fn seconds(text: &str) -> Result<u32, BadNumber> {
    let (number, unit, at) = digits(text)?;
    let seconds = match unit {
        "us" => Some(number.div_ceil(1_000_000)),
        "ms" => Some(number.div_ceil(1_000)),
        "" | "s" => Some(number),
        "m" => number.checked_mul(60),
        "h" => number.checked_mul(3_600),
        "d" => number.checked_mul(86_400),
        _ => return Err(unexpected(text, at, &["us", "ms", "s", "m", "h", "d"])),
    };
    let seconds = seconds.filter(|seconds| *seconds <= i32::MAX as u64);
    seconds
        .map(|seconds| seconds as u32)
        .ok_or(BadNumber::Overflow)
}

/// A size such as `16384`, `16k` or `1g`, in bytes (configuration.txt §2.6).
pub(crate) fn size(text: &str) -> Result<u64, BadNumber> {
    let (number, unit, at) = digits(text)?;
    let shift = match unit {
        "" => 0,
        "k" | "K" => 10,
        "m" | "M" => 20,
        "g" | "G" => 30,
        _ => return Err(unexpected(text, at, &["k", "m", "g"])),
    };
    number.checked_mul(1 << shift).ok_or(BadNumber::Overflow)
}

/// A plain number without unit or sign.
pub(crate) fn number(text: &str) -> Result<u64, BadNumber> {
    let (number, unit, at) = digits(text)?;
    if unit.is_empty() {
        Ok(number)
    } else {
        Err(unexpected(text, at, &[]))
    }
}

/// A plain number that may have a sign.
pub(crate) fn signed(text: &str) -> Result<i64, BadNumber> {
    let (negative, rest) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let value = i64::try_from(number(rest)?).map_err(|_| BadNumber::Overflow)?;
    Ok(if negative { -value } else { value })
}

/// Splits a number from its unit.
fn digits(text: &str) -> Result<(u64, &str, usize), BadNumber> {
    let at = text
        .bytes()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(at);
    if number.is_empty() {
        return Err(match unit.chars().next() {
            Some(c) => BadNumber::Unexpected(c, 0),
            None => BadNumber::Empty,
        });
    }
    let number = number.parse().map_err(|_| BadNumber::Overflow)?;
    Ok((number, unit, at))
}

/// The first character that cannot continue any unit.
fn unexpected(text: &str, at: usize, units: &[&str]) -> BadNumber {
    let unit = &text[at..];
    let known = units
        .iter()
        .filter(|known| unit.starts_with(**known))
        .map(|known| known.len())
        .max()
        .unwrap_or(0);
    let at = at + known;
    BadNumber::Unexpected(text[at..].chars().next().unwrap_or(' '), at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units_and_milliseconds_by_default() {
        assert_eq!(time("200"), Ok(Duration::from_millis(200)));
        assert_eq!(time("5s"), Ok(Duration::from_secs(5)));
        assert_eq!(time("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(time("1d"), Ok(Duration::from_secs(86_400)));
        assert_eq!(time("5000us"), Ok(Duration::from_millis(5)));
        assert_eq!(time("0"), Ok(Duration::ZERO));
        assert_eq!(time("1us"), Ok(Duration::from_millis(1)));
    }

    #[test]
    fn seconds_have_units_and_are_rounded_up() {
        assert_eq!(seconds("200"), Ok(200));
        assert_eq!(seconds("30m"), Ok(1_800));
        assert_eq!(seconds("1ms"), Ok(1));
        assert_eq!(seconds("2147483648"), Err(BadNumber::Overflow));
        assert_eq!(seconds("5x"), Err(BadNumber::Unexpected('x', 1)));
    }

    #[test]
    fn bad_times_say_what_is_wrong() {
        assert_eq!(time("5zz"), Err(BadNumber::Unexpected('z', 1)));
        assert_eq!(time("1.5s"), Err(BadNumber::Unexpected('.', 1)));
        assert_eq!(time("5sx"), Err(BadNumber::Unexpected('x', 2)));
        assert_eq!(time("abc"), Err(BadNumber::Unexpected('a', 0)));
        assert_eq!(time(""), Err(BadNumber::Empty));
        assert_eq!(time("25d"), Err(BadNumber::Overflow));
        assert_eq!(time("99999999999999999999"), Err(BadNumber::Overflow));
    }

    #[test]
    fn sizes_and_signs() {
        assert_eq!(size("16k"), Ok(16_384));
        assert_eq!(size("1G"), Ok(1 << 30));
        assert_eq!(size("1t"), Err(BadNumber::Unexpected('t', 1)));
        assert_eq!(signed("-3"), Ok(-3));
        assert_eq!(signed("+3"), Ok(3));
        assert_eq!(signed("-"), Err(BadNumber::Empty));
        assert_eq!(number("3s"), Err(BadNumber::Unexpected('s', 1)));
    }
}
