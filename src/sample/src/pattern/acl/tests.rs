//! What haproxy 3.5-dev says to flags, patterns and values, against what we say.

use super::{Acl, Criterion, Read, Verdict};
use crate::cast::cast;
use crate::pattern::world::World;
use crate::pattern::{Matching, derived};
use crate::value::{Fetched, Type, Value};
use crate::work::Work;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use base::{Epoch, Rng};

const FILES: &[(&str, &str)] = &[
    ("words", "foo\nbar\n"),
    ("numbers", "5\ngt 5\n"),
    ("networks", "1.2.3.4\n1.2.3.4/33\n"),
    ("map", "foo 1\n"),
];

fn work() -> Work {
    Work::new(Epoch(0), Rng::from_u64(1), 16_384)
}

/// Reads a criterion of this type and what follows.
fn read_in(world: &mut World, keyword: &str, output: Type, words: &str) -> Result<Read, String> {
    let criterion = Criterion {
        keyword,
        implied: derived(keyword).map(|derived| derived.matching),
        overridden: false,
        output,
    };
    let words: Vec<&str> = words.split_whitespace().collect();
    Acl::parse(criterion, &words, world)
}

fn read(keyword: &str, output: Type, words: &str) -> Result<Read, String> {
    read_in(&mut World::with(FILES), keyword, output, words)
}

fn path(words: &str) -> Acl {
    let read = read("path", Type::Text, words);
    read.expect("the words are valid").acl
}

fn matches(acl: &Acl, value: &str) -> bool {
    acl.matches(Value::text(value.as_bytes()), &mut work())
}

/// A line without a tab in front has how values are compared, then patterns; a line with one has a value,
/// a tab, and `-` or `=` and the pattern that matches. The reference gave the answers (`get acl`).
#[test]
fn the_pattern_that_matches_is_the_one_the_reference_finds() {
    let mut failed = Vec::new();
    let mut acl = path("--");
    let mut set = "";
    let mut count = 0;
    for line in include_str!("matches.tsv").lines() {
        let Some((value, expected)) = line.strip_prefix('\t').and_then(|it| it.split_once('\t'))
        else {
            set = line;
            let (how, patterns) = line.split_once('\t').unwrap_or((line, ""));
            acl = path(&format!("-m {how} -- {}", patterns.replace('\t', " ")));
            continue;
        };
        let mut work = work();
        let cast = cast(
            Value::text(value.as_bytes()),
            acl.matching().takes(),
            &mut work,
        );
        let found = match cast {
            Some(Value::Bool(true)) => Some(String::new()),
            Some(cast) => acl.sets.iter().find_map(|set| {
                set.find(&cast, &mut work.copies, |entry| {
                    String::from_utf8_lossy(entry.key()).into_owned()
                })
            }),
            None => None,
        };
        let found = found.map_or("-".into(), |key| format!("={key}"));
        count += 1;
        if found != expected {
            failed.push(format!("{set}: '{value}' finds {found}, not {expected}"));
        }
    }
    assert!(count > 2000, "{count} values were compared");
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn flags_end_at_the_first_pattern() {
    let acl = path("/a -i /B");
    assert!(matches(&acl, "-i") && matches(&acl, "/B") && !matches(&acl, "/b"));
    let acl = path("-i -- -i /B");
    assert!(matches(&acl, "-I") && matches(&acl, "/b"));
}

#[test]
fn case_is_ignored_in_what_follows_the_flag() {
    let acl = path("-f words -i -f words Zig");
    assert!(matches(&acl, "FOO") && matches(&acl, "zig"));
    let acl = path("-f words -i Zig");
    assert!(matches(&acl, "foo") && !matches(&acl, "FOO") && matches(&acl, "zig"));
}

#[test]
fn the_type_or_the_keyword_implies_how_values_are_compared() {
    let implied = |keyword, output, words| read(keyword, output, words).map(|it| it.acl.matching());
    assert_eq!(implied("path", Type::Text, "x"), Ok(Matching::Str));
    assert_eq!(implied("path_beg", Type::Text, "x"), Ok(Matching::Beg));
    assert_eq!(
        implied("path_beg", Type::Text, "-m end x"),
        Ok(Matching::End)
    );
    assert_eq!(implied("src", Type::Address, "10.1"), Ok(Matching::Ip));
    assert_eq!(implied("always_true", Type::Bool, ""), Ok(Matching::Bool));
    assert_eq!(implied("dst_port", Type::Int, "5"), Ok(Matching::Int));
    assert_eq!(implied("method", Type::Method, "GET"), Ok(Matching::Method));
    assert_eq!(
        implied("req.ssl_ver", Type::Int, "3:3.1"),
        Ok(Matching::Version)
    );
}

#[test]
fn what_is_wrong_is_said() {
    let text = |words| read("path", Type::Text, words).map(|_| ());
    let number = |words| read("path_len", Type::Text, words).map(|_| ());
    let source = |words| read("src", Type::Address, words).map(|_| ());
    let bytes = |words| read("req.payload", Type::Bytes, words).map(|_| ());
    let wrong = [
        (text("-m foo x"), "unknown matching method 'foo'"),
        (text("-m"), "unknown matching method ''"),
        (
            text("-m str -m beg x"),
            "'-m' may be given only once; of several, the last one used to count",
        ),
        (
            text("-f words -m beg x"),
            "'-m' must stand before patterns and files",
        ),
        (
            text("-x"),
            "'-x' is not a valid ACL option. Please use '--' before any pattern beginning with a '-'",
        ),
        (text("-u x"), "the argument of -u must be an integer"),
        (text("-f"), "failed to open pattern file <>"),
        (text("-f file@none"), "failed to open pattern file <none>"),
        (text("-m bin 0"), "an even number of hex digit is expected"),
        (text("-m bin 0g"), "an hex digit is expected (found 'g')"),
        (number("5 a"), "'a' is not a number"),
        (number("ne 5"), "'ne' is not a number"),
        (number("gt -f numbers"), "'-f' is not a valid number range"),
        (
            number("-f numbers"),
            "'gt 5' is not a number at line 2 of file 'numbers'",
        ),
        (
            source("-n localhost"),
            "'localhost' is not a valid IPv4 or IPv6 address",
        ),
        (
            source("nowhere"),
            "'nowhere' is not a valid IPv4 or IPv6 address",
        ),
        (
            source("-f networks"),
            "'1.2.3.4/33' is not a valid IPv4 or IPv6 address at line 2 of file 'networks'",
        ),
        (
            source("-m bool"),
            "matching method 'bool' cannot be used with fetch keyword 'src'",
        ),
        (
            source("-m int 5"),
            "matching method 'int' cannot be used with fetch keyword 'src'",
        ),
        (
            bytes("x"),
            "'req.payload' implies no matching method: one must be given first (using '-m')",
        ),
    ];
    for (got, expected) in wrong {
        assert_eq!(got, Err(expected.to_string()));
    }
    let invalid = text("-m reg (").expect_err("no regular expression");
    assert!(invalid.starts_with("regex '(' is invalid"), "{invalid}");
}

#[test]
fn what_is_doubtful_is_a_warning() {
    let count = |keyword, words| {
        let read = read(keyword, Type::Text, words).expect("the words are valid");
        read.warnings.len()
    };
    assert_eq!(count("path", "x"), 0);
    assert_eq!(count("path", ""), 1);
    assert_eq!(count("path", "--"), 0);
    assert_eq!(count("path", "-m found"), 0);
    assert_eq!(count("path", "-f opt@none"), 0);
    assert_eq!(count("path_beg", "-m end x"), 1);
    assert_eq!(count("path_len", "lt -5"), 1);
}

#[test]
fn a_file_is_one_list_wherever_it_is_named() {
    let mut world = World::with(FILES);
    let first = read_in(&mut world, "path", Type::Text, "-f words")
        .expect("valid")
        .acl;
    let second = read_in(&mut world, "path", Type::Text, "-i -f file@words")
        .expect("valid")
        .acl;
    let directory = world.references.numbered();
    let words = directory.find("opt@words").expect("it is known");
    assert_eq!(words.add(None, b"New", None), Ok(()));
    assert!(matches(&first, "New") && !matches(&first, "new") && matches(&second, "new"));
    let numbered: Vec<_> = directory.iter().map(|(id, it)| (id, it.name())).collect();
    assert_eq!(numbered, vec![(0, Some("words")), (1, None), (2, None)]);
}

#[test]
fn a_file_has_one_column_or_two() {
    let mut world = World::with(FILES);
    let mut read = |words| read_in(&mut world, "path", Type::Text, words).map(|_| ());
    assert_eq!(read("-M -f map"), Ok(()));
    assert_eq!(
        read("-f map"),
        Err("the file 'map' is used as a map (two columns) already and cannot be a list (one column)".into())
    );
}

#[test]
fn numbers_are_given_to_those_without_one() {
    let mut world = World::with(FILES);
    let mut read = |words| read_in(&mut world, "path", Type::Text, words).map(|_| ());
    assert_eq!(read("-u 1 a"), Ok(()));
    assert_eq!(read("b"), Ok(()));
    assert_eq!(read("c"), Ok(()));
    assert_eq!(read("-u 1 d"), Err("the id is already used".into()));
    let directory = world.references.numbered();
    let ids: Vec<_> = directory.iter().map(|known| known.0).collect();
    assert_eq!(ids, [0, 1, 2]);
    let key = |name: &str| {
        let mut key = None;
        let list = directory.find(name).expect("it is known");
        list.show(None, None, &mut |entry| {
            key = Some(entry.key().to_vec());
            core::ops::ControlFlow::Break(())
        });
        key
    };
    assert_eq!(key("#1").as_deref(), Some(&b"a"[..]));
    assert_eq!(key("#0").as_deref(), Some(&b"b"[..]));
    assert!(directory.find("#7").is_none() && directory.find("1").is_none());
}

#[test]
fn what_may_still_change_may_still_match() {
    let acl = path("x");
    let verdict = |fetched| acl.verdict(fetched, &mut work());
    assert_eq!(verdict(Fetched::Is(Value::text(b"x"))), Verdict::Yes);
    assert_eq!(verdict(Fetched::IsSoFar(Value::text(b"x"))), Verdict::Yes);
    assert_eq!(verdict(Fetched::Is(Value::text(b"y"))), Verdict::No);
    assert_eq!(verdict(Fetched::IsSoFar(Value::text(b"y"))), Verdict::Maybe);
    assert_eq!(verdict(Fetched::Not), Verdict::No);
    assert_eq!(verdict(Fetched::NotYet), Verdict::Maybe);
}

#[test]
fn the_derived_keywords_are_all_there() {
    let mut all: Vec<_> = crate::pattern::derived_keywords().collect();
    all.sort();
    let known: Vec<_> = include_str!("derived.txt").lines().collect();
    assert_eq!(all, known);
    assert!(all.iter().all(|keyword| derived(keyword).is_some()));
    assert!(derived("path_foo").is_none() && derived("pathq_beg").is_none());
}
