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

    /// Makes a gauge `value`. Only for the worker that owns it.
    pub fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }
}

impl Metric for Counter {
    type Total = u64;

    fn fold_into(&self, total: &mut u64, _now: Instant) {
        *total = total.wrapping_add(self.get());
    }
}

/// The highest value there was of something over all workers.
#[derive(Debug, Default)]
pub struct Peak {
    highest: Counter,
    /// The highest value of this worker's own part.
    record: Counter,
}

impl Peak {
    /// Raises the peak to `value`, what it is over all workers now, if it is lower. Only for the
    /// worker that owns it.
    pub fn raise_to(&self, value: u64) {
        self.highest.raise_to(value);
    }

    /// This worker's part is `own` now. Only for the worker that owns the peak.
    ///
    /// What it is over `all` workers would cost a read of each worker's part every time, or a number
    /// that all of them write to. So it is looked at only while this worker has more than it ever had,
    /// which becomes rare at once: with one worker the peak is exact, with several a peak is missed
    /// that is made of parts none of which is its worker's greatest.
    pub fn observe(&self, own: u64, all: impl FnOnce() -> u64) {
        if own > self.record.get() {
            self.record.set(own);
            self.raise_to(all());
        }
    }
}

impl Metric for Peak {
    type Total = u64;

    fn fold_into(&self, total: &mut u64, _now: Instant) {
        *total = (*total).max(self.highest.get());
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
    /// The highest value that a worker has seen.
    highest: u64,
    /// The youngest second with events, and how many it has: nobody may have seen the sum yet.
    second: u64,
    in_second: u64,
}

impl RateTotal {
    /// The highest value there was: that of one worker at any event, or that of all workers in a
    /// whole second of the clock. With one worker that is what HAProxy shows; with several, what all
    /// of them did across the turn of a second can be more.
    pub fn highest(&self) -> u64 {
        self.highest.max(self.in_second).max(self.per_second)
    }
}

impl Rate {
    /// Counts `count` events. Only for the worker that owns the rate; `all` are those of all workers,
    /// this one included, and are looked at once a second at most.
    pub fn add<'a>(&self, now: Instant, count: u64, all: impl Iterator<Item = &'a Rate>) {
        let second = now.as_millis() / 1000;
        let since = second.saturating_sub(self.second.get());
        if since > 0 {
            self.turn(second, since, all);
        }
        self.this_second.add(count);
        self.highest.raise_to(self.per_second(now));
    }

    /// Another second begins. The first worker to notice finds what all have counted in the last one
    /// that had events.
    fn turn<'a>(&self, second: u64, since: u64, all: impl Iterator<Item = &'a Rate>) {
        let mut over = RateTotal::default();
        for rate in all {
            rate.fold_second(&mut over);
        }
        self.highest.raise_to(over.in_second);
        self.last_second.set(match since {
            1 => self.this_second.get(),
            _ => 0,
        });
        self.this_second.set(0);
        self.second.set(second);
    }

    /// Looks for the youngest second with events, and sums them.
    fn fold_second(&self, total: &mut RateTotal) {
        let second = self.second.get();
        if second > total.second {
            (total.second, total.in_second) = (second, 0);
        }
        if second == total.second {
            total.in_second = total.in_second.saturating_add(self.this_second.get());
        }
    }

    pub fn per_second(&self, now: Instant) -> u64 {
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
        total.highest = total.highest.max(self.highest.get());
        self.fold_second(total);
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

    /// The average of the values of both.
    pub fn joined(self, other: Self) -> Self {
        Self {
            sum: self.sum.saturating_add(other.sum),
            values: self.values.saturating_add(other.values),
            highest: self.highest.max(other.highest),
        }
    }
}

impl Metric for Average {
    type Total = AverageTotal;

    fn fold_into(&self, total: &mut AverageTotal, _now: Instant) {
        *total = total.joined(AverageTotal {
            sum: self.sum.get(),
            values: self.values.get(),
            highest: self.highest.get(),
        });
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
mod tests;
