//! Counts connections of the proxy while they are open.

use super::SimEnv;
use crate::canary::Canary;
use crate::journal::{Journal, Pages, Peak};
use balance::Address;
use base::Instant;

/// One connection that is counted.
pub(super) struct Gate {
    journal: Journal,
    way: Way,
}

/// The place of its count among those that the journal has.
enum Way {
    In(usize),
    Out(usize),
}

impl Gate {
    /// A client's connection, at the port that it came to.
    pub(super) fn enter(env: &SimEnv, port: u16) -> Self {
        let forgotten = env.shared.canary == Some(Canary::ForgetsConnections)
            && env.shared.rng.borrow_mut().chance(1, 10);
        Self::count(env, |pages, generation, at| {
            let peaks = &mut pages.accepted_peaks;
            let place = Peak::count(peaks, port, generation, at);
            peaks[place].total -= u64::from(forgotten);
            Way::In(place)
        })
    }

    /// A connection to an address, from when it is being opened.
    pub(super) fn leave(env: &SimEnv, to: &Address) -> Self {
        Self::count(env, |pages, generation, at| {
            let peaks = &mut pages.connected_peaks;
            Way::Out(Peak::count(peaks, to.clone(), generation, at))
        })
    }

    fn count(env: &SimEnv, count: impl FnOnce(&mut Pages, u32, Instant) -> Way) -> Self {
        let at = driver::Env::now(env);
        let journal = env.shared.journal.clone();
        let way = journal.write(|pages| count(pages, env.generation, at));
        Self { journal, way }
    }

    /// Whether it is a client's.
    pub(super) fn is_front(&self) -> bool {
        matches!(self.way, Way::In(_))
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.journal.write(|pages| match self.way {
            Way::In(place) => pages.accepted_peaks[place].now -= 1,
            Way::Out(place) => pages.connected_peaks[place].now -= 1,
        });
    }
}
