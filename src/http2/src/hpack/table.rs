//! The dynamic table (RFC 7541 §2.3.2 and §4): newest entries first, oldest evicted.

use super::{ENTRY_OVERHEAD_BYTES, Memo};
use alloc::collections::VecDeque;
use alloc::vec::Vec;

/// Entries and their text, which grows at the end and is moved to the front now and then. A table
/// that was never used holds no memory.
#[derive(Debug)]
pub(super) struct Table {
    /// Oldest first.
    entries: VecDeque<Entry>,
    text: Vec<u8>,
    /// Bytes at the start of `text` whose entries are gone.
    gone: usize,
    /// What the entries count as RFC 7541 §4.1 has it.
    bytes: u32,
    bytes_max: u32,
    /// Entries that there ever were; wraps.
    inserted: u32,
}

/// The text of the entries stands in their order, without gaps, each as a line of HTTP/1.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// Where it stands, counted from the first byte that `text` ever held; wraps.
    at: u32,
    name_len: u32,
    value_len: u32,
    tags: Tags,
    memo: Memo,
}

impl Entry {
    /// Bytes of its line.
    fn line_len(&self) -> u32 {
        self.name_len + self.value_len + LINE_OVERHEAD_BYTES
    }
}

/// What a table holds of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stored<'a> {
    pub(super) name: &'a [u8],
    pub(super) value: &'a [u8],
    pub(super) line: &'a [u8],
    pub(super) memo: Memo,
}

/// Short marks of name and field; what is equal has equal marks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tags {
    name: u32,
    field: u32,
}

impl Tags {
    /// Of a field.
    pub(super) fn of(name: &[u8], value: &[u8]) -> Self {
        let of_name = mix(name.len() as u64, name);
        let of_field = mix(of_name, value);
        Self {
            name: (of_name >> 32) as u32,
            field: (of_field >> 32) as u32,
        }
    }

    /// That of name and value together.
    pub(super) fn field(self) -> u32 {
        self.field
    }
}

/// Eight bytes at a time. A peer that makes marks collide makes itself compare more, by the size of a
/// table at most.
fn mix(seed: u64, bytes: &[u8]) -> u64 {
    let step = |mark: u64, word: u64| (mark ^ word).wrapping_mul(FACTOR).rotate_left(29);
    let (words, rest) = bytes.as_chunks();
    let mut mark = words
        .iter()
        .fold(seed, |mark, word| step(mark, u64::from_le_bytes(*word)));
    if !rest.is_empty() {
        let last = match bytes.last_chunk() {
            Some(last) => u64::from_le_bytes(*last),
            None => rest
                .iter()
                .fold(0, |word, byte| word << 8 | u64::from(*byte)),
        };
        mark = step(mark, last);
    }
    (mark ^ bytes.len() as u64).wrapping_mul(FACTOR)
}

/// An odd number without a pattern in its bits.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

impl Table {
    pub(super) fn new(bytes_max: u32) -> Self {
        Self {
            entries: VecDeque::new(),
            text: Vec::new(),
            gone: 0,
            bytes: 0,
            bytes_max,
            inserted: 0,
        }
    }

    pub(super) fn bytes_max(&self) -> u32 {
        self.bytes_max
    }

    /// Evicts what does not fit any more (RFC 7541 §4.3).
    pub(super) fn resize(&mut self, bytes_max: u32) {
        self.bytes_max = bytes_max;
        self.evict_for(0);
        self.pack();
    }

    /// An entry, counted from the newest at 0.
    pub(super) fn get(&self, index: usize) -> Option<Stored<'_>> {
        let entry = self.entries.get(self.oldest_first(index)?)?;
        let from = self.offset(entry);
        let line = &self.text[from..from + entry.line_len() as usize];
        let (name, rest) = line.split_at(entry.name_len as usize);
        Some(Stored {
            name,
            value: &rest[2..rest.len() - 2],
            line,
            memo: entry.memo,
        })
    }

    /// The number of the newest entry among all that there ever were.
    pub(super) fn newest(&self) -> u32 {
        self.inserted
    }

    /// Where an entry with this number is now, if it is still there.
    pub(super) fn index_of(&self, number: u32) -> usize {
        self.inserted.wrapping_sub(number) as usize
    }

    /// Adds an entry, with its tags where somebody will search for it; one that is larger than the
    /// table empties it (§4.4).
    pub(super) fn insert(&mut self, name: &[u8], value: &[u8], tags: Tags, memo: Memo) {
        if self.evict_for(entry_bytes(name.len(), value.len())) {
            let at = self.text.len();
            self.text.extend_from_slice(name);
            self.push(at, value, tags, memo);
        }
        self.pack();
    }

    /// The same with the name of the entry at `index`, which may be evicted on the way.
    pub(super) fn insert_named(&mut self, index: usize, value: &[u8], memo: Memo) {
        let named = self.oldest_first(index).and_then(|at| self.entries.get(at));
        let Some(entry) = named.copied() else {
            return;
        };
        let (from, name_len) = (self.offset(&entry), entry.name_len as usize);
        if self.evict_for(entry_bytes(name_len, value.len())) {
            let at = self.text.len();
            // Evicted text stays in place until the table is packed.
            self.text.extend_from_within(from..from + name_len);
            self.push(at, value, Tags::default(), memo);
        }
        self.pack();
    }

    /// The newest entry that has the name, and the newest that has the value too, from 0.
    pub(super) fn find(&self, name: &[u8], value: &[u8], tags: Tags) -> Found {
        let mut found = Found::default();
        for (index, entry) in self.entries.iter().rev().enumerate() {
            if entry.tags.name != tags.name {
                continue;
            }
            let Some(same) = self.get(index).filter(|same| same.name == name) else {
                continue;
            };
            if entry.tags == tags && same.value == value {
                found.field = Some(index);
                return found;
            }
            found.name.get_or_insert(index);
        }
        found
    }

    fn oldest_first(&self, index: usize) -> Option<usize> {
        self.entries.len().checked_sub(index + 1)
    }

    /// Where the text of an entry begins.
    fn offset(&self, entry: &Entry) -> usize {
        let oldest = self.entries.front().map_or(entry.at, |oldest| oldest.at);
        self.gone + entry.at.wrapping_sub(oldest) as usize
    }

    /// The name stands in the text from `at`.
    fn push(&mut self, at: usize, value: &[u8], tags: Tags, memo: Memo) {
        let name_len = self.text.len() - at;
        self.text.extend_from_slice(b": ");
        self.text.extend_from_slice(value);
        self.text.extend_from_slice(b"\r\n");
        self.inserted = self.inserted.wrapping_add(1);
        let last = self.entries.back();
        let before = last.map_or(0, |last| last.at.wrapping_add(last.line_len()));
        if self.entries.is_empty() {
            self.gone = at;
        }
        self.entries.push_back(Entry {
            at: before,
            name_len: name_len as u32,
            value_len: value.len() as u32,
            tags,
            memo,
        });
        self.bytes += entry_bytes(name_len, value.len()) as u32;
    }

    /// Makes room for an entry; says whether it fits.
    fn evict_for(&mut self, more: u64) -> bool {
        while u64::from(self.bytes) + more > u64::from(self.bytes_max) {
            let Some(oldest) = self.entries.pop_front() else {
                return false;
            };
            self.gone += oldest.line_len() as usize;
            self.bytes -= oldest.name_len + oldest.value_len + ENTRY_OVERHEAD_BYTES;
        }
        true
    }

    /// Moves the text to the front once that costs less than what was added since.
    fn pack(&mut self) {
        if self.entries.is_empty() {
            self.text.clear();
            self.gone = 0;
        } else if self.gone > self.text.len() / 2 {
            self.text.drain(..self.gone);
            self.gone = 0;
        }
    }
}

/// What a search found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) name: Option<usize>,
    pub(super) field: Option<usize>,
}

/// What a line has besides name and value, in bytes.
const LINE_OVERHEAD_BYTES: u32 = 4;

fn entry_bytes(name_len: usize, value_len: usize) -> u64 {
    name_len as u64 + value_len as u64 + u64::from(ENTRY_OVERHEAD_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(table: &mut Table, name: &[u8], value: &[u8]) {
        table.insert(name, value, Tags::of(name, value), Memo::default());
    }

    fn get(table: &Table, index: usize) -> Option<(&[u8], &[u8])> {
        table.get(index).map(|it| (it.name, it.value))
    }

    fn find(table: &Table, name: &[u8], value: &[u8]) -> Found {
        table.find(name, value, Tags::of(name, value))
    }

    #[test]
    fn the_newest_comes_first_and_the_oldest_goes() {
        let mut table = Table::new(110);
        add(&mut table, b"a", b"1");
        add(&mut table, b"b", b"2");
        add(&mut table, b"c", b"3");
        assert_eq!(get(&table, 0), Some((&b"c"[..], &b"3"[..])));
        assert_eq!(get(&table, 2), Some((&b"a"[..], &b"1"[..])));
        add(&mut table, b"d", b"456789abcdef");
        assert_eq!(get(&table, 0), Some((&b"d"[..], &b"456789abcdef"[..])));
        assert_eq!(get(&table, 1), Some((&b"c"[..], &b"3"[..])));
        assert_eq!(get(&table, 2), None);
        assert_eq!(table.bytes, 45 + 34);
    }

    #[test]
    fn what_is_larger_than_the_table_empties_it() {
        let mut table = Table::new(64);
        add(&mut table, b"a", b"1");
        add(&mut table, b"b", &[b'x'; 64]);
        assert_eq!(get(&table, 0), None);
        assert_eq!((table.bytes, table.text.len()), (0, 0));
    }

    #[test]
    fn an_entry_can_take_its_name_from_one_that_it_evicts() {
        let mut table = Table::new(64);
        add(&mut table, b"name", b"old");
        table.insert_named(0, b"newer value", Memo::default());
        assert_eq!(get(&table, 0), Some((&b"name"[..], &b"newer value"[..])));
        assert_eq!(get(&table, 1), None);
    }

    #[test]
    fn the_text_stays_within_twice_the_table() {
        let mut table = Table::new(400);
        for round in 0..10_000_u32 {
            let value = [b'x'; 50];
            add(&mut table, b"name", &value[..round as usize % 50]);
            assert!(table.text.len() <= 2 * 400 + 58);
            let newest = get(&table, 0).expect("an entry").1;
            assert_eq!(newest.len(), round as usize % 50);
        }
        table.resize(0);
        assert_eq!((get(&table, 0), table.text.len()), (None, 0));
    }

    #[test]
    fn fields_are_found_before_names() {
        let mut table = Table::new(4096);
        add(&mut table, b"a", b"1");
        add(&mut table, b"a", b"2");
        let by_field = find(&table, b"a", b"1");
        assert_eq!(by_field.field, Some(1));
        let by_name = find(&table, b"a", b"3");
        assert_eq!((by_name.name, by_name.field), (Some(0), None));
        assert_eq!(find(&table, b"b", b"1"), Found::default());
    }
}
