//! What the stick tables of one instance of the proxy hold, beside what they must hold: compared
//! whenever a worker asks for the time, which it does before it takes in anything.

use super::Shared;
use super::lists::Lists;
use crate::canary::Canary;
use base::{Duration, Instant};
use engine::settings::Settings;
use sample::Value;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use tables::{Cursor, DataType, Definition, Entry, EntryId, Table};

/// The books of one instance.
pub struct Ledger {
    instance: Arc<engine::Shared>,
    lists: Lists,
    shared: Rc<Shared>,
    books: RefCell<Books>,
}

struct Books {
    /// When was looked last: everything that has changed since then changed at that time.
    looked_at: Instant,
    tables: Vec<Book>,
}

/// What is known of one table.
struct Book {
    /// As the configuration means it.
    meant: Definition,
    entries: BTreeMap<EntryId, Page>,
    /// What entries had counted that have gone, by data type.
    gone: [i64; COUNTS.len()],
    /// When entries expired whose room may still be taken.
    expired: Vec<Instant>,
}

/// What is known of one entry.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Page {
    counts: [i64; COUNTS.len()],
    holders: u32,
    touched_at: Instant,
}

/// What is only ever counted up.
const COUNTS: [DataType; 3] = [
    DataType::HttpReqCnt,
    DataType::ConnCnt,
    DataType::BytesOutCnt,
];

/// Room of what has expired is free by then.
const SWEPT_WITHIN: Duration = Duration::from_millis(100);

/// Places of a table that are looked at in one go; tables of scenarios are small.
const LOOKS: u32 = 1 << 16;

impl Ledger {
    /// The books of an instance that should run with these settings; none if it has no tables and no
    /// lists whose entries are counted.
    pub fn open(
        meant: &Settings,
        instance: Arc<engine::Shared>,
        shared: Rc<Shared>,
    ) -> Option<Rc<Self>> {
        let books = meant.tables.iter().map(|table| Book {
            meant: table.clone(),
            entries: BTreeMap::new(),
            gone: [0; COUNTS.len()],
            expired: Vec::new(),
        });
        let books = Books {
            looked_at: Instant::ZERO,
            tables: books.collect(),
        };
        let lists = Lists::of(&instance);
        (!books.tables.is_empty() || !lists.is_empty()).then(|| {
            Rc::new(Self {
                instance,
                lists,
                shared,
                books: books.into(),
            })
        })
    }

    /// Compares, and writes down what is wrong.
    pub(super) fn look(&self, now: Instant) {
        self.lists.look(&self.instance.vars, &self.shared, now);
        let mut books = self.books.borrow_mut();
        let changed_at = books.looked_at;
        books.looked_at = now;
        for (book, table) in books.tables.iter_mut().zip(&*self.instance.tables) {
            self.lose_some(table, now);
            let found = book.compare(table, changed_at, now);
            let total = self.total_by_rules(&book.meant.name);
            let found = found.err().or_else(|| book.sum_is(total?).err());
            if let Some((rule, what)) = found {
                let what = format!("table {}: {what}", book.meant.name);
                self.shared
                    .journal
                    .write(|pages| pages.wrongs.push((rule, now, what)));
            }
        }
    }

    /// What rules have counted in the variable that is called as the table: requests.
    fn total_by_rules(&self, table: &str) -> Option<i64> {
        let vars = &self.instance.vars;
        let variable = vars.known(&format!("proc.{table}"))?;
        match vars.get(variable.name, &mut Vec::new()) {
            Some(Value::Int(total)) => Some(total),
            Some(_) | None => None,
        }
    }

    /// A canary: what was counted is forgotten.
    fn lose_some(&self, table: &Table, now: Instant) {
        let acts = self.shared.canary == Some(Canary::LosesCounts)
            && self.shared.rng.borrow_mut().chance(1, 50);
        if !acts {
            return;
        }
        for entry in table.page(Cursor::default(), LOOKS, now).entries {
            if let Some(slot) = entry.layout().exactly(DataType::HttpReqCnt, 0) {
                entry.set_at(slot, 0, now);
            }
        }
    }
}

/// The rule that was broken, and how.
type Wrong = (&'static str, String);

impl Book {
    fn compare(&mut self, table: &Table, changed_at: Instant, now: Instant) -> Result<(), Wrong> {
        let before = std::mem::take(&mut self.entries);
        let mut result = Ok(());
        for entry in table.page(Cursor::default(), LOOKS, now).entries {
            let page = Page {
                counts: COUNTS.map(|data| entry.number(data, 0, now).unwrap_or(0)),
                holders: entry.holders(),
                touched_at: changed_at,
            };
            let known = before.get(&entry.id());
            let page = match known {
                Some(known) if (known.counts, known.holders) == (page.counts, page.holders) => {
                    *known
                }
                Some(_) | None => page,
            };
            if let Some(known) = known
                && { known.counts.iter().zip(page.counts) }.any(|(known, new)| *known > new)
            {
                let what = format!("{:?} counts less than before", entry.key());
                result = result.and(Err(("tab.sum", what)));
            }
            result = result.and(self.ends_in_time(&entry, &page, now));
            self.entries.insert(entry.id(), page);
        }
        let was_full = before.len() >= self.meant.size as usize;
        for (id, page) in before {
            if self.entries.contains_key(&id) {
                continue;
            }
            for (gone, counted) in self.gone.iter_mut().zip(page.counts) {
                *gone += counted;
            }
            let due = self.due(&page);
            // It was touched by what ended its tracking, and went later.
            let due = due.filter(|_| page.holders == 0);
            match due {
                Some(due) if due <= now => self.expired.push(due),
                Some(_) | None if was_full => {}
                Some(_) | None => {
                    let what = "an entry went before its time was over".to_owned();
                    result = result.and(Err(("tab.expiry", what)));
                }
            }
        }
        result.and(self.is_swept(table.used(), changed_at))
    }

    fn due(&self, page: &Page) -> Option<Instant> {
        let touched = Instant::ZERO + Duration::from_millis(page.touched_at.as_millis());
        self.meant.expire.map(|expire| touched + expire)
    }

    /// An entry that nobody holds lives for `expire` from when it was last touched.
    fn ends_in_time(&self, entry: &Entry, page: &Page, now: Instant) -> Result<(), Wrong> {
        let Some(due) = self.due(page).filter(|_| page.holders == 0) else {
            return Ok(());
        };
        let meant = due.as_millis().saturating_sub(now.as_millis());
        let left = entry.expires_in(now).as_millis();
        if left == u128::from(meant) {
            return Ok(());
        }
        let what = format!(
            "{:?} lives for {left} ms more instead of {meant} ms",
            entry.key()
        );
        Err(("tab.expiry", what))
    }

    /// What has expired is not kept for long.
    fn is_swept(&mut self, used: u32, changed_at: Instant) -> Result<(), Wrong> {
        self.expired.retain(|due| *due + SWEPT_WITHIN > changed_at);
        let most = self.entries.len() + self.expired.len();
        if used as usize <= most {
            return Ok(());
        }
        let what =
            format!("{used} entries are kept, {most} at most are alive or have just expired");
        Err(("tab.expiry", what))
    }

    /// What entries have counted, those that are gone included.
    fn sum_is(&self, total: i64) -> Result<(), Wrong> {
        let held: i64 = self.entries.values().map(|page| page.counts[0]).sum();
        let counted = held + self.gone[0];
        if counted == total {
            return Ok(());
        }
        let what = format!(
            "{total} requests were tracked, {held} are counted and {} were when their entries went",
            self.gone[0]
        );
        Err(("tab.sum", what))
    }
}
