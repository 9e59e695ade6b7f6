//! From heads to header blocks.

use crate::hpack::Encoder;
use alloc::boxed::Box;
use alloc::vec::Vec;
use message::{Head, Kind, Name, is_lower};

/// Writes header blocks of one direction, in the order they are sent.
#[derive(Debug, Default)]
pub struct Writer {
    encoder: Encoder,
    /// The block at hand; its memory stays for the next.
    block: Vec<u8>,
    /// A path that lacked its slash.
    path: Vec<u8>,
    last: Last,
}

/// The head of the last block. If it changed no table, the same head right behind it is the same block:
/// what is answered again and again is encoded once.
#[derive(Debug, Default)]
struct Last {
    /// Length of its text in bytes; 0 if that is not to be kept.
    text_bytes: usize,
    /// The head, from the second of the same length on.
    head: Option<Box<Head>>,
    /// [`Last::head`] is that of the block.
    kept: bool,
}

impl Writer {
    /// The peer announced SETTINGS_HEADER_TABLE_SIZE.
    pub fn set_table_bytes_max(&mut self, bytes: u32) {
        self.last.kept = false;
        self.encoder.set_table_bytes_max(bytes);
    }

    /// The block of a head or of trailers.
    pub fn write(&mut self, head: &Head, saying: Saying<'_>) -> &[u8] {
        let last = &mut self.last;
        let as_is = saying == Saying::AsIs;
        if as_is && last.kept && last.head.as_ref().is_some_and(|it| it.is_like(head)) {
            return &self.block;
        }
        let length = head.text_bytes();
        let same_length = length == last.text_bytes;
        let changes = self.encoder.changes();
        self.encode(head, saying);
        let last = &mut self.last;
        let lasts = as_is && length <= LAST_BYTES_MAX && changes == self.encoder.changes();
        last.text_bytes = if lasts { length } else { 0 };
        last.kept = lasts && same_length;
        if last.kept {
            last.head.get_or_insert_default().copy_from(head);
        }
        &self.block
    }

    fn encode(&mut self, head: &Head, saying: Saying<'_>) {
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
            let (name, value) = (head.bytes(field.name), trimmed(head.bytes(field.value)));
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
                if field.is_secret() {
                    self.encoder.secret(name, value, &mut self.block);
                } else {
                    self.encoder.field_of_any_case(name, value, &mut self.block);
                }
            }
        }
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
            self.path.clear();
            self.path.push(b'/');
            self.path.extend_from_slice(path);
            self.encoder
                .field_of_any_case(b":path", &self.path, &mut self.block);
        } else {
            self.put(b":path", path);
        }
    }

    fn put(&mut self, name: &[u8], value: &[u8]) {
        self.encoder.field_of_any_case(name, value, &mut self.block);
    }
}

/// A value without the white space around it that hardly any has.
fn trimmed(value: &[u8]) -> &[u8] {
    match value {
        [first, .., last] if *first > b' ' && *last > b' ' => value,
        _ => value.trim_ascii(),
    }
}

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
/// Longest text of a head that is compared with the next, in bytes.
const LAST_BYTES_MAX: usize = 512;
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
