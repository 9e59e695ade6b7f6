//! Base64 in its two alphabets (RFC 4648 §4 and §5), decoded as leniently as haproxy does.

use alloc::vec::Vec;

/// Adds `bytes` in the usual alphabet with padding (RFC 4648 §4) to `out`.
pub fn encode(bytes: &[u8], out: &mut Vec<u8>) {
    for triple in bytes.chunks(3) {
        let quad = quad(triple, ALPHABET);
        let kept = triple.len() + 1;
        out.extend_from_slice(&quad[..kept]);
        out.extend(core::iter::repeat_n(b'=', 4 - kept));
    }
}

/// Adds `bytes` in the alphabet for URLs without padding (RFC 4648 §5) to `out`.
pub fn encode_url(bytes: &[u8], out: &mut Vec<u8>) {
    for triple in bytes.chunks(3) {
        let quad = quad(triple, ALPHABET_URL);
        out.extend_from_slice(&quad[..triple.len() + 1]);
    }
}

/// Adds what `text` stands for to `out`, or says that it is no base64. The length is a multiple of
/// four; padding may stand in any group, and bits that it leaves over are ignored.
pub fn decode(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let (groups, rest) = text.as_chunks::<4>();
    if !rest.is_empty() {
        return None;
    }
    for group in groups {
        let filled = group.iter().position(|it| *it == b'=').unwrap_or(4);
        if filled == 0 || group[filled..].iter().any(|it| *it != b'=') {
            return None;
        }
        let mut bits = 0;
        for byte in &group[..filled] {
            bits = bits << 6 | value(*byte, b'+', b'/')?;
        }
        push(bits << (6 * (4 - filled)), filled, out);
    }
    Some(())
}

/// Adds what `text` stands for in the alphabet for URLs to `out`, or says that it is none. Padding is
/// not needed, and a `=` that is there all the same counts as six bits that are set.
pub fn decode_url(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    for group in text.chunks(4) {
        if group.len() == 1 {
            return None;
        }
        let mut bits = 0;
        for byte in group {
            let six = match byte {
                b'=' => 63,
                byte => value(*byte, b'-', b'_')?,
            };
            bits = bits << 6 | six;
        }
        push(bits << (6 * (4 - group.len())), group.len(), out);
    }
    Some(())
}

/// Up to three bytes as four letters.
fn quad(triple: &[u8], alphabet: &[u8; 64]) -> [u8; 4] {
    let at = |index: usize| u32::from(triple.get(index).copied().unwrap_or(0));
    let bits = at(0) << 16 | at(1) << 8 | at(2);
    [18, 12, 6, 0].map(|shift| alphabet[(bits >> shift & 63) as usize])
}

/// The bytes of a group of which `filled` letters are there: one less than letters.
fn push(bits: u32, filled: usize, out: &mut Vec<u8>) {
    let bytes = bits.to_be_bytes();
    out.extend_from_slice(&bytes[1..filled]);
}

/// The six bits of a letter.
fn value(byte: u8, third_last: u8, last: u8) -> Option<u32> {
    let six = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        byte if byte == third_last => 62,
        byte if byte == last => 63,
        _ => return None,
    };
    Some(u32::from(six))
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const ALPHABET_URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

#[cfg(test)]
mod tests {
    use super::*;

    type Decode = fn(&[u8], &mut Vec<u8>) -> Option<()>;

    fn decoded(with: Decode, text: &str) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        with(text.as_bytes(), &mut out)?;
        Some(out)
    }

    /// What haproxy 3.5-dev makes of `b64dec`.
    #[test]
    fn padding_may_stand_in_any_group_and_only_at_its_end() {
        let check = |text, bytes: Option<&[u8]>| {
            assert_eq!(decoded(decode, text).as_deref(), bytes, "{text}");
        };
        check("", Some(b""));
        check("YWJj", Some(b"abc"));
        check("YWI=", Some(b"ab"));
        check("YQ==", Some(b"a"));
        check("YR==", Some(b"a"));
        check("A===", Some(b""));
        check("YWJjYQ==YWJj", Some(b"abcaabc"));
        for none in ["YWJ", "YW=I", "YWJj=", "====", "YW-_", "key"] {
            check(none, None);
        }
    }

    /// What haproxy 3.5-dev makes of `ub64dec`.
    #[test]
    fn padding_is_not_needed_for_urls_and_has_a_value_if_it_is_there() {
        let check = |text, bytes: Option<&[u8]>| {
            assert_eq!(decoded(decode_url, text).as_deref(), bytes, "{text}");
        };
        check("", Some(b""));
        check("YWJ", Some(b"ab"));
        check("YQ", Some(b"a"));
        check("YR", Some(b"a"));
        check("YW-_", Some(b"ao\xbf"));
        check("YWI=", Some(b"ab?"));
        check("YQ==", Some(b"a\x0f\xff"));
        check("YW=I", Some(b"ao\xc8"));
        for none in ["Y", "YW+/", "YWJjY"] {
            check(none, None);
        }
    }

    #[test]
    fn what_was_encoded_is_decoded_to_the_same() {
        let bytes: Vec<u8> = (0..=255).collect();
        for length in 0..bytes.len() {
            let (mut usual, mut url) = (Vec::new(), Vec::new());
            encode(&bytes[..length], &mut usual);
            encode_url(&bytes[..length], &mut url);
            let (mut from_usual, mut from_url) = (Vec::new(), Vec::new());
            assert_eq!(decode(&usual, &mut from_usual), Some(()));
            assert_eq!(decode_url(&url, &mut from_url), Some(()));
            assert_eq!(from_usual, bytes[..length]);
            assert_eq!(from_url, bytes[..length]);
        }
    }
}
