//! DES as a hash of passwords, as Unix had it first: no method in front, two characters of salt.

/// The salt and the hash of a text that is one.
pub(super) fn read(text: &str) -> Option<([u8; 2], &str)> {
    let known = text.bytes().all(|byte| ALPHABET.contains(&byte));
    let salt = *text.as_bytes().first_chunk()?;
    (known && text.len() == 2 + HASH_CHARACTERS).then_some((salt, &text[2..]))
}

/// The hash, as text: a block of zeros enciphered 25 times with the password, of which eight
/// characters count.
pub(super) fn hash(password: &[u8], salt: [u8; 2]) -> [u8; HASH_CHARACTERS] {
    let mut key = 0_u64;
    for at in 0..8 {
        let byte = password.get(at).copied().unwrap_or_default();
        key = key << 8 | u64::from(byte << 1);
    }
    let keys = round_keys(key);
    let swap = swaps(salt);
    let mut block = 0;
    for _ in 0..25 {
        block = encipher(block, &keys, swap);
    }
    core::array::from_fn(|at| {
        let shift = 58 - 6 * at as i32;
        let six = if shift >= 0 {
            block >> shift
        } else {
            block << -shift
        };
        ALPHABET[(six & 63) as usize]
    })
}

/// Which bits of the halves of an expansion the salt swaps, from the left.
fn swaps(salt: [u8; 2]) -> u32 {
    let six = |byte: u8| ALPHABET.iter().position(|it| *it == byte).unwrap_or(0);
    let number = six(salt[0]) | six(salt[1]) << 6;
    (0..12).fold(0, |swaps, bit| {
        swaps | ((number >> bit & 1) as u32) << (23 - bit)
    })
}

/// FIPS 46-3, with bits of the expansion swapped.
fn encipher(block: u64, keys: &[u64; 16], swap: u32) -> u64 {
    let block = permute(block, 64, &INITIAL);
    let (mut left, mut right) = ((block >> 32) as u32, block as u32);
    for key in keys {
        (left, right) = (right, left ^ function(right, *key, swap));
    }
    permute(u64::from(right) << 32 | u64::from(left), 64, &FINAL)
}

fn function(half: u32, key: u64, swap: u32) -> u32 {
    let expanded = permute(half.into(), 32, &EXPANSION);
    let (high, low) = ((expanded >> 24) as u32, expanded as u32 & 0xff_ffff);
    let changed = (high ^ low) & swap;
    let expanded = u64::from(high ^ changed) << 24 | u64::from(low ^ changed);
    let mixed = expanded ^ key;
    let mut out = 0_u64;
    for (at, table) in SELECTIONS.iter().enumerate() {
        let six = (mixed >> (42 - 6 * at)) as usize & 63;
        let row = six >> 4 & 2 | six & 1;
        let column = six >> 1 & 15;
        out = out << 4 | u64::from(table[16 * row + column]);
    }
    permute(out, 32, &PERMUTATION) as u32
}

fn round_keys(key: u64) -> [u64; 16] {
    let chosen = permute(key, 64, &FIRST_CHOICE);
    let (mut left, mut right) = ((chosen >> 28) as u32, chosen as u32 & HALF_KEY);
    SHIFTS.map(|shift| {
        let turn = |half: u32| (half << shift | half >> (28 - shift)) & HALF_KEY;
        left = turn(left);
        right = turn(right);
        permute(u64::from(left) << 28 | u64::from(right), 56, &SECOND_CHOICE)
    })
}

/// The bits of `from`, of which there are `bits`, that the table numbers from 1 from the left.
fn permute(from: u64, bits: u32, table: &[u8]) -> u64 {
    let bit = |at: &u8| from >> (bits - u32::from(*at)) & 1;
    table.iter().fold(0, |to, at| to << 1 | bit(at))
}

const HASH_CHARACTERS: usize = 11;
const HALF_KEY: u32 = 0x0fff_ffff;
const ALPHABET: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SHIFTS: [u32; 16] = [1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1];

#[rustfmt::skip]
const INITIAL: [u8; 64] = [
    58, 50, 42, 34, 26, 18, 10, 2, 60, 52, 44, 36, 28, 20, 12, 4,
    62, 54, 46, 38, 30, 22, 14, 6, 64, 56, 48, 40, 32, 24, 16, 8,
    57, 49, 41, 33, 25, 17, 9, 1, 59, 51, 43, 35, 27, 19, 11, 3,
    61, 53, 45, 37, 29, 21, 13, 5, 63, 55, 47, 39, 31, 23, 15, 7,
];

#[rustfmt::skip]
const FINAL: [u8; 64] = [
    40, 8, 48, 16, 56, 24, 64, 32, 39, 7, 47, 15, 55, 23, 63, 31,
    38, 6, 46, 14, 54, 22, 62, 30, 37, 5, 45, 13, 53, 21, 61, 29,
    36, 4, 44, 12, 52, 20, 60, 28, 35, 3, 43, 11, 51, 19, 59, 27,
    34, 2, 42, 10, 50, 18, 58, 26, 33, 1, 41, 9, 49, 17, 57, 25,
];

#[rustfmt::skip]
const EXPANSION: [u8; 48] = [
    32, 1, 2, 3, 4, 5, 4, 5, 6, 7, 8, 9, 8, 9, 10, 11, 12, 13, 12, 13, 14, 15, 16, 17,
    16, 17, 18, 19, 20, 21, 20, 21, 22, 23, 24, 25, 24, 25, 26, 27, 28, 29, 28, 29, 30, 31, 32, 1,
];

#[rustfmt::skip]
const PERMUTATION: [u8; 32] = [
    16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10,
    2, 8, 24, 14, 32, 27, 3, 9, 19, 13, 30, 6, 22, 11, 4, 25,
];

#[rustfmt::skip]
const FIRST_CHOICE: [u8; 56] = [
    57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2, 59, 51, 43, 35, 27, 19, 11, 3, 60, 52, 44, 36,
    63, 55, 47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45, 37, 29, 21, 13, 5, 28, 20, 12, 4,
];

#[rustfmt::skip]
const SECOND_CHOICE: [u8; 48] = [
    14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2,
    41, 52, 31, 37, 47, 55, 30, 40, 51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32,
];

#[rustfmt::skip]
const SELECTIONS: [[u8; 64]; 8] = [
    [
        14, 4, 13, 1, 2, 15, 11, 8, 3, 10, 6, 12, 5, 9, 0, 7,
        0, 15, 7, 4, 14, 2, 13, 1, 10, 6, 12, 11, 9, 5, 3, 8,
        4, 1, 14, 8, 13, 6, 2, 11, 15, 12, 9, 7, 3, 10, 5, 0,
        15, 12, 8, 2, 4, 9, 1, 7, 5, 11, 3, 14, 10, 0, 6, 13,
    ],
    [
        15, 1, 8, 14, 6, 11, 3, 4, 9, 7, 2, 13, 12, 0, 5, 10,
        3, 13, 4, 7, 15, 2, 8, 14, 12, 0, 1, 10, 6, 9, 11, 5,
        0, 14, 7, 11, 10, 4, 13, 1, 5, 8, 12, 6, 9, 3, 2, 15,
        13, 8, 10, 1, 3, 15, 4, 2, 11, 6, 7, 12, 0, 5, 14, 9,
    ],
    [
        10, 0, 9, 14, 6, 3, 15, 5, 1, 13, 12, 7, 11, 4, 2, 8,
        13, 7, 0, 9, 3, 4, 6, 10, 2, 8, 5, 14, 12, 11, 15, 1,
        13, 6, 4, 9, 8, 15, 3, 0, 11, 1, 2, 12, 5, 10, 14, 7,
        1, 10, 13, 0, 6, 9, 8, 7, 4, 15, 14, 3, 11, 5, 2, 12,
    ],
    [
        7, 13, 14, 3, 0, 6, 9, 10, 1, 2, 8, 5, 11, 12, 4, 15,
        13, 8, 11, 5, 6, 15, 0, 3, 4, 7, 2, 12, 1, 10, 14, 9,
        10, 6, 9, 0, 12, 11, 7, 13, 15, 1, 3, 14, 5, 2, 8, 4,
        3, 15, 0, 6, 10, 1, 13, 8, 9, 4, 5, 11, 12, 7, 2, 14,
    ],
    [
        2, 12, 4, 1, 7, 10, 11, 6, 8, 5, 3, 15, 13, 0, 14, 9,
        14, 11, 2, 12, 4, 7, 13, 1, 5, 0, 15, 10, 3, 9, 8, 6,
        4, 2, 1, 11, 10, 13, 7, 8, 15, 9, 12, 5, 6, 3, 0, 14,
        11, 8, 12, 7, 1, 14, 2, 13, 6, 15, 0, 9, 10, 4, 5, 3,
    ],
    [
        12, 1, 10, 15, 9, 2, 6, 8, 0, 13, 3, 4, 14, 7, 5, 11,
        10, 15, 4, 2, 7, 12, 9, 5, 6, 1, 13, 14, 0, 11, 3, 8,
        9, 14, 15, 5, 2, 8, 12, 3, 7, 0, 4, 10, 1, 13, 11, 6,
        4, 3, 2, 12, 9, 5, 15, 10, 11, 14, 1, 7, 6, 0, 8, 13,
    ],
    [
        4, 11, 2, 14, 15, 0, 8, 13, 3, 12, 9, 7, 5, 10, 6, 1,
        13, 0, 11, 7, 4, 9, 1, 10, 14, 3, 5, 12, 2, 15, 8, 6,
        1, 4, 11, 13, 12, 3, 7, 14, 10, 15, 6, 8, 0, 5, 9, 2,
        6, 11, 13, 8, 1, 4, 10, 7, 9, 5, 0, 15, 14, 2, 3, 12,
    ],
    [
        13, 2, 8, 4, 6, 15, 11, 1, 10, 9, 3, 14, 5, 0, 12, 7,
        1, 15, 13, 8, 10, 3, 7, 4, 12, 5, 6, 11, 0, 14, 9, 2,
        7, 11, 4, 1, 9, 12, 14, 2, 0, 6, 10, 13, 15, 3, 5, 8,
        2, 1, 14, 7, 4, 10, 8, 13, 15, 12, 9, 0, 3, 5, 6, 11,
    ],
];
