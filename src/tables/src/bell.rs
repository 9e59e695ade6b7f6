//! Who lets expired entries go.

use crate::rules::Rules;
use crate::table::Table;
use alloc::sync::Arc;
use base::Instant;
use core::sync::atomic::{AtomicBool, Ordering};

/// Rings when one of its tables has got an entry that nobody looks after. Many tables may have the
/// same one, so that who looks after them all has one thing to look at.
#[derive(Clone, Debug, Default)]
pub struct Bell {
    rings: Arc<AtomicBool>,
}

/// Whether somebody looks after a table that has entries.
#[derive(Debug)]
pub(crate) struct Care {
    bell: Bell,
    attended: AtomicBool,
}

impl Bell {
    /// Whether it rang; then it rings no more, and whoever is told looks at all its tables
    /// ([`Table::attend`]).
    pub fn answer(&self) -> bool {
        self.rings.load(Ordering::Relaxed) && self.rings.swap(false, Ordering::SeqCst)
    }
}

impl Care {
    pub(crate) fn new(bell: Bell) -> Self {
        Self {
            bell,
            attended: AtomicBool::new(false),
        }
    }

    /// The table has entries since now, and wrote so before.
    pub(crate) fn note_entries(&self) {
        if !self.attended.load(Ordering::SeqCst) {
            self.bell.rings.store(true, Ordering::SeqCst);
        }
    }
}

impl<R: Rules> Table<R> {
    /// Takes it upon the caller to call [`Self::tend`], at the instant that is given: not if nothing
    /// expires, or if somebody has done so already.
    pub fn attend(&self) -> Option<Instant> {
        self.expire_at()?;
        let attended = &self.care().attended;
        if attended.swap(true, Ordering::SeqCst) {
            return None;
        }
        self.expire_at().or_else(|| self.leave())
    }

    /// As [`Self::expire`]. Without an instant to come back at, nobody looks after the table any more.
    pub fn tend(&self, now: Instant, looks: usize) -> Option<Instant> {
        self.expire(now, looks).or_else(|| self.leave())
    }

    /// Leaves a table without entries. Either who makes one sees that, or this sees the entry: both look
    /// after they wrote, and all agree on the order.
    fn leave(&self) -> Option<Instant> {
        self.care().attended.store(false, Ordering::SeqCst);
        let at = self.expire_at()?;
        let taken = self.care().attended.swap(true, Ordering::SeqCst);
        (!taken).then_some(at)
    }
}
