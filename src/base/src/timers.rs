//! A timer table with O(1) arm and cancel: a hierarchical wheel of one-millisecond slots.
//!
//! Most timers of a proxy are inactivity timers: pushed back on every read and write and hardly ever
//! fired. Pushing back is therefore one store; the entry stays where it is filed and moves on when
//! its old slot comes up.

use crate::Instant;
use alloc::vec::Vec;
use core::time::Duration;

/// An owner's handle on its entry in a [`Timers`] table.
///
/// The owner must [`Timers::release`] it before it goes away.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct TimerSlot(Option<u32>);

/// A table of timers, each carrying a key that says whose it is.
#[derive(Debug)]
pub struct Timers<K> {
    nodes: Vec<Node<K>>,
    free: u32,
    heads: [[u32; SLOTS]; LEVELS],
    occupied: [u64; LEVELS],
    /// Everything filed before this tick has been looked at.
    cursor: u64,
}

#[derive(Debug)]
struct Node<K> {
    key: K,
    /// When it is due; `None` while cancelled.
    at: Option<Instant>,
    /// The tick it is filed under: never later than the one it is due at.
    tick: u64,
    prev: u32,
    next: u32,
    linked: bool,
}

impl<K: Copy> Default for Timers<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Copy> Timers<K> {
    /// An empty table.
    pub fn new() -> Self {
        Self::with_capacity(0)
    }

    /// An empty table that does not grow below `capacity` timers.
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            nodes: Vec::with_capacity(capacity),
            free: NIL,
            heads: [[NIL; SLOTS]; LEVELS],
            occupied: [0; LEVELS],
            cursor: 0,
        }
    }

    /// Makes the timer of `slot` due at `at`, whatever it was before.
    pub fn arm(&mut self, slot: &mut TimerSlot, key: K, at: Instant) {
        let tick = tick_of(at).max(self.cursor);
        let index = match slot.0 {
            Some(index) => {
                let node = &mut self.nodes[index as usize];
                node.at = Some(at);
                node.key = key;
                if node.linked && node.tick <= tick {
                    return; // filed earlier: moves on when that slot comes up
                }
                self.unlink(index);
                index
            }
            None => {
                let index = self.allocate(key, at);
                slot.0 = Some(index);
                index
            }
        };
        self.link(index, tick);
    }

    /// Stops the timer of `slot`.
    pub fn cancel(&mut self, slot: &TimerSlot) {
        if let Some(index) = slot.0 {
            self.nodes[index as usize].at = None;
        }
    }

    /// Gives up the entry of `slot`: its owner ends.
    pub fn release(&mut self, slot: &mut TimerSlot) {
        if let Some(index) = slot.0.take() {
            self.unlink(index);
            let node = &mut self.nodes[index as usize];
            node.at = None;
            node.next = self.free;
            self.free = index;
        }
    }

    /// When the timer of `slot` is due.
    pub fn due(&self, slot: &TimerSlot) -> Option<Instant> {
        slot.0.and_then(|index| self.nodes[index as usize].at)
    }

    /// A time before which nothing is due; `None` if nothing is armed.
    ///
    /// It may be earlier than the earliest timer, never later.
    pub fn earliest(&self) -> Option<Instant> {
        self.next_slot().map(|(level, slot)| {
            let start = self.slot_start(level, slot).max(self.cursor);
            Instant::from_nanos(start.saturating_mul(TICK_NANOS))
        })
    }

    /// The key of a timer that is due at `now`, one a call, until `None`.
    ///
    /// A fired timer is disarmed; its slot stays with its owner for the next `arm`.
    pub fn expire(&mut self, now: Instant) -> Option<K> {
        let now_tick = now.as_nanos() / TICK_NANOS;
        while let Some((level, slot)) = self.next_slot() {
            let start = self.slot_start(level, slot);
            if start > now_tick {
                break;
            }
            self.cursor = self.cursor.max(start);
            if level > 0 {
                self.cascade(level, slot);
                continue;
            }
            let index = self.heads[level][slot];
            self.unlink(index);
            let node = &mut self.nodes[index as usize];
            match node.at {
                None => {}
                Some(at) if tick_of(at) <= now_tick => {
                    node.at = None;
                    return Some(node.key);
                }
                Some(at) => {
                    let tick = tick_of(at);
                    self.link(index, tick);
                }
            }
        }
        self.cursor = self.cursor.max(now_tick);
        None
    }

    /// Files everything in a slot anew, as seen from the cursor, which has reached it.
    fn cascade(&mut self, level: usize, slot: usize) {
        let mut index = core::mem::replace(&mut self.heads[level][slot], NIL);
        self.occupied[level] &= !(1 << slot);
        while index != NIL {
            let node = &mut self.nodes[index as usize];
            let next = node.next;
            node.linked = false;
            if let Some(at) = node.at {
                self.link(index, tick_of(at));
            }
            index = next;
        }
    }

    fn allocate(&mut self, key: K, at: Instant) -> u32 {
        let node = Node {
            key,
            at: Some(at),
            tick: 0,
            prev: NIL,
            next: NIL,
            linked: false,
        };
        if self.free == NIL {
            self.nodes.push(node);
            (self.nodes.len() - 1) as u32
        } else {
            let index = self.free;
            self.free = self.nodes[index as usize].next;
            self.nodes[index as usize] = node;
            index
        }
    }

    fn link(&mut self, index: u32, tick: u64) {
        let tick = tick.clamp(self.cursor, self.cursor + HORIZON_TICKS);
        let (level, slot) = place(self.cursor, tick);
        let head = self.heads[level][slot];
        let node = &mut self.nodes[index as usize];
        node.tick = tick;
        node.prev = NIL;
        node.next = head;
        node.linked = true;
        if head != NIL {
            self.nodes[head as usize].prev = index;
        }
        self.heads[level][slot] = index;
        self.occupied[level] |= 1 << slot;
    }

    fn unlink(&mut self, index: u32) {
        let Node {
            tick,
            prev,
            next,
            linked,
            ..
        } = self.nodes[index as usize];
        if !linked {
            return;
        }
        if prev == NIL {
            let (level, slot) = self.home(index, tick);
            self.heads[level][slot] = next;
            if next == NIL {
                self.occupied[level] &= !(1 << slot);
            }
        } else {
            self.nodes[prev as usize].next = next;
        }
        if next != NIL {
            self.nodes[next as usize].prev = prev;
        }
        self.nodes[index as usize].linked = false;
    }

    /// Where the first node of a list is filed. The level cannot be computed from the cursor alone,
    /// as the cursor has moved since; but the slot of each level follows from the tick.
    fn home(&self, index: u32, tick: u64) -> (usize, usize) {
        (0..LEVELS)
            .map(|level| (level, slot_of(tick, level)))
            .find(|&(level, slot)| self.heads[level][slot] == index)
            .expect("a linked timer without a list")
    }

    /// The first slot that holds anything, in order of time.
    fn next_slot(&self) -> Option<(usize, usize)> {
        // Whatever is filed on a level lies in the cursor's own slot of the level above, and what is
        // filed above lies beyond that slot: the lowest level in use holds the earliest.
        let level = self.occupied.iter().position(|slots| *slots != 0)?;
        let from = slot_of(self.cursor, level) as u32;
        let ahead = self.occupied[level].rotate_right(from).trailing_zeros();
        Some((level, ((from + ahead) % SLOTS as u32) as usize))
    }

    /// The first tick of a slot, given that it does not lie before the cursor's own slot.
    fn slot_start(&self, level: usize, slot: usize) -> u64 {
        let shift = level * SLOT_BITS;
        let turn = (self.cursor >> shift) & !(SLOTS as u64 - 1);
        let mut start = (turn | slot as u64) << shift;
        if slot < slot_of(self.cursor, level) {
            start += (SLOTS as u64) << shift;
        }
        start
    }
}

/// The level and slot of `tick` as seen from `cursor`.
fn place(cursor: u64, tick: u64) -> (usize, usize) {
    let differing = (cursor ^ tick) | (SLOTS as u64 - 1);
    let level = ((63 - differing.leading_zeros()) as usize / SLOT_BITS).min(LEVELS - 1);
    (level, slot_of(tick, level))
}

fn slot_of(tick: u64, level: usize) -> usize {
    ((tick >> (level * SLOT_BITS)) & (SLOTS as u64 - 1)) as usize
}

/// The tick at which `at` has certainly passed: rounded up, so that no timer fires early.
fn tick_of(at: Instant) -> u64 {
    at.as_nanos().div_ceil(TICK_NANOS)
}

const NIL: u32 = u32::MAX;
const SLOT_BITS: usize = 6;
const SLOTS: usize = 1 << SLOT_BITS;
const LEVELS: usize = 6;
const TICK: Duration = Duration::from_millis(1);
const TICK_NANOS: u64 = TICK.as_nanos() as u64;
/// Timers further away (about 2 years) are filed at the horizon and move on from there.
const HORIZON_TICKS: u64 = (1 << (SLOT_BITS * LEVELS)) - (1 << (SLOT_BITS * (LEVELS - 1))) - 1;

#[cfg(test)]
mod tests;
