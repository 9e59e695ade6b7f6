//! Parts of the owner, and the frames that they become.

use super::Mux;
use super::streams::{Asked, Receiving, Sending, Stream, Upgrade};
use crate::budget::Gain;
use crate::fields::Saying;
use crate::frame::write;
use crate::stream::{Closed, Kind, Next, Sender};
use crate::{Code, Violation};
use alloc::boxed::Box;
use base::Buf;
use message::{
    Cx, Event, Framing, Head, Name, NameSet, Reset, Role, StreamId, is_lower, websocket,
};

impl Mux {
    pub(super) fn write_head(&mut self, cx: &mut Cx<'_>, id: StreamId, head: &Head) {
        let Some(stream) = self.streams.get_mut(id) else {
            return;
        };
        if stream.sending != Sending::Head {
            return;
        }
        if self.role == Role::Opening {
            stream.asked = Asked::of(head.method());
            self.opened += 1;
            if let Some(upgrade) = Upgrade::of(head) {
                stream.asked = Asked::Upgrade;
                stream.upgrade = Some(upgrade);
                match (self.peer.settled, self.peer.upgrades) {
                    _ if head.framing != Framing::None => return self.refuse_upgrade(cx, id),
                    (true, false) => return self.refuse_upgrade(cx, id),
                    (true, true) => {}
                    (false, _) => {
                        stream.sending = Sending::Held;
                        let mut copy = cx.heads.take();
                        (*copy).clone_from(head);
                        self.held = Some((id, copy));
                        return;
                    }
                }
            }
        }
        self.put_head(cx, id, head);
    }

    /// The peer's first SETTINGS came: a request that waited for them is sent, or cannot be.
    pub(super) fn release_held(&mut self, cx: &mut Cx<'_>) {
        let Some((id, head)) = self.held.take() else {
            return;
        };
        if self.peer.upgrades {
            if let Some(stream) = self.streams.get_mut(id) {
                stream.sending = Sending::Head;
            }
            self.put_head(cx, id, &head);
        } else {
            self.refuse_upgrade(cx, id);
        }
        cx.heads.give(head);
    }

    /// The server cannot be asked for another protocol. Where nobody else is on the connection it is
    /// told by a reset, as by HAProxy, and left alone: it may take that for a violation, because it
    /// never saw the stream (RFC 9113 §5.1).
    fn refuse_upgrade(&mut self, cx: &mut Cx<'_>, id: StreamId) {
        let fault = Violation::NoUpgrade.fault(id);
        self.forget(cx, id, Closed::ResetByUs);
        self.events
            .push_back(Event::Reset(id, Reset::Broken(fault)));
        if self.streams.is_empty() {
            self.output.put(cx.pool, &write::reset(id, Code::Protocol));
            self.announce_end(cx);
        }
    }

    fn put_head(&mut self, cx: &mut Cx<'_>, id: StreamId, head: &Head) {
        let Some(stream) = self.streams.get_mut(id) else {
            return;
        };
        let interim = head.is_interim();
        let tunnels = stream.asked.tunnels();
        let tunnel = tunnels && head.framing == Framing::Tunnel;
        let open_ended = interim || tunnel || (self.role == Role::Opening && tunnels);
        let end = head.framing == Framing::None && !open_ended;
        if !interim {
            stream.answered |= self.role == Role::Accepting;
            stream.sending = Sending::Body;
            // A CONNECT that failed has no tunnel: what the client sends into it is dropped.
            if self.role == Role::Accepting && tunnels && !tunnel {
                stream.receiving = Receiving::Lost;
                let bytes = stream.drop_tunnel(cx.pool);
                stream.credit.release(bytes);
                self.credit.release(bytes);
            }
        }
        let kind = if end { Kind::HeadersEnd } else { Kind::Headers };
        if !may_send(stream, kind) {
            return;
        }
        let saying = match (&stream.upgrade, self.role, head.status()) {
            (Some(upgrade), _, _) => Saying::Protocol(&upgrade.protocol),
            (None, Role::Accepting, 101) if tunnel => Saying::Status(200),
            // Success would begin a tunnel.
            (None, Role::Accepting, 101 | 200..=299) if tunnels && !tunnel => Saying::Status(502),
            (None, _, _) => Saying::AsIs,
        };
        let block = self.writer.write(head, saying);
        let output = &mut self.output;
        write::headers(id, block, end, self.peer.frame_bytes_max, |bytes| {
            output.put(cx.pool, bytes);
        });
        if end {
            let mark = self.output.mark();
            stream.sending = Sending::Ended { mark, said: false };
        }
        self.note_room(id);
    }

    pub(super) fn write_data(&mut self, cx: &mut Cx<'_>, id: StreamId, data: Buf) {
        match self.streams.get_mut(id) {
            Some(stream) if stream.sending == Sending::Body && !data.is_empty() => {
                stream.unsent.push_back(data);
                self.pump(cx);
                self.note_room(id);
            }
            // The stream may be gone without its owner knowing yet.
            Some(_) | None => cx.pool.give(data),
        }
    }

    pub(super) fn write_trailers(&mut self, cx: &mut Cx<'_>, id: StreamId, trailers: &Head) {
        if let Some(stream) = self.streams.get_mut(id)
            && stream.sending == Sending::Body
        {
            // They are encoded when they are sent: blocks go out in the order of their encoding.
            let mut copy = cx.heads.take();
            (*copy).clone_from(trailers);
            if let Some(before) = stream.trailers.replace(copy) {
                cx.heads.give(before);
            }
        }
    }

    pub(super) fn write_end(&mut self, id: StreamId) {
        let Some(stream) = self.streams.get_mut(id) else {
            return;
        };
        match stream.sending {
            // A request for a tunnel is complete; its direction of the stream is not.
            Sending::Body
                if self.role == Role::Opening
                    && stream.asked.tunnels()
                    && stream.receiving == Receiving::Head => {}
            Sending::Body => stream.sending = Sending::Ending,
            Sending::Ended { mark, .. } => stream.sending = Sending::Ended { mark, said: true },
            Sending::Head | Sending::Held | Sending::Ending => {}
        }
    }

    /// How much the owner may send on a stream now. A buffer may wait here for allowance, but no more
    /// than one: with room for none, an end behind the last byte that the peer allowed would wait for an
    /// allowance that nothing moves the peer to give.
    pub(super) fn room(&self, stream: &Stream) -> usize {
        match stream.sending {
            // What is held has no body.
            Sending::Head | Sending::Held => 1,
            Sending::Body if stream.unsent.is_empty() => {
                OUTPUT_BYTES_MAX.saturating_sub(self.output.bytes())
            }
            Sending::Body | Sending::Ending | Sending::Ended { .. } => 0,
        }
    }

    /// An owner without room is told when there is some.
    fn note_room(&mut self, id: StreamId) {
        let Some(full) = self.streams.get(id).map(|stream| self.room(stream) == 0) else {
            return;
        };
        if let Some(stream) = self.streams.get_mut(id) {
            stream.held_back = full && stream.sending == Sending::Body;
        }
    }

    /// Tells the owners that found no room that there is some. What holds back one stream is noted when
    /// it sends; what holds back all of them is noted for all of them once.
    pub(super) fn tell_writable(&mut self) {
        let full = self.output.bytes() >= OUTPUT_BYTES_MAX;
        if full {
            if !self.full {
                self.hold_back(|_| true);
            }
            self.full = true;
            return;
        }
        self.full = false;
        let mut from = StreamId(0);
        while let Some(id) = self
            .streams
            .find(|it| it.id > from && it.held_back && self.room(it) > 0)
        {
            from = id;
            if let Some(stream) = self.streams.get_mut(id) {
                stream.held_back = false;
                self.events.push_back(Event::Writable(id));
            }
        }
    }

    /// Notes that the owners of these streams have no room.
    pub(super) fn hold_back(&mut self, these: impl Fn(&Stream) -> bool) {
        for stream in self.streams.iter_mut() {
            stream.held_back |= stream.sending == Sending::Body && these(stream);
        }
    }

    /// Sends what waits for allowance, one frame of a stream after one of another.
    pub(super) fn pump(&mut self, cx: &mut Cx<'_>) {
        while self.output.bytes() < OUTPUT_BYTES_MAX
            && let Some(id) = self.next_turn()
        {
            self.turn = id;
            self.pump_stream(cx, id);
        }
    }

    /// The next stream in turn that can send something.
    fn next_turn(&self) -> Option<StreamId> {
        let connection = self.allowance.left();
        let ready = |stream: &&Stream| {
            let data = !stream.unsent.is_empty();
            let ending = stream.sending == Sending::Ending && !data;
            ending || (data && connection > 0 && stream.allowance.left() > 0)
        };
        let after = self.streams.iter().filter(|it| it.id > self.turn);
        let found = after.filter(ready).map(|it| it.id).next();
        found.or_else(|| self.streams.iter().filter(ready).map(|it| it.id).next())
    }

    /// Sends one frame.
    fn pump_stream(&mut self, cx: &mut Cx<'_>, id: StreamId) {
        let Some(stream) = self.streams.get_mut(id) else {
            return;
        };
        let ending = stream.sending == Sending::Ending;
        let Some(mut data) = stream.unsent.pop_front() else {
            return self.send_last(cx, id);
        };
        let most = stream
            .allowance
            .left()
            .min(self.allowance.left())
            .min(self.peer.frame_bytes_max as usize);
        let count = data.len().min(most);
        let whole = count == data.len();
        let end = whole && ending && stream.unsent.is_empty() && stream.trailers.is_none();
        let kind = if end { Kind::DataEnd } else { Kind::Data };
        if !may_send(stream, kind) {
            return cx.pool.give(data);
        }
        stream.allowance.take(count);
        self.allowance.take(count);
        self.budget.earn(Gain::Bytes(count));
        let header = write::data(id, count as u32, end);
        self.output.put(cx.pool, &header);
        if whole {
            self.output.push(cx.pool, data);
        } else {
            self.output.put(cx.pool, &data[..count]);
            data.consume(count);
            stream.unsent.push_front(data);
        }
        if end {
            let mark = self.output.mark();
            stream.sending = Sending::Ended { mark, said: true };
        }
    }

    /// Sends trailers, or the end alone.
    fn send_last(&mut self, cx: &mut Cx<'_>, id: StreamId) {
        let Some(stream) = self.streams.get_mut(id) else {
            return;
        };
        let trailers = stream.trailers.take();
        let kind = match trailers {
            Some(_) => Kind::HeadersEnd,
            None => Kind::DataEnd,
        };
        if may_send(stream, kind) {
            match &trailers {
                Some(trailers) => {
                    let block = self.writer.write(trailers, Saying::AsIs);
                    let output = &mut self.output;
                    write::headers(id, block, true, self.peer.frame_bytes_max, |bytes| {
                        output.put(cx.pool, bytes);
                    });
                }
                None => self.output.put(cx.pool, &write::data(id, 0, true)),
            }
        }
        let mark = self.output.mark();
        stream.sending = Sending::Ended { mark, said: true };
        if let Some(trailers) = trailers {
            cx.heads.give(trailers);
        }
    }
}

impl Upgrade {
    /// The protocol that a request asks for as in HTTP/1, unless it is HTTP/2.
    fn of(head: &Head) -> Option<Box<Self>> {
        const NAMES: NameSet = NameSet::of(&[Name::Upgrade]);
        if !head.may_have(NAMES) || !head.has_token(Name::Connection, b"upgrade") {
            return None;
        }
        let all = head.values(Name::Upgrade);
        let mut items = all.flat_map(|value| value.split(|byte| *byte == b','));
        let protocol = items
            .by_ref()
            .map(<[u8]>::trim_ascii)
            .find(|item| !item.is_empty() && !is_lower(item, "h2c") && !is_lower(item, "h2"))?;
        let key = head.value(Name::SecWebsocketKey);
        Some(Box::new(Self {
            protocol: protocol.to_vec(),
            accept: key.map(websocket::accept),
        }))
    }
}

/// Moves a stream on by a frame of ours; false if it must not be sent.
fn may_send(stream: &mut Stream, kind: Kind) -> bool {
    match stream.state.next(Sender::Us, kind) {
        Next::To(state) => {
            stream.state = state;
            true
        }
        Next::Ignored | Next::Broken(_) | Next::Never => false,
    }
}

/// Bytes that wait to be written before the owners are held back.
const OUTPUT_BYTES_MAX: usize = 32 * 1024;
