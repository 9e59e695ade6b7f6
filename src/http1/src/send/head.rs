//! Writing heads: start line, fields in their order and case, framing and connection options.

use super::queue::Queue;
use crate::recv::framing::{is_forwarded_protocol, items};
use base::Pool;
use core::ops::Range;
use message::websocket::Key;
use message::{Field, Head, Kind, Name, Version, is_lower};

/// What the head must say about its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Declare {
    /// Nothing, and what the head says goes away.
    Nothing,
    /// What the head says stays: an answer to HEAD, or 304, describes a body that is not there.
    AsIs,
    /// This many bytes.
    Length(u64),
    /// Chunked.
    Chunked,
}

/// The connection option we add ourselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Persist {
    /// Nothing needs to be said.
    Implied,
    KeepAlive,
    Close,
}

/// How a head is to be written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan<'a> {
    pub(crate) declare: Declare,
    pub(crate) persist: Persist,
    /// The key of a WebSocket, if it is ours.
    pub(crate) key: Option<&'a Key>,
}

/// Writes a request or response head.
pub(crate) fn write(queue: &mut Queue, pool: &mut Pool, head: &Head, plan: Plan<'_>) {
    let mut run = start_line(queue, pool, head, plan.declare);
    let mut facts = Written::default();
    for field in head.fields() {
        match treatment(head, field, plan, &mut facts) {
            Treatment::Keep => run.add(queue, pool, head, field),
            Treatment::Drop => {}
            Treatment::Rewrite => {
                run.flush(queue, pool, head);
                rewrite(queue, pool, head, field);
            }
        }
    }
    run.flush(queue, pool, head);
    declare(queue, pool, plan.declare, &facts);
    if facts.connection || plan.persist != Persist::Implied {
        connection(queue, pool, head, plan.persist);
    }
    if let Some(key) = plan.key {
        queue.put(pool, b"sec-websocket-key: ");
        queue.put(pool, key);
        queue.put(pool, b"\r\n");
    }
    queue.put(pool, b"\r\n");
}

/// Writes trailer fields, without the empty line that ends them.
pub(crate) fn write_trailers(queue: &mut Queue, pool: &mut Pool, trailers: &Head) {
    let mut run = Run::default();
    for field in trailers.fields() {
        if field.id.may_trail() {
            run.add(queue, pool, trailers, field);
        }
    }
    run.flush(queue, pool, trailers);
}

/// Writes the start line, or finds it in the text as it is to be written. A response carries our own
/// version (RFC 9110 §2.5).
fn start_line(queue: &mut Queue, pool: &mut Pool, head: &Head, declare: Declare) -> Run {
    let text = head.text();
    match head.kind {
        Kind::Request { method, target } => {
            // A request keeps its version, as HAProxy has it: one of HTTP/1.0 may lack the Host that
            // HTTP/1.1 demands (RFC 9112 §3.2). Chunks do not exist in HTTP/1.0 (RFC 9112 §6.1).
            let version = match head.version {
                Version::Http10 if declare != Declare::Chunked => b" HTTP/1.0\r\n",
                Version::Http10 | Version::Http11 | Version::Http2 => b" HTTP/1.1\r\n",
            };
            let (start, end) = (method.start as usize, target.end());
            if head.target_prefix == 0
                && target.start as usize == method.end() + 1
                && text[method.end()] == b' '
                && text[end..].starts_with(version)
            {
                let end = end + version.len();
                return Run { start, end };
            }
            queue.put(pool, head.bytes(method));
            queue.put(pool, b" ");
            queue.put(pool, head.origin_target());
            queue.put(pool, version);
        }
        Kind::Response { status, reason } => {
            let mut digits = itoa::Buffer::new();
            let digits = digits.format(status).as_bytes();
            let before = VERSION.len() + digits.len() + 1;
            let (start, end) = ((reason.start as usize).checked_sub(before), reason.end());
            if let Some(start) = start
                && let Some(rest) = text[start..].strip_prefix(VERSION)
                && let Some([b' ', ..]) = rest.strip_prefix(digits)
                && text[end..].starts_with(b"\r\n")
            {
                let end = end + 2;
                return Run { start, end };
            }
            queue.put(pool, VERSION);
            queue.put(pool, digits);
            queue.put(pool, b" ");
            queue.put(pool, head.bytes(reason));
            queue.put(pool, b"\r\n");
        }
        Kind::Trailers => {}
    }
    Run::default()
}

const VERSION: &[u8] = b"HTTP/1.1 ";

/// What was seen on the way.
#[derive(Default)]
struct Written {
    declared: bool,
    /// A Connection field that may name something which goes on.
    connection: bool,
}

enum Treatment {
    Keep,
    Drop,
    Rewrite,
}

fn treatment(head: &Head, field: &Field, plan: Plan<'_>, facts: &mut Written) -> Treatment {
    let value = || head.bytes(field.value);
    match field.id {
        Name::Connection => {
            // What nearly all of them say is not for the next hop.
            facts.connection |= !is_lower(value(), "keep-alive") && !is_lower(value(), "close");
            Treatment::Drop
        }
        // They speak of the connection they came on (RFC 9110 §7.6.1).
        Name::KeepAlive | Name::ProxyConnection | Name::Http2Settings => Treatment::Drop,
        Name::ContentLength => match plan.declare {
            Declare::AsIs => Treatment::Keep,
            Declare::Length(length)
                if !facts.declared && itoa::Buffer::new().format(length).as_bytes() == value() =>
            {
                facts.declared = true;
                Treatment::Keep
            }
            Declare::Nothing | Declare::Length(_) | Declare::Chunked => Treatment::Drop,
        },
        Name::TransferEncoding => match plan.declare {
            Declare::AsIs => Treatment::Keep,
            Declare::Chunked if !facts.declared && value().eq_ignore_ascii_case(b"chunked") => {
                facts.declared = true;
                Treatment::Keep
            }
            Declare::Nothing | Declare::Length(_) | Declare::Chunked => Treatment::Drop,
        },
        Name::Upgrade if items(value()).all(is_forwarded_protocol) => Treatment::Keep,
        Name::Upgrade => Treatment::Rewrite,
        Name::Te if value().eq_ignore_ascii_case(b"trailers") => Treatment::Keep,
        Name::Te => Treatment::Rewrite,
        _ => Treatment::Keep,
    }
}

/// A field of which only some items go on: protocols of this hop leave Upgrade, codings leave TE
/// (RFC 9110 §10.1.4), because we undo none but chunked.
fn rewrite(queue: &mut Queue, pool: &mut Pool, head: &Head, field: &Field) {
    let mut list = List::new(head.bytes(field.name));
    for item in items(head.bytes(field.value)) {
        let goes_on = match field.id {
            Name::Te => item.eq_ignore_ascii_case(b"trailers"),
            _ => is_forwarded_protocol(item),
        };
        if goes_on {
            list.add(queue, pool, item);
        }
    }
    list.end(queue, pool);
}

fn declare(queue: &mut Queue, pool: &mut Pool, declare: Declare, facts: &Written) {
    match declare {
        Declare::Length(length) if !facts.declared => {
            queue.put(pool, b"content-length: ");
            queue.put(pool, itoa::Buffer::new().format(length).as_bytes());
            queue.put(pool, b"\r\n");
        }
        Declare::Chunked if !facts.declared => {
            queue.put(pool, b"transfer-encoding: chunked\r\n");
        }
        Declare::Nothing | Declare::AsIs | Declare::Length(_) | Declare::Chunked => {}
    }
}

/// One Connection field: the options of other hops' making that go on, and ours.
fn connection(queue: &mut Queue, pool: &mut Pool, head: &Head, persist: Persist) {
    let upgrades = || {
        head.values(Name::Upgrade)
            .flat_map(items)
            .any(is_forwarded_protocol)
    };
    let takes_trailers = || head.has_token(Name::Te, b"trailers");
    let mut list = List::new(b"connection");
    for item in head.values(Name::Connection).flat_map(items) {
        let is = |token: &[u8]| item.eq_ignore_ascii_case(token);
        let goes_on = if is(b"close") || is(b"keep-alive") || is(b"http2-settings") {
            false
        } else if is(b"upgrade") {
            upgrades()
        } else if is(b"te") {
            takes_trailers()
        } else {
            true
        };
        if goes_on {
            list.add(queue, pool, item);
        }
    }
    match persist {
        Persist::Implied => {}
        Persist::KeepAlive => list.add(queue, pool, b"keep-alive"),
        Persist::Close => list.add(queue, pool, b"close"),
    }
    list.end(queue, pool);
}

/// A list field that is written only if it has an item.
struct List<'a> {
    name: &'a [u8],
    begun: bool,
}

impl<'a> List<'a> {
    fn new(name: &'a [u8]) -> Self {
        Self { name, begun: false }
    }

    fn add(&mut self, queue: &mut Queue, pool: &mut Pool, item: &[u8]) {
        if self.begun {
            queue.put(pool, b", ");
        } else {
            queue.put(pool, self.name);
            queue.put(pool, b": ");
            self.begun = true;
        }
        queue.put(pool, item);
    }

    fn end(self, queue: &mut Queue, pool: &mut Pool) {
        if self.begun {
            queue.put(pool, b"\r\n");
        }
    }
}

/// Lines that stand one behind the other in the text, exactly as they are to be written: they are copied
/// at once.
#[derive(Default)]
struct Run {
    start: usize,
    end: usize,
}

impl Run {
    #[inline]
    fn add(&mut self, queue: &mut Queue, pool: &mut Pool, head: &Head, field: &Field) {
        let line = field.line();
        if let Some(line) = &line
            && line.start == self.end
        {
            self.end = line.end;
            return;
        }
        self.flush(queue, pool, head);
        if let Some(Range { start, end }) = line {
            *self = Self { start, end };
            return;
        }
        queue.put(pool, head.bytes(field.name));
        queue.put(pool, b": ");
        queue.put(pool, head.bytes(field.value));
        queue.put(pool, b"\r\n");
    }

    fn flush(&mut self, queue: &mut Queue, pool: &mut Pool, head: &Head) {
        queue.put(pool, &head.text()[self.start..self.end]);
        *self = Self::default();
    }
}
