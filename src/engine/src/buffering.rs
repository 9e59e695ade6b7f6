//! Requests that wait for their body before they go on: `option http-buffer-request`, `wait-for-body`,
//! content rules.

use crate::conns::Conns;
use crate::engine::{Engine, cx};
use alloc::collections::VecDeque;
use base::{Duration, Pool};
use message::{Framing, Machine, Part, Version};
use session::{Exchange, ExchangeId, Phase, Wait};

impl Engine {
    /// Begins to wait for the body of a request, unless there is none or it was waited for already.
    pub(crate) fn begin_buffering(&mut self, exchange: ExchangeId) -> bool {
        if !self.may_wait_for_body(exchange) {
            return false;
        }
        self.exchanges[exchange].phase = Phase::Buffering;
        self.ask_for_body(exchange);
        self.hold_upload(exchange);
        self.exchanges[exchange].phase == Phase::Buffering && !self.holds_enough(exchange)
    }

    /// The same for `wait-for-body`.
    pub(crate) fn begin_wait_for_body(
        &mut self,
        exchange: ExchangeId,
        time: Duration,
        at_least: Option<u64>,
    ) -> bool {
        if !self.may_wait_for_body(exchange) {
            return false;
        }
        self.wait(exchange, Wait::Body { at_least }, time);
        self.ask_for_body(exchange);
        self.hold_upload(exchange);
        !self.holds_enough(exchange)
    }

    fn may_wait_for_body(&self, exchange: ExchangeId) -> bool {
        let framing = self.exchanges[exchange]
            .request
            .as_ref()
            .map(|head| head.framing);
        let has_body = matches!(framing, Some(Framing::Length(_) | Framing::Streamed));
        has_body && !self.holds_enough(exchange)
    }

    /// Who waits for the body asks for it: the server would do so too late (RFC 9110 §10.1.1).
    fn ask_for_body(&mut self, exchange: ExchangeId) {
        let x = &mut self.exchanges[exchange];
        let client = x.client;
        if let Some(head) = &mut x.request
            && head.has_named(b"expect")
        {
            head.remove_if(|_, name, _| name.eq_ignore_ascii_case(b"expect"));
            let mut interim = self.heads.take();
            interim.set_response(100, b"Continue", Version::Http11);
            let to = &mut self.conns[client.conn].wire;
            to.send_head(cx!(self), client.stream, &interim);
            self.heads.give(interim);
        }
    }

    /// Takes in what has come for rules to look at; with enough of it they go on.
    pub(crate) fn buffer_upload(&mut self, exchange: ExchangeId) {
        let before = self.held_bytes(exchange);
        self.hold_upload(exchange);
        match self.exchanges[exchange].phase {
            Phase::Buffering if self.holds_enough(exchange) => {
                self.exchanges[exchange].note_request_waited(self.now);
                self.proceed(exchange);
            }
            Phase::Waiting {
                on: Wait::Body { .. },
                ..
            } if self.holds_enough(exchange) => {
                self.resume(exchange);
            }
            Phase::Waiting {
                on: Wait::Content, ..
            } if self.held_bytes(exchange) > before || self.holds_enough(exchange) => {
                self.resume(exchange);
            }
            Phase::Buffering
            | Phase::Waiting { .. }
            | Phase::Queued { .. }
            | Phase::Connecting { .. }
            | Phase::Asking { .. }
            | Phase::Pausing { .. }
            | Phase::Forwarding
            | Phase::Closing => {}
        }
    }

    /// Takes in what has come, up to a buffer full.
    pub(crate) fn hold_upload(&mut self, exchange: ExchangeId) {
        let client = self.exchanges[exchange].client;
        while !self.holds_all(exchange) {
            let Some(part) = self.conns[client.conn].wire.read(cx!(self), client.stream) else {
                break;
            };
            let x = &mut self.exchanges[exchange];
            x.client_at = self.now;
            gather(&mut self.pool, &mut x.held, part);
        }
        self.stir(client.conn);
    }

    pub(crate) fn held_bytes(&self, exchange: ExchangeId) -> usize {
        bytes_of(&self.exchanges[exchange].held)
    }

    /// All of the request is there, or a buffer full of it.
    pub(crate) fn holds_all(&self, exchange: ExchangeId) -> bool {
        let x = &self.exchanges[exchange];
        is_complete(&self.conns, x) || self.is_full(&x.held)
    }

    /// It is as much as is kept for rules.
    pub(crate) fn is_full(&self, parts: &VecDeque<Part>) -> bool {
        bytes_of(parts) >= self.shared.settings.global.tune.bufsize as usize
    }

    /// The same, or as much as is waited for.
    fn holds_enough(&self, exchange: ExchangeId) -> bool {
        let wanted = match self.exchanges[exchange].phase {
            Phase::Waiting {
                on: Wait::Body { at_least },
                ..
            } => at_least,
            _ => None,
        };
        let has = self.held_bytes(exchange) as u64;
        self.holds_all(exchange) || wanted.is_some_and(|wanted| has >= wanted)
    }

    /// Drops what was read of a request and will not be passed on.
    pub(crate) fn drop_held(&mut self, exchange: ExchangeId) {
        while let Some(part) = self.exchanges[exchange].held.pop_front() {
            self.drop_part(part);
        }
    }
}

/// Whether all of the request was read. Of a TCP session that is all but its end, which stays with the
/// machine until what is held has been passed on: a client whose end was read may be gone before.
pub(crate) fn is_complete(conns: &Conns, x: &Exchange) -> bool {
    let at_end = || {
        conns
            .get(x.client.conn)
            .is_some_and(|it| it.wire.is_at_end())
    };
    matches!(x.held.back(), Some(Part::End)) || (x.tunnel && at_end())
}

/// Puts a part behind others. However small the pieces are, there are few, and rules see as one what fits
/// in a block.
pub(crate) fn gather(pool: &mut Pool, parts: &mut VecDeque<Part>, part: Part) {
    let (Some(Part::Data(last)), Part::Data(data)) = (parts.back_mut(), &part) else {
        return parts.push_back(part);
    };
    if last.room() < data.len() {
        if last.capacity() < pool.block_bytes() {
            let mut block = pool.take();
            block.append(last);
            pool.give(core::mem::replace(last, block));
        } else {
            last.compact();
        }
    }
    let count = last.append(data);
    if let Part::Data(mut data) = part {
        data.consume(count);
        match data.is_empty() {
            true => pool.give(data),
            false => parts.push_back(Part::Data(data)),
        }
    }
}

/// How many bytes of data there are.
pub(crate) fn bytes_of(parts: &VecDeque<Part>) -> usize {
    let lengths = parts.iter().map(|part| match part {
        Part::Data(data) => data.len(),
        Part::Head(_) | Part::Trailers(_) | Part::End => 0,
    });
    lengths.sum()
}
