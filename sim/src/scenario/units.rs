//! Times, sizes, ranges and chances as people write them.

use crate::peer::Span;

/// Milliseconds of `250ms`, `3s` or `2m`.
pub fn millis(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: f64 = digits
        .parse()
        .map_err(|_| format!("`{text}` is no time; write 250ms, 3s or 2m"))?;
    let scale = match &text[digits.len()..] {
        "ms" => 1.0,
        "s" => 1000.0,
        "m" => 60_000.0,
        _ => return Err(format!("`{text}` has no unit; write 250ms, 3s or 2m")),
    };
    Ok((number * scale) as u64)
}

/// `low..high` or one value of what `read` reads.
pub(super) fn span(text: &str, read: impl Fn(&str) -> Result<u64, String>) -> Result<Span, String> {
    match text.split_once("..") {
        Some((low, high)) => Ok(Span {
            low: read(low)?,
            high: read(high)?,
        }),
        None => Ok(Span::exactly(read(text)?)),
    }
}

/// Bytes of `300`, `20k` or `1m`.
pub(super) fn bytes(text: &str) -> Result<u64, String> {
    let (digits, scale) = match text.as_bytes().last() {
        Some(b'k') => (&text[..text.len() - 1], 1 << 10),
        Some(b'm') => (&text[..text.len() - 1], 1 << 20),
        _ => (text, 1),
    };
    let number: u64 = digits
        .parse()
        .map_err(|_| format!("`{text}` is no size; write 300, 20k or 1m"))?;
    Ok(number * scale)
}

pub(super) fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("`{text}` is no number"))
}

/// Parts of a thousand of `30%`.
pub fn permille(text: &str) -> Result<u32, String> {
    let percent = text
        .strip_suffix('%')
        .and_then(|digits| digits.parse::<f64>().ok());
    match percent {
        Some(percent) if (0.0..=100.0).contains(&percent) => Ok((percent * 10.0) as u32),
        _ => Err(format!("`{text}` is no chance; write 30%")),
    }
}
