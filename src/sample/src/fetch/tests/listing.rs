//! The listing of fetches beside the reference's.

use crate::fetch::Fetch;
use crate::listing;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

#[test]
fn no_name_is_taken_twice() {
    let names = Fetch::all().flat_map(|fetch| [&[fetch.name], fetch.also].concat());
    let mut names: Vec<_> = names.collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

/// A line of the listing: letters without blanks, name, arguments, type.
struct Line<'a> {
    letters: Vec<u8>,
    name: &'a str,
    args: &'a str,
    kind: &'a str,
}

fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    text.lines().filter_map(|line| {
        let (letters, rest) = line.strip_prefix("[ ")?.split_once("] ")?;
        let (call, kind) = rest.split_once(": ")?;
        let name = call.find('(').unwrap_or(call.len());
        Some(Line {
            letters: letters.bytes().filter(|it| *it != b' ').collect(),
            name: &call[..name],
            args: &call[name..],
            kind,
        })
    })
}

/// What `haproxy -dKsmp` of 3.5-dev prints (`reference.txt`), and where we differ (`differences.txt`):
/// timers are for logs, aborts are true or false, a stream's number is one; what a stream, its
/// connection's protocol or a body knows is not asked for before there is one, and raw bytes not when
/// they are gone. Outside of the timeline we only have to have no more.
#[test]
fn arguments_types_and_validity_are_those_of_the_reference_or_better() {
    let ours = listing::fetches();
    let ours: BTreeMap<_, _> = lines(&ours).map(|line| (line.name, line)).collect();
    let mut differ: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for theirs in lines(include_str!("reference.txt")) {
        let name = theirs.name;
        let Some(ours) = ours.get(name) else {
            differ.entry("missing").or_default().push(name.to_string());
            continue;
        };
        let pairs = || ours.letters.iter().zip(&theirs.letters);
        let gains = |(ours, theirs): (&u8, &u8)| *ours == b'Y' && *theirs == b'.';
        let loses = |(ours, theirs): (&u8, &u8)| *ours == b'.' && *theirs == b'Y';
        for (what, here) in [
            ("arguments", ours.args != theirs.args),
            ("type", ours.kind != theirs.kind),
            ("more of the timeline", pairs().take(19).any(gains)),
            ("less of the timeline", pairs().take(19).any(loses)),
            ("more outside", pairs().skip(19).any(gains)),
        ] {
            if here {
                differ.entry(what).or_default().push(name.to_string());
            }
        }
    }
    let text = differ
        .iter()
        .map(|(what, names)| format!("{what}: {}\n", names.join(" ")));
    let text: String = text.collect();
    assert_eq!(text, include_str!("differences.txt"));
}
