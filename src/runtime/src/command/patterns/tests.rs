//! What haproxy 3.5-dev answers, where its manual says the same.

use crate::fixture::Fake;
use crate::session::Session;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use base::{Duration, Instant};
use core::net::IpAddr;
use engine::settings::AccessLevel;
use sample::Type;
use sample::args::{Arg, Args};
use sample::convert::Converter;
use sample::names::{Lists, Names};
use sample::pattern::{Acl, Criterion, References};
use sample::vars::Variable;

/// A configuration with two files.
struct World {
    references: References,
    line: u32,
}

impl Lists for World {
    fn references(&mut self) -> &mut References {
        &mut self.references
    }

    fn file(&mut self, path: &str) -> Result<Vec<u8>, String> {
        match path {
            "d.lst" => Ok(b"foo\nbar\n".to_vec()),
            "m.map" => Ok(b"/a 1\n/ab  2 \n/a 3\n".to_vec()),
            _ => Err(format!("no file '{path}'")),
        }
    }

    fn optional_file(&mut self, _: &str) -> Result<Option<Vec<u8>>, String> {
        Ok(None)
    }

    fn resolve(&mut self, _: &str) -> Option<IpAddr> {
        None
    }

    fn place(&self) -> String {
        format!("file 'a.cfg' line {}", self.line)
    }
}

impl Names for World {
    fn frontend(&mut self, _: Option<&str>) -> Result<u32, String> {
        Err("no frontends".to_string())
    }

    fn backend(&mut self, _: Option<&str>) -> Result<u32, String> {
        Err("no backends".to_string())
    }

    fn server(&mut self, _: &str) -> Result<(u32, u32), String> {
        Err("no servers".to_string())
    }

    fn table(&mut self, _: Option<&str>) -> Result<u32, String> {
        Err("no tables".to_string())
    }

    fn userlist(&mut self, _: &str) -> Result<u32, String> {
        Err("no user lists".to_string())
    }

    fn variable(&mut self, _: &str) -> Result<Variable, String> {
        Err("no variables".to_string())
    }

    fn file(&mut self, path: &str) -> Result<Vec<u8>, String> {
        Lists::file(self, path)
    }

    fn environment(&self, _: &str) -> Option<String> {
        None
    }

    fn lists(&mut self) -> Result<&mut dyn Lists, String> {
        Ok(self)
    }
}

/// `acl a path -f d.lst -i -f d.lst`, `acl b path_len -u 7 gt 5`, `map_beg(m.map)`, `map_str_int(m.map)`.
fn view() -> Fake {
    let mut world = World {
        references: References::new([1, 2]),
        line: 10,
    };
    for (keyword, words) in [
        ("path", &["-f", "d.lst", "-i", "-f", "d.lst"][..]),
        ("path_len", &["-m", "len", "-u", "7", "gt", "5"][..]),
    ] {
        let criterion = Criterion {
            keyword,
            implied: None,
            overridden: false,
            output: Type::Text,
        };
        Acl::parse(criterion, words, &mut world).expect("an ACL");
        world.line += 1;
    }
    for name in ["map_beg", "map_str_int"] {
        let converter = Converter::find(name).expect("it is there");
        let mut args = Args([Some(Arg::Text(b"m.map".as_slice().into()))].into());
        let check = converter.check.expect("it opens the map");
        check(&mut args, &mut world).expect("a map");
    }
    let mut view = Fake::new();
    view.patterns = world.references.numbered();
    view
}

fn converse(level: AccessLevel, view: &Fake, text: &str) -> String {
    let mut session = Session::new(Instant::ZERO, level, Duration::from_secs(10));
    session.receive(Instant::ZERO, text.as_bytes());
    let mut answer = Vec::new();
    loop {
        session.advance(view);
        let output = session.output();
        if output.is_empty() {
            break;
        }
        answer.extend_from_slice(output);
        let sent = output.len();
        session.consume(Instant::ZERO, sent);
    }
    String::from_utf8(answer).expect("text")
}

/// The answer to one line, without the empty line that ends it.
fn answer(view: &Fake, line: &str) -> String {
    let answer = converse(AccessLevel::Admin, view, &format!("{line}\n"));
    let text = answer.strip_suffix('\n').expect("an empty line ends it");
    text.strip_suffix('\n').unwrap_or(text).into()
}

/// Lines that are given and what is answered to each.
fn check(view: &Fake, lines: &[(&str, &str)]) {
    for (line, expected) in lines {
        assert_eq!(answer(view, line), *expected, "{line}");
    }
}

#[test]
fn lists_are_shown_with_what_uses_them() {
    let view = view();
    check(
        &view,
        &[
            (
                "show acl",
                "# id (file) description\n\
                 0 (d.lst) pattern loaded from file 'd.lst' used by acl at file 'a.cfg' line 10, \
                 by acl at file 'a.cfg' line 10. curr_ver=0 next_ver=0 entry_cnt=4\n\
                 1 () acl 'path' file 'a.cfg' line 10. curr_ver=0 next_ver=0 entry_cnt=0\n\
                 7 () acl 'path_len' file 'a.cfg' line 11. curr_ver=0 next_ver=0 entry_cnt=1",
            ),
            (
                "show map",
                "# id (file) description\n\
                 2 (m.map) pattern loaded from file 'm.map' used by map at file 'a.cfg' line 12, \
                 by map at file 'a.cfg' line 12. curr_ver=0 next_ver=0 entry_cnt=6",
            ),
            ("show acl #7", "0x1 6:"),
            ("show acl d.lst", "0x1 foo\n0x2 bar"),
            ("show map opt@m.map", "0x1 /a 1\n0x2 /ab 2\n0x3 /a 3"),
            ("show map @1 m.map", ""),
            (
                "show map d.lst",
                "Unknown map identifier. Please use #<id> or <file>.",
            ),
            (
                "show acl #9",
                "Unknown ACL identifier. Please use #<id> or <file>.",
            ),
            (
                "show acl @0",
                "Unknown ACL identifier. Please use #<id> or <file>.",
            ),
        ],
    );
}

#[test]
fn what_a_value_finds_is_told_for_each_use() {
    let view = view();
    check(
        &view,
        &[
            (
                "get acl d.lst FOO",
                "type=str, case=sensitive, match=no\n\
                 type=str, case=insensitive, match=yes, idx=list, pattern=\"foo\"",
            ),
            (
                "get acl #7 longer",
                "type=len, case=sensitive, match=yes, idx=list, pattern=\"6:\"",
            ),
            (
                "get map m.map /a",
                "type=beg, case=sensitive, found=yes, idx=tree, key=\"/a\", value=\"1\", type=\"str\"\n\
                 type=str, case=sensitive, found=yes, idx=tree, key=\"/a\", value=\"1\", type=\"sint\"",
            ),
            ("get map m.map", "Missing map identifier and/or key."),
            ("get acl", "Missing ACL identifier and/or key."),
        ],
    );
}

#[test]
fn entries_are_added_and_deleted_by_key_and_by_number() {
    let view = view();
    check(
        &view,
        &[
            ("add acl d.lst a\\ b", ""),
            ("add acl d.lst foo", ""),
            ("show acl d.lst", "0x1 foo\n0x2 bar\n0x3 a b\n0x4 foo"),
            ("del acl d.lst foo", ""),
            ("show acl d.lst", "0x2 bar\n0x3 a b"),
            ("del acl d.lst #0x2", ""),
            ("del acl d.lst #0x2", "Key not found."),
            ("del acl d.lst nope", "Key not found."),
            ("show acl d.lst", "0x3 a b"),
            (
                "add acl d.lst",
                "'add acl' expects two parameters: ACL identifier and pattern.",
            ),
            (
                "del acl d.lst",
                "This command expects two parameters: ACL identifier and key.",
            ),
            ("add acl #7 x", "'x' is not a number."),
            ("clear acl d.lst", ""),
            ("show acl d.lst", ""),
            ("clear acl", "Missing ACL identifier."),
        ],
    );
}

#[test]
fn values_are_read_as_what_they_are_used_for() {
    let view = view();
    check(
        &view,
        &[
            ("set map m.map /a 5", ""),
            ("show map m.map", "0x1 /a 5\n0x2 /ab 2\n0x3 /a 5"),
            ("set map m.map #0x2 6", ""),
            ("set map m.map /a x", "unable to parse 'x'."),
            ("add map m.map /b x", "unable to parse 'x'."),
            ("add map m.map /b 7", ""),
            ("show map m.map", "0x1 /a 5\n0x2 /ab 6\n0x3 /a 5\n0x4 /b 7"),
            ("set map m.map nope 1", "entry not found."),
            (
                "set map m.map nope",
                "'set map' expects three parameters: map identifier, key and value.",
            ),
            (
                "add map d.lst a b",
                "Unknown map identifier. Please use #<id> or <file>.",
            ),
            (
                "add acl m.map x",
                "This ACL is shared with a map containing samples. \
                 You must use the command 'add map' to add values.",
            ),
            (
                "del acl m.map /a",
                "Unknown ACL identifier. Please use #<id> or <file>.",
            ),
        ],
    );
}

#[test]
fn a_payload_has_an_entry_a_line() {
    let view = view();
    check(
        &view,
        &[
            ("add map m.map <<\n/x 1\n\n", ""),
            ("add map m.map <<END\n  /y \t 2\n\n/z 3\nEND", ""),
            (
                "show map @0 m.map",
                "0x1 /a 1\n0x2 /ab 2\n0x3 /a 3\n0x4 /x 1\n0x5 /y 2\n0x6 /z 3",
            ),
            (
                "add map m.map <<\n/u 4\n/v\n/w 5\n",
                "Missing value for key '/v'.",
            ),
            (
                "get map m.map /w",
                "type=beg, case=sensitive, found=no\ntype=str, case=sensitive, found=no",
            ),
            (
                "add map m.map /a",
                "'add map' expects three parameters (map identifier, key and value) or one \
                 parameter (map identifier) and a payload",
            ),
        ],
    );
}

#[test]
fn a_prepared_version_takes_the_place_of_all_before_it() {
    let view = view();
    check(
        &view,
        &[
            ("prepare map m.map", "New version created: 1"),
            ("prepare map m.map", "New version created: 2"),
            ("add map @1 m.map /k 1", ""),
            ("add map @2 m.map /l 2", ""),
            (
                "add map @3 m.map /l 2",
                "Version number in the future, please use 'prepare map' before.",
            ),
            ("show map @2 m.map", "0x5 /l 2"),
            (
                "get map #2 /l",
                "type=beg, case=sensitive, found=no\ntype=str, case=sensitive, found=no",
            ),
            ("commit map m.map", "Missing version number."),
            ("commit map @1", "Missing map identifier."),
            ("commit map @3 m.map", "Version number out of range."),
            ("commit map @0 m.map", "Version number out of range."),
            ("commit map @2 m.map", ""),
            ("show map m.map", "0x5 /l 2"),
            ("show map @1 m.map", ""),
            ("commit map @2 m.map", "Version number out of range."),
            ("prepare map m.map", "New version created: 3"),
            ("add map @3 m.map /m 3", ""),
            ("clear map @3 m.map", ""),
            ("commit map @3 m.map", ""),
            ("show map m.map", ""),
            (
                "prepare acl m.map",
                "Unknown ACL identifier. Please use #<id> or <file>.",
            ),
            (
                "prepare map",
                "Unknown map identifier. Please use #<id> or <file>.",
            ),
        ],
    );
}

#[test]
fn a_long_list_is_shown_whole_while_it_is_edited() {
    let view = view();
    let list = view.patterns.find("d.lst").expect("it is there");
    for number in 0..5_000 {
        let key = format!("key-{number}");
        list.add(None, key.as_bytes(), None)
            .expect("any text is a key");
    }
    let mut session = Session::new(Instant::ZERO, AccessLevel::Admin, Duration::from_secs(10));
    session.receive(Instant::ZERO, b"show acl d.lst\n");
    let mut shown = Vec::new();
    loop {
        session.advance(&view);
        let output = session.output();
        if output.is_empty() {
            break;
        }
        assert!(
            output.len() < crate::OUTPUT_BYTES_LOW + 4096,
            "{}",
            output.len()
        );
        shown.extend_from_slice(output);
        let sent = output.len();
        session.consume(Instant::ZERO, sent);
        // What was shown already and what is at the end.
        list.delete(b"foo");
        list.delete(b"key-4999");
    }
    let shown = String::from_utf8(shown).expect("text");
    let keys: Vec<_> = shown
        .lines()
        .filter_map(|line| line.split_once(' '))
        .collect();
    assert_eq!(keys.len(), 2 + 4_999);
    assert!(keys.is_sorted_by_key(|key| u64::from_str_radix(&key.0[2..], 16).ok()));
}

#[test]
fn only_an_admin_may() {
    let view = view();
    for line in [
        "show acl\n",
        "add acl d.lst x\n",
        "add map m.map <<\n/a 1\n\n",
        "get map m.map a\n",
    ] {
        let denied = converse(AccessLevel::Operator, &view, line);
        assert_eq!(denied, "Permission denied\n\n", "{line}");
    }
}
