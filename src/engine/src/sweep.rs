//! Lets expired entries of stick tables go, so that their room is free though nobody asks for them.
//!
//! Which worker looks after a table is nobody's choice: the first that hears of its entries does,
//! until there are none left.

use crate::engine::{Engine, Timer};
use base::Duration;

impl Engine {
    /// Looks after the tables that nobody looks after.
    pub(crate) fn attend_tables(&mut self) {
        for (at, table) in self.shared.tables.iter().enumerate() {
            if let Some(due) = table.attend() {
                self.timers
                    .arm(&mut self.sweeps[at], Timer::Sweep(at as u32), due);
            }
        }
    }

    /// Entries of a table may have expired.
    pub(crate) fn sweep(&mut self, table: u32) {
        let tended = &self.shared.tables[table as usize];
        if let Some(due) = tended.tend(self.now, SWEEP_LOOKS) {
            let pause = if due <= self.now {
                SWEEP_PAUSE
            } else {
                SWEEP_EVERY
            };
            let at = due.max(self.now + pause);
            self.timers
                .arm(&mut self.sweeps[table as usize], Timer::Sweep(table), at);
        }
    }
}

/// Entries that are looked at in one go: a fraction of a millisecond's work.
const SWEEP_LOOKS: usize = 1024;
/// The pause before the next go if that was not enough.
const SWEEP_PAUSE: Duration = Duration::from_millis(1);
/// Entries that expire one after the other go together, this often at most.
const SWEEP_EVERY: Duration = Duration::from_millis(10);
