//! What the reference reads and says (`haproxy -c` and the values of `str()`).

use super::*;
use crate::vars::{Scope, Variable};

/// Knows one of each, called `known`.
struct Known;

impl Known {
    fn find(what: &str, name: Option<&str>) -> Result<u32, String> {
        match name {
            None => Ok(0),
            Some("known") => Ok(1),
            Some(name) => Err(format!("unable to find {what} '{name}'")),
        }
    }
}

impl Names for Known {
    fn frontend(&mut self, name: Option<&str>) -> Result<u32, String> {
        Self::find("frontend", name)
    }

    fn backend(&mut self, name: Option<&str>) -> Result<u32, String> {
        Self::find("backend", name)
    }

    fn server(&mut self, name: &str) -> Result<(u32, u32), String> {
        Ok((0, Self::find("server", Some(name))?))
    }

    fn table(&mut self, name: Option<&str>) -> Result<u32, String> {
        Self::find("table", name)
    }

    fn userlist(&mut self, name: &str) -> Result<u32, String> {
        Self::find("userlist", Some(name))
    }

    fn variable(&mut self, name: &str) -> Result<Variable, String> {
        let name = Self::find("variable", Some(name))?;
        Ok(Variable {
            scope: Scope::Session,
            name,
        })
    }

    fn file(&mut self, path: &str) -> Result<Vec<u8>, String> {
        Err(format!("unable to read '{path}'"))
    }

    fn environment(&self, _: &str) -> Option<String> {
        None
    }
}

/// `kinds`, of which the first `needed` have to be there.
fn signature(needed: usize, kinds: &'static [Kind]) -> Signature {
    Signature::new(needed, kinds)
}

const TEXT: &[Kind] = &[Kind::Text];
const FIELD: &[Kind] = &[Kind::Int, Kind::Text, Kind::Int];

fn fetch(needed: usize, kinds: &'static [Kind], text: &str) -> Result<(Args, usize), String> {
    parse(
        Owner::Fetch("it"),
        signature(needed, kinds),
        text,
        &mut Known,
    )
}

fn converter(needed: usize, kinds: &'static [Kind], text: &str) -> String {
    let owner = Owner::Converter("it");
    match parse(owner, signature(needed, kinds), text, &mut Known) {
        Ok((args, _)) => format!("{} arguments", args.len()),
        Err(why) => why,
    }
}

#[test]
fn quotes_and_backslashes_protect_as_the_reference_has_it() {
    for (text, wanted) in [
        (r"(a)", r"a"),
        (r"()", r""),
        (r"( a )", r" a "),
        (r#"("a,b")"#, r"a,b"),
        (r#"("a)b")"#, r"a)b"),
        (r"('a)b')", r"a)b"),
        (r"('a\nb')", r"a\nb"),
        (r"(a\nb)", "a\nb"),
        (r#"("a\tb\rc")"#, "a\tb\rc"),
        (r#"("a\"b")"#, r#"a"b"#),
        (r"(a\'b)", r"a'b"),
        (r"(a\\b)", r"a\b"),
        (r"(a\ b)", r"a b"),
        (r"(a\x41b)", r"a\x41b"),
        (r"(a\#b)", r"a\#b"),
        (r#"("a\$b")"#, r"a\$b"),
        (r#"("a\,b")"#, r"a\,b"),
        (r"(a\)", r"a\"),
        (r"(a$b)", r"a$b"),
        (r#"("a"b'c')"#, r"abc"),
        (r#"(""a)"#, r"a"),
        (r"(((a)", r"((a"),
        (r#"('a"b')"#, r#"a"b"#),
    ] {
        let (args, taken) = fetch(1, TEXT, text).expect(text);
        assert_eq!(args.text(0), Some(wanted.as_bytes()), "{text}");
        assert_eq!(taken, text.len(), "{text}");
    }
}

#[test]
fn what_follows_the_arguments_is_left() {
    let (args, taken) = fetch(1, TEXT, "(a\\)b),lower").expect("arguments");
    assert_eq!((args.text(0), taken), (Some(&b"a\\"[..]), 4));
    let (args, taken) = fetch(1, TEXT, ",lower(a)").expect("an empty argument");
    assert_eq!((args.text(0), taken), (Some(&b""[..]), 0));
    let (args, taken) = fetch(0, TEXT, ",lower(a)").expect("no argument");
    assert_eq!((args.len(), taken), (0, 0));
}

#[test]
fn wrong_arguments_of_a_fetch_are_refused_with_the_words_of_the_reference() {
    const INT: &[Kind] = &[Kind::Int];
    for (needed, kinds, text, why) in [
        (1, TEXT, "(", "expected ')'"),
        (1, TEXT, "(a", "expected ')'"),
        (1, TEXT, "(\"a)", "expected ')'"),
        (1, TEXT, "(a,b)", "expected ')' before ',b)'"),
        (1, TEXT, "(a\\,b)", "expected ')' before ',b)'"),
        (
            1,
            TEXT,
            "(A\\",
            "failed to parse '\\' after 'A' as type 'string' at position 1",
        ),
        (
            1,
            INT,
            "",
            "expected type 'integer' at position 1, but got nothing",
        ),
        (
            1,
            INT,
            "()",
            "expected type 'integer' at position 1, but got nothing",
        ),
        (
            1,
            INT,
            "(\"\")",
            "expected type 'integer' at position 1, but got nothing",
        ),
        (
            1,
            INT,
            "(1a)",
            "failed to parse '1a' as type 'integer' at position 1",
        ),
        (
            1,
            INT,
            "( 5)",
            "failed to parse ' 5' as type 'integer' at position 1",
        ),
        (1, INT, "(5,", "expected ')' before ','"),
        (
            1,
            &[Kind::Ip4],
            "(1.2.3)",
            "failed to parse '1.2.3' as type 'IPv4 address' at position 1",
        ),
        (
            1,
            &[Kind::Ip4],
            "(01.2.3.4)",
            "failed to parse '01.2.3.4' as type 'IPv4 address' at position 1",
        ),
        (
            1,
            &[Kind::Ip6],
            "(1)",
            "failed to parse '1' as type 'IPv6 address' at position 1",
        ),
        (
            2,
            &[Kind::Int, Kind::Int],
            "(1,",
            "expected type 'integer' at position 2, but got nothing",
        ),
        (
            2,
            &[Kind::Int, Kind::Int],
            "(1)",
            "missing arguments (got 1/2), type 'integer' expected",
        ),
        (0, &[], "(1)", "expected ')' before '1)'"),
        (
            0,
            &[Kind::Int, Kind::Text],
            "(,ms)",
            "expected ')' before ',ms)'",
        ),
    ] {
        let got = fetch(needed, kinds, text).expect_err(text);
        assert_eq!(got, format!("fetch method 'it' : {why}"), "{text}");
    }
}

#[test]
fn wrong_arguments_of_a_converter_are_counted() {
    const MASKS: &[Kind] = &[Kind::Mask4, Kind::Mask6];
    for (needed, kinds, text, at, why) in [
        (
            2,
            FIELD,
            "",
            1,
            "expected type 'integer' at position 1, but got nothing",
        ),
        (
            2,
            FIELD,
            "(1)",
            2,
            "missing arguments (got 1/2), type 'string' expected",
        ),
        (
            2,
            FIELD,
            "(1",
            2,
            "missing arguments (got 1/2), type 'string' expected",
        ),
        (2, FIELD, "(1,", 2, "expected ')'"),
        (2, FIELD, "(1,\"a", 2, "expected ')'"),
        (
            2,
            FIELD,
            "(1,a,b)",
            3,
            "failed to parse 'b' as type 'integer' at position 3",
        ),
        (2, FIELD, "(1,a,1,2)", 3, "expected ')' before ',2)'"),
        (0, &[], "(b)", 1, "expected ')' before 'b)'"),
        (1, TEXT, "(a,b)", 2, "expected ')' before ',b)'"),
        (
            1,
            MASKS,
            "(33)",
            1,
            "failed to parse '33' as type 'IPv4 mask' at position 1",
        ),
        (
            1,
            MASKS,
            "(24,129)",
            2,
            "failed to parse '129' as type 'IPv6 mask' at position 2",
        ),
        (1, MASKS, "(24,64,1)", 2, "expected ')' before ',1)'"),
        (
            1,
            MASKS,
            "(255.255.0)",
            1,
            "failed to parse '255.255.0' as type 'IPv4 mask' at position 1",
        ),
    ] {
        let wanted = format!("invalid arg {at} in converter 'it' : {why}");
        assert_eq!(converter(needed, kinds, text), wanted, "{text}");
    }
    assert_eq!(converter(2, FIELD, "(1,a,)"), "3 arguments");
    assert_eq!(converter(2, FIELD, "(1,,3)"), "3 arguments");
}

#[test]
fn names_stand_for_what_they_name() {
    const TABLE: &[Kind] = &[Kind::Table, Kind::Int];
    assert!(matches!(
        fetch(1, TABLE, "(known)").expect("a table").0.0[..],
        [Some(Arg::Table(1))]
    ));
    assert!(matches!(
        fetch(1, TABLE, "").expect("our own").0.0[..],
        [Some(Arg::Table(0))]
    ));
    assert!(matches!(
        fetch(1, TABLE, "(,5)").expect("our own").0.0[..],
        [Some(Arg::Table(0)), Some(Arg::Int(5))]
    ));
    assert_eq!(
        converter(1, TABLE, "(nope)"),
        "unable to find table 'nope' referenced in arg 1 of conversion keyword 'it'"
    );
    assert_eq!(
        fetch(1, &[Kind::Server], "()").expect_err("no server"),
        "missing server name in arg 1 of sample fetch keyword 'it'"
    );
    assert_eq!(
        fetch(1, &[Kind::Variable], "").expect_err("no variable"),
        "invalid args in fetch method 'it' : Empty variable name cannot be accepted"
    );
}

#[test]
fn masks_times_and_sizes_have_their_units() {
    let one = |kind: &'static [Kind], text: &str| {
        let (args, _) = fetch(1, kind, text).expect(text);
        args.0[0].clone()
    };
    for (text, mask) in [
        ("(24)", "255.255.255.0"),
        ("(+8)", "255.0.0.0"),
        ("(024)", "255.255.255.0"),
        ("(0)", "0.0.0.0"),
        ("(32)", "255.255.255.255"),
        ("(255.0.255.0)", "255.0.255.0"),
    ] {
        let Some(Arg::Ip4(got)) = one(&[Kind::Mask4], text) else {
            panic!("{text} is no mask");
        };
        assert_eq!(got.to_string(), mask);
    }
    for (text, mask) in [
        ("(64)", "ffff:ffff:ffff:ffff::"),
        ("(0)", "::"),
        ("(ffff::)", "ffff::"),
    ] {
        let Some(Arg::Ip6(got)) = one(&[Kind::Mask6], text) else {
            panic!("{text} is no mask");
        };
        assert_eq!(got.to_string(), mask);
    }
    let time = one(&[Kind::Time(Unit::Millis)], "(20)");
    assert!(matches!(time, Some(Arg::Time(time)) if time == Duration::from_millis(20)));
    let time = one(&[Kind::Time(Unit::Millis)], "(2m)");
    assert!(matches!(time, Some(Arg::Time(time)) if time == Duration::from_secs(120)));
    assert!(matches!(
        one(&[Kind::Size], "(16k)"),
        Some(Arg::Size(16_384))
    ));
}
