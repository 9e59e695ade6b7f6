//! What follows when a stream, or the connection, comes to its end.

use super::idle::Idle;
use super::notes::Why;
use super::pump::may_send;
use super::receiving::DRAINED;
use super::streams::{Place, Receiving, Sending, Stream};
use super::{Draining, Mux, STREAM_MAX};
use crate::budget::Gain;
use crate::frame::write;
use crate::stream::{Closed, Kind, State};
use crate::{Code, Violation};
use message::{Cx, Ending, Reset, Role, Shutdown, StreamId};

impl Mux {
    /// The end of a stream is in the output, behind everything else that is there.
    pub(super) fn on_ended(&mut self, cx: &mut Cx<'_>, place: Place) {
        self.mark_end(place);
        self.on_said(cx, place);
    }

    /// The owner said the end too, if it did.
    pub(super) fn on_said(&mut self, cx: &mut Cx<'_>, place: Place) {
        let stream = &self.streams[place];
        if stream.sending != (Sending::Ended { said: true }) {
            return;
        }
        // The answer is complete: the rest of the request is not wanted (RFC 9113 §8.1).
        if self.role == Role::Accepting
            && stream.receiving != Receiving::Complete
            && !is_tunnel(stream)
            && stream.state == State::HalfClosedLocal
        {
            let id = stream.id;
            self.reset_stream(cx, id, Code::NoError);
        }
        self.try_done(cx, place);
    }

    /// Notes that a stream is to end once what is in the output now is written.
    fn mark_end(&mut self, place: Place) {
        let mark = self.output.mark();
        let stream = &mut self.streams[place];
        stream.mark = mark;
        stream.flushed = false;
        self.ended.push_back((mark, stream.id));
    }

    /// Bytes were written: ends the streams whose last ones were among them.
    pub(super) fn end_written(&mut self, cx: &mut Cx<'_>) {
        while let Some((mark, id)) = self.ended.front().copied()
            && self.output.is_past(mark)
        {
            self.ended.pop_front();
            if let Some(place) = self.streams.find(id)
                && self.streams[place].mark == mark
            {
                self.streams[place].flushed = true;
                self.try_done(cx, place);
            }
        }
        if self.streams.is_empty() {
            self.ended.shrink_to(ENDED_KEPT_MAX);
        }
    }

    /// Ends a stream on which nothing more is to be said.
    pub(super) fn try_done(&mut self, cx: &mut Cx<'_>, place: Place) {
        let stream = &self.streams[place];
        let sent = stream.flushed && stream.sending == (Sending::Ended { said: true });
        let heard = self.role == Role::Accepting && !is_tunnel(stream) || stream.read_end;
        if !sent || !heard || self.over.is_some() {
            return;
        }
        let id = stream.id;
        let how = match stream.state {
            State::Closed(how) => how,
            State::Idle | State::Open | State::HalfClosedLocal | State::HalfClosedRemote => {
                Closed::Ended
            }
        };
        self.forget(cx, place, how);
        self.budget.earn(Gain::Stream);
        self.notes.done(id);
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
        let Some(place) = self.streams.find(id) else {
            return;
        };
        let stream = &self.streams[place];
        let code = match reset {
            // What was sent is whole.
            _ if self.role == Role::Accepting && stream.has_ended_sending() => Code::NoError,
            Reset::Refused => Code::RefusedStream,
            Reset::Told(code) => Code::of(code.0),
            Reset::Aborted | Reset::Raced | Reset::GivenUp => Code::Cancel,
            Reset::Broken(_) => Code::Internal,
        };
        self.reset_stream(cx, id, code);
        self.forget(cx, place, Closed::ResetByUs);
    }

    /// Sends RST_STREAM if the stream is in a state for it.
    pub(super) fn reset_stream(&mut self, cx: &mut Cx<'_>, id: StreamId, code: Code) {
        if let Some(place) = self.streams.find(id) {
            let stream = &mut self.streams[place];
            if !may_send(&mut stream.state, Kind::Reset) {
                return;
            }
            self.output.put(cx.pool, &write::reset(id, code));
            if self.streams[place].has_ended_sending() {
                self.mark_end(place);
            }
        } else {
            self.streams.closed.note_again(id, Closed::ResetByUs);
            self.output.put(cx.pool, &write::reset(id, code));
        }
    }

    /// Drops a stream and what waits on it.
    pub(super) fn forget(&mut self, cx: &mut Cx<'_>, place: Place, how: Closed) {
        self.unqueue(place);
        self.shared_bytes -= self.streams[place].shared_bytes;
        let id = self.streams[place].id;
        if self.held.as_ref().is_some_and(|(held, _)| *held == id)
            && let Some((_, head)) = self.held.take()
        {
            cx.heads.give(head);
        }
        let held = self.streams.remove(place, how, cx.pool, cx.heads);
        if held > 0 {
            self.credit.release(held);
            self.return_credit(cx);
        }
    }

    /// The peer broke the protocol for everybody.
    pub(super) fn break_off(&mut self, cx: &mut Cx<'_>, violation: Violation) {
        if self.over.is_some() {
            return;
        }
        let frame = write::go_away(self.last, violation.code());
        self.output.put(cx.pool, &frame);
        let fault = violation.fault(StreamId(0));
        self.end_all(cx, Why::Broken(violation));
        self.finish(cx, Shutdown::Linger, Ending::Broken(fault));
    }

    /// A peer that does too much that none should do is sent away, first politely.
    pub(super) fn judge_glitches(&mut self, cx: &mut Cx<'_>) {
        let Some(most) = self.limits.glitches_max else {
            return;
        };
        let glitches = self.budget.glitches();
        if glitches >= most.get() {
            self.violation.get_or_insert(Violation::Glitches);
            self.break_off(cx, Violation::Glitches);
        } else if u64::from(glitches) * 4 >= u64::from(most.get()) * 3 {
            self.announce_end(cx);
        }
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
            self.end_all(cx, Why::Aborted);
            return self.finish(cx, Shutdown::Close, Ending::PeerGone);
        }
        let raced = self.role == Role::Opening && self.opened > 1;
        let mut rank = 0;
        while let Some(place) = self.streams.at_rank(rank) {
            let stream = &self.streams[place];
            if matches!(stream.receiving, Receiving::Complete | Receiving::Lost) {
                rank += 1;
                continue;
            }
            let (id, answered) = (stream.id, stream.answered);
            self.forget(cx, place, Closed::ResetByPeer);
            let why = match raced && !answered {
                true => Why::Raced,
                false => Why::Aborted,
            };
            self.notes.reset(id, why);
        }
        if !self.streams.is_empty() && self.role == Role::Accepting {
            self.notes.half_closed();
        }
    }

    fn end_all(&mut self, cx: &mut Cx<'_>, why: Why) {
        while let Some(place) = self.streams.at_rank(0) {
            let id = self.streams[place].id;
            self.forget(cx, place, Closed::ResetByUs);
            self.notes.reset(id, why);
        }
    }

    /// The connection is over once nothing is pending.
    pub(super) fn finish(&mut self, cx: &mut Cx<'_>, shutdown: Shutdown, ending: Ending) {
        self.end_all(cx, Why::Aborted);
        self.idle = Idle::No;
        let shutdown = if self.fin { Shutdown::Close } else { shutdown };
        self.over = Some((shutdown, ending));
    }
}

/// Whether both directions of a stream go on until each is closed.
fn is_tunnel(stream: &Stream) -> bool {
    stream.asked.tunnels() && stream.receiving != Receiving::Lost
}

/// Ends for which an idle connection keeps room.
const ENDED_KEPT_MAX: usize = 8;
