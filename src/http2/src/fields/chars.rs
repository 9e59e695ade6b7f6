//! Character classes of the grammar.

/// Whether a field name is a token without capitals (RFC 9113 §8.2.1).
pub(super) fn is_name(name: &[u8]) -> bool {
    !name.is_empty()
        && name
            .iter()
            .all(|byte| is_token(*byte) && !byte.is_ascii_uppercase())
}

/// Whether a method, or the name of a protocol, is a token (RFC 9110 §9.1, §7.8).
pub(super) fn is_method(method: &[u8]) -> bool {
    !method.is_empty() && method.iter().all(|byte| is_token(*byte))
}

/// RFC 9110 §5.6.2.
const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
}

/// Whether a value has no character that would end a line elsewhere, and no whitespace around it
/// (RFC 9113 §8.2.1).
pub(super) fn is_value(value: &[u8]) -> bool {
    let is_blank = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
    !value.iter().any(|byte| matches!(byte, 0 | b'\r' | b'\n'))
        && !is_blank(value.first())
        && !is_blank(value.last())
}

/// Whether a path can be a request-target of HTTP/1: printable characters without the sign of a
/// fragment (RFC 9112 §3.2); `*` alone asks about the server (RFC 9110 §9.3.7).
pub(super) fn is_path(path: &[u8], method: &[u8]) -> bool {
    let printable = path
        .iter()
        .all(|byte| matches!(byte, b'!'..=b'~') && *byte != b'#');
    match path {
        b"*" => method == b"OPTIONS",
        [b'/', ..] => printable,
        _ => false,
    }
}

/// Whether a scheme is one (RFC 3986 §3.1).
pub(super) fn is_scheme(scheme: &[u8]) -> bool {
    scheme.first().is_some_and(u8::is_ascii_alphabetic)
        && scheme
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

/// Whether an authority is nothing but host and port (RFC 9113 §8.3.1).
pub(super) fn is_authority(authority: &[u8]) -> bool {
    authority.iter().all(|byte| {
        matches!(byte, b'!'..=b'~') && !matches!(byte, b'/' | b'?' | b'#' | b'@' | b',' | b'\\')
    })
}
