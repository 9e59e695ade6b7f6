//! From fields to header blocks.

use super::case::{has_capital, is_lower};
use super::table::{Table, Tags};
use super::{ENTRY_OVERHEAD_BYTES, Memo, TABLE_BYTES_DEFAULT, huffman, integer, statics};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// Encodes the header blocks of one direction of a connection, in the order they are sent.
#[derive(Debug)]
pub struct Encoder {
    table: Table,
    /// Sizes of the table that the peer must hear of: the smallest since the last block, and the last
    /// (RFC 7541 §4.2).
    update: Option<Update>,
    memory: Option<Box<Memory>>,
    /// The place in its block of the field that comes next.
    place: usize,
    /// A name in lower case.
    name: Vec<u8>,
    /// How often the table was changed, or is to be; wraps.
    changes: u32,
}

/// Where fields were found that came before. It is made with the first of them.
#[derive(Debug, Default)]
struct Memory {
    /// By their tags.
    known: [[Known; 2]; KNOWN_SETS],
    /// By their places in the block: what a peer says again it mostly says where it said it before.
    before: [At; PLACES],
}

/// A field that is in a table.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    tag: u32,
    at: At,
}

#[derive(Clone, Copy, Debug, Default)]
enum At {
    #[default]
    Nowhere,
    /// This entry of the static table.
    Static(u8),
    /// The entry of the dynamic table with this number.
    Dynamic(u32),
    /// Its name is that of this entry of the static table, and no table holds it.
    Named(u8),
}

#[derive(Clone, Copy, Debug)]
struct Update {
    smallest: u32,
    last: u32,
}

impl Default for Encoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Encoder {
    /// With an empty table of the size everybody starts with.
    pub fn new() -> Self {
        Self {
            table: Table::new(TABLE_BYTES_DEFAULT),
            update: None,
            memory: None,
            place: 0,
            name: Vec::new(),
            changes: 0,
        }
    }

    /// The peer announced SETTINGS_HEADER_TABLE_SIZE. We never use more than [`TABLE_BYTES_MAX`]:
    /// the memory is ours.
    pub fn set_table_bytes_max(&mut self, bytes: u32) {
        let last = bytes.min(TABLE_BYTES_MAX);
        let smallest = match self.update {
            Some(update) => update.smallest.min(last),
            None if last == self.table.bytes_max() => return,
            None => last,
        };
        self.table.resize(smallest);
        self.table.resize(last);
        self.changes = self.changes.wrapping_add(1);
        self.update = Some(Update { smallest, last });
    }

    /// How often the table was changed, or is to be; wraps. What changes nothing is written the same
    /// again.
    pub fn changes(&self) -> u32 {
        self.changes
    }

    /// What comes before the first field of a block.
    pub fn begin(&mut self, out: &mut Vec<u8>) {
        self.place = 0;
        if let Some(Update { smallest, last }) = self.update.take() {
            self.changes = self.changes.wrapping_add(1);
            integer::write(out, UPDATE, 5, smallest);
            if last != smallest {
                integer::write(out, UPDATE, 5, last);
            }
        }
    }

    /// Appends a field; its name is in lower case already.
    pub fn field(&mut self, name: &[u8], value: &[u8], out: &mut Vec<u8>) {
        self.lower_field(PLACES, name, value, out);
    }

    /// Appends a field whose name goes into lower case.
    #[inline]
    pub fn field_of_any_case(&mut self, name: &[u8], value: &[u8], out: &mut Vec<u8>) {
        let place = self.place;
        self.place += 1;
        if !self.again(place, name, value, out) {
            self.in_lower_case(name, |encoder, name| {
                encoder.lower_field(place, name, value, out);
            });
        }
    }

    /// Appends a field if it, or another of its name that no table holds, stood at this place before.
    fn again(&self, place: usize, name: &[u8], value: &[u8], out: &mut Vec<u8>) -> bool {
        let before = self.memory.as_ref().and_then(|it| it.before.get(place));
        match *before.unwrap_or(&At::Nowhere) {
            At::Nowhere => false,
            At::Static(index) => {
                let index = usize::from(index);
                let same = is_static(index, name, value);
                if same {
                    integer::write(out, INDEXED, 7, index as u32);
                }
                same
            }
            At::Dynamic(number) => {
                let index = self.table.index_of(number);
                let found = self.table.get(index);
                let same = found.is_some_and(|it| it.value == value && is_lower(name, it.name));
                if same {
                    integer::write(out, INDEXED, 7, (index + statics::COUNT + 1) as u32);
                }
                same
            }
            At::Named(first) => {
                let first = usize::from(first);
                let its_name = statics::entry(first).0.as_bytes();
                // An empty value may be in the table.
                let same = !value.is_empty() && is_lower(name, its_name);
                if same {
                    let pattern = Keeping::of(its_name, Some(first)).pattern();
                    literal(out, pattern, 4, Some(first), its_name, value);
                }
                same
            }
        }
    }

    fn in_lower_case(&mut self, name: &[u8], then: impl FnOnce(&mut Self, &[u8])) {
        if !has_capital(name) {
            return then(self, name);
        }
        let mut lower = core::mem::take(&mut self.name);
        lower.clear();
        lower.extend_from_slice(name);
        lower.make_ascii_lowercase();
        then(self, &lower);
        self.name = lower;
    }

    fn lower_field(&mut self, place: usize, name: &[u8], value: &[u8], out: &mut Vec<u8>) {
        let tags = Tags::of(name, value);
        if let Some((index, at)) = self.known(name, value, tags) {
            self.note_place(place, at);
            return integer::write(out, INDEXED, 7, index as u32);
        }
        let known = statics::find(name, value);
        if let Some((_, Some(whole))) = known {
            self.note(tags, place, At::Static(whole as u8));
            return integer::write(out, INDEXED, 7, whole as u32);
        }
        let first = known.map(|(first, _)| first);
        let keeping = Keeping::of(name, first);
        if let Keeping::Yes = keeping {
            return self.kept(first, name, value, tags, place, out);
        }
        // Where entries of a name have values, each value has to be looked for.
        if let Some(first) = first
            && statics::entry(first).1.is_empty()
        {
            self.note_place(place, At::Named(first as u8));
        }
        literal(out, keeping.pattern(), 4, first, name, value);
    }

    /// The index of a field that came before, and where it is.
    fn known(&self, name: &[u8], value: &[u8], tags: Tags) -> Option<(usize, At)> {
        let tag = tags.field();
        let set = &self.memory.as_ref()?.known[tag as usize % KNOWN_SETS];
        let at = set.iter().find(|known| known.tag == tag)?.at;
        match at {
            At::Nowhere | At::Named(_) => None,
            At::Static(index) => {
                let index = usize::from(index);
                is_static(index, name, value).then_some((index, at))
            }
            At::Dynamic(number) => {
                let index = self.table.index_of(number);
                let found = self.table.get(index)?;
                let same = found.name == name && found.value == value;
                same.then_some((index + statics::COUNT + 1, at))
            }
        }
    }

    fn note(&mut self, tags: Tags, place: usize, at: At) {
        let tag = tags.field();
        let memory = self.memory.get_or_insert_default();
        let set = &mut memory.known[tag as usize % KNOWN_SETS];
        // Two that meet in a set do not drive each other out.
        if set[0].tag != tag {
            set[1] = set[0];
        }
        set[0] = Known { tag, at };
        self.note_place(place, at);
    }

    fn note_place(&mut self, place: usize, at: At) {
        if let Some(memory) = &mut self.memory
            && let Some(before) = memory.before.get_mut(place)
        {
            *before = at;
        }
    }

    /// Appends a field that no table may ever hold; its name goes into lower case.
    pub fn secret(&mut self, name: &[u8], value: &[u8], out: &mut Vec<u8>) {
        self.place += 1;
        self.in_lower_case(name, |_, name| {
            let first = statics::find(name, value).map(|(first, _)| first);
            literal(out, LITERAL_NEVER, 4, first, name, value);
        });
    }

    /// A field that is in the table or goes into it.
    fn kept(
        &mut self,
        first: Option<usize>,
        name: &[u8],
        value: &[u8],
        tags: Tags,
        place: usize,
        out: &mut Vec<u8>,
    ) {
        let found = self.table.find(name, value, tags);
        let index = |at: usize| at + statics::COUNT + 1;
        if let Some(at) = found.field {
            let number = self.table.newest().wrapping_sub(at as u32);
            self.note(tags, place, At::Dynamic(number));
            return integer::write(out, INDEXED, 7, index(at) as u32);
        }
        let named = first.or(found.name.map(index));
        let entry = (name.len() + value.len()) as u64 + u64::from(ENTRY_OVERHEAD_BYTES);
        // What would drive most others out is not worth its place.
        if entry > u64::from(self.table.bytes_max() / 4 * 3) {
            return literal(out, LITERAL, 4, named, name, value);
        }
        integer::write(out, LITERAL_KEPT, 6, named.unwrap_or(0) as u32);
        if named.is_none() {
            in_code(out, name);
        }
        in_code(out, value);
        self.table.insert(name, value, tags, Memo::default());
        self.changes = self.changes.wrapping_add(1);
        self.note(tags, place, At::Dynamic(self.table.newest()));
    }
}

fn literal(
    out: &mut Vec<u8>,
    pattern: u8,
    prefix: u32,
    named: Option<usize>,
    name: &[u8],
    value: &[u8],
) {
    integer::write(out, pattern, prefix, named.unwrap_or(0) as u32);
    if named.is_none() {
        string(out, name);
    }
    string(out, value);
}

/// As it is: what is sent once is not worth the work of the code, here and where it is read.
fn string(out: &mut Vec<u8>, text: &[u8]) {
    integer::write(out, 0, 7, text.len() as u32);
    out.extend_from_slice(text);
}

/// In Huffman code, if that is shorter.
fn in_code(out: &mut Vec<u8>, text: &[u8]) {
    let in_code = huffman::encoded_len(text);
    if in_code < text.len() {
        integer::write(out, 0x80, 7, in_code as u32);
        huffman::encode(text, out);
    } else {
        string(out, text);
    }
}

/// Whether a field goes into the table.
#[derive(Clone, Copy)]
enum Keeping {
    Yes,
    /// It hardly ever comes again.
    No,
    /// Neither here nor at anybody behind us: whoever shares the connection could guess it by the
    /// length of what is sent (RFC 7541 §7.1.3).
    Never,
}

impl Keeping {
    /// By name, and by the first static entry of that name.
    fn of(name: &[u8], first: Option<usize>) -> Self {
        let Some(first) = first else {
            return match name {
                b"x-forwarded-for" | b"x-request-id" => Self::No,
                _ => Self::Yes,
            };
        };
        KEEPING[first - 1]
    }

    /// How a field that no table holds is written.
    fn pattern(self) -> u8 {
        match self {
            Self::Yes | Self::No => LITERAL,
            Self::Never => LITERAL_NEVER,
        }
    }
}

fn is_static(index: usize, name: &[u8], value: &[u8]) -> bool {
    let (its_name, its_value) = statics::entry(index);
    its_value.as_bytes() == value && is_lower(name, its_name.as_bytes())
}

/// By the first static entry of a name.
static KEEPING: [Keeping; statics::COUNT] = {
    let mut table = [Keeping::Yes; statics::COUNT];
    let mut at = 0;
    while at < NEVER.len() {
        table[statics::first_of(NEVER[at]) - 1] = Keeping::Never;
        at += 1;
    }
    at = 0;
    while at < PASSING.len() {
        table[statics::first_of(PASSING[at]) - 1] = Keeping::No;
        at += 1;
    }
    table
};

const NEVER: [&str; 4] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
];
const PASSING: [&str; 13] = [
    ":path",
    "age",
    "content-length",
    "content-range",
    "etag",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "last-modified",
    "location",
    "range",
];

/// Places in a block whose fields are looked for first where they were before.
const PLACES: usize = 16;
/// Sets of two fields that are found at once.
const KNOWN_SETS: usize = 16;
/// Largest table that we use towards a peer, whatever it offers, in bytes.
pub const TABLE_BYTES_MAX: u32 = 4096;

// The patterns of RFC 7541 §6.
const INDEXED: u8 = 0x80;
const LITERAL_KEPT: u8 = 0x40;
const UPDATE: u8 = 0x20;
const LITERAL_NEVER: u8 = 0x10;
const LITERAL: u8 = 0x00;
