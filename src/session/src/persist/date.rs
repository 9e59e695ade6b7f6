//! Dates in cookies: five digits to the base of 64, of the seconds since 1970 divided by 4.

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// How many digits there are.
const LEN: usize = 5;

/// Appends a date; seconds since 1970 that are no multiple of 4 are cut.
pub(super) fn put(out: &mut alloc::vec::Vec<u8>, seconds: u64) {
    let number = seconds >> 2;
    for at in (0..LEN).rev() {
        out.push(DIGITS[(number >> (6 * at)) as usize & 63]);
    }
}

/// The date that `text` begins with, and what stands behind it; 0 is none.
pub(super) fn read(text: &[u8]) -> Option<(u64, &[u8])> {
    let (digits, rest) = text.split_at_checked(LEN)?;
    let mut number = 0;
    for digit in digits {
        let value = DIGITS.iter().position(|other| other == digit)?;
        number = number << 6 | value as u64;
    }
    (number > 0).then_some((number << 2, rest))
}
