//! The entries of a list: found by their number, by their key, and in the order in which they came.

use super::index::Exact;
use super::index::Normal;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// An entry of a list.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its number, by which it can be named at run time. Those that came later have greater ones.
    pub id: u64,
    /// The pattern as it was written.
    pub key: Box<[u8]>,
    /// What a map has for it.
    pub value: Option<Box<[u8]>>,
    /// The line of the file it was read from, from 1; 0 if it came later.
    pub line: u32,
}

/// The entries of a list.
#[derive(Debug)]
pub(super) struct Entries {
    slots: Slots,
    free: Vec<u32>,
    order: BTreeMap<u64, u32>,
    by_key: Exact,
}

/// Where entries are; a slot is used again once its entry is gone.
#[derive(Debug, Default)]
pub(super) struct Slots(Vec<Option<Entry>>);

impl Slots {
    /// The entry in a slot.
    pub(super) fn get(&self, slot: u32) -> Option<&Entry> {
        self.0.get(slot as usize)?.as_ref()
    }

    /// The key of the entry in a slot.
    pub(super) fn key(&self, slot: u32) -> &[u8] {
        self.get(slot).map_or(&[], |entry| &entry.key)
    }

    /// Which of two came first; anything came before nothing.
    pub(super) fn earlier(&self, a: Option<u32>, b: u32) -> u32 {
        let id = |slot| self.get(slot).map_or(u64::MAX, |entry| entry.id);
        a.filter(|&a| id(a) <= id(b)).unwrap_or(b)
    }
}

impl Entries {
    pub(super) fn new(hash_key: HashKey) -> Self {
        Self {
            slots: Slots::default(),
            free: Vec::new(),
            order: BTreeMap::new(),
            by_key: Exact::new(Normal::Text, hash_key),
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
        let same = self.by_key.get(key, &self.slots);
        same.map(|same| same.iter().collect()).unwrap_or_default()
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

    /// Takes the entry out of a slot.
    pub(super) fn remove(&mut self, slot: u32) -> Option<Entry> {
        self.by_key.remove(slot, &self.slots);
        let entry = self.slots.0.get_mut(slot as usize)?.take()?;
        self.order.remove(&entry.id);
        self.free.push(slot);
        Some(entry)
    }

    /// Gives the entry in a slot another value; what it was comes back.
    pub(super) fn set(&mut self, slot: u32, value: Box<[u8]>) -> Option<Box<[u8]>> {
        let entry = self.slots.0.get_mut(slot as usize)?.as_mut()?;
        entry.value.replace(value)
    }
}

/// What the hashes of a process depend on, so that nobody outside can choose keys that collide.
pub type HashKey = [u64; 2];
