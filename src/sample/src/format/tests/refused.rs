//! What is no format, and how the reference says so.

use super::world::{Known, ground};
use crate::format::{Format, Style, Unknown};
use alloc::string::String;

fn refused(text: &str) -> Option<(usize, String)> {
    let parsed = Format::parse(text, Style::Log, &ground(Style::Log), &mut Known);
    parsed.err().map(|why| (why.at, why.message))
}

#[test]
fn what_is_no_format_is_refused_in_the_words_of_the_reference() {
    let no_alias = |name: &str| {
        alloc::format!(
            "no such format alias '{name}'. If you wanted to emit the '%' character verbatim, you need to use '%%'."
        )
    };
    for (text, at, message) in [
        ("%", 0, "truncated line after '%'."),
        ("a%", 1, "truncated line after '%'."),
        ("%%%", 2, "truncated line after '%'."),
        ("%HM%", 3, "truncated line after '%'."),
        ("%(a)", 0, "truncated line after '%'."),
        ("%zz", 1, &no_alias("zz")),
        ("%CIX", 1, &no_alias("CIX")),
        ("a %cix", 3, &no_alias("cix")),
        ("%{", 2, "truncated line after ''."),
        ("%{+Q", 2, "truncated line after '+Q'."),
        ("%(a){+Q", 5, "truncated line after '+Q'."),
        (
            "%{+Q}",
            1,
            "parse argument modifier without alias name near '%{+Q}'.",
        ),
        (
            "%{+Q}(a)ci",
            1,
            "parse argument modifier without alias name near '%{+Q}'.",
        ),
        (
            "%{+Q}%ci",
            1,
            "parse argument modifier without alias name near '%{+Q}'.",
        ),
        (
            "%{+Q}{+E}ci",
            1,
            "parse argument modifier without alias name near '%{+Q}'.",
        ),
        ("%[src", 2, "missing ']' after 'src'."),
        ("%(a)[src", 5, "missing ']' after 'src'."),
        ("%[src ]", 5, "expected ']' after 'src', but found ' '."),
        (
            "%[nope]",
            2,
            "failed to parse sample expression <nope]> : unknown fetch method 'nope'.",
        ),
        (
            "%[src,nope] x",
            6,
            "failed to parse sample expression <src,nope] x> : unknown converter 'nope'.",
        ),
        (
            "%[src,]",
            6,
            "failed to parse sample expression <src,]> : unknown converter ''.",
        ),
        (
            "%[str(a]",
            5,
            "failed to parse sample expression <str(a]> : fetch method 'str' : expected ')'.",
        ),
        (
            "%[path]",
            2,
            "sample fetch <path> may not be reliably used here because it needs 'HTTP request headers' which is not available here.",
        ),
        (
            "%(a:b)ci",
            4,
            "unexpected output type 'b' at position 4 line : '%(a:b)ci'. Supported types are: str, sint, bool, raw.",
        ),
        (
            "%(:)ci",
            3,
            "unexpected output type '' at position 3 line : '%(:)ci'. Supported types are: str, sint, bool, raw.",
        ),
        (
            "%(a b)ci",
            3,
            "invalid character in custom name near ' ' at position 3 line : '%(a b)ci'.",
        ),
        (
            "% ci",
            1,
            "unexpected alias name near ' ' at position 1 line : '% ci'. Maybe you want to write a single '%', use the syntax '%%'.",
        ),
        ("%sslv", 1, "format alias 'sslv' is not supported yet."),
    ] {
        assert_eq!(refused(text), Some((at, message.into())), "{text}");
    }
}

#[test]
fn what_looks_odd_but_is_read_by_the_reference_is_read() {
    for text in [
        "%{+Z}ci",
        "%{+Q,}ci",
        "%{Q}ci",
        "%{,}ci",
        "%()ci",
        "%(a)(b)ci",
        "%ci{+Q}",
        "%[src]]",
        "%{+q}ci",
        "%{-}ci",
        "%{+}ci",
        "%{+Qx}ci",
        "%{+json+cbor}ci",
        "%{+bin}ci",
        "%OG",
        "%[str(a]b)]",
        "%[src]x",
        "%o",
        "%{+Q}o",
        "%ci%o",
        "%(a)%",
        "",
    ] {
        assert_eq!(refused(text), None, "{text}");
    }
}

#[test]
fn an_unknown_word_is_told_with_its_kind() {
    let unknown = |text| {
        let parsed = Format::parse(text, Style::Log, &ground(Style::Log), &mut Known);
        parsed.err().and_then(|why| why.unknown)
    };
    assert_eq!(unknown("%cx"), Some(Unknown::Alias("cx".into())));
    let fetch = crate::expr::Unknown::Fetch("scr".into());
    assert_eq!(unknown("%[scr]"), Some(Unknown::Expr(fetch)));
    assert_eq!(unknown("%{"), None);
}
