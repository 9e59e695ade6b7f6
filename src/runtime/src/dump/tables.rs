//! `show table` and `clear table`: tables, and the entries of one, piece by piece.

use crate::view::View;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use base::Instant;
use tables::{Cursor, Entry, Filter, Table};

/// All tables, a line each, the last of the configuration first: how far the answer has come.
#[derive(Clone, Debug, Default)]
pub(crate) struct TableList {
    written: usize,
}

impl TableList {
    /// Writes the line of a table; true once there is no more.
    pub(crate) fn step(&mut self, view: &dyn View, out: &mut String) -> bool {
        let Some(table) = view.tables().iter().rev().nth(self.written) else {
            return true;
        };
        self.written += 1;
        write_head(table, view.now(), out);
        false
    }
}

/// What is done with entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Their lines are written, below that of the table.
    Show,
    /// They go, but for those that somebody holds.
    Clear,
}

/// Entries of a table: how far the answer has come.
#[derive(Clone, Debug)]
pub(crate) struct Entries {
    table: Arc<Table>,
    /// All must pick an entry.
    filters: Vec<Filter>,
    deed: Deed,
    /// The line of the table is still to be written.
    head: bool,
    page: vec::IntoIter<Arc<Entry>>,
    next: Option<Cursor>,
}

impl Entries {
    /// All that the filters pick.
    pub(crate) fn all(table: Arc<Table>, filters: Vec<Filter>, deed: Deed) -> Self {
        Self {
            table,
            filters,
            deed,
            head: deed == Deed::Show,
            page: Vec::new().into_iter(),
            next: Some(Cursor::default()),
        }
    }

    /// One, to be shown.
    pub(crate) fn one(table: Arc<Table>, entry: Arc<Entry>) -> Self {
        Self {
            table,
            filters: Vec::new(),
            deed: Deed::Show,
            head: true,
            page: vec![entry].into_iter(),
            next: None,
        }
    }

    /// Deals with at most one entry; true once there is no more.
    pub(crate) fn step(&mut self, view: &dyn View, out: &mut String) -> bool {
        let now = view.now();
        if self.head {
            self.head = false;
            write_head(&self.table, now, out);
        } else if let Some(entry) = self.page.next() {
            if self.filters.iter().all(|filter| filter.picks(&entry, now)) {
                self.deal_with(&entry, now, out);
            }
        } else if let Some(from) = self.next {
            let page = self.table.page(from, PAGE_LOOKS, now);
            self.page = page.entries.into_iter();
            self.next = page.next;
        } else {
            return true;
        }
        false
    }

    fn deal_with(&self, entry: &Entry, now: Instant, out: &mut String) {
        match self.deed {
            Deed::Show => entry.write_line(out, now),
            Deed::Clear => {
                // One that is held stays, and nobody is told.
                let _ = self.table.remove(entry.id());
            }
        }
    }
}

/// Writes the line of a table, in which what has expired does not count.
fn write_head(table: &Table, now: Instant, out: &mut String) {
    table.expire(now, EXPIRE_LOOKS);
    table.write_head(out);
}

/// Places of a table that are looked at for one piece.
const PAGE_LOOKS: u32 = 64;

/// Expired entries that are removed before a table is shown; what is left then still counts.
const EXPIRE_LOOKS: usize = 16_384;
