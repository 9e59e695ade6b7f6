//! What rules come to, brought about.

use super::After;
use super::connection::Whose;
use crate::engine::{Engine, cx};
use crate::output::Output;
use message::{Machine, Version};
use sample::format::RuleKind;
use session::rules::{Adjust, Captured, Change, Effect, NotMade, Side, Spot, apply};
use session::{Cause, During, ExchangeId, Phase, Wait};

impl Engine {
    /// Brings about what a rule of a request has come to.
    pub(super) fn perform(
        &mut self,
        exchange: ExchangeId,
        effect: Effect<'_>,
        spot: &Spot,
        rules: RuleKind,
    ) -> After {
        if ends_set(&effect) {
            self.exchanges[exchange].ruled.last_rule = Some(spot.clone());
        }
        match effect {
            Effect::Allow => return After::Allow,
            Effect::Deny(reply, filled) => {
                self.count_denied(exchange);
                self.note_event(exchange, tables::Event::ClientError);
                self.log_cookie(exchange);
                self.terminate_request(exchange, Cause::Proxy);
                self.answer_with(exchange, &reply, filled);
            }
            Effect::Tarpit(reply, filled) => {
                self.count_denied(exchange);
                self.note_event(exchange, tables::Event::ClientError);
                self.log_cookie(exchange);
                self.exchanges[exchange].ruled.tarpit = Some((reply, filled));
                let x = &self.exchanges[exchange];
                let timeouts = x.ruled.timeouts(&self.proxy(x.backend).timeouts);
                let time = timeouts.tarpit.or(timeouts.connect).unwrap_or_default();
                self.wait(exchange, Wait::Tarpit, time);
                return After::Wait;
            }
            Effect::Return(reply, filled) => {
                self.count_intercepted(exchange);
                self.terminate_request(exchange, Cause::Local);
                self.answer_with(exchange, &reply, filled);
            }
            Effect::Auth(realm) => {
                self.count_intercepted(exchange);
                self.terminate_request(exchange, Cause::Local);
                self.challenge(exchange, realm);
            }
            Effect::Redirect(redirect, to) => {
                self.count_intercepted(exchange);
                self.terminate_request(exchange, Cause::Local);
                self.redirect(exchange, redirect, to);
            }
            Effect::Reject | Effect::Close => {
                self.count_denied(exchange);
                self.drop_exchange(exchange, false);
            }
            Effect::SilentDrop => {
                self.count_denied(exchange);
                self.drop_exchange(exchange, true);
            }
            Effect::Edit(change) => return self.edit_request(exchange, change),
            Effect::EarlyHint(name, value) => {
                self.send_hint(exchange, &name, &value);
                self.work.give(name);
                self.work.give(value);
                return After::Next;
            }
            Effect::Adjust(adjust) => {
                self.adjust(exchange, adjust, rules);
                return After::Next;
            }
            Effect::SwitchMode(proto) => return self.switch_mode(exchange, proto),
            Effect::WaitForBody(time, at_least) => {
                if self.begin_wait_for_body(exchange, time, at_least) {
                    return After::Wait;
                }
                return After::Next;
            }
            Effect::Pause(time) => {
                self.wait(exchange, Wait::Pause, time);
                return After::Wait;
            }
        }
        After::Ended
    }

    /// The first two letters of the termination state of a request that a rule has ended.
    fn terminate_request(&mut self, exchange: ExchangeId, cause: Cause) {
        let x = &mut self.exchanges[exchange];
        x.terminate_at(cause, During::Request);
    }

    /// Waits with a rule set.
    pub(crate) fn wait(&mut self, exchange: ExchangeId, on: Wait, time: base::Duration) {
        let until = self.now + time;
        self.exchanges[exchange].phase = Phase::Waiting { on, until };
    }

    /// `timeout tarpit` is over.
    pub(super) fn end_tarpit(&mut self, exchange: ExchangeId) {
        let x = &mut self.exchanges[exchange];
        x.terminate_at(Cause::Proxy, During::Tarpit);
        // It waited in no queue, but it waited: the log has it there.
        x.times.assigned = Some(self.now);
        if let Some((reply, filled)) = x.ruled.tarpit.take() {
            self.answer_with(exchange, &reply, filled);
        }
    }

    /// `reject`, `silent-drop`: nothing is said, and the connection ends.
    fn drop_exchange(&mut self, exchange: ExchangeId, silent: bool) {
        self.terminate_request(exchange, Cause::Proxy);
        let x = &mut self.exchanges[exchange];
        x.times.head = None;
        let conn = x.client.conn;
        self.finish(exchange);
        self.drop_client(conn, silent);
    }

    /// Ends a client's connection without a word; `silent` without even an end of the transport, as far
    /// as the driver can.
    pub(crate) fn drop_client(&mut self, conn: session::ConnId, silent: bool) {
        if self.conns.get(conn).is_some() {
            if silent {
                self.outputs.push_back(Output::Vanish(conn));
            }
            self.close(conn, silent);
        }
    }

    fn edit_request(&mut self, exchange: ExchangeId, change: Change<'_>) -> After {
        let x = &self.exchanges[exchange];
        let body = self.held_bytes(exchange) as u64;
        let room = self.head_room(x.bytes_in as usize, Some(body));
        let x = &mut self.exchanges[exchange];
        let Some(head) = &mut x.request else {
            return After::Next;
        };
        if change.is_of_request_line() && x.ruled.asked.is_none() {
            let method = self.work.own(head.method().into());
            let target = self.work.own(head.target().into());
            x.ruled.asked = Some((method, target));
        }
        match apply(change, head, room, &mut self.work) {
            Ok(()) => After::Next,
            Err(_) if x.ruled.lenient => {
                self.count_failed_rewrite(exchange);
                After::Next
            }
            Err(why) => {
                self.count_failed_rewrite(exchange);
                self.terminate_request(exchange, Cause::Proxy);
                self.answer(
                    exchange,
                    match why {
                        NotMade::NoRoom | NotMade::Meaningless => 500,
                        NotMade::Invalid => 400,
                    },
                );
                After::Ended
            }
        }
    }

    /// How long a head may become as text that came with `bytes` and has a body of such a length, if
    /// that is known: head and body share a buffer, of which what has arrived leaves `tune.maxrewrite`
    /// free at least.
    pub(crate) fn head_room(&self, bytes: usize, body: Option<u64>) -> usize {
        let tune = &self.shared.settings.global.tune;
        let arrived_max = tune.bufsize.saturating_sub(tune.maxrewrite) as usize;
        let body = body.and_then(|body| usize::try_from(body).ok());
        let arrived = body.map_or(arrived_max, |body| {
            arrived_max.min(bytes.saturating_add(body))
        });
        bytes + (tune.bufsize as usize).saturating_sub(arrived)
    }

    /// `early-hint`: an interim answer with one field; not to those who speak HTTP/1.0.
    fn send_hint(&mut self, exchange: ExchangeId, name: &[u8], value: &[u8]) {
        let x = &self.exchanges[exchange];
        let version = x.request.as_ref().map(|head| head.version);
        if version == Some(Version::Http10) || name.is_empty() {
            return;
        }
        let client = x.client;
        let mut hint = self.heads.take();
        hint.set_response(103, b"Early Hints", Version::Http11);
        hint.push(name, value);
        let to = &mut self.conns[client.conn].wire;
        to.send_head(cx!(self), client.stream, &hint);
        self.heads.give(hint);
        self.stir(client.conn);
    }

    /// What changes neither the message nor the way it goes.
    pub(super) fn adjust(&mut self, exchange: ExchangeId, adjust: Adjust<'_>, rules: RuleKind) {
        let x = &mut self.exchanges[exchange];
        let ruled = &mut x.ruled;
        match adjust {
            Adjust::Capture(to, text) => {
                let (slots, at) = match to {
                    Captured::Request(at) => (&mut ruled.request_captures, at as usize),
                    Captured::Response(at) => (&mut ruled.response_captures, at as usize),
                };
                if slots.len() <= at {
                    slots.resize(at + 1, None);
                }
                if let Some(before) = slots[at].replace(text) {
                    self.work.give(before);
                }
            }
            Adjust::Track {
                counter,
                table,
                key,
            } => self.track(exchange, counter, table, key),
            Adjust::Count(count, number) => self.count_tracked(exchange, count, number),
            Adjust::SetLogLevel(level) => ruled.level = Some(level),
            Adjust::DoLog => self.do_log(exchange, rules),
            Adjust::SetAddress(part, ip) => {
                self.set_ip(Whose::Exchange(exchange), part, ip);
            }
            Adjust::SetPort(part, port) => {
                self.set_port(Whose::Exchange(exchange), part, port);
            }
            Adjust::Mark(mark, side, value) => {
                let conn = match side {
                    Side::Client => Some(x.client.conn),
                    Side::Server => x.server.map(|server| server.conn),
                };
                if let Some(conn) = conn {
                    self.outputs.push_back(Output::Mark { conn, mark, value });
                }
            }
            Adjust::SetTimeout(kind, time) => {
                ruled.timeouts.retain(|(other, _)| *other != kind);
                ruled.timeouts.push((kind, time));
            }
            Adjust::SetRetries(retries) => ruled.retries = Some(retries),
            Adjust::SetPriorityClass(class) => ruled.priority_class = class,
            Adjust::SetPriorityOffset(offset) => ruled.priority_offset = offset,
            Adjust::StrictMode(on) => ruled.lenient = !on,
            Adjust::DisableL7Retry => x.replayable = false,
            Adjust::Limit(limit) => self.set_limit(exchange, limit),
            Adjust::ExpectProxy | Adjust::ExpectNetscaler | Adjust::AttachServer(..) => {
                unreachable!("an action of connections alone")
            }
        }
    }
}

/// Whether it is one of the rules after which none of the set follows.
pub(super) fn ends_set(effect: &Effect<'_>) -> bool {
    match effect {
        Effect::Allow
        | Effect::Deny(..)
        | Effect::Tarpit(..)
        | Effect::Return(..)
        | Effect::Auth(_)
        | Effect::Redirect(..)
        | Effect::Reject
        | Effect::Close
        | Effect::SilentDrop
        | Effect::SwitchMode(_) => true,
        Effect::Edit(_)
        | Effect::EarlyHint(..)
        | Effect::Adjust(_)
        | Effect::WaitForBody(..)
        | Effect::Pause(_) => false,
    }
}
