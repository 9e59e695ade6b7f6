//! Entries that cannot go, because somebody holds them.

use crate::counts::Event;
use crate::data::DataType;
use crate::entry::Entry;
use crate::rules::{Rules, Sound};
use alloc::sync::Arc;
use base::Instant;
use core::ops::Deref;
use core::sync::atomic::Ordering;

/// An entry that is neither removed nor expires while this lives.
#[derive(Debug)]
pub struct Held<R: Rules = Sound> {
    entry: Arc<Entry<R>>,
}

impl<R: Rules> Held<R> {
    /// Holds an entry; only under the lock of its shard.
    pub(crate) fn new(entry: &Arc<Entry<R>>) -> Self {
        entry.holders.fetch_add(1, Ordering::SeqCst);
        Self {
            entry: entry.clone(),
        }
    }
}

impl<R: Rules> Clone for Held<R> {
    fn clone(&self) -> Self {
        Self::new(&self.entry)
    }
}

impl<R: Rules> Deref for Held<R> {
    type Target = Entry<R>;

    fn deref(&self) -> &Entry<R> {
        &self.entry
    }
}

impl<R: Rules> Drop for Held<R> {
    fn drop(&mut self) {
        let last = self.entry.holders.fetch_sub(1, Ordering::SeqCst) == 1;
        if last && self.entry.parked.load(Ordering::SeqCst) {
            self.entry.home.unpark(&self.entry);
        }
    }
}

/// An entry that a connection or a request tracks (`track-sc`), counted in its `conn_cur`.
#[derive(Debug)]
pub struct Tracked<R: Rules = Sound> {
    held: Held<R>,
}

impl<R: Rules> Tracked<R> {
    /// Begins to track: one more connection, and one more that is there now.
    pub(crate) fn new(held: Held<R>, now: Instant) -> Self {
        held.add(DataType::ConnCur, 0, 1, now);
        held.count(Event::Connection, 1, now);
        Self { held }
    }

    /// Ends tracking; the entry lives for `expire` from now. Who merely drops it does not postpone.
    pub fn end(self, now: Instant) {
        self.held.touch(now);
    }
}

impl<R: Rules> Deref for Tracked<R> {
    type Target = Entry<R>;

    fn deref(&self) -> &Entry<R> {
        &self.held
    }
}

impl<R: Rules> Drop for Tracked<R> {
    fn drop(&mut self) {
        self.held.leave();
    }
}
