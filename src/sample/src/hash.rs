//! The hashes of `hash-type` and of the converters of the same names.

pub use base::avalanche;
use crc::{CRC_32_ISCSI, CRC_32_ISO_HDLC, Crc};

/// XXH64 without a seed.
pub fn xxh64(bytes: &[u8]) -> u64 {
    xxhash_rust::xxh64::xxh64(bytes, 0)
}

/// CRC32 as in Ethernet, gzip and PNG.
pub fn crc32(bytes: &[u8]) -> u32 {
    CRC32.checksum(bytes)
}

/// CRC32C (RFC 4960 appendix B).
pub fn crc32c(bytes: &[u8]) -> u32 {
    CRC32C.checksum(bytes)
}

/// The same of what stands in several parts.
pub fn crc32c_of<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> u32 {
    let mut digest = CRC32C.digest();
    for part in parts {
        digest.update(part);
    }
    digest.finalize()
}

/// Daniel J. Bernstein's hash: times 33, and the next byte.
pub fn djb2(bytes: &[u8]) -> u32 {
    bytes.iter().fold(5381, |hash: u32, byte| {
        hash.wrapping_mul(33).wrapping_add(u32::from(*byte))
    })
}

/// The hash of the database library sdbm: times 65599, and the next byte.
pub fn sdbm(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |hash: u32, byte| {
        hash.wrapping_mul(65_599).wrapping_add(u32::from(*byte))
    })
}

/// The hash WT6: two words that each byte inverts, then each other's, turned by as much as the bits
/// that came out say.
pub fn wt6(bytes: &[u8]) -> u32 {
    let (mut left, mut right) = (0xa53c_965a_u32, 0x5ca6_953a_u32);
    let (mut turn_right, mut turn_left) = (6, 18);
    for byte in bytes {
        left = !(left ^ u32::from(*byte));
        right = !right.wrapping_add(u32::from(*byte));
        (left, right) = (right.rotate_left(turn_right), left.rotate_left(turn_left));
        let turns = (left >> 16 ^ right) & 0xffff;
        (turn_right, turn_left) = (turns & 31, turns >> 11);
    }
    left ^ right
}

static CRC32: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);

static CRC32C: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);
