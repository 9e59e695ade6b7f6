//! What follows when a stream, or the connection, comes to its end.

use super::receiving::DRAINED;
use super::streams::{Receiving, Sending, Stream};
use super::{Draining, Mux, STREAM_MAX};
use crate::budget::Gain;
use crate::frame::write;
use crate::stream::{Closed, Kind, Next, Sender, State};
use crate::{Code, Violation};
use message::{Cx, Ending, Event, Reset, Role, Shutdown, StreamId};

impl Mux {
    /// Ends the streams on which nothing more is to be said.
    pub(super) fn end_streams(&mut self, cx: &mut Cx<'_>) {
        let mut at = 0;
        while let Some(stream) = self.streams.at_mut(at) {
            at += 1;
            let Sending::Ended { mark, said: true } = stream.sending else {
                continue;
            };
            let id = stream.id;
            let complete = matches!(stream.receiving, Receiving::Complete);
            let tunnel = stream.asked.tunnels() && stream.receiving != Receiving::Lost;
            match self.role {
                // The answer is complete: the rest of the request is not wanted (RFC 9113 §8.1).
                Role::Accepting if !complete && !tunnel => {
                    if matches!(stream.state, State::HalfClosedLocal) {
                        self.reset_stream(cx, id, Code::NoError);
                    }
                }
                Role::Accepting if !tunnel => {}
                Role::Accepting | Role::Opening if stream.read_end => {}
                Role::Accepting | Role::Opening => continue,
            }
            let Some(stream) = self.streams.get_mut(id) else {
                continue;
            };
            let mark = match stream.state {
                // Behind the reset, if there is one.
                State::Closed(Closed::ResetByUs) => match stream.sending {
                    Sending::Ended { mark, .. } => mark,
                    Sending::Head | Sending::Held | Sending::Body | Sending::Ending => mark,
                },
                _ => mark,
            };
            if !self.output.is_past(mark) {
                continue;
            }
            let how = match stream.state {
                State::Closed(how) => how,
                State::Idle | State::Open | State::HalfClosedLocal | State::HalfClosedRemote => {
                    Closed::Ended
                }
            };
            self.forget(cx, id, how);
            self.budget.earn(Gain::Stream);
            self.events.push_back(Event::Done(id));
            at -= 1;
        }
    }

    /// Ends the connection once no stream is open and none can be.
    pub(super) fn end_connection(&mut self, cx: &mut Cx<'_>) {
        if !self.streams.is_empty() || self.over.is_some() {
            return;
        }
        let last = matches!(self.draining, Draining::Last(_));
        match self.role {
            _ if self.fin => {
                self.output.clear(cx.pool);
                self.finish(cx, Shutdown::Close, Ending::PeerGone);
            }
            Role::Accepting if last => self.finish(cx, Shutdown::Linger, Ending::Clean),
            Role::Opening if last || self.peer.gone => {
                let frame = write::go_away(StreamId(0), Code::NoError);
                self.output.put(cx.pool, &frame);
                self.finish(cx, Shutdown::Close, Ending::Clean);
            }
            Role::Accepting | Role::Opening => {}
        }
    }

    /// Takes no further streams, and says so: first that some may still come, then which was the last
    /// (RFC 9113 §6.8).
    pub(super) fn announce_end(&mut self, cx: &mut Cx<'_>) {
        if self.over.is_some() || self.draining != Draining::No {
            return;
        }
        match self.role {
            Role::Opening => self.draining = Draining::Last(StreamId(0)),
            Role::Accepting if self.streams.is_empty() && self.opened > 0 => self.say_last(cx),
            Role::Accepting => {
                self.draining = Draining::Announced;
                let frame = write::go_away(StreamId(STREAM_MAX), Code::NoError);
                self.output.put(cx.pool, &frame);
                self.output.put(cx.pool, &write::ping(DRAINED, false));
            }
        }
    }

    pub(super) fn say_last(&mut self, cx: &mut Cx<'_>) {
        self.draining = Draining::Last(self.last);
        let frame = write::go_away(self.last, Code::NoError);
        self.output.put(cx.pool, &frame);
    }

    /// The owner gives a stream up.
    pub(super) fn give_up(&mut self, cx: &mut Cx<'_>, id: StreamId, reset: Reset) {
        let Some(stream) = self.streams.get(id) else {
            return;
        };
        let code = match reset {
            // What was sent is whole.
            _ if self.role == Role::Accepting && stream.has_ended_sending() => Code::NoError,
            Reset::Refused => Code::RefusedStream,
            Reset::Told(code) => Code::of(code.0),
            Reset::Aborted | Reset::Raced | Reset::GivenUp => Code::Cancel,
            Reset::Broken(_) => Code::Internal,
        };
        self.reset_stream(cx, id, code);
        self.forget(cx, id, Closed::ResetByUs);
    }

    /// Sends RST_STREAM if the stream is in a state for it.
    pub(super) fn reset_stream(&mut self, cx: &mut Cx<'_>, id: StreamId, code: Code) {
        if let Some(stream) = self.streams.get_mut(id) {
            let Next::To(state) = stream.state.next(Sender::Us, Kind::Reset) else {
                return;
            };
            stream.state = state;
            self.output.put(cx.pool, &write::reset(id, code));
            if let Sending::Ended { mark, .. } = &mut stream.sending {
                *mark = self.output.mark();
            }
        } else {
            self.streams.note(id, Closed::ResetByUs);
            self.output.put(cx.pool, &write::reset(id, code));
        }
    }

    /// Drops a stream and what waits on it; false if there is none.
    pub(super) fn forget(&mut self, cx: &mut Cx<'_>, id: StreamId, how: Closed) -> bool {
        let Some(stream) = self.streams.get_mut(id) else {
            return false;
        };
        let held = stream.empty(cx.pool, cx.heads);
        if self.held.as_ref().is_some_and(|(held, _)| *held == id)
            && let Some((_, head)) = self.held.take()
        {
            cx.heads.give(head);
        }
        self.streams.remove(id, how);
        self.credit.release(held);
        self.return_credit(cx);
        true
    }

    /// The peer broke the protocol for everybody.
    pub(super) fn break_off(&mut self, cx: &mut Cx<'_>, violation: Violation) {
        if self.over.is_some() {
            return;
        }
        let frame = write::go_away(self.last, violation.code());
        self.output.put(cx.pool, &frame);
        let fault = violation.fault(StreamId(0));
        self.end_all(cx, Reset::Broken(fault));
        self.finish(cx, Shutdown::Linger, Ending::Broken(fault));
    }

    /// The peer sends no more.
    pub(super) fn on_fin(&mut self, cx: &mut Cx<'_>, reset: bool) {
        self.fin = true;
        if let Some((shutdown, _)) = &mut self.over {
            // Lingering ends when the peer has closed too.
            *shutdown = Shutdown::Close;
            if reset {
                self.output.clear(cx.pool);
            }
            return;
        }
        if reset {
            self.output.clear(cx.pool);
            self.end_all(cx, Reset::Aborted);
            return self.finish(cx, Shutdown::Close, Ending::PeerGone);
        }
        let raced = self.role == Role::Opening && self.opened > 1;
        let broken_off =
            |it: &Stream| !matches!(it.receiving, Receiving::Complete | Receiving::Lost);
        while let Some(id) = self.streams.find(broken_off) {
            let answered = self.streams.get(id).is_some_and(|it| it.answered);
            self.forget(cx, id, Closed::ResetByPeer);
            let why = if raced && !answered {
                Reset::Raced
            } else {
                Reset::Aborted
            };
            self.events.push_back(Event::Reset(id, why));
        }
        if !self.streams.is_empty() && self.role == Role::Accepting {
            self.events.push_back(Event::HalfClosed);
        }
    }

    fn end_all(&mut self, cx: &mut Cx<'_>, reset: Reset) {
        while let Some(id) = self.streams.find(|_| true) {
            self.forget(cx, id, Closed::ResetByUs);
            self.events.push_back(Event::Reset(id, reset));
        }
    }

    /// The connection is over once nothing is pending.
    fn finish(&mut self, cx: &mut Cx<'_>, shutdown: Shutdown, ending: Ending) {
        self.end_all(cx, Reset::Aborted);
        let shutdown = if self.fin { Shutdown::Close } else { shutdown };
        self.over = Some((shutdown, ending));
    }
}
