//! One HTTP/2 connection in either role.
//!
//! The frame reader stands apart from everything else, because frames are lent out of it while the rest
//! moves. `receiving` takes frames in and `reading` hands out what was in them; `sending` takes the owner's
//! parts in and `pump` makes frames of them; `ending` decides what follows when a stream or the
//! connection ends. Nothing that happens for one frame or one part looks at all streams: those that can
//! send wait in a queue, those that end stand in the order of their last bytes.

mod closed;
mod ending;
mod idle;
mod machine;
mod notes;
mod output;
mod pump;
mod queue;
mod reading;
mod receiving;
mod sending;
mod streams;
mod windows;

use crate::budget::Budget;
use crate::fields;
use crate::flow::{Allowance, Credit};
use crate::frame::{Bounds, PREFACE, Reader, Setting, write};
use crate::{Limits, Violation};
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use base::Instant;
use idle::Idle;
use message::{Cx, Ending, Head, Role, Shutdown, StreamId};
use notes::Notes;
use output::Output;
use streams::Streams;

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
    /// Bytes were last handed to the transport.
    written_at: Instant,
    /// By how much streams have larger windows than the peer knows of from the start.
    shared_bytes: u32,
    /// The window of streams that the peer knows of, in bytes.
    window_bytes: u32,
    /// The peer did not acknowledge our SETTINGS yet.
    unacknowledged: bool,
    allowance: Allowance,
    /// A request for another protocol that waits for the peer's first SETTINGS, which say whether it may
    /// be sent. Until then no other stream is opened.
    held: Option<(StreamId, Box<Head>)>,
    /// Streams that can send, in turn.
    ready: VecDeque<StreamId>,
    /// Those of them that wait for the connection's window.
    starved: VecDeque<StreamId>,
    /// Streams that ended, with the mark behind their last bytes.
    ended: VecDeque<(u64, StreamId)>,
    output: Output,
    /// Nobody has room: too much waits to be written.
    full: bool,
    budget: Budget,
    idle: Idle,
    notes: Notes,
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
            written_at: Instant::ZERO,
            shared_bytes: 0,
            window_bytes: WINDOW_BYTES_DEFAULT,
            unacknowledged: true,
            allowance: Allowance::new(WINDOW_BYTES_DEFAULT),
            held: None,
            ready: VecDeque::new(),
            starved: VecDeque::new(),
            ended: VecDeque::new(),
            output: Output::default(),
            full: false,
            budget: Budget::new(),
            idle: Idle::default(),
            notes: Notes::default(),
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

    /// What the peer did so far that none should do (`fc_glitches`, `bc_glitches`).
    pub fn glitches(&self) -> u32 {
        self.mux.budget.glitches()
    }

    /// Streams that the peer may have at a time, as our SETTINGS say.
    pub fn streams_max(&self) -> u32 {
        self.mux.limits.streams_max
    }

    /// Whether the peer's first SETTINGS came.
    pub fn is_settled(&self) -> bool {
        self.mux.peer.settled
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
            if !self.ready.is_empty() {
                self.pump(cx);
            }
            self.judge_glitches(cx);
            self.end_connection(cx);
            self.watch_idle(cx);
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
            let shared = self.streams.iter().map(|it| it.shared_bytes);
            assert_eq!(shared.sum::<u32>(), self.shared_bytes);
            let queued = self.streams.iter().filter(|it| it.queued).count();
            assert_eq!(queued, self.ready.len() + self.starved.len());
            let unsent = |it: &&streams::Stream| it.can_send() && !it.queued;
            assert_eq!(
                self.streams.iter().filter(unsent).count(),
                0,
                "a stream is forgotten"
            );
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

#[cfg(test)]
mod tests {
    use super::*;
    use base::{Pool, Rng};
    use message::{Heads, Machine};

    #[test]
    fn a_connection_whose_numbers_are_used_up_opens_no_more() {
        let mut cx = Cx {
            now: Instant::ZERO,
            pool: &mut Pool::new(16_384),
            heads: &mut Heads::default(),
            rng: &mut Rng::from_u64(1),
        };
        let mut connection = Connection::new(&mut cx, Role::Opening, Limits::default());
        connection.mux.next = STREAM_MAX - 2;
        assert_eq!(connection.capacity().ever, 2);
        assert_eq!(connection.open(&mut cx), Some(StreamId(STREAM_MAX - 2)));
        assert_eq!(connection.open(&mut cx), Some(StreamId(STREAM_MAX)));
        assert_eq!(connection.capacity().ever, 0);
        assert_eq!(connection.open(&mut cx), None);
    }
}
