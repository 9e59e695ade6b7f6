//! Character classes of the grammar.

/// Whether a field name is a token without capitals (RFC 9113 §8.2.1).
pub(super) fn is_name(name: &[u8]) -> bool {
    !name.is_empty()
        && name
            .iter()
            .all(|byte| CLASSES[usize::from(*byte)] & NAME != 0)
}

/// Whether a method, or the name of a protocol, is a token (RFC 9110 §9.1, §7.8).
pub(super) fn is_method(method: &[u8]) -> bool {
    !method.is_empty()
        && method
            .iter()
            .all(|byte| CLASSES[usize::from(*byte)] & TOKEN != 0)
}

/// Whether a value has no character that would end a line elsewhere, and no whitespace around it
/// (RFC 9113 §8.2.1).
pub(super) fn is_value(value: &[u8]) -> bool {
    let is_blank = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
    !has_line_end(value) && !is_blank(value.first()) && !is_blank(value.last())
}

/// NUL, CR or LF. Eight bytes at a time as long as none is below the space.
fn has_line_end(value: &[u8]) -> bool {
    let bad = |bytes: &[u8]| bytes.iter().any(|byte| matches!(byte, 0 | b'\r' | b'\n'));
    let (words, rest) = value.as_chunks::<8>();
    let low = |word: &[u8; 8]| {
        let word = u64::from_le_bytes(*word);
        word.wrapping_sub(SPACES) & !word & HIGH_BITS != 0
    };
    words.iter().any(|word| low(word) && bad(word)) || bad(rest)
}

const SPACES: u64 = 0x2020_2020_2020_2020;
const HIGH_BITS: u64 = 0x8080_8080_8080_8080;

/// Whether a path can be a request-target of HTTP/1: printable characters without the sign of a
/// fragment (RFC 9112 §3.2).
pub(super) fn is_path(path: &[u8]) -> bool {
    path.first() == Some(&b'/')
        && path
            .iter()
            .all(|byte| CLASSES[usize::from(*byte)] & PATH != 0)
}

/// Whether a scheme is one (RFC 3986 §3.1).
pub(super) fn is_scheme(scheme: &[u8]) -> bool {
    scheme.first().is_some_and(u8::is_ascii_alphabetic)
        && scheme
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

/// What each byte may be part of.
static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0_u8;
    loop {
        let printable = matches!(byte, b'!'..=b'~');
        let mut class = 0;
        if is_token(byte) {
            class |= TOKEN;
        }
        if is_token(byte) && !byte.is_ascii_uppercase() {
            class |= NAME;
        }
        if printable && byte != b'#' {
            class |= PATH;
        }
        classes[byte as usize] = class;
        if byte == u8::MAX {
            break classes;
        }
        byte += 1;
    }
};

const TOKEN: u8 = 1;
const NAME: u8 = 2;
const PATH: u8 = 4;

/// RFC 9110 §5.6.2.
const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
}
