//! Names in lower case and others, eight bytes at a time.

use message::capitals;

/// Whether a name has a capital: what comes from HTTP/2 never has one.
pub(super) fn has_capital(name: &[u8]) -> bool {
    match name.last_chunk() {
        // The last eight bytes may overlap the ones before.
        Some(last) => {
            let (words, _) = name.as_chunks();
            let mut words = words.iter().chain([last]);
            words.any(|word| capitals(u64::from_le_bytes(*word)) != 0)
        }
        None => name.iter().any(u8::is_ascii_uppercase),
    }
}

/// Whether `lower` is `name` in lower case.
#[inline]
pub(super) fn is_lower(name: &[u8], lower: &[u8]) -> bool {
    if name.len() != lower.len() {
        return false;
    }
    let is_lower_word = |word: &[u8; 8], lower: &[u8; 8]| {
        // A capital lacks one bit of the letter that it is.
        let word = u64::from_le_bytes(*word);
        word | capitals(word) >> 2 == u64::from_le_bytes(*lower)
    };
    match (name.last_chunk(), lower.last_chunk()) {
        (Some(end), Some(lower_end)) => {
            let mut words = name.as_chunks().0.iter().zip(lower.as_chunks().0);
            is_lower_word(end, lower_end) && words.all(|(word, lower)| is_lower_word(word, lower))
        }
        _ => {
            let mut bytes = name.iter().zip(lower);
            bytes.all(|(byte, lower)| byte.to_ascii_lowercase() == *lower)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{has_capital, is_lower};

    #[test]
    fn capitals_are_found_wherever_they_stand() {
        for length in 0..20 {
            for at in 0..length {
                for byte in 0..=u8::MAX {
                    let mut name = [b'z'; 20];
                    name[at] = byte;
                    let name = &name[..length];
                    assert_eq!(has_capital(name), byte.is_ascii_uppercase(), "{name:?}");
                }
            }
        }
    }

    #[test]
    fn a_name_is_another_in_lower_case_only_if_every_byte_is() {
        for length in 1..20 {
            for at in 0..length {
                for byte in 0..=u8::MAX {
                    let (mut name, mut lower) = ([b'Y'; 20], [b'y'; 20]);
                    (name[at], lower[at]) = (byte, byte.to_ascii_lowercase());
                    assert!(is_lower(&name[..length], &lower[..length]));
                    for other in [byte ^ 0x20, byte ^ 0x80, byte.wrapping_add(1)] {
                        lower[at] = other;
                        let same = byte.to_ascii_lowercase() == other;
                        let told = is_lower(&name[..length], &lower[..length]);
                        assert_eq!(told, same, "{byte:#x} {other:#x}");
                    }
                }
            }
        }
        assert!(!is_lower(b"Date", b"dat"));
    }
}
