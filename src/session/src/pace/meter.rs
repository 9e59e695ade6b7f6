//! Where it is counted what has passed under a limit.

use super::{Pace, Passage, Usage};
use base::Instant;
use tables::{Counts, Held, Rules, Slot, Sound};

/// What counts the bytes that pass under a limit.
#[derive(Debug)]
pub enum Meter {
    /// An exchange's own; nothing before the first byte, with which its first period begins.
    Own(Option<Counts>),
    /// An entry of a stick table, shared by all who hold it.
    Shared {
        /// The entry.
        entry: Held,
        /// Its rate, which has a period of its own.
        rate: Slot,
    },
}

impl Meter {
    /// How many share it.
    pub(super) fn users(&self) -> u32 {
        match self {
            Self::Own(_) => 1,
            Self::Shared { entry, .. } => entry.holders(),
        }
    }

    /// How many of `bytes` may pass at `pace`; they have passed then.
    ///
    /// Who shares it with others looks and counts without a lock: two workers that look at one moment may
    /// each let pass what only one of them should, for which all wait longer then.
    pub(super) fn pass(&mut self, pace: &Pace, bytes: u64, now: Instant) -> Passage {
        let passage = pace.pass(self.usage(pace, now), self.users(), bytes);
        if passage.bytes > 0 {
            self.count(pace, passage.bytes, now);
        }
        passage
    }

    fn usage(&self, pace: &Pace, now: Instant) -> Usage {
        match self {
            Self::Own(Some(counts)) => Usage::of(*counts, 1, pace.period, now),
            Self::Own(None) => Usage::default(),
            Self::Shared { entry, rate } => match entry.counts_at(*rate, now) {
                Some(counts) => Usage::of(counts, rate.factor(), pace.period, now),
                None => Usage::default(),
            },
        }
    }

    fn count(&mut self, pace: &Pace, bytes: u64, now: Instant) {
        match self {
            Self::Own(counts) => {
                let now_ms = now.as_millis();
                let mut at = match *counts {
                    Some(counts) => Sound::advance(counts, now_ms, super::millis(pace.period)),
                    None => Counts {
                        began_ms: now_ms,
                        current: 0,
                        previous: 0,
                    },
                };
                let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
                at.current = at.current.saturating_add(bytes);
                *counts = Some(at);
            }
            Self::Shared { entry, rate } => {
                entry.add_at(*rate, bytes.div_ceil(rate.factor().into()), now);
            }
        }
    }
}
