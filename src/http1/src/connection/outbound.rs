//! The sending half: parts become bytes.

use super::{Connection, Receiving};
use crate::recv::framing::{is_forwarded_protocol, items};
use crate::recv::judge::{Asked, Verb};
use crate::send::body::Sending;
use crate::send::head::{self, Declare, Persist, Plan};
use alloc::boxed::Box;
use message::websocket::{self, Key};
use message::{Cx, Framing, Head, Name, Reset, Role, Version};

impl Connection {
    /// Writes the head of our message, or an interim one before it.
    pub(super) fn write_head(&mut self, cx: &mut Cx<'_>, head: &Head) {
        if self.sending == Sending::Head {
            match self.role {
                Role::Accepting if head.is_interim() => self.send_interim(cx, head),
                Role::Accepting => self.send_response(cx, head),
                Role::Opening => self.send_request(cx, head),
            }
        }
    }

    /// Ends our message. One that is shorter than it was announced ends the exchange with it: the peer
    /// must not wait for the rest, nor take the next message for it.
    pub(super) fn write_end(&mut self, cx: &mut Cx<'_>) {
        if self.sending.end(&mut self.tx, cx.pool).is_err() {
            self.due.aborted();
            self.reset_exchange(cx, Reset::Aborted);
        }
    }

    /// HTTP/1.0 knows no interim responses (RFC 9110 §15.2).
    fn send_interim(&mut self, cx: &mut Cx<'_>, head: &Head) {
        if self.peer == Version::Http11 {
            let plan = Plan {
                declare: Declare::Nothing,
                persist: Persist::Implied,
                key: None,
            };
            head::write(&mut self.tx, cx.pool, head, plan);
        }
    }

    fn send_response(&mut self, cx: &mut Cx<'_>, head: &Head) {
        self.last |= self.must_close_after(head);
        let (declare, sending) = self.response_framing(head);
        self.sending = sending;
        let persist = match (sending, self.peer) {
            (Sending::Tunnel, _) => {
                self.last = true;
                self.tunnel = true;
                self.receiving = Receiving::Tunnel;
                Persist::Implied
            }
            (Sending::UntilClose, _) => {
                self.last = true;
                Persist::Close
            }
            (_, _) if self.last => Persist::Close,
            (_, Version::Http10) => Persist::KeepAlive,
            (_, Version::Http11 | Version::Http2) => Persist::Implied,
        };
        let plan = Plan {
            declare,
            persist,
            key: None,
        };
        head::write(&mut self.tx, cx.pool, head, plan);
    }

    /// What ends the connection of a client besides its own wish: an early answer, because the rest of
    /// the request may never be read (RFC 9112 §9.3); its FIN; and a server's faulty framing, which
    /// HAProxy passes on as a close (RFC 9112 §6.1).
    fn must_close_after(&self, head: &Head) -> bool {
        let early = self.expects_bytes() || self.receiving == Receiving::Lost;
        let closed = self.fin.is_some() && self.rx.is_empty();
        let faulty = head.version == Version::Http10 && head.has(Name::TransferEncoding);
        early || closed || faulty
    }

    /// How a response is framed for this client (RFC 9112 §6.3).
    fn response_framing(&self, head: &Head) -> (Declare, Sending) {
        let modern = self.peer == Version::Http11;
        // A tunnel begins behind a complete request, nowhere else.
        let whole = matches!(self.receiving, Receiving::Complete | Receiving::Ended);
        match (head.status(), self.asked.verb, head.framing) {
            (101, _, Framing::Tunnel) | (200..=299, Verb::Connect, _) if whole => {
                (Declare::Nothing, Sending::Tunnel)
            }
            (0..=199 | 204, _, _) => (Declare::Nothing, Sending::Dropped),
            (304, _, _) => (Declare::AsIs, Sending::Dropped),
            (_, Verb::Head, Framing::Length(length)) => (Declare::Length(length), Sending::Dropped),
            (_, Verb::Head, Framing::Streamed) if modern => (Declare::Chunked, Sending::Dropped),
            (_, Verb::Head, Framing::None) if modern => (Declare::AsIs, Sending::Dropped),
            (_, Verb::Head, _) => (Declare::Nothing, Sending::Dropped),
            (_, _, Framing::None) => (Declare::Length(0), Sending::Length { left: 0 }),
            (_, _, Framing::Length(left)) => (Declare::Length(left), Sending::Length { left }),
            (_, _, Framing::Streamed) if modern => (Declare::Chunked, Sending::Chunked),
            (_, _, Framing::Streamed | Framing::UntilClose | Framing::Tunnel) => {
                (Declare::Nothing, Sending::UntilClose)
            }
        }
    }

    fn send_request(&mut self, cx: &mut Cx<'_>, head: &Head) {
        self.asked = Asked {
            verb: Verb::of(head.method()),
            upgrade: head.has_token(Name::Connection, b"upgrade")
                && head
                    .values(Name::Upgrade)
                    .flat_map(items)
                    .any(is_forwarded_protocol),
            close: false,
        };
        let (declare, sending) = match head.framing {
            Framing::None if head.has(Name::ContentLength) => {
                (Declare::Length(0), Sending::Length { left: 0 })
            }
            Framing::None => (Declare::Nothing, Sending::Length { left: 0 }),
            Framing::Length(left) => (Declare::Length(left), Sending::Length { left }),
            Framing::Streamed | Framing::UntilClose | Framing::Tunnel => {
                (Declare::Chunked, Sending::Chunked)
            }
        };
        self.sending = sending;
        let persist = match (self.last, head.version) {
            (true, _) => Persist::Close,
            // It goes out as HTTP/1.0 unless its body needs chunks.
            (false, Version::Http10) if sending != Sending::Chunked => Persist::KeepAlive,
            (false, Version::Http10 | Version::Http11 | Version::Http2) => Persist::Implied,
        };
        let key = self.websocket_key(cx, head);
        let plan = Plan {
            declare,
            persist,
            key: key.as_ref(),
        };
        head::write(&mut self.tx, cx.pool, head, plan);
    }

    /// The key of a WebSocket whose client speaks a protocol without keys (RFC 8441 §5).
    fn websocket_key(&mut self, cx: &mut Cx<'_>, head: &Head) -> Option<Key> {
        let has_upgrade = self.asked.upgrade && !head.has(Name::SecWebsocketKey);
        let keyed = has_upgrade && head.has_token(Name::Upgrade, b"websocket");
        let key = keyed.then(|| websocket::key(cx.rng));
        self.accept = key.map(|key| Box::new(websocket::accept(&key)));
        key
    }
}
