//! Lines of `show table`, as HAProxy 3.5-dev writes them.

use super::{at, definition, key};
use crate::{Bell, DataType, Definition, Filter, KeyRef, KeyType, Operator, Stored, Table};
use base::{Duration, Rng};
use core::net::{Ipv4Addr, Ipv6Addr};
use std::string::String;

fn shown(definition: Definition, key: KeyRef<'_>) -> String {
    let table: Table = Table::new(definition, &Rng::from_u64(1));
    let held = table.hold_or_make(key, at(0)).expect("room");
    let mut line = String::new();
    table.write_head(&mut line);
    held.write_line(&mut line, at(19));
    line
}

#[test]
fn all_plain_types_are_shown_in_one_order_whatever_the_order_they_are_stored_in() {
    let mut definition = definition(1024, Some(60_000), &[]);
    definition.key = KeyType::Ip;
    for data in DataType::ALL
        .into_iter()
        .rev()
        .filter(|data| !data.is_array())
    {
        let stored = Stored::rate(data, 1000);
        definition.store(stored).expect("stored");
    }
    assert_eq!(
        shown(definition, KeyRef::Ip(Ipv4Addr::new(1, 2, 3, 4))),
        "# table: t, type: ip, size:1024, used:1\n\
         0x10000000002: key=1.2.3.4 use=1 exp=59981 shard=0 server_id=0 gpt0=0 gpc0=0 \
         gpc0_rate(1000)=0 conn_cnt=0 conn_rate(1000)=0 conn_cur=0 sess_cnt=0 sess_rate(1000)=0 \
         http_req_cnt=0 http_req_rate(1000)=0 http_err_cnt=0 http_err_rate(1000)=0 bytes_in_cnt=0 \
         bytes_in_rate(1000)=0 bytes_out_cnt=0 bytes_out_rate(1000)=0 gpc1=0 gpc1_rate(1000)=0 \
         server_key=- http_fail_cnt=0 http_fail_rate(1000)=0 glitch_cnt=0 glitch_rate(1000)=0\n"
    );
}

#[test]
fn elements_of_arrays_have_the_names_of_old() {
    let stored = [
        Stored::array(DataType::GpcRate, 1, 2000),
        Stored::array(DataType::Gpt, 2, 0),
        Stored::array(DataType::Gpc, 2, 0),
        Stored::plain(DataType::HttpFailCnt),
        Stored::plain(DataType::GlitchCnt),
    ];
    assert_eq!(
        shown(definition(10, None, &stored), key(7)),
        "# table: t, type: integer, size:10, used:1\n\
         0x10000000000: key=7 use=1 exp=0 shard=0 http_fail_cnt=0 gpt0=0 gpt1=0 gpc0=0 gpc1=0 \
         gpc0_rate(2000)=0 glitch_cnt=0\n"
    );
}

fn shown_key(key_type: KeyType, key: KeyRef<'_>) -> String {
    let mut definition = definition(10, None, &[]);
    definition.key = key_type;
    let text = shown(definition, key);
    let from = text.find("key=").expect("a key") + 4;
    let to = text.find(" use=").expect("an end");
    text[from..to].into()
}

#[test]
fn keys_are_shown_on_one_line_and_without_blanks() {
    let text = KeyType::String { bytes_max: 31 };
    let block = KeyType::Binary { bytes: 4 };
    let address = KeyRef::Ip6(Ipv6Addr::LOCALHOST);
    assert_eq!(shown_key(KeyType::Ip6, address), "::1");
    assert_eq!(
        shown_key(text, KeyRef::Bytes(b"a\xe9\x7f\tb\x80\x01\x1b")),
        r"a\xE9\x7F\tb\x80\x01\e"
    );
    assert_eq!(
        shown_key(text, KeyRef::Bytes(b"/a b=c\\d:'\"")),
        r#"/a\ b\=c\\d:'""#
    );
    assert_eq!(shown_key(text, KeyRef::Bytes(b"")), "");
    assert_eq!(shown_key(block, KeyRef::Bytes(b"/k")), "2F6B0000");
    assert_eq!(shown_key(block, KeyRef::Bytes(b"/abcdef")), "2F616263");
}

#[test]
fn a_filter_compares_and_never_picks_what_is_not_there() {
    let stored = [
        Stored::plain(DataType::Gpc0),
        Stored::array(DataType::Gpt, 2, 0),
    ];
    let table: Table = Table::new(definition(9, None, &stored), &Rng::from_u64(1));
    let held = table.hold_or_make(key(1), at(0)).expect("room");
    held.set(DataType::Gpc0, 0, 5, at(0));
    held.set(DataType::Gpt, 1, 9, at(0));
    let picks = |data, index, name: &str, value| {
        let operator = Operator::by_name(name).expect("an operator");
        let filter = Filter {
            data,
            index,
            operator,
            value,
        };
        filter.picks(&held, at(0))
    };
    for (name, outcomes) in [
        ("eq", [false, true, false]),
        ("ne", [true, false, true]),
        ("le", [false, true, true]),
        ("ge", [true, true, false]),
        ("lt", [false, false, true]),
        ("gt", [true, false, false]),
    ] {
        let found = [4, 5, 6].map(|value| picks(DataType::Gpc0, 0, name, value));
        assert_eq!(found, outcomes, "{name}");
    }
    assert!(picks(DataType::Gpt, 1, "eq", 9));
    assert!(!picks(DataType::Gpt, 2, "ge", 0));
    assert!(!picks(DataType::SessCnt, 0, "ge", 0));
    assert!(!picks(DataType::Gpc, 0, "ge", 0));
}

#[test]
fn a_walk_in_pieces_meets_every_entry_once_and_none_that_expired() {
    let table: Table = Table::with_shards(
        definition(100, Some(100), &[]),
        &Rng::from_u64(1),
        4,
        Bell::default(),
    );
    for number in 0..50 {
        drop(table.hold_or_make(key(number), at(u64::from(number))));
    }
    let now = at(120);
    let mut met = std::vec::Vec::new();
    let mut from = Some(crate::Cursor::default());
    while let Some(cursor) = from {
        let page = table.page(cursor, 3, now);
        assert!(page.entries.len() <= 3);
        met.extend(page.entries.iter().map(|entry| entry.key().clone()));
        from = page.next;
    }
    met.sort();
    let expected: std::vec::Vec<_> = (21..50).map(crate::Key::Integer).collect();
    assert_eq!(met, expected);
    assert_eq!(table.used(), 50);
    assert_eq!(table.expire(now, usize::MAX), Some(at(121)));
    assert_eq!(table.used(), 29);
    assert_eq!(
        table
            .lookup(key(49), now)
            .map(|entry| entry.expires_in(now)),
        Some(Duration::from_millis(29))
    );
}
