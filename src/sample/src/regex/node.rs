//! A pattern as a tree.

use super::set::Set;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// A part of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// Nothing: matches everywhere.
    Empty,
    /// One byte out of a set.
    Byte(Box<Set>),
    /// One after the other.
    All(Vec<Node>),
    /// The first of them with which everything behind it matches as well.
    Any(Vec<Node>),
    /// The same several times.
    Repeat(Box<Node>, Repeat),
    /// A group that is remembered.
    Group(u32, Box<Node>),
    /// A place.
    Edge(Edge),
    /// What has to come next, or must not.
    Ahead(Box<Node>, Wanted),
    /// What has to be in front, or must not: one alternative of so many bytes each.
    Behind(Vec<(usize, Node)>, Wanted),
    /// Once it has matched, it is not tried in another way.
    Atomic(Box<Node>),
    /// What a group matched, once more.
    Back(u32, Case),
    /// `\K`: the match begins here.
    Keep,
}

/// How often something may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Repeat {
    pub(super) min: u32,
    /// No limit if there is none.
    pub(super) max: Option<u32>,
    pub(super) greed: Greed,
}

/// Which number is tried first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Greed {
    /// As many as there are.
    Greedy,
    /// As few as will do.
    Lazy,
    /// As many as there are, and nothing else.
    Possessive,
}

/// Whether something has to be there or must not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Yes,
    No,
}

/// Whether upper and lower case are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    Counts,
    Ignored,
}

/// A place in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edge {
    /// `\A` and `\G`
    Start,
    /// `^`
    Circumflex,
    /// `^` with `(?m)`: behind a newline as well, unless the text ends there.
    LineStart,
    /// `\z`
    End,
    /// `$` and `\Z`: in front of a newline at the very end as well.
    Dollar,
    /// `$` with `(?m)`
    LineEnd,
    /// `\b`
    Word,
    /// `\B`
    NotWord,
}

impl Node {
    /// How many bytes it matches at least, and at most if there is a most.
    pub(super) fn width(&self) -> (usize, Option<usize>) {
        match self {
            Self::Empty | Self::Edge(_) | Self::Ahead(..) | Self::Behind(..) | Self::Keep => {
                (0, Some(0))
            }
            Self::Byte(_) => (1, Some(1)),
            Self::Back(..) => (0, None),
            Self::Group(_, node) | Self::Atomic(node) => node.width(),
            Self::All(nodes) => nodes.iter().fold((0, Some(0)), |(least, most), node| {
                let (min, max) = node.width();
                let most = most.zip(max).map(|(a, b)| usize::saturating_add(a, b));
                (least.saturating_add(min), most)
            }),
            Self::Any(nodes) => {
                let widths = nodes.iter().map(Self::width);
                widths
                    .reduce(|(least, most), (min, max)| {
                        (least.min(min), most.zip(max).map(|(a, b)| a.max(b)))
                    })
                    .unwrap_or((0, Some(0)))
            }
            Self::Repeat(node, repeat) => {
                let (min, max) = node.width();
                let most = max
                    .zip(repeat.max)
                    .map(|(max, times)| max.saturating_mul(times as usize));
                (min.saturating_mul(repeat.min as usize), most)
            }
        }
    }

    /// Whether `of` holds for it or any part of it.
    pub(super) fn any(&self, of: fn(&Self) -> bool) -> bool {
        of(self)
            || match self {
                Self::Empty | Self::Byte(_) | Self::Edge(_) | Self::Back(..) | Self::Keep => false,
                Self::All(nodes) | Self::Any(nodes) => nodes.iter().any(|node| node.any(of)),
                Self::Repeat(node, _)
                | Self::Group(_, node)
                | Self::Ahead(node, _)
                | Self::Atomic(node) => node.any(of),
                Self::Behind(nodes, _) => nodes.iter().any(|(_, node)| node.any(of)),
            }
    }
}
