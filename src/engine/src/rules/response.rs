//! Rule sets of responses.

use super::After;
use super::hand;
use super::rules_of;
use super::scene::Scene;
use crate::engine::Engine;
use crate::shared::Shared;
use alloc::boxed::Box;
use message::Head;
use sample::Checkpoint;
use sample::facts::Context;
use sample::format::RuleKind;
use session::rules::{Effect, RuleSet, Step, advance, apply};
use session::settings::ProxyIndex;
use session::{Cause, During, ExchangeId};

/// One going through the rule sets of a response.
#[derive(Clone, Copy)]
struct Run<'a> {
    exchange: ExchangeId,
    shared: &'a Shared,
    /// Behind all: nothing can be answered otherwise any more.
    after: bool,
}

/// Backend and frontend, in the order in which their rules see a response; a `listen` is both.
fn both(backend: ProxyIndex, frontend: ProxyIndex) -> impl Iterator<Item = ProxyIndex> {
    let other = (backend != frontend).then_some(frontend);
    core::iter::once(backend).chain(other)
}

/// What became of a response.
pub(crate) enum Passed {
    /// It goes on to the client.
    Head(Box<Head>),
    /// The exchange was answered otherwise or ended.
    Ended,
}

impl Engine {
    /// `tcp-response content` and `http-response`: of the backend, then of the frontend. A `listen` has
    /// one of each.
    pub(crate) fn rule_response(&mut self, exchange: ExchangeId, head: Box<Head>) -> Passed {
        let x = &self.exchanges[exchange];
        let (frontend, backend) = (x.frontend, x.backend);
        let quiet = |proxy| self.proxy(proxy).rules.passes_responses();
        if quiet(frontend) && quiet(backend) {
            return Passed::Head(head);
        }
        let shared = self.shared.clone();
        let mut head = Some(head);
        for proxy in both(backend, frontend) {
            let rules = &shared.proxy(proxy).rules;
            let run = Run {
                exchange,
                shared: &shared,
                after: false,
            };
            self.run_response(run, &mut head, &rules.back_reply, |scene| {
                scene.back_reply()
            });
            self.run_response(run, &mut head, &rules.front_reply, |scene| {
                scene.front_reply()
            });
            self.run_response(run, &mut head, &rules.back_response, |scene| {
                scene.back_response()
            });
            self.run_response(run, &mut head, &rules.front_response, |scene| {
                scene.front_response()
            });
        }
        head.map_or(Passed::Ended, Passed::Head)
    }

    /// `http-after-response`: for every answer that leaves, our own as well.
    pub(crate) fn rule_after(&mut self, exchange: ExchangeId, head: Box<Head>) -> Box<Head> {
        let x = &self.exchanges[exchange];
        let (frontend, backend) = (x.frontend, x.backend);
        let quiet = |proxy| self.proxy(proxy).rules.passes_answers();
        if quiet(frontend) && quiet(backend) {
            return head;
        }
        let shared = self.shared.clone();
        let mut head = Some(head);
        for proxy in both(backend, frontend) {
            let rules = &shared.proxy(proxy).rules;
            let run = Run {
                exchange,
                shared: &shared,
                after: true,
            };
            self.run_response(run, &mut head, &rules.back_after, |scene| {
                scene.back_response()
            });
            self.run_response(run, &mut head, &rules.front_after, |scene| {
                scene.front_response()
            });
        }
        head.unwrap_or_else(|| self.heads.take())
    }

    /// Goes through one rule set. If the exchange is answered otherwise, the head is gone; behind all
    /// (`after`) nothing can be answered any more.
    fn run_response<C: Checkpoint>(
        &mut self,
        run: Run<'_>,
        head: &mut Option<Box<Head>>,
        set: &Option<RuleSet<C>>,
        context: impl for<'a> Fn(&'a Scene<'a>) -> Context<'a, C>,
    ) {
        let Some(set) = set else { return };
        let Some(mut response) = head.take() else {
            return;
        };
        let Run {
            exchange,
            shared,
            after,
        } = run;
        let bytes = match self.exchanges[exchange].ruled.response_bytes {
            0 => response.wire_bytes(),
            received => received,
        };
        let mut next = 0;
        loop {
            self.lend_vars(exchange);
            let x = &self.exchanges[exchange];
            let hand = hand!(self, shared);
            let Some(scene) = hand.exchange(x, Some(&response)) else {
                break;
            };
            let context = context(&scene);
            let (rules, facts) = set.with(&context);
            let step = advance(rules, next, &facts, &mut self.work, true);
            self.take_vars(exchange);
            let Step::Effect(at, effect) = step else {
                break;
            };
            next = at + 1;
            if super::effects::ends_set(&effect) {
                let spot = rules[at].spot.clone();
                self.exchanges[exchange].ruled.last_rule = Some(spot);
            }
            let rules = match after {
                true => RuleKind::AfterResponse,
                false => rules_of::<C>(),
            };
            match self.perform_on_response(exchange, effect, &mut response, bytes, rules) {
                After::Next | After::Wait => {}
                After::Allow => break,
                After::Ended => return self.heads.give(response),
            }
        }
        *head = Some(response);
    }

    fn perform_on_response(
        &mut self,
        exchange: ExchangeId,
        effect: Effect<'_>,
        response: &mut Head,
        bytes: usize,
        rules: RuleKind,
    ) -> After {
        match effect {
            Effect::Edit(change) => {
                let room = self.head_room(bytes, response.body_length());
                match apply(change, response, room, &mut self.work) {
                    Ok(()) => After::Next,
                    Err(_) => {
                        self.count_failed_rewrite(exchange);
                        if self.exchanges[exchange].ruled.lenient
                            || rules == RuleKind::AfterResponse
                        {
                            return After::Next;
                        }
                        self.refuse_response(exchange, Cause::Proxy, |engine| {
                            engine.answer(exchange, 500)
                        });
                        After::Ended
                    }
                }
            }
            Effect::Adjust(adjust) => {
                self.adjust(exchange, adjust, rules);
                After::Next
            }
            Effect::Deny(reply, filled) => {
                self.count_denied_response(exchange);
                self.refuse_response(exchange, Cause::Proxy, |engine| {
                    engine.answer_with(exchange, &reply, filled)
                });
                After::Ended
            }
            Effect::Return(reply, filled) => {
                self.refuse_response(exchange, Cause::Local, |engine| {
                    engine.answer_with(exchange, &reply, filled)
                });
                After::Ended
            }
            Effect::Redirect(redirect, to) => {
                self.refuse_response(exchange, Cause::Local, |engine| {
                    engine.redirect(exchange, redirect, to)
                });
                After::Ended
            }
            Effect::Reject | Effect::SilentDrop => {
                self.count_denied_response(exchange);
                let silent = matches!(effect, Effect::SilentDrop);
                let x = &mut self.exchanges[exchange];
                x.terminate_at(Cause::Proxy, During::Head);
                let conn = x.client.conn;
                self.finish(exchange);
                self.drop_client(conn, silent);
                After::Ended
            }
            Effect::Allow => After::Allow,
            Effect::Tarpit(..)
            | Effect::Auth(_)
            | Effect::EarlyHint(..)
            | Effect::WaitForBody(..)
            | Effect::Pause(_) => After::Next,
        }
    }

    /// Another answer goes to the client than the one the server gave.
    fn refuse_response(
        &mut self,
        exchange: ExchangeId,
        cause: Cause,
        answer: impl FnOnce(&mut Self),
    ) {
        let x = &mut self.exchanges[exchange];
        x.terminate_at(cause, During::Head);
        self.detach(exchange);
        answer(self);
        self.touch(exchange);
    }
}
