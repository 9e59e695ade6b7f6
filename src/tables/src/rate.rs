//! A rate over a sliding window, counted by many at once without a lock.
//!
//! Two words: when the current period began, and the counts of the current and the previous one. To
//! count within a period is one addition. Who comes first after its end moves the periods on, with
//! the highest bit of the first word set meanwhile.

use crate::rules::Rules;
use core::hint::spin_loop;
use core::sync::atomic::{AtomicU64, Ordering};

/// What is known of a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// When the current period began, in milliseconds.
    pub began_ms: u64,
    /// Events of the current period.
    pub current: u32,
    /// Events of the period before it.
    pub previous: u32,
}

/// The two words of a rate.
#[derive(Clone, Copy)]
pub(crate) struct Rate<'a> {
    began: &'a AtomicU64,
    counts: &'a AtomicU64,
    period_ms: u64,
}

impl<'a> Rate<'a> {
    pub(crate) fn new(began: &'a AtomicU64, counts: &'a AtomicU64, period_ms: u32) -> Self {
        Self {
            began,
            counts,
            period_ms: period_ms.into(),
        }
    }

    /// Counts `events`.
    pub(crate) fn add<R: Rules>(self, events: u32, now_ms: u64) {
        loop {
            let began = self.began.load(Ordering::Acquire);
            if began & MOVING != 0 {
                spin_loop();
                continue;
            }
            let counts = Counts {
                began_ms: began,
                current: 0,
                previous: 0,
            };
            // A new counter's first period begins with its first event.
            if began != NEVER && R::advance(counts, now_ms, self.period_ms).began_ms == began {
                // The current count is the upper half: what is too large for it leaves the word.
                self.counts
                    .fetch_add(u64::from(events) << 32, Ordering::Release);
                return;
            }
            self.move_on::<R>(began, now_ms);
        }
    }

    /// Makes `events` the count of a period that begins now, with none before it.
    pub(crate) fn set(self, events: u32, now_ms: u64) {
        loop {
            let began = self.began.load(Ordering::Relaxed);
            if began & MOVING == 0 && self.begin_moving(began) {
                self.counts
                    .store(u64::from(events) << 32, Ordering::Release);
                self.began.store(now_ms, Ordering::Release);
                return;
            }
            spin_loop();
        }
    }

    /// Events per period.
    pub(crate) fn read<R: Rules>(self, now_ms: u64) -> u32 {
        R::rate(self.counts(), now_ms, self.period_ms)
    }

    /// All of it, as it was at one moment.
    pub(crate) fn counts(self) -> Counts {
        loop {
            let began = self.began.load(Ordering::Acquire);
            let counts = self.counts.load(Ordering::Acquire);
            if began & MOVING == 0 && self.began.load(Ordering::Relaxed) == began {
                return Counts {
                    began_ms: if began == NEVER { 0 } else { began },
                    current: (counts >> 32) as u32,
                    previous: counts as u32,
                };
            }
            spin_loop();
        }
    }

    fn move_on<R: Rules>(self, began: u64, now_ms: u64) {
        if !self.begin_moving(began) {
            return;
        }
        let mut next = now_ms;
        // Others may still add to the period that ends.
        let _ = self
            .counts
            .fetch_update(Ordering::Release, Ordering::Relaxed, |counts| {
                if began == NEVER {
                    return Some(0);
                }
                let at = R::advance(
                    Counts {
                        began_ms: began,
                        current: (counts >> 32) as u32,
                        previous: counts as u32,
                    },
                    now_ms,
                    self.period_ms,
                );
                next = at.began_ms;
                Some(u64::from(at.current) << 32 | u64::from(at.previous))
            });
        self.began.store(next, Ordering::Release);
    }

    fn begin_moving(self, began: u64) -> bool {
        self.began
            .compare_exchange(began, began | MOVING, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()
    }
}

/// Someone is changing all of it.
const MOVING: u64 = 1 << 63;

/// When the first period of a counter began that has counted nothing.
pub(crate) const NEVER: u64 = MOVING - 1;
