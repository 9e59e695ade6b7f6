//! The protocol machine of a connection, chosen when the connection is made.

use alloc::boxed::Box;
use base::{Buf, Deadline, Instant};
use http1::{Connection, Raw};
use http2::frame::PREFACE;
use message::{
    Capacity, Cx, Event, Head, Machine, Owes, Part, Reset, Role, Shutdown, StreamId, Version,
    Waiting,
};

/// One of the protocols; a new one is a new variant here and nothing else in the engine.
#[derive(Debug)]
pub(crate) enum Wire {
    /// HTTP/1.
    Http1(Connection),
    /// HTTP/2. Boxed: the tables of a connection are many times larger than all of HTTP/1.
    Http2(Box<http2::Connection>),
    /// HTTP/1 unless the preface of HTTP/2 goes on as it has begun.
    Greeted(Box<Greeted>),
    /// Bytes, in TCP mode.
    Raw(Raw),
}

/// A client whose first bytes are the beginning of the HTTP/2 preface (RFC 9113 §3.4), or of a request
/// that begins alike.
#[derive(Debug)]
pub(crate) struct Greeted {
    http1: Connection,
    /// As many bytes of the preface.
    count: usize,
}

/// What the first bytes of a client say about its protocol.
enum Greeting {
    Http1,
    Http2,
    /// As many bytes of the preface, and no others.
    Unfinished(usize),
}

impl Greeting {
    /// `known` bytes of the preface came before these.
    fn of(known: usize, bytes: &[u8]) -> Self {
        let due = &PREFACE[known..];
        let count = due.len().min(bytes.len());
        if bytes[..count] != due[..count] {
            Self::Http1
        } else if count == due.len() {
            Self::Http2
        } else {
            Self::Unfinished(known + count)
        }
    }
}

macro_rules! each {
    ($self:ident, $machine:ident => $call:expr) => {
        match $self {
            Wire::Http1($machine) => $call,
            Wire::Http2($machine) => $call,
            Wire::Greeted(greeted) => {
                let $machine = &greeted.http1;
                $call
            }
            Wire::Raw($machine) => $call,
        }
    };
    (mut $self:ident, $machine:ident => $call:expr) => {
        match $self {
            Wire::Http1($machine) => $call,
            Wire::Http2($machine) => $call,
            Wire::Greeted(greeted) => {
                let $machine = &mut greeted.http1;
                $call
            }
            Wire::Raw($machine) => $call,
        }
    };
}

impl Wire {
    /// The connection ends with the message at hand (`option httpclose` and its kin); nothing to decide
    /// where streams share a connection, or in TCP mode.
    pub(crate) fn close_after(&mut self) {
        match self {
            Self::Http1(connection) => connection.close_after(),
            Self::Http2(_) | Self::Greeted(_) | Self::Raw(_) => {}
        }
    }

    /// Gives up on a request whose head has begun or was due: its stream can still be answered.
    pub(crate) fn refuse(&mut self, cx: &mut Cx<'_>) -> Option<StreamId> {
        match self {
            Self::Http1(connection) => connection.refuse(cx),
            Self::Greeted(greeted) => greeted.http1.refuse(cx),
            Self::Http2(_) | Self::Raw(_) => None,
        }
    }

    /// The bytes around what the peer got wrong.
    pub(crate) fn captured(&self) -> Option<&http1::Capture> {
        match self {
            Self::Http1(connection) => connection.captured(),
            Self::Http2(_) | Self::Greeted(_) | Self::Raw(_) => None,
        }
    }

    /// Whether it may still turn out to be HTTP/2.
    pub(crate) fn is_undecided(&self) -> bool {
        matches!(self, Self::Greeted(_))
    }

    /// The version of HTTP it speaks; none for raw bytes.
    pub(crate) fn version(&self) -> Option<Version> {
        match self {
            Self::Http1(_) | Self::Greeted(_) => Some(Version::Http11),
            Self::Http2(_) => Some(Version::Http2),
            Self::Raw(_) => None,
        }
    }

    /// What the peer did so far that none should do.
    pub(crate) fn glitches(&self) -> u32 {
        match self {
            Self::Http2(connection) => connection.glitches(),
            Self::Http1(_) | Self::Greeted(_) | Self::Raw(_) => 0,
        }
    }

    /// Streams that the peer may have at a time.
    pub(crate) fn streams_max(&self) -> u32 {
        match self {
            Self::Http2(connection) => connection.streams_max(),
            Self::Http1(_) | Self::Greeted(_) | Self::Raw(_) => 1,
        }
    }

    /// Whether the peer has said how it is to be talked to.
    pub(crate) fn is_settled(&self) -> bool {
        match self {
            Self::Http2(connection) => connection.is_settled(),
            Self::Http1(_) | Self::Greeted(_) | Self::Raw(_) => true,
        }
    }

    /// Whether [`Machine::poll_event`] may have something.
    pub(crate) fn may_have_event(&self) -> bool {
        match self {
            Self::Http1(connection) => connection.has_event(),
            Self::Http2(_) | Self::Greeted(_) | Self::Raw(_) => true,
        }
    }

    /// Whether nothing is left to read of raw bytes but their end.
    pub(crate) fn is_at_end(&self) -> bool {
        match self {
            Self::Raw(raw) => raw.is_at_end(),
            Self::Http1(_) | Self::Http2(_) | Self::Greeted(_) => false,
        }
    }

    /// Whether several streams share the connection.
    pub(crate) fn is_multiplexed(&self) -> bool {
        match self {
            Self::Http2(_) => true,
            Self::Http1(_) | Self::Greeted(_) | Self::Raw(_) => false,
        }
    }

    /// The preface of HTTP/2 was said, and not by the peer.
    pub(crate) fn hear_preface(&mut self, cx: &mut Cx<'_>) {
        receive_known(self, cx, PREFACE.len());
    }

    /// Takes in the first bytes of a client, who speaks HTTP/2 if they are its preface: then `http2`
    /// makes the machine.
    pub(crate) fn receive_first(
        &mut self,
        cx: &mut Cx<'_>,
        bytes: Buf,
        http2: impl FnOnce(&mut Cx<'_>) -> http2::Connection,
    ) {
        let known = match self {
            Self::Greeted(greeted) => greeted.count,
            Self::Http1(_) | Self::Http2(_) | Self::Raw(_) => 0,
        };
        match Greeting::of(known, &bytes) {
            Greeting::Http1 => {
                self.go_on_as_http1(cx);
                self.receive(cx, bytes);
            }
            Greeting::Http2 => {
                let mut connection = http2(cx);
                receive_known(&mut connection, cx, known);
                connection.receive(cx, bytes);
                *self = Self::Http2(Box::new(connection));
            }
            Greeting::Unfinished(count) => {
                cx.pool.give(bytes);
                if let Some(http1) = self.take_http1() {
                    *self = Self::Greeted(Box::new(Greeted { http1, count }));
                }
            }
        }
    }

    /// It is no preface after all.
    fn go_on_as_http1(&mut self, cx: &mut Cx<'_>) {
        if let Self::Greeted(greeted) = self {
            let count = greeted.count;
            receive_known(&mut greeted.http1, cx, count);
            if let Some(http1) = self.take_http1() {
                *self = Self::Http1(http1);
            }
        }
    }

    /// Takes the HTTP/1 machine out; what stays is put in place of it.
    fn take_http1(&mut self) -> Option<Connection> {
        match core::mem::replace(self, Self::Raw(Raw::new(Role::Accepting))) {
            Self::Http1(http1) => Some(http1),
            Self::Greeted(greeted) => Some(greeted.http1),
            other @ (Self::Http2(_) | Self::Raw(_)) => {
                *self = other;
                None
            }
        }
    }
}

/// Takes in the first bytes of the preface, which nobody kept.
fn receive_known(machine: &mut impl Machine, cx: &mut Cx<'_>, count: usize) {
    if count > 0 {
        let mut bytes = cx.pool.take();
        bytes.append(&PREFACE[..count]);
        machine.receive(cx, bytes);
    }
}

impl Machine for Wire {
    fn receive(&mut self, cx: &mut Cx<'_>, bytes: Buf) {
        each!(mut self, m => m.receive(cx, bytes));
    }

    fn receive_end(&mut self, cx: &mut Cx<'_>, reset: bool) {
        // What was held back is part of what is broken off.
        self.go_on_as_http1(cx);
        each!(mut self, m => m.receive_end(cx, reset));
    }

    fn wants_bytes(&self) -> bool {
        each!(self, m => m.wants_bytes())
    }

    fn poll_event(&mut self, cx: &mut Cx<'_>) -> Option<Event> {
        each!(mut self, m => m.poll_event(cx))
    }

    fn read(&mut self, cx: &mut Cx<'_>, stream: StreamId) -> Option<Part> {
        each!(mut self, m => m.read(cx, stream))
    }

    fn open(&mut self, cx: &mut Cx<'_>) -> Option<StreamId> {
        each!(mut self, m => m.open(cx))
    }

    fn capacity(&self) -> Capacity {
        each!(self, m => m.capacity())
    }

    fn room(&self, stream: StreamId) -> usize {
        each!(self, m => m.room(stream))
    }

    fn send_head(&mut self, cx: &mut Cx<'_>, stream: StreamId, head: &Head) {
        each!(mut self, m => m.send_head(cx, stream, head));
    }

    fn send_data(&mut self, cx: &mut Cx<'_>, stream: StreamId, data: Buf) {
        each!(mut self, m => m.send_data(cx, stream, data));
    }

    fn send_trailers(&mut self, cx: &mut Cx<'_>, stream: StreamId, trailers: &Head) {
        each!(mut self, m => m.send_trailers(cx, stream, trailers));
    }

    fn send_end(&mut self, cx: &mut Cx<'_>, stream: StreamId) {
        each!(mut self, m => m.send_end(cx, stream));
    }

    fn reset(&mut self, cx: &mut Cx<'_>, stream: StreamId, reset: Reset) {
        each!(mut self, m => m.reset(cx, stream, reset));
    }

    fn drain(&mut self, cx: &mut Cx<'_>) {
        each!(mut self, m => m.drain(cx));
    }

    fn pending<'a>(&'a self, slices: &mut [&'a [u8]]) -> usize {
        each!(self, m => m.pending(slices))
    }

    fn has_pending(&self) -> bool {
        each!(self, m => m.has_pending())
    }

    fn transmitted(&mut self, cx: &mut Cx<'_>, count: usize) {
        each!(mut self, m => m.transmitted(cx, count));
    }

    fn shutdown(&self) -> Shutdown {
        each!(self, m => m.shutdown())
    }

    fn waiting(&self) -> Waiting {
        match self {
            Self::Greeted(_) => Waiting::Head,
            other => each!(other, m => m.waiting()),
        }
    }

    fn has_unsent(&self, stream: StreamId) -> bool {
        each!(self, m => m.has_unsent(stream))
    }

    fn moved_at(&self, stream: StreamId) -> Instant {
        each!(self, m => m.moved_at(stream))
    }

    fn owes(&self, stream: StreamId) -> Owes {
        each!(self, m => m.owes(stream))
    }

    fn poll_timeout(&self) -> Option<Deadline> {
        each!(self, m => m.poll_timeout())
    }

    fn handle_timeout(&mut self, cx: &mut Cx<'_>) {
        each!(mut self, m => m.handle_timeout(cx));
    }
}
