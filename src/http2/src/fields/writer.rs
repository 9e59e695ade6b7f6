//! From heads to header blocks.

use crate::hpack::Encoder;
use alloc::vec::Vec;
use message::{Head, Kind, Name, is_lower};

/// Writes header blocks of one direction, in the order they are sent.
#[derive(Debug, Default)]
pub struct Writer {
    encoder: Encoder,
    /// The block at hand; its memory stays for the next.
    block: Vec<u8>,
    /// A name in lower case.
    name: Vec<u8>,
}

impl Writer {
    /// The peer announced SETTINGS_HEADER_TABLE_SIZE.
    pub fn set_table_bytes_max(&mut self, bytes: u32) {
        self.encoder.set_table_bytes_max(bytes);
    }

    /// The block of a head or of trailers.
    pub fn write(&mut self, head: &Head, saying: Saying<'_>) -> &[u8] {
        self.block.clear();
        self.block.shrink_to(BLOCK_BYTES_KEPT_MAX);
        self.encoder.begin(&mut self.block);
        match head.kind {
            Kind::Request { method, target } => {
                self.request(head, head.bytes(method), head.bytes(target), saying);
            }
            Kind::Response { status, .. } => {
                let status = match saying {
                    Saying::Status(status) => status,
                    Saying::AsIs | Saying::Protocol(_) => status,
                };
                let digits = [status / 100, status / 10 % 10, status % 10];
                self.put(b":status", &digits.map(|digit| b'0' + digit as u8));
            }
            Kind::Trailers => {}
        }
        let named = names_fields(head);
        for field in head.fields() {
            // White space around a value, which rules may have put there, is an error here (RFC 9113 §8.2.1).
            let (name, value) = (head.bytes(field.name), head.bytes(field.value).trim_ascii());
            let goes_on = match (head.kind, field.id) {
                (Kind::Trailers, id) => id.may_trail(),
                (_, Name::SecWebsocketKey | Name::SecWebsocketAccept) if saying != Saying::AsIs => {
                    false
                }
                // `:authority` says it.
                (Kind::Request { .. }, Name::Host) => false,
                (
                    _,
                    Name::Connection
                    | Name::Http2Settings
                    | Name::KeepAlive
                    | Name::ProxyConnection
                    | Name::TransferEncoding
                    | Name::Upgrade,
                ) => false,
                (_, Name::Te) => is_lower(value, "trailers"),
                // RFC 9110 §7.6.1.
                (_, _) => !(named && head.has_token(Name::Connection, name)),
            };
            if goes_on {
                self.field(name, value, field.is_secret());
            }
        }
        &self.block
    }

    fn request(&mut self, head: &Head, method: &[u8], target: &[u8], saying: Saying<'_>) {
        if let Saying::Protocol(protocol) = saying {
            self.put(b":method", b"CONNECT");
            self.put(b":protocol", protocol);
        } else {
            self.put(b":method", method);
        }
        let host = head.value(Name::Host).unwrap_or_default();
        let (scheme, authority, path) = match absolute(target) {
            _ if method == b"CONNECT" => {
                return self.put(b":authority", target);
            }
            Some(parts) => parts,
            None => (SCHEME, host, target),
        };
        self.put(b":scheme", scheme);
        if !authority.is_empty() {
            self.put(b":authority", authority);
        }
        let path = match path {
            [] if method == b"OPTIONS" => b"*",
            [] => b"/",
            path => path,
        };
        if path[0] == b'?' {
            self.name.clear();
            self.name.push(b'/');
            self.name.extend_from_slice(path);
            self.encoder.field(b":path", &self.name, &mut self.block);
        } else {
            self.put(b":path", path);
        }
    }

    /// A field in whatever case.
    fn field(&mut self, name: &[u8], value: &[u8], secret: bool) {
        let name = if has_capital(name) {
            self.name.clear();
            self.name.extend_from_slice(name);
            self.name.make_ascii_lowercase();
            &self.name
        } else {
            name
        };
        if secret {
            self.encoder.secret(name, value, &mut self.block);
        } else {
            self.encoder.field(name, value, &mut self.block);
        }
    }

    fn put(&mut self, name: &[u8], value: &[u8]) {
        self.encoder.field(name, value, &mut self.block);
    }
}

/// Eight bytes at a time: what comes from HTTP/2 never has one.
fn has_capital(name: &[u8]) -> bool {
    let capital = |word: u64| {
        let low = word & !HIGH_BITS;
        let from_a = low + (0x80 - u64::from(b'A')) * ONES;
        let beyond_z = low + (0x7f - u64::from(b'Z')) * ONES;
        from_a & !beyond_z & !word & HIGH_BITS != 0
    };
    match name.last_chunk() {
        // The last eight bytes may overlap the ones before.
        Some(last) => {
            let (words, _) = name.as_chunks();
            words.iter().any(|word| capital(u64::from_le_bytes(*word)))
                || capital(u64::from_le_bytes(*last))
        }
        None => name.iter().any(u8::is_ascii_uppercase),
    }
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH_BITS: u64 = 0x80 * ONES;

/// What a head says besides what it is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saying<'a> {
    /// Nothing.
    AsIs,
    /// A request is an extended CONNECT for this protocol (RFC 8441 §4).
    Protocol(&'a [u8]),
    /// The response to one has this status: 101 does not exist here.
    Status(u16),
}

/// The scheme of requests whose target names none, as HAProxy has it.
const SCHEME: &[u8] = b"https";
/// Memory for blocks that a writer keeps from one to the next, in bytes.
const BLOCK_BYTES_KEPT_MAX: usize = 256;

/// Whether Connection says anything but what the connection itself is to do: most that have it name no
/// field, and no field need be looked for in it.
fn names_fields(head: &Head) -> bool {
    let tokens = head.values(Name::Connection);
    let mut tokens = tokens.flat_map(|value| value.split(|byte| *byte == b','));
    let own = |token: &[u8]| {
        ["close", "keep-alive", "upgrade"]
            .iter()
            .any(|it| is_lower(token, it))
    };
    tokens.any(|token| !own(token.trim_ascii()))
}

/// Scheme, authority and the rest of a target in absolute form (RFC 9112 §3.2.2).
fn absolute(target: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    if matches!(target, [b'/', ..] | b"*") {
        return None;
    }
    let colon = target.windows(3).position(|it| it == b"://")?;
    let rest = &target[colon + 3..];
    let end = rest
        .iter()
        .position(|byte| matches!(byte, b'/' | b'?'))
        .unwrap_or(rest.len());
    Some((&target[..colon], &rest[..end], &rest[end..]))
}

#[cfg(test)]
mod tests {
    use super::has_capital;

    #[test]
    fn capitals_are_found_wherever_they_stand() {
        for length in 0..20 {
            for at in 0..length {
                for byte in 0..=u8::MAX {
                    let mut name = [b'z'; 20];
                    name[at] = byte;
                    let name = &name[..length];
                    assert_eq!(has_capital(name), byte.is_ascii_uppercase(), "{name:?}");
                }
            }
        }
    }
}
