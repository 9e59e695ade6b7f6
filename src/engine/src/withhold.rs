//! Responses that wait for their rules before they go on: `tcp-response`, `wait-for-body`, `pause`.

use crate::buffering::{bytes_of, gather};
use crate::count::Rows;
use crate::engine::{Engine, cx};
use crate::rules::response::Passed;
use base::Duration;
use message::{Framing, Head, Machine, Part};
use session::{Cause, ExchangeId, ReplyRule, Wait};

impl Engine {
    /// The rules for what a server sends in TCP mode begin with the connection to it.
    pub(crate) fn rule_first_reply(&mut self, exchange: ExchangeId) {
        let Some(x) = self.exchanges.get(exchange) else {
            return;
        };
        let rules = &self.proxy(x.backend).rules;
        if x.tunnel && !x.ruled.replied && rules.back_reply.is_some() {
            self.exchanges[exchange].ruled.replied = true;
            let passed = self.rule_reply(exchange, None, ReplyRule::default());
            if let Passed::On(_) = passed {
                self.learn_of_reply(exchange);
            }
        }
    }

    /// Whether stick tables learn of a TCP session only once its reply is through the rules: those wait for
    /// what the keys are made of (`stick store-response`).
    pub(crate) fn learns_of_reply(&self, exchange: ExchangeId) -> bool {
        let x = &self.exchanges[exchange];
        let rules = &self.proxy(x.backend).rules;
        x.tunnel && rules.learn.is_some() && rules.back_reply.is_some()
    }

    fn learn_of_reply(&mut self, exchange: ExchangeId) {
        if self.learns_of_reply(exchange) {
            self.learn(exchange, None);
        }
    }

    /// Takes in what has come for rules to look at; with enough of it they go on.
    pub(crate) fn withhold(&mut self, exchange: ExchangeId) {
        let before = self.withheld_bytes(exchange);
        let waits = self.exchanges[exchange].withheld.as_ref();
        let Some((on, _)) = waits.and_then(|it| it.waits) else {
            return;
        };
        if matches!(on, Wait::Content | Wait::Body { .. }) {
            self.hold_download(exchange);
        }
        let grown = self.withheld_bytes(exchange) > before;
        let enough = match on {
            Wait::Content => grown || self.withholds_enough(exchange, None),
            Wait::Body { at_least } => self.withholds_enough(exchange, at_least),
            Wait::Pause | Wait::Tarpit | Wait::Page => false,
        };
        if enough {
            self.resume_reply(exchange);
        }
    }

    /// Waits with the rules of a response, from `at` on.
    pub(crate) fn keep_back(
        &mut self,
        exchange: ExchangeId,
        head: Option<alloc::boxed::Box<Head>>,
        at: ReplyRule,
    ) {
        let withheld = self.exchanges[exchange].withheld.get_or_insert_default();
        withheld.head = head;
        withheld.at = at;
        self.touch(exchange);
    }

    /// What the rules of a response wait for, and for how long at most.
    pub(crate) fn wait_with_reply(&mut self, exchange: ExchangeId, on: Wait, time: Duration) {
        let until = self.now + time;
        let withheld = self.exchanges[exchange].withheld.get_or_insert_default();
        withheld.waits = Some((on, until));
    }

    /// `tcp-response inspect-delay`, counted from the first time that something lacks.
    pub(crate) fn inspect_reply(&mut self, exchange: ExchangeId, delay: Duration) {
        let until = self.now + delay;
        let withheld = self.exchanges[exchange].withheld.get_or_insert_default();
        let until = *withheld.inspect_until.get_or_insert(until);
        withheld.waits = Some((Wait::Content, until));
    }

    /// Begins to wait for the body of a response, unless there is none or enough of it is there.
    pub(crate) fn begin_wait_for_reply_body(
        &mut self,
        exchange: ExchangeId,
        head: &Head,
        time: Duration,
        at_least: Option<u64>,
    ) -> bool {
        let has_body = match head.framing {
            Framing::Length(length) => length > 0,
            Framing::Streamed | Framing::UntilClose => true,
            Framing::None | Framing::Tunnel => false,
        };
        if !has_body {
            return false;
        }
        self.hold_download(exchange);
        let waits = !self.withholds_enough(exchange, at_least);
        if waits {
            self.wait_with_reply(exchange, Wait::Body { at_least }, time);
        }
        waits
    }

    /// Nothing more will come that content rules could wait for; `delay` is theirs. As with requests, it is
    /// only in TCP mode that the end of what is sent is that of the peer.
    pub(crate) fn has_whole_reply(&self, exchange: ExchangeId, delay: Option<Duration>) -> bool {
        let x = &self.exchanges[exchange];
        let Some(withheld) = &x.withheld else {
            return delay.is_none();
        };
        let late = withheld
            .inspect_until
            .is_some_and(|until| until <= self.now);
        let ended = x.tunnel && withheld.is_complete();
        delay.is_none() || late || ended || self.is_full(&withheld.parts)
    }

    /// The time is up that the rules of a response wait at most. A body that did not come in time is an
    /// answer that did not.
    pub(crate) fn on_withheld_timeout(&mut self, exchange: ExchangeId) {
        let withheld = self.exchanges[exchange].withheld.as_ref();
        match withheld.and_then(|it| it.waits) {
            Some((Wait::Body { .. }, _)) => {
                self.on_server_failed(exchange, Cause::ServerTimeout, 504);
            }
            Some((Wait::Content | Wait::Pause | Wait::Tarpit | Wait::Page, _)) => {
                self.resume_reply(exchange);
            }
            None => {}
        }
    }

    /// What the rules of a response waited for has come, or their time is up.
    fn resume_reply(&mut self, exchange: ExchangeId) {
        let Some(withheld) = &mut self.exchanges[exchange].withheld else {
            return;
        };
        withheld.waits = None;
        let (head, at) = (withheld.head.take(), withheld.at);
        self.exchanges[exchange].ruled.waiting = None;
        if let Passed::On(head) = self.rule_reply(exchange, head, at) {
            match head {
                Some(head) => self.pass_response(exchange, head),
                None => self.learn_of_reply(exchange),
            }
            self.pump_download(exchange);
        }
        self.touch(exchange);
    }

    /// Takes in what has come, up to a buffer full.
    fn hold_download(&mut self, exchange: ExchangeId) {
        while !self.withholds_enough(exchange, None) {
            let x = &mut self.exchanges[exchange];
            let Some(server) = x.server else {
                return;
            };
            let Some(part) = self.conns[server.conn].wire.read(cx!(self), server.stream) else {
                break;
            };
            x.server_at = self.now;
            if let Part::Data(data) = &part {
                let count = data.len() as u64;
                x.bytes_out += count;
                Rows::of(&self.shared, self.worker, x).response_in(count);
            }
            let withheld = x.withheld.get_or_insert_default();
            gather(&mut self.pool, &mut withheld.parts, part);
        }
        if let Some(server) = self.exchanges[exchange].server {
            self.stir(server.conn);
        }
    }

    fn withheld_bytes(&self, exchange: ExchangeId) -> usize {
        let withheld = self.exchanges[exchange].withheld.as_ref();
        withheld.map_or(0, |it| bytes_of(&it.parts))
    }

    /// All of the response is there, or a buffer full of it, or as much as is waited for.
    fn withholds_enough(&self, exchange: ExchangeId, wanted: Option<u64>) -> bool {
        let has = self.withheld_bytes(exchange) as u64;
        let withheld = self.exchanges[exchange].withheld.as_ref();
        withheld.is_some_and(|it| it.is_complete() || self.is_full(&it.parts))
            || wanted.is_some_and(|wanted| wanted > 0 && has >= wanted)
    }

    /// Drops what was read of a response and will not be passed on.
    pub(crate) fn drop_withheld(&mut self, exchange: ExchangeId) {
        let Some(withheld) = self.exchanges[exchange].withheld.take() else {
            return;
        };
        for part in withheld.parts {
            self.drop_part(part);
        }
        if let Some(head) = withheld.head {
            self.heads.give(head);
        }
    }
}
