//! The elements of `Forwarded` (RFC 7239 §4) and the nodes in them (§6), as strictly as the reference
//! reads them: one element, no white space, names in lower case, each parameter once.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use core::ops::Range;

/// A parameter: its name, and where its value is without quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Parameter {
    pub(crate) name: &'static [u8],
    pub(crate) value: Range<usize>,
}

/// A node: where a message came from or went to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) name: Name,
    pub(crate) port: Option<Port>,
    /// How many bytes it takes up.
    taken: usize,
}

/// The name of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    Ip4(Ipv4Addr),
    Ip6(Ipv6Addr),
    /// Where `unknown` or `_word` is.
    Word(Range<usize>),
}

/// The port of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Port {
    Number(u16),
    /// Where `_word` is.
    Word(Range<usize>),
}

const NAMES: [&[u8]; 4] = [b"proto", b"host", b"for", b"by"];

/// The parameters of the one element that is all of `text`, each at the place of its name.
pub(crate) fn element(text: &[u8]) -> Option<[Option<Parameter>; 4]> {
    let mut found = [const { None }; 4];
    let mut at = 0;
    loop {
        let rest = &text[at..];
        let place = NAMES.iter().position(|name| {
            let rest = rest.strip_prefix(*name);
            rest.is_some_and(|rest| rest.first() == Some(&b'='))
        })?;
        let name = NAMES[place];
        at += name.len() + 1;
        let (value, after) = value(name, text, at)?;
        if found[place].replace(Parameter { name, value }).is_some() {
            return None;
        }
        match text.get(after) {
            None => return Some(found),
            Some(b';') => at = after + 1,
            Some(_) => return None,
        }
    }
}

/// The value of `name` at `at` without quotes, and what is behind it.
fn value(name: &[u8], text: &[u8], at: usize) -> Option<(Range<usize>, usize)> {
    let rest = &text[at..];
    if name == b"proto" {
        let length = [&b"https"[..], b"http"]
            .into_iter()
            .find(|it| rest.starts_with(it))?
            .len();
        return Some((at..at + length, at + length));
    }
    let (start, length, behind) = match rest {
        [b'"', quoted @ ..] => {
            let length = memchr::memchr(b'"', quoted)?;
            (at + 1, length, 1)
        }
        _ => {
            let length = memchr::memchr(b';', rest).unwrap_or(rest.len());
            (at, length, 0)
        }
    };
    let quoted = behind == 1;
    let value = start..start + length;
    let inside = &text[value.clone()];
    let good = match name {
        b"host" => is_host_value(inside, quoted),
        _ => node(inside).is_some_and(|node| {
            let plain = node.port.is_none() && !matches!(node.name, Name::Ip6(_));
            node.taken == inside.len() && (quoted || plain)
        }),
    };
    good.then_some((value, start + length + behind))
}

/// Whether it is a host; only between quotes it may be an IPv6 address, have a port or be empty.
fn is_host_value(text: &[u8], quoted: bool) -> bool {
    match quoted {
        true => is_host_of(text, is_host_byte),
        false => !text.is_empty() && text.iter().all(is_host_byte),
    }
}

/// Whether it may be told as a host, between quotes: unlike those that are read, names have `-` and `_`
/// as well, for nearly every site has.
pub fn is_host(text: &[u8]) -> bool {
    is_host_of(text, |byte| {
        is_host_byte(byte) || matches!(byte, b'-' | b'_')
    })
}

fn is_host_of(text: &[u8], is_part: impl Fn(&u8) -> bool) -> bool {
    let length = match ip6(text) {
        Some((_, taken)) => taken,
        None => text.iter().take_while(|byte| is_part(byte)).count(),
    };
    match &text[length..] {
        [] => true,
        [b':', port @ ..] => number(port).is_some_and(|(_, taken)| taken == port.len()),
        _ => false,
    }
}

const fn is_host_byte(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || *byte == b'.'
}

/// Whether a byte may stand in a name that begins with `_`.
pub const fn is_obfuscated(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
}

/// The node that `text` begins with.
pub(crate) fn node(text: &[u8]) -> Option<Node> {
    let (name, length) = match text.first()? {
        b'_' => {
            let length = word(text)?;
            (Name::Word(0..length), length)
        }
        b'[' => {
            let (address, taken) = ip6(text)?;
            (Name::Ip6(address), taken)
        }
        b'u' => {
            text.strip_prefix(b"unknown")?;
            (Name::Word(0..7), 7)
        }
        _ => {
            let is_part = |byte: &&u8| byte.is_ascii_digit() || **byte == b'.';
            let length = text.iter().take_while(is_part).count();
            let address = core::str::from_utf8(&text[..length]).ok()?;
            (Name::Ip4(address.parse().ok()?), length)
        }
    };
    let Some([b':', port @ ..]) = text.get(length..) else {
        return Some(Node {
            name,
            port: None,
            taken: length,
        });
    };
    let start = length + 1;
    let (port, taken) = match port.first()? {
        b'_' => {
            let length = word(port)?;
            (Port::Word(start..start + length), length)
        }
        _ => {
            let (number, taken) = number(port)?;
            (Port::Number(number), taken)
        }
    };
    Some(Node {
        name,
        port: Some(port),
        taken: start + taken,
    })
}

/// How long the name is that begins with `_`.
fn word(text: &[u8]) -> Option<usize> {
    let length = 1 + text[1..]
        .iter()
        .take_while(|byte| is_obfuscated(byte))
        .count();
    (length > 1).then_some(length)
}

/// The address that all of `text` is; IPv6 in brackets.
pub fn address(text: &[u8]) -> Option<IpAddr> {
    let node = node(text).filter(|node| node.taken == text.len() && node.port.is_none())?;
    match node.name {
        Name::Ip4(ip) => Some(ip.into()),
        Name::Ip6(ip) => Some(ip.into()),
        Name::Word(_) => None,
    }
}

/// The IPv6 address in brackets that `text` begins with, without an IPv4 one in it.
fn ip6(text: &[u8]) -> Option<(Ipv6Addr, usize)> {
    let inside = text.strip_prefix(b"[")?;
    let length = memchr::memchr(b']', inside)?;
    let address = &inside[..length];
    if address.contains(&b'.') {
        return None;
    }
    let address = core::str::from_utf8(address).ok()?;
    Some((address.parse().ok()?, length + 2))
}

/// The port that `text` begins with.
fn number(text: &[u8]) -> Option<(u16, usize)> {
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let digits = core::str::from_utf8(&text[..length]).ok()?;
    let number: u16 = digits.parse().ok()?;
    (number > 0).then_some((number, length))
}
