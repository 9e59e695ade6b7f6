//! A connection without messages (`mode tcp`): one stream of bytes each way.
//!
//! It lives beside HTTP/1 because it shares the transmit queue, and because an HTTP/1 tunnel behaves the
//! same way.

use crate::gather::{self, AHEAD_BYTES_MAX};
use crate::send::queue::Queue;
use base::Buf;
use message::{
    Capacity, Cx, Ending, Event, Head, Machine, Owes, Part, Reset, Role, Shutdown, StreamId,
    Waiting,
};

/// A raw connection. An accepted one has its stream, [`StreamId`] 0, from the beginning.
#[derive(Debug)]
pub struct Raw {
    role: Role,
    /// The stream was opened.
    used: bool,
    rx: Buf,
    receiving: Receiving,
    tx: Queue,
    /// The owner has ended its direction.
    sent: bool,
    over: Option<Shutdown>,
    due: u8,
    peer_gone: bool,
}

/// What is expected of the peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Receiving {
    Bytes,
    /// The peer closed, and the owner has to be told when it has read everything.
    Closed,
    /// The owner knows.
    Ended,
}

impl Raw {
    /// A new connection.
    pub fn new(role: Role) -> Self {
        let accepting = role == Role::Accepting;
        Self {
            role,
            used: accepting,
            rx: Buf::default(),
            receiving: Receiving::Bytes,
            tx: Queue::default(),
            sent: false,
            over: None,
            due: if accepting { OPENED } else { 0 },
            peer_gone: false,
        }
    }

    /// Whether nothing is left to read but the end of what the peer has sent.
    pub fn is_at_end(&self) -> bool {
        self.receiving == Receiving::Closed && self.rx.is_empty()
    }

    fn is_open(&self, stream: StreamId) -> bool {
        self.used && self.over.is_none() && stream.0 == 0
    }

    /// Ends when both directions did.
    fn settle(&mut self, cx: &mut Cx<'_>) {
        let complete = self.receiving == Receiving::Ended && self.sent && self.tx.is_empty();
        if complete && self.over.is_none() {
            self.finish(cx, Shutdown::Close);
            self.due |= DONE;
        }
        if self.over.is_none() && self.used && self.has_part() {
            self.due |= READABLE;
        }
    }

    fn has_part(&self) -> bool {
        !self.rx.is_empty() || self.receiving == Receiving::Closed
    }

    fn finish(&mut self, cx: &mut Cx<'_>, shutdown: Shutdown) {
        if self.over.is_none() {
            cx.pool.give(core::mem::take(&mut self.rx));
            self.tx.clear(cx.pool);
            self.over = Some(shutdown);
            self.due = self.due & (OPENED | RESET) | FINISHED;
        }
    }
}

impl Machine for Raw {
    fn receive(&mut self, cx: &mut Cx<'_>, bytes: Buf) {
        if self.over.is_some() || self.receiving != Receiving::Bytes {
            cx.pool.give(bytes);
            return;
        }
        let held = core::mem::take(&mut self.rx);
        self.rx = gather::join(cx.pool, held, bytes);
        self.settle(cx);
    }

    fn receive_end(&mut self, cx: &mut Cx<'_>, reset: bool) {
        if self.over.is_some() {
            return;
        }
        if reset || !self.used {
            self.peer_gone = true;
            self.due |= if self.used { RESET } else { 0 };
            self.finish(cx, Shutdown::Close);
        } else if self.receiving == Receiving::Bytes {
            self.receiving = Receiving::Closed;
            if self.role == Role::Accepting {
                self.due |= HALF_CLOSED;
            }
        }
        self.settle(cx);
    }

    fn wants_bytes(&self) -> bool {
        let lacks_some = match self.role {
            Role::Accepting => self.rx.len() < AHEAD_BYTES_MAX,
            Role::Opening => self.rx.is_empty(),
        };
        lacks_some && self.receiving == Receiving::Bytes && self.over.is_none()
    }

    fn poll_event(&mut self, _cx: &mut Cx<'_>) -> Option<Event> {
        let bit = self.due & self.due.wrapping_neg();
        self.due &= !bit;
        let stream = StreamId(0);
        match bit {
            OPENED => Some(Event::Opened(stream)),
            READABLE => Some(Event::Readable(stream)),
            RESET => Some(Event::Reset(stream, Reset::Aborted)),
            WRITABLE => Some(Event::Writable(stream)),
            DONE => Some(Event::Done(stream)),
            HALF_CLOSED => Some(Event::HalfClosed),
            FINISHED => Some(Event::Finished(if self.peer_gone {
                Ending::PeerGone
            } else {
                Ending::Clean
            })),
            _ => None,
        }
    }

    fn read(&mut self, cx: &mut Cx<'_>, stream: StreamId) -> Option<Part> {
        if !self.is_open(stream) {
            return None;
        }
        if !self.rx.is_empty() {
            let count = self.rx.len().min(cx.pool.large_bytes());
            return Some(Part::Data(gather::split(cx.pool, &mut self.rx, count)));
        }
        if self.receiving == Receiving::Closed {
            self.receiving = Receiving::Ended;
            self.settle(cx);
            return Some(Part::End);
        }
        None
    }

    fn open(&mut self, cx: &mut Cx<'_>) -> Option<StreamId> {
        if self.capacity().now == 0 {
            return None;
        }
        self.used = true;
        self.settle(cx);
        Some(StreamId(0))
    }

    fn capacity(&self) -> Capacity {
        let free = u32::from(self.role == Role::Opening && !self.used && self.over.is_none());
        Capacity {
            now: free,
            ever: free,
        }
    }

    fn room(&self, stream: StreamId) -> usize {
        if self.is_open(stream) && !self.sent {
            self.tx.room()
        } else {
            0
        }
    }

    /// Raw bytes have no head.
    fn send_head(&mut self, _cx: &mut Cx<'_>, _stream: StreamId, _head: &Head) {}

    fn send_data(&mut self, cx: &mut Cx<'_>, stream: StreamId, data: Buf) {
        if self.is_open(stream) && !self.sent {
            self.tx.push(cx.pool, data);
        } else {
            cx.pool.give(data);
        }
    }

    /// Raw bytes have no trailers.
    fn send_trailers(&mut self, _cx: &mut Cx<'_>, _stream: StreamId, _trailers: &Head) {}

    fn send_end(&mut self, cx: &mut Cx<'_>, stream: StreamId) {
        self.sent |= self.is_open(stream);
        self.settle(cx);
    }

    /// What is cut short must not look complete.
    fn reset(&mut self, cx: &mut Cx<'_>, stream: StreamId, reset: Reset) {
        if self.is_open(stream) {
            let whole = reset == Reset::GivenUp && self.tx.is_empty();
            let shutdown = if whole {
                Shutdown::Close
            } else {
                Shutdown::Abort
            };
            self.finish(cx, shutdown);
        }
    }

    /// A stream that has begun goes on; a connection whose stream was not opened ends.
    fn drain(&mut self, cx: &mut Cx<'_>) {
        if !self.used {
            self.finish(cx, Shutdown::Close);
        }
    }

    fn pending<'a>(&'a self, slices: &mut [&'a [u8]]) -> usize {
        self.tx.pending(slices)
    }

    fn has_pending(&self) -> bool {
        !self.tx.is_empty()
    }

    fn transmitted(&mut self, cx: &mut Cx<'_>, count: usize) {
        let was_full = self.tx.room() == 0;
        self.tx.consume(cx.pool, count);
        if was_full && self.over.is_none() && !self.sent && self.tx.room() > 0 {
            self.due |= WRITABLE;
        }
        self.settle(cx);
    }

    fn shutdown(&self) -> Shutdown {
        match self.over {
            Some(shutdown) => shutdown,
            None if self.sent => Shutdown::Write,
            None => Shutdown::Open,
        }
    }

    fn waiting(&self) -> Waiting {
        if self.used {
            Waiting::Stream
        } else {
            Waiting::First
        }
    }

    fn owes(&self, stream: StreamId) -> Owes {
        if !self.is_open(stream) {
            return Owes::default();
        }
        Owes {
            peer_bytes: self.receiving == Receiving::Bytes,
            readable: self.has_part(),
            owner_parts: !self.sent,
        }
    }
}

const OPENED: u8 = 1;
const READABLE: u8 = 2;
const RESET: u8 = 4;
const WRITABLE: u8 = 8;
const DONE: u8 = 16;
const FINISHED: u8 = 32;
const HALF_CLOSED: u8 = 64;
