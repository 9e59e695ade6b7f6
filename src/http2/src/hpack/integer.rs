//! Integers with a prefix (RFC 7541 §5.1).

use super::Error;
use alloc::vec::Vec;

/// Reads the integer that begins in the low `prefix` bits of the first byte, and moves `block` behind it.
pub(super) fn read(block: &mut &[u8], prefix: u32) -> Result<u32, Error> {
    let (first, mut rest) = block.split_first().ok_or(Error::Truncated)?;
    let full = (1 << prefix) - 1;
    let mut value = u32::from(*first) & full;
    if value == full {
        let mut shift = 0;
        loop {
            let (byte, behind) = rest.split_first().ok_or(Error::Truncated)?;
            rest = behind;
            value += u32::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
            shift += 7;
            if shift > SHIFT_MAX {
                return Err(Error::Integer);
            }
        }
    }
    *block = rest;
    Ok(value)
}

/// Writes an integer; `pattern` is what stands above the prefix in the first byte.
pub(super) fn write(out: &mut Vec<u8>, pattern: u8, prefix: u32, value: u32) {
    let full = (1 << prefix) - 1;
    if value < full {
        return out.push(pattern | value as u8);
    }
    out.push(pattern | full as u8);
    let mut left = value - full;
    while left >= 0x80 {
        out.push(left as u8 | 0x80);
        left >>= 7;
    }
    out.push(left as u8);
}

/// Four bytes follow the prefix at most: no length or index of ours is beyond 2^28.
const SHIFT_MAX: u32 = 21;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn the_examples_of_the_rfc_read_and_write() {
        // RFC 7541 §C.1.1 to §C.1.3.
        for (bytes, prefix, value) in [
            (vec![0x0a], 5, 10),
            (vec![0x1f, 0x9a, 0x0a], 5, 1337),
            (vec![0x2a], 8, 42),
        ] {
            let mut out = Vec::new();
            write(&mut out, 0, prefix, value);
            assert_eq!(out, bytes);
            assert_eq!(read(&mut &bytes[..], prefix), Ok(value));
        }
    }

    #[test]
    fn every_length_reads_back_and_a_cut_is_seen() {
        for prefix in 4..=7 {
            for value in (0..28).flat_map(|bits| [(1 << bits) - 1, 1 << bits]) {
                let mut out = Vec::new();
                write(&mut out, 0, prefix, value);
                assert_eq!(read(&mut &out[..], prefix), Ok(value));
                let cut = &out[..out.len() - 1];
                assert_eq!(read(&mut &cut[..], prefix), Err(Error::Truncated));
            }
        }
    }

    #[test]
    fn an_integer_of_six_bytes_is_too_large() {
        let long = [0x1f, 0x80, 0x80, 0x80, 0x80, 0x00];
        assert_eq!(read(&mut &long[..], 5), Err(Error::Integer));
        let largest = [0xff, 0xff, 0xff, 0xff, 0x7f];
        assert_eq!(read(&mut &largest[..], 8), Ok(255 + (1 << 28) - 1));
    }
}
