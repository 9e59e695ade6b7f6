//! The protocol machine of a connection, chosen when the connection is made.

use base::{Buf, Deadline};
use http1::{Connection, Raw};
use message::{Capacity, Cx, Event, Head, Machine, Owes, Part, Reset, Shutdown, StreamId, Waiting};

/// One of the protocols; a new one is a new variant here and nothing else in the engine.
#[derive(Debug)]
pub(crate) enum Wire {
    /// HTTP/1.
    Http1(Connection),
    /// Bytes, in TCP mode.
    Raw(Raw),
}

macro_rules! each {
    ($self:ident, $machine:ident => $call:expr) => {
        match $self {
            Wire::Http1($machine) => $call,
            Wire::Raw($machine) => $call,
        }
    };
}

impl Wire {
    /// The connection ends with the message at hand (`option httpclose` and its kin); nothing to decide
    /// in TCP mode.
    pub(crate) fn close_after(&mut self) {
        match self {
            Self::Http1(connection) => connection.close_after(),
            Self::Raw(_) => {}
        }
    }

    /// Gives up on a request whose head has begun or was due: its stream can still be answered.
    pub(crate) fn refuse(&mut self, cx: &mut Cx<'_>) -> Option<StreamId> {
        match self {
            Self::Http1(connection) => connection.refuse(cx),
            Self::Raw(_) => None,
        }
    }

    /// The bytes around what the peer got wrong.
    pub(crate) fn captured(&self) -> Option<&http1::Capture> {
        match self {
            Self::Http1(connection) => connection.captured(),
            Self::Raw(_) => None,
        }
    }
}

impl Machine for Wire {
    fn receive(&mut self, cx: &mut Cx<'_>, bytes: Buf) {
        each!(self, m => m.receive(cx, bytes));
    }

    fn receive_end(&mut self, cx: &mut Cx<'_>, reset: bool) {
        each!(self, m => m.receive_end(cx, reset));
    }

    fn wants_bytes(&self) -> bool {
        each!(self, m => m.wants_bytes())
    }

    fn poll_event(&mut self, cx: &mut Cx<'_>) -> Option<Event> {
        each!(self, m => m.poll_event(cx))
    }

    fn read(&mut self, cx: &mut Cx<'_>, stream: StreamId) -> Option<Part> {
        each!(self, m => m.read(cx, stream))
    }

    fn open(&mut self, cx: &mut Cx<'_>) -> Option<StreamId> {
        each!(self, m => m.open(cx))
    }

    fn capacity(&self) -> Capacity {
        each!(self, m => m.capacity())
    }

    fn room(&self, stream: StreamId) -> usize {
        each!(self, m => m.room(stream))
    }

    fn send_head(&mut self, cx: &mut Cx<'_>, stream: StreamId, head: &Head) {
        each!(self, m => m.send_head(cx, stream, head));
    }

    fn send_data(&mut self, cx: &mut Cx<'_>, stream: StreamId, data: Buf) {
        each!(self, m => m.send_data(cx, stream, data));
    }

    fn send_trailers(&mut self, cx: &mut Cx<'_>, stream: StreamId, trailers: &Head) {
        each!(self, m => m.send_trailers(cx, stream, trailers));
    }

    fn send_end(&mut self, cx: &mut Cx<'_>, stream: StreamId) {
        each!(self, m => m.send_end(cx, stream));
    }

    fn reset(&mut self, cx: &mut Cx<'_>, stream: StreamId, reset: Reset) {
        each!(self, m => m.reset(cx, stream, reset));
    }

    fn drain(&mut self, cx: &mut Cx<'_>) {
        each!(self, m => m.drain(cx));
    }

    fn pending<'a>(&'a self, slices: &mut [&'a [u8]]) -> usize {
        each!(self, m => m.pending(slices))
    }

    fn has_pending(&self) -> bool {
        each!(self, m => m.has_pending())
    }

    fn transmitted(&mut self, cx: &mut Cx<'_>, count: usize) {
        each!(self, m => m.transmitted(cx, count));
    }

    fn shutdown(&self) -> Shutdown {
        each!(self, m => m.shutdown())
    }

    fn waiting(&self) -> Waiting {
        each!(self, m => m.waiting())
    }

    fn owes(&self, stream: StreamId) -> Owes {
        each!(self, m => m.owes(stream))
    }

    fn poll_timeout(&self) -> Option<Deadline> {
        each!(self, m => m.poll_timeout())
    }

    fn handle_timeout(&mut self, cx: &mut Cx<'_>) {
        each!(self, m => m.handle_timeout(cx));
    }
}
