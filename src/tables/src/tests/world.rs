//! A table and a naive model of it, to which the same things happen.

use super::{at, definition, key};
use crate::{
    Bell, Cursor, DataType, Gpc, Held, Key, NoEntry, Rules, Sound, Stored, Table, Tracked,
};
use base::Rng;
use std::collections::BTreeMap;
use std::format;
use std::string::String;
use std::vec::Vec;

/// One thing that happens. Numbers choose among what there is, so that every sequence has a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    /// A key is looked up, and made if it is not there.
    Make(u8),
    /// A key is tracked.
    Track(u8),
    /// Tracking ends.
    End(u8),
    /// Tracking ends in a way that postpones nothing.
    Drop(u8),
    /// An entry is touched.
    Touch(u8),
    /// Somebody counts a key up.
    Count(u8),
    /// An entry is cleared.
    Clear(u8),
    /// Time passes, in milliseconds.
    Pass(u8),
    /// What has expired is removed, with so many looks.
    Expire(u8),
}

/// What the table is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setting {
    pub(super) size: u32,
    pub(super) expire_ms: Option<u64>,
    pub(super) nopurge: bool,
    pub(super) shards: u32,
}

/// What is wrong.
pub(super) type Fault = String;

/// A table, and what should be in it.
pub(super) struct World<R: Rules = Sound> {
    setting: Setting,
    table: Table<R>,
    now_ms: u64,
    model: BTreeMap<u32, Expected>,
    tracked: Vec<(u32, Tracked<R>)>,
    /// Who counts a key up does not hold its entry.
    pub(super) counts_unheld: bool,
}

/// An entry, naively.
#[derive(Clone, Debug)]
struct Expected {
    due_ms: u64,
    holders: u32,
    count: i64,
    /// When it was counted up.
    events_ms: Vec<u64>,
}

/// Keys are fewer, so that they meet.
const KEYS: u32 = 8;

/// The period of the rate.
const PERIOD_MS: u64 = 20;

impl<R: Rules> World<R> {
    pub(super) fn new(setting: Setting) -> Self {
        let stored = [
            Stored::plain(DataType::ConnCur),
            Stored::plain(DataType::Gpc0),
            Stored::rate(DataType::Gpc0Rate, PERIOD_MS as u32),
        ];
        let mut definition = definition(setting.size, setting.expire_ms, &stored);
        definition.nopurge = setting.nopurge;
        Self {
            setting,
            table: Table::with_shards(
                definition,
                &Rng::from_u64(1),
                setting.shards,
                Bell::default(),
            ),
            now_ms: 1000,
            model: BTreeMap::new(),
            tracked: Vec::new(),
            counts_unheld: false,
        }
    }

    /// Begins anew with a table that purges.
    pub(super) fn never_nopurge(&mut self) {
        *self = Self::new(Setting {
            nopurge: false,
            ..self.setting
        });
    }

    /// Does it to both, and compares.
    pub(super) fn apply(&mut self, op: Op) -> Result<(), Fault> {
        let now = at(self.now_ms);
        match op {
            Op::Make(number) => {
                let number = u32::from(number) % KEYS;
                let made = self.table.hold_or_make(key(number), now);
                self.made(number, &made)?;
            }
            Op::Track(number) => {
                let number = u32::from(number) % KEYS;
                let tracked = self.table.track(key(number), now);
                self.made(number, &tracked)?;
                if let Ok(tracked) = tracked {
                    self.tracked.push((number, tracked));
                    let due_ms = self.due();
                    let expected = self.expected(number);
                    expected.holders += 1;
                    expected.due_ms = due_ms;
                }
            }
            Op::End(which) => {
                if let Some((number, tracked)) = self.pick_tracked(which) {
                    let due_ms = self.due();
                    tracked.end(now);
                    let expected = self.expected(number);
                    expected.holders = expected.holders.saturating_sub(1);
                    expected.due_ms = due_ms;
                }
            }
            Op::Drop(which) => {
                if let Some((number, tracked)) = self.pick_tracked(which) {
                    drop(tracked);
                    let expected = self.expected(number);
                    expected.holders = expected.holders.saturating_sub(1);
                }
            }
            Op::Touch(number) => {
                let number = u32::from(number) % KEYS;
                if let Some(held) = self.table.hold(key(number), now) {
                    held.touch(now);
                    let due_ms = self.due();
                    self.model
                        .entry(number)
                        .and_modify(|expected| expected.due_ms = due_ms);
                }
            }
            Op::Count(number) => self.count(u32::from(number) % KEYS)?,
            Op::Clear(number) => {
                let number = u32::from(number) % KEYS;
                if let Some(entry) = self.table.lookup(key(number), now)
                    && self.table.remove(entry.id()).is_ok()
                {
                    self.model.remove(&number);
                }
            }
            Op::Pass(ms) => self.now_ms += u64::from(ms),
            Op::Expire(looks) => self.expire(looks.into())?,
        }
        self.forget_expired();
        self.compare()
    }

    /// Ends all tracking: nothing may be left that counts for it.
    pub(super) fn close(mut self) -> Result<(), Fault> {
        self.tracked.clear();
        for expected in self.model.values_mut() {
            expected.holders = 0;
        }
        self.forget_expired();
        self.compare()?;
        self.expire(usize::MAX)
    }

    fn due(&self) -> u64 {
        self.now_ms + self.setting.expire_ms.unwrap_or(0)
    }

    fn expected(&mut self, number: u32) -> &mut Expected {
        let due_ms = self.due();
        self.model.entry(number).or_insert(Expected {
            due_ms,
            holders: 0,
            count: 0,
            events_ms: Vec::new(),
        })
    }

    fn pick_tracked(&mut self, which: u8) -> Option<(u32, Tracked<R>)> {
        let count = self.tracked.len();
        (count > 0).then(|| self.tracked.remove(usize::from(which) % count))
    }

    fn forget_expired(&mut self) {
        let now_ms = self.now_ms;
        if self.setting.expire_ms.is_some() {
            self.model
                .retain(|_, expected| expected.holders > 0 || expected.due_ms > now_ms);
        }
    }

    /// A key was looked up that is made if it is not there.
    fn made<T>(&mut self, number: u32, made: &Result<T, NoEntry>) -> Result<(), Fault> {
        if self.model.contains_key(&number) {
            return match made {
                Ok(_) => Ok(()),
                Err(_) => Err("presence: a key that is there is refused".into()),
            };
        }
        let full = self.model.len() as u32 == self.setting.size;
        let oldest_ms = self
            .model
            .values()
            .filter(|expected| expected.holders == 0)
            .map(|expected| expected.due_ms)
            .min();
        let room = !full || (!self.setting.nopurge && oldest_ms.is_some());
        match made {
            Ok(_) if !room => return Err("full: an entry was made where there is no room".into()),
            Err(_) if room => return Err("full: an entry was refused where there is room".into()),
            Err(_) => return Ok(()),
            Ok(_) => {}
        }
        if full {
            let now = at(self.now_ms);
            let gone: Vec<u32> = self
                .model
                .keys()
                .copied()
                .filter(|&other| self.table.lookup(key(other), now).is_none())
                .collect();
            let [gone] = gone[..] else {
                return Err(format!("eviction: {} entries went for one", gone.len()));
            };
            let victim = self.model.remove(&gone);
            let victim = victim.map(|expected| (expected.holders, expected.due_ms));
            if victim != oldest_ms.map(|due_ms| (0, due_ms)) {
                return Err("eviction: the one that went is not the oldest that may go".into());
            }
        }
        self.expected(number);
        Ok(())
    }

    fn count(&mut self, number: u32) -> Result<(), Fault> {
        let now = at(self.now_ms);
        if self.counts_unheld {
            // The entry may go between the look and the count: here it always does.
            if let Some(entry) = self.table.lookup(key(number), now) {
                let gone = self.table.remove(entry.id()).is_ok();
                if gone {
                    drop(self.table.hold_or_make(key(number), now));
                }
                entry.add_gpc(Gpc::First, 1, now);
                self.counted(number);
            }
            return Ok(());
        }
        let held = self.table.hold_or_make(key(number), now);
        self.made(number, &held)?;
        if let Ok(held) = held {
            let counts = held.add_gpc(Gpc::First, 1, now);
            drop::<Held<R>>(held);
            self.counted(number);
            if counts != Some(self.expected(number).count) {
                return Err(format!("count: {counts:?} after it was counted up"));
            }
        }
        Ok(())
    }

    fn counted(&mut self, number: u32) {
        let (now_ms, due_ms) = (self.now_ms, self.due());
        let expected = self.expected(number);
        expected.count += 1;
        expected.events_ms.push(now_ms);
        expected.due_ms = due_ms;
    }

    fn expire(&mut self, looks: usize) -> Result<(), Fault> {
        let next = self.table.expire(at(self.now_ms), looks);
        self.forget_expired();
        if self.setting.expire_ms.is_none() {
            return match next {
                None => Ok(()),
                Some(_) => Err("expiry: a table without expiry wants to be called again".into()),
            };
        }
        let first_ms = self
            .model
            .values()
            .filter(|expected| expected.holders == 0)
            .map(|expected| expected.due_ms)
            .min();
        if first_ms.is_some_and(|due_ms| next.is_none_or(|next| next > at(due_ms))) {
            return Err(format!("expiry: an entry is due before {next:?}"));
        }
        // An entry is looked at twice if it was touched since it was filed.
        let all = looks >= 2 * self.setting.size as usize;
        if all && self.table.used() as usize != self.model.len() {
            return Err("expiry: entries are left that have expired".into());
        }
        Ok(())
    }

    /// Whether the table is what it should be.
    fn compare(&self) -> Result<(), Fault> {
        let now = at(self.now_ms);
        if self.table.used() > self.setting.size {
            return Err("full: more entries than fit in".into());
        }
        for number in 0..KEYS {
            match (self.table.lookup(key(number), now), self.model.get(&number)) {
                (None, None) => {}
                (Some(_), None) => return Err("presence: an entry is there that has gone".into()),
                (None, Some(_)) => return Err("presence: an entry is gone that was there".into()),
                (Some(entry), Some(expected)) => {
                    let read = |data| entry.number(data, 0, now).unwrap_or(-1);
                    if entry.holders() != expected.holders {
                        return Err(format!("holders: {}", entry.holders()));
                    }
                    if read(DataType::ConnCur) != i64::from(expected.holders) {
                        return Err(format!("connections: {}", read(DataType::ConnCur)));
                    }
                    if read(DataType::Gpc0) != expected.count {
                        return Err(format!("count: {}", read(DataType::Gpc0)));
                    }
                    let rate = naive_rate(&expected.events_ms, self.now_ms);
                    if read(DataType::Gpc0Rate) != rate {
                        return Err(format!("rate: {}, not {rate}", read(DataType::Gpc0Rate)));
                    }
                }
            }
        }
        self.walk()
    }

    /// A walk in pieces of two meets every entry once.
    fn walk(&self) -> Result<(), Fault> {
        let mut met: Vec<u32> = Vec::new();
        let mut from = Some(Cursor::default());
        while let Some(cursor) = from {
            let page = self.table.page(cursor, 2, at(self.now_ms));
            met.extend(page.entries.iter().filter_map(|entry| match entry.key() {
                Key::Integer(number) => Some(*number),
                Key::Ip(_) | Key::Ip6(_) | Key::Bytes(_) => None,
            }));
            from = page.next;
        }
        met.sort_unstable();
        if met.iter().ne(self.model.keys()) {
            return Err(format!("walk: met {met:?}"));
        }
        Ok(())
    }
}

/// Events per period, from the list of them.
fn naive_rate(events_ms: &[u64], now_ms: u64) -> i64 {
    let Some(&first) = events_ms.first() else {
        return 0;
    };
    // A period follows the other; the first event after a whole one without any begins anew.
    let mut began = first;
    for &event in events_ms {
        if event >= began + 2 * PERIOD_MS {
            began = event;
        } else if event >= began + PERIOD_MS {
            began += PERIOD_MS;
        }
    }
    while began + PERIOD_MS <= now_ms {
        began += PERIOD_MS;
    }
    let count = |from: u64| {
        let within = |&&event: &&u64| event >= from && event < from + PERIOD_MS;
        events_ms.iter().filter(within).count() as u64
    };
    let (current, previous) = (count(began), count(began - PERIOD_MS));
    let left = began + PERIOD_MS - now_ms;
    let rate = match (current, previous) {
        (0, 1) => 1,
        _ => current + previous * left / PERIOD_MS,
    };
    rate as i64
}
