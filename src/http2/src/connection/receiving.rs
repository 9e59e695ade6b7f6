//! Frames of the peer, and what becomes of them.

use super::streams::{Asked, Receiving, Sending, Stream, Upgrade};
use super::{Draining, Mux};
use crate::Code;
use crate::budget::{Cost, Gain};
use crate::fields::{Meaning, Section};
use crate::frame::{Frame, Setting, Settings, write};
use crate::stream::{Closed, Kind, Next, Sender, State};
use crate::violation::{Flaw, Reach, Violation};
use alloc::boxed::Box;
use base::Buf;
use message::{Cx, Event, Framing, Head, Name, Part, Reset, Role, StreamId};

/// A piece of a DATA frame without its bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Data {
    pub(super) stream: StreamId,
    pub(super) padding: u32,
    pub(super) last: bool,
    pub(super) end: bool,
}

/// The bytes of a piece.
pub(super) enum Body<'a> {
    Copied(&'a [u8]),
    Moved(Buf),
}

impl Body<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Copied(bytes) => bytes.len(),
            Self::Moved(buf) => buf.len(),
        }
    }
}

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
                let fault = flaw.violation.fault(flaw.stream);
                self.reset_stream(cx, flaw.stream, flaw.violation.code());
                if self.forget(cx, flaw.stream, Closed::ResetByUs) {
                    let event = Event::Reset(flaw.stream, Reset::Broken(fault));
                    self.events.push_back(event);
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
                depends_on_itself,
            } => self.on_headers(cx, stream, block, end, depends_on_itself),
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

    /// A piece of a body.
    pub(super) fn on_data(
        &mut self,
        cx: &mut Cx<'_>,
        data: Data,
        body: Body<'_>,
    ) -> Result<(), Flaw> {
        let id = data.stream;
        let bytes = body.len() as u32 + data.padding;
        if !self.credit.receive(bytes) {
            drop_body(cx, body);
            return Err(Violation::WindowExceeded.on(StreamId(0)));
        }
        let taken = self.place_data(cx, data, body);
        if !matches!(taken, Ok(true)) {
            self.credit.release(bytes);
        }
        self.return_credit(cx);
        taken?;
        self.budget.earn(Gain::Bytes(bytes as usize));
        if bytes == 0 && data.last && !data.end {
            return self.spend(Cost::EmptyData);
        }
        if data.end {
            self.complete(id);
        }
        Ok(())
    }

    /// Says whether the bytes are now the stream's.
    fn place_data(&mut self, cx: &mut Cx<'_>, data: Data, body: Body<'_>) -> Result<bool, Flaw> {
        let id = data.stream;
        let kind = if data.end { Kind::DataEnd } else { Kind::Data };
        let state = match self.state(id).next(Sender::Peer, kind) {
            Next::To(state) => state,
            Next::Ignored | Next::Never => {
                drop_body(cx, body);
                return Ok(false);
            }
            Next::Broken(violation) => {
                drop_body(cx, body);
                return Err(violation.on(id));
            }
        };
        let Some(stream) = self.streams.get_mut(id) else {
            drop_body(cx, body);
            return Ok(false);
        };
        let count = body.len() as u32;
        let refused = match stream.receiving {
            Receiving::Head => Some(Violation::DataBeforeHead),
            Receiving::Body | Receiving::Tunnel => {
                stream.received += u64::from(count);
                if !stream.fits_length(data.end) {
                    Some(Violation::BodyLength)
                } else if !stream.credit.receive(count + data.padding) {
                    Some(Violation::StreamWindowExceeded)
                } else {
                    None
                }
            }
            Receiving::Complete | Receiving::Lost => {
                stream.state = state;
                drop_body(cx, body);
                return Ok(false);
            }
        };
        if let Some(violation) = refused {
            drop_body(cx, body);
            return Err(violation.on(id));
        }
        stream.state = state;
        // Nobody reads the padding.
        stream.credit.release(data.padding);
        self.credit.release(data.padding);
        if count > 0 {
            let fresh = stream.parts.is_empty();
            append(cx, stream, body);
            if fresh {
                self.events.push_back(Event::Readable(id));
            }
        } else {
            drop_body(cx, body);
        }
        self.return_stream_credit(cx, id);
        Ok(true)
    }

    fn on_headers(
        &mut self,
        cx: &mut Cx<'_>,
        id: StreamId,
        block: &[u8],
        end: bool,
        depends_on_itself: bool,
    ) -> Result<(), Flaw> {
        let kind = if end { Kind::HeadersEnd } else { Kind::Headers };
        let next = self.state(id).next(Sender::Peer, kind);
        let section = match (self.role, self.streams.get(id).map(|it| it.receiving)) {
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
            _ if self.role == Role::Opening && self.state(id) == State::Idle => {
                Some(Violation::Idle)
            }
            _ if depends_on_itself => Some(Violation::DependsOnItself),
            _ => None,
        };
        if let Some(violation) = refused {
            cx.heads.give(head);
            if id > self.last && self.role == Role::Accepting {
                self.last = id;
            }
            return Err(violation.on(id));
        }
        let Next::To(state) = next else {
            cx.heads.give(head);
            return self.spend(Cost::Cheap);
        };
        match section {
            Section::Request => self.on_request(cx, id, state, head, read),
            Section::Response => self.on_response(cx, id, state, head, read),
            Section::Trailers => self.on_trailers(cx, id, state, head, read),
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
            self.last = id;
            self.streams.note(id, Closed::ResetByUs);
            return self.spend(Cost::Cheap);
        }
        self.last = id;
        if self.streams.len() >= self.limits.streams_max as usize {
            cx.heads.give(head);
            self.streams.note(id, Closed::ResetByUs);
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
                return Err(Violation::BodyLength.on(id));
            }
            (_, Asked::Connect | Asked::Upgrade) => Framing::None,
            _ if end => Framing::None,
            (Some(0), _) => Framing::None,
            (Some(length), _) => Framing::Length(length),
            (None, _) => Framing::Streamed,
        };
        let stream = self.add(id, state);
        stream.asked = asked;
        stream.length = meaning.length;
        stream.parts.push_back(Part::Head(head));
        stream.receiving = if asked.tunnels() {
            // The request is all there; what follows belongs to the tunnel.
            stream.length = None;
            stream.parts.push_back(Part::End);
            Receiving::Tunnel
        } else {
            Receiving::Body
        };
        self.events.push_back(Event::Opened(id));
        self.events.push_back(Event::Readable(id));
        if end {
            self.complete(id);
        }
        if self.opened >= self.limits.streams_total_max {
            self.announce_end(cx);
        }
        Ok(())
    }

    /// A request that is none. One that is only too large for us is answered, any other is reset.
    fn on_malformed(
        &mut self,
        id: StreamId,
        state: State,
        violation: Violation,
    ) -> Result<(), Flaw> {
        if violation.status() != 431 {
            return Err(violation.on(id));
        }
        let stream = self.add(id, state);
        stream.receiving = Receiving::Lost;
        let fault = violation.fault(id);
        self.events.push_back(Event::Opened(id));
        self.events.push_back(Event::Malformed(id, fault));
        Ok(())
    }

    fn on_response(
        &mut self,
        cx: &mut Cx<'_>,
        id: StreamId,
        state: State,
        mut head: Box<Head>,
        read: Result<Meaning, Violation>,
    ) -> Result<(), Flaw> {
        let end = matches!(state, State::HalfClosedRemote | State::Closed(_));
        let Some(stream) = self.streams.get_mut(id) else {
            cx.heads.give(head);
            return Ok(());
        };
        let judged = read.and_then(|meaning| judge_response(stream, &mut head, meaning, end));
        if let Err(violation) = judged {
            cx.heads.give(head);
            return Err(violation.on(id));
        }
        stream.state = state;
        stream.answered = true;
        let fresh = stream.parts.is_empty();
        stream.parts.push_back(Part::Head(head));
        if fresh {
            self.events.push_back(Event::Readable(id));
        }
        // A CONNECT that failed has no tunnel to keep open.
        if stream.asked.tunnels()
            && stream.receiving == Receiving::Body
            && stream.sending == Sending::Body
        {
            stream.sending = Sending::Ending;
        }
        if end {
            self.complete(id);
        }
        Ok(())
    }

    fn on_trailers(
        &mut self,
        cx: &mut Cx<'_>,
        id: StreamId,
        state: State,
        head: Box<Head>,
        read: Result<Meaning, Violation>,
    ) -> Result<(), Flaw> {
        let end = matches!(state, State::HalfClosedRemote | State::Closed(_));
        let Some(stream) = self.streams.get_mut(id) else {
            cx.heads.give(head);
            return Ok(());
        };
        let refused = match (stream.receiving, read) {
            (Receiving::Lost | Receiving::Complete, _) => {
                stream.state = state;
                cx.heads.give(head);
                return Ok(());
            }
            (_, Err(violation)) => Some(violation),
            (Receiving::Tunnel | Receiving::Head, _) => Some(Violation::OpenTrailers),
            (Receiving::Body, _) if !end => Some(Violation::OpenTrailers),
            (Receiving::Body, _) if !stream.fits_length(true) => Some(Violation::BodyLength),
            (Receiving::Body, _) => None,
        };
        if let Some(violation) = refused {
            cx.heads.give(head);
            return Err(violation.on(id));
        }
        stream.state = state;
        if head.field_count() > 0 {
            let fresh = stream.parts.is_empty();
            stream.parts.push_back(Part::Trailers(head));
            if fresh {
                self.events.push_back(Event::Readable(id));
            }
        } else {
            cx.heads.give(head);
        }
        self.complete(id);
        Ok(())
    }

    fn on_reset(&mut self, cx: &mut Cx<'_>, id: StreamId, code: u32) -> Result<(), Flaw> {
        match self.state(id).next(Sender::Peer, Kind::Reset) {
            Next::To(_) => {}
            Next::Ignored | Next::Never => return self.spend(Cost::Cheap),
            Next::Broken(violation) => return Err(violation.on(id)),
        }
        let Some(stream) = self.streams.get_mut(id) else {
            return Ok(());
        };
        let cost = if stream.answered {
            Cost::Cheap
        } else {
            Cost::Reset
        };
        if self.role == Role::Opening && stream.receiving == Receiving::Complete {
            // The answer is whole; the rest of the request is not wanted (RFC 9113 §8.1).
            stream.state = State::Closed(Closed::ResetByPeer);
            for buf in stream.unsent.drain(..) {
                cx.pool.give(buf);
            }
            if !stream.has_ended_sending() {
                let mark = self.output.mark();
                stream.sending = Sending::Ended { mark, said: false };
            }
            return Ok(());
        }
        let refused = Code::of(code) == Code::RefusedStream && !stream.answered;
        let reset = if self.role == Role::Opening && refused {
            Reset::Refused
        } else {
            Reset::Told(message::Code(code))
        };
        self.forget(cx, id, Closed::ResetByPeer);
        self.events.push_back(Event::Reset(id, reset));
        self.spend(cost)
    }

    fn on_settings(&mut self, cx: &mut Cx<'_>, settings: Settings<'_>) -> Result<(), Flaw> {
        for setting in settings.iter() {
            match setting {
                Setting::TableBytes(bytes) => self.writer.set_table_bytes_max(bytes),
                Setting::Push(true) if self.role == Role::Opening => {
                    return Err(Violation::SettingSwitch.on(StreamId(0)));
                }
                Setting::StreamsMax(count) => self.peer.streams_max = count,
                Setting::WindowBytes(bytes) => {
                    let change = i64::from(bytes) - i64::from(self.peer.window_bytes);
                    self.peer.window_bytes = bytes;
                    for stream in self.streams.iter_mut() {
                        if !stream.allowance.shift(change) {
                            return Err(Violation::SettingWindow.on(StreamId(0)));
                        }
                    }
                    self.hold_back(|stream| stream.allowance.left() == 0);
                }
                Setting::FrameBytes(bytes) => self.peer.frame_bytes_max = bytes,
                Setting::ConnectProtocol(on) => self.peer.upgrades = on,
                Setting::Push(_) | Setting::ListBytes(_) => {}
            }
        }
        self.output.put(cx.pool, &write::settings_ack());
        self.peer.settled = true;
        self.release_held(cx);
        self.spend(Cost::Settings)
    }

    /// The peer follows our settings from now on; until then it followed the defaults.
    fn on_settings_ack(&mut self, cx: &mut Cx<'_>) {
        self.fields.set_table_bytes_max(self.limits.table_bytes_max);
        self.window_bytes = self.limits.window_bytes;
        let mut from = StreamId(0);
        while let Some(id) = self.streams.find(|it| it.id > from) {
            from = id;
            if let Some(stream) = self.streams.get_mut(id) {
                stream.credit.resize(self.window_bytes);
            }
            // What was read is a larger part of a smaller window, and nobody may read again.
            self.return_stream_credit(cx, id);
        }
    }

    fn on_window_update(&mut self, id: StreamId, bytes: u32) -> Result<(), Flaw> {
        let more = i64::from(bytes);
        if id.0 == 0 {
            if !self.allowance.shift(more) {
                return Err(Violation::WindowOverflow.on(id));
            }
            return self.spend(Cost::Cheap);
        }
        if let Next::Broken(violation) = self.state(id).next(Sender::Peer, Kind::WindowUpdate) {
            return Err(violation.on(id));
        }
        if let Some(stream) = self.streams.get_mut(id)
            && !stream.allowance.shift(more)
        {
            return Err(Violation::StreamWindowOverflow.on(id));
        }
        self.spend(Cost::Cheap)
    }

    /// The peer takes no further streams, and never looked at those above `last`.
    fn on_go_away(&mut self, cx: &mut Cx<'_>, last: StreamId) {
        if self.role == Role::Accepting {
            return;
        }
        self.peer.gone = true;
        while let Some(id) = self.streams.find(|it| it.id > last) {
            self.forget(cx, id, Closed::ResetByPeer);
            self.events.push_back(Event::Reset(id, Reset::Refused));
        }
    }

    /// The state of any stream there can be.
    fn state(&self, id: StreamId) -> State {
        if let Some(stream) = self.streams.get(id) {
            return stream.state;
        }
        let idle = match self.role {
            Role::Accepting => id > self.last,
            Role::Opening => id.0 >= self.next,
        };
        if idle || id.0.is_multiple_of(2) {
            State::Idle
        } else {
            State::Closed(self.streams.closed(id))
        }
    }

    fn add(&mut self, id: StreamId, state: State) -> &mut Stream {
        self.opened += 1;
        let stream = self
            .streams
            .add(id, self.window_bytes, self.peer.window_bytes);
        stream.state = state;
        stream
    }

    /// The peer's direction has ended; every place that can see it calls this.
    fn complete(&mut self, id: StreamId) {
        if let Some(stream) = self.streams.get_mut(id)
            && matches!(stream.receiving, Receiving::Body | Receiving::Tunnel)
        {
            stream.receiving = Receiving::Complete;
            let fresh = stream.parts.is_empty();
            stream.parts.push_back(Part::End);
            if fresh {
                self.events.push_back(Event::Readable(id));
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

    /// The next part for the owner; what it reads may be sent again.
    pub(super) fn take_part(&mut self, cx: &mut Cx<'_>, id: StreamId) -> Option<Part> {
        let stream = self.streams.get_mut(id)?;
        // Behind the request, a tunnel's data waits until there is a tunnel.
        let waits = self.role == Role::Accepting
            && stream.asked.tunnels()
            && stream.sending == Sending::Head
            && stream.read_request;
        if waits {
            return None;
        }
        let part = stream.parts.pop_front()?;
        match &part {
            Part::Head(head) => stream.interims -= u32::from(head.is_interim()),
            Part::Trailers(_) => {}
            Part::Data(buf) => {
                let bytes = buf.len() as u32;
                stream.credit.release(bytes);
                self.credit.release(bytes);
                self.return_credit(cx);
                self.return_stream_credit(cx, id);
            }
            Part::End => {
                stream.read_request = true;
                stream.read_end =
                    stream.receiving == Receiving::Complete && stream.parts.is_empty();
            }
        }
        Some(part)
    }

    /// Tells the peer of a stream's window, as long as it may be of use.
    fn return_stream_credit(&mut self, cx: &mut Cx<'_>, id: StreamId) {
        if let Some(stream) = self.streams.get_mut(id)
            && matches!(stream.receiving, Receiving::Body | Receiving::Tunnel)
            && matches!(stream.state, State::Open | State::HalfClosedLocal)
            && let Some(bytes) = stream.credit.give_back()
        {
            self.output.put(cx.pool, &write::window_update(id, bytes));
        }
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
    (stream.length, head.framing) = match meaning.length {
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

/// Adds bytes to what waits for the owner: to the last block if they fit there.
fn append(cx: &mut Cx<'_>, stream: &mut Stream, body: Body<'_>) {
    let mut bytes = match body {
        Body::Moved(buf) => return stream.parts.push_back(Part::Data(buf)),
        Body::Copied(bytes) => bytes,
    };
    if let Some(Part::Data(last)) = stream.parts.back_mut() {
        bytes = &bytes[last.append(bytes)..];
    }
    while !bytes.is_empty() {
        let mut buf = cx.pool.take();
        bytes = &bytes[buf.append(bytes)..];
        stream.parts.push_back(Part::Data(buf));
    }
}

fn drop_body(cx: &mut Cx<'_>, body: Body<'_>) {
    match body {
        Body::Copied(_) => {}
        Body::Moved(buf) => cx.pool.give(buf),
    }
}

/// Interim heads that wait for the owner of one stream.
const INTERIMS_MAX: u32 = 8;
/// The payload of the PING that follows the announcement of an end.
pub(super) const DRAINED: [u8; 8] = *b"draining";
