//! Patterns that may be anywhere in the value: a radix tree of them, walked from every place where one may
//! begin.

use super::tree::Tree;
use crate::pattern::entries::Slots;
use alloc::borrow::Cow;
use memchr::{memchr, memchr2, memchr3};

/// The entries of a list by the texts that a value has to have somewhere.
#[derive(Clone, Debug)]
pub(super) struct Texts {
    ignore_case: bool,
    tree: Tree,
}

impl Texts {
    pub(super) fn new(ignore_case: bool) -> Self {
        Self {
            ignore_case,
            tree: Tree::default(),
        }
    }

    /// The first entry that is there.
    pub(super) fn find(&self, value: &[u8], slots: &Slots) -> Option<u32> {
        let mut found = None;
        let mut rest = value;
        loop {
            rest = &rest[self.start(rest)..];
            let visit = |_, slot| found = Some(slots.earlier(found, slot));
            let bytes = rest.iter().copied();
            match self.ignore_case {
                true => self
                    .tree
                    .walk(bytes.map(|it| it.to_ascii_lowercase()), visit),
                false => self.tree.walk(bytes, visit),
            }
            match rest.split_first() {
                Some((_, behind)) => rest = behind,
                None => return found,
            }
        }
    }

    pub(super) fn add(&mut self, key: &[u8], slot: u32) {
        self.tree.add(&self.normal(key), slot);
    }

    pub(super) fn remove(&mut self, key: &[u8], slot: u32) {
        self.tree.remove(&self.normal(key), slot);
    }

    /// The first place where a pattern may begin, at last the end.
    fn start(&self, value: &[u8]) -> usize {
        let firsts = self.tree.firsts();
        let upper = |byte: u8| byte.to_ascii_uppercase();
        let found = match (firsts, self.ignore_case) {
            ([], _) => None,
            (&[(a, _)], false) => memchr(a, value),
            (&[(a, _), (b, _)], false) => memchr2(a, b, value),
            (&[(a, _), (b, _), (c, _)], false) => memchr3(a, b, c, value),
            (&[(a, _)], true) => memchr2(a, upper(a), value),
            (_, false) => value.iter().position(|&byte| self.tree.begins(byte)),
            (_, true) => {
                let lower = |byte: &u8| self.tree.begins(byte.to_ascii_lowercase());
                value.iter().position(lower)
            }
        };
        found.unwrap_or(value.len())
    }

    /// A number by which keys are near each other that are so in the tree.
    pub(super) fn near(&self, key: &[u8]) -> u128 {
        let text = self.normal(key);
        let mut first = [0; 16];
        let length = text.len().min(first.len());
        first[..length].copy_from_slice(&text[..length]);
        u128::from_be_bytes(first)
    }

    /// What the tree has for a key.
    fn normal<'a>(&self, key: &'a [u8]) -> Cow<'a, [u8]> {
        match self.ignore_case {
            true => Cow::Owned(key.to_ascii_lowercase()),
            false => Cow::Borrowed(key),
        }
    }
}
