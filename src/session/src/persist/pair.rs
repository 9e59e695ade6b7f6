//! One cookie of a line.

use alloc::vec::Vec;
use sample::text::unquoted;

/// A cookie, taken out of its line.
#[derive(Clone, Copy)]
pub(super) struct Pair<'a> {
    /// The spaces in front.
    pub lead: &'a [u8],
    pub name: &'a [u8],
    pub value: &'a [u8],
    /// The spaces behind.
    pub tail: &'a [u8],
}

impl<'a> Pair<'a> {
    /// What stands between two separators; nothing if that has no name or no value.
    pub(super) fn of(part: &'a [u8]) -> Option<Self> {
        let equals = part.iter().position(|byte| *byte == b'=')?;
        let name = part[..equals].trim_ascii_start();
        let lead = &part[..equals - name.len()];
        let rest = part[equals + 1..].trim_ascii_start();
        let value = rest.trim_ascii_end();
        let name = name.trim_ascii_end();
        (!name.is_empty()).then_some(Self {
            lead,
            name,
            value,
            tail: &rest[value.len()..],
        })
    }

    /// Name, equals sign and value, without the spaces around the sign, and with those behind.
    pub(super) fn put(&self, out: &mut Vec<u8>) {
        self.put_with(b"", b"", out);
    }

    /// The same with two more pieces in front of the value.
    pub(super) fn put_with(&self, first: &[u8], second: &[u8], out: &mut Vec<u8>) {
        for piece in [self.name, b"=", first, second, self.value, self.tail] {
            out.extend_from_slice(piece);
        }
    }
}

/// The first part of a line, and what follows it with its separator.
pub(super) fn split(line: &[u8]) -> (&[u8], &[u8]) {
    line.split_at(unquoted(line, |byte| matches!(byte, b';' | b',')))
}
