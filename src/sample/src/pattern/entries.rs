//! The entries of a list: found by their number, by their key, and in the order in which they came.

use super::index::Exact;
use super::index::Normal;
use super::text::Text;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// An entry of a list. It fills one cache line, and short texts are in it: what a lookup in a large list
/// costs is the memory it has to wait for.
#[derive(Clone, Debug)]
#[repr(align(64))]
pub struct Entry {
    /// Its number, by which it can be named at run time. Those that came later have greater ones.
    pub id: u64,
    /// The line of the file it was read from, from 1; 0 if it came later.
    pub line: u32,
    /// Where the value begins; [`NO_VALUE`] if there is none.
    value_at: u32,
    /// The key, then the value.
    text: Text<SHORT>,
}

impl Entry {
    pub(super) fn new(id: u64, line: u32, key: &[u8], value: Option<&[u8]>) -> Self {
        Self {
            id,
            line,
            value_at: value.map_or(NO_VALUE, |_| key.len() as u32),
            text: Text::new(key, value.unwrap_or_default()),
        }
    }

    /// The pattern as it was written.
    pub fn key(&self) -> &[u8] {
        self.text
            .get(..self.value_at as usize)
            .unwrap_or(&self.text)
    }

    /// What a map has for it.
    pub fn value(&self) -> Option<&[u8]> {
        self.text.get(self.value_at as usize..)
    }
}

/// The entries of a list.
#[derive(Clone, Debug)]
pub(super) struct Entries {
    slots: Slots,
    free: Vec<u32>,
    order: BTreeMap<u64, u32>,
    by_key: Exact,
}

/// Where entries are; a slot is used again once its entry is gone.
#[derive(Clone, Debug, Default)]
pub(super) struct Slots(Vec<Option<Entry>>);

impl Slots {
    /// The entry in a slot.
    pub(super) fn get(&self, slot: u32) -> Option<&Entry> {
        self.0.get(slot as usize)?.as_ref()
    }

    /// The key of the entry in a slot.
    pub(super) fn key(&self, slot: u32) -> &[u8] {
        self.get(slot).map_or(&[], Entry::key)
    }

    /// Which of two came first; anything came before nothing.
    pub(super) fn earlier(&self, a: Option<u32>, b: u32) -> u32 {
        let id = |slot| self.get(slot).map_or(u64::MAX, |entry| entry.id);
        a.filter(|&a| id(a) <= id(b)).unwrap_or(b)
    }
}

impl Entries {
    /// None yet; there will be about so many.
    pub(super) fn new(hash_key: HashKey, expected: usize) -> Self {
        Self {
            slots: Slots(Vec::with_capacity(expected)),
            free: Vec::new(),
            order: BTreeMap::new(),
            by_key: Exact::new(Normal::Text, hash_key, expected),
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    pub(super) fn slots(&self) -> &Slots {
        &self.slots
    }

    /// The first entry with this key.
    pub(super) fn find(&self, key: &[u8]) -> Option<u32> {
        self.by_key.find(key, &self.slots)
    }

    /// All entries with this key.
    pub(super) fn all_with(&self, key: &[u8]) -> Vec<u32> {
        self.by_key.all(key, &self.slots)
    }

    /// The entry with this number.
    pub(super) fn by_id(&self, id: u64) -> Option<u32> {
        self.order.get(&id).copied()
    }

    /// Entries whose numbers are greater than `id`, or all.
    pub(super) fn after(&self, id: Option<u64>) -> impl Iterator<Item = &Entry> {
        let from = id.map_or(0, |id| id.saturating_add(1));
        let slots = self.order.range(from..).map(|(_, &slot)| slot);
        slots.filter_map(|slot| self.slots.get(slot))
    }

    /// The slots of all entries, in the order in which they came.
    pub(super) fn in_order(&self) -> impl Iterator<Item = u32> {
        self.order.values().copied()
    }

    /// Adds one; says in which slot. Its number has to be greater than all others.
    pub(super) fn add(&mut self, entry: Entry) -> u32 {
        let id = entry.id;
        let slot = match self.free.pop() {
            Some(slot) => {
                self.slots.0[slot as usize] = Some(entry);
                slot
            }
            None => {
                self.slots.0.push(Some(entry));
                (self.slots.0.len() - 1) as u32
            }
        };
        self.order.insert(id, slot);
        self.by_key.add(slot, &self.slots);
        slot
    }

    /// Takes the entry out of a slot; says whether there was one.
    pub(super) fn remove(&mut self, slot: u32) -> bool {
        self.by_key.remove(slot, &self.slots);
        let Some(entry) = self.slots.0.get_mut(slot as usize).and_then(Option::take) else {
            return false;
        };
        self.order.remove(&entry.id);
        self.free.push(slot);
        true
    }

    /// Gives the entry in a slot another value.
    pub(super) fn set(&mut self, slot: u32, value: &[u8]) {
        if let Some(Some(entry)) = self.slots.0.get_mut(slot as usize) {
            *entry = Entry::new(entry.id, entry.line, entry.key(), Some(value));
        }
    }
}

/// What the hashes of a process depend on, so that nobody outside can choose keys that collide.
pub type HashKey = [u64; 2];

/// Key and value together may be so long to be in the entry itself, bytes: it is 64 then.
const SHORT: usize = 46;

/// More than any text has.
const NO_VALUE: u32 = u32::MAX;

#[cfg(test)]
mod tests {
    use super::{Entry, SHORT};

    #[test]
    fn an_entry_fills_a_cache_line() {
        assert_eq!(size_of::<Option<Entry>>(), 64);
    }

    #[test]
    fn long_texts_are_the_same_as_short_ones() {
        for length in [0, 1, SHORT - 1, SHORT, SHORT + 1, 500] {
            let text = &[b'x'; 500][..length];
            let (key, value) = text.split_at(length / 2);
            let entry = Entry::new(1, 2, key, Some(value));
            assert_eq!((entry.key(), entry.value()), (key, Some(value)));
            assert_eq!(Entry::new(1, 2, text, None).value(), None);
        }
    }
}
