use crate::fixture::Fake;
use crate::session::Session;
use crate::view::View;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use base::{Duration, Instant, Rng};
use engine::settings::AccessLevel;
use tables::{DataType, Definition, KeyRef, KeyType, Stored, Table};

/// A table of numbers, one of each kind of address, and one of blocks.
fn view() -> Fake {
    let make = |name, key, stored: &[Stored]| {
        let mut definition = Definition::new(name, key, 10);
        definition.expire = Some(Duration::from_secs(10));
        for one in stored {
            definition.store(*one).expect("stored");
        }
        Arc::new(Table::new(definition, &Rng::from_u64(1)))
    };
    let gpc0 = Stored::plain(DataType::Gpc0);
    let numbers = [
        gpc0,
        Stored::rate(DataType::ConnRate, 10_000),
        Stored::array(DataType::Gpt, 2, 0),
    ];
    let mut view = Fake::new();
    view.tables = Vec::from([
        make("numbers", KeyType::Integer, &numbers),
        make("v4", KeyType::Ip, &[gpc0]),
        make("v6", KeyType::Ip6, &[gpc0]),
        make("texts", KeyType::String { bytes_max: 31 }, &[gpc0]),
        make("blocks", KeyType::Binary { bytes: 4 }, &[gpc0]),
    ]);
    view
}

fn answer_at(level: AccessLevel, view: &Fake, line: &str) -> String {
    let mut session = Session::new(Instant::ZERO, level, Duration::from_secs(10));
    session.receive(Instant::ZERO, format!("{line}\n").as_bytes());
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

fn answer(view: &Fake, line: &str) -> String {
    answer_at(AccessLevel::Operator, view, line)
}

/// The lines of entries of an answer, from `key=` on.
fn entries(view: &Fake, line: &str) -> Vec<String> {
    answer(view, line)
        .lines()
        .filter_map(|line| Some(line.split_once(": key=")?.1.into()))
        .collect()
}

#[test]
fn tables_are_shown_with_their_type_and_size_the_last_first() {
    let view = view();
    assert_eq!(answer(&view, "set table v6 key ::1"), "\n");
    assert_eq!(
        answer(&view, "show table"),
        "# table: blocks, type: binary, size:10, used:0\n\
         # table: texts, type: string, size:10, used:0\n\
         # table: v6, type: ipv6, size:10, used:1\n\
         # table: v4, type: ip, size:10, used:0\n\
         # table: numbers, type: integer, size:10, used:0\n\n"
    );
}

#[test]
fn what_is_set_is_shown_and_what_is_cleared_is_not() {
    let view = view();
    let set = "set table numbers key 6 data.gpc0 7 data.gpt[1] 9 data.conn_rate 3";
    assert_eq!(answer(&view, set), "\n");
    assert_eq!(
        answer(&view, "show table numbers"),
        "# table: numbers, type: integer, size:10, used:1\n\
         0x10000000000: key=6 use=0 exp=10000 shard=0 gpc0=7 conn_rate(10000)=3 gpt0=0 gpt1=9\n\n"
    );
    let shown = "6 use=0 exp=10000 shard=0 gpc0=7 conn_rate(10000)=3 gpt0=0 gpt1=9";
    for line in [
        "show table numbers key 6",
        "show table numbers ptr 0x10000000000",
    ] {
        assert_eq!(entries(&view, line), [shown], "{line}");
    }
    assert_eq!(
        answer(&view, "set table numbers ptr 0x10000000000 data.gpt 4"),
        "\n"
    );
    assert!(entries(&view, "show table numbers")[0].ends_with("gpt0=4 gpt1=9"));
    assert_eq!(answer(&view, "show table numbers key 7"), "\n");
    assert_eq!(answer(&view, "clear table numbers key 7"), "\n");
    assert_eq!(answer(&view, "clear table numbers ptr 0x10000000000"), "\n");
    assert_eq!(
        answer(&view, "show table numbers"),
        "# table: numbers, type: integer, size:10, used:0\n\n"
    );
}

#[test]
fn all_filters_must_pick_an_entry() {
    let view = view();
    for number in 1..=6 {
        let line = format!("set table numbers key {number} data.gpc0 {number} data.gpt[1] 9");
        assert_eq!(answer(&view, &line), "\n");
    }
    let keys = |line: &str| -> String {
        let entries = entries(&view, line);
        entries.iter().map(|entry| &entry[..1]).collect()
    };
    assert_eq!(keys("show table numbers"), "123456");
    assert_eq!(keys("show table numbers data.gpc0 gt 4"), "56");
    assert_eq!(
        keys("show table numbers data.gpc0 gt 1 data.gpc0 le 5 data.gpc0 ne 3 data.gpt[1] eq 9"),
        "245"
    );
    assert_eq!(keys("show table numbers data.gpt[1] lt 9"), "");
    assert_eq!(keys("show table numbers data.gpt[7] ge 0"), "");
    assert_eq!(
        answer(&view, "clear table numbers data.gpc0 le 4 data.gpc0 ge 2"),
        "\n"
    );
    assert_eq!(keys("show table numbers"), "156");
    assert_eq!(answer(&view, "clear table numbers"), "\n");
    assert_eq!(keys("show table numbers"), "");
}

#[test]
fn an_entry_that_is_tracked_stays() {
    let view = view();
    let tracked = view.tables[0]
        .track(KeyRef::Integer(1), view.now())
        .expect("room");
    let refused = "Entry currently in use, cannot remove\n\n";
    assert_eq!(answer(&view, "clear table numbers key 1"), refused);
    assert_eq!(answer(&view, "clear table numbers"), "\n");
    assert!(entries(&view, "show table numbers")[0].starts_with("1 use=1 "));
    drop(tracked);
    assert_eq!(answer(&view, "clear table numbers key 1"), "\n");
    assert!(entries(&view, "show table numbers").is_empty());
}

#[test]
fn a_number_is_what_a_word_begins_with_modulo_32_bits() {
    let view = view();
    for (key, shown) in [
        ("12abc", "12"),
        ("abc", "0"),
        ("-1", "4294967295"),
        ("+7", "7"),
        ("4294967297", "1"),
        ("99999999999999999999999", "4294967295"),
    ] {
        assert_eq!(answer(&view, &format!("set table numbers key {key}")), "\n");
        let line = format!("show table numbers key {shown}");
        assert_eq!(entries(&view, &line).len(), 1, "{key}");
    }
}

#[test]
fn addresses_of_either_kind_name_keys_of_the_other_where_there_is_one() {
    let view = view();
    assert_eq!(
        answer(
            &view,
            "set table v4 key ::ffff:1.2.3.4;set table v4 key ::1"
        ),
        "\n\n"
    );
    assert_eq!(answer(&view, "set table v6 key 1.2.3.4"), "\n");
    let shown = |line| entries(&view, line).concat();
    assert_eq!(
        shown("show table v4"),
        "1.2.3.4 use=0 exp=10000 shard=0 gpc0=0"
    );
    let mapped = "::ffff:1.2.3.4 use=0 exp=10000 shard=0 gpc0=0";
    assert_eq!(shown("show table v6 key 1.2.3.4"), mapped);
}

#[test]
fn values_before_a_wrong_one_are_set() {
    let view = view();
    let wrong = "set table numbers key 8 data.gpc0 7 data.conn_rate x";
    let refused = "Require a valid integer value to store\n\n";
    assert_eq!(answer(&view, wrong), refused);
    assert!(entries(&view, "show table numbers key 8")[0].contains(" gpc0=7 "));
}

#[test]
fn a_full_table_that_does_not_purge_says_so() {
    let mut view = view();
    let mut definition = Definition::new("full", KeyType::Integer, 1);
    definition.nopurge = true;
    view.tables
        .push(Arc::new(Table::new(definition, &Rng::from_u64(1))));
    assert_eq!(answer(&view, "set table full key 1"), "\n");
    let refused = "Unable to allocate a new entry\n\n";
    assert_eq!(answer(&view, "set table full key 2"), refused);
}

#[test]
fn a_command_that_makes_no_sense_says_why() {
    let view = view();
    for (line, why) in [
        ("show table nope", "No such table"),
        ("show table numbers foo", super::SHOW_USAGE),
        ("show table numbers key", "Key value expected"),
        ("show table v4 key abc", "Invalid key"),
        ("show table v6 key 1.2.3", "Invalid key"),
        (
            "show table numbers ptr 12",
            "Pointer expected (0xffff notation)",
        ),
        ("show table numbers ptr 0x", "Malformed ptr."),
        (
            "show table numbers ptr 0x1",
            "No entry can be found matching ptr.",
        ),
        (
            "show table blocks key abc",
            "'show table' takes no keys of type binary: use ptr",
        ),
        (
            "show table numbers data.nope gt 1",
            "Filter entry #1: Unknown data type",
        ),
        (
            "show table numbers data.gpc0[0] gt 1",
            "Filter entry #1: Unknown data type",
        ),
        (
            "show table numbers data.gpt[x] gt 1",
            "Filter entry #1: Unknown data type",
        ),
        (
            "show table numbers data.sess_cnt gt 1",
            "Filter entry #1: Data type not stored in this table",
        ),
        (
            "show table numbers data.gpc0 gt 1 data.gpc0 gt x",
            "Filter entry #2: Require a valid integer value to compare against",
        ),
        (
            "show table numbers data.gpc0 gt 1 foo",
            "Filter entry #2: Unknown data type",
        ),
        (
            "show table numbers data.gpc0",
            "Filter entry #1: Require an operator among \"eq\", \"ne\", \"le\", \"ge\", \"lt\", \"gt\"",
        ),
        ("clear table", super::CLEAR_USAGE),
        ("clear table numbers foo", super::CLEAR_USAGE),
        ("clear table nope", "No such table"),
        ("set table", super::SET_USAGE),
        ("set table numbers foo", super::SET_USAGE),
        (
            "set table numbers data.gpc0 eq 1",
            "'set table' is about one entry: key or ptr",
        ),
        (
            "set table numbers key 1 gpc0 1",
            "\"data.<type>\" followed by a value expected",
        ),
        ("set table numbers key 1 data.nope 1", "Unknown data type"),
        (
            "set table numbers key 1 data.gpt[2] 1",
            "index out of range in this data array",
        ),
        (
            "set table numbers key 1 data.gpt[-1] 1",
            "index out of range in this data array",
        ),
        (
            "set table numbers key 1 data.gpc0 0x1",
            "Require a valid integer value to store",
        ),
        (
            "set table numbers key 1 data.gpc0",
            "Require a valid integer value to store",
        ),
    ] {
        assert_eq!(answer(&view, line), format!("{why}\n\n"), "{line}");
    }
    let five = format!("show table numbers{}", " data.gpc0 gt 1".repeat(5));
    assert_eq!(answer(&view, &five), "there are more than 4 filters\n\n");
}

#[test]
fn a_user_may_look_and_not_touch() {
    let view = view();
    let denied = "Permission denied\n\n";
    let at = |line| answer_at(AccessLevel::User, &view, line);
    assert_eq!(at("set table numbers key 1"), denied);
    assert_eq!(at("clear table numbers"), denied);
    assert!(at("show table numbers").starts_with("# table: numbers"));
}
