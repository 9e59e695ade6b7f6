//! Frames of the peer, and what becomes of them.

mod bodies;
mod control;
mod heads;

pub(super) use bodies::{Body, Data};
pub(super) use control::DRAINED;

use super::notes::Why;
use super::streams::{Place, Receiving};
use super::{Draining, Mux};
use crate::budget::Cost;
use crate::frame::{Frame, write};
use crate::stream::{Closed, State};
use crate::violation::{Flaw, Reach, Violation};
use message::{Cx, Role, StreamId};

impl Mux {
    /// What was taken in, or what was wrong with it.
    pub(super) fn on_taken(&mut self, cx: &mut Cx<'_>, taken: Result<(), Flaw>) {
        let Err(flaw) = taken else {
            return;
        };
        self.violation.get_or_insert(flaw.violation);
        match flaw.violation.reach() {
            Reach::Connection => self.break_off(cx, flaw.violation),
            Reach::Stream => {
                self.reset_stream(cx, flaw.stream, flaw.violation.code());
                if let Some(place) = self.streams.find(flaw.stream) {
                    self.forget(cx, place, Closed::ResetByUs);
                    self.notes.reset(flaw.stream, Why::Broken(flaw.violation));
                }
                if !self.budget.spend(Cost::MadeUsReset) {
                    self.break_off(cx, Violation::Flood);
                }
            }
        }
    }

    pub(super) fn on_frame(&mut self, cx: &mut Cx<'_>, frame: Frame<'_>) -> Result<(), Flaw> {
        match frame {
            Frame::Headers {
                stream,
                block,
                end,
                continuations,
                depends_on_itself,
            } => {
                let small = block.len() < continuations as usize * PIECE_BYTES_MIN;
                if small && continuations > PIECES_FREE {
                    self.spend(Cost::Pieces {
                        count: continuations,
                    })?;
                }
                self.on_headers(cx, stream, block, end, depends_on_itself)
            }
            Frame::Reset { stream, code } => self.on_reset(cx, stream, code),
            Frame::Settings(settings) => self.on_settings(cx, settings),
            Frame::SettingsAck => {
                self.on_settings_ack(cx);
                self.spend(Cost::Cheap)
            }
            Frame::Ping { ack: true, payload } => {
                if payload == DRAINED && self.draining == Draining::Announced {
                    self.say_last(cx);
                }
                self.idle.on_answer(payload);
                self.spend(Cost::Cheap)
            }
            Frame::Ping {
                ack: false,
                payload,
            } => {
                self.output.put(cx.pool, &write::ping(payload, true));
                self.spend(Cost::Cheap)
            }
            Frame::GoAway { last, code: _ } => {
                self.on_go_away(cx, last);
                self.spend(Cost::Cheap)
            }
            Frame::WindowUpdate { stream, bytes } => self.on_window_update(stream, bytes),
            Frame::Priority { .. } | Frame::Unknown => self.spend(Cost::Cheap),
            // Taken where its bytes are.
            Frame::Data { .. } => Ok(()),
        }
    }

    /// The state of any stream there can be.
    fn state(&self, id: StreamId) -> State {
        match self.streams.get(id) {
            Some(stream) => stream.state,
            None => self.state_of_none(id),
        }
    }

    /// The state of a stream that is not open.
    fn state_of_none(&self, id: StreamId) -> State {
        let idle = match self.role {
            Role::Accepting => id > self.last,
            Role::Opening => id.0 >= self.next,
        };
        if idle || id.0.is_multiple_of(2) {
            State::Idle
        } else {
            State::Closed(self.streams.closed.how(id))
        }
    }

    /// The peer's direction has ended; every place that can see it calls this.
    fn complete(&mut self, place: Place) {
        let stream = &mut self.streams[place];
        if matches!(stream.receiving, Receiving::Body | Receiving::Tunnel) {
            stream.receiving = Receiving::Complete;
            if stream.parts.is_empty() {
                self.notes.readable(stream.id);
            }
        }
    }

    fn spend(&mut self, cost: Cost) -> Result<(), Flaw> {
        if self.budget.spend(cost) {
            Ok(())
        } else {
            Err(Violation::Flood.on(StreamId(0)))
        }
    }
}

/// Pieces of a header block that are not held against anybody, and bytes of a piece that is not small, both
/// as in HAProxy.
const PIECES_FREE: u32 = 4;
const PIECE_BYTES_MIN: usize = 1024;
