//! The head of a message: start line and fields, as offsets into one block of text.
//!
//! A head is filled once by a protocol machine, edited by rules, and written by another machine. It
//! is recycled (see [`crate::Heads`]), so a steady flow of messages allocates nothing. Fields keep
//! their order and the case of their names; removing one marks it, adding one appends.

use crate::{Name, NameSet, same_name};
use alloc::vec::Vec;
use core::ops::Range;

/// A range of a head's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Number of bytes.
    pub len: u32,
}

impl Span {
    /// The range `start..end`.
    pub fn new(start: usize, end: usize) -> Self {
        Self {
            start: start as u32,
            len: (end - start) as u32,
        }
    }

    /// Offset behind the last byte.
    pub fn end(self) -> usize {
        self.start as usize + self.len as usize
    }

    fn of(self, text: &[u8]) -> &[u8] {
        &text[self.start as usize..self.end()]
    }
}

/// The version in which the sender speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// HTTP/1.0.
    Http10,
    /// HTTP/1.1 and every later minor version.
    #[default]
    Http11,
    /// HTTP/2.
    Http2,
}

/// What kind of head this is, with its start line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// A request: method and request-target as received.
    Request {
        /// `GET`, `CONNECT`, …
        method: Span,
        /// The request-target (RFC 9112 §3.2).
        target: Span,
    },
    /// A response.
    Response {
        /// 100..=999.
        status: u16,
        /// The reason phrase, possibly empty.
        reason: Span,
    },
    /// Trailer fields; there is no start line.
    #[default]
    Trailers,
}

/// How the body that follows a head is delimited, decided by the machine that received it
/// (RFC 9112 §6.3) and honoured by the machine that sends it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Framing {
    /// There is no body.
    #[default]
    None,
    /// Exactly this many bytes; more than zero.
    Length(u64),
    /// As many as there are: chunked in HTTP/1, END_STREAM or FIN elsewhere.
    Streamed,
    /// Everything until the connection closes (HTTP/1 responses only).
    UntilClose,
    /// Not a body: the stream is a tunnel from here on, in both directions
    /// (101, or 2xx to CONNECT).
    Tunnel,
}

/// One field line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The recognised name.
    pub id: Name,
    /// The name as received.
    pub name: Span,
    /// The value without surrounding whitespace.
    pub value: Span,
    /// Still part of the message.
    live: bool,
    /// `name: value` and the line end stand in the text in just this form.
    whole: bool,
    /// See [`Field::is_secret`].
    secret: bool,
}

impl Field {
    /// Whether the sender wants that no table of header compression ever holds this field, here or
    /// further on (RFC 7541 §6.2.3).
    pub fn is_secret(&self) -> bool {
        self.secret
    }

    /// Where the text holds this field exactly as HTTP/1 writes it, line end included; `None` if it
    /// has to be put together.
    #[inline]
    pub fn line(&self) -> Option<Range<usize>> {
        self.whole
            .then(|| self.name.start as usize..self.value.end() + 2)
    }

    /// What it takes as a line.
    fn line_bytes(&self) -> usize {
        (self.name.len + self.value.len) as usize + 4
    }
}

/// Start line and fields of a message.
#[derive(Clone, Debug, Default)]
pub struct Head {
    text: Vec<u8>,
    fields: Vec<Field>,
    /// The names of the live fields, and maybe of some that were removed.
    names: NameSet,
    /// What the live fields take as lines.
    lines_bytes: usize,
    /// The start line.
    pub kind: Kind,
    /// The sender's version.
    pub version: Version,
    /// How the body is delimited.
    pub framing: Framing,
    /// How many of the target's first bytes HTTP/1 leaves out: scheme and authority of a request of
    /// HTTP/2, which rules and logs see in front of the path and HTTP/1 servers in Host alone.
    pub target_prefix: u32,
}

impl Head {
    /// Empties the head, keeping its memory.
    pub fn clear(&mut self) {
        self.text.clear();
        self.fields.clear();
        self.names = NameSet::default();
        self.lines_bytes = 0;
        self.kind = Kind::Trailers;
        self.version = Version::Http11;
        self.framing = Framing::None;
        self.target_prefix = 0;
    }

    /// Becomes a copy of another in the memory it has.
    pub fn copy_from(&mut self, other: &Self) {
        self.text.clear();
        self.text.extend_from_slice(&other.text);
        self.fields.clear();
        self.fields.extend_from_slice(&other.fields);
        self.names = other.names;
        self.lines_bytes = other.lines_bytes;
        self.kind = other.kind;
        self.version = other.version;
        self.framing = other.framing;
        self.target_prefix = other.target_prefix;
    }

    /// Whether another has the same start line and fields at the same places of the same text.
    pub fn is_like(&self, other: &Self) -> bool {
        self.text == other.text && self.fields == other.fields && self.kind == other.kind
    }

    /// Appends raw text that spans may then point into; says where it starts.
    pub fn push_text(&mut self, text: &[u8]) -> usize {
        let at = self.text.len();
        self.text.extend_from_slice(text);
        at
    }

    /// Appends a copy of text that is already here; says where it starts.
    pub fn push_again(&mut self, span: Span) -> usize {
        let at = self.text.len();
        self.text
            .extend_from_within(span.start as usize..span.end());
        at
    }

    /// Replaces bytes of the text in place (obs-fold becomes spaces, RFC 9112 §5.2).
    pub fn text_mut(&mut self) -> &mut [u8] {
        &mut self.text
    }

    /// All the text, with what was removed and replaced.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Bytes of text held: what this head costs in memory.
    pub fn text_bytes(&self) -> usize {
        self.text.len()
    }

    /// Bytes of text for which there is memory.
    pub(crate) fn text_room(&self) -> usize {
        self.text.capacity()
    }

    /// Bytes of this head written as HTTP/1 text: what statistics and logs count, whatever the
    /// protocol.
    pub fn wire_bytes(&self) -> usize {
        let start = match self.kind {
            Kind::Request { method, target } => {
                (method.len + target.len - self.target_prefix) as usize + 12
            }
            Kind::Response { reason, .. } => reason.len as usize + 15,
            Kind::Trailers => 0,
        };
        start + 2 + self.lines_bytes
    }

    /// The bytes of a span.
    pub fn bytes(&self, span: Span) -> &[u8] {
        span.of(&self.text)
    }

    /// Adds a field whose name and value are in the text, or will be before anybody asks for them:
    /// whoever reads a head finds its fields first and copies their text at once. `whole` says
    /// that name and value belong to a line as [`Field::line`] has it.
    #[inline]
    pub fn push_span(&mut self, id: Name, name: Span, value: Span, whole: bool) {
        let field = Field {
            id,
            name,
            value,
            live: true,
            whole,
            secret: false,
        };
        self.names.insert(id);
        self.lines_bytes += field.line_bytes();
        self.fields.push(field);
    }

    /// Appends a field.
    pub fn push(&mut self, name: &[u8], value: &[u8]) {
        self.push_as(Name::of(name), name, value);
    }

    /// Appends a field whose name is `id`.
    pub fn push_as(&mut self, id: Name, name: &[u8], value: &[u8]) {
        self.text.reserve(name.len() + value.len() + 4);
        let at = self.push_text(name);
        let name = Span::new(at, at + name.len());
        let at = self.push_text(b": ") + 2;
        self.push_text(value);
        self.push_text(b"\r\n");
        self.push_span(id, name, Span::new(at, at + value.len()), true);
    }

    /// Appends a field whose line, as [`Field::line`] has it, is known; its name is `id` and this long.
    #[inline]
    pub fn push_line(&mut self, id: Name, line: &[u8], name_len: usize) {
        let at = self.push_text(line);
        let name = Span::new(at, at + name_len);
        let value = Span::new(at + name_len + 2, at + line.len() - 2);
        self.push_span(id, name, value, true);
    }

    /// Appends a field as [`Field::is_secret`] has it.
    pub fn push_secret(&mut self, name: &[u8], value: &[u8]) {
        self.push(name, value);
        if let Some(last) = self.fields.last_mut() {
            last.secret = true;
        }
    }

    /// Makes this a request.
    pub fn set_request(&mut self, method: &[u8], target: &[u8], version: Version) {
        let at = self.push_text(method);
        let method = Span::new(at, at + method.len());
        let at = self.push_text(target);
        let target = Span::new(at, at + target.len());
        self.kind = Kind::Request { method, target };
        self.version = version;
        self.target_prefix = 0;
    }

    /// Puts another request-target in the place of the one there is; its first `prefix` bytes are left
    /// out in HTTP/1.
    pub fn set_target(&mut self, target: &[u8], prefix: u32) {
        let Kind::Request { method, .. } = self.kind else {
            return;
        };
        let at = self.push_text(target);
        let target = Span::new(at, at + target.len());
        self.kind = Kind::Request { method, target };
        self.target_prefix = prefix;
    }

    /// Puts another method in the place of the one there is.
    pub fn set_method(&mut self, method: &[u8]) {
        let Kind::Request { target, .. } = self.kind else {
            return;
        };
        let at = self.push_text(method);
        let method = Span::new(at, at + method.len());
        self.kind = Kind::Request { method, target };
    }

    /// Puts another status and reason in the place of those there are.
    pub fn set_status(&mut self, status: u16, reason: &[u8]) {
        if let Kind::Response { .. } = self.kind {
            let version = self.version;
            self.set_response(status, reason, version);
        }
    }

    /// Gives a field another value; `false` of `change` leaves it. The new value is what it put into
    /// the buffer.
    pub fn change_values(
        &mut self,
        mut change: impl FnMut(&[u8], &[u8], &mut Vec<u8>) -> bool,
        buffer: &mut Vec<u8>,
    ) {
        for at in 0..self.fields.len() {
            let field = self.fields[at];
            if !field.live {
                continue;
            }
            buffer.clear();
            if !change(
                field.name.of(&self.text),
                field.value.of(&self.text),
                buffer,
            ) {
                continue;
            }
            let start = self.push_text(buffer);
            let end = self.text.len();
            let field = &mut self.fields[at];
            self.lines_bytes -= field.line_bytes();
            field.value = Span::new(start, end);
            field.whole = false;
            self.lines_bytes += field.line_bytes();
        }
    }

    /// Makes this a response.
    pub fn set_response(&mut self, status: u16, reason: &[u8], version: Version) {
        let at = self.push_text(reason);
        let reason = Span::new(at, at + reason.len());
        self.kind = Kind::Response { status, reason };
        self.version = version;
    }

    /// The request method; empty if this is no request.
    pub fn method(&self) -> &[u8] {
        match self.kind {
            Kind::Request { method, .. } => self.bytes(method),
            Kind::Response { .. } | Kind::Trailers => b"",
        }
    }

    /// The request-target; empty if this is no request.
    pub fn target(&self) -> &[u8] {
        match self.kind {
            Kind::Request { target, .. } => self.bytes(target),
            Kind::Response { .. } | Kind::Trailers => b"",
        }
    }

    /// The target as HTTP/1 sends it to a server.
    pub fn origin_target(&self) -> &[u8] {
        &self.target()[self.target_prefix as usize..]
    }

    /// The status code; 0 if this is no response.
    pub fn status(&self) -> u16 {
        match self.kind {
            Kind::Response { status, .. } => status,
            Kind::Request { .. } | Kind::Trailers => 0,
        }
    }

    /// The reason phrase of a response; empty for anything else.
    pub fn reason(&self) -> &[u8] {
        match self.kind {
            Kind::Response { reason, .. } => self.bytes(reason),
            Kind::Request { .. } | Kind::Trailers => b"",
        }
    }

    /// The length of the body, where the framing tells it.
    pub fn body_length(&self) -> Option<u64> {
        match self.framing {
            Framing::None => Some(0),
            Framing::Length(length) => Some(length),
            Framing::Streamed | Framing::UntilClose | Framing::Tunnel => None,
        }
    }

    /// Whether this is an interim response, to be followed by another head (RFC 9110 §15.2).
    pub fn is_interim(&self) -> bool {
        matches!(self.status(), 100 | 102..=199)
    }

    /// The live fields in order.
    pub fn fields(&self) -> impl DoubleEndedIterator<Item = &Field> {
        self.fields.iter().filter(|field| field.live)
    }

    /// Number of live fields.
    pub fn field_count(&self) -> usize {
        self.fields().count()
    }

    /// The values of all fields called `id`, in order.
    pub fn values(&self, id: Name) -> impl Iterator<Item = &[u8]> {
        let fields = if self.names.contains(id) {
            &self.fields[..]
        } else {
            &[]
        };
        fields
            .iter()
            .filter(move |field| field.live && field.id == id)
            .map(|field| self.bytes(field.value))
    }

    /// The first value of `id`.
    pub fn value(&self, id: Name) -> Option<&[u8]> {
        self.values(id).next()
    }

    /// Whether there is a field `id`.
    pub fn has(&self, id: Name) -> bool {
        self.names.contains(id) && self.fields().any(|field| field.id == id)
    }

    /// Whether there may be a field with one of these names; without a look at each field.
    #[inline]
    pub fn may_have(&self, names: NameSet) -> bool {
        self.names.meets(names)
    }

    /// Whether there is a field called `name`, known or not.
    pub fn has_named(&self, name: &[u8]) -> bool {
        self.fields()
            .any(|field| same_name(self.bytes(field.name), name))
    }

    /// Removes every field called `id`.
    pub fn remove(&mut self, id: Name) {
        if self.names.contains(id) {
            self.remove_if(|field, _, _| field.id == id);
            self.names.remove(id);
        }
    }

    /// Removes every field for which `goes` says so.
    pub fn remove_if(&mut self, mut goes: impl FnMut(&Field, &[u8], &[u8]) -> bool) {
        let text = &self.text;
        for field in &mut self.fields {
            if field.live && goes(field, field.name.of(text), field.value.of(text)) {
                field.live = false;
                self.lines_bytes -= field.line_bytes();
            }
        }
    }

    /// Replaces the values of all fields `id` by one; appends it if there was none.
    pub fn set(&mut self, id: Name, value: &[u8]) {
        let mut first = true;
        self.remove_if(|field, _, _| field.id == id && !core::mem::take(&mut first));
        let found = self
            .fields
            .iter()
            .position(|field| field.live && field.id == id);
        let Some(found) = found else {
            return self.push(id.as_str().as_bytes(), value);
        };
        let at = self.push_text(value);
        let field = &mut self.fields[found];
        self.lines_bytes -= field.line_bytes();
        field.value = Span::new(at, at + value.len());
        field.whole = false;
        self.lines_bytes += field.line_bytes();
    }

    /// Whether any value of the list field `id` contains `token` (RFC 9110 §5.6.1), whatever its case.
    pub fn has_token(&self, id: Name, token: &[u8]) -> bool {
        self.values(id)
            .flat_map(|value| value.split(|byte| *byte == b','))
            .any(|item| item.trim_ascii().eq_ignore_ascii_case(token))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Head {
        let mut head = Head::default();
        head.set_request(b"GET", b"/", Version::Http11);
        head.push(b"Host", b"a");
        head.push(b"X-A", b"1");
        head.push(b"Connection", b"close , Upgrade");
        head
    }

    fn listed(head: &Head) -> alloc::string::String {
        head.fields()
            .map(|f| {
                alloc::format!(
                    "{}={};",
                    alloc::string::String::from_utf8_lossy(head.bytes(f.name)),
                    alloc::string::String::from_utf8_lossy(head.bytes(f.value))
                )
            })
            .collect()
    }

    #[test]
    fn order_and_case_survive_edits() {
        let mut head = sample();
        head.set(Name::Host, b"bb");
        head.push(b"x-b", b"2");
        head.remove_if(|_, name, _| name == b"X-A");
        assert_eq!(listed(&head), "Host=bb;Connection=close , Upgrade;x-b=2;");
    }

    #[test]
    fn a_copy_is_like_its_original_until_either_is_edited() {
        let head = sample();
        let mut copy = Head::default();
        copy.push(b"x-gone", b"1");
        copy.copy_from(&head);
        assert!(copy.is_like(&head));
        assert_eq!(alloc::format!("{copy:?}"), alloc::format!("{head:?}"));
        // The text stays, but not what it means.
        copy.remove(Name::Connection);
        assert_eq!(copy.text(), head.text());
        assert!(!copy.is_like(&head));
    }

    #[test]
    fn tokens_are_found_in_lists() {
        let head = sample();
        assert!(head.has_token(Name::Connection, b"upgrade"));
        assert!(!head.has_token(Name::Connection, b"clos"));
    }

    #[test]
    fn set_leaves_one_field() {
        let mut head = sample();
        head.push(b"host", b"c");
        head.set(Name::Host, b"z");
        assert_eq!(head.values(Name::Host).count(), 1);
        head.set(Name::Te, b"trailers");
        assert_eq!(head.value(Name::Te), Some(&b"trailers"[..]));
    }

    #[test]
    fn the_size_as_text_is_known_after_every_edit() {
        let size = |head: &Head| {
            let fields: usize = head
                .fields()
                .map(|field| head.bytes(field.name).len() + head.bytes(field.value).len() + 4)
                .sum();
            b"GET / HTTP/1.1\r\n\r\n".len() + fields
        };
        let mut head = sample();
        let edits: [fn(&mut Head); 6] = [
            |head| head.push(b"host", b"other"),
            |head| head.set(Name::Host, b"longer than before"),
            |head| head.set(Name::Te, b"trailers"),
            |head| head.remove(Name::Connection),
            |head| head.remove(Name::Connection),
            |head| head.remove_if(|_, name, _| name == b"X-A"),
        ];
        for edit in edits {
            edit(&mut head);
            assert_eq!(head.wire_bytes(), size(&head));
        }
        head.clear();
        assert_eq!(head.wire_bytes(), 2);
    }

    #[test]
    fn a_prefix_of_the_target_is_not_sent_in_http1_and_goes_with_its_target() {
        let mut head = Head::default();
        head.set_request(b"GET", b"http://a/b", Version::Http2);
        head.target_prefix = 8;
        assert_eq!(head.origin_target(), b"/b");
        assert_eq!(head.wire_bytes(), b"GET /b HTTP/2.0\r\n\r\n".len());
        head.set_request(b"GET", b"/c", Version::Http2);
        assert_eq!(head.origin_target(), b"/c");
    }

    #[test]
    fn a_secret_field_stays_one_when_its_value_changes() {
        let mut head = sample();
        head.push_secret(b"authorization", b"x");
        head.set(Name::Authorization, b"y");
        let secret: Vec<_> = head.fields().filter(|it| it.is_secret()).collect();
        assert_eq!(secret.len(), 1);
        assert_eq!(head.bytes(secret[0].value), b"y");
    }

    #[test]
    fn lines_stand_in_the_text_until_their_value_changes() {
        let mut head = sample();
        let lines = |head: &Head| {
            let all = head.fields().map(|field| field.line());
            all.map(|line| line.map(|at| head.text()[at].to_vec()))
                .collect::<Vec<_>>()
        };
        assert_eq!(lines(&head)[0].as_deref(), Some(&b"Host: a\r\n"[..]));
        head.set(Name::Host, b"b");
        assert_eq!(lines(&head)[0], None);
        assert_eq!(lines(&head)[1].as_deref(), Some(&b"X-A: 1\r\n"[..]));
    }

    #[test]
    fn a_removed_name_is_gone_and_can_come_again() {
        let mut head = sample();
        head.remove(Name::Host);
        assert!(!head.has(Name::Host) && head.value(Name::Host).is_none());
        head.set(Name::Host, b"c");
        assert_eq!(head.value(Name::Host), Some(&b"c"[..]));
    }
}
