//! The receiving half: bytes become parts.

use super::events::End;
use super::{Connection, Fin, Receiving};
use crate::recv::chunked::{self, Chunk};
use crate::recv::head::Section;
use crate::recv::judge::{Asked, Verb, judge_request, judge_response};
use crate::send::body::Sending;
use crate::violation::{Flaw, Violation};
use crate::{Capture, gather};
use alloc::boxed::Box;
use message::{Cx, Framing, Head, Kind, Part, Role, Shutdown, Span};

impl Connection {
    /// Looks at what was received as far as can be now: until the owner has to read something, or bytes
    /// are missing.
    #[inline]
    pub(super) fn advance(&mut self, cx: &mut Cx<'_>) {
        let idle = matches!(self.receiving, Receiving::Head) && self.rx.is_empty();
        if idle || self.unread.is_some() || self.ready > 0 || self.over.is_some() {
            return;
        }
        self.advance_message(cx);
    }

    fn advance_message(&mut self, cx: &mut Cx<'_>) {
        match self.receiving {
            Receiving::Head => self.advance_head(cx),
            Receiving::Length { left } => {
                self.ready = self
                    .rx
                    .len()
                    .min(usize::try_from(left).unwrap_or(usize::MAX));
                self.receiving = match left - self.ready as u64 {
                    0 => Receiving::Complete,
                    left => Receiving::Length { left },
                };
            }
            Receiving::Chunked(_) => self.advance_chunks(cx),
            Receiving::UntilClose | Receiving::Tunnel => self.ready = self.rx.len(),
            Receiving::Complete | Receiving::Ended if self.role == Role::Opening => {
                // A server that says more than it was asked for is not to be asked again.
                if !self.rx.is_empty() {
                    if !self.last {
                        self.note(Violation::Unsolicited.at(0));
                    }
                    cx.pool.give(core::mem::take(&mut self.rx));
                    self.last = true;
                }
            }
            Receiving::Broken => self.on_broken(cx),
            Receiving::Complete | Receiving::Ended | Receiving::Lost => {}
        }
        if self.open && self.has_part() {
            self.due.readable();
        }
    }

    /// Whether [`Connection::take_part`] has something.
    pub(super) fn has_part(&self) -> bool {
        self.ready > 0 || self.unread.is_some() || self.receiving == Receiving::Complete
    }

    /// Whether more bytes are needed for the message at hand.
    pub(super) fn expects_bytes(&self) -> bool {
        match self.receiving {
            Receiving::Head
            | Receiving::Length { .. }
            | Receiving::Chunked(_)
            | Receiving::UntilClose
            | Receiving::Tunnel => true,
            Receiving::Broken | Receiving::Complete | Receiving::Ended | Receiving::Lost => false,
        }
    }

    /// Whether more bytes are needed than were received; of chunks that were not looked at, nobody
    /// knows.
    pub(super) fn lacks_bytes(&self) -> bool {
        let behind = self.rx.len() - self.ready;
        match self.receiving {
            Receiving::Length { left } => left > behind as u64,
            Receiving::Chunked(_) if behind > 0 && self.ready > 0 => false,
            Receiving::Head
            | Receiving::Chunked(_)
            | Receiving::UntilClose
            | Receiving::Tunnel
            | Receiving::Complete
            | Receiving::Ended
            | Receiving::Broken
            | Receiving::Lost => self.expects_bytes(),
        }
    }

    /// The next part for the owner.
    pub(super) fn take_part(&mut self, cx: &mut Cx<'_>) -> Option<Part> {
        if self.ready > 0 {
            let count = self.ready.min(cx.pool.large_bytes());
            self.ready -= count;
            return Some(Part::Data(gather::split(cx.pool, &mut self.rx, count)));
        }
        if let Some(head) = self.unread.take() {
            return Some(match head.kind {
                Kind::Trailers => Part::Trailers(head),
                Kind::Request { .. } | Kind::Response { .. } => Part::Head(head),
            });
        }
        if self.receiving == Receiving::Complete {
            self.receiving = Receiving::Ended;
            return Some(Part::End);
        }
        None
    }

    fn advance_head(&mut self, cx: &mut Cx<'_>) {
        match self.role {
            Role::Opening if !self.open => return self.on_unsolicited(cx),
            Role::Opening => self.answered = true,
            Role::Accepting => {}
        }
        let section = Section::head_for(self.role);
        let read = self
            .reader
            .read(section, &self.limits, cx.heads, &mut self.rx);
        match read {
            Ok(None) => {}
            Ok(Some(head)) => self.on_head(cx, head),
            Err(flaw) => self.on_malformed(cx, flaw),
        }
        self.release_empty(cx);
    }

    fn on_head(&mut self, cx: &mut Cx<'_>, mut head: Box<Head>) {
        let judged = match self.role {
            Role::Accepting => judge_request(&mut head, &self.limits),
            Role::Opening => {
                let sent = self.sending == Sending::Done;
                let accept = self.accept.as_deref();
                judge_response(&mut head, self.asked, sent, accept, &self.limits)
            }
        };
        let meaning = match judged {
            Ok(meaning) => meaning,
            Err(violation) => {
                let text = head.bytes(Span::new(0, head.text_bytes()));
                self.capture = Some(Box::new(Capture::around(0, text, &self.rx)));
                cx.heads.give(head);
                return self.on_malformed(cx, violation.at(0));
            }
        };
        head.framing = meaning.framing;
        if head.is_interim() {
            self.unread = Some(head);
            return;
        }
        self.last |= meaning.close;
        if self.role == Role::Accepting {
            self.asked = Asked {
                verb: Verb::of(head.method()),
                upgrade: meaning.upgrade,
                close: meaning.close,
            };
            self.peer = head.version;
            self.open = true;
            self.due.opened();
        }
        self.receiving = match meaning.framing {
            Framing::None => Receiving::Complete,
            Framing::Length(left) => Receiving::Length { left },
            Framing::Streamed => Receiving::Chunked(Chunk::START),
            Framing::UntilClose => Receiving::UntilClose,
            Framing::Tunnel => {
                self.tunnel = true;
                self.last = true;
                self.sending = Sending::Tunnel;
                Receiving::Tunnel
            }
        };
        self.unread = Some(head);
    }

    fn advance_chunks(&mut self, cx: &mut Cx<'_>) {
        if let Receiving::Chunked(mut state) = self.receiving {
            let outcome = chunked::decode(&mut state, &mut self.rx, &mut self.ready);
            self.receiving = Receiving::Chunked(state);
            if let Err(violation) = outcome {
                self.break_off(cx, violation.at(0));
            } else if state == Chunk::Trailers && self.ready == 0 {
                self.advance_trailers(cx);
            }
        }
        self.release_empty(cx);
    }

    fn advance_trailers(&mut self, cx: &mut Cx<'_>) {
        let read = self
            .reader
            .read(Section::Trailers, &self.limits, cx.heads, &mut self.rx);
        match read {
            Ok(None) => {}
            Ok(Some(trailers)) => {
                self.receiving = Receiving::Complete;
                if trailers.field_count() > 0 {
                    self.unread = Some(trailers);
                } else {
                    cx.heads.give(trailers);
                }
            }
            Err(flaw) => self.break_off(cx, flaw),
        }
    }

    /// An idle connection keeps no buffer.
    fn release_empty(&mut self, cx: &mut Cx<'_>) {
        if self.rx.is_empty() && self.rx.is_allocated() {
            cx.pool.give(core::mem::take(&mut self.rx));
        }
    }

    /// The head is no head: a client is told, a server is left.
    pub(super) fn on_malformed(&mut self, cx: &mut Cx<'_>, flaw: Flaw) {
        self.note(flaw);
        self.lose(cx);
        self.due.malformed();
        match self.role {
            Role::Accepting => self.open = true,
            Role::Opening => self.finish(cx, Shutdown::Close, End::Broken),
        }
    }

    /// The body breaks here; the owner reads what came before first.
    fn break_off(&mut self, cx: &mut Cx<'_>, flaw: Flaw) {
        self.note(flaw);
        self.rx.truncate(self.ready);
        self.last = true;
        self.receiving = Receiving::Broken;
        if self.ready == 0 {
            self.on_broken(cx);
        }
    }

    /// A request whose answer has not begun can still be answered; any other exchange is over.
    fn on_broken(&mut self, cx: &mut Cx<'_>) {
        self.lose(cx);
        if self.role == Role::Accepting && self.sending == Sending::Head {
            self.due.malformed();
        } else {
            self.due.broken();
            self.finish(cx, Shutdown::Close, End::Broken);
        }
    }

    pub(super) fn note(&mut self, flaw: Flaw) {
        let offset = u32::try_from(flaw.at).unwrap_or(u32::MAX);
        self.due.note(flaw.violation, offset);
        if self.capture.is_none() {
            let (taken, rest) = (self.reader.taken_text(), &self.rx[self.ready..]);
            self.capture = Some(Box::new(Capture::around(offset, taken, rest)));
        }
    }

    /// Nothing more is expected of the peer.
    pub(super) fn lose(&mut self, cx: &mut Cx<'_>) {
        self.receiving = Receiving::Lost;
        self.last = true;
        self.ready = 0;
        self.reader.reset(cx.heads);
        cx.pool.give(core::mem::take(&mut self.rx));
        if let Some(head) = self.unread.take() {
            cx.heads.give(head);
        }
    }

    /// The peer closed, and everything before that was looked at and read.
    pub(super) fn on_fin(&mut self, cx: &mut Cx<'_>) {
        let Some(fin) = self.fin else { return };
        if self.over.is_some() {
            if fin == Fin::Failed {
                // What is left to say reaches nobody.
                self.tx.clear(cx.pool);
            }
            return;
        }
        if self.role == Role::Accepting && fin == Fin::Failed {
            return self.on_peer_lost(cx);
        }
        if self.unread.is_some() || self.ready > 0 {
            return self.tell_half_closed();
        }
        match (self.receiving, fin) {
            (Receiving::UntilClose | Receiving::Tunnel, Fin::Clean) => {
                self.receiving = Receiving::Complete;
                self.due.readable();
            }
            (Receiving::Head, _) => self.on_fin_before_message(cx),
            (
                Receiving::Length { .. }
                | Receiving::Chunked(_)
                | Receiving::UntilClose
                | Receiving::Tunnel,
                _,
            ) => self.on_peer_lost(cx),
            (Receiving::Broken | Receiving::Complete | Receiving::Ended | Receiving::Lost, _) => {
                self.on_fin_after()
            }
        }
    }
}
