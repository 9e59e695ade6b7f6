//! Reads a pattern as PCRE2 does without options: bytes, letters of ASCII, newlines that are line feeds.

use super::node::{Edge, Greed, Node, Repeat, Wanted};
use super::set::Set;
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Reads `pattern`; says what is wrong with it, or what of it is not supported.
pub(super) fn parse(pattern: &str, ignore_case: bool) -> Result<Node, String> {
    let mut parser = Parser {
        text: pattern.as_bytes(),
        at: 0,
        options: Options {
            ignore_case,
            ..Options::default()
        },
        quoted: false,
        depth: 0,
        groups: 0,
        groups_whole: count_groups(pattern.as_bytes()),
        names: Vec::new(),
    };
    let node = parser.alternatives().map_err(|why| parser.told(&why))?;
    if parser.at < parser.text.len() {
        return Err(parser.told("unmatched closing parenthesis"));
    }
    Ok(node)
}

/// What `(?…)` changes.
#[derive(Clone, Copy, Default)]
pub(super) struct Options {
    /// `i`
    pub(super) ignore_case: bool,
    /// `m`
    lines: bool,
    /// `s`
    dot_is_all: bool,
    /// `x`
    spaced: bool,
    /// `xx`
    pub(super) spaced_class: bool,
    /// `n`
    uncounted: bool,
    /// `U`
    lazy: bool,
}

pub(super) struct Parser<'a> {
    pub(super) text: &'a [u8],
    pub(super) at: usize,
    pub(super) options: Options,
    /// Between `\Q` and `\E`.
    pub(super) quoted: bool,
    depth: usize,
    pub(super) groups: u32,
    /// How many there are in the whole pattern.
    pub(super) groups_whole: u32,
    pub(super) names: Vec<(String, u32)>,
}

/// One piece, and whether a quantifier may follow.
pub(super) struct Piece {
    node: Node,
    repeatable: bool,
}

impl Piece {
    pub(super) fn repeatable(node: Node) -> Self {
        Self {
            node,
            repeatable: true,
        }
    }

    pub(super) fn once(node: Node) -> Self {
        Self {
            node,
            repeatable: false,
        }
    }
}

impl<'a> Parser<'a> {
    /// What is wrong, with the place.
    fn told(&self, why: &str) -> String {
        format!("{why} at offset {}", self.at)
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    pub(super) fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    /// Whether `word` comes next; takes it if so.
    pub(super) fn take(&mut self, word: &str) -> bool {
        let there = self.text[self.at..].starts_with(word.as_bytes());
        if there {
            self.at += word.len();
        }
        there
    }

    /// What is in front of `end`, which is taken as well.
    pub(super) fn until(&mut self, end: u8) -> Option<&'a str> {
        let rest = &self.text[self.at..];
        let length = rest.iter().position(|byte| *byte == end)?;
        self.at += length + 1;
        core::str::from_utf8(&rest[..length]).ok()
    }

    /// Alternatives, up to a closing parenthesis or the end. Options that are set within hold to there.
    fn alternatives(&mut self) -> Result<Node, String> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err("parentheses are too deeply nested".to_owned());
        }
        let before = self.options;
        let mut branches = Vec::new();
        loop {
            branches.push(self.sequence()?);
            if !self.take("|") {
                break;
            }
        }
        self.options = before;
        self.depth -= 1;
        Ok(match branches.len() {
            1 => branches.remove(0),
            _ => Node::Any(branches),
        })
    }

    fn sequence(&mut self) -> Result<Node, String> {
        let mut nodes = Vec::new();
        loop {
            self.skip();
            match self.peek() {
                None => break,
                Some(b'|' | b')') if !self.quoted => break,
                Some(_) => {}
            }
            let Some(piece) = self.piece()? else {
                continue;
            };
            self.skip();
            nodes.push(match self.quantifier()? {
                None => piece.node,
                Some(_) if !piece.repeatable => return Err(NOT_REPEATABLE.to_owned()),
                Some(repeat) => repeated(piece.node, repeat),
            });
        }
        Ok(match nodes.len() {
            0 => Node::Empty,
            1 => nodes.remove(0),
            _ => Node::All(nodes),
        })
    }

    /// Skips what stands for nothing: comments, `\E`, the beginning of a quotation, and with `x` space.
    fn skip(&mut self) {
        loop {
            if self.quoted {
                if !self.take("\\E") {
                    return;
                }
                self.quoted = false;
            } else if self.take("\\Q") {
                self.quoted = true;
            } else if self.take("\\E") {
                // An end without a beginning is nothing.
            } else if self.options.spaced && self.take("#") {
                while self.next().is_some_and(|byte| byte != b'\n') {}
            } else if self.options.spaced && self.peek().is_some_and(is_pattern_space) {
                self.at += 1;
            } else {
                return;
            }
        }
    }

    /// One piece; none if it was a setting.
    fn piece(&mut self) -> Result<Option<Piece>, String> {
        let Some(byte) = self.next() else {
            return Ok(None);
        };
        if self.quoted {
            return Ok(Some(self.literal(byte)));
        }
        Ok(Some(match byte {
            b'(' => return self.group(),
            b'[' => {
                let set = self.class()?;
                Piece::repeatable(Node::Byte(Box::new(set)))
            }
            b'.' if self.options.dot_is_all => Piece::repeatable(bytes(!Set::default())),
            b'.' => Piece::repeatable(bytes(!Set::of(b'\n'))),
            b'^' if self.options.lines => Piece::once(Node::Edge(Edge::LineStart)),
            b'^' => Piece::once(Node::Edge(Edge::Circumflex)),
            b'$' if self.options.lines => Piece::once(Node::Edge(Edge::LineEnd)),
            b'$' => Piece::once(Node::Edge(Edge::Dollar)),
            b'*' | b'+' | b'?' => return Err(NOT_REPEATABLE.to_owned()),
            b'{' if self.braces()?.is_some() => return Err(NOT_REPEATABLE.to_owned()),
            b'\\' => self.escape()?,
            byte => self.literal(byte),
        }))
    }

    pub(super) fn literal(&self, byte: u8) -> Piece {
        let set = Set::of(byte);
        Piece::repeatable(bytes(if self.options.ignore_case {
            set.ignoring_case()
        } else {
            set
        }))
    }

    fn quantifier(&mut self) -> Result<Option<Repeat>, String> {
        if self.quoted {
            return Ok(None);
        }
        let Some(byte) = self.next() else {
            return Ok(None);
        };
        let times = match byte {
            b'*' => Some((0, None)),
            b'+' => Some((1, None)),
            b'?' => Some((0, Some(1))),
            b'{' => self.braces()?,
            _ => None,
        };
        let Some((min, max)) = times else {
            self.at -= 1;
            return Ok(None);
        };
        let greed = self.greed();
        Ok(Some(Repeat { min, max, greed }))
    }

    /// What comes behind a quantifier.
    fn greed(&mut self) -> Greed {
        let (plain, turned) = if self.options.lazy {
            (Greed::Lazy, Greed::Greedy)
        } else {
            (Greed::Greedy, Greed::Lazy)
        };
        if self.take("?") {
            turned
        } else if self.take("+") {
            Greed::Possessive
        } else {
            plain
        }
    }

    /// The numbers of `{min}`, `{min,}` or `{min,max}` behind the brace; none, and nothing is taken, if
    /// it stands for itself.
    fn braces(&mut self) -> Result<Option<(u32, Option<u32>)>, String> {
        let begin = self.at;
        let times = self.times()?;
        if times.is_none() {
            self.at = begin;
        }
        Ok(times)
    }

    fn times(&mut self) -> Result<Option<(u32, Option<u32>)>, String> {
        let Some(min) = self.decimal() else {
            return Ok(None);
        };
        let max = if self.take(",") {
            self.decimal()
        } else {
            Some(min)
        };
        if !self.take("}") {
            return Ok(None);
        }
        if min.max(max.unwrap_or(0)) > TIMES_MAX {
            return Err("number too big in {} quantifier".to_owned());
        }
        if max.is_some_and(|max| max < min) {
            return Err("numbers out of order in {} quantifier".to_owned());
        }
        Ok(Some((min, max)))
    }

    /// A decimal number; none if there are no digits.
    pub(super) fn decimal(&mut self) -> Option<u32> {
        let mut number = None;
        while let Some(digit) = self.peek().filter(u8::is_ascii_digit) {
            self.at += 1;
            let sum = number.unwrap_or(0_u32).saturating_mul(10);
            number = Some(sum.saturating_add(u32::from(digit - b'0')));
        }
        number
    }

    /// What an opening parenthesis begins.
    fn group(&mut self) -> Result<Option<Piece>, String> {
        if self.peek() == Some(b'*') {
            return Err("verbs, (*…), are not supported".to_owned());
        }
        if !self.take("?") {
            if self.options.uncounted {
                return self.closed().map(|node| Some(Piece::repeatable(node)));
            }
            return self.remembered().map(Some);
        }
        for (word, wanted) in [("=", Wanted::Yes), ("!", Wanted::No)] {
            if self.take(word) {
                let node = self.closed()?;
                return Ok(Some(Piece::repeatable(Node::Ahead(Box::new(node), wanted))));
            }
        }
        for (word, wanted) in [("<=", Wanted::Yes), ("<!", Wanted::No)] {
            if self.take(word) {
                let node = behind(self.closed()?, wanted)?;
                return Ok(Some(Piece::repeatable(node)));
            }
        }
        if self.take(">") {
            let node = Node::Atomic(Box::new(self.closed()?));
            return Ok(Some(Piece::repeatable(node)));
        }
        if self.take("#") {
            return match self.until(b')') {
                Some(_) => Ok(None),
                None => Err("missing ) after (?# comment".to_owned()),
            };
        }
        for (word, end) in [("P<", b'>'), ("<", b'>'), ("'", b'\'')] {
            if self.take(word) {
                let name = self.name(end)?;
                if self.names.iter().any(|known| known.0 == name) {
                    return Err("two named subpatterns have the same name".to_owned());
                }
                self.names.push((name, self.groups + 1));
                return self.remembered().map(Some);
            }
        }
        if self.take("P=") {
            let name = self.name(b')')?;
            return self.named(&name).map(Some);
        }
        match self.peek() {
            Some(b'|') => Err("(?| is not supported".to_owned()),
            Some(b'(') => Err("conditional groups are not supported".to_owned()),
            Some(b'R' | b'&' | b'0'..=b'9' | b'+') => Err("recursion is not supported".to_owned()),
            Some(b'P') => Err("recursion by name is not supported".to_owned()),
            Some(b'C') => Err("callouts are not supported".to_owned()),
            _ => self.settings(),
        }
    }

    /// The inside of a group, with its end.
    fn closed(&mut self) -> Result<Node, String> {
        let node = self.alternatives()?;
        if self.take(")") {
            Ok(node)
        } else {
            Err("missing closing parenthesis".to_owned())
        }
    }

    fn remembered(&mut self) -> Result<Piece, String> {
        self.groups += 1;
        let index = self.groups;
        let node = self.closed()?;
        Ok(Piece::repeatable(Node::Group(index, Box::new(node))))
    }

    /// A name up to `end`.
    pub(super) fn name(&mut self, end: u8) -> Result<String, String> {
        let name = self.until(end).ok_or("syntax error in subpattern name")?;
        let mut bytes = name.bytes();
        let first = bytes.next().is_some_and(|it| !it.is_ascii_digit());
        if first && name.bytes().all(super::set::is_word) {
            Ok(name.to_owned())
        } else {
            Err(
                "subpattern name must begin with a letter and go on with letters and digits"
                    .to_owned(),
            )
        }
    }

    /// `(?flags)` and `(?flags:…)`.
    fn settings(&mut self) -> Result<Option<Piece>, String> {
        let before = self.options;
        let mut on = true;
        if self.take("^") {
            let lazy = self.options.lazy;
            self.options = Options {
                lazy,
                ..Options::default()
            };
        }
        loop {
            let options = &mut self.options;
            match self.text.get(self.at) {
                Some(b'-') => on = false,
                Some(b'i') => options.ignore_case = on,
                Some(b'm') => options.lines = on,
                Some(b's') => options.dot_is_all = on,
                Some(b'x') => {
                    options.spaced = on;
                    options.spaced_class = on && self.text.get(self.at + 1) == Some(&b'x');
                    if options.spaced_class {
                        self.at += 1;
                    }
                }
                Some(b'n') => options.uncounted = on,
                Some(b'U') => options.lazy = on,
                Some(b'J') => {}
                Some(b')') => {
                    self.at += 1;
                    return Ok(None);
                }
                Some(b':') => {
                    self.at += 1;
                    let node = self.closed();
                    self.options = before;
                    return node.map(|node| Some(Piece::repeatable(node)));
                }
                _ => return Err("unrecognized character after (? or (?-".to_owned()),
            }
            self.at += 1;
        }
    }
}

/// One byte of a set.
pub(super) fn bytes(set: Set) -> Node {
    Node::Byte(Box::new(set))
}

fn repeated(node: Node, repeat: Repeat) -> Node {
    if repeat.max == Some(0) {
        return Node::Empty;
    }
    let mut repeat = repeat;
    if matches!(node, Node::Ahead(..) | Node::Behind(..)) {
        // What is there once is there any number of times.
        repeat.min = repeat.min.min(1);
        repeat.max = Some(1);
    }
    if repeat.greed == Greed::Possessive {
        repeat.greed = Greed::Greedy;
        return Node::Atomic(Box::new(Node::Repeat(Box::new(node), repeat)));
    }
    Node::Repeat(Box::new(node), repeat)
}

/// A look back: each alternative has one length.
fn behind(node: Node, wanted: Wanted) -> Result<Node, String> {
    let branches = match node {
        Node::Any(branches) => branches,
        node => [node].into(),
    };
    let mut fixed = Vec::new();
    for branch in branches {
        match branch.width() {
            (least, Some(most)) if least == most => fixed.push((least, branch)),
            _ => return Err("lookbehind assertion is not fixed length".to_owned()),
        }
    }
    Ok(Node::Behind(fixed, wanted))
}

/// How many groups a pattern remembers, as far as can be told without reading it.
fn count_groups(text: &[u8]) -> u32 {
    let mut groups = 0;
    let mut rest = text;
    let mut in_class = false;
    while let [byte, after @ ..] = rest {
        rest = after;
        match byte {
            b'\\' => rest = after.get(1..).unwrap_or_default(),
            b'[' => in_class = true,
            b']' => in_class = false,
            b'(' if !in_class => {
                let unnamed = !matches!(after, [b'?' | b'*', ..]);
                let named = matches!(after, [b'?', b'P', b'<', ..] | [b'?', b'\'', ..])
                    || matches!(after, [b'?', b'<', it, ..] if !b"=!".contains(it));
                groups += u32::from(unnamed || named);
            }
            _ => {}
        }
    }
    groups
}

/// What `x` lets pass.
pub(super) fn is_pattern_space(byte: u8) -> bool {
    matches!(byte, 9..=13 | b' ')
}

const NOT_REPEATABLE: &str = "quantifier does not follow a repeatable item";

/// How deep parentheses may be nested.
const DEPTH_MAX: usize = 250;

/// The largest number in braces.
const TIMES_MAX: u32 = 65_535;
