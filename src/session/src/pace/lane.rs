//! The limits of one direction of an exchange, one behind the other.

use super::{Meter, Pace};
use alloc::vec::Vec;
use base::{Duration, Instant};

/// The limits of both directions of an exchange.
#[derive(Debug, Default)]
pub struct Pacing {
    /// From the client to the server (`bwlim-in`).
    pub upload: Lane,
    /// From the server to the client (`bwlim-out`).
    pub download: Lane,
}

/// A direction of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From the client to the server.
    Upload,
    /// From the server to the client.
    Download,
}

/// The place of a limit among those of an exchange: the frontend's come first, each proxy's in the order
/// of its `filter` lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    /// It is a backend's that is not the frontend as well.
    pub in_backend: bool,
    /// The place of its `filter` line.
    pub line: u32,
}

/// The limits of one direction, in the order in which they apply.
#[derive(Debug, Default)]
pub struct Lane {
    limits: Vec<Limit>,
}

#[derive(Debug)]
struct Limit {
    rank: Rank,
    pace: Pace,
    meter: Meter,
    /// It lets nothing more pass before.
    until: Option<Instant>,
    /// Bytes it has let pass that have not left, because those behind it held them back.
    ahead: u64,
    /// Others that share it go first before: it has had its part until then.
    turn_at_ms: u64,
}

impl Pacing {
    /// The limits of a direction.
    pub fn lane(&mut self, way: Way) -> &mut Lane {
        match way {
            Way::Upload => &mut self.upload,
            Way::Download => &mut self.download,
        }
    }

    /// When something that is held back may pass.
    pub fn until(&self) -> Option<Instant> {
        let both = [self.upload.until(), self.download.until()];
        both.into_iter().flatten().min()
    }

    /// Lets go of what others share.
    pub fn end(self, now: Instant) {
        for limit in self.upload.limits.into_iter().chain(self.download.limits) {
            limit.meter.end(now);
        }
    }
}

impl Lane {
    /// Whether there is no limit.
    pub fn is_empty(&self) -> bool {
        self.limits.is_empty()
    }

    /// Sets a limit anew: what it made wait is asked for at once.
    pub fn set(&mut self, rank: Rank, pace: Pace, meter: Meter, now: Instant) {
        match self.limits.binary_search_by_key(&rank, |limit| limit.rank) {
            Ok(at) => {
                let limit = &mut self.limits[at];
                (limit.pace, limit.until) = (pace, limit.until.map(|_| now));
                // What was counted for it alone counts on.
                if let Meter::Shared { .. } = meter {
                    core::mem::replace(&mut limit.meter, meter).end(now);
                }
            }
            Err(at) => self.limits.insert(
                at,
                Limit {
                    rank,
                    pace,
                    meter,
                    until: None,
                    ahead: 0,
                    turn_at_ms: 0,
                },
            ),
        }
    }

    /// How many of the `bytes` that are there may leave now. If that is none of them, something is behind
    /// [`Lane::until`].
    pub fn pass(&mut self, bytes: u64, now: Instant) -> u64 {
        let mut through = bytes;
        for limit in &mut self.limits {
            let ahead = limit.ahead.min(through);
            limit.ahead = ahead + limit.pass(through - ahead, now);
            through = limit.ahead;
        }
        through
    }

    /// So many of those that may leave have left.
    pub fn left(&mut self, bytes: u64) {
        for limit in &mut self.limits {
            limit.ahead = limit.ahead.saturating_sub(bytes);
        }
    }

    /// When something that is held back may pass.
    pub fn until(&self) -> Option<Instant> {
        self.limits.iter().filter_map(|limit| limit.until).min()
    }

    /// It is that late: who waited until now is asked again.
    pub fn wake(&mut self, now: Instant) {
        for limit in &mut self.limits {
            limit.until = limit.until.filter(|until| *until > now);
        }
    }
}

impl Limit {
    fn pass(&mut self, bytes: u64, now: Instant) -> u64 {
        if bytes == 0 || self.until.is_some_and(|until| until > now) {
            return 0;
        }
        let passage = self.meter.pass(&self.pace, bytes, now);
        let (now_ms, users) = (now.as_millis(), self.meter.users());
        let mut next_ms = now_ms.saturating_add(passage.wait_ms);
        if passage.bytes == 0 && next_ms < self.turn_at_ms {
            next_ms += TURN_MS;
        } else if passage.bytes > 0 && users > 1 {
            let part = self.pace.time_for(passage.bytes * u64::from(users));
            self.turn_at_ms = now_ms.saturating_add(part);
            let round = TURN_MS * u64::from(users.min(ROUND_USERS_MAX));
            next_ms = next_ms.max(self.turn_at_ms.min(now_ms + round));
        }
        let waits = passage.bytes < bytes;
        self.until = waits.then(|| Instant::ZERO + Duration::from_millis(next_ms));
        passage.bytes
    }
}

impl Meter {
    /// Lets go of an entry: it lives for `expire` from now.
    fn end(self, now: Instant) {
        match self {
            Self::Own(_) => {}
            Self::Shared { entry, .. } => entry.touch(now),
        }
    }
}

/// How much later than others comes who has had its part, milliseconds.
const TURN_MS: u64 = 1;
/// Of more who share a limit, most are taken to have nothing to send: nobody waits for the turns of all.
const ROUND_USERS_MAX: u32 = 16;
