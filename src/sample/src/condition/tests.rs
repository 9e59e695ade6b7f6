//! What conditions say of what is there, of what is not, and of what may still come.

mod nobody;

use super::{Acls, Condition, Test};
use crate::expr::{Ground, Unknown};
use crate::facts::{Arrival, Client, Facts, Unstarted};
use crate::{FrontendContent, Work};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use base::{Epoch, Rng};
use nobody::Nobody;

/// Named ACLs every condition of these tests may use.
const ACLS: &[&str] = &[
    "yes always_true",
    "no always_false",
    "some always_false",
    "some src 192.0.2.0/24",
    "open path /x",
    "mixed bs.id -m found",
    "mixed path /x",
    "lost bs.id -m found",
];

fn acls(names: &mut Nobody) -> Acls {
    let mut acls = Acls::default();
    for line in ACLS {
        let words: Vec<&str> = line.split(' ').collect();
        let (test, remarks) = Test::parse(&words[1..], names).unwrap();
        assert!(remarks.is_empty(), "{remarks:?}");
        acls.add(words[0], test);
    }
    acls
}

fn parse(text: &str) -> Result<Condition, super::BadCondition> {
    let mut names = Nobody::default();
    let acls = acls(&mut names);
    let words: Vec<&str> = text.split(' ').collect();
    let ground = Ground::of::<FrontendContent>();
    Condition::parse(&words, &ground, &acls, &mut names).map(|parsed| parsed.0)
}

/// What a condition says before the head of the request is there: with more to come, then without.
fn verdicts(text: &str) -> String {
    let condition = parse(text).unwrap();
    let process = Unstarted::default();
    let client = Client {
        peer: Some("192.0.2.7:1".parse().unwrap()),
        ..Client::default()
    };
    let facts = Facts {
        process: &process,
        client: Some(&client),
        client_conn: None,
        request_bytes: Arrival::Expected,
        request_head: Arrival::Expected,
        request_body: Arrival::Never,
        transaction: None,
        backend: None,
        server: None,
        server_conn: None,
        response_bytes: Arrival::Never,
        response_head: Arrival::Never,
        response_line: None,
        response_body: Arrival::Never,
        response_stats: None,
    };
    let mut work = Work::new(Epoch(0), Rng::from_u64(1), 16_384);
    let open = condition.verdict(&facts, &mut work, false);
    let last = condition.verdict(&facts, &mut work, true);
    format!("{open:?} {last:?}")
}

#[test]
fn what_has_not_arrived_leaves_a_condition_open_unless_the_rest_decides() {
    for (text, expected) in [
        ("if yes", "Yes Yes"),
        ("if no", "No No"),
        ("if open", "Maybe No"),
        ("unless open", "Maybe Yes"),
        ("if !open", "Maybe Yes"),
        ("if !!open", "Maybe No"),
        ("if ! open", "Maybe Yes"),
        ("if yes open", "Maybe No"),
        ("if no open", "No No"),
        ("if open no", "Maybe No"),
        ("if open or yes", "Yes Yes"),
        ("if no or open", "Maybe No"),
        ("if open || no", "Maybe No"),
        ("unless open or yes", "No No"),
        ("if some !no", "Yes Yes"),
        ("if !some or no", "No No"),
        ("if { src 192.0.2.7 }", "Yes Yes"),
        ("if !{ src 192.0.2.7 }", "No No"),
        ("if ! { path /a } TRUE", "Maybe Yes"),
        ("if { path /a } OR FALSE", "Maybe No"),
        ("if", "No No"),
        ("unless", "Yes Yes"),
        ("if lost", "No No"),
        ("unless lost", "Yes Yes"),
    ] {
        assert_eq!(verdicts(text), expected, "{text}");
    }
}

#[test]
fn a_wrong_condition_says_which_words_are_wrong() {
    let wrong = |text: &str| {
        let bad = parse(text).unwrap_err();
        format!(
            "{}-{} {}: {}",
            bad.words.0, bad.words.1, bad.at, bad.message
        )
    };
    for (text, expected) in [
        (
            "foo",
            "0-0 0: conditions must start with either 'if' or 'unless'",
        ),
        ("if yes nope", "2-2 0: no such ACL : 'nope'"),
        (
            "if yes { path /a",
            "2-2 0: missing closing '}' in condition",
        ),
        ("if { }", "2-2 0: missing fetch method in ACL expression ''"),
        (
            "if { path,nosuch /a }",
            "2-2 5: ACL keyword 'path' : unknown converter 'nosuch'",
        ),
        (
            "if { src 10.0.0.x 1.1.1.1 }",
            "3-3 0: '10.0.0.x' is not a valid IPv4 or IPv6 address",
        ),
    ] {
        assert_eq!(wrong(text), expected, "{text}");
    }
    let unknown = parse("if yse").unwrap_err().unknown;
    assert_eq!(unknown, Some(Unknown::Acl("yse".to_string())));
}

#[test]
fn terms_that_read_what_is_not_there_are_told_with_what_they_lack() {
    let conflicts = |text: &str| {
        let ground = Ground::of::<FrontendContent>();
        let conflicts = parse(text).unwrap().conflicts(ground.sources);
        let shown = conflicts.iter().map(|conflict| {
            let name = conflict.acl.as_deref().unwrap_or("{}");
            format!("{name} {} {};", conflict.keyword, conflict.never)
        });
        shown.collect::<String>()
    };
    assert_eq!(conflicts("if yes open"), "");
    assert_eq!(
        conflicts("if lost or mixed"),
        "lost bs.id true;mixed bs.id false;"
    );
    assert_eq!(conflicts("if { bs.id 1 }"), "{} bs.id true;");
}
