//! Every decision of a table, as functions of what is known at that moment.
//!
//! They are methods of a trait so that a test can run the same table with one of them wrong and see
//! that it notices. What is not replaced is right; production knows [`Sound`] alone.

use crate::rate::Counts;

/// The decisions of a table. Times are milliseconds of the clock of `base::Instant`.
pub trait Rules: Sized + 'static {
    /// When an entry is due that is touched now. Without `expire` that is when it was touched, which
    /// orders entries by age and makes none of them expire.
    fn due(now_ms: u64, expire_ms: Option<u64>) -> u64 {
        now_ms.saturating_add(expire_ms.unwrap_or(0))
    }

    /// Whether an entry is gone that nobody holds.
    fn is_expired(due_ms: u64, now_ms: u64, expire_ms: Option<u64>) -> bool {
        expire_ms.is_some() && due_ms <= now_ms
    }

    /// Whether an entry may be removed that so many hold.
    fn may_go(holders: u32) -> bool {
        holders == 0
    }

    /// Whether a full table lets its oldest entry go for a new one.
    fn makes_room(nopurge: bool) -> bool {
        !nopurge
    }

    /// Whether the entry at the front of the queue is the oldest: it was filed under `filed_ms`, and may
    /// have been touched since.
    fn is_oldest(filed_ms: u64, due_ms: u64) -> bool {
        due_ms <= filed_ms
    }

    /// How many connections an entry has whose tracking ends.
    fn leaves(connections: u32) -> u32 {
        connections.saturating_sub(1)
    }

    /// A rate's counts at `now_ms`, its periods moved on as far as need be.
    fn advance(counts: Counts, now_ms: u64, period_ms: u64) -> Counts {
        let elapsed = now_ms.saturating_sub(counts.began_ms);
        if elapsed < period_ms {
            counts
        } else if elapsed < 2 * period_ms {
            Counts {
                began_ms: counts.began_ms + period_ms,
                current: 0,
                previous: counts.current,
            }
        } else {
            Counts {
                began_ms: now_ms,
                current: 0,
                previous: 0,
            }
        }
    }

    /// Events per period at `now_ms`: those of this period, and of the previous one as large a part as
    /// is left of this one. One lone event of the previous period counts until this one ends, for it
    /// has no parts.
    fn rate(counts: Counts, now_ms: u64, period_ms: u64) -> u32 {
        let at = Self::advance(counts, now_ms, period_ms);
        if at.current == 0 && at.previous <= 1 {
            return at.previous;
        }
        let left = period_ms - now_ms.saturating_sub(at.began_ms).min(period_ms);
        let previous = u64::from(at.previous) * left / period_ms;
        // Never above twice the largest count of a period, cut as the counts are.
        (u64::from(at.current) + previous) as u32
    }
}

/// The decisions as they should be.
#[derive(Clone, Copy, Debug)]
pub struct Sound;

impl Rules for Sound {}
