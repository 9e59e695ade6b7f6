//! One HTTP/2 connection in either role.
//!
//! The frame reader stands apart from everything else, because frames are lent out of it while the rest
//! moves. `receiving` takes frames in, `sending` puts frames out, `ending` decides what follows when a
//! stream or the connection ends.

mod ending;
mod output;
mod receiving;
mod sending;
mod streams;

use crate::budget::Budget;
use crate::fields;
use crate::flow::{Allowance, Credit};
use crate::frame::{Bounds, Frame, PREFACE, Reader, Setting, write};
use crate::{Limits, Violation};
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use base::Buf;
use message::{
    Capacity, Cx, Ending, Event, Head, Machine, Owes, Part, Reset, Role, Shutdown, StreamId,
    Waiting,
};
use output::Output;
use receiving::Body;
use streams::{Receiving, Sending, Streams};

/// An HTTP/2 connection.
#[derive(Debug)]
pub struct Connection {
    reader: Reader,
    mux: Mux,
}

/// Everything but the reader of frames.
#[derive(Debug)]
struct Mux {
    role: Role,
    limits: Limits,
    fields: fields::Reader,
    writer: fields::Writer,
    streams: Streams,
    /// The next stream that we open.
    next: u64,
    /// The last stream that the peer opened.
    last: StreamId,
    opened: u32,
    peer: Peer,
    credit: Credit,
    /// The window of streams that the peer knows of, in bytes.
    window_bytes: u32,
    allowance: Allowance,
    /// A request for another protocol that waits for the peer's first SETTINGS, which say whether it may
    /// be sent. Until then no other stream is opened.
    held: Option<(StreamId, Box<Head>)>,
    /// The stream that sent data last: the next one's turn comes after it.
    turn: StreamId,
    output: Output,
    /// Nobody has room: too much waits to be written.
    full: bool,
    budget: Budget,
    events: VecDeque<Event>,
    begun: bool,
    draining: Draining,
    /// The peer closed its sending side.
    fin: bool,
    over: Option<(Shutdown, Ending)>,
    told: bool,
    violation: Option<Violation>,
}

/// What the peer's SETTINGS say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Peer {
    streams_max: u32,
    window_bytes: u32,
    frame_bytes_max: u32,
    /// It takes no further streams of ours.
    gone: bool,
    /// Its first SETTINGS came.
    settled: bool,
    /// It takes extended CONNECT (RFC 8441 §3).
    upgrades: bool,
}

/// How far we are in taking no further streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Draining {
    No,
    /// The peer was told, and may have opened streams before it knew.
    Announced,
    /// The peer knows; no stream above this one is looked at.
    Last(StreamId),
}

impl Connection {
    /// A new connection; the first bytes of ours are pending at once.
    pub fn new(cx: &mut Cx<'_>, role: Role, limits: Limits) -> Self {
        let bounds = Bounds {
            frame_bytes_max: limits.frame_bytes_max,
            block_bytes_max: limits.block_bytes_max,
            continuations_max: CONTINUATIONS_MAX,
        };
        let mut mux = Mux {
            role,
            limits,
            fields: fields::Reader::default(),
            writer: fields::Writer::default(),
            streams: Streams::default(),
            next: 1,
            last: StreamId(0),
            opened: 0,
            peer: Peer {
                streams_max: STREAMS_BEFORE_SETTINGS,
                window_bytes: WINDOW_BYTES_DEFAULT,
                frame_bytes_max: crate::frame::FRAME_BYTES_MIN,
                gone: false,
                settled: false,
                upgrades: false,
            },
            credit: Credit::new(WINDOW_BYTES_DEFAULT),
            window_bytes: WINDOW_BYTES_DEFAULT,
            allowance: Allowance::new(WINDOW_BYTES_DEFAULT),
            held: None,
            turn: StreamId(0),
            output: Output::default(),
            full: false,
            budget: Budget::new(),
            events: VecDeque::new(),
            begun: false,
            draining: Draining::No,
            fin: false,
            over: None,
            told: false,
            violation: None,
        };
        mux.greet(cx);
        Self {
            reader: Reader::new(role, bounds),
            mux,
        }
    }

    /// What the peer got wrong, if it did.
    pub fn violation(&self) -> Option<Violation> {
        self.mux.violation
    }
}

impl Mux {
    /// What either side says first (RFC 9113 §3.4).
    fn greet(&mut self, cx: &mut Cx<'_>) {
        if self.role == Role::Opening {
            self.output.put(cx.pool, PREFACE);
        }
        let limits = self.limits;
        let all = [
            Setting::TableBytes(limits.table_bytes_max),
            Setting::StreamsMax(limits.streams_max),
            Setting::WindowBytes(limits.window_bytes),
            Setting::FrameBytes(limits.frame_bytes_max),
            Setting::ListBytes(limits.fields.list_bytes_max),
            // Only a client wants no push, and only a server takes extended CONNECT.
            match self.role {
                Role::Accepting => Setting::ConnectProtocol(true),
                Role::Opening => Setting::Push(false),
            },
        ];
        let mut frame = alloc::vec::Vec::new();
        write::settings(&mut frame, &all);
        self.output.put(cx.pool, &frame);
        self.credit.widen(limits.connection_window_bytes);
        self.return_credit(cx);
    }

    /// Tells the peer of the connection's window.
    fn return_credit(&mut self, cx: &mut Cx<'_>) {
        if let Some(bytes) = self.credit.give_back() {
            let frame = write::window_update(StreamId(0), bytes);
            self.output.put(cx.pool, &frame);
        }
    }

    /// Moves on as far as can be after an input; every verb ends with it.
    fn settle(&mut self, cx: &mut Cx<'_>) {
        if self.over.is_none() {
            self.pump(cx);
            self.end_streams(cx);
            self.end_connection(cx);
            self.tell_writable();
        }
        self.check_invariants();
    }

    /// What must hold between calls, whatever the peer does.
    fn check_invariants(&self) {
        if cfg!(debug_assertions) {
            let held: u32 = self.streams.iter().map(|it| it.credit.held()).sum();
            assert_eq!(held, self.credit.held(), "credit is lost between streams");
            assert!(self.over.is_none() || self.streams.is_empty());
            assert!(self.streams.len() <= self.limits.streams_max as usize);
        }
    }
}

impl Machine for Connection {
    fn receive(&mut self, cx: &mut Cx<'_>, mut bytes: Buf) {
        let Self { reader, mux } = self;
        mux.begun |= !bytes.is_empty();
        let start = bytes.as_ptr() as usize;
        let mut rest: &[u8] = &bytes;
        // A body at the end of the bytes keeps their block.
        let mut moved = None;
        while mux.over.is_none() {
            match reader.read(&mut rest) {
                Ok(None) => break,
                Ok(Some(Frame::Data {
                    stream,
                    bytes: body,
                    padding,
                    last,
                    end,
                })) => {
                    let data = receiving::Data {
                        stream,
                        padding,
                        last,
                        end,
                    };
                    if rest.is_empty() && body.len() >= MOVED_BYTES_MIN {
                        let at = body.as_ptr() as usize - start;
                        moved = Some((data, at, body.len()));
                        break;
                    }
                    let taken = mux.on_data(cx, data, Body::Copied(body));
                    mux.on_taken(cx, taken);
                }
                Ok(Some(frame)) => {
                    let taken = mux.on_frame(cx, frame);
                    mux.on_taken(cx, taken);
                }
                Err(flaw) => mux.on_taken(cx, Err(flaw)),
            }
        }
        if let Some((data, at, count)) = moved {
            bytes.consume(at);
            bytes.truncate(count);
            let taken = mux.on_data(cx, data, Body::Moved(bytes));
            mux.on_taken(cx, taken);
        } else {
            cx.pool.give(bytes);
        }
        mux.settle(cx);
    }

    fn receive_end(&mut self, cx: &mut Cx<'_>, reset: bool) {
        self.mux.on_fin(cx, reset);
        self.mux.settle(cx);
    }

    fn wants_bytes(&self) -> bool {
        let mux = &self.mux;
        let lingers = matches!(mux.over, Some((Shutdown::Linger, _)));
        !mux.fin && (lingers || mux.over.is_none() && mux.output.bytes() < OUTPUT_BYTES_STOP)
    }

    fn poll_event(&mut self, _cx: &mut Cx<'_>) -> Option<Event> {
        let mux = &mut self.mux;
        if let Some(event) = mux.events.pop_front() {
            return Some(event);
        }
        mux.events.shrink_to(EVENTS_KEPT_MAX);
        let (_, ending) = mux.over?;
        if mux.told || !mux.output.is_empty() {
            return None;
        }
        mux.told = true;
        Some(Event::Finished(ending))
    }

    fn read(&mut self, cx: &mut Cx<'_>, stream: StreamId) -> Option<Part> {
        let part = self.mux.take_part(cx, stream)?;
        self.mux.settle(cx);
        Some(part)
    }

    fn open(&mut self, _cx: &mut Cx<'_>) -> Option<StreamId> {
        if self.capacity().now == 0 {
            return None;
        }
        let mux = &mut self.mux;
        let id = StreamId(mux.next);
        mux.next += 2;
        mux.streams.add(id, mux.window_bytes, mux.peer.window_bytes);
        Some(id)
    }

    fn capacity(&self) -> Capacity {
        let mux = &self.mux;
        let closed = mux.over.is_some()
            || mux.fin
            || mux.peer.gone
            || mux.draining != Draining::No
            || mux.role == Role::Accepting;
        let ever = match (STREAM_MAX + 1).checked_sub(mux.next) {
            Some(left) if !closed => (left / 2) as u32,
            Some(_) | None => 0,
        };
        let most = match mux.held {
            Some(_) => 0,
            None => mux.peer.streams_max.min(mux.limits.streams_max),
        };
        Capacity {
            now: most.saturating_sub(mux.streams.len() as u32).min(ever),
            ever,
        }
    }

    fn room(&self, stream: StreamId) -> usize {
        self.mux
            .streams
            .get(stream)
            .map_or(0, |stream| self.mux.room(stream))
    }

    fn send_head(&mut self, cx: &mut Cx<'_>, stream: StreamId, head: &Head) {
        self.mux.write_head(cx, stream, head);
        self.mux.settle(cx);
    }

    fn send_data(&mut self, cx: &mut Cx<'_>, stream: StreamId, data: Buf) {
        self.mux.write_data(cx, stream, data);
        self.mux.settle(cx);
    }

    fn send_trailers(&mut self, cx: &mut Cx<'_>, stream: StreamId, trailers: &Head) {
        self.mux.write_trailers(cx, stream, trailers);
    }

    fn send_end(&mut self, cx: &mut Cx<'_>, stream: StreamId) {
        self.mux.write_end(stream);
        self.mux.settle(cx);
    }

    fn reset(&mut self, cx: &mut Cx<'_>, stream: StreamId, reset: Reset) {
        self.mux.give_up(cx, stream, reset);
        self.mux.settle(cx);
    }

    fn drain(&mut self, cx: &mut Cx<'_>) {
        self.mux.announce_end(cx);
        self.mux.settle(cx);
    }

    fn pending<'a>(&'a self, slices: &mut [&'a [u8]]) -> usize {
        self.mux.output.pending(slices)
    }

    fn has_pending(&self) -> bool {
        !self.mux.output.is_empty()
    }

    fn has_unsent(&self, stream: StreamId) -> bool {
        let output = &self.mux.output;
        self.mux.streams.get(stream).is_some_and(|stream| {
            let ended = match stream.sending {
                Sending::Ended { mark, .. } => !output.is_past(mark),
                Sending::Head | Sending::Body => false,
                Sending::Held | Sending::Ending => true,
            };
            ended || !stream.unsent.is_empty()
        })
    }

    fn transmitted(&mut self, cx: &mut Cx<'_>, count: usize) {
        self.mux.output.consume(cx.pool, count);
        self.mux.settle(cx);
    }

    fn shutdown(&self) -> Shutdown {
        self.mux
            .over
            .map_or(Shutdown::Open, |(shutdown, _)| shutdown)
    }

    fn waiting(&self) -> Waiting {
        let mux = &self.mux;
        if !mux.streams.is_empty() || !mux.output.is_empty() {
            Waiting::Stream
        } else if self.reader.is_within_block() {
            Waiting::Head
        } else if mux.opened == 0 {
            Waiting::First
        } else {
            Waiting::Next
        }
    }

    fn owes(&self, stream: StreamId) -> Owes {
        let Some(stream) = self.mux.streams.get(stream) else {
            return Owes::default();
        };
        Owes {
            peer_bytes: !matches!(stream.receiving, Receiving::Complete | Receiving::Lost),
            readable: !stream.parts.is_empty(),
            owner_parts: matches!(stream.sending, Sending::Head | Sending::Body),
        }
    }
}

/// CONTINUATION frames in a header block: HAProxy counts a glitch from the fifth on; a block of 16 KiB
/// never needs more than one.
const CONTINUATIONS_MAX: u32 = 16;
/// Windows before anybody said anything (RFC 9113 §6.9.2), in bytes.
const WINDOW_BYTES_DEFAULT: u32 = 65_535;
/// Streams that we open before the peer's SETTINGS came.
const STREAMS_BEFORE_SETTINGS: u32 = 100;
/// The last stream there can be (RFC 9113 §5.1.1).
const STREAM_MAX: u64 = (1 << 31) - 1;
/// Bytes of answers to control frames that may wait before we stop reading: who does not read pays.
const OUTPUT_BYTES_STOP: usize = 64 * 1024;
/// Smallest body that keeps the block it arrived in, in bytes; less is copied.
const MOVED_BYTES_MIN: usize = 2048;
/// Places for events that an idle connection keeps.
const EVENTS_KEPT_MAX: usize = 8;
