//! What the reference makes of the same values (`set-var` and a converter of the wanted type, stick
//! tables for addresses of one family).

use super::*;
use alloc::vec::Vec;
use base::{Epoch, Rng};

fn work() -> Work {
    Work::new(Epoch(0), Rng::from_u64(1), 16_384)
}

fn text(value: Value<'_>) -> Option<Vec<u8>> {
    match cast(value, Type::Text, &mut work())? {
        Value::Text(it) => Some(it.into_owned()),
        other => panic!("{other:?} is no text"),
    }
}

fn ip6(text: &str) -> Value<'static> {
    Value::Ip6(text.parse().expect("an address"))
}

#[test]
fn text_becomes_the_number_it_begins_with() {
    for (text, number) in [
        ("12abc", 12),
        ("-5", -5),
        ("+5", 5),
        ("0x10", 0),
        (" 5", 0),
        ("-", 0),
        ("--1", 0),
        ("007", 7),
        ("99999999999999999999", i64::MAX),
        ("9223372036854775808", i64::MAX),
        ("-9223372036854775808", i64::MIN),
        ("-9223372036854775809", i64::MIN),
        ("27670116110564327424", i64::MAX),
    ] {
        let got = cast(Value::text(text.as_bytes()), Type::Int, &mut work());
        assert_eq!(got, Some(Value::Int(number)), "{text}");
    }
    assert_eq!(cast(Value::text(b""), Type::Int, &mut work()), None);
    assert_eq!(
        cast(Value::text(b"true"), Type::Bool, &mut work()),
        Some(Value::Bool(false))
    );
    assert_eq!(
        cast(Value::text(b"-1"), Type::Bool, &mut work()),
        Some(Value::Bool(true))
    );
}

#[test]
fn text_becomes_the_address_it_begins_with() {
    for (text, address) in [
        ("1.2.3.4", Some("1.2.3.4")),
        ("1.2.3.4:80", Some("1.2.3.4")),
        ("1.2.3.4x", Some("1.2.3.4")),
        ("1.2.3.4 ", Some("1.2.3.4")),
        ("0001.2.3.0004", Some("1.2.3.4")),
        ("::1", Some("::1")),
        ("A::F", Some("a::f")),
        ("1:2:3:4:5:6:7::", Some("1:2:3:4:5:6:7:0")),
        ("0:0:0:0:0:ffff:1.2.3.4", Some("::ffff:1.2.3.4")),
        ("1.2.3", None),
        ("1.2.3.", None),
        (".1.2.3", None),
        ("1..2.3", None),
        ("1.2.3.4.", None),
        ("1.2.3.256", None),
        ("1.2.3.4567", None),
        ("1.2x.3.4", None),
        (" 1.2.3.4", None),
        ("::1x", None),
        ("::1.2.3.04", None),
        ("00001::", None),
        ("1::2::3", None),
        ("[::1]", None),
        ("", None),
    ] {
        let got = cast(Value::text(text.as_bytes()), Type::Address, &mut work());
        let wanted = address.map(|it| Value::address(it.parse().expect("an address")));
        assert_eq!(got, wanted, "{text}");
    }
    assert_eq!(cast(Value::text(b"::1"), Type::Ip4, &mut work()), None);
    assert_eq!(cast(Value::text(b"1.2.3.4"), Type::Ip6, &mut work()), None);
}

#[test]
fn an_address_becomes_one_of_the_other_family_where_one_stands_for_it() {
    for (six, four) in [
        ("::1", Some("0.0.0.1")),
        ("::ffff:1.2.3.4", Some("1.2.3.4")),
        ("2002:102:304::", Some("1.2.3.4")),
        ("2002:102:304:5:6::", Some("1.2.3.4")),
        ("64:ff9b::1.2.3.4", None),
        ("1::2", None),
        ("::1:2:3", None),
    ] {
        let wanted = four.map(|it| Value::Ip4(it.parse().expect("an address")));
        assert_eq!(cast(ip6(six), Type::Ip4, &mut work()), wanted, "{six}");
        assert_eq!(cast(ip6(six), Type::Address, &mut work()), Some(ip6(six)));
    }
    let four = Value::Ip4([1, 2, 3, 4].into());
    assert_eq!(
        cast(four, Type::Ip6, &mut work()),
        Some(ip6("::ffff:1.2.3.4"))
    );
    assert_eq!(
        cast(Value::Int(-1), Type::Ip6, &mut work()),
        Some(ip6("::ffff:255.255.255.255"))
    );
    assert_eq!(
        cast(Value::Int(1 << 32), Type::Ip4, &mut work()),
        Some(Value::Ip4([0; 4].into()))
    );
    assert_eq!(
        cast(Value::Ip4([255; 4].into()), Type::Int, &mut work()),
        Some(Value::Int(0xffff_ffff))
    );
}

#[test]
fn an_ipv6_address_is_written_as_inet_ntop_does() {
    for address in [
        "::",
        "::1",
        "::ffff:1.2.3.4",
        "::1.2.3.4",
        "::0.1.0.0",
        "::0.1.0.2",
        "64:ff9b::102:304",
        "1:0:0:2::3",
        "1::2:2:0:0:3",
        "1:0:2:3:4:5:6:7",
        "1::",
        "0:1::",
        "fe80::a0b:0:c",
    ] {
        assert_eq!(
            text(ip6(address)).as_deref(),
            Some(address.as_bytes()),
            "{address}"
        );
    }
}

#[test]
fn what_is_binary_ends_as_text_at_its_first_nul() {
    assert_eq!(
        text(Value::Bytes(Cow::Borrowed(b"a\0bc"))).as_deref(),
        Some(&b"a"[..])
    );
    assert_eq!(
        text(Value::Bytes(Cow::Borrowed(b"ab\xff\nc"))).as_deref(),
        Some(&b"ab\xff\nc"[..])
    );
}

#[test]
fn scalars_become_eight_bytes_or_their_address() {
    for (value, bytes) in [
        (Value::Bool(true), &b"\0\0\0\0\0\0\0\x01"[..]),
        (Value::Int(-2), b"\xff\xff\xff\xff\xff\xff\xff\xfe"),
        (Value::Ip4([1, 2, 3, 4].into()), b"\x01\x02\x03\x04"),
        (ip6("::1"), b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01"),
        (Value::Method(Cow::Borrowed(b"GET")), b"GET"),
    ] {
        let got = cast(value, Type::Bytes, &mut work());
        assert_eq!(got, Some(Value::Bytes(Cow::Borrowed(bytes))));
    }
    assert_eq!(text(Value::Bool(false)).as_deref(), Some(&b"0"[..]));
    assert_eq!(
        text(Value::Int(i64::MIN)).as_deref(),
        Some(&b"-9223372036854775808"[..])
    );
}

const TYPES: [Type; 9] = [
    Type::Any,
    Type::Bool,
    Type::Int,
    Type::Address,
    Type::Ip4,
    Type::Ip6,
    Type::Text,
    Type::Bytes,
    Type::Method,
];

#[test]
fn only_what_is_castable_is_cast() {
    let values = || {
        [
            Value::Bool(true),
            Value::Int(1),
            Value::Ip4([1, 2, 3, 4].into()),
            ip6("::1"),
            Value::text(b"1"),
            Value::Bytes(Cow::Borrowed(b"1")),
            Value::Method(Cow::Borrowed(b"GET")),
        ]
    };
    for to in TYPES {
        for value in values() {
            let from = value.kind();
            let got = cast(value, to, &mut work());
            if !castable(from, to) {
                assert_eq!(got, None, "{from:?} to {to:?}");
            } else if let Some(got) = got {
                let address = to == Type::Address && matches!(got.kind(), Type::Ip4 | Type::Ip6);
                assert!(
                    got.kind() == to || to == Type::Any || address,
                    "{from:?} to {to:?}"
                );
            }
        }
    }
}
