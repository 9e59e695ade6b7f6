//! What the two sides of a WebSocket show each other in HTTP/1 (RFC 6455 §4): a key, and what only
//! somebody who knows the protocol makes of it. HTTP/2 needs neither (RFC 8441 §5), so a proxy between
//! the two plays the part of the side that has none.

use base::Rng;
use sha1::{Digest, Sha1};

/// A value for `sec-websocket-key`: sixteen random bytes.
pub type Key = [u8; 24];

/// A value for `sec-websocket-accept`.
pub type Accept = [u8; 28];

/// A new key.
pub fn key(rng: &mut Rng) -> Key {
    let mut random = [0; 16];
    rng.fill(&mut random);
    let mut key = [0; 24];
    base64(&random, &mut key);
    key
}

/// What answers a key (RFC 6455 §4.2.2).
pub fn accept(key: &[u8]) -> Accept {
    let mut hash = Sha1::new();
    hash.update(key);
    hash.update(GUID);
    let mut accept = [0; 28];
    base64(&hash.finalize(), &mut accept);
    accept
}

/// RFC 4648 §4; `out` has four bytes for each three that are begun.
fn base64(bytes: &[u8], out: &mut [u8]) {
    for (bytes, out) in bytes.chunks(3).zip(out.chunks_exact_mut(4)) {
        let group = [0, 1, 2].map(|at| bytes.get(at).copied().unwrap_or(0));
        let bits = u32::from_be_bytes([0, group[0], group[1], group[2]]);
        for (at, out) in out.iter_mut().enumerate() {
            *out = if at <= bytes.len() {
                LETTERS[(bits >> (18 - 6 * at) & 63) as usize]
            } else {
                b'='
            };
        }
    }
}

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// RFC 6455 §1.3.
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_rfc_is_answered_as_it_says() {
        assert_eq!(
            &accept(b"dGhlIHNhbXBsZSBub25jZQ=="),
            b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        );
    }

    #[test]
    fn groups_that_are_not_full_are_padded() {
        for (bytes, text) in [
            (&b"fo"[..], b"Zm8="),
            (b"f", b"Zg=="),
            (b"foo", b"Zm9v"),
            (b"\xfb\xff\xfe", b"+//+"),
        ] {
            let mut out = [0; 4];
            base64(bytes, &mut out);
            assert_eq!(&out, text);
        }
    }

    #[test]
    fn keys_differ() {
        let mut rng = Rng::from_u64(1);
        let (first, second) = (key(&mut rng), key(&mut rng));
        assert_ne!(first, second);
        assert!(first.ends_with(b"==") && !first[..22].contains(&b'='));
    }
}
