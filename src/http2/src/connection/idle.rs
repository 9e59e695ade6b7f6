//! Whether the peer of an idle connection is still there (`idle-ping`).

use super::Mux;
use crate::frame::write;
use base::{Deadline, Duration, Instant, Why};
use message::{Cx, Ending, Shutdown};

/// The timer of a connection without streams.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Idle {
    /// It is not idle, or nobody asks.
    #[default]
    No,
    /// The next question is due.
    Quiet { due: Instant },
    /// The peer was asked, and has until then to answer.
    Asked { due: Instant },
}

impl Idle {
    /// The answer to a PING came. The next question keeps its time.
    pub(super) fn on_answer(&mut self, payload: [u8; 8]) {
        if let Self::Asked { due } = *self
            && payload == QUESTION
        {
            *self = Self::Quiet { due };
        }
    }

    pub(super) fn deadline(self) -> Option<Deadline> {
        match self {
            Self::No => None,
            Self::Quiet { due: at } | Self::Asked { due: at } => Some(Deadline {
                at,
                why: Why::IdlePing,
            }),
        }
    }
}

impl Mux {
    /// Begins to watch a connection on which the last stream ended, and stops when one is opened.
    pub(super) fn watch_idle(&mut self, cx: &mut Cx<'_>) {
        let Some(interval) = self.limits.idle_ping else {
            return;
        };
        if self.over.is_some() || !self.streams.is_empty() {
            self.idle = Idle::No;
        } else if self.idle == Idle::No {
            self.idle = Idle::Quiet {
                due: cx.now + interval,
            };
        }
    }

    /// The timer may be due. A peer that did not answer is not there: nothing more is said to it.
    pub(super) fn on_idle_timeout(&mut self, cx: &mut Cx<'_>) {
        let interval = self.limits.idle_ping.unwrap_or(Duration::MAX);
        match self.idle {
            Idle::Quiet { due } if due <= cx.now => {
                self.output.put(cx.pool, &write::ping(QUESTION, false));
                self.idle = Idle::Asked {
                    due: cx.now + interval,
                };
            }
            Idle::Asked { due } if due <= cx.now => {
                self.output.clear(cx.pool);
                self.finish(cx, Shutdown::Close, Ending::PeerGone);
            }
            Idle::No | Idle::Quiet { .. } | Idle::Asked { .. } => {}
        }
    }
}

/// The payload of the PING that asks.
const QUESTION: [u8; 8] = *b"are you?";
