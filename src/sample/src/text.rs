//! Pieces of text: at the end of a buffer, and between separators.

use alloc::vec::Vec;
use memchr::memchr2;

/// The values of a line: what stands between commas that are not within quotes (RFC 9110 §5.6.1).
pub fn items(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(line);
    core::iter::from_fn(move || {
        let line = rest?;
        let end = match memchr2(b',', b'"', line) {
            Some(at) if line[at] == b'"' => unquoted(line, |byte| byte == b','),
            Some(at) => at,
            None => line.len(),
        };
        rest = line.get(end + 1..);
        Some(line[..end].trim_ascii())
    })
}

/// Where the first byte outside of quotes stands that `is` one, or else the end.
pub fn unquoted(text: &[u8], is: impl Fn(u8) -> bool) -> usize {
    let mut quoted = false;
    let mut escaped = false;
    for (at, &byte) in text.iter().enumerate() {
        if core::mem::take(&mut escaped) {
            continue;
        }
        match byte {
            b'"' => quoted = !quoted,
            b'\\' => escaped = quoted,
            byte if !quoted && is(byte) => return at,
            _ => {}
        }
    }
    text.len()
}

/// A decimal number.
pub fn put_number(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// A decimal number of at least `width` places, filled up with `fill`.
pub fn put_padded(out: &mut Vec<u8>, number: u32, width: usize, fill: u8) {
    let mut buffer = itoa::Buffer::new();
    let digits = buffer.format(number).as_bytes();
    out.resize(out.len() + width.saturating_sub(digits.len()), fill);
    out.extend_from_slice(digits);
}

/// What a peer sent: what is not printable, `"` and `#` become `#XX`.
pub fn put_escaped(out: &mut Vec<u8>, bytes: &[u8]) {
    put_escaped_if(out, bytes, needs_escape);
}

/// A captured header, which stands between braces and bars: those become `#XX` as well.
pub fn put_escaped_header(out: &mut Vec<u8>, bytes: &[u8]) {
    put_escaped_if(out, bytes, header_needs_escape);
}

fn put_escaped_if(out: &mut Vec<u8>, bytes: &[u8], needs_escape: fn(u8) -> bool) {
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|&byte| needs_escape(byte)) {
        out.extend_from_slice(&rest[..at]);
        let byte = rest[at];
        let digit = |four_bits: u8| HEX[usize::from(four_bits)];
        out.extend_from_slice(&[b'#', digit(byte >> 4), digit(byte & 15)]);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}

/// Whether a byte of what a peer sent could break a line.
pub fn needs_escape(byte: u8) -> bool {
    !(b' '..=b'~').contains(&byte) || byte == b'"' || byte == b'#'
}

/// The same in a captured header.
pub fn header_needs_escape(byte: u8) -> bool {
    needs_escape(byte) || matches!(byte, b'{' | b'|' | b'}')
}

const HEX: &[u8; 16] = b"0123456789ABCDEF";
