//! An entry: a key, what is known of it, and until when.

use crate::data::{DataType, Kind};
use crate::definition::Definition;
use crate::key::Key;
use crate::layout::{Layout, Slot};
use crate::rate::{Counts, NEVER, Rate};
use crate::rules::{Rules, Sound};
use crate::shard::Shard;
use crate::table::Common;
use alloc::boxed::Box;
use alloc::sync::Arc;
use base::{Duration, Instant};
use core::fmt;
use core::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

/// An entry of a table. Reading and counting take no lock; whatever is changed postpones the end.
///
/// One that is merely referred to may leave the table at any time, and then counts for nobody:
/// whoever changes an entry holds it ([`crate::Held`]).
pub struct Entry<R: Rules = Sound> {
    pub(crate) id: EntryId,
    pub(crate) home: Arc<Shard<R>>,
    key: Key,
    /// How many hold it; from 0 to 1 under the lock of its shard alone.
    pub(crate) holders: AtomicU32,
    /// It waits in no queue, because it was held when it was due.
    pub(crate) parked: AtomicBool,
    due_ms: AtomicU64,
    words: Box<[AtomicU64]>,
    /// `server_key`, where it is stored.
    text: Option<Box<spin::Mutex<Option<Arc<str>>>>>,
}

/// What an entry is called while it is in its table; never 0, and not used again soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId(pub u64);

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number; a rate is in events per period.
    Number(i64),
    /// A text, if there is one.
    Text(Option<Arc<str>>),
}

impl<R: Rules> Entry<R> {
    pub(crate) fn new(id: EntryId, home: Arc<Shard<R>>, key: Key, now_ms: u64) -> Self {
        let common = &home.common;
        let words = (0..common.layout.words())
            .map(|_| AtomicU64::new(0))
            .collect();
        let entry = Self {
            id,
            key,
            holders: AtomicU32::new(0),
            parked: AtomicBool::new(false),
            due_ms: AtomicU64::new(R::due(now_ms, common.expire_ms)),
            words,
            text: (common.layout.elements(DataType::ServerKey) > 0).then(Box::default),
            home,
        };
        entry.forget_rates();
        entry
    }

    /// What it is called.
    pub fn id(&self) -> EntryId {
        self.id
    }

    /// Its key.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// What its table is by its configuration.
    pub fn definition(&self) -> &Definition {
        &self.common().definition
    }

    /// Where its data types stand.
    pub fn layout(&self) -> &Layout {
        &self.common().layout
    }

    pub(crate) fn common(&self) -> &Common {
        &self.home.common
    }

    /// How many hold it (`use=`, `table_trackers`).
    pub fn holders(&self) -> u32 {
        self.holders.load(Ordering::Relaxed)
    }

    /// Postpones its end: it lives for `expire` from now.
    pub fn touch(&self, now: Instant) {
        let due = R::due(now.as_millis(), self.common().expire_ms);
        // The clocks of workers differ a little: none takes back what another gave.
        if due > self.due_ms() {
            self.due_ms.fetch_max(due, Ordering::Relaxed);
        }
    }

    pub(crate) fn due_ms(&self) -> u64 {
        self.due_ms.load(Ordering::Relaxed)
    }

    /// How long it lives if nobody touches it (`exp=`, `table_expire`), in whole milliseconds; zero for
    /// ever.
    pub fn expires_in(&self, now: Instant) -> Duration {
        match self.common().expire_ms {
            Some(_) => Duration::from_millis(self.due_ms().saturating_sub(now.as_millis())),
            None => Duration::ZERO,
        }
    }

    /// How long ago it was last touched (`table_idle`), in whole milliseconds; zero if entries never
    /// expire.
    pub fn idle(&self, now: Instant) -> Duration {
        match self.common().expire_ms {
            Some(expire_ms) => {
                let left = self.due_ms().saturating_sub(now.as_millis());
                Duration::from_millis(expire_ms.saturating_sub(left))
            }
            None => Duration::ZERO,
        }
    }

    /// A number; `None` if the table does not store it, or if it is a text.
    pub fn number(&self, data: DataType, index: u32, now: Instant) -> Option<i64> {
        self.number_at(self.layout().find(data, index)?, now)
    }

    /// A number, by its place; `None` for a text.
    pub fn number_at(&self, slot: Slot, now: Instant) -> Option<i64> {
        match slot.kind {
            Kind::Signed => Some((self.word(slot) as i32).into()),
            Kind::Unsigned => Some((self.word(slot) as u32).into()),
            Kind::Long => Some(self.word(slot) as i64),
            Kind::Rate => {
                let blocks = self.rate(slot).read::<R>(now.as_millis());
                Some(i64::from(blocks) * i64::from(slot.factor))
            }
            Kind::Text => None,
        }
    }

    /// What a rate has counted, in blocks of [`Slot::factor`], its periods moved on to now; `None` if it is
    /// none.
    pub fn counts_at(&self, slot: Slot, now: Instant) -> Option<Counts> {
        let counts = (slot.kind == Kind::Rate).then(|| self.rate(slot).counts())?;
        Some(R::advance(counts, now.as_millis(), slot.period_ms.into()))
    }

    /// A number or a text, by its place.
    pub fn value_at(&self, slot: Slot, now: Instant) -> Value {
        match self.number_at(slot, now) {
            Some(number) => Value::Number(number),
            None => Value::Text(self.server_key()),
        }
    }

    /// What `server_key` says.
    pub fn server_key(&self) -> Option<Arc<str>> {
        self.text.as_ref()?.lock().clone()
    }

    /// Sets what `server_key` says; to no avail if the table does not store it.
    pub fn set_server_key(&self, key: Option<Arc<str>>, now: Instant) {
        if let Some(text) = &self.text {
            self.touch(now);
            *text.lock() = key;
        }
    }

    /// Sets a number; `None` if the table does not store it. A rate becomes what is asked for, stays so
    /// for a period, and fades during the next.
    pub fn set(&self, data: DataType, index: u32, number: i64, now: Instant) -> Option<()> {
        self.set_at(self.layout().find(data, index)?, number, now);
        Some(())
    }

    /// Sets a number, by its place; what does not fit loses its upper bits. A text stays. A rate of bytes
    /// is set in blocks of `brates-factor`.
    pub fn set_at(&self, slot: Slot, number: i64, now: Instant) {
        self.touch(now);
        match slot.kind {
            Kind::Signed | Kind::Unsigned | Kind::Long => {
                self.words[usize::from(slot.at)].store(number as u64, Ordering::Relaxed);
            }
            Kind::Rate => self.rate(slot).set(number as u32, now.as_millis()),
            Kind::Text => {}
        }
    }

    /// Adds to a counter, or so many events to a rate; `None` if the table does not store it.
    pub fn add(&self, data: DataType, index: u32, count: u32, now: Instant) -> Option<()> {
        self.add_at(self.layout().find(data, index)?, count.into(), now);
        Some(())
    }

    /// Adds to a counter, or so many events to a rate, by its place. A text stays.
    pub fn add_at(&self, slot: Slot, count: u64, now: Instant) {
        self.touch(now);
        match slot.kind {
            // Modulo 2^32 as well as modulo 2^64: who reads 32 bits cuts.
            Kind::Signed | Kind::Unsigned | Kind::Long => {
                self.fetch_add(slot, count);
            }
            Kind::Rate => self.rate(slot).add::<R>(count as u32, now.as_millis()),
            Kind::Text => {}
        }
    }

    /// One connection less (`conn_cur`).
    pub(crate) fn leave(&self) {
        if let Some(slot) = self.layout().exactly(DataType::ConnCur, 0) {
            let word = &self.words[usize::from(slot.at)];
            // `set table` may have set it to less than there are.
            let _ = word.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |connections| {
                Some(R::leaves(connections as u32).into())
            });
        }
    }

    /// Adds to a counter; gives the lower half of what it was.
    pub(crate) fn fetch_add(&self, slot: Slot, count: u64) -> u32 {
        self.words[usize::from(slot.at)].fetch_add(count, Ordering::Relaxed) as u32
    }

    /// Makes a counter 0; gives the lower half of what it was.
    pub(crate) fn fetch_clear(&self, slot: Slot) -> u32 {
        self.words[usize::from(slot.at)].swap(0, Ordering::Relaxed) as u32
    }

    fn word(&self, slot: Slot) -> u64 {
        self.words[usize::from(slot.at)].load(Ordering::Relaxed)
    }

    fn rate(&self, slot: Slot) -> Rate<'_> {
        let at = usize::from(slot.at);
        Rate::new(&self.words[at], &self.words[at + 1], slot.period_ms)
    }

    fn forget_rates(&self) {
        for stored in self.common().definition.stored() {
            for index in 0..stored.elements {
                if let Some(slot) = self.layout().exactly(stored.data, index)
                    && slot.kind == Kind::Rate
                {
                    self.words[usize::from(slot.at)].store(NEVER, Ordering::Relaxed);
                }
            }
        }
    }
}

impl<R: Rules> fmt::Debug for Entry<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("id", &self.id)
            .field("key", &self.key)
            .field("holders", &self.holders)
            .field("due_ms", &self.due_ms)
            .finish_non_exhaustive()
    }
}
