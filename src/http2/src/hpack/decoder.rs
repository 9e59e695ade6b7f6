//! From header blocks to fields.

use super::table::{Stored, Table, Tags};
use super::{
    ENTRY_OVERHEAD_BYTES, Error, Field, Memo, TABLE_BYTES_DEFAULT, huffman, integer, statics,
};
use alloc::vec::Vec;
use core::ops::Range;

/// Decodes the header blocks of one direction of a connection, in the order they were sent.
#[derive(Debug)]
pub struct Decoder {
    table: Table,
    /// What the peer may set its table to.
    table_bytes_max: u32,
    /// The next block has to begin with an update, because the table must become smaller.
    update_due: bool,
    /// Strings out of their Huffman code, for the field at hand.
    plain: Vec<u8>,
    /// How often the table was changed; wraps.
    changes: u32,
}

/// What a header block was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// Size of all its fields as RFC 9113 §6.5.2 counts them, in bytes.
    pub bytes: u64,
    /// Fields that were left out because the list was too large.
    pub left_out: u32,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder {
    /// With an empty table of the size everybody starts with.
    pub fn new() -> Self {
        Self {
            table: Table::new(TABLE_BYTES_DEFAULT),
            table_bytes_max: TABLE_BYTES_DEFAULT,
            update_due: false,
            plain: Vec::new(),
            changes: 0,
        }
    }

    /// The peer acknowledged SETTINGS_HEADER_TABLE_SIZE: from now on its table is no larger.
    pub fn set_table_bytes_max(&mut self, bytes: u32) {
        self.table_bytes_max = bytes;
        self.update_due = self.table.bytes_max() > bytes;
    }

    /// How often the table was changed; wraps. What changes nothing means the same again.
    pub fn changes(&self) -> u32 {
        self.changes
    }

    /// Decodes a complete block and gives each field in order.
    ///
    /// The first field with which the list is larger than `list_bytes_max`, and all behind it, are left
    /// out: they are decoded for the sake of the table, and nobody pays for a copy.
    pub fn decode(
        &mut self,
        block: &[u8],
        list_bytes_max: u32,
        mut field: impl FnMut(Field<'_>),
    ) -> Result<Listed, Error> {
        self.decode_with_memos(block, list_bytes_max, |it| {
            field(it);
            Memo::default()
        })
    }

    /// The same; what is given back comes again with the field if it goes into the table.
    pub fn decode_with_memos(
        &mut self,
        mut block: &[u8],
        list_bytes_max: u32,
        mut field: impl FnMut(Field<'_>) -> Memo,
    ) -> Result<Listed, Error> {
        let mut listed = Listed::default();
        self.updates(&mut block)?;
        let mut fits = |name: &[u8], value: &[u8]| {
            listed.bytes += (name.len() + value.len()) as u64 + u64::from(ENTRY_OVERHEAD_BYTES);
            let fits = listed.bytes <= u64::from(list_bytes_max);
            listed.left_out += u32::from(!fits);
            fits
        };
        while let Some(first) = block.first() {
            match Form::of(*first) {
                Form::Indexed => {
                    let found = self.entry(integer::read(&mut block, 7)? as usize)?;
                    if fits(found.name, found.value) {
                        field(found);
                    }
                }
                Form::Literal(how) => {
                    let read = self.literal(&mut block, how)?;
                    let found = self.field(&read)?;
                    let fits = fits(found.name, found.value);
                    let memo = if fits { field(found) } else { Memo::default() };
                    if read.how == How::Kept {
                        self.keep(&read, memo);
                    }
                }
                Form::Update => return Err(Error::UpdateLate),
            }
        }
        self.plain.clear();
        self.plain.shrink_to(PLAIN_BYTES_KEPT_MAX);
        Ok(listed)
    }

    /// Updates of the table's size: only in front (RFC 7541 §4.2).
    fn updates(&mut self, block: &mut &[u8]) -> Result<(), Error> {
        while let Some(first) = block.first()
            && Form::of(*first) == Form::Update
        {
            let bytes = integer::read(block, 5)?;
            if bytes > self.table_bytes_max {
                return Err(Error::UpdateTooLarge);
            }
            self.table.resize(bytes);
            self.changes = self.changes.wrapping_add(1);
            self.update_due = false;
        }
        if self.update_due && !block.is_empty() {
            return Err(Error::UpdateMissing);
        }
        Ok(())
    }

    fn literal<'a>(&mut self, block: &mut &'a [u8], how: How) -> Result<Read<'a>, Error> {
        self.plain.clear();
        let prefix = match how {
            How::Kept => 6,
            How::Passing | How::Secret => 4,
        };
        let name = match integer::read(block, prefix)? as usize {
            0 => self.string(block)?,
            index => Text::Entry(index),
        };
        let value = self.string(block)?;
        Ok(Read { name, value, how })
    }

    fn string<'a>(&mut self, block: &mut &'a [u8]) -> Result<Text<'a>, Error> {
        let in_code = block.first().ok_or(Error::Truncated)? & 0x80 != 0;
        let length = integer::read(block, 7)? as usize;
        let (string, rest) = block.split_at_checked(length).ok_or(Error::Truncated)?;
        *block = rest;
        if !in_code {
            return Ok(Text::Block(string));
        }
        let start = self.plain.len();
        huffman::decode(string, &mut self.plain)?;
        Ok(Text::Plain(start..self.plain.len()))
    }

    fn field<'a>(&'a self, read: &'a Read<'_>) -> Result<Field<'a>, Error> {
        let (name, memo) = match &read.name {
            Text::Entry(index) => {
                let named = self.entry(*index)?;
                (named.name, named.memo.of_name())
            }
            Text::Block(text) => (*text, Memo::default()),
            Text::Plain(range) => (&self.plain[range.clone()], Memo::default()),
        };
        let value = match &read.value {
            Text::Entry(index) => self.entry(*index)?.value,
            Text::Block(text) => text,
            Text::Plain(range) => &self.plain[range.clone()],
        };
        Ok(Field {
            name,
            value,
            secret: read.how == How::Secret,
            line: None,
            memo,
        })
    }

    /// The entry at an index that counts through both tables (RFC 7541 §2.3.3).
    fn entry(&self, index: usize) -> Result<Field<'_>, Error> {
        if let 1..=statics::COUNT = index {
            let (name, value) = statics::entry(index);
            return Ok(Field {
                name: name.as_bytes(),
                value: value.as_bytes(),
                secret: false,
                line: None,
                memo: statics::memo(index),
            });
        }
        let dynamic = index.checked_sub(statics::COUNT + 1);
        let found = dynamic.and_then(|index| self.table.get(index));
        let Stored {
            name,
            value,
            line,
            memo,
        } = found.ok_or(Error::Index)?;
        Ok(Field {
            name,
            value,
            secret: false,
            line: Some(line),
            memo,
        })
    }

    fn keep(&mut self, read: &Read<'_>, memo: Memo) {
        self.changes = self.changes.wrapping_add(1);
        let value = match &read.value {
            Text::Block(text) => text,
            Text::Plain(range) => &self.plain[range.clone()],
            Text::Entry(_) => return,
        };
        let name = match &read.name {
            Text::Block(text) => text,
            Text::Plain(range) => &self.plain[range.clone()],
            Text::Entry(index) if *index > statics::COUNT => {
                let index = index - statics::COUNT - 1;
                return self.table.insert_named(index, value, memo);
            }
            Text::Entry(index) => statics::entry(*index).0.as_bytes(),
        };
        self.table.insert(name, value, Tags::default(), memo);
    }
}

/// A field as it was read: where name and value are.
struct Read<'a> {
    name: Text<'a>,
    value: Text<'a>,
    how: How,
}

/// What becomes of a field that is written out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    /// It goes into the table.
    Kept,
    /// It does not.
    Passing,
    /// It never may.
    Secret,
}

enum Text<'a> {
    Entry(usize),
    Block(&'a [u8]),
    Plain(Range<usize>),
}

/// The representations of RFC 7541 §6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Indexed,
    Literal(How),
    Update,
}

impl Form {
    fn of(first: u8) -> Self {
        match first {
            0x80.. => Self::Indexed,
            0x40.. => Self::Literal(How::Kept),
            0x20.. => Self::Update,
            0x10.. => Self::Literal(How::Secret),
            _ => Self::Literal(How::Passing),
        }
    }
}

/// Memory for strings out of their code that an idle decoder keeps, in bytes.
const PLAIN_BYTES_KEPT_MAX: usize = 256;

#[cfg(test)]
mod tests;
