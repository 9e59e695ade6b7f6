//! A worker's own copies of short lists.
//!
//! Lists that stand in rules are short and hardly ever change, and every request asks many of them. Even a
//! lock that readers share is written to by each of them, and what all workers write to goes from one to
//! the other; a copy stays where it is. It has its own regular expressions, and with them their own caches.

use super::reference::{Reference, Version};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Copies of the short lists that a worker asks, by the numbers of these.
#[derive(Debug, Default)]
pub(crate) struct Copies(Vec<Option<Kept>>);

/// What is known of a list.
#[derive(Debug)]
struct Kept {
    of: Arc<Reference>,
    edition: u64,
    /// It was asked so often since it was changed.
    asked: u32,
    copy: Option<Version>,
}

impl Copies {
    /// The copy of a list as it is now, if it is worth having one.
    #[inline]
    pub(super) fn of(&mut self, list: &Arc<Reference>) -> Option<&Version> {
        let at = list.number as usize;
        let edition = list.edition();
        let known = |kept: &&Kept| kept.copy.is_some() && kept.is(list, edition);
        if self.kept(at).filter(known).is_none() {
            self.note(at, list, edition);
        }
        self.kept(at)?.copy.as_ref()
    }

    fn kept(&self, at: usize) -> Option<&Kept> {
        self.0.get(at)?.as_ref()
    }

    /// It is asked for without a copy.
    #[cold]
    fn note(&mut self, at: usize, list: &Arc<Reference>, edition: u64) {
        if self.0.len() <= at {
            self.0.resize_with(at + 1, || None);
        }
        match &mut self.0[at] {
            Some(kept) if kept.is(list, edition) => {
                if kept.asked < ASKED_MIN {
                    kept.asked += 1;
                    if kept.asked == ASKED_MIN {
                        (kept.edition, kept.copy) = list.copied(ENTRIES_MAX);
                    }
                }
            }
            kept => {
                *kept = Some(Kept {
                    of: Arc::clone(list),
                    edition,
                    asked: 0,
                    copy: None,
                });
            }
        }
    }
}

impl Kept {
    fn is(&self, list: &Arc<Reference>, edition: u64) -> bool {
        self.edition == edition && Arc::ptr_eq(&self.of, list)
    }
}

/// A list that changes more often than it is asked is not copied each time.
const ASKED_MIN: u32 = 16;
/// A longer list is not copied: entries.
const ENTRIES_MAX: usize = 256;

#[cfg(test)]
mod tests {
    use super::ASKED_MIN;
    use crate::pattern::matching::{How, Matching};
    use crate::pattern::open::Wanted;
    use crate::pattern::world::World;
    use crate::pattern::{Output, Shape, UserKind};
    use crate::value::Value;
    use crate::work::Work;
    use base::{Epoch, Rng};

    #[test]
    fn what_changes_in_a_list_that_was_copied_is_seen_at_once() {
        let mut world = World::with(&[("it.map", "a 1\n")]);
        let wanted = Wanted {
            name: "it.map",
            shape: Shape::Map,
            how: How::exactly(Matching::Str),
            output: Output::Text,
            user: UserKind::Map,
            hosts: false,
        };
        let lookup = wanted.open(&mut world).expect("a map");
        let list = &lookup.reference;
        let mut work = Work::new(Epoch(0), Rng::from_u64(1), 64);
        let mut values_of = |key: &str| {
            let ask = || {
                let key = Value::text(key.as_bytes());
                let value = |entry: &crate::pattern::Entry| entry.value().map(<[u8]>::to_vec);
                lookup.find(&key, &mut work.copies, value).flatten()
            };
            let mut found: alloc::vec::Vec<_> = core::iter::repeat_with(ask)
                .take(ASKED_MIN as usize * 2)
                .collect();
            let copied = work.copies.of(&lookup.reference).is_some();
            found.dedup();
            (found, copied)
        };
        let some = |text: &str| (alloc::vec![Some(text.as_bytes().to_vec())], true);
        let none = || (alloc::vec![None], true);
        assert_eq!(values_of("a"), some("1"));
        assert_eq!(list.set(b"a", b"2"), Ok(1));
        assert_eq!(values_of("a"), some("2"));
        assert_eq!(list.add(None, b"b", Some(b"3")), Ok(()));
        assert_eq!(values_of("b"), some("3"));
        assert_eq!(list.delete(b"a"), 1);
        assert_eq!(values_of("a"), none());
        let next = list.prepare();
        assert_eq!(list.add(Some(next), b"c", Some(b"4")), Ok(()));
        assert_eq!(values_of("c"), none());
        assert_eq!(list.commit(next), Ok(()));
        assert_eq!(values_of("c"), some("4"));
        list.clear(None);
        assert_eq!(values_of("c"), none());
    }

    #[test]
    fn a_long_list_is_not_copied() {
        let mut world = World::with(&[]);
        let list = world.references.make(None).expect("a list");
        for number in 0..=super::ENTRIES_MAX {
            let key = alloc::format!("{number}");
            list.add(None, key.as_bytes(), None).expect("a key");
        }
        let mut copies = super::Copies::default();
        assert!((0..=2 * ASKED_MIN).all(|_| copies.of(&list).is_none()));
        list.delete(b"0");
        assert!((0..=2 * ASKED_MIN).any(|_| copies.of(&list).is_some()));
    }
}
