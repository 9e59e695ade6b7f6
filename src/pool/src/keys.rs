//! The keys of the connections there are, each once, with the lists in which connections are found.

use crate::key::{Key, KeyBuf};
use crate::list::List;
use crate::rules::Shelf;
use alloc::vec::Vec;
use core::cell::Cell;
use hashbrown::HashTable;
use slotmap::Key as SlotKey;

/// A key among [`Keys`]: equal exactly if the keys are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyId(pub(crate) u32);

/// Every key that a connection has, once.
#[derive(Debug)]
pub(crate) struct Keys<K> {
    seed: u64,
    by_key: HashTable<KeyId>,
    entries: Vec<Entry<K>>,
    free: Vec<KeyId>,
    /// The key that was looked for last, by server. Most servers have one: looked at first, it spares
    /// most requests the hash.
    last: Vec<Cell<KeyId>>,
}

/// A key, how many connections have it, and those of them that can be found.
#[derive(Debug)]
pub(crate) struct Entry<K> {
    key: KeyBuf,
    connections: u32,
    /// With streams and room for more.
    pub(crate) available: List<K>,
    /// Idle, and once used.
    pub(crate) idle: List<K>,
    /// Idle, and used more than once.
    pub(crate) safe: List<K>,
}

impl<K: SlotKey> Entry<K> {
    /// Those on a shelf.
    pub(crate) fn shelf(&self, shelf: Shelf) -> &List<K> {
        match shelf {
            Shelf::Idle => &self.idle,
            Shelf::Safe => &self.safe,
        }
    }

    /// Those on a shelf, to be changed.
    pub(crate) fn shelf_mut(&mut self, shelf: Shelf) -> &mut List<K> {
        match shelf {
            Shelf::Idle => &mut self.idle,
            Shelf::Safe => &mut self.safe,
        }
    }
}

impl<K: SlotKey> Keys<K> {
    pub(crate) fn new(seed: u64, servers: usize) -> Self {
        Self {
            seed,
            by_key: HashTable::new(),
            entries: Vec::new(),
            free: Vec::new(),
            last: (0..servers).map(|_| Cell::new(KeyId(0))).collect(),
        }
    }

    /// The key, if a connection has it. The hash finds candidates; the whole key decides.
    pub(crate) fn find(&self, key: &Key<'_>) -> Option<KeyId> {
        let entries = &self.entries;
        let last = &self.last[key.target.0 as usize];
        let again = |entry: &Entry<K>| entry.connections > 0 && entry.key.get() == *key;
        if entries.get(last.get().0 as usize).is_some_and(again) {
            return Some(last.get());
        }
        let same = |id: &KeyId| entries[id.0 as usize].key.get() == *key;
        let found = self.by_key.find(key.hash(self.seed), same).copied();
        if let Some(id) = found {
            last.set(id);
        }
        found
    }

    /// The key of one more connection.
    pub(crate) fn join(&mut self, key: &Key<'_>) -> KeyId {
        let id = match self.find(key) {
            Some(id) => id,
            None => self.insert(key),
        };
        self.entries[id.0 as usize].connections += 1;
        id
    }

    /// One connection less has it.
    pub(crate) fn leave(&mut self, id: KeyId) {
        let entry = &mut self.entries[id.0 as usize];
        entry.connections -= 1;
        if entry.connections == 0 {
            let hash = entry.key.get().hash(self.seed);
            if let Ok(found) = self.by_key.find_entry(hash, |one| *one == id) {
                found.remove();
            }
            self.free.push(id);
        }
    }

    fn insert(&mut self, key: &Key<'_>) -> KeyId {
        let entry = Entry {
            key: key.to_owned(),
            connections: 0,
            available: List::default(),
            idle: List::default(),
            safe: List::default(),
        };
        let id = match self.free.pop() {
            Some(id) => {
                self.entries[id.0 as usize] = entry;
                id
            }
            None => {
                self.entries.push(entry);
                KeyId(self.entries.len() as u32 - 1)
            }
        };
        let (entries, seed) = (&self.entries, self.seed);
        self.by_key.insert_unique(key.hash(seed), id, |one| {
            entries[one.0 as usize].key.get().hash(seed)
        });
        id
    }

    pub(crate) fn get(&self, id: KeyId) -> &Entry<K> {
        &self.entries[id.0 as usize]
    }

    pub(crate) fn get_mut(&mut self, id: KeyId) -> &mut Entry<K> {
        &mut self.entries[id.0 as usize]
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = KeyId> + '_ {
        (0..self.entries.len() as u32).map(KeyId)
    }
}

impl<K> Entry<K> {
    pub(crate) fn key(&self) -> &KeyBuf {
        &self.key
    }
}
