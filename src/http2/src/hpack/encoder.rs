//! From fields to header blocks.

use super::table::{Table, Tags};
use super::{ENTRY_OVERHEAD_BYTES, TABLE_BYTES_DEFAULT, huffman, integer, statics};
use alloc::vec::Vec;

/// Encodes the header blocks of one direction of a connection, in the order they are sent.
#[derive(Debug)]
pub struct Encoder {
    table: Table,
    /// Sizes of the table that the peer must hear of: the smallest since the last block, and the last
    /// (RFC 7541 §4.2).
    update: Option<Update>,
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
        self.update = Some(Update { smallest, last });
    }

    /// What comes before the first field of a block.
    pub fn begin(&mut self, out: &mut Vec<u8>) {
        if let Some(Update { smallest, last }) = self.update.take() {
            integer::write(out, UPDATE, 5, smallest);
            if last != smallest {
                integer::write(out, UPDATE, 5, last);
            }
        }
    }

    /// Appends a field; its name is in lower case already.
    pub fn field(&mut self, name: &[u8], value: &[u8], out: &mut Vec<u8>) {
        let known = statics::find(name, value);
        if let Some((_, Some(whole))) = known {
            return integer::write(out, INDEXED, 7, whole as u32);
        }
        let first = known.map(|(first, _)| first);
        let (pattern, prefix) = match Keeping::of(name, first) {
            Keeping::Yes => return self.kept(first, name, value, out),
            Keeping::No => (LITERAL, 4),
            Keeping::Never => (LITERAL_NEVER, 4),
        };
        literal(out, pattern, prefix, first, name, value);
    }

    /// Appends a field that no table may ever hold.
    pub fn secret(&mut self, name: &[u8], value: &[u8], out: &mut Vec<u8>) {
        let first = statics::find(name, value).map(|(first, _)| first);
        literal(out, LITERAL_NEVER, 4, first, name, value);
    }

    /// A field that is in the table or goes into it.
    fn kept(&mut self, first: Option<usize>, name: &[u8], value: &[u8], out: &mut Vec<u8>) {
        let tags = Tags::of(name, value);
        let found = self.table.find(name, value, tags);
        let index = |at: usize| at + statics::COUNT + 1;
        if let Some(at) = found.field {
            return integer::write(out, INDEXED, 7, index(at) as u32);
        }
        let named = first.or(found.name.map(index));
        let entry = (name.len() + value.len()) as u64 + u64::from(ENTRY_OVERHEAD_BYTES);
        // What would drive most others out is not worth its place.
        if entry > u64::from(self.table.bytes_max() / 4 * 3) {
            return literal(out, LITERAL, 4, named, name, value);
        }
        literal(out, LITERAL_KEPT, 6, named, name, value);
        self.table.insert(name, value, tags);
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

fn string(out: &mut Vec<u8>, text: &[u8]) {
    let in_code = huffman::encoded_len(text);
    if in_code < text.len() {
        integer::write(out, 0x80, 7, in_code as u32);
        huffman::encode(text, out);
    } else {
        integer::write(out, 0, 7, text.len() as u32);
        out.extend_from_slice(text);
    }
}

/// Whether a field goes into the table.
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
        match statics::entry(first).0 {
            "authorization" | "proxy-authorization" | "cookie" | "set-cookie" => Self::Never,
            ":path"
            | "age"
            | "content-length"
            | "content-range"
            | "etag"
            | "if-match"
            | "if-modified-since"
            | "if-none-match"
            | "if-range"
            | "if-unmodified-since"
            | "last-modified"
            | "location"
            | "range" => Self::No,
            _ => Self::Yes,
        }
    }
}

/// Largest table that we use towards a peer, whatever it offers, in bytes.
pub const TABLE_BYTES_MAX: u32 = 4096;

// The patterns of RFC 7541 §6.
const INDEXED: u8 = 0x80;
const LITERAL_KEPT: u8 = 0x40;
const UPDATE: u8 = 0x20;
const LITERAL_NEVER: u8 = 0x10;
const LITERAL: u8 = 0x00;
