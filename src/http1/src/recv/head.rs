//! A head or trailer section being read, line by line.

use super::fields::FieldLine;
use super::framing::{Coding, Facts};
use super::lines::logical_line;
use super::target::{self, Target};
use super::{fields, request, response, trailers};
use crate::Limits;
use crate::violation::{Flaw, Violation};
use alloc::boxed::Box;
use base::Buf;
use message::{Framing, Head, Heads, Kind, Name, Role, Span, Version};

/// What is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    Request,
    Response,
    Trailers,
}

impl Section {
    /// The heads that the peer of `role` sends.
    pub(crate) fn head_for(role: Role) -> Self {
        match role {
            Role::Accepting => Self::Request,
            Role::Opening => Self::Response,
        }
    }
}

/// Reads a section over several calls. Complete lines move from the received buffer into the head;
/// only an incomplete line stays behind.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    /// The head so far; `None` before its first line.
    head: Option<Box<Head>>,
    /// How far the line at hand was searched for its end.
    scanned: u32,
    /// Bytes of the lines taken so far.
    taken: u32,
    fields: u32,
}

impl Reader {
    /// Whether a line of the section was read.
    pub(crate) fn has_begun(&self) -> bool {
        self.head.is_some()
    }

    /// Gives the head back; the reader can begin anew.
    pub(crate) fn reset(&mut self, heads: &mut Heads) {
        if let Some(head) = core::mem::take(self).head {
            heads.give(head);
        }
    }

    /// The lines taken so far, for a capture.
    pub(crate) fn taken_text(&self) -> &[u8] {
        self.head.as_deref().map_or(b"", |head| {
            let all = Span::new(0, head.text_bytes());
            head.bytes(all)
        })
    }

    /// Reads on; `Ok(None)` if bytes are missing. After an error the reader is of no more use.
    pub(crate) fn read(
        &mut self,
        section: Section,
        limits: &Limits,
        heads: &mut Heads,
        buf: &mut Buf,
    ) -> Result<Option<Box<Head>>, Flaw> {
        if section == Section::Request && self.head.is_none() && skip_empty_lines(buf) {
            self.scanned = 0;
        }
        loop {
            if self.scanned == 0
                && (self.taken > 0 || section == Section::Trailers)
                && self.take_ordinary(section, limits, heads, buf)
            {
                continue;
            }
            let mut scanned = self.scanned as usize;
            let length = logical_line(buf, &mut scanned);
            self.scanned = scanned as u32;
            let held = self.taken as usize + length.unwrap_or(buf.len());
            if held > limits.head_bytes_max as usize {
                return Err(self.too_long(section).at(limits.head_bytes_max as usize));
            }
            let Some(length) = length else {
                let begins = section == Section::Request && self.taken == 0;
                return match begins.then(|| request::refuse_early(buf)).flatten() {
                    Some(flaw) => Err(flaw),
                    None => Ok(None),
                };
            };
            let head = self.head.get_or_insert_with(|| heads.take());
            let line = &buf[..length];
            if matches!(line, b"\n" | b"\r\n") && (self.taken > 0 || section == Section::Trailers) {
                buf.consume(length);
                let taken = core::mem::take(self);
                return Ok(taken.head);
            }
            let here = self.taken as usize;
            let read = if self.taken == 0 && section != Section::Trailers {
                start_line(head, line, section, limits)
            } else if self.fields == limits.fields_max {
                Err(Violation::TooManyFields.at(0))
            } else {
                self.fields += 1;
                field_line(head, line, section, limits)
            };
            read.map_err(|flaw| flaw.violation.at(here + flaw.at))?;
            self.taken += length as u32;
            buf.consume(length);
        }
    }

    /// Takes a field line on the short way, if it is one that can go there.
    fn take_ordinary(
        &mut self,
        section: Section,
        limits: &Limits,
        heads: &mut Heads,
        buf: &mut Buf,
    ) -> bool {
        let Some((field, length)) = fields::parse_ordinary(buf) else {
            return false;
        };
        if self.taken as usize + length > limits.head_bytes_max as usize
            || self.fields == limits.fields_max
        {
            return false;
        }
        let head = self.head.get_or_insert_with(|| heads.take());
        push_field(head, &buf[..length], section, field);
        self.fields += 1;
        self.taken += length as u32;
        buf.consume(length);
        true
    }

    fn too_long(&self, section: Section) -> Violation {
        match section {
            Section::Trailers => Violation::TrailersTooLong,
            Section::Request | Section::Response if self.taken == 0 => Violation::TargetTooLong,
            Section::Request | Section::Response => Violation::HeadTooLong,
        }
    }
}

/// Empty lines before a request line are left out (RFC 9112 §2.2); says whether there were any.
fn skip_empty_lines(buf: &mut Buf) -> bool {
    let before = buf.len();
    loop {
        match &**buf {
            [b'\r', b'\n', ..] => buf.consume(2),
            [b'\n', ..] => buf.consume(1),
            _ => return buf.len() < before,
        }
    }
}

fn start_line(head: &mut Head, line: &[u8], section: Section, limits: &Limits) -> Result<(), Flaw> {
    let at = head.push_text(line);
    match section {
        Section::Request => {
            let it = request::parse(line, limits.relaxed)?;
            head.kind = Kind::Request {
                method: Span::new(at + it.method.start, at + it.method.end),
                target: Span::new(at + it.target.start, at + it.target.end),
            };
            head.version = it.version;
        }
        Section::Response => {
            let it = response::parse(line, limits.relaxed)?;
            head.kind = Kind::Response {
                status: it.status,
                reason: Span::new(at + it.reason.start, at + it.reason.end),
            };
            head.version = it.version;
        }
        Section::Trailers => {}
    }
    Ok(())
}

fn field_line(head: &mut Head, line: &[u8], section: Section, limits: &Limits) -> Result<(), Flaw> {
    if let Some(field) = fields::parse(line, limits.relaxed)? {
        push_field(head, line, section, field);
    }
    Ok(())
}

fn push_field(head: &mut Head, line: &[u8], section: Section, field: FieldLine) {
    if section == Section::Trailers && !trailers::is_allowed(Name::of(&line[field.name.clone()])) {
        return;
    }
    let at = head.push_text(line);
    let value = Span::new(at + field.value.start, at + field.value.end);
    if field.folded {
        for byte in &mut head.text_mut()[at + field.value.start..at + field.value.end] {
            if matches!(byte, b'\r' | b'\n') {
                *byte = b' ';
            }
        }
    }
    head.push_span(Span::new(at + field.name.start, at + field.name.end), value);
}

/// What the machine must know of the request that a message belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) verb: Verb,
    /// The request offered to switch protocols.
    pub(crate) upgrade: bool,
    /// The client said that it sends no other.
    pub(crate) close: bool,
}

/// The methods that change how a response is framed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Verb {
    Head,
    Connect,
    #[default]
    Other,
}

impl Verb {
    pub(crate) fn of(method: &[u8]) -> Self {
        match method {
            b"HEAD" => Self::Head,
            b"CONNECT" => Self::Connect,
            _ => Self::Other,
        }
    }
}

/// What a complete head means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Meaning {
    pub(crate) framing: Framing,
    /// The connection ends with this message.
    pub(crate) close: bool,
    pub(crate) upgrade: bool,
}

/// Judges a complete request, and puts Host and target into their normal form.
pub(crate) fn judge_request(head: &mut Head, limits: &Limits) -> Result<Meaning, Violation> {
    let facts = Facts::of(head, limits.relaxed)?;
    check_host(head, limits.relaxed)?;
    let old = head.version == Version::Http10;
    let framing = match (facts.coding, facts.length) {
        (Coding::Faulty, _) => return Err(Violation::TransferEncoding),
        (Coding::Unknown, _) => return Err(Violation::TransferCoding),
        (Coding::Chunked, _) => Framing::Streamed,
        (Coding::Absent, None | Some(0)) => Framing::None,
        (Coding::Absent, Some(length)) => Framing::Length(length),
    };
    let method = head.method();
    if framing != Framing::None {
        if method == b"CONNECT" {
            return Err(Violation::PayloadInConnect);
        }
        let bodiless = matches!(method, b"GET" | b"HEAD" | b"DELETE");
        if old && bodiless && !limits.payload_with_any_method {
            return Err(Violation::PayloadInOldRequest);
        }
    }
    Ok(Meaning {
        framing,
        close: must_close(&facts, head.version, limits),
        upgrade: facts.upgrade && !old,
    })
}

/// Judges a complete response to what was `asked`; `sent` says whether the request is complete.
pub(crate) fn judge_response(
    head: &Head,
    asked: Asked,
    sent: bool,
    limits: &Limits,
) -> Result<Meaning, Violation> {
    let facts = Facts::of(head, limits.relaxed)?;
    let framing = match (head.status(), asked.verb) {
        (101, _) if asked.upgrade && sent && facts.upgrade => Framing::Tunnel,
        (101, _) => return Err(Violation::UpgradeUnasked),
        (200..=299, Verb::Connect) => Framing::Tunnel,
        (100..=199 | 204 | 304, _) | (_, Verb::Head) => Framing::None,
        (_, Verb::Connect | Verb::Other) => match (facts.coding, facts.length) {
            (Coding::Faulty, _) => return Err(Violation::TransferEncoding),
            (Coding::Unknown, _) => return Err(Violation::TransferCoding),
            (Coding::Chunked, _) => Framing::Streamed,
            (Coding::Absent, Some(0)) => Framing::None,
            (Coding::Absent, Some(length)) => Framing::Length(length),
            (Coding::Absent, None) => Framing::UntilClose,
        },
    };
    Ok(Meaning {
        framing,
        close: framing == Framing::UntilClose || must_close(&facts, head.version, limits),
        upgrade: facts.upgrade,
    })
}

/// RFC 9112 §9.3, and §6.1 for faulty framing.
fn must_close(facts: &Facts, version: Version, limits: &Limits) -> bool {
    match version {
        Version::Http10 => !facts.keep_alive || facts.close || facts.coding != Coding::Absent,
        Version::Http11 => {
            facts.close || (facts.is_contradictory() && !limits.keep_insecure_framing)
        }
    }
}

/// Host must be one, and must name the authority of the target (RFC 9112 §3.2). A default port
/// goes away from both (RFC 3986 §6.2.3), and an absolute target gets at least the path `/`.
fn check_host(head: &mut Head, relaxed: bool) -> Result<(), Violation> {
    let mut hosts = head.values(Name::Host);
    let host = hosts.next();
    let mut repeated = false;
    for other in hosts {
        repeated = true;
        if host.is_none_or(|host| host != other) {
            return Err(Violation::HostRepeated);
        }
    }
    // What the target asks of Host and of itself.
    let (new_host, new_target) = match target::parse(head.method(), head.target(), relaxed)? {
        Target::Origin | Target::Asterisk => (None, None),
        Target::Authority(authority) | Target::Absolute { authority, .. }
            if !relaxed && host.is_some_and(|host| !authority.agrees_with(host)) =>
        {
            return Err(Violation::HostMismatch);
        }
        Target::Authority(authority) => (normal_host(&authority, host), None),
        Target::Absolute {
            authority,
            path,
            prefix,
        } => (
            normal_host(&authority, host),
            normal_target(&authority, path, prefix),
        ),
    };
    let kept = match new_host {
        Some(kept) => Some(kept),
        None if repeated => host.map(Box::<[u8]>::from),
        None => None,
    };
    if let Some(kept) = kept {
        head.set(Name::Host, &kept);
    }
    if let (Some(target), Kind::Request { method, .. }) = (new_target, head.kind) {
        let at = head.push_text(&target);
        head.kind = Kind::Request {
            method,
            target: Span::new(at, at + target.len()),
        };
    }
    Ok(())
}

/// Host as it should be if it is missing or its target's port is the default and written out.
fn normal_host(authority: &target::Authority<'_>, host: Option<&[u8]>) -> Option<Box<[u8]>> {
    match host {
        Some(host) if authority.has_redundant_port() => match target::split_port(host) {
            (name, Some(_)) => Some(name.into()),
            (_, None) => None,
        },
        Some(_) => None,
        None if authority.has_redundant_port() => Some(authority.host.into()),
        None => {
            let mut whole = alloc::vec::Vec::from(authority.host);
            if let Some(port) = authority.port {
                whole.push(b':');
                whole.extend_from_slice(port);
            }
            Some(whole.into())
        }
    }
}

fn normal_target(
    authority: &target::Authority<'_>,
    path: &[u8],
    prefix: &[u8],
) -> Option<Box<[u8]>> {
    if !path.is_empty() && !authority.has_redundant_port() {
        return None;
    }
    let mut whole = alloc::vec::Vec::from(prefix);
    whole.extend_from_slice(authority.host);
    if let Some(port) = authority.port
        && !authority.has_redundant_port()
    {
        whole.push(b':');
        whole.extend_from_slice(port);
    }
    whole.extend_from_slice(if path.is_empty() { b"/" } else { path });
    Some(whole.into())
}
