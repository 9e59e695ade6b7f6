//! Counts connections of the proxy while they are open.

use super::SimEnv;
use crate::canary::Canary;
use crate::journal::{AcceptedPeak, ConnectedPeak, Journal};
use balance::Address;

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
        let at = driver::Env::now(env);
        let generation = env.generation;
        let journal = env.shared.journal.clone();
        let forgotten = env.shared.canary == Some(Canary::ForgetsConnections)
            && env.shared.rng.borrow_mut().chance(1, 10);
        let place = journal.write(|pages| {
            let is_this = |peak: &AcceptedPeak| (peak.port, peak.generation) == (port, generation);
            let place = pages.accepted_peaks.iter().position(is_this);
            let place = place.unwrap_or_else(|| {
                pages.accepted_peaks.push(AcceptedPeak {
                    port,
                    generation,
                    total: 0,
                    now: 0,
                    most: 0,
                    at,
                });
                pages.accepted_peaks.len() - 1
            });
            let peak = &mut pages.accepted_peaks[place];
            peak.total += u64::from(!forgotten);
            peak.now += 1;
            if peak.now > peak.most {
                (peak.most, peak.at) = (peak.now, at);
            }
            place
        });
        Self {
            journal,
            way: Way::In(place),
        }
    }

    /// A connection to an address, from when it is being opened.
    pub(super) fn leave(env: &SimEnv, to: &Address) -> Self {
        let at = driver::Env::now(env);
        let generation = env.generation;
        let journal = env.shared.journal.clone();
        let place = journal.write(|pages| {
            let peaks = &mut pages.connected_peaks;
            let is_this = |peak: &ConnectedPeak| peak.to == *to && peak.generation == generation;
            let place = peaks.iter().position(is_this).unwrap_or_else(|| {
                peaks.push(ConnectedPeak {
                    to: to.clone(),
                    generation,
                    now: 0,
                    most: 0,
                    at,
                });
                peaks.len() - 1
            });
            let peak = &mut peaks[place];
            peak.now += 1;
            if peak.now > peak.most {
                (peak.most, peak.at) = (peak.now, at);
            }
            place
        });
        Self {
            journal,
            way: Way::Out(place),
        }
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
