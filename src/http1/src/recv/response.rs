//! The status line (RFC 9112 §4).

use super::lines::without_end;
use super::version;
use crate::violation::{Flaw, Violation};
use core::ops::Range;
use message::Version;

/// A status line and where its reason phrase stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StatusLine {
    pub(crate) version: Version,
    pub(crate) status: u16,
    pub(crate) reason: Range<usize>,
}

/// Reads a status line, its end included. The space before an empty reason phrase may be missing.
pub(crate) fn parse(line: &[u8], relaxed: bool) -> Result<StatusLine, Flaw> {
    let text = without_end(line);
    let (version, start, end) = match text {
        // What nearly every server says.
        [
            b'H',
            b'T',
            b'T',
            b'P',
            b'/',
            b'1',
            b'.',
            b'1',
            b' ',
            b'1'..=b'9',
            _,
            _,
            b' ',
            ..,
        ] => (Version::Http11, 9, 12),
        _ => parts(text, relaxed)?,
    };
    let status = status_code(&text[start..end], relaxed).ok_or(Violation::Status.at(start))?;
    let reason = (end + 1).min(text.len())..text.len();
    if let Some(at) = memchr::memchr3(0, b'\r', b'\n', &text[reason.clone()]) {
        return Err(Violation::StartLine.at(reason.start + at));
    }
    Ok(StatusLine {
        version,
        status,
        reason,
    })
}

/// The version, and where the status begins and ends.
fn parts(text: &[u8], relaxed: bool) -> Result<(Version, usize, usize), Flaw> {
    let version_end = text
        .iter()
        .position(|byte| *byte == b' ')
        .ok_or(Violation::StartLine.at(text.len()))?;
    let version = version::parse(&text[..version_end], relaxed).map_err(|it| it.at(0))?;
    let mut start = version_end;
    while text.get(start) == Some(&b' ') {
        start += 1;
    }
    let end = start
        + text[start..]
            .iter()
            .position(|byte| *byte == b' ')
            .unwrap_or(text.len() - start);
    Ok((version, start, end))
}

/// Three digits from 100 on; `relaxed` takes longer ones that fit 16 bits.
fn status_code(digits: &[u8], relaxed: bool) -> Option<u16> {
    if digits.len() < 3 || (digits.len() > 3 && !relaxed) {
        return None;
    }
    let mut status = 0u16;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        status = status
            .checked_mul(10)?
            .checked_add(u16::from(digit - b'0'))?;
    }
    (status >= 100).then_some(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_lines() {
        for (line, relaxed, expected) in [
            (&b"HTTP/1.1 200 OK\r\n"[..], false, Ok((200, &b"OK"[..]))),
            (b"HTTP/1.1 200 \r\n", false, Ok((200, b""))),
            (b"HTTP/1.1 200\n", false, Ok((200, b""))),
            (
                b"HTTP/1.0 404 Not  Found\r\n",
                false,
                Ok((404, b"Not  Found")),
            ),
            (b"HTTP/1.1 99 x\r\n", false, Err(Violation::Status)),
            (b"HTTP/1.1 099 x\r\n", false, Err(Violation::Status)),
            (b"HTTP/1.1 2000 x\r\n", false, Err(Violation::Status)),
            (b"HTTP/1.1 2000 x\r\n", true, Ok((2000, b"x"))),
            (b"HTTP/1.1 65536 x\r\n", true, Err(Violation::Status)),
            (b"HTTP/1.1 2x0 x\r\n", false, Err(Violation::Status)),
            (b"HTTP/1.1\r\n", false, Err(Violation::StartLine)),
            (b"ICY 200 OK\r\n", false, Err(Violation::Version)),
            (b"HTTP/1.1 200 O\rK\r\n", false, Err(Violation::StartLine)),
        ] {
            let got = match parse(line, relaxed) {
                Ok(it) => Ok((it.status, &line[it.reason])),
                Err(flaw) => Err(flaw.violation),
            };
            assert_eq!(got, expected, "{}", line.escape_ascii());
        }
    }
}
