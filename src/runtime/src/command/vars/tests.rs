use crate::fixture::Fake;
use crate::session::Session;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use base::{Duration, Instant};
use engine::settings::AccessLevel;

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

/// What `set var` with these arguments answers in experimental mode, and `get var` of the same
/// variable behind it.
fn set_and_get(view: &Fake, name: &str, value: &str) -> (String, String) {
    let set = format!("experimental-mode on; set var {name} {value}");
    let set = answer_at(AccessLevel::Admin, view, &set);
    let set = set.strip_prefix('\n').expect("the mode").trim_end();
    let got = answer_at(AccessLevel::Operator, view, &format!("get var {name}"));
    (set.into(), got.trim_end().into())
}

#[test]
fn a_variable_is_shown_with_its_type_and_value_as_the_reference_shows_it() {
    let view = Fake::new();
    for (value, shown) in [
        ("int(7)", "type=sint value=<7>"),
        ("expr int(-5)", "type=sint value=<-5>"),
        ("fmt %[int(3),add(1)]", "type=str value=<4>"),
        ("fmt hello\\ %[int(3)]", "type=str value=<hello 3>"),
        ("fmt %{+Q}[str(a)]", "type=str value=<\"a\">"),
        ("expr str(hi),length", "type=sint value=<2>"),
        ("bool(true)", "type=bool value=<1>"),
        ("ipv4(1.2.3.4)", "type=ipv4 value=<1.2.3.4>"),
        ("ipv6(::1)", "type=ipv6 value=<::1>"),
        ("meth(FOO)", "type=meth value=<FOO>"),
        ("bin(00ff61)", "type=bin value=<>"),
        ("stopping", "type=bool value=<0>"),
        ("expr int(3) more", "type=sint value=<3>"),
        ("fe_conn(fe)", "type=sint value=<0>"),
    ] {
        let (set, got) = set_and_get(&view, "proc.x", value);
        assert_eq!(
            (set.as_str(), got),
            ("", format!("proc.x: {shown}")),
            "{value}"
        );
    }
    let (_, unchanged) = set_and_get(&view, "proc.x", "var(proc.nobody)");
    assert_eq!(
        unchanged, "proc.x: type=sint value=<0>",
        "nothing is no value"
    );
}

#[test]
fn what_cannot_be_set_is_said() {
    let view = Fake::new();
    for (name, value, why) in [
        ("", "", "Missing process-wide variable identifier."),
        ("proc.x", "", "Missing either 'expr', 'fmt' or expression."),
        ("proc.x", "expr", "unknown fetch method 'expr'"),
        ("proc.x", "expr foo(", "unknown fetch method 'foo'"),
        (
            "proc.x",
            "foo int(3)",
            "'set var': arg type must be either 'expr' or 'fmt' but got 'foo'.",
        ),
        ("proc.x", "str(hi),lengt", "unknown converter 'lengt'"),
        ("proc.x", "str(a)x", "missing comma after fetch keyword"),
        (
            "proc.x",
            "expr src",
            "fetch method 'set-var(proc.x)' extracts information from 'the client's addresses', none of which is available here",
        ),
        (
            "txn.x",
            "int(1)",
            "'set var': cannot set variable 'txn.x', only scope 'proc' is permitted here.",
        ),
        (
            "proc.x",
            "str(a),map(/nope)",
            "invalid args in converter 'map' : map: cannot load map at runtime",
        ),
    ] {
        let (set, got) = set_and_get(&view, name, value);
        assert_eq!(set, why, "{name} {value}");
        if !name.is_empty() {
            assert_eq!(got, "Variable not found.");
        }
    }
}

#[test]
fn conditions_of_a_process_that_has_all_variables() {
    let view = Fake::new();
    let (_, got) = set_and_get(&view, "proc.x,ifnotexists", "int(1)");
    assert_eq!(got, "Variable not found.");
    set_and_get(&view, "proc.x,ifexists", "int(2)");
    let (_, got) = set_and_get(&view, "proc.x", "var(proc.x),add(1)");
    assert_eq!(got, "proc.x: type=sint value=<3>");
}

#[test]
fn variables_are_set_in_experimental_mode_alone_and_by_no_mere_user() {
    let view = Fake::new();
    let restricted = "This command is restricted to experimental mode only.\n\n";
    let at = |level, line| answer_at(level, &view, line);
    assert_eq!(at(AccessLevel::Admin, "set var proc.x int(1)"), restricted);
    let both =
        "experimental-mode on; experimental-mode; experimental-mode off; set var proc.x int(1)";
    assert_eq!(
        at(AccessLevel::Admin, both),
        format!("\nexperimental-mode is ON\n\n\n{restricted}")
    );
    for line in ["get var proc.x", "experimental-mode on"] {
        assert_eq!(at(AccessLevel::User, line), "Permission denied\n\n");
    }
}
