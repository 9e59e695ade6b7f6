//! Rules and requests that meet often enough.

use proptest::prelude::*;
use std::net::IpAddr;

/// What stands in front of the rules.
pub(super) const HEAD: &str = "\
defaults
    mode http
    timeout client 10s
    timeout server 10s
    timeout connect 1s
backend b
    server a 127.0.0.1:90
frontend in
    bind 127.0.0.1:80
    default_backend b
";

/// A request as it comes.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) method: &'static str,
    pub(super) target: String,
    pub(super) fields: Vec<(&'static str, String)>,
    pub(super) peer: IpAddr,
}

/// A change of a list at run time.
#[derive(Clone, Debug)]
pub(super) struct Edited {
    pub(super) list: usize,
    pub(super) key: String,
    pub(super) deletes: bool,
}

fn one_of(all: &'static [&'static str]) -> impl Strategy<Value = &'static str> + Clone {
    prop::sample::select(all)
}

/// A piece of a path, a host or a header.
fn piece() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "a",
        "b",
        "B",
        "ab",
        "aB",
        "abc",
        "ABCDE",
        "abcdefg",
        "bcdefgh",
        "x",
        "1",
        ".",
        "..",
        "/",
        "/a",
        "a/",
        "%2f",
        "abc.example",
        "example",
        "_",
        "@",
        "?",
    ];
    prop::collection::vec(one_of(PIECES), 1..3).prop_map(|all| all.concat())
}

fn address() -> impl Strategy<Value = IpAddr> {
    const ALL: &[&str] = &[
        "10.1.2.3",
        "10.1.2.4",
        "10.200.0.1",
        "192.0.2.1",
        "0.0.0.0",
        "255.255.255.255",
        "::1",
        "::ffff:10.1.2.3",
        "2002:0a01:0203::1",
        "2001:db8::7",
    ];
    one_of(ALL).prop_map(|text| text.parse().expect("an address"))
}

fn network() -> impl Strategy<Value = String> {
    const MASKS: &[&str] = &["", "/32", "/24", "/8", "/1", "/0", "/255.0.0.255"];
    let v4 = (address(), one_of(MASKS));
    let v6 = (address(), 0..=128_u8);
    prop_oneof![
        4 => v4.prop_map(|(address, mask)| match address {
            IpAddr::V4(address) => format!("{address}{mask}"),
            IpAddr::V6(address) => format!("{address}"),
        }),
        1 => v6.prop_map(|(address, bits)| match address {
            IpAddr::V4(address) => format!("{address}/{}", bits % 33),
            IpAddr::V6(address) => format!("{address}/{bits}"),
        }),
    ]
}

fn regex() -> impl Strategy<Value = String> {
    const PARTS: &[&str] = &[
        "^", "a", "B", "[ab]", "b+", "(?i)", "(cd|x)", ".", "[^/-z]", "abc", "(?=b)", "/", "^/a",
    ];
    let parts = prop::collection::vec(one_of(PARTS), 1..5);
    // A repetition needs something in front of it, which is what this begins with.
    (one_of(&["", "^", "/", "x"]), parts).prop_map(|(first, rest)| {
        let rest = rest.concat();
        let joined = format!("{first}{rest}");
        joined
            .replace("^b+", "^b")
            .replace(")b+", ")b")
            .trim_start_matches('+')
            .into()
    })
}

/// What stands between braces.
fn test() -> impl Strategy<Value = String> {
    const TEXTS: &[&str] = &[
        "path",
        "url",
        "base",
        "query",
        "method",
        "req.hdr(x-a)",
        "hdr(x-b)",
        "req.fhdr(X-A)",
        "hdr(host)",
        "hdr(host),lower",
        "req.hdr(x-a,1)",
        "url_param(a)",
        "cook(c)",
        "path,field(2,/)",
        "str(abc)",
        "hdr()",
    ];
    const WAYS: &[&str] = &["str", "beg", "end", "sub", "dir", "dom", "len"];
    let flag = one_of(&["", "", "-i "]);
    let patterns = || prop::collection::vec(piece(), 1..4).prop_map(|all| all.join(" "));
    let text = (one_of(TEXTS), one_of(WAYS), flag.clone(), patterns());
    let regexes = prop::collection::vec(regex(), 1..3).prop_map(|all| all.join(" "));
    let networks = prop::collection::vec(network(), 1..4).prop_map(|all| all.join(" "));
    const NUMBERS: &[&str] = &["1", "0", "gt 1", "1:2", ":1"];
    const FIXED: &[&str] = &[
        "always_true",
        "always_false",
        "req.hdr(x-a) -m found",
        "path -m found",
        "src -m found",
        "hdr_ip(x-ip) -m found",
        "nbsrv(b) ge 0",
        "rand(2) lt 9",
    ];
    prop_oneof![
        6 => text.prop_map(|(text, way, flag, patterns)| match way {
            "len" => format!("{text} -m len 3"),
            way => format!("{text} -m {way} {flag}{patterns}"),
        }),
        2 => (one_of(&["path_reg", "hdr_reg(x-a)"]), flag, regexes)
            .prop_map(|(keyword, flag, regexes)| format!("{keyword} {flag}{regexes}")),
        2 => (one_of(&["src", "hdr_ip(x-ip)"]), networks)
            .prop_map(|(keyword, networks)| format!("{keyword} {networks}")),
        1 => (one_of(&["req.hdr_cnt(x-a)", "hdr_val(x-a)"]), one_of(NUMBERS))
            .prop_map(|(keyword, number)| format!("{keyword} {number}")),
        1 => one_of(&["GET", "POST", "get"]).prop_map(|name| format!("method {name}")),
        1 => one_of(FIXED).prop_map(String::from),
    ]
}

fn term() -> impl Strategy<Value = String> {
    let term = prop_oneof![
        4 => test().prop_map(|test| format!("{{ {test} }}")),
        1 => (0..ACLS).prop_map(|at| format!("acl{at}")),
    ];
    (prop::bool::weighted(0.15), term)
        .prop_map(|(negated, term)| format!("{}{term}", if negated { "!" } else { "" }))
}

fn suite() -> impl Strategy<Value = String> {
    let terms = prop_oneof![
        3 => prop::collection::vec(term(), 1),
        1 => prop::collection::vec(term(), 2..4),
    ];
    terms.prop_map(|terms| terms.join(" "))
}

fn condition() -> impl Strategy<Value = String> {
    let suites = prop_oneof![
        3 => prop::collection::vec(suite(), 1),
        1 => prop::collection::vec(suite(), 2..4),
    ];
    (prop::bool::weighted(0.1), suites).prop_map(|(unless, suites)| {
        let word = if unless { "unless" } else { "if" };
        format!("{word} {}", suites.join(" || "))
    })
}

fn rule() -> impl Strategy<Value = String> {
    let piece = || piece().prop_map(|piece| piece.replace('%', "%%"));
    let action = prop_oneof![
        6 => Just("deny".to_owned()),
        1 => piece().prop_map(|value| format!("set-header x-a {value}")),
        1 => piece().prop_map(|value| format!("add-header X-B {value}")),
        1 => piece().prop_map(|value| format!("set-header Host {value}")),
        1 => Just("del-header x-a".to_owned()),
        1 => Just("del-header x- -m beg".to_owned()),
        1 => piece().prop_map(|value| format!("set-path /{}", value.replace('?', "x"))),
        1 => Just("set-method POST".to_owned()),
        1 => Just("set-src hdr(x-ip)".to_owned()),
        1 => Just("set-var(txn.a) path".to_owned()),
    ];
    (action, prop::option::weighted(0.9, condition())).prop_map(|(action, condition)| {
        format!(
            "    http-request {action} {}\n",
            condition.unwrap_or_default()
        )
    })
}

/// A frontend with named ACLs of one line or two, and rules: sometimes more than one screen is for.
pub(super) fn configuration() -> impl Strategy<Value = String> {
    let acls = prop::collection::vec((test(), prop::option::of(test())), ACLS);
    let rules = prop::collection::vec(rule(), 1..40);
    let times = prop_oneof![8 => Just(1), 1 => Just(16)];
    (acls, rules, times).prop_map(|(acls, rules, times)| {
        let mut text = HEAD.to_owned();
        for (at, (one, other)) in acls.into_iter().enumerate() {
            for test in [Some(one), other].into_iter().flatten() {
                text += &format!("    acl acl{at} {test}\n");
            }
        }
        text + &rules.concat().repeat(times)
    })
}

pub(super) fn request() -> impl Strategy<Value = Request> {
    const NAMES: &[&str] = &["x-a", "X-A", "x-b", "host", "x-ip", "cookie"];
    let value = prop_oneof![
        3 => piece(),
        1 => (piece(), piece()).prop_map(|(a, b)| format!("{a}, {b}")),
        1 => address().prop_map(|address| address.to_string()),
        1 => piece().prop_map(|value| format!("c={value}")),
    ];
    let fields = prop::collection::vec((one_of(NAMES), value), 0..5);
    let method = one_of(&["GET", "POST", "get"]);
    let target = (piece(), prop::option::of(piece())).prop_map(|(path, query)| match query {
        Some(query) => format!("/{path}?a={query}"),
        None => format!("/{path}"),
    });
    (method, target, fields, address()).prop_map(|(method, target, fields, peer)| Request {
        method,
        target,
        fields,
        peer,
    })
}

pub(super) fn edited() -> impl Strategy<Value = Edited> {
    let key = prop_oneof![2 => piece(), 1 => network(), 1 => Just("1".to_owned())];
    (any::<usize>(), key, any::<bool>()).prop_map(|(list, key, deletes)| Edited {
        list,
        key,
        deletes,
    })
}

const ACLS: usize = 4;
