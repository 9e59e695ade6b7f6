//! bcrypt as a hash of passwords (`$2b$` and its like).

use alloc::vec::Vec;

/// Cost, salt and hash of what stands behind the method.
pub(super) fn read(text: &str) -> Option<(u32, [u8; 16], &str)> {
    let (cost, rest) = text.split_once('$')?;
    let cost = cost.parse().ok().filter(|cost| (4..32).contains(cost))?;
    let (salt, hash) = rest.split_at_checked(SALT_CHARACTERS)?;
    let salt = decode(salt.as_bytes())?.try_into().ok()?;
    (hash.len() == HASH_CHARACTERS).then_some((cost, salt, hash))
}

/// The hash, as text.
pub(super) fn hash(password: &[u8], cost: u32, salt: [u8; 16]) -> Vec<u8> {
    // The text as C has it, of which so much counts.
    let mut password = [password, b"\0"].concat();
    password.truncate(PASSWORD_BYTES_MAX);
    encode(&bcrypt::bcrypt(cost, salt, &password)[..23])
}

fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let six = |byte: &u8| ALPHABET.iter().position(|it| it == byte);
    let mut bytes = Vec::new();
    for group in text.chunks(4) {
        let mut bits = 0;
        for at in 0..4 {
            bits = bits << 6 | group.get(at).map_or(Some(0), six)?;
        }
        let whole = group.len() * 6 / 8;
        bytes.extend((0..whole).map(|at| (bits >> (16 - 8 * at)) as u8));
    }
    Some(bytes)
}

fn encode(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(*group.get(at).unwrap_or(&0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        let six = |at: usize| ALPHABET[(bits >> (18 - 6 * at)) as usize & 63];
        text.extend((0..=group.len()).map(six));
    }
    text
}

const PASSWORD_BYTES_MAX: usize = 72;
const SALT_CHARACTERS: usize = 22;
const HASH_CHARACTERS: usize = 31;
const ALPHABET: &[u8; 64] = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
