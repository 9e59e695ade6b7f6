//! What haproxy 3.5-dev says to expressions, line by line, against what we say (`reference/*.tsv`).
//!
//! A line is an expression, a tab, and `=` with the text it yields, or `:` with its type and text, or
//! `none`, or `error`, perhaps with what is said. `set NAME` in place of the result sets a variable for
//! the lines behind it.

use crate::args::{self, Args, Kind, Owner, Signature};
use crate::cast::{cast, castable};
use crate::convert::Converter;
use crate::names::{Lists, Names};
use crate::pattern::world::World;
use crate::value::{Type, Value};
use crate::vars::{Parental, Scope, Variable};
use crate::work::Work;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use base::{Epoch, Rng};

/// What the reference is made with, bytes.
const BUFSIZE: usize = 16_384;

/// One line: what an expression yields.
#[derive(Debug, PartialEq, Eq)]
enum Yields {
    /// Of this type, this text.
    Text(&'static str, String),
    Nothing,
    Error(String),
}

impl Yields {
    /// Whether `line` says so.
    fn is(&self, line: &str) -> bool {
        match self {
            Self::Text(kind, text) => match line.strip_prefix(':') {
                Some(typed) => typed.split_once(' ') == Some((kind, text)),
                None => line.strip_prefix('=') == Some(text),
            },
            Self::Nothing => line == "none",
            Self::Error(why) => match line.strip_prefix("error ") {
                Some(said) => said == why,
                None => line == "error",
            },
        }
    }
}

/// Variables by number, and some maps; nothing else has a name here.
struct Known(Vec<String>, World);

impl Default for Known {
    fn default() -> Self {
        Self(Vec::new(), World::with(MAPS))
    }
}

/// The maps that `reference/map.tsv` looks things up in.
const MAPS: &[(&str, &str)] = &[
    (
        "s.map",
        "# a comment\nab 1\n  abc \t two words \t\nab 3\nempty\n",
    ),
    (
        "r.map",
        "^(a)(b)?(.*)$ [\\1][\\2][\\3]\\0\\9\\-\nz+ \\\\\n^q(.) \\10\n",
    ),
    ("i.map", "5 55\n10:20 1020\n:3 33\n"),
    ("p.map", "10.0.0.0/8 ten\n10.1.0.0/16 ten-one\n::/0 six\n"),
    ("q.map", "10.0.0.0/8 1.1.1.1\n11.0.0.0/8 ::5\n"),
    ("e.map", "com 3\n.org -4\n"),
    ("d.map", "foo.com F\ncom C\na/b S\n"),
];

impl Names for Known {
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

    fn variable(&mut self, name: &str) -> Result<Variable, String> {
        let (scope, rest) = name.split_once('.').unwrap_or_default();
        let scope = match scope {
            "proc" => Scope::Process,
            "sess" => Scope::Session,
            "txn" => Scope::Transaction,
            "req" => Scope::Request,
            "res" => Scope::Response,
            "psess" => Scope::Parent(Parental::Session),
            "ptxn" => Scope::Parent(Parental::Transaction),
            _ => return Err(no_scope(name)),
        };
        let is_good = |byte: &char| byte.is_ascii_alphanumeric() || matches!(byte, '_' | '.');
        match rest.chars().find(|byte| !is_good(byte)) {
            Some(bad) => return Err(format!("invalid syntax at char '{bad}'")),
            None if rest.is_empty() => return Err(no_scope(name)),
            None => {}
        }
        let at = self.0.iter().position(|it| it == name);
        let at = at.unwrap_or_else(|| {
            self.0.push(name.to_string());
            self.0.len() - 1
        });
        Ok(Variable {
            scope,
            name: at as u32,
        })
    }

    fn file(&mut self, path: &str) -> Result<Vec<u8>, String> {
        let key = match path {
            "bad.pem" => include_str!("reference/keys/bad.pem"),
            "es256.pem" => include_str!("reference/keys/es256.pem"),
            "es384.pem" => include_str!("reference/keys/es384.pem"),
            "es512.pem" => include_str!("reference/keys/es512.pem"),
            "rsa.pem" => include_str!("reference/keys/rsa.pem"),
            "rsa-pkcs1.pem" => include_str!("reference/keys/rsa-pkcs1.pem"),
            _ => return Err(format!("unable to read '{path}'")),
        };
        Ok(key.into())
    }

    fn environment(&self, _: &str) -> Option<String> {
        None
    }

    fn lists(&mut self) -> Result<&mut dyn Lists, String> {
        Ok(&mut self.1)
    }
}

const TABLES: &[&str] = &[
    include_str!("reference/address.tsv"),
    include_str!("reference/aes.tsv"),
    include_str!("reference/base64.tsv"),
    include_str!("reference/control.tsv"),
    include_str!("reference/dates.tsv"),
    include_str!("reference/digest.tsv"),
    include_str!("reference/fix.tsv"),
    include_str!("reference/hash.tsv"),
    include_str!("reference/hex.tsv"),
    include_str!("reference/joining.tsv"),
    include_str!("reference/json.tsv"),
    include_str!("reference/json_query.tsv"),
    include_str!("reference/jwt.tsv"),
    include_str!("reference/jwe.tsv"),
    include_str!("reference/language.tsv"),
    include_str!("reference/map.tsv"),
    include_str!("reference/mqtt.tsv"),
    include_str!("reference/numbers.tsv"),
    include_str!("reference/packet.tsv"),
    include_str!("reference/parts.tsv"),
    include_str!("reference/protobuf.tsv"),
    include_str!("reference/regsub.tsv"),
    include_str!("reference/rfc7239.tsv"),
    include_str!("reference/text.tsv"),
    include_str!("reference/url.tsv"),
    include_str!("reference/variables.tsv"),
    include_str!("reference/x509.tsv"),
];

#[test]
fn expressions_yield_what_the_reference_yields() {
    let mut failed = Vec::new();
    let abroad = [include_str!("reference/local.tsv")];
    let zones = TABLES.iter().copied().map(|table| (table, 0));
    for (table, utc_offset_minutes) in zones.chain(abroad.map(|table| (table, 120))) {
        let mut names = Known::default();
        let mut work = Work::new(Epoch(0), Rng::from_u64(1), BUFSIZE);
        work.utc_offset_minutes = utc_offset_minutes;
        for line in table.lines() {
            let (text, said) = line.split_once('\t').expect("a tab");
            if let Some(name) = said.strip_prefix("set ") {
                let variable = names.variable(name).expect("a variable");
                if let Some(value) = eval_owned(text, &mut names, &mut work) {
                    work.set_variable(&variable, value);
                }
                continue;
            }
            let ours = eval(text, &mut names, &mut work);
            if !ours.is(said) {
                failed.push(format!("{text}\n  reference {said}\n  ours      {ours:?}"));
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// Every expression of the tables with its input cut, changed in a byte, or made longer.
#[test]
fn changed_inputs_never_panic_and_what_comes_out_fits_into_a_buffer() {
    let mut rng = Rng::from_u64(7);
    let mut work = Work::new(Epoch(0), Rng::from_u64(1), BUFSIZE);
    for table in TABLES {
        let mut names = Known::default();
        for line in table.lines().filter(|line| !line.contains("\tset ")) {
            let text = line.split('\t').next().unwrap_or_default();
            let Ok((Head::Is(value), steps)) = parse(text, &mut names) else {
                continue;
            };
            let (mut bytes, is_text) = match value {
                Value::Text(text) => (text.into_owned(), true),
                Value::Bytes(bytes) => (bytes.into_owned(), false),
                _ => continue,
            };
            let at = rng.below(bytes.len() as u64 + 1) as usize;
            match rng.below(3) {
                0 => bytes.truncate(at),
                1 => bytes
                    .get_mut(at)
                    .into_iter()
                    .for_each(|it| *it = rng.next_u64() as u8),
                _ => bytes.extend((0..at).map(|_| rng.next_u64() as u8)),
            }
            let head = match is_text {
                true => Value::Text(bytes.into()),
                false => Value::Bytes(bytes.into()),
            };
            let value = run(Head::Is(head), &steps, &mut work);
            let value = value.and_then(|value| cast(value, Type::Bytes, &mut work));
            if let Some(Value::Bytes(bytes)) = value {
                assert!(bytes.len() <= BUFSIZE, "{text}");
            }
        }
    }
}

/// Bodies of so many times one byte, put through `req.body,…,length`.
#[test]
fn digits_that_do_not_fit_into_a_buffer_are_left_out_as_the_reference_does() {
    let check = |length, byte: u8, steps, yields: Option<&str>| {
        let body: String = core::iter::repeat_n(format!("{byte:02x}"), length).collect();
        let mut work = Work::new(Epoch(0), Rng::from_u64(1), BUFSIZE);
        let text = format!("bin({body}),{steps},length");
        let ours = eval(&text, &mut Known::default(), &mut work);
        let said = yields.map_or(Yields::Nothing, |text| {
            Yields::Text("sint", text.to_string())
        });
        assert_eq!(ours, said, "{length} times {byte} through {steps}");
    };
    check(8192, b'z', "hex", Some("16384"));
    check(8193, b'z', "hex", None);
    check(8192, b'z', "be2hex(,2)", Some("16384"));
    check(8193, b'z', "be2hex(,2)", None);
    check(15_000, b'z', "be2hex(:,1)", Some("16382"));
    check(15_000, b'z', "be2hex(:::::,3)", Some("16374"));
    check(4468, b'z', "be2hex(:::::,3)", Some("16374"));
    check(6554, b'z', "be2hex(:,2)", Some("16384"));
    check(6555, b'z', "be2hex(:,2)", Some("16384"));
    check(7292, b'z', "be2hex(:,4,1)", Some("16379"));
    check(15_000, b'z', "be2dec(,1)", Some("16383"));
    check(15_000, b'z', "be2dec(:,2)", Some("16379"));
    check(15_000, b'z', "be2dec(:::::::,2)", Some("16373"));
    check(8193, 0x10, "be2dec(,1)", Some("16382"));
    check(15_000, b'z', "le2dec(:,2)", Some("16379"));
    check(12_285, b'a', "base64", Some("16380"));
    check(12_286, b'a', "base64", None);
    check(12_285, b'a', "ub64enc", Some("16380"));
    check(12_286, b'a', "ub64enc", None);
    check(2_048, b'a', "base2", Some("16384"));
    check(2_049, b'a', "base2", None);
    check(5_460, b'%', "url_enc", Some("16380"));
    check(5_461, b'%', "url_enc", None);
    check(8_192, b'/', "json", Some("16384"));
    check(8_193, b'/', "json", None);
    check(8_192, b'a', "regsub(a,bb,g)", Some("16384"));
    check(9_000, b'a', "regsub(a,bb,g)", Some("16384"));
    check(16_383, b'a', "regsub(a,bb)", Some("16384"));
    check(16_381, b'a', "concat(bb)", Some("16383"));
    check(
        16_384,
        b'a',
        "concat(bb,txn.none,cccccccccccccccccccccccccccccccc)",
        None,
    );
}

#[test]
fn all_matches_of_a_substitution_together_have_one_limit_of_tries() {
    let matching = format!(
        r#"str("{}b"),regsub("a(?=(?:a|z)*b)","",g),length"#,
        "a".repeat(4_000)
    );
    let mut work = Work::new(Epoch(0), Rng::from_u64(1), BUFSIZE);
    let Yields::Text("sint", left) = eval(&matching, &mut Known::default(), &mut work) else {
        panic!("no length");
    };
    let left: usize = left.parse().expect("a number");
    assert!((2..4_000).contains(&left), "{left} bytes are left");
}

/// What an expression begins with.
enum Head {
    Is(Value<'static>),
    Variable(Variable),
}

type Steps = Vec<(&'static Converter, Args)>;

fn eval_owned(text: &str, names: &mut Known, work: &mut Work) -> Option<Value<'static>> {
    let (head, steps) = parse(text, names).expect("an expression");
    run(head, &steps, work).map(Value::into_owned)
}

fn eval(text: &str, names: &mut Known, work: &mut Work) -> Yields {
    let (head, steps) = match parse(text, names) {
        Ok(parsed) => parsed,
        Err(why) => return Yields::Error(why),
    };
    let Some(value) = run(head, &steps, work) else {
        return Yields::Nothing;
    };
    let kind = value.kind().name();
    let text = match value {
        Value::Bytes(bytes) => Some(Value::Text(bytes)),
        value => cast(value, Type::Text, work),
    };
    match text {
        Some(Value::Text(text)) => {
            let shown = text.escape_ascii().to_string();
            work.done(Value::Text(text));
            Yields::Text(kind, shown)
        }
        _ => Yields::Nothing,
    }
}

fn run<'a>(
    head: Head,
    steps: &'a [(&'static Converter, Args)],
    work: &mut Work,
) -> Option<Value<'a>> {
    let mut value = match head {
        Head::Is(value) => value,
        Head::Variable(variable) => work.variable(&variable)?,
    };
    for (converter, args) in steps {
        value = cast(value, converter.input, work)?;
        value = (converter.run)(value, args, work)?;
    }
    Some(value)
}

fn parse(text: &str, names: &mut Known) -> Result<(Head, Steps), String> {
    let (name, rest) = text.split_at(word(text));
    let one = Signature::new(1, &[Kind::Text]);
    let (arg, taken) = args::parse(Owner::Fetch(name), one, rest, names)?;
    let inside = arg.text(0).unwrap_or_default().to_vec();
    let words = String::from_utf8_lossy(&inside);
    let head = match name {
        "var" => Head::Variable(names.variable(&words)?),
        "str" => Head::Is(Value::Text(inside.into())),
        "bin" if inside.is_empty() => return Err("no digits".to_string()),
        "bin" => Head::Is(Value::Bytes(unhex(&words).into())),
        "int" => Head::Is(Value::Int(words.parse().expect("a number"))),
        "bool" => Head::Is(Value::Bool(inside == b"true")),
        "always_true" => Head::Is(Value::Bool(true)),
        "ipv4" => Head::Is(Value::Ip4(words.parse().expect("an address"))),
        "ipv6" => Head::Is(Value::Ip6(words.parse().expect("an address"))),
        "method" => Head::Is(Value::Method(b"GET".into())),
        other => return Err(format!("no fetch {other}")),
    };
    let mut from = match &head {
        Head::Is(value) => value.kind(),
        Head::Variable(_) => Type::Any,
    };
    let mut rest = &rest[taken..];
    let mut steps = Vec::new();
    while let Some(next) = rest.strip_prefix(',') {
        let (name, after) = next.split_at(word(next));
        let converter = Converter::find(name).ok_or_else(|| format!("no converter {name}"))?;
        if !castable(from, converter.input) {
            return Err(format!("converter '{name}' cannot be applied"));
        }
        let owner = Owner::Converter(name);
        let (mut args, taken) = args::parse(owner, converter.args, after, names)?;
        if let Some(check) = converter.check {
            check(&mut args, names).map_err(|why| owner.refuses(&why))?;
        }
        if (converter.input, converter.output) != (Type::Any, Type::Any) {
            from = converter.output;
        }
        steps.push((converter, args));
        rest = &after[taken..];
    }
    if rest.is_empty() {
        Ok((head, steps))
    } else {
        Err(format!("left over: {rest}"))
    }
}

/// How long the word is that `text` begins with, bytes.
fn word(text: &str) -> usize {
    text.find(['(', ',']).unwrap_or(text.len())
}

fn no_scope(name: &str) -> String {
    let scopes = "'proc', '(p)sess', '(p)txn', '(p)req', '(p)res' or 'check'";
    format!(
        "invalid variable name '{name}'. A variable name must start with its scope. The scope can be {scopes}"
    )
}

fn unhex(digits: &str) -> Vec<u8> {
    let pairs = (0..digits.len()).step_by(2);
    pairs
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).expect("two digits"))
        .collect()
}
