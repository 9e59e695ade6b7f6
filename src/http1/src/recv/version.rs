//! The protocol version in a start line (RFC 9112 §2.3).

use crate::violation::Violation;
use message::Version;

/// Reads the whole of `text` as a version. `relaxed` lets other protocol names and longer numbers
/// pass; what is not 1.0 then counts as 1.1.
pub(crate) fn parse(text: &[u8], relaxed: bool) -> Result<Version, Violation> {
    match text {
        b"HTTP/1.1" => Ok(Version::Http11),
        b"HTTP/1.0" => Ok(Version::Http10),
        [b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'2'..=b'9'] => Ok(Version::Http11),
        _ if relaxed => relaxed_form(text).ok_or(Violation::Version),
        [
            b'H',
            b'T',
            b'T',
            b'P',
            b'/',
            b'0' | b'2'..=b'9',
            b'.',
            b'0'..=b'9',
        ] => Err(Violation::VersionUnsupported),
        _ => Err(Violation::Version),
    }
}

/// `NAME/digits.digits`.
fn relaxed_form(text: &[u8]) -> Option<Version> {
    let slash = text.iter().position(|byte| *byte == b'/')?;
    let dot = slash + text[slash..].iter().position(|byte| *byte == b'.')?;
    let (name, major, minor) = (&text[..slash], &text[slash + 1..dot], &text[dot + 1..]);
    let well_formed = !name.is_empty()
        && name.iter().all(u8::is_ascii_uppercase)
        && [major, minor]
            .iter()
            .all(|part| !part.is_empty() && part.iter().all(u8::is_ascii_digit));
    let old = major.iter().all(|digit| *digit == b'0')
        || (major.ends_with(b"1")
            && major[..major.len() - 1].iter().all(|digit| *digit == b'0')
            && minor.iter().all(|digit| *digit == b'0'));
    well_formed.then_some(if old {
        Version::Http10
    } else {
        Version::Http11
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_http_1_is_spoken() {
        for (text, relaxed, expected) in [
            (&b"HTTP/1.1"[..], false, Ok(Version::Http11)),
            (b"HTTP/1.0", false, Ok(Version::Http10)),
            (b"HTTP/1.7", false, Ok(Version::Http11)),
            (b"HTTP/2.0", false, Err(Violation::VersionUnsupported)),
            (b"http/1.1", false, Err(Violation::Version)),
            (b"HTTP/1.10", false, Err(Violation::Version)),
            (b"HTTP/1.1 ", true, Err(Violation::Version)),
            (b"RTSP/1.0", false, Err(Violation::Version)),
            (b"RTSP/1.0", true, Ok(Version::Http10)),
            (b"HTTP/01.10", true, Ok(Version::Http11)),
            (b"HTTP/.1", true, Err(Violation::Version)),
        ] {
            assert_eq!(parse(text, relaxed), expected, "{}", text.escape_ascii());
        }
    }
}
