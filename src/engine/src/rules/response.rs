//! Rule sets of responses.

use super::After;
use super::hand;
use super::rules_of;
use super::scene::Scene;
use crate::engine::Engine;
use crate::shared::Shared;
use alloc::boxed::Box;
use base::Duration;
use message::Head;
use sample::Checkpoint;
use sample::facts::Context;
use sample::format::RuleKind;
use sample::screen::Outlook;
use session::rules::{Effect, RuleSet, Step, advance, apply};
use session::settings::ProxyIndex;
use session::{Cause, During, ExchangeId, ReplyRule, Wait};

/// One going through the rule sets of a response.
#[derive(Clone, Copy)]
struct Run<'a> {
    exchange: ExchangeId,
    shared: &'a Shared,
    /// Behind all: nothing can be answered otherwise any more.
    after: bool,
    /// How long the rules of the set wait for what they need (`tcp-response inspect-delay`).
    delay: Option<Duration>,
    /// Where the set begins.
    at: ReplyRule,
}

/// Backend and frontend, in the order in which their rules see a response; a `listen` is both.
fn both(backend: ProxyIndex, frontend: ProxyIndex) -> impl Iterator<Item = ProxyIndex> {
    let other = (backend != frontend).then_some(frontend);
    core::iter::once(backend).chain(other)
}

/// What became of a response.
pub(crate) enum Passed {
    /// It goes on to the client; in TCP mode there is no head.
    On(Option<Box<Head>>),
    /// It waits: something will make it go on.
    Waits,
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
            return Passed::On(Some(head));
        }
        self.rule_reply(exchange, Some(head), ReplyRule::default())
    }

    /// The same from a rule on, with or without a head.
    pub(crate) fn rule_reply(
        &mut self,
        exchange: ExchangeId,
        mut head: Option<Box<Head>>,
        from: ReplyRule,
    ) -> Passed {
        let x = &self.exchanges[exchange];
        let proxies = both(x.backend, x.frontend).flat_map(|proxy| [proxy; SETS_EACH]);
        let shared = self.lent.clone();
        for (set, proxy) in (0..).zip(proxies).skip(from.set.into()) {
            let next = if set == from.set { from.next } else { 0 };
            let rules = &shared.proxy(proxy).rules;
            let of_content = usize::from(set) % SETS_EACH < 2;
            let run = Run {
                exchange,
                shared: &shared,
                after: false,
                delay: rules.reply_delay.filter(|_| of_content),
                at: ReplyRule { set, next },
            };
            let passed = match usize::from(set) % SETS_EACH {
                0 => self.run_response(run, head, &rules.back_reply, |scene| scene.back_reply()),
                1 => self.run_response(run, head, &rules.front_reply, |scene| scene.front_reply()),
                2 => self.run_response(run, head, &rules.back_response, |scene| {
                    scene.back_response()
                }),
                _ => self.run_response(run, head, &rules.front_response, |scene| {
                    scene.front_response()
                }),
            };
            match passed {
                Passed::On(it) => head = it,
                Passed::Waits | Passed::Ended => return passed,
            }
        }
        Passed::On(head)
    }

    /// `http-after-response`: for every answer that leaves, our own as well.
    pub(crate) fn rule_after(&mut self, exchange: ExchangeId, head: Box<Head>) -> Box<Head> {
        let x = &mut self.exchanges[exchange];
        x.ruled.answered = true;
        let (frontend, backend) = (x.frontend, x.backend);
        let quiet = |proxy| self.proxy(proxy).rules.passes_answers();
        if quiet(frontend) && quiet(backend) {
            return head;
        }
        let shared = self.lent.clone();
        let mut head = Some(head);
        for proxy in both(backend, frontend) {
            let rules = &shared.proxy(proxy).rules;
            let run = Run {
                exchange,
                shared: &shared,
                after: true,
                delay: None,
                at: ReplyRule::default(),
            };
            let passed = self.run_response(run, head.take(), &rules.back_after, |scene| {
                scene.back_response()
            });
            let Passed::On(it) = passed else { break };
            let passed =
                self.run_response(run, it, &rules.front_after, |scene| scene.front_response());
            let Passed::On(it) = passed else { break };
            head = it;
        }
        head.unwrap_or_else(|| self.heads.take())
    }

    /// Goes through one rule set. If the exchange is answered otherwise, the head is gone; behind all
    /// (`after`) nothing can be answered any more.
    fn run_response<C: Checkpoint>(
        &mut self,
        run: Run<'_>,
        mut response: Option<Box<Head>>,
        set: &Option<RuleSet<C>>,
        context: impl for<'s> Fn(&'s Scene<'_>) -> Context<'s, C>,
    ) -> Passed {
        let Some(set) = set else {
            return Passed::On(response);
        };
        let Run {
            exchange,
            shared,
            after,
            delay,
            mut at,
        } = run;
        let mut outlook = Outlook::default();
        loop {
            let last = self.has_whole_reply(exchange, delay);
            self.lend_vars(exchange);
            let x = &self.exchanges[exchange];
            let hand = hand!(self, shared);
            let Some(asker) = hand.asker(x) else {
                break;
            };
            let mut scene = hand.scene(asker, x, response.as_deref());
            scene.waited(last);
            let context = context(&scene);
            let (rules, facts) = set.with(&context);
            let next = at.next as usize;
            let step = advance(rules, next, &facts, &mut self.work, last, &mut outlook);
            self.take_vars(exchange);
            let (rule, effect) = match step {
                Step::Done => break,
                Step::Wait(rule) => {
                    at.next = rule as u32;
                    self.exchanges[exchange].ruled.waiting = Some(rules[rule].gate.spot.clone());
                    self.inspect_reply(exchange, delay.unwrap_or_default());
                    self.keep_back(exchange, response, at);
                    return Passed::Waits;
                }
                Step::Effect(rule, effect) => (rule, effect),
            };
            at.next = rule as u32 + 1;
            if super::effects::ends_set(&effect) {
                let spot = rules[rule].gate.spot.clone();
                self.exchanges[exchange].ruled.last_rule = Some(spot);
            }
            let kind = match after {
                true => RuleKind::AfterResponse,
                false => rules_of::<C>(),
            };
            match self.perform_on_response(exchange, effect, response.as_deref_mut(), kind) {
                After::Next if rule + 1 == rules.len() => break,
                After::Next => {}
                After::Allow => break,
                After::Wait => {
                    self.exchanges[exchange].ruled.waiting = Some(rules[rule].gate.spot.clone());
                    self.keep_back(exchange, response, at);
                    return Passed::Waits;
                }
                After::Ended => {
                    if let Some(response) = response {
                        self.heads.give(response);
                    }
                    return Passed::Ended;
                }
            }
        }
        Passed::On(response)
    }

    fn perform_on_response(
        &mut self,
        exchange: ExchangeId,
        effect: Effect<'_>,
        response: Option<&mut Head>,
        rules: RuleKind,
    ) -> After {
        match effect {
            Effect::Edit(change) => {
                let Some(response) = response else {
                    return After::Next;
                };
                let bytes = match self.exchanges[exchange].ruled.response_bytes {
                    0 => response.wire_bytes(),
                    received => received,
                };
                let room = self.head_room(bytes, response.body_length());
                let status = response.status();
                match apply(change, response, room, &mut self.work) {
                    Ok(()) => {
                        if response.status() != status {
                            // `set-status`: logs have what the client is told.
                            self.exchanges[exchange].status = response.status();
                        }
                        After::Next
                    }
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
                let x = &mut self.exchanges[exchange];
                x.terminate_at(Cause::Proxy, During::Data);
                self.end_with_response(exchange, matches!(effect, Effect::SilentDrop));
                After::Ended
            }
            Effect::Close => {
                self.end_with_response(exchange, false);
                After::Ended
            }
            Effect::Allow => After::Allow,
            Effect::WaitForBody(time, at_least) => {
                let waits = response.is_some_and(|head| {
                    self.begin_wait_for_reply_body(exchange, head, time, at_least)
                });
                if waits { After::Wait } else { After::Next }
            }
            Effect::Pause(time) => {
                self.wait_with_reply(exchange, Wait::Pause, time);
                After::Wait
            }
            Effect::Tarpit(..)
            | Effect::Auth(_)
            | Effect::EarlyHint(..)
            | Effect::SwitchMode(_) => After::Next,
        }
    }

    /// Nothing of a response is sent, and the client's connection ends with its exchange.
    fn end_with_response(&mut self, exchange: ExchangeId, silent: bool) {
        let x = &mut self.exchanges[exchange];
        x.status = 0;
        x.ruled.dropped = true;
        let conn = x.client.conn;
        self.finish(exchange);
        self.drop_client(conn, silent);
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

/// Rule sets of a response that a proxy can have: `tcp-response` as a backend and as a frontend, then
/// `http-response` likewise.
const SETS_EACH: usize = 4;
