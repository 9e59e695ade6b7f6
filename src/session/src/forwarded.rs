//! `option forwarded`: what the `Forwarded` field of a request says (RFC 7239).

use alloc::vec::Vec;
use core::fmt::Write;
use core::net::{IpAddr, SocketAddr};
use sample::cast::cast;
use sample::forwarded::{address, is_host, is_obfuscated};
use sample::{Expr, Facts, Type, Value, Work};

/// The parts of the one element that is added.
#[derive(Clone, Debug, Default)]
pub struct Forwarded {
    /// `proto`
    pub proto: bool,
    /// `host`, `host-expr`
    pub host: Option<Part>,
    /// `by`, `by-expr`
    pub by: Option<Part>,
    /// `by_port`, `by_port-expr`: nothing without `by`.
    pub by_port: Option<Part>,
    /// `for`, `for-expr`
    pub from: Option<Part>,
    /// `for_port`, `for_port-expr`: nothing without `for`.
    pub from_port: Option<Part>,
}

/// Where a part is taken from.
#[derive(Clone, Debug)]
pub enum Part {
    /// The request or its connection.
    Usual,
    /// `…-expr`
    Expr(Expr),
}

/// What a request and its connection say of themselves.
#[derive(Clone, Copy, Debug)]
pub struct Hop<'a> {
    /// The value of `Host`.
    pub host: &'a [u8],
    /// The client's address.
    pub peer: Option<SocketAddr>,
    /// The address it connected to.
    pub local: Option<SocketAddr>,
}

impl Forwarded {
    /// Puts the value of the field into `out`; nothing if it has no part.
    pub fn write<'a>(
        &'a self,
        hop: Hop<'_>,
        facts: &Facts<'a>,
        work: &mut Work,
        out: &mut Vec<u8>,
    ) {
        if self.proto {
            out.extend_from_slice(b"proto=http");
        }
        if let Some(part) = &self.host {
            begin(out, b"host=\"");
            match part {
                Part::Usual if is_host(hop.host) => out.extend_from_slice(hop.host),
                Part::Usual => {}
                Part::Expr(expr) => with_text(expr, facts, work, |text| {
                    if is_host(text) {
                        out.extend_from_slice(text);
                    }
                }),
            }
            out.push(b'"');
        }
        let nodes: [(&[u8], _, _, _); 2] = [
            (b"by=", &self.by, &self.by_port, hop.local),
            (b"for=", &self.from, &self.from_port, hop.peer),
        ];
        for (name, part, port, usual) in nodes {
            if let Some(part) = part {
                begin(out, name);
                put_node(part, port.as_ref(), usual, facts, work, out);
            }
        }
    }
}

fn begin(out: &mut Vec<u8>, name: &[u8]) {
    if !out.is_empty() {
        out.push(b';');
    }
    out.extend_from_slice(name);
}

/// A node (RFC 7239 §6): what has a colon in it stands in quotes, and what is to have a port.
fn put_node<'a>(
    part: &'a Part,
    port: Option<&'a Part>,
    usual: Option<SocketAddr>,
    facts: &Facts<'a>,
    work: &mut Work,
    out: &mut Vec<u8>,
) {
    let start = out.len();
    out.push(b'"');
    match part {
        Part::Usual => put_address(usual.map(|usual| usual.ip()), out),
        Part::Expr(expr) => match expr.value(facts, work).found() {
            Some(Value::Ip4(ip)) => put_address(Some(ip.into()), out),
            Some(Value::Ip6(ip)) => put_address(Some(ip.into()), out),
            Some(value) => match cast(value, Type::Text, work) {
                Some(value) => {
                    put_name(text_of(&value), out);
                    work.done(value);
                }
                None => put_address(None, out),
            },
            None => put_address(None, out),
        },
    }
    match port {
        None => {}
        Some(Part::Usual) => {
            if let Some(usual) = usual {
                let _ = write!(Text(out), ":{}", usual.port());
            }
        }
        Some(Part::Expr(expr)) => with_text(expr, facts, work, |text| put_port(text, out)),
    }
    if port.is_some() || out[start + 1..].contains(&b':') {
        out.push(b'"');
    } else {
        out.remove(start);
    }
}

fn put_address(ip: Option<IpAddr>, out: &mut Vec<u8>) {
    // Writing to memory cannot fail.
    let _ = match ip {
        Some(IpAddr::V4(ip)) => write!(Text(out), "{ip}"),
        Some(IpAddr::V6(ip)) => write!(Text(out), "[{ip}]"),
        None => write!(Text(out), "unknown"),
    };
}

/// An address, `unknown`, or a name that begins with `_`.
fn put_name(text: &[u8], out: &mut Vec<u8>) {
    match address(text) {
        Some(ip) => put_address(Some(ip), out),
        None if text == b"unknown" || text.is_empty() || !text.iter().all(is_obfuscated) => {
            put_address(None, out);
        }
        None => put_hidden(text, out),
    }
}

/// A number, or a name that begins with `_`; nothing if it is neither.
fn put_port(text: &[u8], out: &mut Vec<u8>) {
    if text.is_empty() || !text.iter().all(is_obfuscated) {
        return;
    }
    out.push(b':');
    let number = core::str::from_utf8(text).ok().map(str::parse::<u16>);
    match number {
        Some(Ok(1..)) => out.extend_from_slice(text),
        _ => put_hidden(text, out),
    }
}

fn put_hidden(text: &[u8], out: &mut Vec<u8>) {
    if !(text.len() > 1 && text.starts_with(b"_")) {
        out.push(b'_');
    }
    out.extend_from_slice(text);
}

fn with_text<'a>(expr: &'a Expr, facts: &Facts<'a>, work: &mut Work, put: impl FnOnce(&[u8])) {
    if let Some(value) = expr.value_as(Type::Text, facts, work).found() {
        put(text_of(&value));
        work.done(value);
    }
}

fn text_of<'v>(value: &'v Value<'_>) -> &'v [u8] {
    match value {
        Value::Text(text) | Value::Bytes(text) | Value::Method(text) => text,
        Value::Bool(_) | Value::Int(_) | Value::Ip4(_) | Value::Ip6(_) => &[],
    }
}

/// Text that is written to memory.
struct Text<'a>(&'a mut Vec<u8>);

impl Write for Text<'_> {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}
