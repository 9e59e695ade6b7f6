//! How values are written: plain, quoted, escaped, as JSON (RFC 8259) and as CBOR (RFC 8949).

use super::flags::{Flags, Wanted};
use crate::text::{header_needs_escape, needs_escape};
use alloc::vec::Vec;
use core::net::IpAddr;

/// Writes values at the end of a buffer, in the way of one item after the other.
pub(super) struct Pen<'o> {
    out: &'o mut Vec<u8>,
    /// How long the buffer may become, bytes; what is more is cut off.
    end: usize,
    is_cut: bool,
    /// Where texts are made before their length is known.
    pub(super) scratch: Vec<u8>,
    /// Of the item.
    pub(super) flags: Flags,
    /// Of the item.
    pub(super) wanted: Option<Wanted>,
    /// Of the item: how it is encoded.
    pub(super) encoding: Encoding,
    /// What is missing is a dash.
    pub(super) dashes: bool,
    /// A digit of CBOR in the buffer stands for four bits.
    pub(super) hex_cbor: bool,
}

/// How values are encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Not at all.
    Plain,
    /// As JSON.
    Json,
    /// As CBOR.
    Cbor,
}

/// What bytes of a captured text are escaped as `#XX`.
pub(super) type Escapes = fn(u8) -> bool;

/// Those of a request line.
pub(super) const LINE: Escapes = needs_escape;
/// Those of a captured header, which stands between braces and bars.
pub(super) const HEADER: Escapes = header_needs_escape;

impl<'o> Pen<'o> {
    /// A pen that lets `out` become `max` bytes longer.
    pub(super) fn new(out: &'o mut Vec<u8>, scratch: Vec<u8>, max: usize) -> Self {
        Self {
            end: out.len().saturating_add(max),
            is_cut: false,
            out,
            scratch,
            flags: Flags::empty(),
            wanted: None,
            encoding: Encoding::Plain,
            dashes: false,
            hex_cbor: true,
        }
    }

    /// How long the buffer is.
    pub(super) fn written(&self) -> usize {
        self.out.len()
    }

    /// Whether something did not fit.
    pub(super) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Bytes as they are.
    pub(super) fn raw(&mut self, bytes: &[u8]) {
        let room = self.end.saturating_sub(self.out.len());
        self.is_cut |= bytes.len() > room;
        self.out.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    /// A text, in quotes if they are wished.
    pub(super) fn text(&mut self, text: &[u8]) {
        let quotes = self.flags.contains(Flags::QUOTE);
        self.text_with(text, quotes);
    }

    /// A text that is never quoted, such as a date.
    pub(super) fn bare(&mut self, text: &[u8]) {
        self.text_with(text, false);
    }

    fn text_with(&mut self, text: &[u8], quotes: bool) {
        if text.is_empty() {
            return self.missing();
        }
        match self.encoding {
            Encoding::Cbor => {
                self.cbor_head(CBOR_TEXT, text.len() as u64);
                self.cbor(text);
            }
            Encoding::Json => {
                self.raw(b"\"");
                self.backslashed(text, b"\"\\");
                self.raw(b"\"");
            }
            Encoding::Plain => {
                self.mark(quotes);
                self.maybe_escaped(text);
                self.mark(quotes);
            }
        }
    }

    /// What a client or a server sent, with `#XX` for what could break the line.
    pub(super) fn captured(&mut self, text: &[u8], escapes: Escapes) {
        self.open_pieces();
        self.piece(text, escapes);
        self.close_pieces();
    }

    /// Begins a text in pieces.
    pub(super) fn open_pieces(&mut self) {
        match self.encoding {
            Encoding::Cbor => self.cbor(&[CBOR_TEXT | CBOR_INDEFINITE]),
            Encoding::Json => self.raw(b"\""),
            Encoding::Plain => self.mark(self.flags.contains(Flags::QUOTE)),
        }
    }

    /// Ends a text in pieces.
    pub(super) fn close_pieces(&mut self) {
        match self.encoding {
            Encoding::Cbor => self.cbor(&[CBOR_BREAK]),
            Encoding::Json => self.raw(b"\""),
            Encoding::Plain => self.mark(self.flags.contains(Flags::QUOTE)),
        }
    }

    /// A piece of a text, with `#XX` for the bytes that `escapes` says.
    pub(super) fn piece(&mut self, text: &[u8], escapes: Escapes) {
        let mut rest = text;
        while let Some(at) = rest.iter().position(|byte| escapes(*byte)) {
            if self.is_cut {
                return;
            }
            // Between two that are escaped stands a part without length.
            self.part(&rest[..at]);
            let [high, low] = hex(rest[at]);
            self.part(&[b'#', high, low]);
            rest = &rest[at + 1..];
        }
        if !rest.is_empty() {
            self.part(rest);
        }
    }

    fn part(&mut self, text: &[u8]) {
        match self.encoding {
            Encoding::Cbor => {
                self.cbor_head(CBOR_TEXT, text.len() as u64);
                self.cbor(text);
            }
            Encoding::Json => self.backslashed(text, b"\"\\"),
            Encoding::Plain => self.maybe_escaped(text),
        }
    }

    /// Bytes that are binary, encoded.
    pub(super) fn cbor_bytes(&mut self, bytes: &[u8]) {
        self.cbor(&[CBOR_BYTES | CBOR_INDEFINITE]);
        self.cbor_head(CBOR_BYTES, bytes.len() as u64);
        self.cbor(bytes);
        self.cbor(&[CBOR_BREAK]);
    }

    /// A number, encoded as what it is wanted to be; never in quotes without an encoding.
    pub(super) fn number(&mut self, number: i64) {
        match (self.encoding, self.wanted) {
            (Encoding::Plain, _) => self.digits(number),
            (_, Some(Wanted::Bool)) => self.bool(number != 0),
            (Encoding::Json, Some(Wanted::Text)) => {
                self.raw(b"\"");
                self.digits(number);
                self.raw(b"\"");
            }
            (Encoding::Json, _) => self.digits(number),
            (Encoding::Cbor, _) if number < 0 => {
                self.cbor_head(CBOR_NEGATIVE, number.unsigned_abs() - 1);
            }
            (Encoding::Cbor, _) => self.cbor_head(CBOR_UNSIGNED, number.unsigned_abs()),
        }
    }

    /// A truth value, encoded.
    pub(super) fn bool(&mut self, value: bool) {
        match self.encoding {
            Encoding::Cbor => self.cbor(&[if value { CBOR_TRUE } else { CBOR_FALSE }]),
            Encoding::Json if value => self.raw(b"true"),
            Encoding::Json => self.raw(b"false"),
            Encoding::Plain => self.digits(value.into()),
        }
    }

    /// A number that `X` writes in at least `width` hexadecimal digits.
    pub(super) fn number_or_hex(&mut self, number: u64, width: usize) {
        if !self.flags.contains(Flags::HEX) {
            return self.number(number as i64);
        }
        let digits: [u8; 16] = core::array::from_fn(|at| nibble((number >> (60 - 4 * at)) as u8));
        let first = digits.iter().position(|digit| *digit != b'0').unwrap_or(16);
        self.bare(&digits[first.min(16 - width)..]);
    }

    /// Whether numbers are decimal and not encoded.
    pub(super) fn is_plain_decimal(&self) -> bool {
        self.encoding == Encoding::Plain && !self.flags.contains(Flags::HEX)
    }

    /// An address; `X` writes its bytes in hexadecimal digits, which no quotes are put around.
    pub(super) fn address(&mut self, address: IpAddr) {
        let mut text = core::mem::take(&mut self.scratch);
        text.clear();
        if self.flags.contains(Flags::HEX) {
            let put = |text: &mut Vec<u8>, bytes: &[u8]| {
                text.extend(bytes.iter().flat_map(|byte| hex(*byte)));
            };
            match address {
                IpAddr::V4(address) => put(&mut text, &address.octets()),
                IpAddr::V6(address) => put(&mut text, &address.octets()),
            }
            self.bare(&text);
        } else {
            match address {
                IpAddr::V4(address) => crate::address::write4(address, &mut text),
                IpAddr::V6(address) => crate::address::write6(address, &mut text),
            }
            self.text(&text);
        }
        self.scratch = text;
    }

    /// In place of a value that is not there.
    pub(super) fn missing(&mut self) {
        match self.encoding {
            Encoding::Cbor => self.cbor(&[CBOR_NULL]),
            Encoding::Json => self.raw(b"\"\""),
            Encoding::Plain if self.flags.contains(Flags::QUOTE) => self.raw(b"\"\""),
            Encoding::Plain if self.dashes => self.raw(b"-"),
            Encoding::Plain => {}
        }
    }

    /// In place of a list that has no places.
    pub(super) fn null(&mut self) {
        match self.encoding {
            Encoding::Cbor => self.cbor(&[CBOR_NULL]),
            Encoding::Json => self.raw(b"null"),
            Encoding::Plain => {}
        }
    }

    /// A list of captured headers, each by itself.
    pub(super) fn list(&mut self, values: &[Option<Vec<u8>>]) {
        match self.encoding {
            Encoding::Cbor => self.cbor(&[CBOR_LIST | CBOR_INDEFINITE]),
            Encoding::Json => self.raw(b"["),
            Encoding::Plain => {}
        }
        for (at, value) in values.iter().enumerate() {
            match self.encoding {
                Encoding::Json if at > 0 => self.raw(b", "),
                Encoding::Plain if at > 0 => self.raw(b" "),
                Encoding::Plain | Encoding::Json | Encoding::Cbor => {}
            }
            let quoted = self.encoding == Encoding::Plain && self.flags.contains(Flags::QUOTE);
            let absent: &[u8] = if quoted { b"" } else { b"-" };
            self.captured(value.as_deref().unwrap_or(absent), HEADER);
        }
        match self.encoding {
            Encoding::Cbor => self.cbor(&[CBOR_BREAK]),
            Encoding::Json => self.raw(b"]"),
            Encoding::Plain => {}
        }
    }

    /// Begins the object that all named items together are.
    pub(super) fn open_object(&mut self) {
        match self.encoding {
            Encoding::Cbor => self.cbor(&[CBOR_MAP | CBOR_INDEFINITE]),
            Encoding::Json => self.raw(b"{"),
            Encoding::Plain => {}
        }
    }

    /// Ends it.
    pub(super) fn close_object(&mut self) {
        match self.encoding {
            Encoding::Cbor => self.cbor(&[CBOR_BREAK]),
            Encoding::Json => self.raw(b"}"),
            Encoding::Plain => {}
        }
    }

    /// The name of what follows in it.
    pub(super) fn key(&mut self, name: &str, is_first: bool) {
        match self.encoding {
            Encoding::Cbor => {
                self.cbor_head(CBOR_TEXT, name.len() as u64);
                self.cbor(name.as_bytes());
            }
            Encoding::Json => {
                self.raw(if is_first { b"\"" } else { b", \"" });
                self.raw(name.as_bytes());
                self.raw(b"\": ");
            }
            Encoding::Plain => {}
        }
    }

    /// Bytes that a header may not have as `%XX`.
    pub(super) fn for_header(&mut self, text: &[u8]) {
        for byte in text {
            match byte {
                0..=8 | 10..=31 | 127 => {
                    let [high, low] = hex(*byte);
                    self.raw(&[b'%', high, low]);
                }
                _ => self.maybe_escaped(core::slice::from_ref(byte)),
            }
        }
    }

    fn mark(&mut self, wished: bool) {
        if wished {
            self.raw(b"\"");
        }
    }

    /// Without an encoding.
    pub(super) fn maybe_escaped(&mut self, text: &[u8]) {
        if self.flags.contains(Flags::ESCAPE) {
            self.backslashed(text, b"\"\\]");
        } else {
            self.raw(text);
        }
    }

    fn backslashed(&mut self, text: &[u8], escapes: &[u8]) {
        let mut rest = text;
        while let Some(at) = rest.iter().position(|byte| escapes.contains(byte)) {
            if self.is_cut {
                return;
            }
            self.raw(&rest[..at]);
            self.raw(&[b'\\', rest[at]]);
            rest = &rest[at + 1..];
        }
        self.raw(rest);
    }

    fn digits(&mut self, number: i64) {
        self.raw(itoa::Buffer::new().format(number).as_bytes());
    }

    /// The head of a CBOR item: its major type with the shortest form of `count`.
    fn cbor_head(&mut self, major: u8, count: u64) {
        let bytes = count.to_be_bytes();
        let (info, length) = match count {
            0..=23 => (count as u8, 0),
            24..=0xff => (24, 1),
            0x100..=0xffff => (25, 2),
            0x1_0000..=0xffff_ffff => (26, 4),
            0x1_0000_0000.. => (27, 8),
        };
        self.cbor(&[major | info]);
        self.cbor(&bytes[8 - length..]);
    }

    fn cbor(&mut self, bytes: &[u8]) {
        if !self.hex_cbor {
            return self.raw(bytes);
        }
        for byte in bytes {
            self.raw(&hex(*byte));
        }
    }
}

fn hex(byte: u8) -> [u8; 2] {
    [nibble(byte >> 4), nibble(byte)]
}

fn nibble(bits: u8) -> u8 {
    b"0123456789ABCDEF"[usize::from(bits & 15)]
}

/// Major types (RFC 8949 §3.1).
const CBOR_UNSIGNED: u8 = 0;
const CBOR_NEGATIVE: u8 = 1 << 5;
const CBOR_BYTES: u8 = 2 << 5;
const CBOR_TEXT: u8 = 3 << 5;
const CBOR_LIST: u8 = 4 << 5;
const CBOR_MAP: u8 = 5 << 5;
/// A length that is not known; [`CBOR_BREAK`] ends it.
const CBOR_INDEFINITE: u8 = 31;
const CBOR_FALSE: u8 = 0xf4;
const CBOR_TRUE: u8 = 0xf5;
const CBOR_NULL: u8 = 0xf6;
const CBOR_BREAK: u8 = 0xff;
