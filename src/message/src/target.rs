//! The parts of a request-target (RFC 9112 §3.2).

use crate::name::is_lower;

/// Where the path begins in a request-target: at once in origin form, behind the authority in absolute
/// form (at its end if the path is empty). There is none in asterisk and authority form.
pub fn path_start(target: &[u8]) -> Option<usize> {
    if target.first() == Some(&b'/') {
        return Some(0);
    }
    let authority = target.windows(3).position(|bytes| bytes == b"://")? + 3;
    let rest = &target[authority..];
    let len = rest
        .iter()
        .position(|byte| matches!(byte, b'/' | b'?' | b'#'));
    Some(authority + len.unwrap_or(rest.len()))
}

/// The path with its query and fragment; none in asterisk and authority form.
pub fn path_and_query(target: &[u8]) -> Option<&[u8]> {
    path_start(target).map(|start| &target[start..])
}

/// The path without query and fragment; none in asterisk and authority form.
pub fn path(target: &[u8]) -> Option<&[u8]> {
    let path = path_and_query(target)?;
    let end = path.iter().position(|byte| matches!(byte, b'?' | b'#'));
    Some(&path[..end.unwrap_or(path.len())])
}

/// What stands behind the first question mark of a target; none without one.
pub fn query(target: &[u8]) -> Option<&[u8]> {
    let at = target.iter().position(|byte| *byte == b'?')?;
    Some(&target[at + 1..])
}

/// The authority of an absolute target.
pub fn authority(target: &[u8]) -> Option<&[u8]> {
    if target.first() == Some(&b'/') {
        return None;
    }
    let start = target.windows(3).position(|bytes| bytes == b"://")? + 3;
    Some(&target[start..path_start(target)?])
}

/// Whether a text is nothing but host and port (RFC 9110 §7.2): in Host, or as an authority. Which
/// characters a name may have is its owner's affair, except for those by which readers behind the proxy
/// could take it for something else.
pub fn is_host_and_port(text: &[u8]) -> bool {
    let (literal, rest) = match text {
        [b'[', literal @ ..] => match literal.iter().position(|byte| *byte == b']') {
            Some(end) => (&literal[..end], &literal[end + 1..]),
            None => return false,
        },
        _ => (&text[..0], text),
    };
    let follows = text.first() != Some(&b'[') || matches!(rest.first(), None | Some(b':'));
    follows
        && literal
            .iter()
            .chain(rest)
            .all(|byte| NAMES[usize::from(*byte)])
}

/// The ports that need not be said of a scheme, because it implies them (RFC 3986 §6.2.3).
pub fn implied_ports(scheme: &[u8]) -> &'static [&'static [u8]] {
    if is_lower(scheme, "http") {
        &[b"80"]
    } else if is_lower(scheme, "https") {
        &[b"443"]
    } else {
        &[]
    }
}

/// What may stand in a host and its port, brackets aside.
static NAMES: [bool; 256] = {
    let mut names = [false; 256];
    let mut byte = b'!';
    while byte <= b'~' {
        names[byte as usize] =
            !matches!(byte, b'/' | b'?' | b'#' | b'@' | b',' | b'\\' | b'[' | b']');
        byte += 1;
    }
    names
};

#[cfg(test)]
mod tests {
    use super::{authority, is_host_and_port, path, path_and_query, query};

    #[test]
    fn what_could_be_taken_for_more_than_host_and_port_is_none() {
        for good in [
            "",
            "a",
            "a:",
            "a:80",
            ":80",
            "a_b.c",
            "a%41",
            "a;b",
            "[::1]",
            "[::1]:",
            "[::1]:80",
            "[fe80::1%25eth0]",
        ] {
            assert!(is_host_and_port(good.as_bytes()), "{good}");
        }
        for bad in [
            "a b",
            "a\tb",
            "a/b",
            "a?b",
            "a#b",
            "a@b",
            "a\\b",
            "a,b",
            "a[b]",
            "a]",
            "[::1",
            "[::1]x",
            "[a/b]",
            "[::1]:[1]",
            "http://a",
            "\u{e9}",
            "\u{7f}",
        ] {
            assert!(!is_host_and_port(bad.as_bytes()), "{bad}");
        }
    }

    #[test]
    fn each_form_of_target_has_its_parts() {
        let parts = |target: &'static str| {
            let target = target.as_bytes();
            let text =
                |part: Option<&'static [u8]>| part.map(|part| core::str::from_utf8(part).unwrap());
            (
                text(authority(target)),
                text(path(target)),
                text(path_and_query(target)),
                text(query(target)),
            )
        };
        assert_eq!(parts("/a?b"), (None, Some("/a"), Some("/a?b"), Some("b")));
        assert_eq!(
            parts("http://h:1/a#c"),
            (Some("h:1"), Some("/a"), Some("/a#c"), None)
        );
        assert_eq!(
            parts("http://h?x"),
            (Some("h"), Some(""), Some("?x"), Some("x"))
        );
        assert_eq!(parts("*"), (None, None, None, None));
        assert_eq!(parts("host:80"), (None, None, None, None));
        assert_eq!(
            parts("/a://b"),
            (None, Some("/a://b"), Some("/a://b"), None)
        );
    }
}
