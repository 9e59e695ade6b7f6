//! Patterns that are the whole value: a hash table.

use crate::pattern::entries::{HashKey, Slots};
use crate::pattern::same::{Queues, Same};
use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::hash::Hasher;
use hashbrown::HashTable;
use siphasher::sip::SipHasher13;

/// The entries of a list by the bytes that a value has to have.
#[derive(Clone, Debug)]
pub(in crate::pattern) struct Exact {
    /// A bit for each length that a value was ever added with, the last for all that are longer: a value
    /// of another length need not be looked for.
    lengths: u64,
    table: HashTable<Group>,
    queues: Queues,
    normal: Normal,
    hash_key: HashKey,
}

/// What the key of an entry says of the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pattern) enum Normal {
    /// It is the value.
    Text,
    /// It is the value, but for the case of letters of ASCII.
    Folded,
    /// It is the value in hexadecimal digits.
    Hex,
}

/// Entries for the same value. Part of its hash is kept, so that a table that grows need not look at the
/// keys and a lookup looks at the right one.
#[derive(Clone, Debug)]
struct Group {
    hash: u32,
    same: Same,
}

impl Exact {
    pub(in crate::pattern) fn new(normal: Normal, hash_key: HashKey, expected: usize) -> Self {
        Self {
            lengths: 0,
            table: HashTable::with_capacity(expected),
            queues: Queues::default(),
            normal,
            hash_key,
        }
    }

    /// The first entry for this value.
    pub(in crate::pattern) fn find(&self, value: &[u8], slots: &Slots) -> Option<u32> {
        self.get(value, slots).map(|same| self.queues.first(same))
    }

    /// All entries for this value.
    pub(in crate::pattern) fn all(&self, value: &[u8], slots: &Slots) -> Vec<u32> {
        let same = self.get(value, slots);
        same.map(|same| self.queues.iter(same).collect())
            .unwrap_or_default()
    }

    fn get(&self, value: &[u8], slots: &Slots) -> Option<Same> {
        if self.lengths & length_bit(value) == 0 {
            return None;
        }
        let hash = self.hash(value);
        let is_for = is_for(self.normal, hash, value, slots, &self.queues);
        Some(self.table.find(spread(hash), is_for)?.same)
    }

    /// Takes in the entry of a slot, which came after all others.
    pub(in crate::pattern) fn add(&mut self, slot: u32, slots: &Slots) {
        let value = self.normal.value_of(slots.key(slot));
        self.lengths |= length_bit(&value);
        let hash = self.hash(&value);
        let is_for = is_for(self.normal, hash, &value, slots, &self.queues);
        match self.table.find_mut(spread(hash), is_for) {
            Some(group) => self.queues.push(&mut group.same, slot),
            None => {
                let same = Same::one(slot);
                self.table
                    .insert_unique(spread(hash), Group { hash, same }, |group| {
                        spread(group.hash)
                    });
            }
        }
    }

    /// Forgets the entry of a slot, which is still there.
    pub(in crate::pattern) fn remove(&mut self, slot: u32, slots: &Slots) {
        let value = self.normal.value_of(slots.key(slot));
        let hash = self.hash(&value);
        let is_for = is_for(self.normal, hash, &value, slots, &self.queues);
        if let Ok(mut found) = self.table.find_entry(spread(hash), is_for)
            && self.queues.remove(&mut found.get_mut().same, slot)
        {
            found.remove();
        }
    }

    fn hash(&self, value: &[u8]) -> u32 {
        let [a, b] = self.hash_key;
        let mut hasher = SipHasher13::new_with_keys(a, b);
        match self.normal {
            Normal::Text | Normal::Hex => hasher.write(value),
            Normal::Folded => {
                let mut lower = [0; FOLDED_AT_ONCE];
                for part in value.chunks(FOLDED_AT_ONCE) {
                    let lower = &mut lower[..part.len()];
                    lower.copy_from_slice(part);
                    lower.make_ascii_lowercase();
                    hasher.write(lower);
                }
            }
        }
        hasher.finish() as u32
    }
}

fn length_bit(value: &[u8]) -> u64 {
    1 << value.len().min(u64::BITS as usize - 1)
}

fn is_for<'a>(
    normal: Normal,
    hash: u32,
    value: &'a [u8],
    slots: &'a Slots,
    queues: &'a Queues,
) -> impl FnMut(&Group) -> bool + 'a {
    move |group| group.hash == hash && normal.is(slots.key(queues.first(group.same)), value)
}

/// The table looks at the last bits of a hash and at the first ones.
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

impl Normal {
    /// Whether `key` stands for `value`.
    fn is(self, key: &[u8], value: &[u8]) -> bool {
        match self {
            Self::Text => key == value,
            Self::Folded => key.eq_ignore_ascii_case(value),
            Self::Hex => key.len() == 2 * value.len() && unhex(key).eq(value.iter().copied()),
        }
    }

    /// A value that `key` stands for.
    fn value_of(self, key: &[u8]) -> Cow<'_, [u8]> {
        match self {
            Self::Text | Self::Folded => Cow::Borrowed(key),
            Self::Hex => Cow::Owned(unhex(key).collect::<Vec<u8>>()),
        }
    }
}

/// The bytes that hexadecimal digits stand for.
fn unhex(digits: &[u8]) -> impl Iterator<Item = u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).unwrap_or(0) as u8;
    digits
        .chunks_exact(2)
        .map(move |pair| digit(pair[0]) << 4 | digit(pair[1]))
}

/// Bytes whose case is changed at once; the hash of a text does not depend on it.
const FOLDED_AT_ONCE: usize = 64;
