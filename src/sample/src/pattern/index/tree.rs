//! A radix tree: texts that begin alike share the way.

use crate::pattern::same::{Queues, Same};
use crate::pattern::text::Text;
use alloc::vec;
use alloc::vec::Vec;

/// Texts and their entries. Every node but the root has entries or at least two ways on. Nodes refer to
/// each other by number, so that nothing here is recursive, however long a text is.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
    free: Vec<u32>,
    queues: Queues,
    /// A bit for each byte that a text begins with.
    begins: [u64; 4],
}

/// It fills one cache line.
#[derive(Clone, Debug, Default)]
#[repr(align(64))]
struct Node {
    /// The bytes on the way from the parent.
    label: Text<LABEL>,
    /// The first byte of each way on and the node it leads to, by byte.
    ways: Vec<(u8, u32)>,
    /// The entries whose text ends here.
    here: Option<Same>,
}

impl Default for Tree {
    fn default() -> Self {
        Self {
            nodes: vec![Node::default()],
            free: Vec::new(),
            queues: Queues::default(),
            begins: [0; 4],
        }
    }
}

impl Tree {
    /// Visits the first entry of every text that `bytes` begin with, the shortest first, and its length.
    pub(crate) fn walk(
        &self,
        mut bytes: impl Iterator<Item = u8>,
        mut visit: impl FnMut(usize, u32),
    ) {
        let mut node = &self.nodes[ROOT as usize];
        let mut length = 0;
        loop {
            if let Some(same) = node.here {
                visit(length, self.queues.first(same));
            }
            let Some(way) = bytes.next().and_then(|byte| node.way(byte).ok()) else {
                return;
            };
            node = &self.nodes[node.ways[way].1 as usize];
            length += node.label.len();
            if !node.label[1..]
                .iter()
                .all(|&byte| bytes.next() == Some(byte))
            {
                return;
            }
        }
    }

    /// Whether any text begins with this byte.
    pub(crate) fn begins(&self, byte: u8) -> bool {
        self.begins[usize::from(byte >> 6)] >> (byte & 63) & 1 == 1
    }

    /// The bytes that texts begin with, in order.
    pub(super) fn firsts(&self) -> &[(u8, u32)] {
        &self.nodes[ROOT as usize].ways
    }

    fn note_begins(&mut self, byte: u8, does: bool) {
        let bits = &mut self.begins[usize::from(byte >> 6)];
        *bits = *bits & !(1 << (byte & 63)) | u64::from(does) << (byte & 63);
    }

    /// Takes in an entry, which came after all others.
    pub(crate) fn add(&mut self, text: &[u8], slot: u32) {
        let mut at = ROOT;
        let mut rest = text;
        while let Some(&first) = rest.first() {
            match self.node(at).way(first) {
                Ok(way) => {
                    let next = self.node(at).ways[way].1;
                    let label = &self.node(next).label;
                    let alike = label.iter().zip(rest).take_while(|(a, b)| a == b).count();
                    at = match alike < label.len() {
                        true => self.split(at, way, alike),
                        false => next,
                    };
                    rest = &rest[alike..];
                }
                Err(way) => {
                    let leaf = self.make(Node {
                        label: Text::new(rest, &[]),
                        ..Node::default()
                    });
                    self.node(at).ways.insert(way, (first, leaf));
                    if at == ROOT {
                        self.note_begins(first, true);
                    }
                    at = leaf;
                    rest = &[];
                }
            }
        }
        match &mut self.nodes[at as usize].here {
            Some(same) => self.queues.push(same, slot),
            here => *here = Some(Same::one(slot)),
        }
    }

    /// Forgets an entry.
    pub(super) fn remove(&mut self, text: &[u8], slot: u32) {
        let mut parent = None;
        let mut at = ROOT;
        let mut rest = text;
        while let Some(&first) = rest.first() {
            let Ok(way) = self.node(at).way(first) else {
                return;
            };
            let next = self.node(at).ways[way].1;
            let Some(behind) = rest.strip_prefix(&*self.node(next).label) else {
                return;
            };
            parent = Some((at, way));
            at = next;
            rest = behind;
        }
        let here = &mut self.nodes[at as usize].here;
        if let Some(same) = here
            && self.queues.remove(same, slot)
        {
            *here = None;
            self.tidy(parent, at);
        }
    }

    /// A node without entries has to have two ways on.
    fn tidy(&mut self, parent: Option<(u32, usize)>, at: u32) {
        let Some((parent, way)) = parent else {
            return;
        };
        match self.node(at).ways.len() {
            0 => {
                let (first, _) = self.node(parent).ways.remove(way);
                if parent == ROOT {
                    self.note_begins(first, false);
                }
                self.release(at);
                let node = self.node(parent);
                if parent != ROOT && node.here.is_none() && node.ways.len() == 1 {
                    self.join(parent);
                }
            }
            1 => self.join(at),
            _ => {}
        }
    }

    /// Puts a node in the middle of a way, behind so many bytes of its label.
    fn split(&mut self, parent: u32, way: usize, alike: usize) -> u32 {
        let (first, lower) = self.node(parent).ways[way];
        let label = core::mem::take(&mut self.node(lower).label);
        let (before, after) = label.split_at(alike);
        self.node(lower).label = Text::new(after, &[]);
        let middle = self.make(Node {
            label: Text::new(before, &[]),
            ways: vec![(after[0], lower)],
            here: None,
        });
        self.node(parent).ways[way] = (first, middle);
        middle
    }

    /// Makes one of a node and the only one behind it.
    fn join(&mut self, at: u32) {
        let lower = self.node(at).ways[0].1;
        let Node { label, ways, here } = self.release(lower);
        let node = self.node(at);
        node.label = Text::new(&node.label, &label);
        node.ways = ways;
        node.here = here;
    }

    fn node(&mut self, at: u32) -> &mut Node {
        &mut self.nodes[at as usize]
    }

    fn make(&mut self, node: Node) -> u32 {
        match self.free.pop() {
            Some(at) => {
                self.nodes[at as usize] = node;
                at
            }
            None => {
                self.nodes.push(node);
                (self.nodes.len() - 1) as u32
            }
        }
    }

    fn release(&mut self, at: u32) -> Node {
        self.free.push(at);
        core::mem::take(&mut self.nodes[at as usize])
    }
}

impl Node {
    /// The place of the way that begins with this byte, or where it would be.
    fn way(&self, byte: u8) -> Result<usize, usize> {
        self.ways.binary_search_by_key(&byte, |way| way.0)
    }
}

const ROOT: u32 = 0;

/// A label may be so long to be in the node itself, bytes: it is 64 then.
const LABEL: usize = 29;

#[cfg(test)]
mod tests {
    #[test]
    fn a_node_fills_a_cache_line() {
        assert_eq!(size_of::<super::Node>(), 64);
    }
}
