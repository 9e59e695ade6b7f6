//! Numbers with one writer and many readers.
//!
//! Each worker has metrics of its own and is their only writer; anyone may read. So an update is a
//! load and a store without a lock, and a reader sums over the workers. A reader may see one half of
//! an update: statistics bear that, nothing else may use them.

use base::Instant;
use core::sync::atomic::{AtomicU64, Ordering};

/// Something a worker measures, and what becomes of it when the workers are taken together.
pub trait Metric {
    /// What it is over all workers.
    type Total: Copy + Default;

    /// Takes this worker's part into the total.
    fn fold_into(&self, total: &mut Self::Total, now: Instant);
}

/// A count or a gauge.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Adds `count`. Only for the worker that owns the counter.
    pub fn add(&self, count: u64) {
        self.set(self.get().wrapping_add(count));
    }

    /// Takes `count` away from a gauge. Only for the worker that owns the counter.
    pub fn sub(&self, count: u64) {
        self.set(self.get().wrapping_sub(count));
    }

    fn raise_to(&self, value: u64) {
        if value > self.get() {
            self.set(value);
        }
    }

    /// The number now.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }
}

impl Metric for Counter {
    type Total = u64;

    fn fold_into(&self, total: &mut u64, _now: Instant) {
        *total = total.wrapping_add(self.get());
    }
}

/// The highest value of something the workers have in common, such as a queue.
#[derive(Debug, Default)]
pub struct Peak(Counter);

impl Peak {
    /// Raises the peak to `value` if it is lower. Only for the worker that owns it.
    pub fn raise_to(&self, value: u64) {
        self.0.raise_to(value);
    }
}

impl Metric for Peak {
    type Total = u64;

    fn fold_into(&self, total: &mut u64, _now: Instant) {
        *total = (*total).max(self.0.get());
    }
}

/// Events a second: those of this second, and of the last one as far as it is less than a second ago.
#[derive(Debug, Default)]
pub struct Rate {
    second: Counter,
    this_second: Counter,
    last_second: Counter,
    highest: Counter,
}

/// A [`Rate`] over all workers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateTotal {
    /// Events in the second that ends now.
    pub per_second: u64,
    /// The highest value there was; that of each worker summed, since nobody knows whether they
    /// met theirs at the same time.
    pub highest: u64,
}

impl Rate {
    /// Counts `count` events. Only for the worker that owns the rate.
    pub fn add(&self, now: Instant, count: u64) {
        let second = now.as_millis() / 1000;
        match second.saturating_sub(self.second.get()) {
            0 => {}
            1 => self.turn(second, self.this_second.get()),
            _ => self.turn(second, 0),
        }
        self.this_second.add(count);
        self.highest.raise_to(self.per_second(now));
    }

    fn turn(&self, second: u64, last: u64) {
        self.last_second.set(last);
        self.this_second.set(0);
        self.second.set(second);
    }

    fn per_second(&self, now: Instant) -> u64 {
        let millis = now.as_millis();
        let remaining = 1000 - millis % 1000;
        match (millis / 1000).saturating_sub(self.second.get()) {
            0 => self
                .this_second
                .get()
                .saturating_add(part(self.last_second.get(), remaining)),
            1 => part(self.this_second.get(), remaining),
            _ => 0,
        }
    }
}

/// What `millis` thousandths of a second's events are.
fn part(events: u64, millis: u64) -> u64 {
    events.saturating_mul(millis) / 1000
}

impl Metric for Rate {
    type Total = RateTotal;

    fn fold_into(&self, total: &mut RateTotal, now: Instant) {
        total.per_second = total.per_second.saturating_add(self.per_second(now));
        total.highest = total.highest.saturating_add(self.highest.get());
    }
}

/// The average of the last values, about [`AVERAGE_WINDOW`] of them, and the highest ever.
#[derive(Debug, Default)]
pub struct Average {
    sum: Counter,
    values: Counter,
    highest: Counter,
}

/// An [`Average`] over all workers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AverageTotal {
    sum: u64,
    values: u64,
    /// The highest value there was.
    pub highest: u64,
}

impl Average {
    /// Takes a value in. Only for the worker that owns the average.
    pub fn add(&self, value: u64) {
        let sum = self.sum.get();
        if self.values.get() < AVERAGE_WINDOW {
            self.values.add(1);
            self.sum.set(sum.saturating_add(value));
        } else {
            // The window is full: an average value leaves as one enters.
            let leaving = sum.div_ceil(AVERAGE_WINDOW);
            self.sum.set((sum - leaving).saturating_add(value));
        }
        self.highest.raise_to(value);
    }
}

impl AverageTotal {
    /// The average; 0 before the first value.
    pub fn mean(&self) -> u64 {
        self.sum.checked_div(self.values).unwrap_or(0)
    }
}

impl Metric for Average {
    type Total = AverageTotal;

    fn fold_into(&self, total: &mut AverageTotal, _now: Instant) {
        total.sum = total.sum.saturating_add(self.sum.get());
        total.values = total.values.saturating_add(self.values.get());
        total.highest = total.highest.max(self.highest.get());
    }
}

/// When something last happened.
#[derive(Debug, Default)]
pub struct Latest(Counter);

impl Latest {
    /// It happens now. Only for the worker that owns it.
    pub fn mark(&self, now: Instant) {
        // 0 is never, so that the origin of the clock is 1.
        self.0.raise_to(now.as_nanos().saturating_add(1));
    }
}

impl Metric for Latest {
    type Total = Option<Instant>;

    fn fold_into(&self, total: &mut Option<Instant>, _now: Instant) {
        let at = self.0.get().checked_sub(1).map(Instant::from_nanos);
        *total = (*total).max(at);
    }
}

/// Values an [`Average`] looks back on, as HAProxy's `qtime`, `ctime`, `rtime` and `ttime` do.
const AVERAGE_WINDOW: u64 = 1024;

#[cfg(test)]
mod tests {
    use super::{AVERAGE_WINDOW, Average, AverageTotal, Latest, Metric, Rate, RateTotal};
    use base::{Duration, Instant};

    fn at(millis: u64) -> Instant {
        Instant::ZERO + Duration::from_millis(millis)
    }

    fn rate(rate: &Rate, millis: u64) -> RateTotal {
        let mut total = RateTotal::default();
        rate.fold_into(&mut total, at(millis));
        total
    }

    fn average(averages: &[&Average]) -> AverageTotal {
        let mut total = AverageTotal::default();
        for average in averages {
            average.fold_into(&mut total, Instant::ZERO);
        }
        total
    }

    #[test]
    fn a_rate_fades_over_the_second_after_the_events() {
        let events = Rate::default();
        events.add(at(5_200), 10);
        assert_eq!(rate(&events, 5_900).per_second, 10);
        assert_eq!(rate(&events, 6_000).per_second, 10);
        assert_eq!(rate(&events, 6_500).per_second, 5);
        assert_eq!(rate(&events, 7_000).per_second, 0);
        assert_eq!(rate(&events, 7_000).highest, 10);
    }

    #[test]
    fn a_second_without_events_is_forgotten_at_the_next_event() {
        let events = Rate::default();
        events.add(at(1_000), 100);
        events.add(at(3_000), 1);
        assert_eq!(rate(&events, 3_000).per_second, 1);
        assert_eq!(rate(&events, 3_000).highest, 100);
    }

    #[test]
    fn an_average_follows_the_newest_values() {
        let times = Average::default();
        assert_eq!(average(&[&times]).mean(), 0);
        times.add(10);
        times.add(20);
        assert_eq!(average(&[&times]).mean(), 15);
        for _ in 0..AVERAGE_WINDOW * 8 {
            times.add(100);
        }
        assert!((98..=100).contains(&average(&[&times]).mean()));
        assert_eq!(average(&[&times]).highest, 100);
    }

    #[test]
    fn a_worker_weighs_as_much_as_it_measured() {
        let (busy, idle) = (Average::default(), Average::default());
        for _ in 0..9 {
            busy.add(10);
        }
        idle.add(110);
        assert_eq!(average(&[&busy, &idle]).mean(), 20);
    }

    #[test]
    fn the_latest_of_all_workers_counts_and_never_is_none() {
        let (first, second) = (Latest::default(), Latest::default());
        let mut total = None;
        second.fold_into(&mut total, at(9));
        assert_eq!(total, None);
        first.mark(at(0));
        first.fold_into(&mut total, at(9));
        assert_eq!(total, Some(at(0)));
    }
}
