//! Patterns that are parts of the value: a radix tree of them, walked from every place where one may be.

use super::tree::Tree;
use crate::pattern::entries::Slots;
use alloc::borrow::Cow;
use memchr::{memchr, memchr2, memchr3};

/// The entries of a list by the texts that a value has to have somewhere.
#[derive(Clone, Debug)]
pub(super) struct Texts {
    place: Place,
    ignore_case: bool,
    tree: Tree,
}

/// Where a pattern has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Beginning,
    Anywhere,
    /// Between bytes like these or the ends of the value.
    Between(Parting),
    End,
}

impl Texts {
    pub(super) fn new(place: Place, ignore_case: bool) -> Self {
        Self {
            place,
            ignore_case,
            tree: Tree::default(),
        }
    }

    /// The first entry that is where it has to be. Of beginnings it is the longest, unless case is
    /// ignored: the reference has these in a tree and those in a list.
    pub(super) fn find(&self, value: &[u8], slots: &Slots) -> Option<u32> {
        let mut found = None;
        match self.place {
            Place::Beginning if !self.ignore_case => self
                .tree
                .walk(value.iter().copied(), |_, slot| found = Some(slot)),
            Place::Beginning => self.walk(value.iter(), |_, slot| {
                found = Some(slots.earlier(found, slot));
            }),
            Place::End => self.walk(value.iter().rev(), |_, slot| {
                found = Some(slots.earlier(found, slot));
            }),
            Place::Anywhere => {
                let mut rest = value;
                loop {
                    rest = &rest[self.start(rest)..];
                    self.walk(rest.iter(), |_, slot| {
                        found = Some(slots.earlier(found, slot));
                    });
                    match rest.split_first() {
                        Some((_, behind)) => rest = behind,
                        None => break,
                    }
                }
            }
            Place::Between(parting) => {
                for start in parting.starts(value) {
                    let rest = &value[start..];
                    self.walk(rest.iter(), |length, slot| {
                        if rest.get(length).is_none_or(|&byte| parting.parts(byte)) {
                            found = Some(slots.earlier(found, slot));
                        }
                    });
                }
            }
        }
        found
    }

    pub(super) fn add(&mut self, key: &[u8], slot: u32) {
        self.tree.add(&self.normal(key), slot);
    }

    pub(super) fn remove(&mut self, key: &[u8], slot: u32) {
        self.tree.remove(&self.normal(key), slot);
    }

    /// Visits the first entry of each pattern that `bytes` begin with, and its length.
    fn walk<'a>(&self, bytes: impl Iterator<Item = &'a u8>, visit: impl FnMut(usize, u32)) {
        match self.ignore_case {
            true => self.tree.walk(bytes.map(u8::to_ascii_lowercase), visit),
            false => self.tree.walk(bytes.copied(), visit),
        }
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
        let mut text = Cow::Borrowed(match self.place {
            Place::Between(parting) => parting.trimmed(key),
            Place::Beginning | Place::Anywhere | Place::End => key,
        });
        if self.ignore_case {
            text.to_mut().make_ascii_lowercase();
        }
        if self.place == Place::End {
            text.to_mut().reverse();
        }
        text
    }
}

/// What parts a value into segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pattern) enum Parting {
    /// Slashes and question marks.
    Path,
    /// These, dots and colons.
    Domain,
}

impl Parting {
    fn parts(self, byte: u8) -> bool {
        match self {
            Self::Path => matches!(byte, b'/' | b'?'),
            Self::Domain => matches!(byte, b'/' | b'?' | b'.' | b':'),
        }
    }

    /// A pattern without what parts, at both ends.
    pub(in crate::pattern) fn trimmed(self, key: &[u8]) -> &[u8] {
        let begin = key.iter().position(|&byte| !self.parts(byte));
        let end = key.iter().rposition(|&byte| !self.parts(byte));
        match (begin, end) {
            (Some(begin), Some(end)) => &key[begin..=end],
            _ => &[],
        }
    }

    /// Where segments begin: at the beginning or behind what parts, but not in front of what parts. So a
    /// pattern of which nothing is left is found only behind all segments.
    fn starts(self, value: &[u8]) -> impl Iterator<Item = usize> {
        (0..=value.len()).filter(move |&at| {
            let after = at == 0 || self.parts(value[at - 1]);
            after && value.get(at).is_none_or(|&byte| !self.parts(byte))
        })
    }
}
