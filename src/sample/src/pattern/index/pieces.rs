//! Texts by how they begin: a hash table of their pieces, of eight bytes each.
//!
//! A walk along a value looks up one piece for every eight bytes, and what other lengths of texts there
//! are behind it. So it touches little memory, and that is what a lookup in a large list has to wait for.

use super::track::{PIECE, Track};
use crate::pattern::entries::HashKey;
use crate::pattern::same::{Queues, Same};
use alloc::borrow::Cow;
use alloc::vec;
use alloc::vec::Vec;
use hashbrown::HashTable;

/// Texts and their entries. What comes behind a piece that only one text has is not kept: it is in the key
/// of its entry.
#[derive(Clone, Debug)]
pub(super) struct Pieces {
    nodes: HashTable<Node>,
    /// The entries whose text is empty.
    empty: Option<Same>,
    /// Which lengths the first pieces have.
    lengths: u8,
    /// How many nodes there are behind the one with this number.
    behind: Vec<u32>,
    /// Numbers to be used again.
    free: Vec<u32>,
    queues: Queues,
    hash_key: HashKey,
}

/// A piece of texts that begin alike.
#[derive(Clone, Debug)]
struct Node {
    piece: u64,
    parent: u32,
    /// What nodes behind it call it; [`ROOT`] if there are none.
    number: u32,
    /// The entries, if its kind says that there are any.
    same: Same,
    ends: Ends,
    bytes: u8,
    /// Which lengths the pieces behind it have: the lowest bit is one byte. Too many while some are gone.
    lengths: u8,
}

/// Where a node is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    /// As [`Track::piece`] gives it.
    piece: u64,
    /// The number of the node in front; [`ROOT`] of the first pieces.
    parent: u32,
    bytes: u8,
}

/// Which text has its entries at a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ends {
    /// None: all that come this way go on.
    None,
    /// The one that ends with the piece; others may go on.
    Here,
    /// The only one that comes this way; it goes on.
    Later,
}

impl Pieces {
    pub(super) fn new(hash_key: HashKey, expected: usize) -> Self {
        Self {
            nodes: HashTable::with_capacity(expected),
            empty: None,
            lengths: 0,
            behind: vec![0],
            free: Vec::new(),
            queues: Queues::default(),
            hash_key,
        }
    }

    /// Visits the first entry of texts that `value` has from `from` on, shorter texts first. Texts end where
    /// `may_end` says; `is_there` says whether the value has the text of an entry, for a text of which not
    /// all pieces are kept.
    pub(super) fn walk(
        &self,
        value: Track<'_>,
        from: usize,
        may_end: impl Fn(usize) -> bool,
        is_there: impl Fn(u32) -> bool,
        mut visit: impl FnMut(u32),
    ) {
        if let Some(same) = self.empty
            && may_end(from)
        {
            visit(self.queues.first(same));
        }
        let (mut parent, mut lengths, mut at) = (ROOT, self.lengths, from);
        while lengths != 0 {
            let (piece, there) = value.piece(at);
            let mut left = lengths & lengths_to(there);
            lengths = 0;
            while left != 0 {
                let bytes = left.trailing_zeros() as usize + 1;
                left &= left - 1;
                if bytes < PIECE && !may_end(at + bytes) {
                    continue;
                }
                let place = Place {
                    piece: first_of(piece, bytes),
                    parent,
                    bytes: bytes as u8,
                };
                let hash = place.hash(self.hash_key);
                let Some(node) = self.nodes.find(hash, |node| node.place() == place) else {
                    continue;
                };
                let first = || self.queues.first(node.same);
                match node.ends {
                    Ends::Here if bytes < PIECE || may_end(at + bytes) => visit(first()),
                    Ends::Later if is_there(first()) => visit(first()),
                    Ends::None | Ends::Here | Ends::Later => {}
                }
                if bytes == PIECE {
                    // It was the last of these.
                    (parent, lengths) = (node.number, node.lengths);
                }
            }
            at += PIECE;
        }
    }

    /// Takes in an entry, which came after all others. `text_of` gives the texts of those.
    pub(super) fn add<'t>(
        &mut self,
        text: &[u8],
        slot: u32,
        text_of: impl Fn(u32) -> Cow<'t, [u8]>,
    ) {
        if text.is_empty() {
            return match &mut self.empty {
                Some(same) => self.queues.push(same, slot),
                empty => *empty = Some(Same::one(slot)),
            };
        }
        self.lengths |= length_at(text, 0);
        let (mut parent, mut at) = (ROOT, 0);
        loop {
            let (place, ends) = (Place::of(text, at, parent), Ends::of(text, at));
            let hash = place.hash(self.hash_key);
            let Some(node) = self.nodes.find_mut(hash, |node| node.place() == place) else {
                return self.put(place, ends, Same::one(slot));
            };
            match (node.ends, ends) {
                (Ends::Here, Ends::Here) => return self.queues.push(&mut node.same, slot),
                (Ends::None, Ends::Here) => {
                    (node.ends, node.same) = (Ends::Here, Same::one(slot));
                    return;
                }
                (Ends::None | Ends::Here, _) => {
                    if node.number == ROOT {
                        node.number = number(&mut self.behind, &mut self.free);
                    }
                    (parent, at) = (node.number, at + PIECE);
                    node.lengths |= length_at(text, at);
                }
                (Ends::Later, _) => {
                    let other = text_of(self.queues.first(node.same));
                    if *other == *text {
                        return self.queues.push(&mut node.same, slot);
                    }
                    // Two come this way now: the other goes to a node behind this one, and this one is
                    // looked at again.
                    let behind = at + PIECE;
                    node.ends = Ends::None;
                    node.lengths = length_at(&other, behind);
                    node.number = number(&mut self.behind, &mut self.free);
                    let (place, same) = (Place::of(&other, behind, node.number), node.same);
                    self.put(place, Ends::of(&other, behind), same);
                }
            }
        }
    }

    fn put(&mut self, place: Place, ends: Ends, same: Same) {
        self.behind[place.parent as usize] += 1;
        let hash_key = self.hash_key;
        let node = Node {
            piece: place.piece,
            parent: place.parent,
            number: ROOT,
            same,
            ends,
            bytes: place.bytes,
            lengths: 0,
        };
        self.nodes
            .insert_unique(place.hash(hash_key), node, |node| {
                node.place().hash(hash_key)
            });
    }

    /// Forgets an entry.
    pub(super) fn remove(&mut self, text: &[u8], slot: u32) {
        if text.is_empty() {
            if let Some(same) = &mut self.empty
                && self.queues.remove(same, slot)
            {
                self.empty = None;
            }
            return;
        }
        // The places on the way to it.
        let mut way = Vec::new();
        let (mut parent, mut at) = (ROOT, 0);
        loop {
            let place = Place::of(text, at, parent);
            let Some(node) = self.node(place) else {
                return;
            };
            way.push(place);
            match (node.ends, Ends::of(text, at)) {
                (Ends::Later, _) | (Ends::Here, Ends::Here) => {
                    let mut same = node.same;
                    let is_last = self.queues.remove(&mut same, slot);
                    if let Some(node) = self.node(place) {
                        node.same = same;
                        if is_last {
                            node.ends = Ends::None;
                        }
                    }
                    break;
                }
                (Ends::None | Ends::Here, _) if node.number == ROOT => return,
                (Ends::None | Ends::Here, _) => (parent, at) = (node.number, at + PIECE),
            }
        }
        self.tidy(way);
    }

    /// Takes the last node of a way out if nothing needs it, and then the one in front of it.
    fn tidy(&mut self, mut way: Vec<Place>) {
        while let Some(place) = way.pop() {
            let hash = place.hash(self.hash_key);
            let Ok(found) = self.nodes.find_entry(hash, |node| node.place() == place) else {
                return;
            };
            let node = found.get();
            if node.ends != Ends::None || node.number != ROOT {
                return;
            }
            found.remove();
            let behind = &mut self.behind[place.parent as usize];
            *behind -= 1;
            if *behind > 0 {
                return;
            }
            match way.last() {
                None => self.lengths = 0,
                Some(&front) => {
                    self.free.push(place.parent);
                    if let Some(front) = self.node(front) {
                        (front.number, front.lengths) = (ROOT, 0);
                    }
                }
            }
        }
    }

    fn node(&mut self, place: Place) -> Option<&mut Node> {
        let hash = place.hash(self.hash_key);
        self.nodes.find_mut(hash, |node| node.place() == place)
    }
}

impl Node {
    fn place(&self) -> Place {
        Place {
            piece: self.piece,
            parent: self.parent,
            bytes: self.bytes,
        }
    }
}

impl Place {
    /// That of the piece of a text behind so many bytes.
    fn of(text: &[u8], at: usize, parent: u32) -> Self {
        let (piece, bytes) = Track::new(text, false, false).piece(at);
        Self {
            piece,
            parent,
            bytes: bytes as u8,
        }
    }

    /// It is cheap, and nobody who does not know the key can choose texts that collide.
    #[inline]
    fn hash(self, [a, b]: HashKey) -> u64 {
        // Any numbers will do that have many bits of both kinds, for keys that have not.
        let text = self.piece ^ a ^ 0x243f_6a88_85a3_08d3;
        let whose = u64::from(self.parent) << u8::BITS | u64::from(self.bytes);
        let product = u128::from(text) * u128::from(whose ^ b ^ 0x1319_8a2e_0370_7344);
        product as u64 ^ (product >> u64::BITS) as u64
    }
}

impl Ends {
    /// Where a text ends, seen from its piece behind so many bytes.
    fn of(text: &[u8], at: usize) -> Self {
        match text.len() - at <= PIECE {
            true => Self::Here,
            false => Self::Later,
        }
    }
}

/// A number that no node has.
fn number(behind: &mut Vec<u32>, free: &mut Vec<u32>) -> u32 {
    free.pop().unwrap_or_else(|| {
        behind.push(0);
        (behind.len() - 1) as u32
    })
}

/// The length of the piece of a text behind so many bytes, as a bit.
fn length_at(text: &[u8], at: usize) -> u8 {
    1 << ((text.len() - at).min(PIECE) - 1)
}

/// All lengths up to this one.
fn lengths_to(bytes: usize) -> u8 {
    ((1_u16 << bytes) - 1) as u8
}

/// The first bytes of a piece, at least one.
fn first_of(piece: u64, bytes: usize) -> u64 {
    piece & u64::MAX >> (u8::BITS * (PIECE - bytes) as u32)
}

/// In front of all texts. No node has this number: it stands for none there.
const ROOT: u32 = 0;

#[cfg(test)]
mod tests {
    #[test]
    fn a_node_is_small() {
        assert_eq!(size_of::<super::Node>(), 24);
    }
}
