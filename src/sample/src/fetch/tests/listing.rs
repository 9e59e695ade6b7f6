//! The table of all fetches (`fetches.md`), and how it differs from the reference's.

use crate::checkpoint;
use crate::fetch::Fetch;
use crate::source::Sources;
use crate::value::Type;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Where a fetch is valid: a letter for each checkpoint, as `haproxy -dKsmp` prints them.
fn flags(fetch: &Fetch) -> String {
    let flag = |(_, sources): &(_, Sources)| match fetch.run_with(*sources) {
        Some(_) => 'Y',
        None => '.',
    };
    checkpoint::all().iter().map(flag).collect()
}

#[test]
fn no_name_is_taken_twice() {
    let names = Fetch::all().flat_map(|fetch| [&[fetch.name], fetch.also].concat());
    let mut names: Vec<_> = names.collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

/// Types and validity as `haproxy -dKsmp` of 3.5-dev prints them (`reference.tsv`), and where we differ
/// (`differences.txt`): timers are for logs, aborts are true or false, a stream's number is one; what
/// a stream, its connection's protocol or a body knows is not asked for before there is one, and raw
/// bytes not when they are gone.
#[test]
fn types_and_validity_are_those_of_the_reference_or_better() {
    let mut kinds: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for line in include_str!("reference.tsv").lines() {
        let [name, kind, theirs] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("three columns: {line}");
        };
        let Some(fetch) = Fetch::find(name) else {
            continue;
        };
        let ours = flags(fetch);
        let (ours, theirs) = (ours.as_bytes(), theirs.as_bytes());
        let gains = |from, to| (from..to).any(|at| ours[at] == b'Y' && theirs[at] == b'.');
        let loses = |from, to| (from..to).any(|at| ours[at] == b'.' && theirs[at] == b'Y');
        let mut note = |kind| kinds.entry(kind).or_default().push(name.to_string());
        if fetch.output.name() != kind && !(fetch.output == Type::Address && kind == "addr") {
            note("type");
        }
        if gains(0, 19) {
            note("more of the timeline");
        }
        if loses(0, 19) {
            note("less of the timeline");
        }
        if gains(19, 22) {
            note("more outside");
        }
    }
    let text: Vec<_> = kinds
        .iter()
        .map(|(kind, names)| format!("{kind}: {}\n", names.join(" ")))
        .collect();
    assert_eq!(text.concat(), include_str!("differences.txt"));
}
