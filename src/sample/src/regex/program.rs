//! A pattern as a program for [`super::backtrack`].

use super::node::{Case, Edge, Greed, Node, Repeat, Wanted};
use super::set::Set;
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

/// One step.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// One byte of the set.
    Byte(Box<Set>),
    /// Bytes of the set, at least `min` and at most `max` of them.
    Bytes {
        set: Box<Set>,
        min: usize,
        max: usize,
        lazy: bool,
    },
    /// Goes on there.
    Jump(usize),
    /// Goes on with the first, and with the second if that fails.
    Split(usize, usize),
    /// Remembers the place.
    Save(usize),
    /// Goes on there if the place is still the one that was saved.
    Stuck(usize, usize),
    /// Fails if the place is not that.
    Edge(Edge),
    /// What a group matched, once more.
    Back(usize, Case),
    /// The steps up to `end`, as a question.
    Ahead { wanted: Wanted, end: usize },
    /// Goes back so many bytes, then the steps up to `end`, as a question; on with the other
    /// alternatives if they fail.
    Behind {
        bytes: usize,
        wanted: Wanted,
        end: usize,
        otherwise: Option<usize>,
    },
    /// The steps up to `end`, in one way only.
    Atomic { end: usize },
    /// It matches.
    Done,
}

/// A program, and how many places it saves.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub(super) steps: Vec<Step>,
    pub(super) slots: usize,
    /// Whether it can match at the beginning of the text alone.
    pub(super) anchored: bool,
}

impl Program {
    /// Compiles `node`; slots 0 and 1 are where the match begins and ends, then those of the groups.
    pub(super) fn compile(node: &Node) -> Result<Self, String> {
        let mut program = Self {
            steps: Vec::new(),
            slots: 2 * (groups(node) + 1),
            anchored: anchored(node),
        };
        program.push(Step::Save(0))?;
        program.node(node)?;
        program.push(Step::Save(1))?;
        program.push(Step::Done)?;
        Ok(program)
    }

    /// Whether any step looks at what a group matched.
    #[cfg(test)]
    pub(super) fn refers_to_group(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Back(..)))
    }

    /// Adds a step; where it is comes back.
    fn push(&mut self, step: Step) -> Result<usize, String> {
        if self.steps.len() == STEPS_MAX {
            return Err("compiled, it is too large".to_owned());
        }
        self.steps.push(step);
        Ok(self.steps.len() - 1)
    }

    fn node(&mut self, node: &Node) -> Result<(), String> {
        match node {
            Node::Empty => {}
            Node::Byte(set) => {
                self.push(Step::Byte(set.clone()))?;
            }
            Node::All(nodes) => {
                for node in nodes {
                    self.node(node)?;
                }
            }
            Node::Any(nodes) => {
                let mut ends = Vec::new();
                for (at, node) in nodes.iter().enumerate() {
                    if at + 1 == nodes.len() {
                        self.node(node)?;
                        break;
                    }
                    let split = self.push(Step::Jump(0))?;
                    self.node(node)?;
                    ends.push(self.push(Step::Jump(0))?);
                    self.steps[split] = Step::Split(split + 1, self.steps.len());
                }
                let end = self.steps.len();
                for at in ends {
                    self.steps[at] = Step::Jump(end);
                }
            }
            Node::Repeat(node, repeat) => self.repeat(node, *repeat)?,
            Node::Group(index, node) => {
                let slot = 2 * *index as usize;
                self.push(Step::Save(slot))?;
                self.node(node)?;
                self.push(Step::Save(slot + 1))?;
            }
            Node::Edge(edge) => {
                self.push(Step::Edge(*edge))?;
            }
            Node::Ahead(node, wanted) => {
                let at = self.push(Step::Done)?;
                self.node(node)?;
                let end = self.push(Step::Done)?;
                let wanted = *wanted;
                self.steps[at] = Step::Ahead { wanted, end };
            }
            Node::Behind(nodes, wanted) => {
                let mut starts = Vec::new();
                for (bytes, node) in nodes {
                    starts.push((self.push(Step::Done)?, *bytes));
                    self.node(node)?;
                    self.push(Step::Done)?;
                }
                let (end, wanted) = (self.steps.len() - 1, *wanted);
                let mut otherwise = None;
                for (at, bytes) in starts.into_iter().rev() {
                    self.steps[at] = Step::Behind {
                        bytes,
                        wanted,
                        end,
                        otherwise,
                    };
                    otherwise = Some(at);
                }
            }
            Node::Atomic(node) => {
                let at = self.push(Step::Done)?;
                self.node(node)?;
                let end = self.push(Step::Done)?;
                self.steps[at] = Step::Atomic { end };
            }
            Node::Back(index, case) => {
                self.push(Step::Back(2 * *index as usize, *case))?;
            }
            Node::Keep => {
                self.push(Step::Save(0))?;
            }
        }
        Ok(())
    }

    fn repeat(&mut self, node: &Node, repeat: Repeat) -> Result<(), String> {
        let lazy = repeat.greed == Greed::Lazy;
        if let Node::Byte(set) = node {
            self.push(Step::Bytes {
                set: set.clone(),
                min: repeat.min as usize,
                max: repeat.max.map_or(usize::MAX, |max| max as usize),
                lazy,
            })?;
            return Ok(());
        }
        for _ in 0..repeat.min {
            self.node(node)?;
        }
        match repeat.max {
            Some(max) => {
                let mut splits = Vec::new();
                for _ in repeat.min..max {
                    splits.push(self.push(Step::Done)?);
                    self.node(node)?;
                }
                let end = self.steps.len();
                for at in splits {
                    self.steps[at] = split(at + 1, end, lazy);
                }
            }
            None => {
                let start = self.push(Step::Done)?;
                let slot = self.slots;
                if node.width().0 == 0 {
                    // What matches nothing is not tried again at the same place.
                    self.slots += 1;
                    self.push(Step::Save(slot))?;
                    self.node(node)?;
                    let stuck = self.push(Step::Done)?;
                    self.push(Step::Jump(start))?;
                    self.steps[stuck] = Step::Stuck(slot, self.steps.len());
                } else {
                    self.node(node)?;
                    self.push(Step::Jump(start))?;
                }
                self.steps[start] = split(start + 1, self.steps.len(), lazy);
            }
        }
        Ok(())
    }
}

fn split(inside: usize, behind: usize, lazy: bool) -> Step {
    if lazy {
        Step::Split(behind, inside)
    } else {
        Step::Split(inside, behind)
    }
}

/// The number of the last group in it.
fn groups(node: &Node) -> usize {
    match node {
        Node::Empty | Node::Byte(_) | Node::Edge(_) | Node::Keep => 0,
        // One that is referred to has places even if it can never match.
        Node::Back(index, _) => *index as usize,
        Node::All(nodes) | Node::Any(nodes) => nodes.iter().map(groups).max().unwrap_or(0),
        Node::Repeat(node, _) | Node::Ahead(node, _) | Node::Atomic(node) => groups(node),
        Node::Group(index, node) => groups(node).max(*index as usize),
        Node::Behind(nodes, _) => nodes.iter().map(|it| groups(&it.1)).max().unwrap_or(0),
    }
}

fn anchored(node: &Node) -> bool {
    match node {
        Node::Edge(Edge::Start | Edge::Circumflex) => true,
        Node::All(nodes) => nodes.first().is_some_and(anchored),
        Node::Any(nodes) => nodes.iter().all(anchored),
        Node::Group(_, node) | Node::Atomic(node) => anchored(node),
        _ => false,
    }
}

/// Steps of one program at most.
const STEPS_MAX: usize = 32_768;
