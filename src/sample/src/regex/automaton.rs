//! A pattern as an automaton, where it is regular: matches in a time that grows with the text alone.

use super::node::{Edge, Greed, Node, Repeat};
use super::set::Set;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;

use regex_automata::MatchKind;
use regex_automata::meta::{Config, Regex};
use regex_syntax::hir::{Capture, Class, ClassBytes, ClassBytesRange, Hir, Look, Repetition};

/// Compiles `node`, which [`is_regular`].
pub(super) fn compile(node: &Node) -> Result<Regex, String> {
    let config = Config::new()
        .utf8_empty(false)
        .match_kind(MatchKind::LeftmostFirst)
        .nfa_size_limit(Some(AUTOMATON_BYTES_MAX))
        .hybrid_cache_capacity(CACHE_BYTES_MAX);
    let hir = hir(node);
    Regex::builder()
        .configure(config)
        .build_from_hir(&hir)
        .map_err(|error| match error.size_limit() {
            Some(limit) => format!("compiled, it is larger than {limit} bytes"),
            None => format!("{error}"),
        })
}

/// Whether all of it can be said by an automaton.
pub(super) fn is_regular(node: &Node) -> bool {
    !node.any(|node| {
        matches!(
            node,
            Node::Ahead(..) | Node::Behind(..) | Node::Atomic(_) | Node::Back(..) | Node::Keep
        )
    })
}

fn hir(node: &Node) -> Hir {
    match node {
        Node::Empty => Hir::empty(),
        Node::Byte(set) => bytes(set),
        Node::All(nodes) => Hir::concat(nodes.iter().map(hir).collect()),
        Node::Any(nodes) => Hir::alternation(nodes.iter().map(hir).collect()),
        Node::Repeat(node, Repeat { min, max, greed }) => Hir::repetition(Repetition {
            min: *min,
            max: *max,
            greedy: *greed == Greed::Greedy,
            sub: Box::new(hir(node)),
        }),
        Node::Group(index, node) => Hir::capture(Capture {
            index: *index,
            name: None,
            sub: Box::new(hir(node)),
        }),
        Node::Edge(edge) => Hir::look(match edge {
            Edge::Start | Edge::Circumflex => Look::Start,
            Edge::LineStart => Look::StartLF,
            // Texts that end with a newline are not given to the automaton.
            Edge::End | Edge::Dollar => Look::End,
            Edge::LineEnd => Look::EndLF,
            Edge::Word => Look::WordAscii,
            Edge::NotWord => Look::WordAsciiNegate,
        }),
        // Not regular, so not here.
        Node::Ahead(..) | Node::Behind(..) | Node::Atomic(_) | Node::Back(..) | Node::Keep => {
            Hir::fail()
        }
    }
}

fn bytes(set: &Set) -> Hir {
    let ranges = set.to_ranges();
    let ranges = ranges.map(|(from, to)| ClassBytesRange::new(from, to));
    Hir::class(Class::Bytes(ClassBytes::new(ranges)))
}

/// The largest automaton of one pattern, bytes.
const AUTOMATON_BYTES_MAX: usize = 4 * 1024 * 1024;

/// What one worker remembers of the states of one pattern, bytes.
const CACHE_BYTES_MAX: usize = 256 * 1024;
