//! How long large lists take to load and to search: `cargo run --release -p sample --example lookups`.
//!
//! Each list has a million entries; keys and what is looked up are drawn from a seed. A lookup is the
//! whole test of an ACL, the cast of the value included; what is told
//! is the best of many parts, because the machine may be shared.

use base::{Epoch, Rng};
use sample::names::Lists;
use sample::pattern::{Acl, Criterion, Matching, References};
use sample::{Type, Value, Work};
use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Instant;

const ENTRIES: u64 = 1_000_000;
const LOOKUPS: usize = 1_000_000;
const PARTS: usize = 50;

/// One file with a million lines.
struct File {
    text: Vec<u8>,
    references: References,
}

impl Lists for File {
    fn references(&mut self) -> &mut References {
        &mut self.references
    }

    fn file(&mut self, _: &str) -> Result<Vec<u8>, String> {
        Ok(std::mem::take(&mut self.text))
    }

    fn optional_file(&mut self, path: &str) -> Result<Option<Vec<u8>>, String> {
        self.file(path).map(Some)
    }

    fn resolve(&mut self, _: &str) -> Option<IpAddr> {
        None
    }

    fn place(&self) -> String {
        "file 'a' line 1".into()
    }
}

fn main() {
    let mut rng = Rng::from_u64(1);
    println!(
        "{:<12}{:>12}{:>14}{:>14}{:>18}",
        "list", "load, CPU s", "hit, ns", "other, ns", "two threads, ns"
    );
    let name = |number: u64| {
        format!(
            "host-{:x}.example-{}.com",
            number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 24,
            number % 97
        )
    };
    let names = |_: &mut Rng, number| name(number);
    let hit = |rng: &mut Rng| Value::Text(name(rng.below(ENTRIES)).into_bytes().into());
    let url = |rng: &mut Rng| {
        Value::Text(
            format!("http://www.{}/a/b?c=d", name(rng.below(ENTRIES)))
                .into_bytes()
                .into(),
        )
    };
    let longer = |rng: &mut Rng| {
        Value::Text(
            format!("{}/a/b?c=d", name(rng.below(ENTRIES)))
                .into_bytes()
                .into(),
        )
    };
    let under = |rng: &mut Rng| {
        Value::Text(
            format!("www.{}", name(rng.below(ENTRIES)))
                .into_bytes()
                .into(),
        )
    };
    let miss = |rng: &mut Rng| {
        Value::Text(
            format!("host-{:x}.example-1.com", rng.below(1 << 40))
                .into_bytes()
                .into(),
        )
    };
    case("str", "-m str", &mut rng, names, hit, miss);
    case("str -i", "-i -m str", &mut rng, names, hit, miss);
    case("beg", "-m beg", &mut rng, names, longer, miss);
    case("end", "-m end", &mut rng, names, under, miss);
    case("dom", "-m dom", &mut rng, names, url, miss);
    case("sub", "-m sub", &mut rng, names, url, miss);
    case(
        "int",
        "-m int",
        &mut rng,
        |rng, _| rng.below(1 << 40).to_string(),
        |rng| Value::Int(rng.below(1 << 40) as i64),
        |rng| Value::Int(rng.below(1 << 40) as i64),
    );
    let v4 = |rng: &mut Rng| Ipv4Addr::from_bits(rng.below(1 << 32) as u32);
    let v6 = |rng: &mut Rng| {
        let low = u128::from(rng.below(1 << 32)) << 64 | u128::from(rng.below(u64::MAX));
        Ipv6Addr::from_bits(0x2a00 << 112 | low)
    };
    case(
        "ip, IPv4",
        "-m ip",
        &mut rng,
        move |rng, _| format!("{}/{}", v4(rng), 16 + rng.below(17)),
        move |rng| Value::Ip4(v4(rng)),
        move |rng| Value::Ip6(v6(rng)),
    );
    case(
        "ip, IPv6",
        "-m ip",
        &mut rng,
        move |rng, _| format!("{}/{}", v6(rng), 32 + rng.below(97)),
        move |rng| Value::Ip6(v6(rng)),
        move |rng| Value::Ip4(v4(rng)),
    );
}

fn case(
    title: &str,
    words: &str,
    rng: &mut Rng,
    key: impl Fn(&mut Rng, u64) -> String,
    hit: impl Fn(&mut Rng) -> Value<'static>,
    other: impl Fn(&mut Rng) -> Value<'static>,
) {
    let mut text = String::new();
    for number in 0..ENTRIES {
        let _ = writeln!(text, "{}", key(rng, number));
    }
    let mut file = File {
        text: text.into_bytes(),
        references: References::new([1, 2]),
    };
    let criterion = Criterion {
        keyword: "it",
        implied: None,
        overridden: false,
        output: match words {
            "-m ip" => Type::Address,
            "-m int" => Type::Int,
            _ => Type::Text,
        },
    };
    assert!(Matching::by_name(words.rsplit(' ').next().unwrap_or_default()).is_some());
    let words: Vec<_> = words.split(' ').chain(["-f", "it"]).collect();
    let started = cpu_nanos();
    let acl = Acl::parse(criterion, &words, &mut file)
        .expect("the list is valid")
        .acl;
    let load = (cpu_nanos() - started) as f64 / 1e9;
    let hits: Vec<_> = (0..LOOKUPS).map(|_| hit(rng)).collect();
    let others: Vec<_> = (0..LOOKUPS).map(|_| other(rng)).collect();
    let one = search(&acl, &hits);
    let missed = search(&acl, &others);
    let two = std::thread::scope(|scope| {
        let second = scope.spawn(|| search(&acl, &others));
        let first = search(&acl, &hits);
        first.max(second.join().unwrap_or_default())
    });
    println!("{title:<12}{load:>12.2}{one:>14.0}{missed:>14.0}{two:>18.0}");
}

/// Looks all values up; nanoseconds for each, in the best part of many, since the machine is shared.
fn search(acl: &Acl, values: &[Value<'static>]) -> f64 {
    let mut work = Work::new(Epoch(0), Rng::from_u64(2), 16_384);
    let mut best = f64::MAX;
    for part in values.chunks(LOOKUPS / PARTS) {
        let started = now();
        let mut found = 0;
        for value in part {
            found += usize::from(acl.matches(borrowed(value), &mut work));
        }
        std::hint::black_box(found);
        let elapsed = started.elapsed().as_secs_f64();
        best = best.min(elapsed * 1e9 / part.len() as f64);
    }
    best
}

fn borrowed<'a>(value: &'a Value<'static>) -> Value<'a> {
    match value {
        Value::Text(text) => Value::text(text),
        Value::Int(it) => Value::Int(*it),
        Value::Ip4(it) => Value::Ip4(*it),
        Value::Ip6(it) => Value::Ip6(*it),
        other => other.clone(),
    }
}

/// What this thread has computed, in nanoseconds: others may compute on the same machine.
fn cpu_nanos() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let first = text.split(' ').next().unwrap_or_default();
    first.parse().unwrap_or_default()
}

#[expect(clippy::disallowed_methods, reason = "time is what is measured")]
fn now() -> Instant {
    Instant::now()
}
