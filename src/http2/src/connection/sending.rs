//! Parts of the owner.

use super::Mux;
use super::notes::Why;
use super::pump::may_send;
use super::streams::{Asked, Place, Receiving, Sending, Upgrade};
use crate::fields::Saying;
use crate::frame::write;
use crate::stream::{Closed, Kind};
use crate::{Code, Violation};
use alloc::boxed::Box;
use base::Buf;
use message::{Cx, Framing, Head, Name, NameSet, Role, StreamId, is_lower, websocket};

impl Mux {
    pub(super) fn write_head(&mut self, cx: &mut Cx<'_>, id: StreamId, head: &Head) {
        let Some(place) = self.streams.find(id) else {
            return;
        };
        let stream = &mut self.streams[place];
        if stream.sending != Sending::Head {
            return;
        }
        if self.role == Role::Opening {
            stream.asked = Asked::of(head.method());
            self.opened += 1;
            if let Some(upgrade) = Upgrade::of(head) {
                stream.asked = Asked::Upgrade;
                stream.upgrade = Some(upgrade);
                if !self.peer.settled {
                    stream.sending = Sending::Held;
                    let mut copy = cx.heads.take();
                    (*copy).clone_from(head);
                    self.held = Some((id, copy));
                    return;
                }
                if !self.may_upgrade(head) {
                    return self.refuse_upgrade(cx, place);
                }
            }
        }
        self.put_head(cx, place, head);
    }

    /// The peer's first SETTINGS came: a request that waited for them is sent, or cannot be.
    pub(super) fn release_held(&mut self, cx: &mut Cx<'_>) {
        let Some((id, head)) = self.held.take() else {
            return;
        };
        if let Some(place) = self.streams.find(id) {
            self.streams[place].sending = Sending::Head;
            if self.may_upgrade(&head) {
                self.put_head(cx, place, &head);
            } else {
                self.refuse_upgrade(cx, place);
            }
        }
        cx.heads.give(head);
    }

    /// Extended CONNECT has to be offered (RFC 8441 §3), and has no body before it is answered.
    fn may_upgrade(&self, head: &Head) -> bool {
        self.peer.upgrades && head.framing == Framing::None
    }

    /// The server cannot be asked for another protocol. It is told by a reset, as by HAProxy, but only where
    /// nobody else is on the connection: it never saw the stream, and may take that for a violation and end
    /// them all (RFC 9113 §5.1).
    fn refuse_upgrade(&mut self, cx: &mut Cx<'_>, place: Place) {
        let id = self.streams[place].id;
        self.forget(cx, place, Closed::ResetByUs);
        self.notes.reset(id, Why::Broken(Violation::NoUpgrade));
        if self.streams.is_empty() {
            self.output.put(cx.pool, &write::reset(id, Code::Protocol));
        }
    }

    fn put_head(&mut self, cx: &mut Cx<'_>, place: Place, head: &Head) {
        let stream = &mut self.streams[place];
        let interim = head.is_interim();
        let tunnels = stream.asked.tunnels();
        let tunnel = tunnels && head.framing == Framing::Tunnel;
        let open_ended = interim || tunnel || (self.role == Role::Opening && tunnels);
        // Whatever its owner has of a body, the client expects none (RFC 9110 §6.4.1): rules may have made
        // the method or the status another than those the server knew. The stream ends when its owner is
        // done with the server, as HAProxy's does: who waits for that finds the server free.
        let bodiless = self.role == Role::Accepting
            && (stream.asked == Asked::Head || matches!(head.status(), 204 | 304));
        let end = head.framing == Framing::None && !open_ended;
        if !interim {
            stream.answered |= self.role == Role::Accepting;
            stream.sending = match bodiless && !open_ended {
                true => Sending::Muted,
                false => Sending::Body,
            };
            // A CONNECT that failed has no tunnel: what the client sends into it is dropped.
            if self.role == Role::Accepting && tunnels && !tunnel {
                stream.receiving = Receiving::Lost;
                let bytes = stream.drop_tunnel(cx.pool, cx.heads);
                stream.credit.release(bytes);
                self.credit.release(bytes);
            }
        }
        let kind = if end { Kind::HeadersEnd } else { Kind::Headers };
        if !may_send(&mut stream.state, kind) {
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
        let most = self.peer.frame_bytes_max;
        write::headers(stream.id, block, end, most, |bytes| {
            output.put(cx.pool, bytes);
        });
        if end {
            stream.sending = Sending::Ended { said: false };
            self.on_ended(cx, place);
        } else {
            self.note_room(place);
        }
        if tunnels {
            self.return_credit(cx);
            let stream = &self.streams[place];
            if tunnel && self.is_readable(stream) {
                self.notes.readable(stream.id);
            }
        }
    }

    pub(super) fn write_data(&mut self, cx: &mut Cx<'_>, id: StreamId, data: Buf) {
        match self.streams.find(id) {
            Some(place) if self.streams[place].sending == Sending::Body && !data.is_empty() => {
                self.streams[place].unsent.push(data);
                self.queue(place);
                self.pump(cx);
                self.note_room(place);
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

    pub(super) fn write_end(&mut self, cx: &mut Cx<'_>, id: StreamId) {
        let Some(place) = self.streams.find(id) else {
            return;
        };
        let stream = &mut self.streams[place];
        match stream.sending {
            // A request for a tunnel is complete; its direction of the stream is not.
            Sending::Body
                if self.role == Role::Opening
                    && stream.asked.tunnels()
                    && stream.receiving == Receiving::Head => {}
            Sending::Body | Sending::Muted => {
                stream.sending = Sending::Ending;
                self.queue(place);
            }
            Sending::Ended { .. } => {
                stream.sending = Sending::Ended { said: true };
                self.on_said(cx, place);
            }
            Sending::Head | Sending::Held | Sending::Ending => {}
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
