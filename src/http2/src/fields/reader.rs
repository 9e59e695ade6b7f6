//! From header blocks to heads.

use super::chars;
use crate::Violation;
use crate::hpack::{Called, Decoder, Field, Memo, Pseudo};
use alloc::boxed::Box;
use alloc::vec::Vec;
use message::target::{implied_ports, is_host_and_port};
use message::{Framing, Head, Kind, Name, Span, Version, is_lower};

/// What the fields of a message may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest list of fields as RFC 9113 §6.5.2 counts it, in bytes.
    pub list_bytes_max: u32,
    /// Most fields in a head or trailer section (`tune.http.maxhdr`).
    pub fields_max: u32,
}

/// What a header block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// The head of a request.
    Request,
    /// The head of a response.
    Response,
    /// Trailer fields.
    Trailers,
}

/// What a section says besides what its head holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Meaning {
    /// Content-Length.
    pub length: Option<u64>,
    /// A CONNECT for another protocol than TCP (RFC 8441 §4), now a GET that asks for it as in HTTP/1.
    pub upgrade: bool,
}

/// Reads header blocks of one direction, in the order they were sent.
#[derive(Debug, Default)]
pub struct Reader {
    decoder: Decoder,
    /// The cookies of the request at hand, joined (RFC 9113 §8.2.3).
    cookie: Vec<u8>,
    last: Last,
}

/// The last block. If it changed no table, the same bytes right behind it mean the same: who asks for one
/// thing again and again is read once.
#[derive(Debug, Default)]
struct Last {
    /// Empty if it did.
    block: Vec<u8>,
    section: Option<(Section, Limits)>,
    /// What it came to, from the second time on.
    read: Option<Box<(Head, Meaning)>>,
}

impl Reader {
    /// The peer acknowledged SETTINGS_HEADER_TABLE_SIZE.
    pub fn set_table_bytes_max(&mut self, bytes: u32) {
        self.last.block.clear();
        self.decoder.set_table_bytes_max(bytes);
    }

    /// Reads a section into an empty head.
    pub fn read(
        &mut self,
        section: Section,
        block: &[u8],
        limits: &Limits,
        head: &mut Head,
    ) -> Result<Meaning, Violation> {
        let again = self.last.block == block && self.last.section == Some((section, *limits));
        if again && let Some(read) = &self.last.read {
            head.copy_from(&read.0);
            return Ok(read.1);
        }
        let changes = self.decoder.changes();
        let read = self.decode(section, block, limits, head);
        let last = &mut self.last;
        let fits = (1..=LAST_BYTES_MAX).contains(&block.len());
        match read {
            Ok(meaning) if fits && changes == self.decoder.changes() => {
                if again && head.text_bytes() <= LAST_TEXT_BYTES_MAX {
                    let kept = last.read.get_or_insert_default();
                    kept.0.copy_from(head);
                    kept.1 = meaning;
                } else if !again {
                    last.read = None;
                    last.block.clear();
                    last.block.extend_from_slice(block);
                    last.section = Some((section, *limits));
                }
            }
            Ok(_) | Err(_) => {
                last.read = None;
                last.block.clear();
            }
        }
        read
    }

    /// Reads a section into an empty head. Whatever a message has wrong, its whole block is decoded,
    /// so that those behind it can be read.
    fn decode(
        &mut self,
        section: Section,
        block: &[u8],
        limits: &Limits,
        head: &mut Head,
    ) -> Result<Meaning, Violation> {
        self.cookie.clear();
        self.cookie.shrink_to(COOKIE_BYTES_KEPT_MAX);
        let mut building = Building {
            section,
            fields_max: limits.fields_max,
            fields: 0,
            begun: false,
            pseudo: PseudoFields::default(),
            meaning: Meaning::default(),
            cookie: &mut self.cookie,
            cookie_secret: false,
            head,
        };
        let mut built = Ok(());
        let listed = self
            .decoder
            .decode_with_memos(block, limits.list_bytes_max, |field| {
                if built.is_err() {
                    return Memo::default();
                }
                building.field(field).unwrap_or_else(|violation| {
                    built = Err(violation);
                    Memo::default()
                })
            });
        let listed = listed.map_err(|_| Violation::Compression)?;
        built?;
        if listed.left_out > 0 {
            return Err(Violation::ListTooLarge);
        }
        building.finish()
    }
}

/// A section on its way into a head.
struct Building<'a> {
    section: Section,
    fields_max: u32,
    fields: u32,
    /// A field that is no pseudo-field was seen.
    begun: bool,
    pseudo: PseudoFields,
    meaning: Meaning,
    cookie: &'a mut Vec<u8>,
    /// One of the cookies is secret.
    cookie_secret: bool,
    head: &'a mut Head,
}

#[derive(Default)]
struct PseudoFields {
    method: Option<Value>,
    scheme: Option<Value>,
    authority: Option<Value>,
    path: Option<Value>,
    protocol: Option<Value>,
    status: Option<Value>,
}

/// The value of a pseudo-field.
#[derive(Clone, Copy)]
struct Value {
    at: Span,
    /// It is as it must be, by itself.
    good: bool,
}

impl Building<'_> {
    fn field(&mut self, field: Field<'_>) -> Result<Memo, Violation> {
        let Field {
            name, value, memo, ..
        } = field;
        let known = match memo.called() {
            Called::Pseudo(pseudo) => return self.pseudo(pseudo, value, memo.has_good_value()),
            Called::Unknown if name.first() == Some(&b':') => {
                let pseudo = Pseudo::of(name).ok_or_else(|| self.unknown_pseudo())?;
                return self.pseudo(pseudo, value, false);
            }
            Called::Name(id) => Some(id),
            Called::Unknown => None,
        };
        if !self.begun {
            self.begun = true;
            self.start()?;
        }
        self.fields += 1;
        if self.fields > self.fields_max {
            return Err(Violation::TooManyFields);
        }
        let id = match known {
            Some(id) => id,
            None if chars::is_name(name) => Name::of(name),
            None => return Err(Violation::FieldName),
        };
        if !memo.has_good_value() && !chars::is_value(value) {
            return Err(Violation::FieldValue);
        }
        self.regular(id, field)?;
        Ok(Memo::new(Called::Name(id), true))
    }

    /// What is wrong with a pseudo-field that nobody knows.
    fn unknown_pseudo(&self) -> Violation {
        if self.begun || self.section == Section::Trailers {
            Violation::PseudoLate
        } else {
            Violation::PseudoUnknown
        }
    }

    fn pseudo(
        &mut self,
        pseudo: Pseudo,
        value: &[u8],
        known_good: bool,
    ) -> Result<Memo, Violation> {
        if self.begun || self.section == Section::Trailers {
            return Err(Violation::PseudoLate);
        }
        let place = match (self.section, pseudo) {
            (Section::Request, Pseudo::Method) => &mut self.pseudo.method,
            (Section::Request, Pseudo::Scheme) => &mut self.pseudo.scheme,
            (Section::Request, Pseudo::Authority) => &mut self.pseudo.authority,
            (Section::Request, Pseudo::Path) => &mut self.pseudo.path,
            (Section::Request, Pseudo::Protocol) => &mut self.pseudo.protocol,
            (Section::Response, Pseudo::Status) => &mut self.pseudo.status,
            (Section::Request | Section::Response | Section::Trailers, _) => {
                return Err(Violation::PseudoUnknown);
            }
        };
        if place.is_some() {
            return Err(Violation::PseudoUnknown);
        }
        let good = known_good
            || match pseudo {
                Pseudo::Method | Pseudo::Protocol => chars::is_method(value),
                Pseudo::Scheme => chars::is_scheme(value),
                Pseudo::Authority => is_host_and_port(value),
                Pseudo::Path => chars::is_path(value),
                Pseudo::Status => is_status(value),
            };
        // The authority stands in the text as the Host field that it becomes.
        let at = if pseudo == Pseudo::Authority {
            if !good {
                return Err(Violation::Authority);
            }
            self.head.push_as(Name::Host, b"host", value);
            self.head.text_bytes() - value.len() - 2
        } else {
            self.head.push_text(value)
        };
        let at = Span::new(at, at + value.len());
        *place = Some(Value { at, good });
        Ok(Memo::new(Called::Pseudo(pseudo), good))
    }

    /// The pseudo-fields are complete.
    fn start(&mut self) -> Result<(), Violation> {
        match self.section {
            Section::Request => self.request(),
            Section::Response => self.response(),
            Section::Trailers => Ok(()),
        }
    }

    fn request(&mut self) -> Result<(), Violation> {
        let method = self.pseudo.method.ok_or(Violation::PseudoMissing)?;
        if !method.good {
            return Err(Violation::Method);
        }
        let mut method = method.at;
        let verb = self.head.bytes(method);
        if verb == b"PRI" {
            return Err(Violation::MisplacedPreface);
        }
        let connects = verb == b"CONNECT";
        if self.pseudo.protocol.is_some() && (!connects || self.pseudo.authority.is_none()) {
            return Err(Violation::PseudoMissing);
        }
        let target = if connects && self.pseudo.protocol.is_none() {
            // RFC 9113 §8.5.
            if self.pseudo.scheme.is_some() || self.pseudo.path.is_some() {
                return Err(Violation::PseudoUnknown);
            }
            let authority = self.pseudo.authority.ok_or(Violation::PseudoMissing)?.at;
            if !self.head.bytes(authority).contains(&b':') {
                return Err(Violation::Authority);
            }
            authority
        } else {
            let scheme = self.pseudo.scheme.ok_or(Violation::PseudoMissing)?;
            if !scheme.good {
                return Err(Violation::Scheme);
            }
            let path = self.pseudo.path.ok_or(Violation::PseudoMissing)?;
            // The asterisk asks about the server (RFC 9110 §9.3.7).
            let asterisk = || self.head.bytes(path.at) == b"*" && verb == b"OPTIONS";
            if !(path.good || asterisk()) {
                return Err(Violation::Path);
            }
            self.whole_target(scheme.at, path.at)
        };
        if let Some(protocol) = self.pseudo.protocol {
            let at = self.upgrade(protocol)?;
            method = Span::new(at, at + GET.len());
        }
        self.head.kind = Kind::Request { method, target };
        Ok(())
    }

    /// A request for another protocol looks as in HTTP/1. Says where its method stands.
    fn upgrade(&mut self, protocol: Value) -> Result<usize, Violation> {
        let name = self.head.bytes(protocol.at);
        if !protocol.good || is_lower(name, "h2c") || is_lower(name, "h2") {
            return Err(Violation::Protocol);
        }
        let name = name.to_vec();
        self.head.push(b"connection", b"upgrade");
        self.head.push(b"upgrade", &name);
        self.meaning.upgrade = true;
        Ok(self.head.push_text(GET))
    }

    /// The target as rules and logs see it: in absolute form, unless it names nobody.
    fn whole_target(&mut self, scheme: Span, path: Span) -> Span {
        let Some(Value { at: authority, .. }) = self.pseudo.authority.filter(|it| it.at.len > 0)
        else {
            return path;
        };
        let authority = self.without_default_port(scheme, authority);
        if self.head.bytes(path) == b"*" {
            return path;
        }
        let start = self.head.push_again(scheme);
        self.head.push_text(b"://");
        self.head.push_again(authority);
        let path_at = self.head.push_again(path);
        self.head.target_prefix = (path_at - start) as u32;
        Span::new(start, path_at + path.len as usize)
    }

    /// A port that the scheme implies is not said (RFC 3986 §6.2.3): who asks for a host asks for it in
    /// one way.
    fn without_default_port(&mut self, scheme: Span, authority: Span) -> Span {
        let whole = self.head.bytes(authority);
        let implied = implied_ports(self.head.bytes(scheme));
        let mut ports = implied.iter().copied().chain([&b""[..]]);
        let host = ports.find_map(|port| whole.strip_suffix(port)?.strip_suffix(b":"));
        let Some(host) = host.map(<[u8]>::to_vec) else {
            return authority;
        };
        self.head.remove(Name::Host);
        self.head.push_as(Name::Host, b"host", &host);
        Span {
            len: host.len() as u32,
            ..authority
        }
    }

    fn response(&mut self) -> Result<(), Violation> {
        let status = self.pseudo.status.ok_or(Violation::PseudoMissing)?;
        if !status.good {
            return Err(Violation::Status);
        }
        let digits = self.head.bytes(status.at).iter();
        let status = digits.fold(0, |value, digit| value * 10 + u16::from(digit - b'0'));
        let reason = Span::default();
        self.head.kind = Kind::Response { status, reason };
        Ok(())
    }

    fn regular(&mut self, id: Name, field: Field<'_>) -> Result<(), Violation> {
        let Field {
            name,
            value,
            secret,
            line,
            ..
        } = field;
        match id {
            // RFC 9113 §8.2.2.
            Name::Connection
            | Name::KeepAlive
            | Name::ProxyConnection
            | Name::TransferEncoding
            | Name::Upgrade => return Err(Violation::ConnectionField),
            Name::Te if !is_lower(value, "trailers") => return Err(Violation::ConnectionField),
            _ if self.section == Section::Trailers && !id.may_trail() => return Ok(()),
            Name::Host if self.section == Section::Request => {
                if !is_host_and_port(value) {
                    return Err(Violation::Authority);
                }
                // The authority wins.
                if self.pseudo.authority.is_some() {
                    return Ok(());
                }
                match self.head.value(Name::Host) {
                    Some(before) if before != value => return Err(Violation::HostRepeated),
                    Some(_) => return Ok(()),
                    None => {}
                }
            }
            Name::Cookie if self.section == Section::Request => {
                if !self.cookie.is_empty() {
                    self.cookie.extend_from_slice(b"; ");
                }
                self.cookie.extend_from_slice(value);
                self.cookie_secret |= secret;
                return Ok(());
            }
            Name::ContentLength => {
                let length = decimal(value).ok_or(Violation::ContentLength)?;
                match self.meaning.length {
                    Some(before) if before != length => return Err(Violation::ContentLength),
                    Some(_) => return Ok(()),
                    None => self.meaning.length = Some(length),
                }
            }
            _ => {}
        }
        match line {
            _ if secret => self.head.push_secret(name, value),
            Some(line) => self.head.push_line(id, line, name.len()),
            None => self.head.push_as(id, name, value),
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Meaning, Violation> {
        if !self.begun {
            self.start()?;
        }
        if !self.cookie.is_empty() {
            let cookie = core::mem::take(self.cookie);
            match self.cookie_secret {
                true => self.head.push_secret(b"cookie", &cookie),
                false => self.head.push_as(Name::Cookie, b"cookie", &cookie),
            }
            *self.cookie = cookie;
        }
        // A request to nobody in particular still has a Host in HTTP/1 (RFC 9112 §3.2).
        if self.section == Section::Request && !self.head.has(Name::Host) {
            self.head.push(b"host", b"");
        }
        self.head.framing = Framing::None;
        self.head.version = Version::Http2;
        Ok(self.meaning)
    }
}

/// The method of a request for another protocol.
const GET: &[u8] = b"GET";
/// Longest block that is compared with the next, in bytes.
const LAST_BYTES_MAX: usize = 64;
/// Longest text of a head that is kept for it, in bytes: a few indexes can stand for much.
const LAST_TEXT_BYTES_MAX: usize = 512;
/// Memory for cookies that an idle reader keeps, in bytes.
const COOKIE_BYTES_KEPT_MAX: usize = 256;

/// Three digits; 101 does not exist here (RFC 9113 §8.6).
fn is_status(value: &[u8]) -> bool {
    matches!(value, [b'1'..=b'9', b'0'..=b'9', b'0'..=b'9']) && value != b"101"
}

/// Digits and nothing else, within 64 bits.
fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |value, digit| {
        let digit = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
        value.checked_mul(10)?.checked_add(digit)
    })
}
