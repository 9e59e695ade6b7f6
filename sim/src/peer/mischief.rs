//! What a server can do wrong on purpose.

use base::Rng;
use std::cell::RefCell;
use std::rc::Rc;

/// One way of misbehaving.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mischief {
    /// Closes a connection as soon as it is accepted.
    CloseAtOnce,
    /// FIN after the request's head.
    FinAfterHead,
    /// FIN after the whole request, without a response.
    FinAfterRequest,
    /// Reset after the whole request, without a response.
    ResetAfterRequest,
    /// Never answers.
    Stall,
    /// FIN in the middle of the response's head.
    TruncatedHead,
    /// FIN after the response's head.
    FinAfterReplyHead,
    /// Stops in the middle of the body and stays.
    StallInBody,
    /// FIN in the middle of the body.
    FinInBody,
    /// Reset in the middle of the body.
    ResetInBody,
    /// A chunk whose size is no number.
    BadChunk,
    /// Bytes that are no HTTP instead of a response.
    Garbage,
    /// Surplus bytes after the response.
    Trailing,
    /// Answers after the request's head, before its body.
    Early,
    /// FIN after the response, without having said so.
    FinAfterReply,
    /// An interim response before the final one.
    Interim,
    /// A head larger than any buffer.
    HugeHead,
    /// Refuses the stream (HTTP/2).
    Refuse,
    /// Says GOAWAY, and that it has not seen this stream (HTTP/2).
    GoAwayLow,
    /// Says GOAWAY with the highest id, later with the real one, and answers (HTTP/2).
    GoAwayTwice,
    /// Resets the stream after the head of its response (HTTP/2).
    ResetStream,
    /// Makes its windows smaller while bodies come (HTTP/2).
    ShrinkWindow,
    /// Makes its windows zero for a while (HTTP/2).
    ZeroWindow,
    /// Sends many PINGs, and answers (HTTP/2).
    PingFlood,
}

impl Mischief {
    /// All of them.
    pub const ALL: [Self; 24] = [
        Self::CloseAtOnce,
        Self::FinAfterHead,
        Self::FinAfterRequest,
        Self::ResetAfterRequest,
        Self::Stall,
        Self::TruncatedHead,
        Self::FinAfterReplyHead,
        Self::StallInBody,
        Self::FinInBody,
        Self::ResetInBody,
        Self::BadChunk,
        Self::Garbage,
        Self::Trailing,
        Self::Early,
        Self::FinAfterReply,
        Self::Interim,
        Self::HugeHead,
        Self::Refuse,
        Self::GoAwayLow,
        Self::GoAwayTwice,
        Self::ResetStream,
        Self::ShrinkWindow,
        Self::ZeroWindow,
        Self::PingFlood,
    ];

    /// Its name in scenarios, after `server.`.
    pub fn name(self) -> &'static str {
        match self {
            Self::CloseAtOnce => "close-at-once",
            Self::FinAfterHead => "fin-after-head",
            Self::FinAfterRequest => "fin-after-request",
            Self::ResetAfterRequest => "reset-after-request",
            Self::Stall => "stall",
            Self::TruncatedHead => "truncated-head",
            Self::FinAfterReplyHead => "fin-after-reply-head",
            Self::StallInBody => "stall-in-body",
            Self::FinInBody => "fin-in-body",
            Self::ResetInBody => "reset-in-body",
            Self::BadChunk => "bad-chunk",
            Self::Garbage => "garbage",
            Self::Trailing => "trailing",
            Self::Early => "early",
            Self::FinAfterReply => "fin-after-reply",
            Self::Interim => "interim",
            Self::HugeHead => "huge-head",
            Self::Refuse => "refuse-stream",
            Self::GoAwayLow => "goaway-low",
            Self::GoAwayTwice => "goaway-twice",
            Self::ResetStream => "reset-stream",
            Self::ShrinkWindow => "shrink-window",
            Self::ZeroWindow => "zero-window",
            Self::PingFlood => "ping-flood",
        }
    }

    /// What it does.
    pub fn doc(self) -> &'static str {
        match self {
            Self::CloseAtOnce => "closes a connection as soon as it is accepted",
            Self::FinAfterHead => "FIN after the request's head",
            Self::FinAfterRequest => "FIN after the whole request, without a response",
            Self::ResetAfterRequest => "reset after the whole request, without a response",
            Self::Stall => "never answers",
            Self::TruncatedHead => "FIN in the middle of the response's head",
            Self::FinAfterReplyHead => "FIN after the response's head",
            Self::StallInBody => "stops in the middle of the body and stays",
            Self::FinInBody => "FIN in the middle of the body",
            Self::ResetInBody => "reset in the middle of the body",
            Self::BadChunk => "a chunk whose size is no number",
            Self::Garbage => "bytes that are no HTTP instead of a response",
            Self::Trailing => "surplus bytes after the response",
            Self::Early => "answers after the request's head, before its body",
            Self::FinAfterReply => "FIN after the response, without having said so",
            Self::Interim => "an interim response before the final one",
            Self::HugeHead => "a head larger than any buffer",
            Self::Refuse => "an HTTP/2 server refuses the stream",
            Self::GoAwayLow => "an HTTP/2 server says GOAWAY and that it has not seen the stream",
            Self::GoAwayTwice => "an HTTP/2 server says GOAWAY twice, and answers",
            Self::ResetStream => "an HTTP/2 server resets the stream after the response's head",
            Self::ShrinkWindow => "an HTTP/2 server makes its windows smaller while bodies come",
            Self::ZeroWindow => "an HTTP/2 server makes its windows zero for a while",
            Self::PingFlood => "an HTTP/2 server sends many PINGs, and answers",
        }
    }

    /// Whether the response is nevertheless right.
    pub fn answers_well(self) -> bool {
        matches!(
            self,
            Self::Trailing
                | Self::Early
                | Self::FinAfterReply
                | Self::Interim
                | Self::GoAwayTwice
                | Self::ShrinkWindow
                | Self::ZeroWindow
                | Self::PingFlood
        )
    }
}

/// How a server feels now; faults change it. Clones share it.
#[derive(Clone, Default)]
pub struct Mood(Rc<RefCell<State>>);

#[derive(Default)]
struct State {
    slow: Option<u64>,
    /// Each with its chance in a thousand.
    mischief: Vec<(Mischief, u32)>,
    idle_close_ms: Option<u64>,
}

impl Mood {
    /// Takes `factor` times as long from now on.
    pub fn set_slow(&self, factor: Option<u64>) {
        self.0.borrow_mut().slow = factor;
    }

    /// Misbehaves from now on, each time with `permille` chances in a thousand; 0 ends it.
    pub fn set_mischief(&self, mischief: Mischief, permille: u32) {
        let mut state = self.0.borrow_mut();
        state.mischief.retain(|(known, _)| *known != mischief);
        if permille > 0 {
            state.mischief.push((mischief, permille));
        }
    }

    /// Closes connections that were idle for so long; `None` keeps the plan's own.
    pub fn set_idle_close(&self, millis: Option<u64>) {
        self.0.borrow_mut().idle_close_ms = millis;
    }

    /// Is well again.
    pub fn heal(&self) {
        *self.0.borrow_mut() = State::default();
    }

    pub(super) fn slow(&self) -> u64 {
        self.0.borrow().slow.unwrap_or(1)
    }

    pub(super) fn idle_close_ms(&self) -> Option<u64> {
        self.0.borrow().idle_close_ms
    }

    pub(super) fn draw(&self, rng: &mut Rng) -> Option<Mischief> {
        let state = self.0.borrow();
        let unlucky = state
            .mischief
            .iter()
            .find(|(_, permille)| rng.chance(u64::from(*permille), 1000));
        unlucky.map(|(mischief, _)| *mischief)
    }
}
