//! A table, shared by all workers.

use crate::bell::{Bell, Care};
use crate::definition::Definition;
use crate::entry::{Entry, EntryId};
use crate::held::{Held, Tracked};
use crate::key::KeyRef;
use crate::layout::Layout;
use crate::rules::{Rules, Sound};
use crate::shard::{Evicted, Shard, shard_of};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use base::{Duration, Instant, Rng};
use core::fmt;
use core::sync::atomic::{AtomicU32, Ordering};

/// A stick table. All methods may be called by many at once.
pub struct Table<R: Rules = Sound> {
    common: Arc<Common>,
    shards: Box<[Arc<Shard<R>>]>,
    hash_keys: [u64; 2],
}

/// What the entries of a table have in common.
pub(crate) struct Common {
    pub(crate) definition: Definition,
    pub(crate) layout: Layout,
    pub(crate) expire_ms: Option<u64>,
    /// Entries there are.
    pub(crate) used: AtomicU32,
    pub(crate) care: Care,
}

/// There is no entry, and none can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoEntry {
    /// The table is full, and nothing may go: `nopurge`, or all entries are held.
    Full,
    /// The key is not of the table's type.
    WrongKey,
}

/// Where a walk through a table is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    shard: usize,
    slot: u32,
}

/// A piece of a table.
#[derive(Debug)]
pub struct Page<R: Rules = Sound> {
    /// The entries of the piece.
    pub entries: Vec<Arc<Entry<R>>>,
    /// Where the next piece begins; `None` behind the last.
    pub next: Option<Cursor>,
}

/// Somebody holds the entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InUse;

impl<R: Rules> Table<R> {
    /// An empty table. `rng` decides where entries stand, and nothing else.
    pub fn new(definition: Definition, rng: &Rng) -> Self {
        Self::with_bell(definition, rng, Bell::default())
    }

    /// The same, and `bell` calls those who look after it.
    pub fn with_bell(definition: Definition, rng: &Rng, bell: Bell) -> Self {
        let shards = (definition.size / ENTRIES_PER_SHARD).clamp(1, SHARDS_MAX);
        Self::with_shards(definition, rng, shards.next_power_of_two(), bell)
    }

    /// An empty table of so many shards: a power of two, [`SHARDS_MAX`] at most.
    pub(crate) fn with_shards(definition: Definition, rng: &Rng, shards: u32, bell: Bell) -> Self {
        let mut rng = rng.fork(&definition.name);
        let common = Arc::new(Common {
            layout: Layout::new(&definition),
            expire_ms: definition.expire.map(whole_millis),
            used: AtomicU32::new(0),
            care: Care::new(bell),
            definition,
        });
        Self {
            shards: (0..shards)
                .map(|number| Arc::new(Shard::new(common.clone(), number as u8)))
                .collect(),
            hash_keys: [rng.next_u64(), rng.next_u64()],
            common,
        }
    }

    /// What the table is by its configuration.
    pub fn definition(&self) -> &Definition {
        &self.common.definition
    }

    /// Where in its entries the data types stand.
    pub fn layout(&self) -> &Layout {
        &self.common.layout
    }

    /// Whether an entry is, or was, one of this table.
    pub fn is_home_of(&self, entry: &Entry<R>) -> bool {
        Arc::ptr_eq(&self.common, &entry.home.common)
    }

    /// How many entries there are (`used:`, `table_cnt`). Those that have expired count until
    /// [`Self::expire`] comes across them.
    pub fn used(&self) -> u32 {
        self.common.used.load(Ordering::Relaxed)
    }

    /// How many entries fit in (`table_avl`).
    pub fn available(&self) -> u32 {
        self.definition().size.saturating_sub(self.used())
    }

    /// The entry of `key`, to be read: nothing is postponed.
    pub fn lookup(&self, key: KeyRef<'_>, now: Instant) -> Option<Arc<Entry<R>>> {
        self.find(key, now, Arc::clone)
    }

    /// The entry of `key`, to be changed. Nothing is postponed by that alone.
    pub fn hold(&self, key: KeyRef<'_>, now: Instant) -> Option<Held<R>> {
        self.find(key, now, Held::new)
    }

    /// The entry of `key`, to be changed, made if there is none. Nothing is postponed by that alone.
    pub fn hold_or_make(&self, key: KeyRef<'_>, now: Instant) -> Result<Held<R>, NoEntry> {
        let key = self.definition().key.fit(key).ok_or(NoEntry::WrongKey)?;
        let hash = self.hash(key);
        let shard = self.shard(hash);
        loop {
            let found =
                shard.find_or_make(key, hash, now.as_millis(), || self.reserve(), Held::new);
            match found {
                Some(held) => return Ok(held),
                None if self.make_room(now.as_millis()) => {}
                None => return Err(NoEntry::Full),
            }
        }
    }

    /// Tracks the entry of `key` (`track-sc`), made if there is none: it is touched, and a connection
    /// is counted.
    pub fn track(&self, key: KeyRef<'_>, now: Instant) -> Result<Tracked<R>, NoEntry> {
        let held = self.hold_or_make(key, now)?;
        held.touch(now);
        Ok(Tracked::new(held, now))
    }

    /// The entry that is called `id`, to be read.
    pub fn lookup_by_id(&self, id: EntryId, now: Instant) -> Option<Arc<Entry<R>>> {
        let shard = self.shards.get(shard_of(id))?;
        shard.by_id(id, now.as_millis(), Arc::clone)
    }

    /// The entry that is called `id`, to be changed.
    pub fn hold_by_id(&self, id: EntryId, now: Instant) -> Option<Held<R>> {
        let shard = self.shards.get(shard_of(id))?;
        shard.by_id(id, now.as_millis(), Held::new)
    }

    /// Removes an entry unless somebody holds it (`clear table`). One that is gone already is removed.
    pub fn remove(&self, id: EntryId) -> Result<(), InUse> {
        let gone = self
            .shards
            .get(shard_of(id))
            .is_none_or(|shard| shard.remove_by_id(id));
        if gone { Ok(()) } else { Err(InUse) }
    }

    /// The entries from `from` on, having looked at no more than `looks` places: those that are there
    /// from the first piece to the last are in one of them, once. The order is that in which places
    /// were first taken, within each shard.
    pub fn page(&self, from: Cursor, looks: u32, now: Instant) -> Page<R> {
        let mut entries = Vec::new();
        let mut at = from;
        let mut left = looks.max(1);
        while let Some(shard) = self.shards.get(at.shard) {
            if left == 0 {
                return Page {
                    entries,
                    next: Some(at),
                };
            }
            let end = at.slot.saturating_add(left);
            let more = shard.visit(at.slot..end, now.as_millis(), |entry| {
                entries.push(entry.clone());
            });
            if more {
                at.slot = end;
                left = 0;
            } else {
                // An empty shard costs a look as well.
                left -= 1;
                at = Cursor {
                    shard: at.shard + 1,
                    slot: 0,
                };
            }
        }
        Page {
            entries,
            next: None,
        }
    }

    /// Removes entries that have expired, having looked at no more than `looks`. Says when to call
    /// again: an instant that is past if there is more to do. To call late is harmless: what has
    /// expired is not found.
    pub fn expire(&self, now: Instant, looks: usize) -> Option<Instant> {
        self.common.expire_ms?;
        let mut left = looks;
        for shard in &self.shards {
            left = shard.expire(now.as_millis(), left);
        }
        self.expire_at()
    }

    /// When [`Self::expire`] has something to look at; `None` if nothing expires.
    pub(crate) fn expire_at(&self) -> Option<Instant> {
        self.common.expire_ms?;
        let front_ms = self.shards.iter().map(|shard| shard.front_ms()).min()?;
        (front_ms != u64::MAX).then(|| Instant::ZERO + Duration::from_millis(front_ms))
    }

    pub(crate) fn care(&self) -> &Care {
        &self.common.care
    }

    fn find<T>(
        &self,
        key: KeyRef<'_>,
        now: Instant,
        take: impl FnOnce(&Arc<Entry<R>>) -> T,
    ) -> Option<T> {
        let key = self.definition().key.fit(key)?;
        let hash = self.hash(key);
        self.shard(hash).find(key, hash, now.as_millis(), take)
    }

    fn hash(&self, key: KeyRef<'_>) -> u64 {
        key.hash(self.hash_keys)
    }

    /// By the upper half: the lower is for the index within.
    fn shard(&self, hash: u64) -> &Arc<Shard<R>> {
        &self.shards[(hash >> 32) as usize & (self.shards.len() - 1)]
    }

    /// Counts one more entry, if there is room for it.
    fn reserve(&self) -> bool {
        let size = self.definition().size;
        self.common
            .used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
                (used < size).then_some(used + 1)
            })
            .is_ok()
    }

    /// Lets one entry go for a new one: the oldest of all that nobody holds. Only an expired one if the
    /// table is `nopurge`.
    fn make_room(&self, now_ms: u64) -> bool {
        loop {
            let Some(shard) = self.shards.iter().min_by_key(|shard| shard.front_ms()) else {
                return false;
            };
            let front_ms = shard.front_ms();
            if front_ms == u64::MAX {
                return false;
            }
            let expired = R::is_expired(front_ms, now_ms, self.common.expire_ms);
            if !expired && !R::makes_room(self.definition().nopurge) {
                return false;
            }
            if shard.evict(front_ms) == Evicted::One {
                return true;
            }
        }
    }
}

impl<R: Rules> Drop for Table<R> {
    fn drop(&mut self) {
        // Entries know their shards.
        for shard in &self.shards {
            shard.close();
        }
    }
}

impl<R: Rules> fmt::Debug for Table<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table")
            .field("name", &self.definition().name)
            .field("used", &self.used())
            .finish_non_exhaustive()
    }
}

fn whole_millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// With so many entries a second shard is worth while.
const ENTRIES_PER_SHARD: u32 = 64;

/// The most shards, a power of two.
const SHARDS_MAX: u32 = 64;
