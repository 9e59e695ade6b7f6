//! What follows when an exchange, or the connection, comes to its end.

use super::events::End;
use super::{Connection, Fin, Receiving};
use crate::recv::judge::Asked;
use crate::send::body::Sending;
use crate::violation::Violation;
use message::{Cx, Machine, Reset, Role, Shutdown, Waiting};

impl Connection {
    /// Moves on as far as can be after an input; every verb ends with it.
    pub(super) fn settle(&mut self, cx: &mut Cx<'_>) {
        loop {
            self.advance(cx);
            if self.fin.is_some() {
                self.on_fin(cx);
            }
            if !self.next_exchange(cx) {
                break;
            }
        }
        if self.last || self.over.is_some() {
            self.settle_end(cx);
        }
        self.check_invariants(cx.pool.large_bytes());
    }

    /// What is to be done once no exchange follows.
    fn settle_end(&mut self, cx: &mut Cx<'_>) {
        if self.role == Role::Opening && !self.open && self.last {
            self.finish(cx, Shutdown::Close, End::Clean);
        }
        // Lingering ends when the peer has closed too.
        if self.over == Some(Shutdown::Linger) && self.fin.is_some() {
            self.over = Some(Shutdown::Close);
        }
        if self.over.is_some_and(|over| over != Shutdown::Linger) && self.tx.is_empty() {
            self.due.finished();
        }
    }

    /// Ends the exchange if it is complete; whether another can follow.
    #[inline]
    fn next_exchange(&mut self, cx: &mut Cx<'_>) -> bool {
        // Most calls come in the middle of an exchange: with something left to send, only a peer that
        // closed can have ended it.
        let under_way = self.sending != Sending::Done || !self.tx.is_empty();
        if !self.open || (under_way && self.fin.is_none()) || self.over.is_some() {
            return false;
        }
        self.is_complete() && self.end_exchange(cx)
    }

    fn end_exchange(&mut self, cx: &mut Cx<'_>) -> bool {
        self.due.done();
        self.id += 1;
        if self.last || (self.fin.is_some() && self.rx.is_empty()) {
            let end = match self.due.violation() {
                Some(_) => End::Broken,
                None => End::Clean,
            };
            let shutdown = self.shutdown_after_exchange();
            self.finish(cx, shutdown, end);
            return false;
        }
        if self.receiving == Receiving::Complete {
            self.forget_unread(cx);
        }
        self.open = false;
        self.receiving = Receiving::Head;
        self.sending = Sending::Head;
        self.asked = Asked::default();
        self.answered = false;
        self.fin_told = false;
        true
    }

    /// Whether nothing more is to be said in either direction.
    fn is_complete(&self) -> bool {
        let sent = self.sending == Sending::Done && self.tx.is_empty();
        match (self.role, self.receiving) {
            // A server that closed behind its answer reads no more of the request; in a tunnel it may.
            (Role::Opening, Receiving::Ended) => sent || (self.fin.is_some() && !self.tunnel),
            (Role::Accepting, Receiving::Ended) => sent,
            // An owner that has answered need not read the request to its end: what is here is
            // dropped, and if some is missing, the answer said that the connection ends with it.
            (Role::Accepting, _) => sent && !self.tunnel,
            (Role::Opening, _) => false,
        }
    }

    /// A client whose request was read to its end is not waited for. Any other may be sending just
    /// now, and closing would reset the connection and take our answer with it.
    fn shutdown_after_exchange(&self) -> Shutdown {
        let read = matches!(self.receiving, Receiving::Complete | Receiving::Ended)
            && self.rx.len() == self.ready;
        let silent = self.fin.is_some() || self.tunnel || read;
        match self.role {
            Role::Accepting if !silent => Shutdown::Linger,
            Role::Accepting | Role::Opening => Shutdown::Close,
        }
    }

    /// Drops what the owner left unread of a complete request.
    fn forget_unread(&mut self, cx: &mut Cx<'_>) {
        self.rx.consume(self.ready);
        self.ready = 0;
        if self.rx.is_empty() {
            cx.pool.give(core::mem::take(&mut self.rx));
        }
        if let Some(head) = self.unread.take() {
            cx.heads.give(head);
        }
    }

    /// The peer closed where a message should have begun, or within its head.
    pub(super) fn on_fin_before_message(&mut self, cx: &mut Cx<'_>) {
        match (self.role, self.waiting()) {
            (Role::Accepting, Waiting::Head) => {
                let at = self.reader.taken_text().len() + self.rx.len();
                self.on_malformed(cx, Violation::TruncatedHead.at(at));
            }
            (Role::Accepting, Waiting::First | Waiting::Next | Waiting::Stream) => {
                self.finish(cx, Shutdown::Close, End::PeerGone);
            }
            (Role::Opening, _) => {
                if self.open && self.id > 0 && !self.answered {
                    self.due.raced();
                } else if self.open {
                    self.due.aborted();
                }
                self.tx.clear(cx.pool);
                self.finish(cx, Shutdown::Close, End::PeerGone);
            }
        }
    }

    /// The peer closed after its message.
    pub(super) fn on_fin_after(&mut self) {
        match self.role {
            Role::Opening => self.last |= !self.tunnel,
            Role::Accepting => self.tell_half_closed(),
        }
    }

    /// The owner of a request learns that its client has closed, even if it has not read everything:
    /// it may be waiting for a server.
    pub(super) fn tell_half_closed(&mut self) {
        let told = self.fin_told || self.tunnel || self.receiving == Receiving::Lost;
        if self.role == Role::Accepting && self.open && self.sending != Sending::Done && !told {
            self.due.half_closed();
            self.fin_told = true;
        }
    }

    /// The peer is gone within a message, or a client's transport failed at any time.
    pub(super) fn on_peer_lost(&mut self, cx: &mut Cx<'_>) {
        if self.open {
            self.due.aborted();
        }
        self.tx.clear(cx.pool);
        self.finish(cx, Shutdown::Close, End::PeerGone);
    }

    /// A server spoke without being asked.
    pub(super) fn on_unsolicited(&mut self, cx: &mut Cx<'_>) {
        self.note(Violation::Unsolicited.at(0));
        self.finish(cx, Shutdown::Close, End::Broken);
    }

    /// The owner gives the exchange up.
    pub(super) fn reset_exchange(&mut self, cx: &mut Cx<'_>, reset: Reset) {
        self.lose(cx);
        match (self.role, self.sending) {
            _ if self.tunnel => {
                let whole = reset == Reset::GivenUp && self.tx.is_empty();
                let shutdown = if whole {
                    Shutdown::Close
                } else {
                    Shutdown::Abort
                };
                self.finish(cx, shutdown, End::Clean);
            }
            (Role::Opening, _) => {
                self.tx.clear(cx.pool);
                self.finish(cx, Shutdown::Close, End::Clean);
            }
            // The answer is complete, the rest of the request is not wanted.
            (Role::Accepting, Sending::Done) => {
                self.finish(cx, Shutdown::Linger, End::Clean);
            }
            // Where only the close marks the end, it must not look like one.
            (Role::Accepting, Sending::UntilClose) => {
                self.finish(cx, Shutdown::Abort, End::Clean);
            }
            (Role::Accepting, _) => {
                let end = match reset {
                    Reset::Broken(_) if self.due.violation().is_some() => End::Broken,
                    Reset::Broken(_)
                    | Reset::Aborted
                    | Reset::Told(_)
                    | Reset::Refused
                    | Reset::Raced
                    | Reset::GivenUp => End::Clean,
                };
                self.finish(cx, Shutdown::Close, end);
            }
        }
    }

    /// Closes a connection on which nothing has begun. One that never carried a request may have its
    /// first on the way, so it is served and closed then.
    pub(super) fn drain_idle(&mut self, cx: &mut Cx<'_>) {
        if !self.open && self.over.is_none() {
            match (self.role, self.waiting()) {
                (Role::Opening, _) | (Role::Accepting, Waiting::Next) => {
                    self.finish(cx, Shutdown::Close, End::Clean);
                }
                (Role::Accepting, Waiting::First | Waiting::Head | Waiting::Stream) => {}
            }
        }
        self.settle(cx);
    }

    /// The connection is over once nothing is pending.
    pub(super) fn finish(&mut self, cx: &mut Cx<'_>, shutdown: Shutdown, end: End) {
        if self.over.is_some() {
            return;
        }
        self.lose(cx);
        self.open = false;
        self.sending = Sending::Done;
        if self.role == Role::Opening {
            self.tx.clear(cx.pool);
        }
        self.over = Some(match self.fin {
            Some(Fin::Failed) => Shutdown::Close,
            Some(Fin::Clean) | None => shutdown,
        });
        self.due.ending(end);
    }
}
