//! What is counted for a server.

use crate::list::List;
use crate::place::Ledger;
use crate::settings::Limits;

/// The connections of one server on one worker.
#[derive(Debug)]
pub(crate) struct Server<K> {
    pub(crate) limits: Limits,
    pub(crate) maintenance: bool,
    pub(crate) gauges: Gauges,
    /// The most that were used at once since the last purge.
    pub(crate) peak: u32,
    /// Idle connections of every key, the most recently used first.
    pub(crate) by_age: List<K>,
}

/// How many connections to a server there are, by what they do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gauges {
    /// With streams, or being established for one, and not private.
    pub used: u32,
    /// Idle and used once.
    pub idle: u32,
    /// Idle and used more than once.
    pub safe: u32,
    /// Private and idle.
    pub session_idle: u32,
    /// All of them.
    pub total: u32,
    /// How many were needed at once of late: what the pool tries to keep.
    pub needed: u32,
}

impl Gauges {
    /// Those that anybody may find without a stream.
    pub fn all_idle(&self) -> u32 {
        self.idle + self.safe
    }

    fn of(&mut self, ledger: Ledger) -> Option<&mut u32> {
        match ledger {
            Ledger::None => None,
            Ledger::Used => Some(&mut self.used),
            Ledger::Idle => Some(&mut self.idle),
            Ledger::Safe => Some(&mut self.safe),
            Ledger::SessionIdle => Some(&mut self.session_idle),
        }
    }
}

impl<K> Server<K> {
    pub(crate) fn add(&mut self, ledger: Ledger) {
        if let Some(gauge) = self.gauges.of(ledger) {
            *gauge += 1;
        }
        if ledger == Ledger::Used {
            self.peak = self.peak.max(self.gauges.used);
            self.gauges.needed = self.gauges.needed.max(self.gauges.used);
        }
    }

    pub(crate) fn subtract(&mut self, ledger: Ledger) {
        if let Some(gauge) = self.gauges.of(ledger) {
            *gauge -= 1;
        }
    }

    /// A purge delay is over: how many connections are to go. The estimate falls by half of what it was
    /// too high.
    pub(crate) fn end_period(&mut self) -> u32 {
        let Gauges { used, needed, .. } = self.gauges;
        let all = used + self.gauges.all_idle();
        let excess = all.saturating_sub(self.peak.max(needed));
        self.gauges.needed = self.peak.max((needed + self.peak) / 2);
        self.peak = used;
        excess.div_ceil(2)
    }
}
