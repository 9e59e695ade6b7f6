//! Patterns that are parts of the value at known places: its beginning, its end, whole segments of it.

use super::parting::Parting;
use super::pieces::Pieces;
use super::track::Track;
use crate::pattern::entries::{HashKey, Slots};
use alloc::borrow::Cow;

/// The entries of a list by the texts that a value has to have there.
#[derive(Clone, Debug)]
pub(super) struct Anchored {
    place: Place,
    ignore_case: bool,
    pieces: Pieces,
}

/// Where a pattern has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Beginning,
    /// Between bytes like these or the ends of the value.
    Between(Parting),
    End,
}

impl Anchored {
    pub(super) fn new(place: Place, ignore_case: bool, hash_key: HashKey, expected: usize) -> Self {
        Self {
            place,
            ignore_case,
            pieces: Pieces::new(hash_key, expected),
        }
    }

    /// The first entry that is where it has to be. Of beginnings it is the longest, unless case is
    /// ignored: the reference has these in a tree and those in a list.
    pub(super) fn find(&self, value: &[u8], slots: &Slots) -> Option<u32> {
        let track = Track::new(value, self.ignore_case, self.place == Place::End);
        let anywhere = |_| true;
        let mut found = None;
        match self.place {
            Place::Beginning => {
                let is_there = |slot| self.is_at(value, slots.key(slot));
                let longest = !self.ignore_case;
                self.pieces.walk(track, 0, anywhere, is_there, |slot| {
                    found = Some(match longest {
                        true => slot,
                        false => slots.earlier(found, slot),
                    });
                });
            }
            Place::End => {
                let is_there = |slot| {
                    let key = slots.key(slot);
                    let from = value.len().checked_sub(key.len());
                    from.is_some_and(|from| self.is_at(&value[from..], key))
                };
                self.pieces.walk(track, 0, anywhere, is_there, |slot| {
                    found = Some(slots.earlier(found, slot));
                });
            }
            Place::Between(parting) => {
                let may_end = |at| value.get(at).is_none_or(|&byte| parting.parts(byte));
                let mut next = Some(0);
                while let Some(start) = next.and_then(|from| parting.start(value, from)) {
                    next = (start < value.len()).then_some(start + 1);
                    let is_there = |slot| {
                        let key = parting.trimmed(slots.key(slot));
                        self.is_at(&value[start..], key) && may_end(start + key.len())
                    };
                    self.pieces.walk(track, start, may_end, is_there, |slot| {
                        found = Some(slots.earlier(found, slot));
                    });
                }
            }
        }
        found
    }

    /// Whether a text begins with a key.
    fn is_at(&self, text: &[u8], key: &[u8]) -> bool {
        text.get(..key.len())
            .is_some_and(|part| match self.ignore_case {
                true => part.eq_ignore_ascii_case(key),
                false => part == key,
            })
    }

    pub(super) fn add(&mut self, slot: u32, slots: &Slots) {
        let (place, ignore_case) = (self.place, self.ignore_case);
        let text_of = |slot| normal(slots.key(slot), place, ignore_case);
        self.pieces.add(&text_of(slot), slot, text_of);
    }

    pub(super) fn remove(&mut self, key: &[u8], slot: u32) {
        let text = normal(key, self.place, self.ignore_case);
        self.pieces.remove(&text, slot);
    }
}

/// The text that is looked for of a key.
fn normal(key: &[u8], place: Place, ignore_case: bool) -> Cow<'_, [u8]> {
    let mut text = Cow::Borrowed(match place {
        Place::Between(parting) => parting.trimmed(key),
        Place::Beginning | Place::End => key,
    });
    if ignore_case {
        text.to_mut().make_ascii_lowercase();
    }
    if place == Place::End {
        text.to_mut().reverse();
    }
    text
}
