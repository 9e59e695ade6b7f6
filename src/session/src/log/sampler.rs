//! `sample` of a log target: some lines out of every so many.

use crate::settings::LogSample;
use core::sync::atomic::{AtomicU64, Ordering};

/// Counts the lines that come to one target; shared by all workers.
#[derive(Debug, Default)]
pub struct Sampler(AtomicU64);

impl Sampler {
    /// Counts one line; says whether it is among those to be sent.
    pub fn admits(&self, sample: &LogSample) -> bool {
        let count = self.0.fetch_add(1, Ordering::Relaxed);
        let place = count % u64::from(sample.size.max(1)) + 1;
        sample
            .ranges
            .iter()
            .any(|&(first, last)| (u64::from(first)..=u64::from(last)).contains(&place))
    }
}

#[cfg(test)]
mod tests {
    use super::Sampler;
    use crate::settings::LogSample;
    use alloc::vec;
    use alloc::vec::Vec;

    #[test]
    fn the_ranges_of_every_cycle_are_sent() {
        let sampler = Sampler::default();
        let sample = LogSample {
            ranges: vec![(2, 2), (4, 5)],
            size: 6,
        };
        let sent: Vec<u32> = (1..=13).filter(|_| sampler.admits(&sample)).collect();
        assert_eq!(sent, [2, 4, 5, 8, 10, 11]);
    }
}
