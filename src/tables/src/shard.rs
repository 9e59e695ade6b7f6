//! A part of a table: the entries whose keys' hashes fall into it, under one lock.
//!
//! Entries wait in a queue, filed under when they were due at that moment. To touch an entry moves
//! nothing: at the front of the queue it is found to be due later, and filed anew. What is held at the
//! front leaves the queue and is filed again by the last who holds it, so that nobody looks twice at
//! entries that are held for long.

use crate::entry::{Entry, EntryId};
use crate::key::KeyRef;
use crate::rules::Rules;
use crate::table::Common;
use alloc::collections::BTreeSet;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU64, Ordering};
use hashbrown::HashTable;

/// A part of a table.
pub(crate) struct Shard<R: Rules> {
    pub(crate) common: Arc<Common>,
    inner: spin::Mutex<Inner<R>>,
    /// Under when the front of the queue is filed; [`u64::MAX`] if the queue is empty.
    front_ms: AtomicU64,
    number: u8,
}

/// What is under the lock.
pub(crate) struct Inner<R: Rules> {
    /// By key. The entries themselves, not their slots: what is found is one miss of the cache nearer.
    index: HashTable<Arc<Entry<R>>>,
    slots: Vec<Slot<R>>,
    free: Vec<u32>,
    queue: BTreeSet<Filed>,
    filings: u64,
}

struct Slot<R: Rules> {
    /// How many entries stood here so far.
    generation: u32,
    full: Option<Full<R>>,
}

struct Full<R: Rules> {
    entry: Arc<Entry<R>>,
    hash: u64,
    /// `None` while it is parked.
    filed: Option<Filed>,
}

/// A place in the queue: first by time, then by who came first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Filed {
    due_ms: u64,
    filing: u64,
    slot: u32,
}

/// What became of a try to let the oldest go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Evicted {
    /// One entry went.
    One,
    /// The oldest here is not due before that time any more, or there is none.
    NotHere,
}

impl<R: Rules> Shard<R> {
    pub(crate) fn new(common: Arc<Common>, number: u8) -> Self {
        Self {
            common,
            inner: spin::Mutex::new(Inner {
                index: HashTable::new(),
                slots: Vec::new(),
                free: Vec::new(),
                queue: BTreeSet::new(),
                filings: 0,
            }),
            front_ms: AtomicU64::new(u64::MAX),
            number,
        }
    }

    /// The entry of `key`, if there is one that has not expired, and what `take` makes of it while it
    /// cannot go.
    pub(crate) fn find<T>(
        &self,
        key: KeyRef<'_>,
        hash: u64,
        now_ms: u64,
        take: impl FnOnce(&Arc<Entry<R>>) -> T,
    ) -> Option<T> {
        let inner = self.inner.lock();
        let entry = inner.find(key, hash)?;
        (!entry.is_gone(now_ms)).then(|| take(entry))
    }

    /// As [`Self::find`], or makes the entry if `reserve` finds room for it.
    pub(crate) fn find_or_make<T>(
        self: &Arc<Self>,
        key: KeyRef<'_>,
        hash: u64,
        now_ms: u64,
        reserve: impl FnOnce() -> bool,
        take: impl FnOnce(&Arc<Entry<R>>) -> T,
    ) -> Option<T> {
        let mut inner = self.inner.lock();
        if let Some(entry) = inner.find(key, hash) {
            if !entry.is_gone(now_ms) {
                return Some(take(entry));
            }
            let slot = slot_of(entry.id);
            self.remove(&mut inner, slot);
        }
        if !reserve() {
            self.note_front(&inner);
            return None;
        }
        let (slot, generation) = inner.free_slot();
        let id =
            EntryId(u64::from(generation) << 40 | u64::from(slot) << 8 | u64::from(self.number));
        let entry = Arc::new(Entry::new(id, self.clone(), key.to_key(), now_ms));
        let taken = take(&entry);
        let due_ms = entry.due_ms();
        let Inner { index, slots, .. } = &mut *inner;
        slots[slot as usize].full = Some(Full {
            entry: entry.clone(),
            hash,
            filed: None,
        });
        index.insert_unique(hash, entry, |entry| hash_of(slots, slot_of(entry.id)));
        inner.file(due_ms, slot);
        self.note_front(&inner);
        Some(taken)
    }

    /// Lets the oldest entry go if it is due no later than `at_most_ms`, and is found soon.
    pub(crate) fn evict(&self, at_most_ms: u64) -> Evicted {
        let mut inner = self.inner.lock();
        let mut outcome = Evicted::NotHere;
        for _ in 0..LOOKS_MAX {
            let front = inner.queue.first().copied();
            let Some(front) = front.filter(|front| front.due_ms <= at_most_ms) else {
                break;
            };
            if self.settle(&mut inner, front) {
                self.remove(&mut inner, front.slot);
                outcome = Evicted::One;
                break;
            }
        }
        self.note_front(&inner);
        outcome
    }

    /// Removes entries that have expired, having looked at no more than `looks`; says how many looks are
    /// left.
    pub(crate) fn expire(&self, now_ms: u64, mut looks: usize) -> usize {
        while looks > 0 && R::is_expired(self.front_ms(), now_ms, self.common.expire_ms) {
            let mut inner = self.inner.lock();
            for _ in 0..LOOKS_MAX.min(looks) {
                let front = inner.queue.first().copied();
                let expired = |due_ms| R::is_expired(due_ms, now_ms, self.common.expire_ms);
                let Some(front) = front.filter(|front| expired(front.due_ms)) else {
                    break;
                };
                looks -= 1;
                if self.settle(&mut inner, front) {
                    self.remove(&mut inner, front.slot);
                }
            }
            self.note_front(&inner);
        }
        looks
    }

    /// Under when the front of the queue is filed.
    pub(crate) fn front_ms(&self) -> u64 {
        self.front_ms.load(Ordering::SeqCst)
    }

    /// Files an entry again that nobody holds any more.
    pub(crate) fn unpark(&self, entry: &Entry<R>) {
        let mut inner = self.inner.lock();
        let slot = slot_of(entry.id);
        let parked = inner.full(slot).is_some_and(|full| {
            full.entry.id == entry.id && full.filed.is_none() && R::may_go(entry.holders())
        });
        if parked {
            entry.parked.store(false, Ordering::Relaxed);
            inner.file(entry.due_ms(), slot);
            self.note_front(&inner);
        }
    }

    /// The entry with this id, if it has not expired, and what `take` makes of it while it cannot go.
    pub(crate) fn by_id<T>(
        &self,
        id: EntryId,
        now_ms: u64,
        take: impl FnOnce(&Arc<Entry<R>>) -> T,
    ) -> Option<T> {
        let inner = self.inner.lock();
        let full = inner.full(slot_of(id))?;
        let found = full.entry.id == id && !full.entry.is_gone(now_ms);
        found.then(|| take(&full.entry))
    }

    /// Removes an entry unless somebody holds it; says whether it is gone.
    pub(crate) fn remove_by_id(&self, id: EntryId) -> bool {
        let mut inner = self.inner.lock();
        let slot = slot_of(id);
        let Some(full) = inner.full(slot).filter(|full| full.entry.id == id) else {
            return true;
        };
        let goes = R::may_go(full.entry.holders());
        if goes {
            self.remove(&mut inner, slot);
            self.note_front(&inner);
        }
        goes
    }

    /// Gives `take` the entries in `slots` that have not expired; says whether there are further slots.
    pub(crate) fn visit(
        &self,
        slots: core::ops::Range<u32>,
        now_ms: u64,
        mut take: impl FnMut(&Arc<Entry<R>>),
    ) -> bool {
        let inner = self.inner.lock();
        let count = inner.slots.len();
        let range = (slots.start as usize).min(count)..(slots.end as usize).min(count);
        for full in inner.slots[range]
            .iter()
            .filter_map(|slot| slot.full.as_ref())
        {
            if !full.entry.is_gone(now_ms) {
                take(&full.entry);
            }
        }
        (slots.end as usize) < count
    }

    /// Forgets all entries, whoever holds them: the table is gone.
    pub(crate) fn close(&self) {
        let mut inner = self.inner.lock();
        let Inner {
            index,
            slots,
            free,
            queue,
            ..
        } = &mut *inner;
        index.clear();
        slots.clear();
        free.clear();
        queue.clear();
    }

    /// Takes the front from the queue; says whether its entry is the oldest and may go. Else the entry is
    /// filed where it belongs.
    fn settle(&self, inner: &mut Inner<R>, front: Filed) -> bool {
        inner.queue.remove(&front);
        let Some(full) = &mut inner.slots[front.slot as usize].full else {
            return false;
        };
        full.filed = None;
        let entry = full.entry.clone();
        if !R::may_go(entry.holders()) {
            // Either the last holder sees this, or this sees that the last holder left: both look after
            // they wrote, and all agree on the order.
            entry.parked.store(true, Ordering::SeqCst);
            if !R::may_go(entry.holders.load(Ordering::SeqCst)) {
                return false;
            }
            entry.parked.store(false, Ordering::Relaxed);
        }
        let due_ms = entry.due_ms();
        let oldest = R::is_oldest(front.due_ms, due_ms);
        if !oldest {
            inner.file(due_ms, front.slot);
        }
        oldest
    }

    fn remove(&self, inner: &mut Inner<R>, slot: u32) {
        let Some(full) = inner.slots[slot as usize].full.take() else {
            return;
        };
        if let Some(filed) = full.filed {
            inner.queue.remove(&filed);
        }
        if let Ok(found) = inner
            .index
            .find_entry(full.hash, |entry| slot_of(entry.id) == slot)
        {
            found.remove();
        }
        inner.free.push(slot);
        self.common.used.fetch_sub(1, Ordering::Relaxed);
    }

    fn note_front(&self, inner: &Inner<R>) {
        let front_ms = inner.queue.first().map_or(u64::MAX, |front| front.due_ms);
        if front_ms == self.front_ms() {
            return;
        }
        self.front_ms.store(front_ms, Ordering::SeqCst);
        if front_ms != u64::MAX && self.common.expire_ms.is_some() {
            self.common.care.note_entries();
        }
    }
}

impl<R: Rules> Inner<R> {
    fn find(&self, key: KeyRef<'_>, hash: u64) -> Option<&Arc<Entry<R>>> {
        self.index.find(hash, |entry| entry.key().as_ref() == key)
    }

    fn full(&self, slot: u32) -> Option<&Full<R>> {
        self.slots.get(slot as usize)?.full.as_ref()
    }

    /// A free slot, and how many entries stood there with the next one.
    fn free_slot(&mut self) -> (u32, u32) {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot {
                generation: 0,
                full: None,
            });
            // A table has at most 2^32 - 1 entries.
            (self.slots.len() - 1) as u32
        });
        let generation = &mut self.slots[slot as usize].generation;
        // None is 0, so that no id is.
        *generation = *generation % GENERATION_MAX + 1;
        (slot, *generation)
    }

    /// Puts the entry in a slot into the queue.
    fn file(&mut self, due_ms: u64, slot: u32) {
        self.filings += 1;
        let filed = Filed {
            due_ms,
            filing: self.filings,
            slot,
        };
        if let Some(full) = &mut self.slots[slot as usize].full {
            full.filed = Some(filed);
            self.queue.insert(filed);
        }
    }
}

impl<R: Rules> Entry<R> {
    /// Whether it has expired.
    pub(crate) fn is_gone(&self, now_ms: u64) -> bool {
        R::may_go(self.holders()) && R::is_expired(self.due_ms(), now_ms, self.common().expire_ms)
    }
}

fn hash_of<R: Rules>(slots: &[Slot<R>], slot: u32) -> u64 {
    slots[slot as usize]
        .full
        .as_ref()
        .map_or(0, |full| full.hash)
}

fn slot_of(id: EntryId) -> u32 {
    (id.0 >> 8) as u32
}

/// The number of the shard of an entry.
pub(crate) fn shard_of(id: EntryId) -> usize {
    usize::from(id.0 as u8)
}

/// Entries at the front of the queue that are looked at under one lock.
const LOOKS_MAX: usize = 64;

/// The largest generation that fits into an id.
const GENERATION_MAX: u32 = (1 << 24) - 1;
