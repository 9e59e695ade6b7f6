//! MD5 as a hash of passwords (`$1$`), as FreeBSD had it first.

use alloc::vec::Vec;
use md5::{Digest, Md5};

/// A longer salt is cut.
pub(super) const SALT_BYTES_MAX: usize = 8;

/// The hash, as text.
pub(super) fn hash(password: &[u8], salt: &[u8]) -> [u8; 22] {
    let digest = |parts: &[&[u8]]| {
        let mut md5 = Md5::new();
        for part in parts {
            md5.update(part);
        }
        <[u8; 16]>::from(md5.finalize())
    };
    let alternate = digest(&[password, salt, password]);
    let mut first: Vec<u8> = [password, b"$1$", salt].concat();
    first.extend(alternate.iter().cycle().take(password.len()));
    let mut bits = password.len();
    while bits > 0 {
        first.push(if bits & 1 == 1 {
            0
        } else {
            password.first().copied().unwrap_or_default()
        });
        bits >>= 1;
    }
    let mut hash = digest(&[&first]);
    for round in 0..ROUNDS {
        let odd = round & 1 == 1;
        let begin: &[u8] = if odd { password } else { &hash };
        let salted = if round % 3 > 0 { salt } else { b"" };
        let twice = if round % 7 > 0 { password } else { b"" };
        let end: &[u8] = if odd { &hash } else { password };
        hash = digest(&[begin, salted, twice, end]);
    }
    text(&hash)
}

/// Groups of three bytes as four characters, the least significant bits first.
fn text(hash: &[u8; 16]) -> [u8; 22] {
    let mut text = [0; 22];
    let groups = [(0, 6, 12), (1, 7, 13), (2, 8, 14), (3, 9, 15), (4, 10, 5)];
    for (at, (high, middle, low)) in groups.into_iter().enumerate() {
        let bits = [hash[high], hash[middle], hash[low]];
        let bits = bits
            .iter()
            .fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte));
        put(bits, &mut text[4 * at..][..4]);
    }
    put(hash[11].into(), &mut text[20..]);
    text
}

fn put(mut bits: u32, to: &mut [u8]) {
    for character in to {
        *character = ALPHABET[bits as usize & 63];
        bits >>= 6;
    }
}

const ROUNDS: usize = 1000;
const ALPHABET: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
