//! Patterns compared one after the other, as the manual describes it.

use crate::pattern::{How, Matching};
use crate::value::Value;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether `key` matches `value`, and how well: of several matches the best wins, of equally good ones
/// the first.
pub(super) fn quality(how: How, key: &str, value: &Value<'_>) -> Option<i64> {
    let fold = |text: &str| match how.ignore_case {
        true => text.to_ascii_lowercase(),
        false => text.into(),
    };
    let key = &*fold(key);
    let text = match value {
        Value::Text(text) | Value::Bytes(text) => fold(core::str::from_utf8(text).ok()?),
        _ => String::new(),
    };
    let text = &*text;
    let matches = match (how.matching, value) {
        (Matching::Str, _) => text == key,
        (Matching::Beg, _) if text.starts_with(key) && !how.ignore_case => {
            return Some(key.len() as i64);
        }
        (Matching::Beg, _) => text.starts_with(key),
        (Matching::End, _) => text.ends_with(key),
        (Matching::Sub, _) => text.contains(key),
        (Matching::Dir, _) => between(text, key, "/?"),
        (Matching::Dom, _) => between(text, key, "/?.:"),
        (Matching::Bin, _) => hex(text) == key.to_ascii_lowercase(),
        (Matching::Len, _) => within(key, text.len() as i64),
        (Matching::Int, Value::Int(number)) => within(key, *number),
        (Matching::Ip, Value::Ip4(address)) => return network(key, IpAddr::V4(*address)),
        (Matching::Ip, Value::Ip6(address)) => return network(key, IpAddr::V6(*address)),
        _ => false,
    };
    matches.then_some(0)
}

fn hex(text: &str) -> String {
    text.bytes()
        .map(|byte| alloc::format!("{byte:02x}"))
        .collect()
}

/// Whether `key`, without what parts at its ends, is a run of whole segments of `text`.
fn between(text: &str, key: &str, parting: &str) -> bool {
    let parts = |c| parting.contains(c);
    let key = key.trim_matches(parts);
    let starts = (0..=text.len()).filter(|&at| {
        let behind = at == 0 || text[..at].ends_with(parts);
        behind && !text[at..].starts_with(parts)
    });
    starts.into_iter().any(|at| {
        let rest = text[at..].strip_prefix(key);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(parts))
    })
}

fn within(key: &str, number: i64) -> bool {
    match key.split_once(':') {
        Some((from, to)) => {
            from.parse().holds_if_there(|from: i64| from <= number)
                && to.parse().holds_if_there(|to: i64| number <= to)
        }
        None => key.parse() == Ok(number),
    }
}

/// What is missing is no bound.
trait Bound<T> {
    fn holds_if_there(self, holds: impl FnOnce(T) -> bool) -> bool;
}

impl<T, E> Bound<T> for Result<T, E> {
    fn holds_if_there(self, holds: impl FnOnce(T) -> bool) -> bool {
        self.map_or(true, holds)
    }
}

/// The longest mask wins; what is of the same family wins over what has to be turned into it, and a mask
/// with holes loses.
fn network(key: &str, address: IpAddr) -> Option<i64> {
    let (network, mask) = key.split_once('/').unwrap_or((key, ""));
    if let Ok(network) = network.parse::<Ipv6Addr>() {
        let bits: u32 = mask.parse().unwrap_or(128);
        let (address, bonus) = match address {
            IpAddr::V4(address) => (address.to_ipv6_mapped(), 0),
            IpAddr::V6(address) => (address, 1000),
        };
        let differ = (address.to_bits() ^ network.to_bits()).leading_zeros();
        return (differ >= bits).then_some(i64::from(bits) + bonus);
    }
    let network: Ipv4Addr = network.parse().ok()?;
    let (address, bonus) = match address {
        IpAddr::V4(address) => (address, 1000),
        IpAddr::V6(address) => (in_v6(address)?, 0),
    };
    let (mask, quality) = match mask.parse::<Ipv4Addr>() {
        Ok(mask) if mask.to_bits().count_zeros() != mask.to_bits().trailing_zeros() => {
            (mask.to_bits(), -1)
        }
        Ok(mask) => (
            mask.to_bits(),
            i64::from(mask.to_bits().count_ones()) + bonus,
        ),
        Err(_) => {
            let bits = mask.parse().unwrap_or(32_u32);
            let mask = (!0_u64 << (32 - bits)) as u32;
            (mask, i64::from(bits) + bonus)
        }
    };
    let same = (address.to_bits() ^ network.to_bits()) & mask == 0;
    same.then_some(quality)
}

/// `::a.b.c.d`, `::ffff:a.b.c.d` and `2002:ab:cd::`.
fn in_v6(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let bytes: Vec<u8> = address.octets().into();
    let at = match bytes.as_slice() {
        [0x20, 0x02, ..] => 2,
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ..] => 12,
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ..] => 12,
        _ => return None,
    };
    Some(Ipv4Addr::new(
        bytes[at],
        bytes[at + 1],
        bytes[at + 2],
        bytes[at + 3],
    ))
}
