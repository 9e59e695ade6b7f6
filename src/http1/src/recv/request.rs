//! The request line and what a request must hold besides (RFC 9112 §3).

use super::chars::is_token;
use super::lines::without_end;
use super::scan::{target_end, token_end};
use super::version;
use crate::violation::{Flaw, Violation};
use core::ops::Range;
use message::Version;

/// Where the parts of a request line stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestLine {
    pub(crate) method: Range<usize>,
    pub(crate) target: Range<usize>,
    pub(crate) version: Version,
}

/// Reads a request line, its end included. Several spaces between the parts are taken as one.
pub(crate) fn parse(line: &[u8], relaxed: bool) -> Result<RequestLine, Flaw> {
    let text = without_end(line);
    let method_end = token_end(text, 0);
    if method_end == 0 || text.get(method_end).is_some_and(|byte| *byte != b' ') {
        return Err(Violation::Method.at(method_end));
    }
    let start = skip_spaces(text, method_end);
    let end = target_end(text, start, relaxed);
    match text.get(end) {
        Some(b' ') if end > start => {}
        Some(b' ') | None => return Err(Violation::StartLine.at(end)),
        Some(_) => return Err(Violation::TargetChar.at(end)),
    }
    let version_at = skip_spaces(text, end);
    let version = version::parse(&text[version_at..], relaxed).map_err(|it| match it {
        Violation::VersionUnsupported if &text[..method_end] == b"PRI" => {
            Violation::MisplacedPreface.at(0)
        }
        other => other.at(version_at),
    })?;
    Ok(RequestLine {
        method: 0..method_end,
        target: start..end,
        version,
    })
}

/// What can be said of a request line before its end: other protocols (TLS above all) are told from the
/// first bytes and not by a timeout.
pub(crate) fn refuse_early(text: &[u8]) -> Option<Flaw> {
    let start = &text[..text.len().min(EARLY_BYTES)];
    let at = start.iter().position(|byte| !is_token(*byte))?;
    match start[at] {
        b' ' if at > 0 => None,
        b'\r' | b'\n' => None,
        _ => Some(Violation::Method.at(at)),
    }
}

/// How far an incomplete request line is looked at; it is looked at again with every piece that comes.
const EARLY_BYTES: usize = 32;

fn skip_spaces(text: &[u8], mut at: usize) -> usize {
    while text.get(at) == Some(&b' ') {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &[u8], relaxed: bool, expected: Result<(&[u8], &[u8], Version), Violation>) {
        let got = match parse(line, relaxed) {
            Ok(it) => Ok((&line[it.method], &line[it.target], it.version)),
            Err(flaw) => Err(flaw.violation),
        };
        assert_eq!(got, expected, "{}", line.escape_ascii());
    }

    #[test]
    fn three_parts_are_found() {
        check(
            b"GET / HTTP/1.1\r\n",
            false,
            Ok((b"GET", b"/", Version::Http11)),
        );
        check(
            b"GET  /a   HTTP/1.0\n",
            false,
            Ok((b"GET", b"/a", Version::Http10)),
        );
    }

    #[test]
    fn anything_else_is_refused() {
        for (line, violation) in [
            (&b"GET\r\n"[..], Violation::StartLine),
            (b"GET /\r\n", Violation::StartLine),
            (b" GET / HTTP/1.1\r\n", Violation::Method),
            (b"G(T / HTTP/1.1\r\n", Violation::Method),
            (b"GET /\t HTTP/1.1\r\n", Violation::TargetChar),
            (b"GET /\xe4 HTTP/1.1\r\n", Violation::TargetChar),
            (b"GET /#a HTTP/1.1\r\n", Violation::TargetChar),
            (b"GET / HTTP/1.1 \r\n", Violation::Version),
            (b"GET / x HTTP/1.1\r\n", Violation::Version),
            (b"GET / HTTP/1.1\r\n a: b\r\n", Violation::Version),
        ] {
            check(line, false, Err(violation));
        }
        check(
            b"GET /\xe4# HTTP/1.1\r\n",
            true,
            Ok((b"GET", b"/\xe4#", Version::Http11)),
        );
    }
}
