//! One HTTP/1 connection in either role.
//!
//! The machine is a pair of state machines, [`Receiving`] and [`Sending`], that walk through one message
//! each; together they are an exchange, and exchanges follow each other. `inbound` and `outbound` move
//! the two, `ending` decides what follows when they stop.

mod ending;
mod events;
mod inbound;
mod outbound;

use crate::gather::{self, AHEAD_BYTES_MAX};
use crate::recv::chunked::Chunk;
use crate::recv::head::Reader;
use crate::recv::judge::Asked;
use crate::send::body::Sending;
use crate::send::queue::Queue;
use crate::{Capture, Limits, Violation};
use alloc::boxed::Box;
use base::Buf;
use events::Due;
use message::websocket::Accept;
use message::{
    Capacity, Cx, Event, Head, Machine, Owes, Part, Reset, Role, Shutdown, StreamId, Version,
    Waiting,
};

/// An HTTP/1 connection. Idle, it holds no memory besides itself.
#[derive(Debug)]
pub struct Connection {
    role: Role,
    limits: Limits,
    /// The exchange at hand, or the next one.
    id: u64,
    /// Whether the exchange has begun: its stream is open.
    open: bool,
    receiving: Receiving,
    reader: Reader,
    /// A head or trailer section the owner has not read.
    unread: Option<Box<Head>>,
    /// Received bytes: `ready` bytes of data the owner has not read, then what was not looked at.
    rx: Buf,
    ready: usize,
    /// The peer closed its sending side.
    fin: Option<Fin>,
    /// The owner of the stream knows.
    fin_told: bool,
    sending: Sending,
    tx: Queue,
    /// What the request of the exchange was.
    asked: Asked,
    /// What must answer the key of a WebSocket, where the key is ours.
    accept: Option<Box<Accept>>,
    /// The version of the client's request; servers are taken for 1.1.
    peer: Version,
    /// Something of the answer was received.
    answered: bool,
    /// No exchange follows this one.
    last: bool,
    /// Both directions are raw.
    tunnel: bool,
    due: Due,
    over: Option<Shutdown>,
    capture: Option<Box<Capture>>,
}

/// What is expected of the peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Receiving {
    /// A head.
    Head,
    /// A body of which this much is still to come.
    Length { left: u64 },
    /// A body in chunks, and trailers.
    Chunked(Chunk),
    /// A body that ends with the connection.
    UntilClose,
    /// Raw bytes.
    Tunnel,
    /// The message is complete; the owner does not know yet.
    Complete,
    /// The owner knows.
    Ended,
    /// The body is broken behind the data that the owner has not read yet.
    Broken,
    /// The message is broken: whatever comes is of no interest.
    Lost,
}

/// How the peer closed its sending side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fin {
    Clean,
    Failed,
}

impl Connection {
    /// A new connection on which nothing was received.
    pub fn new(role: Role, limits: Limits) -> Self {
        Self {
            role,
            limits,
            id: 0,
            open: false,
            receiving: Receiving::Head,
            reader: Reader::default(),
            unread: None,
            rx: Buf::default(),
            ready: 0,
            fin: None,
            fin_told: false,
            sending: Sending::Head,
            tx: Queue::default(),
            asked: Asked::default(),
            accept: None,
            peer: Version::Http11,
            answered: false,
            last: false,
            tunnel: false,
            due: Due::default(),
            over: None,
            capture: None,
        }
    }

    /// No exchange follows the one at hand, and the next head that is sent says so (`option httpclose`,
    /// `option http-server-close`).
    pub fn close_after(&mut self) {
        self.last = true;
    }

    /// Whether an exchange follows the one at hand, as far as is known now.
    pub fn is_persistent(&self) -> bool {
        !self.last && self.over.is_none()
    }

    /// Gives up on a request that is due or has begun: its stream is open for an answer (408), and no
    /// other follows. `None` if there is nothing to give up.
    pub fn refuse(&mut self, cx: &mut Cx<'_>) -> Option<StreamId> {
        if self.role == Role::Opening || self.open || self.over.is_some() || !self.tx.is_empty() {
            return None;
        }
        self.lose(cx);
        self.open = true;
        Some(StreamId(self.id))
    }

    /// The rules of the exchanges that follow; for an owner that learns them late.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// What the peer got wrong, if it did.
    pub fn violation(&self) -> Option<Violation> {
        self.due.violation()
    }

    /// The bytes around the violation.
    pub fn captured(&self) -> Option<&Capture> {
        self.capture.as_deref()
    }

    /// Whether [`Machine::poll_event`] has something.
    pub fn has_event(&self) -> bool {
        self.due.is_any()
    }

    fn is_open(&self, stream: StreamId) -> bool {
        self.open && stream.0 == self.id
    }

    /// What must hold between calls, whatever the peer does.
    fn check_invariants(&self, read_bytes_max: usize) {
        if cfg!(debug_assertions) {
            assert!(self.ready <= self.rx.len());
            assert!(!self.rx.is_empty() || !self.rx.is_allocated());
            assert!(self.over.is_none() || !self.open);
            assert!(self.unread.is_none() || self.open);
            assert!(self.ready == 0 || self.open);
            let held_max = read_bytes_max.max(self.limits.head_bytes_max as usize) + read_bytes_max;
            assert!(self.rx.len() <= held_max);
        }
    }
}

impl Machine for Connection {
    fn receive(&mut self, cx: &mut Cx<'_>, bytes: Buf) {
        let dropped = self.over.is_some() || self.receiving == Receiving::Lost;
        if dropped || bytes.is_empty() {
            cx.pool.give(bytes);
            return;
        }
        let held = core::mem::take(&mut self.rx);
        self.rx = gather::join(cx.pool, held, bytes);
        self.settle(cx);
    }

    fn receive_end(&mut self, cx: &mut Cx<'_>, reset: bool) {
        self.fin = Some(if reset { Fin::Failed } else { Fin::Clean });
        self.settle(cx);
    }

    fn wants_bytes(&self) -> bool {
        if self.over == Some(Shutdown::Linger) {
            return self.fin.is_none();
        }
        let lacks_some = match self.receiving {
            Receiving::Head | Receiving::Chunked(Chunk::Trailers) => self.ready == 0,
            Receiving::Length { .. }
            | Receiving::Chunked(_)
            | Receiving::UntilClose
            | Receiving::Tunnel
            | Receiving::Complete
            | Receiving::Ended => match self.role {
                Role::Accepting => self.rx.len() < AHEAD_BYTES_MAX,
                Role::Opening => self.rx.is_empty(),
            },
            Receiving::Broken | Receiving::Lost => false,
        };
        lacks_some && self.unread.is_none() && self.fin.is_none() && self.over.is_none()
    }

    fn poll_event(&mut self, _cx: &mut Cx<'_>) -> Option<Event> {
        self.due.next(StreamId(self.id))
    }

    fn read(&mut self, cx: &mut Cx<'_>, stream: StreamId) -> Option<Part> {
        if !self.is_open(stream) {
            return None;
        }
        let part = self.take_part(cx)?;
        self.settle(cx);
        Some(part)
    }

    fn open(&mut self, _cx: &mut Cx<'_>) -> Option<StreamId> {
        if self.capacity().now == 0 {
            return None;
        }
        // Nothing can have been received yet: bytes nobody asked for end the connection.
        self.open = true;
        Some(StreamId(self.id))
    }

    fn capacity(&self) -> Capacity {
        let ever = match self.role {
            Role::Opening if self.over.is_none() && self.fin.is_none() => {
                u32::from(!self.last) * u32::MAX
            }
            Role::Opening | Role::Accepting => 0,
        };
        Capacity {
            now: u32::from(ever > 0 && !self.open),
            ever,
        }
    }

    fn room(&self, stream: StreamId) -> usize {
        if self.is_open(stream) {
            self.tx.room()
        } else {
            0
        }
    }

    fn send_head(&mut self, cx: &mut Cx<'_>, stream: StreamId, head: &Head) {
        if self.is_open(stream) {
            self.write_head(cx, head);
            if self.tunnel {
                self.settle(cx);
            }
        }
    }

    fn send_data(&mut self, cx: &mut Cx<'_>, stream: StreamId, data: Buf) {
        if self.is_open(stream) {
            self.sending.data(&mut self.tx, cx.pool, data);
        } else {
            // The stream may be gone without its owner knowing yet.
            cx.pool.give(data);
        }
    }

    fn send_trailers(&mut self, cx: &mut Cx<'_>, stream: StreamId, trailers: &Head) {
        if self.is_open(stream) {
            self.sending.trailers(&mut self.tx, cx.pool, trailers);
        }
    }

    fn send_end(&mut self, cx: &mut Cx<'_>, stream: StreamId) {
        if self.is_open(stream) {
            self.write_end(cx);
            self.settle(cx);
        }
    }

    fn reset(&mut self, cx: &mut Cx<'_>, stream: StreamId, reset: Reset) {
        if self.is_open(stream) {
            self.reset_exchange(cx, reset);
            self.settle(cx);
        }
    }

    fn drain(&mut self, cx: &mut Cx<'_>) {
        self.last = true;
        self.drain_idle(cx);
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
        if was_full && self.open && self.sending != Sending::Done && self.tx.room() > 0 {
            self.due.writable();
        }
        self.settle(cx);
    }

    fn shutdown(&self) -> Shutdown {
        match self.over {
            Some(shutdown) => shutdown,
            None if self.tunnel && self.sending == Sending::Done => Shutdown::Write,
            None => Shutdown::Open,
        }
    }

    fn waiting(&self) -> Waiting {
        let begun = self.reader.has_begun() || !matches!(&*self.rx, b"" | b"\r");
        if self.open || !self.tx.is_empty() {
            Waiting::Stream
        } else if begun {
            Waiting::Head
        } else if self.id == 0 {
            Waiting::First
        } else {
            Waiting::Next
        }
    }

    fn owes(&self, stream: StreamId) -> Owes {
        if !self.is_open(stream) {
            return Owes::default();
        }
        Owes {
            peer_bytes: self.lacks_bytes(),
            readable: self.has_part(),
            owner_parts: self.sending != Sending::Done,
        }
    }
}
