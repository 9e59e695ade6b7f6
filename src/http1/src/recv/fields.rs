//! One field line (RFC 9112 §5).

use super::lines::without_end;
use super::scan::{token_end, value_end};
use crate::violation::{Flaw, Violation};
use core::ops::Range;
use memchr::memchr3;

/// Where name and value stand in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FieldLine {
    pub(crate) name: Range<usize>,
    pub(crate) value: Range<usize>,
    /// Whether the value goes over several lines; their ends are to become spaces.
    pub(crate) folded: bool,
    /// Whether the line is `name: value` with nothing more or less around the two, and CRLF.
    pub(crate) whole: bool,
}

/// The line at `at` if it is an ordinary field line: complete, in one piece, nothing wrong with it. Says
/// where it ends; offsets count from the start of `bytes`. The way almost every field goes, in one pass;
/// [`parse`] judges the others.
#[inline]
pub(crate) fn parse_ordinary(bytes: &[u8], at: usize) -> Option<(FieldLine, usize)> {
    let colon = token_end(bytes, at);
    if colon == at || bytes.get(colon) != Some(&b':') {
        return None;
    }
    // One space and a value behind it is what nearly every field has.
    let close = matches!(bytes[colon + 1..], [b' ', next, ..] if next > b' ');
    let mut start = colon + 1 + usize::from(close);
    while !close && matches!(bytes.get(start), Some(b' ' | b'\t')) {
        start += 1;
    }
    let line_end = value_end(bytes, start)?;
    match &bytes[line_end..] {
        [b'\r', b'\n', next, ..] if !matches!(next, b' ' | b'\t') => {}
        _ => return None,
    }
    let mut end = line_end;
    while end > start && matches!(bytes[end - 1], b' ' | b'\t') {
        end -= 1;
    }
    let field = FieldLine {
        name: at..colon,
        value: start..end,
        folded: false,
        whole: end == line_end && (close || bytes[colon + 1..start] == *b" "),
    };
    Some((field, line_end + 2))
}

/// Reads a logical line, its end included. `None` is a line to be left out: a name that is no token
/// where `relaxed` lets such lines pass.
pub(crate) fn parse(line: &[u8], relaxed: bool) -> Result<Option<FieldLine>, Flaw> {
    let text = without_end(line);
    let colon = token_end(text, 0);
    if colon == 0 || text.get(colon) != Some(&b':') {
        return if relaxed && text.contains(&b':') {
            Ok(None)
        } else {
            Err(Violation::FieldName.at(colon))
        };
    }
    let folded = check_value(&text[colon + 1..], relaxed)
        .map_err(|at| Violation::FieldValue.at(colon + 1 + at))?;
    let mut start = colon + 1;
    let mut end = text.len();
    while start < end && is_blank(text[start]) {
        start += 1;
    }
    while end > start && is_blank(text[end - 1]) {
        end -= 1;
    }
    Ok(Some(FieldLine {
        name: 0..colon,
        value: start..end,
        folded,
        whole: line[colon + 1..start] == *b" " && line[end..] == *b"\r\n",
    }))
}

/// Whether the value is folded; or where it contains what no value may contain.
fn check_value(value: &[u8], relaxed: bool) -> Result<bool, usize> {
    let mut folded = false;
    let mut from = 0;
    while let Some(found) = memchr3(0, b'\r', b'\n', &value[from..]) {
        let at = from + found;
        match value[at] {
            b'\n' => folded = true,
            b'\r' if value.get(at + 1) == Some(&b'\n') => {}
            0 if relaxed => {}
            _ => return Err(at),
        }
        from = at + 1;
    }
    Ok(folded)
}

/// Whitespace around a value, the line ends of an empty folded line included.
fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(line: &[u8]) -> Result<(&[u8], &[u8], bool), Violation> {
        match parse(line, false) {
            Ok(Some(field)) => Ok((&line[field.name], &line[field.value], field.folded)),
            Ok(None) => unreachable!("strict parsing leaves no line out"),
            Err(flaw) => Err(flaw.violation),
        }
    }

    #[test]
    fn values_lose_the_blanks_around_them() {
        assert_eq!(parts(b"a:b\r\n"), Ok((&b"a"[..], &b"b"[..], false)));
        assert_eq!(
            parts(b"a: \t b c\t \r\n"),
            Ok((&b"a"[..], &b"b c"[..], false))
        );
        assert_eq!(parts(b"a:\n"), Ok((&b"a"[..], &b""[..], false)));
    }

    #[test]
    fn ordinary_lines_are_read_as_any_other() {
        for line in [
            &b"a:b\r\n"[..],
            b"a: \t b c\t \r\n",
            b"a:\r\n",
            b"a: \r\n",
            b"a:\tb\r\n",
            b"A-b: \xe9\x01\r\n",
        ] {
            let (field, end) = parse_ordinary(&[line, b"x"].concat(), 0).expect("ordinary");
            assert_eq!((Ok(Some(field)), end), (parse(line, false), line.len()));
        }
        for bytes in [
            &b"a: b\r\n c\r\nx"[..],
            b"a: b\r\n",
            b"a: b\nx",
            b"a: b\rc\r\nx",
            b"a: \0\r\nx",
            b"a : b\r\nx",
            b": b\r\nx",
            b"\r\nx: y\r\nz",
        ] {
            assert_eq!(parse_ordinary(bytes, 0), None, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn only_lines_in_the_form_we_write_are_whole() {
        for (line, whole) in [
            (&b"a: b\r\n"[..], true),
            (b"a: \r\n", true),
            (b"a: b\r\n c\r\n", true),
            (b"a: b\n", false),
            (b"a:b\r\n", false),
            (b"a:\r\n", false),
            (b"a:\tb\r\n", false),
            (b"a:  b\r\n", false),
            (b"a: b \r\n", false),
        ] {
            let field = parse(line, false).expect("well formed").expect("a field");
            assert_eq!(field.whole, whole, "{}", line.escape_ascii());
        }
    }

    #[test]
    fn folds_are_seen() {
        assert_eq!(
            parts(b"a: b\r\n c\r\n"),
            Ok((&b"a"[..], &b"b\r\n c"[..], true))
        );
        assert_eq!(parts(b"a: \r\n c\r\n"), Ok((&b"a"[..], &b"c"[..], true)));
    }

    #[test]
    fn bad_lines_are_refused() {
        for (line, violation) in [
            (&b"a : b\r\n"[..], Violation::FieldName),
            (b": b\r\n", Violation::FieldName),
            (b"ab\r\n", Violation::FieldName),
            (b"a\0b: c\r\n", Violation::FieldName),
            (b"a: b\0c\r\n", Violation::FieldValue),
            (b"a: b\rc\r\n", Violation::FieldValue),
            (b"a: \rb\r\n", Violation::FieldValue),
            (b"a: b\r\r\n", Violation::FieldValue),
        ] {
            assert_eq!(parts(line), Err(violation), "{}", line.escape_ascii());
        }
    }
}
