//! First bits of addresses, and which of them an address begins with: a trie that takes six bits a step.

use crate::pattern::same::{Queues, Same};
use alloc::vec::Vec;

/// Prefixes of addresses of 128 bits and their entries.
#[derive(Clone, Debug, Default)]
pub(super) struct Prefixes {
    root: Node,
    queues: Queues,
}

/// A node stands for the bits on the way to it. Prefixes that end within the next six bits are in it; the
/// others are behind it, and one that is alone there is kept whole, so that long prefixes need no chain of
/// nodes.
#[derive(Clone, Debug, Default)]
struct Node {
    /// Which prefixes end here: a bit for each of at most five bits more, by [`place`].
    ends: u64,
    /// Which of the next six bits lead on.
    leads: u64,
    /// The entries of the prefixes that end here, in the order of their places.
    here: Vec<Same>,
    /// What is behind, in the order of the six bits.
    behind: Vec<Behind>,
}

#[derive(Clone, Debug)]
enum Behind {
    /// One prefix.
    Leaf(Leaf),
    /// Several.
    Node(Node),
}

#[derive(Clone, Debug)]
struct Leaf {
    prefix: Prefix,
    same: Same,
}

/// The first `length` bits of an address; the others are zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Prefix {
    high: u64,
    low: u64,
    length: u8,
}

impl Prefixes {
    /// The first entry of the longest prefix that `address` begins with.
    pub(super) fn find(&self, address: u128) -> Option<u32> {
        self.root.find(address).map(|same| self.queues.first(same))
    }

    /// Takes in an entry, which came after all others.
    pub(super) fn add(&mut self, address: u128, length: u8, slot: u32) {
        let prefix = Prefix::of(address, length);
        let address = prefix.address();
        let mut node = &mut self.root;
        let mut depth = 0;
        while length >= depth + STEP {
            let step = step(address, depth);
            let at = rank(node.leads, step as u32);
            if node.leads >> step & 1 == 0 {
                let same = Same::one(slot);
                node.lead(step, Behind::Leaf(Leaf { prefix, same }));
                return;
            }
            depth += STEP;
            node = match &mut node.behind[at] {
                Behind::Leaf(leaf) if leaf.prefix == prefix => {
                    self.queues.push(&mut leaf.same, slot);
                    return;
                }
                behind => behind.node(depth),
            };
        }
        let place = place(address, depth, length);
        let at = rank(node.ends, place);
        match node.ends >> place & 1 {
            0 => node.end(place, Same::one(slot)),
            _ => self.queues.push(&mut node.here[at], slot),
        }
    }

    /// Forgets an entry.
    pub(super) fn remove(&mut self, address: u128, length: u8, slot: u32) {
        let prefix = Prefix::of(address, length);
        self.root.remove(prefix, 0, slot, &mut self.queues);
    }
}

impl Node {
    /// What belongs to the longest prefix that `address` begins with.
    fn find(&self, address: u128) -> Option<Same> {
        let mut best = None;
        let mut node = self;
        let mut depth = 0;
        loop {
            let step = step(address, depth);
            let ends = node.ends & BEGINNINGS[step];
            if ends != 0 {
                let place = u64::BITS - 1 - ends.leading_zeros();
                best = node.here.get(rank(node.ends, place)).copied();
            }
            if node.leads >> step & 1 == 0 {
                return best;
            }
            match &node.behind[rank(node.leads, step as u32)] {
                Behind::Leaf(leaf) => {
                    let fits = leaf.prefix.is_of(address);
                    return if fits { Some(leaf.same) } else { best };
                }
                Behind::Node(next) => node = next,
            }
            depth += STEP;
        }
    }

    /// Takes in the first prefix of a node.
    fn put(&mut self, leaf: Leaf, depth: u8) {
        let Prefix { length, .. } = leaf.prefix;
        let address = leaf.prefix.address();
        match length >= depth + STEP {
            true => self.lead(step(address, depth), Behind::Leaf(leaf)),
            false => self.end(place(address, depth, length), leaf.same),
        }
    }

    fn lead(&mut self, step: usize, behind: Behind) {
        self.behind.insert(rank(self.leads, step as u32), behind);
        self.leads |= 1 << step;
    }

    fn end(&mut self, place: u32, same: Same) {
        self.here.insert(rank(self.ends, place), same);
        self.ends |= 1 << place;
    }

    /// Forgets an entry, and the nodes that are for nothing then: at most 22 calls deep.
    fn remove(&mut self, prefix: Prefix, depth: u8, slot: u32, queues: &mut Queues) {
        let address = prefix.address();
        if prefix.length < depth + STEP {
            let place = place(address, depth, prefix.length);
            let at = rank(self.ends, place);
            if self.ends >> place & 1 == 1 && queues.remove(&mut self.here[at], slot) {
                self.here.remove(at);
                self.ends &= !(1 << place);
            }
            return;
        }
        let step = step(address, depth);
        if self.leads >> step & 1 == 0 {
            return;
        }
        let at = rank(self.leads, step as u32);
        let left = match &mut self.behind[at] {
            Behind::Leaf(leaf) => match queues.remove(&mut leaf.same, slot) {
                true => Left::Nothing,
                false => Left::More,
            },
            Behind::Node(next) => {
                next.remove(prefix, depth + STEP, slot, queues);
                next.left()
            }
        };
        match left {
            Left::Nothing => {
                self.behind.remove(at);
                self.leads &= !(1 << step);
            }
            Left::Leaf(leaf) => self.behind[at] = Behind::Leaf(leaf),
            Left::More => {}
        }
    }

    /// What is to be kept of it; a leaf that is alone is taken out.
    fn left(&mut self) -> Left {
        match (self.here.len(), self.behind.as_slice()) {
            (0, []) => Left::Nothing,
            (0, [Behind::Leaf(_)]) => match self.behind.pop() {
                Some(Behind::Leaf(leaf)) => Left::Leaf(leaf),
                Some(Behind::Node(_)) | None => Left::More,
            },
            _ => Left::More,
        }
    }
}

impl Behind {
    /// The node it is; a leaf becomes one that has it.
    fn node(&mut self, depth: u8) -> &mut Node {
        loop {
            match self {
                Self::Node(node) => return node,
                Self::Leaf(_) => {
                    if let Self::Leaf(leaf) = core::mem::replace(self, Self::Node(Node::default()))
                        && let Self::Node(node) = self
                    {
                        node.put(leaf, depth);
                    }
                }
            }
        }
    }
}

/// What is left of something behind a node.
enum Left {
    Nothing,
    Leaf(Leaf),
    More,
}

impl Prefix {
    fn of(address: u128, length: u8) -> Self {
        let address = first_bits(address, length);
        Self {
            high: (address >> 64) as u64,
            low: address as u64,
            length,
        }
    }

    fn address(self) -> u128 {
        u128::from(self.high) << 64 | u128::from(self.low)
    }

    /// Whether `address` begins with it.
    fn is_of(self, address: u128) -> bool {
        (address ^ self.address()) & mask(self.length) == 0
    }
}

/// The address with all but its first bits zero.
pub(super) fn first_bits(address: u128, length: u8) -> u128 {
    address & mask(length)
}

/// The first bits, as many as `length` says.
fn mask(length: u8) -> u128 {
    u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0)
}

/// The six bits behind `depth`; there are zeros behind the last.
fn step(address: u128, depth: u8) -> usize {
    (address << depth >> (128 - u32::from(STEP))) as usize
}

/// The place of a prefix that ends within the six bits behind `depth`: shorter ones come first.
fn place(address: u128, depth: u8, length: u8) -> u32 {
    let bits = u32::from(length - depth);
    (1 << bits) - 1 + (step(address, depth) >> (u32::from(STEP) - bits)) as u32
}

/// How many of the bits below `bit` are set.
fn rank(bits: u64, bit: u32) -> usize {
    (bits & ((1 << bit) - 1)).count_ones() as usize
}

/// Bits a step: so many that a node's prefixes and its ways on are each one word.
const STEP: u8 = 6;

/// For each six bits, the places of the prefixes that they begin with.
const BEGINNINGS: [u64; 64] = {
    let mut all = [0; 64];
    let mut step = 0;
    while step < 64 {
        let mut bits = 0;
        while bits < 6 {
            all[step] |= 1 << ((1 << bits) - 1 + (step >> (6 - bits)));
            bits += 1;
        }
        step += 1;
    }
    all
};
