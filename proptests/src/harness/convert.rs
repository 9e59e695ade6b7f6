//! Converters: any value through any of them, with any arguments.

use base::{Epoch, Rng};
use sample::args::{self, Kind, Owner};
use sample::cast::{cast, castable};
use sample::convert::Converter;
use sample::names::Names;
use sample::vars::{Scope, Variable};
use sample::{Type, Value, Work};
use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};

/// No value grows beyond it, bytes.
const BUFSIZE: usize = 256;

/// Converters in one expression.
const STEPS_MAX: usize = 6;

/// Whatever stands in an expression, its arguments are read or refused; whatever comes in, each step
/// yields a value of its type that fits into a buffer, or nothing; and the same again the second time.
pub fn bytes_through_converters(input: &[u8]) {
    let mut bytes = Source(input);
    let value = bytes.value();
    let converters: Vec<&'static Converter> = Converter::all().collect();
    let mut names = Known::default();
    let mut steps = Vec::new();
    while steps.len() < STEPS_MAX && !bytes.0.is_empty() {
        let converter = converters[usize::from(bytes.number()) % converters.len()];
        let text = bytes.arguments(converter);
        let owner = Owner::Converter(converter.name);
        let Ok((mut args, taken)) = args::parse(owner, converter.args, &text, &mut names) else {
            continue;
        };
        assert!(taken <= text.len(), "{text:?}");
        let checked = converter.check.map(|check| check(&mut args, &mut names));
        if let Some(Err(why)) = checked {
            assert!(!why.is_empty(), "{} {text:?}", converter.name);
            continue;
        }
        steps.push((converter, args, text));
    }
    let first = run(value.clone(), &steps);
    assert_eq!(first, run(value, &steps), "run twice");
}

type Step = (&'static Converter, args::Args, String);

fn run(value: Value<'_>, steps: &[Step]) -> Option<Value<'static>> {
    let mut work = Work::new(Epoch(0), Rng::from_u64(1), BUFSIZE);
    let mut value = value;
    for (converter, args, text) in steps {
        let from = value.kind();
        let Some(input) = cast(value, converter.input, &mut work) else {
            // Only of texts and of IPv6 addresses it depends on what they are.
            let unsure = matches!(from, Type::Text | Type::Ip6);
            let to = converter.input;
            assert!(unsure || !castable(from, to), "{from:?} is no {to:?}");
            return None;
        };
        value = (converter.run)(input, args, &mut work)?;
        let kind = value.kind();
        let is_wanted = match converter.output {
            Type::Any => true,
            Type::Address => matches!(kind, Type::Ip4 | Type::Ip6),
            // `bytes` leaves a text what it is.
            Type::Bytes => matches!(kind, Type::Bytes | Type::Text),
            wanted => kind == wanted,
        };
        assert!(is_wanted, "{}{text} yields {kind:?}", converter.name);
        let length = length(&value);
        assert!(
            length <= BUFSIZE,
            "{}{text} yields {length} bytes",
            converter.name
        );
    }
    Some(value.into_owned())
}

pub(super) fn length(value: &Value<'_>) -> usize {
    match value {
        Value::Text(it) | Value::Bytes(it) | Value::Method(it) => it.len(),
        Value::Bool(_) | Value::Int(_) | Value::Ip4(_) | Value::Ip6(_) => 0,
    }
}

/// Bytes that decide.
struct Source<'i>(&'i [u8]);

impl<'i> Source<'i> {
    fn byte(&mut self) -> u8 {
        let [byte, rest @ ..] = self.0 else {
            return 0;
        };
        self.0 = rest;
        *byte
    }

    fn number(&mut self) -> u16 {
        u16::from_be_bytes([self.byte(), self.byte()])
    }

    /// Up to `most` bytes.
    fn some(&mut self, most: usize) -> &'i [u8] {
        let count = usize::from(self.byte()) % (most + 1);
        let (some, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        some
    }

    fn fixed<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.byte())
    }

    fn value(&mut self) -> Value<'i> {
        match self.byte() % 8 {
            0 => Value::Bool(self.byte() & 1 == 1),
            1 => Value::Int(i64::from_be_bytes(self.fixed())),
            2 => Value::Int(i64::from(self.number()) - 300),
            3 => Value::Ip4(Ipv4Addr::from(self.fixed::<4>())),
            4 => Value::Ip6(Ipv6Addr::from(self.fixed::<16>())),
            5 => Value::Bytes(Cow::Borrowed(self.some(BUFSIZE))),
            6 => Value::Method(Cow::Borrowed(self.some(16))),
            _ => Value::Text(Cow::Borrowed(self.some(BUFSIZE))),
        }
    }

    /// `(a,b,…)`: mostly of the kinds that are wanted.
    fn arguments(&mut self, converter: &Converter) -> String {
        if self.byte().is_multiple_of(16) {
            return String::from_utf8_lossy(self.some(64)).into_owned();
        }
        let kinds = converter.args.kinds;
        let optional = kinds.len() - converter.args.needed;
        let count = converter.args.needed + usize::from(self.byte()) % (optional + 1);
        if count == 0 {
            return String::new();
        }
        let args: Vec<String> = kinds[..count]
            .iter()
            .map(|kind| self.argument(*kind))
            .collect();
        format!("({})", args.join(","))
    }

    fn argument(&mut self, kind: Kind) -> String {
        match kind {
            Kind::Int => match self.byte() % 4 {
                0 => i64::from_be_bytes(self.fixed()).to_string(),
                1 => String::new(),
                _ => (i64::from(self.byte()) - 8).to_string(),
            },
            Kind::Mask4 => (self.byte() % 33).to_string(),
            Kind::Mask6 => (self.byte() % 129).to_string(),
            Kind::Ip4 => Ipv4Addr::from(self.fixed::<4>()).to_string(),
            Kind::Ip6 => Ipv6Addr::from(self.fixed::<16>()).to_string(),
            Kind::Variable => VARIABLES[usize::from(self.byte()) % VARIABLES.len()].into(),
            _ => match self.byte() % 4 {
                0 => format!(
                    "'{}'",
                    String::from_utf8_lossy(self.some(16)).replace('\'', "")
                ),
                _ => WORDS[usize::from(self.byte()) % WORDS.len()].into(),
            },
        }
    }
}

const VARIABLES: [&str; 5] = ["txn.a", "txn.b", "proc.a", "res.a", "ptxn.a"];

/// Words that one converter or another understands.
const WORDS: [&str; 48] = [
    "",
    "0",
    "1",
    "-1",
    "7",
    "128",
    "256",
    "a",
    "b",
    "-",
    "_",
    ".",
    "';'",
    "','",
    "'&'",
    "0x26",
    "txn.a",
    "txn.b",
    "any",
    "http",
    "0x2401",
    "utf8",
    "utf8s",
    "utf8ps",
    "ascii",
    "int",
    "$",
    "$.a",
    "$.a[1].b",
    "$[0]",
    "s",
    "ms",
    "us",
    "'%Y-%m-%d %H:%M:%S'",
    "'%3N %_10z%^c%s'",
    "'%99999999d'",
    "for",
    "host",
    "proto",
    "query",
    "g",
    "gi",
    "'(a*)(b|c)?'",
    "'\\\\2\\\\1x'",
    "ifset",
    "ifgt",
    "sha256",
    "Zm9vb2Zvb29mb29wZm9vbw==",
];

/// Variables by number; nothing else has a name here.
#[derive(Default)]
pub(super) struct Known(Vec<String>);

impl Names for Known {
    fn frontend(&mut self, _: Option<&str>) -> Result<u32, String> {
        Err("no frontends".into())
    }

    fn backend(&mut self, _: Option<&str>) -> Result<u32, String> {
        Err("no backends".into())
    }

    fn server(&mut self, _: &str) -> Result<(u32, u32), String> {
        Err("no servers".into())
    }

    fn table(&mut self, _: Option<&str>) -> Result<u32, String> {
        Err("no tables".into())
    }

    fn userlist(&mut self, _: &str) -> Result<u32, String> {
        Err("no user lists".into())
    }

    fn variable(&mut self, name: &str) -> Result<Variable, String> {
        let scope = match name.split_once('.') {
            Some(("proc", _)) => Scope::Process,
            Some(("txn", _)) => Scope::Transaction,
            Some(("res", _)) => Scope::Response,
            Some(("ptxn", _)) => Scope::Parent(sample::vars::Parental::Transaction),
            Some(_) | None => return Err(format!("no scope in '{name}'")),
        };
        let at = self.0.iter().position(|it| it == name);
        let at = at.unwrap_or_else(|| {
            self.0.push(name.into());
            self.0.len() - 1
        });
        let name = u32::try_from(at).map_err(|_| "too many variables")?;
        Ok(Variable { scope, name })
    }

    fn file(&mut self, path: &str) -> Result<Vec<u8>, String> {
        Err(format!("unable to read '{path}'"))
    }

    fn environment(&self, _: &str) -> Option<String> {
        None
    }
}
