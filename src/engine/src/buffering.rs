//! Requests that wait for their body before they go on: `option http-buffer-request`, `wait-for-body`,
//! content rules.

use crate::engine::{Engine, cx};
use base::Duration;
use message::{Framing, Machine, Part, Version};
use session::{ExchangeId, Phase, Wait};

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
            Phase::Buffering if self.holds_enough(exchange) => self.proceed(exchange),
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
            match (x.held.back_mut(), part) {
                // So that however small the pieces are, there are few, and rules see them as one.
                (Some(Part::Data(last)), Part::Data(data)) if last.room() >= data.len() => {
                    last.append(&data);
                    self.pool.give(data);
                }
                (_, part) => x.held.push_back(part),
            }
        }
        self.stir(client.conn);
    }

    pub(crate) fn held_bytes(&self, exchange: ExchangeId) -> usize {
        let held = self.exchanges[exchange].held.iter();
        held.map(|part| match part {
            Part::Data(data) => data.len(),
            Part::Head(_) | Part::Trailers(_) | Part::End => 0,
        })
        .sum()
    }

    /// All of the request is there, or a buffer full of it.
    pub(crate) fn holds_all(&self, exchange: ExchangeId) -> bool {
        let bufsize = self.shared.settings.global.tune.bufsize as usize;
        let ended = matches!(self.exchanges[exchange].held.back(), Some(Part::End));
        ended || self.held_bytes(exchange) >= bufsize
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
