//! Bytes without which a pattern matches nothing.

use super::node::{Edge, Node};
use super::set::Set;
use alloc::vec::Vec;

/// Bytes that every text has in which a pattern matches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Needed {
    /// They are at the beginning of the text.
    pub(crate) at_start: bool,
    /// The bytes, folded. Never none.
    pub(crate) bytes: Vec<u8>,
}

/// The longest run of bytes that a pattern asks for, or the one that texts begin with. `fold` makes one of
/// bytes that need not be told apart.
pub(super) fn of(node: &Node, fold: fn(&u8) -> u8) -> Option<Needed> {
    let mut runs = Runs {
        fold,
        at_start: false,
        moved: false,
        run: Vec::new(),
        best: Needed::default(),
    };
    runs.take(node);
    runs.end();
    Some(runs.best).filter(|best| !best.bytes.is_empty())
}

/// What was found so far, from the beginning of the pattern on.
struct Runs {
    fold: fn(&u8) -> u8,
    /// The run is at the beginning of the text.
    at_start: bool,
    /// Something may have matched already.
    moved: bool,
    run: Vec<u8>,
    best: Needed,
}

impl Runs {
    fn take(&mut self, node: &Node) {
        match node {
            Node::Empty => {}
            Node::Byte(set) => match self.single(set) {
                Some(byte) => self.run.push(byte),
                None => self.end(),
            },
            Node::All(nodes) => nodes.iter().for_each(|node| self.take(node)),
            Node::Group(_, node) | Node::Atomic(node) => self.take(node),
            Node::Edge(Edge::Start | Edge::Circumflex) if !self.moved && self.run.is_empty() => {
                self.at_start = true;
            }
            // What is optional, or one of several, or no part of the match.
            Node::Any(_)
            | Node::Repeat(..)
            | Node::Edge(_)
            | Node::Ahead(..)
            | Node::Behind(..)
            | Node::Back(..)
            | Node::Keep => self.end(),
        }
    }

    /// The run ends here.
    fn end(&mut self) {
        let run = core::mem::take(&mut self.run);
        let at_start = self.at_start && !self.moved;
        self.moved = true;
        // One at the beginning is looked for in one place alone.
        let better = at_start || run.len() > self.best.bytes.len() && !self.best.at_start;
        if better && !run.is_empty() {
            self.best = Needed {
                at_start,
                bytes: run,
            };
        }
    }

    /// The only byte in a set, folded.
    fn single(&self, set: &Set) -> Option<u8> {
        let mut bytes = (0..=255).filter(|&byte| set.has(byte));
        let byte = (self.fold)(&bytes.next()?);
        bytes
            .all(|other| (self.fold)(&other) == byte)
            .then_some(byte)
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse;
    use super::Needed;
    use alloc::borrow::ToOwned;
    use alloc::string::String;

    fn needed(pattern: &str) -> String {
        let node = parse(pattern, false).expect("a pattern");
        let Some(Needed { at_start, bytes }) = super::of(&node, |byte| byte.to_ascii_lowercase())
        else {
            return "-".into();
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if at_start {
            "^".to_owned() + &text
        } else {
            text
        }
    }

    #[test]
    fn a_pattern_needs_the_bytes_that_are_in_every_way_through_it() {
        for (pattern, expected) in [
            ("^/wp-0[a-z]+/.*\\.php$", "^/wp-0"),
            ("/wp-0[a-z]+/.*\\.PHP$", "/wp-0"),
            ("^[a-z]+/longer", "/longer"),
            ("(?i)Bot(?:s)x", "botsx"),
            ("ab?cde", "cde"),
            ("ab|cd", "-"),
            ("^a|b", "-"),
            ("(?m)^abc", "abc"),
            ("a(?=bcd)e", "a"),
            ("(?:^x)y", "^xy"),
            ("x*^abc", "abc"),
            ("", "-"),
            (".", "-"),
        ] {
            assert_eq!(needed(pattern), expected, "{pattern}");
        }
    }
}
