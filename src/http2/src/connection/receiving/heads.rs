//! HEADERS: requests, responses and trailers.

use crate::Code;
use crate::budget::Cost;
use crate::connection::streams::{Asked, Place, Receiving, Sending, Stream, Upgrade};
use crate::connection::{Draining, Mux};
use crate::fields::{Meaning, Section};
use crate::frame::write;
use crate::stream::{Closed, Kind, Next, Sender, State};
use crate::violation::{Flaw, Violation};
use alloc::boxed::Box;
use message::{Cx, Framing, Head, Name, Part, Role, StreamId};

impl Mux {
    pub(super) fn on_headers(
        &mut self,
        cx: &mut Cx<'_>,
        id: StreamId,
        block: &[u8],
        end: bool,
        depends_on_itself: bool,
    ) -> Result<(), Flaw> {
        let kind = if end { Kind::HeadersEnd } else { Kind::Headers };
        let found = self.streams.find(id);
        let state = match found {
            Some(place) => self.streams[place].state,
            None => self.state_of_none(id),
        };
        let next = state.next(Sender::Peer, kind);
        let section = match (self.role, found.map(|place| self.streams[place].receiving)) {
            (Role::Opening, Some(Receiving::Head)) => Section::Response,
            (Role::Accepting, None) => Section::Request,
            (Role::Opening | Role::Accepting, _) => Section::Trailers,
        };
        let mut head = cx.heads.take();
        // Whatever becomes of it, the block changes the table.
        let read = self
            .fields
            .read(section, block, &self.limits.fields, &mut head);
        let refused = match (next, read) {
            (_, Err(Violation::Compression)) => Some(Violation::Compression),
            (Next::Broken(violation), _) => Some(violation),
            // We open streams: the peer cannot.
            _ if self.role == Role::Opening && state == State::Idle => Some(Violation::Idle),
            _ if depends_on_itself => Some(Violation::DependsOnItself),
            _ => None,
        };
        if let Some(violation) = refused {
            cx.heads.give(head);
            if id > self.last && self.role == Role::Accepting {
                self.reach(id);
            }
            return Err(violation.on(id));
        }
        let Next::To(state) = next else {
            cx.heads.give(head);
            return self.spend(Cost::Cheap);
        };
        match (section, found) {
            (Section::Response, Some(place)) => self.on_response(cx, place, state, head, read),
            (Section::Trailers, Some(place)) => self.on_trailers(cx, place, state, head, read),
            (Section::Request | Section::Response | Section::Trailers, _) => {
                self.on_request(cx, id, state, head, read)
            }
        }
    }

    fn on_request(
        &mut self,
        cx: &mut Cx<'_>,
        id: StreamId,
        state: State,
        mut head: Box<Head>,
        read: Result<Meaning, Violation>,
    ) -> Result<(), Flaw> {
        if id.0.is_multiple_of(2) {
            cx.heads.give(head);
            return Err(Violation::StreamNumber.on(id));
        }
        if matches!(self.draining, Draining::Last(last) if id > last) {
            cx.heads.give(head);
            self.reach(id);
            self.streams.closed.note_again(id, Closed::ResetByUs);
            return self.spend(Cost::Cheap);
        }
        self.reach(id);
        if self.streams.len() >= self.limits.streams_max as usize {
            cx.heads.give(head);
            self.streams.closed.note_again(id, Closed::ResetByUs);
            let frame = write::reset(id, Code::RefusedStream);
            self.output.put(cx.pool, &frame);
            return self.spend(Cost::MadeUsReset);
        }
        let meaning = match read {
            Ok(meaning) => meaning,
            Err(violation) => {
                cx.heads.give(head);
                return self.on_malformed(id, state, violation);
            }
        };
        let end = state == State::HalfClosedRemote;
        let asked = match meaning.upgrade {
            true => Asked::Upgrade,
            false => Asked::of(head.method()),
        };
        head.framing = match (meaning.length, asked) {
            (Some(length), _) if end && length > 0 => {
                cx.heads.give(head);
                return self.on_malformed(id, state, Violation::BodyLength);
            }
            (_, Asked::Connect | Asked::Upgrade) => Framing::None,
            _ if end => Framing::None,
            (Some(0), _) => Framing::None,
            (Some(length), _) => Framing::Length(length),
            (None, _) => Framing::Streamed,
        };
        let place = self.add(id, state);
        let stream = &mut self.streams[place];
        stream.asked = asked;
        stream.due = meaning.length;
        stream.parts.push(Part::Head(head));
        stream.receiving = if asked.tunnels() {
            // The request is all there; what follows belongs to the tunnel.
            stream.due = None;
            Receiving::Tunnel
        } else {
            Receiving::Body
        };
        self.notes.opened(id);
        self.notes.readable(id);
        if end {
            self.complete(place);
        } else {
            self.share_window(cx, place);
        }
        if self.opened >= self.limits.streams_total_max {
            self.announce_end(cx);
        }
        Ok(())
    }

    /// A request that is none: it is answered or reset.
    fn on_malformed(
        &mut self,
        id: StreamId,
        state: State,
        violation: Violation,
    ) -> Result<(), Flaw> {
        if !violation.is_answered() {
            self.notes.rejected(id, violation);
            return Err(violation.on(id));
        }
        let place = self.add(id, state);
        self.streams[place].receiving = Receiving::Lost;
        self.notes.malformed(id, violation);
        Ok(())
    }

    fn on_response(
        &mut self,
        cx: &mut Cx<'_>,
        place: Place,
        state: State,
        mut head: Box<Head>,
        read: Result<Meaning, Violation>,
    ) -> Result<(), Flaw> {
        let end = matches!(state, State::HalfClosedRemote | State::Closed(_));
        let stream = &mut self.streams[place];
        let judged = read.and_then(|meaning| judge_response(stream, &mut head, meaning, end));
        if let Err(violation) = judged {
            cx.heads.give(head);
            return Err(violation.on(stream.id));
        }
        stream.state = state;
        stream.answered = true;
        if stream.parts.is_empty() {
            self.notes.readable(stream.id);
        }
        stream.parts.push(Part::Head(head));
        // A CONNECT that failed has no tunnel to keep open.
        if stream.asked.tunnels()
            && stream.receiving == Receiving::Body
            && stream.sending == Sending::Body
        {
            stream.sending = Sending::Ending;
            self.queue(place);
        }
        if end {
            self.complete(place);
        } else {
            self.share_window(cx, place);
        }
        Ok(())
    }

    fn on_trailers(
        &mut self,
        cx: &mut Cx<'_>,
        place: Place,
        state: State,
        head: Box<Head>,
        read: Result<Meaning, Violation>,
    ) -> Result<(), Flaw> {
        let end = matches!(state, State::HalfClosedRemote | State::Closed(_));
        let stream = &mut self.streams[place];
        let refused = match (stream.receiving, read) {
            (Receiving::Lost | Receiving::Complete, _) => {
                stream.state = state;
                cx.heads.give(head);
                return Ok(());
            }
            (_, Err(violation)) => Some(violation),
            (Receiving::Tunnel | Receiving::Head, _) => Some(Violation::OpenTrailers),
            (Receiving::Body, _) if !end => Some(Violation::OpenTrailers),
            (Receiving::Body, _) if !stream.count_body(0, true) => Some(Violation::BodyLength),
            (Receiving::Body, _) => None,
        };
        if let Some(violation) = refused {
            cx.heads.give(head);
            return Err(violation.on(stream.id));
        }
        stream.state = state;
        if head.field_count() > 0 {
            if stream.parts.is_empty() {
                self.notes.readable(stream.id);
            }
            stream.parts.push(Part::Trailers(head));
        } else {
            cx.heads.give(head);
        }
        self.complete(place);
        Ok(())
    }

    /// The highest number of the peer's streams, be it open or not.
    fn reach(&mut self, id: StreamId) {
        self.streams.closed.pass(self.last, id);
        self.last = id;
    }

    /// A stream of the peer.
    fn add(&mut self, id: StreamId, state: State) -> Place {
        self.opened += 1;
        let windows = (self.window_bytes, self.peer.window_bytes);
        let place = self.streams.add(id, windows.0, windows.1);
        self.streams[place].state = state;
        place
    }
}

/// What a response means for its stream.
fn judge_response(
    stream: &mut Stream,
    head: &mut Head,
    meaning: Meaning,
    end: bool,
) -> Result<(), Violation> {
    if head.is_interim() {
        if end {
            return Err(Violation::InterimEnd);
        }
        stream.interims += 1;
        if stream.interims > INTERIMS_MAX {
            return Err(Violation::TooManyInterims);
        }
        return Ok(());
    }
    let status = head.status();
    let success = (200..300).contains(&status);
    let bodiless = stream.asked == Asked::Head || matches!(status, 204 | 304);
    stream.receiving = Receiving::Body;
    (stream.due, head.framing) = match meaning.length {
        _ if stream.asked.tunnels() && success => {
            stream.receiving = Receiving::Tunnel;
            (None, Framing::Tunnel)
        }
        // What it says is the length of a body that is not here.
        _ if bodiless => (Some(0), Framing::None),
        Some(length) if end && length > 0 => return Err(Violation::BodyLength),
        _ if end => (Some(0), Framing::None),
        Some(0) => (Some(0), Framing::None),
        Some(length) => (Some(length), Framing::Length(length)),
        None => (None, Framing::Streamed),
    };
    if let Some(upgrade) = stream.upgrade.take()
        && success
    {
        begin_upgrade(head, &upgrade);
    }
    Ok(())
}

/// Success of an extended CONNECT is 101 as in HTTP/1 (RFC 8441 §5).
fn begin_upgrade(head: &mut Head, upgrade: &Upgrade) {
    head.set_response(101, b"Switching Protocols", head.version);
    head.push(b"connection", b"upgrade");
    head.push(b"upgrade", &upgrade.protocol);
    if let Some(accept) = &upgrade.accept {
        head.set(Name::SecWebsocketAccept, accept);
    }
}

/// Interim heads that wait for the owner of one stream.
const INTERIMS_MAX: u8 = 8;
