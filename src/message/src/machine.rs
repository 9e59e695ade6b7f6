//! The contract between the engine and a protocol machine.
//!
//! A machine sits between one transport connection and the streams on it. It is written for
//! multiplexed protocols: every verb names a stream, each stream has its own back-pressure in each
//! direction, and capacity says how many streams fit now and ever. HTTP/1 and raw TCP implement it
//! with one stream at a time. The table in `src/README.md` has one row a verb.
//!
//! Data is *pulled*: the machine keeps what it received until [`Machine::read`] takes it, and stops
//! wanting bytes when it holds enough. Bytes to send are lent as slices by [`Machine::pending`].
//!
//! A WebSocket is asked for by GET with `connection: upgrade` and `upgrade: websocket`, and begins with
//! 101, whatever the versions on either side: machines whose protocol has another way translate
//! (RFC 8441).

use crate::{Fault, Head};
use alloc::boxed::Box;
use alloc::vec::Vec;
use base::{Buf, Deadline, Instant, Pool, Rng};

/// A stream on one connection: the wire's own number in HTTP/2 and HTTP/3, the index of the request
/// in HTTP/1 (from 0), 0 in raw TCP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub u64);

/// Which end of the connection we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// We accept streams: the peer is a client.
    Accepting,
    /// We open streams: the peer is a server.
    Opening,
}

/// What a machine needs from outside for one call.
#[derive(Debug)]
pub struct Cx<'a> {
    /// The time.
    pub now: Instant,
    /// Blocks for bytes.
    pub pool: &'a mut Pool,
    /// Heads to be filled.
    pub heads: &'a mut Heads,
    /// Randomness, for what a peer must not guess.
    pub rng: &'a mut Rng,
}

/// Heads that nobody uses now.
#[derive(Debug, Default)]
pub struct Heads {
    #[expect(
        clippy::vec_box,
        reason = "heads travel as boxes; unboxing them here would move 100 bytes a message"
    )]
    spare: Vec<Box<Head>>,
    /// What their text takes, in bytes.
    bytes: usize,
}

impl Heads {
    /// An empty head.
    pub fn take(&mut self) -> Box<Head> {
        let Some(head) = self.spare.pop() else {
            return Box::default();
        };
        self.bytes -= head.text_room();
        head
    }

    /// Takes a head back.
    pub fn give(&mut self, mut head: Box<Head>) {
        let bytes = self.bytes + head.text_room();
        if self.spare.len() < HEADS_SPARE_MAX && bytes <= HEADS_SPARE_BYTES_MAX {
            head.clear();
            self.spare.push(head);
            self.bytes = bytes;
        }
    }
}

/// Heads kept for the next use by a worker: streams that share connections begin and end by the hundred.
const HEADS_SPARE_MAX: usize = 1024;
/// What the text of all of them may take, in bytes: some hundred bytes each, or a few large ones.
const HEADS_SPARE_BYTES_MAX: usize = 1024 * 1024;

/// One piece of one direction of a stream, in the order they appear:
/// interim heads, head, data, trailers, end.
#[derive(Debug)]
pub enum Part {
    /// A head; interim if [`Head::is_interim`], otherwise once.
    Head(Box<Head>),
    /// Some bytes of the body, or of the tunnel. Never empty.
    Data(Buf),
    /// Trailer fields.
    Trailers(Box<Head>),
    /// The message is complete; for a tunnel, this direction is closed.
    End,
}

/// What a machine tells its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The peer opened a stream; its head can be read.
    Opened(StreamId),
    /// There is something to [`Machine::read`].
    Readable(StreamId),
    /// [`Machine::room`] is no longer zero.
    Writable(StreamId),
    /// What the peer sent on this stream is no message. A request can still be answered
    /// (with [`Fault::status`]); a response cannot be used. Nothing more can be read.
    Malformed(StreamId, Fault),
    /// A request that was none was answered by the machine itself, or reset; there is no stream. To be
    /// counted.
    Rejected(Fault),
    /// The stream ended before its time. Nothing more can be read from it or sent to it.
    Reset(StreamId, Reset),
    /// Both directions are complete and every byte of ours was handed to the transport. The stream is
    /// forgotten; its owner can log.
    Done(StreamId),
    /// The peer closed its sending side while streams are open: no more bytes will come. A complete
    /// request keeps its answer (founding.md §3.4).
    HalfClosed,
    /// No stream is open and none can be: the transport can go.
    Finished(Ending),
}

/// Why a stream ended before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reset {
    /// The peer closed or reset the transport.
    Aborted,
    /// The peer reset this stream alone, and said why.
    Told(Code),
    /// The peer never processed the stream: another try is safe whatever the method.
    Refused,
    /// The peer closed an idle connection just as we used it; nothing of an answer was seen.
    Raced,
    /// The message broke off or broke the protocol half-way.
    Broken(Fault),
    /// The owner gives a tunnel up of which nothing is known to be missing: it was silent for too
    /// long, or no server could be reached. Peers see an ordinary close.
    GivenUp,
}

/// An error code of HTTP/2 (RFC 9113 §7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code(pub u32);

/// Why a connection is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Everything said was complete.
    Clean,
    /// The peer went away before its first byte, or between messages.
    PeerGone,
    /// The peer broke the protocol.
    Broken(Fault),
}

/// How many streams can be opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capacity {
    /// Streams that can be opened right now.
    pub now: u32,
    /// Streams that can be opened in all the life that is left; 0 means the connection must leave
    /// every index.
    pub ever: u32,
}

/// What a connection without the owner's streams is waiting for; the owner picks the timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// Nothing was received yet on this connection.
    First,
    /// A message is complete and the next has not begun.
    Next,
    /// The head of a message has begun.
    Head,
    /// A stream is open: its owner's timers run.
    Stream,
}

/// What a stream is owed by the transport or its owner; part of the check that nothing is owed with
/// nothing armed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Owes {
    /// More bytes are expected from the peer on this stream.
    pub peer_bytes: bool,
    /// Something can be read by the owner.
    pub readable: bool,
    /// The owner has not ended its direction.
    pub owner_parts: bool,
}

/// What becomes of the transport once [`Machine::pending`] is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shutdown {
    /// It stays open.
    #[default]
    Open,
    /// Our sending side is closed (FIN); the peer may go on.
    Write,
    /// It is closed; what the peer still sends is read and dropped first, so that our last bytes are
    /// not lost to a reset (RFC 9112 §9.6).
    Linger,
    /// It is closed at once.
    Close,
    /// It is reset.
    Abort,
}

/// A protocol machine: bytes of one transport connection on one side, streams on the other.
pub trait Machine {
    /// Takes in bytes that arrived.
    ///
    /// Only to be called while [`Machine::wants_bytes`].
    fn receive(&mut self, cx: &mut Cx<'_>, bytes: Buf);

    /// The peer closed its sending side, or (`reset`) the whole transport failed.
    fn receive_end(&mut self, cx: &mut Cx<'_>, reset: bool);

    /// Whether bytes should be read from the transport: the back-pressure of receiving.
    fn wants_bytes(&self) -> bool;

    /// The next thing to tell; drained until `None` after every call.
    fn poll_event(&mut self, cx: &mut Cx<'_>) -> Option<Event>;

    /// Takes the next part of a stream, if there is one now.
    fn read(&mut self, cx: &mut Cx<'_>, stream: StreamId) -> Option<Part>;

    /// Opens a stream (role [`Role::Opening`]); `None` without capacity. Its head is sent, or it is
    /// reset, before the next one is opened: a peer takes lower numbers than the last for closed.
    fn open(&mut self, cx: &mut Cx<'_>) -> Option<StreamId>;

    /// How many streams fit.
    fn capacity(&self) -> Capacity;

    /// How many bytes of data may be sent on the stream now; 0 is back-pressure. Heads, trailers and
    /// ends always fit.
    fn room(&self, stream: StreamId) -> usize;

    /// Sends a head; interim heads may come before it. The owner keeps it: for the log, and for
    /// another try on another connection.
    fn send_head(&mut self, cx: &mut Cx<'_>, stream: StreamId, head: &Head);

    /// Sends bytes of the body or the tunnel. Only while [`Machine::room`] is not zero; one buffer may
    /// go beyond it.
    fn send_data(&mut self, cx: &mut Cx<'_>, stream: StreamId, data: Buf);

    /// Sends trailer fields; the end must follow.
    fn send_trailers(&mut self, cx: &mut Cx<'_>, stream: StreamId, trailers: &Head);

    /// Our direction is complete; in a tunnel, it is closed.
    fn send_end(&mut self, cx: &mut Cx<'_>, stream: StreamId);

    /// Ends a stream at once in both directions.
    fn reset(&mut self, cx: &mut Cx<'_>, stream: StreamId, reset: Reset);

    /// Takes no further streams; ends when those that are open have ended.
    fn drain(&mut self, cx: &mut Cx<'_>);

    /// Fills `slices` with the next bytes to be written, in order; says how many slices are used.
    fn pending<'a>(&'a self, slices: &mut [&'a [u8]]) -> usize;

    /// Whether [`Machine::pending`] would fill a slice: asked many times for each time it is filled.
    fn has_pending(&self) -> bool {
        self.pending(&mut [&[]]) > 0
    }

    /// Whether something of a stream waits to be written, or for the peer's leave to be.
    fn has_unsent(&self, stream: StreamId) -> bool {
        let _ = stream;
        self.has_pending()
    }

    /// When something of a stream last left, where the owner cannot tell because streams share the
    /// transport; the beginning of time elsewhere.
    fn moved_at(&self, stream: StreamId) -> Instant {
        let _ = stream;
        Instant::ZERO
    }

    /// `count` of the pending bytes were written.
    fn transmitted(&mut self, cx: &mut Cx<'_>, count: usize);

    /// What becomes of the transport once nothing is pending.
    fn shutdown(&self) -> Shutdown;

    /// What the connection is waiting for.
    fn waiting(&self) -> Waiting;

    /// What a stream is owed.
    fn owes(&self, stream: StreamId) -> Owes;

    /// The machine's own timers (PING, SETTINGS, QUIC loss); none in HTTP/1 and raw TCP.
    fn poll_timeout(&self) -> Option<Deadline> {
        None
    }

    /// A timer of the machine may be due.
    fn handle_timeout(&mut self, cx: &mut Cx<'_>) {
        let _ = cx;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_kept_up_to_a_number_and_a_size() {
        let mut heads = Heads::default();
        for _ in 0..2 * HEADS_SPARE_MAX {
            heads.give(Box::default());
        }
        assert_eq!(heads.spare.len(), HEADS_SPARE_MAX);
        let mut large = Heads::default();
        for _ in 0..40 {
            let mut head = Box::<Head>::default();
            head.push_text(&[b'x'; 64 * 1024]);
            large.give(head);
        }
        assert_eq!(large.spare.len(), HEADS_SPARE_BYTES_MAX / (64 * 1024));
        while !large.spare.is_empty() {
            large.take();
        }
        assert_eq!(large.bytes, 0);
    }
}
