//! A response that rules keep back: what was read of it, and where its rules stand.

use crate::exchange::Wait;
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use base::{Deadline, Instant, Why};
use message::{Head, Part};

/// A response, or the first bytes of a server in TCP mode, kept back from the client.
#[derive(Debug, Default)]
pub struct Withheld {
    /// Its head until its rules are through; none in TCP mode.
    pub head: Option<Box<Head>>,
    /// What was read behind the head and not passed on.
    pub parts: VecDeque<Part>,
    /// Where its rules go on.
    pub at: ReplyRule,
    /// When content rules stop waiting for what they need.
    pub inspect_until: Option<Instant>,
    /// What a rule waits for, and until when; none once all of them are through.
    pub waits: Option<(Wait, Instant)>,
}

/// A place among the rule sets of a response.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReplyRule {
    /// Which of them, in the order in which they run.
    pub set: u8,
    /// The rule in it that comes next.
    pub next: u32,
}

impl Withheld {
    /// Nothing more comes from the server.
    pub fn is_complete(&self) -> bool {
        matches!(self.parts.back(), Some(Part::End))
    }

    /// When its rules go on, whatever has come by then.
    pub fn deadline(&self) -> Option<Deadline> {
        self.waits.map(|(_, at)| Deadline { at, why: Why::Rule })
    }
}
