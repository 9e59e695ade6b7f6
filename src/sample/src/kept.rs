//! Text that keeps bytes of any kind: what does not form UTF-8 stands in it as characters that nobody
//! uses, one a byte, and becomes bytes again where values are meant.
//!
//! A configuration is text and stays text; only what is compared and sent has to be as it was written.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

/// The text of a file; a character of it that is one of those that stand for bytes is taken apart.
pub fn text_of(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for letter in chunk.valid().chars() {
            match u32::from(letter) >= FIRST {
                true => put(&mut text, letter.encode_utf8(&mut [0; 4]).as_bytes()),
                false => text.push(letter),
            }
        }
        put(&mut text, chunk.invalid());
    }
    text
}

/// The text of what was made out of such a text: characters that stand for bytes stay.
pub fn text_within(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|wrong| {
        let bytes = wrong.into_bytes();
        let mut text = String::with_capacity(bytes.len());
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            put(&mut text, chunk.invalid());
        }
        text
    })
}

fn put(text: &mut String, bytes: &[u8]) {
    text.extend(
        bytes
            .iter()
            .filter_map(|byte| char::from_u32(BASE + u32::from(*byte))),
    );
}

/// The bytes of a text, or of a part of one, as they were.
pub fn bytes_of(text: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memmem::find(text, &LEAD).is_none() {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, behind)) = rest.split_first() {
        match rest {
            // Six bits are in the last byte, and one of the two above them in the third.
            [
                0xf4,
                0x8f,
                third @ 0xbe..=0xbf,
                last @ 0x80..=0xbf,
                behind @ ..,
            ] => {
                bytes.push(0x80 | (third & 1) << 6 | (last & 0x3f));
                rest = behind;
            }
            _ => {
                bytes.push(first);
                rest = behind;
            }
        }
    }
    Cow::Owned(bytes)
}

/// The byte of the character; those below 0x80 are always of UTF-8.
const BASE: u32 = 0x10_ff00;
/// The first that stands for a byte.
const FIRST: u32 = BASE + 0x80;
/// What they begin with in UTF-8.
const LEAD: [u8; 2] = [0xf4, 0x8f];

#[cfg(test)]
mod tests {
    use super::{bytes_of, text_of, text_within};
    use alloc::vec::Vec;

    #[test]
    fn bytes_of_any_kind_come_back_as_they_were() {
        let all: Vec<u8> = (0..=255).collect();
        let odd = "é\u{10ff80}\u{10ffff}\u{10fe80}".as_bytes();
        let cut = &odd[..odd.len() - 1];
        for bytes in [&all, odd, cut, b"a\xe0b", b"\xf4\x8f", b"\xf4\x8f\xbe", b""] {
            let text = text_of(bytes);
            assert_eq!(*bytes_of(text.as_bytes()), *bytes, "{text:?}");
            // Read once more, the text of a file is what it was.
            assert_eq!(text_within(text.clone().into_bytes()), text);
        }
        assert_eq!(text_of("grün".as_bytes()), "grün");
    }

    #[test]
    fn what_is_put_together_is_text_where_it_can_be() {
        let word = text_within([b"\xc3\xa9-\xe0".as_slice(), text_of(b"\xff").as_bytes()].concat());
        assert!(word.starts_with("é-"), "{word:?}");
        assert_eq!(*bytes_of(word.as_bytes()), *b"\xc3\xa9-\xe0\xff");
    }
}
