//! Bytes that are kept in place if they are few.

use alloc::boxed::Box;

/// Bytes; up to `N` of them need no memory elsewhere.
#[derive(Clone, Debug)]
pub(super) enum Text<const N: usize> {
    Short { bytes: u8, text: [u8; N] },
    Long(Box<[u8]>),
}

impl<const N: usize> Text<N> {
    /// One text after the other.
    pub(super) fn new(first: &[u8], second: &[u8]) -> Self {
        const { assert!(N <= u8::MAX as usize) };
        let length = first.len() + second.len();
        if length > N {
            return Self::Long([first, second].concat().into());
        }
        let mut text = [0; N];
        text[..first.len()].copy_from_slice(first);
        text[first.len()..length].copy_from_slice(second);
        Self::Short {
            bytes: length as u8,
            text,
        }
    }
}

impl<const N: usize> core::ops::Deref for Text<N> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Short { bytes, text } => &text[..usize::from(*bytes)],
            Self::Long(text) => text,
        }
    }
}

impl<const N: usize> Default for Text<N> {
    fn default() -> Self {
        Self::new(&[], &[])
    }
}
