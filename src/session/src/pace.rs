//! How much may pass now by a limit of so many bytes in a period (`filter bwlim-in`, `bwlim-out`).
//!
//! Three rules together: within a period no more has passed at any time than that part of the limit which
//! is in proportion, or what was there in one go; over a period that slides with the time, never more than
//! the limit; and each of those who share a limit gets an equal part of what is left of it.

mod lane;
mod meter;
#[cfg(test)]
mod tests;

pub use lane::{Lane, Pacing, Rank, Way};
pub use meter::Meter;

use base::{Duration, Instant};
use tables::{Counts, Rules, Sound};

/// A limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Bytes that may pass in a period.
    pub bytes_max: u32,
    /// The period.
    pub period: Duration,
    /// Pieces are not smaller than this many bytes, unless no more is there (`min-size`).
    pub min_bytes: u32,
}

/// What has passed under a limit by now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Milliseconds since the current period began.
    pub elapsed_ms: u64,
    /// Bytes in the current period.
    pub current: u64,
    /// Bytes in the period that ends now.
    pub sliding: u64,
}

/// What may pass now, and when to ask again for the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passage {
    /// This many bytes.
    pub bytes: u64,
    /// If that is not all: after this many milliseconds, 1 at least.
    pub wait_ms: u64,
}

impl Usage {
    /// What was counted in periods of `period`, in blocks of so many bytes.
    pub fn of(counts: Counts, block_bytes: u32, period: Duration, now: Instant) -> Self {
        let (now_ms, period_ms) = (now.as_millis(), millis(period));
        let at = Sound::advance(counts, now_ms, period_ms);
        Self {
            elapsed_ms: now_ms.saturating_sub(at.began_ms),
            current: u64::from(at.current) * u64::from(block_bytes),
            sliding: u64::from(Sound::rate(at, now_ms, period_ms)) * u64::from(block_bytes),
        }
    }
}

impl Pace {
    /// How many of `bytes` may pass, for one of `users` that share the limit.
    pub fn pass(&self, usage: Usage, users: u32, bytes: u64) -> Passage {
        let users = u64::from(users.max(1));
        let (limit, least) = (u64::from(self.bytes_max), u64::from(self.min_bytes));
        let in_proportion_at = self.time_for(usage.current);
        if in_proportion_at > usage.elapsed_ms {
            return Passage {
                bytes: 0,
                wait_ms: in_proportion_at - usage.elapsed_ms,
            };
        }
        let left = limit.saturating_sub(usage.sliding);
        let share = left.div_ceil(users);
        let mut wait_ms = 0;
        let passes = if share >= bytes {
            return Passage { bytes, wait_ms };
        } else if share >= least {
            share
        } else {
            let piece = least.min(bytes);
            if piece <= left {
                // More than its share, for which it then waits longer.
                wait_ms = self.time_for((piece - share) * users);
                piece
            } else if piece > limit {
                left
            } else {
                0
            }
        };
        let next = (bytes - passes).min(least.saturating_mul(users)).min(limit);
        let over = (usage.sliding + passes + next).saturating_sub(limit);
        wait_ms += self.time_for(over);
        // Who shares the limit takes turns with others instead.
        let pause_ms = match users {
            1 => (millis(self.period) / PAUSES_OF_PERIOD).clamp(1, PAUSE_MS_MAX),
            _ => 1,
        };
        Passage {
            bytes: passes,
            wait_ms: wait_ms.max(pause_ms),
        }
    }

    /// The time in which so many bytes may pass, milliseconds.
    fn time_for(&self, bytes: u64) -> u64 {
        let product = u128::from(bytes) * u128::from(millis(self.period));
        let time = product.div_ceil(u128::from(self.bytes_max.max(1)));
        u64::try_from(time).unwrap_or(u64::MAX)
    }
}

/// Without `min-size` there are about so many pieces in a period.
const PAUSES_OF_PERIOD: u64 = 50;
/// And between two of them never more than this many milliseconds, as in HAProxy.
const PAUSE_MS_MAX: u64 = 20;

/// A period in milliseconds, at least 1.
fn millis(period: Duration) -> u64 {
    u64::try_from(period.as_millis()).unwrap_or(u64::MAX).max(1)
}
