//! Runs rule sets and brings about what their rules come to.

pub(crate) mod connection;
mod effects;
mod guess;
mod reply;
pub(crate) mod response;
pub(crate) mod scene;
mod story;
mod track;
mod upgrade;
pub(crate) mod world;

use crate::buffering::is_complete;
use crate::engine::Engine;
use crate::shared::{Lent, Shared};
use balance::Proto;
use sample::facts::Context;
use sample::format::RuleKind;
use sample::screen::Outlook;
use sample::vars::Vars;
use sample::{BackendContent, BackendReply, Checkpoint, FrontendContent, FrontendReply};
use scene::Scene;
use session::rules::{Choice, Gate, RuleSet, Step, SwitchRule, TimeoutKind, advance, put};
use session::settings::{Capability, Mode, Options, ProxyIndex};
use session::{Cause, During, Exchange, ExchangeId, Phase, Stage, Wait};

/// Where the parts of a scene are, out of an engine's own fields.
macro_rules! hand {
    ($engine:ident, $shared:ident) => {
        $crate::rules::scene::Stagehand {
            world: $crate::rules::world::World {
                shared: &*$shared,
                worker: $engine.worker,
                now: $engine.now,
                stopping: $engine.stop.is_stopping(),
            },
            conns: &$engine.conns,
        }
    };
}
pub(crate) use hand;

/// What became of a rule set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Went {
    /// It is through: the next thing comes.
    On,
    /// It waits: something will make it go on.
    Waits,
    /// The exchange was answered or ended.
    Ended,
}

/// Whether a rule set goes on behind a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// With the next rule.
    Next,
    /// With the next rule set.
    Allow,
    /// It waits; then the next rule comes.
    Wait,
    /// Not at all.
    Ended,
}

impl Engine {
    /// Takes a request from rule set to rule set until it waits, is answered, or goes to a server.
    pub(crate) fn proceed(&mut self, exchange: ExchangeId) {
        loop {
            let x = &mut self.exchanges[exchange];
            x.phase = Phase::Forwarding;
            let (stage, frontend, backend) = (x.ruled.stage, x.frontend, x.backend);
            let passes = match stage {
                Stage::FrontContent => self.passes_requests(frontend),
                Stage::BackContent => self.passes_requests(backend),
                Stage::FrontRequest | Stage::Switching | Stage::BackRequest | Stage::Server => {
                    false
                }
            };
            if passes {
                self.go_past(exchange, stage.next());
                continue;
            }
            let went = match stage {
                Stage::FrontContent => self.run_content(exchange, true),
                Stage::FrontRequest => self.run_requests(exchange, true),
                Stage::Switching => self.switch(exchange),
                Stage::BackContent => self.run_content(exchange, false),
                Stage::BackRequest => self.run_requests(exchange, false),
                Stage::Server => return self.depart(exchange),
            };
            let front = stage == Stage::FrontRequest;
            let went = match went {
                Went::On if front || stage == Stage::BackRequest => {
                    let proxy = if front { frontend } else { backend };
                    match self.restrict_names(exchange, proxy) {
                        Went::On => self.serve_statistics(exchange, front),
                        went => went,
                    }
                }
                went => went,
            };
            if went != Went::On {
                return;
            }
            self.go_past(exchange, stage);
        }
    }

    /// All rule sets up to this one are through.
    fn go_past(&mut self, exchange: ExchangeId, stage: Stage) {
        let ruled = &mut self.exchanges[exchange].ruled;
        let before = core::mem::replace(&mut ruled.stage, stage.next());
        ruled.next = 0;
        ruled.inspect_until = None;
        if before == Stage::FrontContent && self.exchanges[exchange].request.is_some() {
            // What content rules turn away is no request for those who count them.
            self.note_event(exchange, tables::Event::Request);
        }
    }

    /// Whether nothing looks at the requests of a proxy on their way.
    fn passes_requests(&self, proxy: ProxyIndex) -> bool {
        let looks =
            Options::HTTP_BUFFER_REQUEST | Options::DROP_ODD_NAMES | Options::REFUSE_ODD_NAMES;
        let proxy = self.shared.proxy(proxy);
        proxy.rules.is_empty() && !proxy.options.intersects(looks) && proxy.stats.is_none()
    }

    /// `tcp-request content` of the frontend or of the backend. A `listen` is both: its rules run once,
    /// as those of the frontend.
    fn run_content(&mut self, exchange: ExchangeId, front: bool) -> Went {
        let x = &self.exchanges[exchange];
        let rules = &self.proxy(if front { x.frontend } else { x.backend }).rules;
        if rules.front_content.is_none() && rules.back_content.is_none() {
            return Went::On;
        }
        let Some((shared, proxy)) = self.stage_proxy(exchange, front) else {
            return Went::On;
        };
        let proxy = shared.proxy(proxy);
        let delay = proxy.rules.inspect_delay;
        if proxy.capability == Capability::Frontend {
            let set = proxy.rules.front_content.as_ref();
            self.run(exchange, set, delay, &shared, |scene| scene.front_content())
        } else {
            let set = proxy.rules.back_content.as_ref();
            self.run(exchange, set, delay, &shared, |scene| scene.back_content())
        }
    }

    /// `http-request` of the frontend or of the backend.
    fn run_requests(&mut self, exchange: ExchangeId, front: bool) -> Went {
        let Some((shared, proxy)) = self.stage_proxy(exchange, front) else {
            return Went::On;
        };
        let proxy = shared.proxy(proxy);
        if self.exchanges[exchange].request.is_none() {
            return Went::On;
        }
        if proxy.options.contains(Options::HTTP_BUFFER_REQUEST) && self.begin_buffering(exchange) {
            return Went::Waits;
        }
        if proxy.capability == Capability::Frontend {
            let set = proxy.rules.front_request.as_ref();
            self.run(exchange, set, None, &shared, |scene| scene.front_request())
        } else {
            let set = proxy.rules.back_request.as_ref();
            self.run(exchange, set, None, &shared, |scene| scene.back_request())
        }
    }

    /// `option http-restrict-req-hdr-names`, behind the rules of each proxy.
    fn restrict_names(&mut self, exchange: ExchangeId, proxy: ProxyIndex) -> Went {
        let options = self.shared.settings.proxies[proxy.0 as usize].options;
        let restricts = Options::DROP_ODD_NAMES | Options::REFUSE_ODD_NAMES;
        if !options.intersects(restricts) {
            return Went::On;
        }
        let Some(head) = &mut self.exchanges[exchange].request else {
            return Went::On;
        };
        let mut odd = false;
        head.remove_if(|_, name, _| {
            let plain = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
            let goes = !name.iter().all(plain);
            odd |= goes;
            goes
        });
        if !odd || options.contains(Options::DROP_ODD_NAMES) {
            return Went::On;
        }
        self.count_denied(exchange);
        self.note_event(exchange, tables::Event::ClientError);
        self.exchanges[exchange].terminate_at(Cause::Proxy, During::Request);
        self.answer(exchange, 403);
        Went::Ended
    }

    /// The proxy whose rules run; none if they ran already.
    fn stage_proxy(&self, exchange: ExchangeId, front: bool) -> Option<(Lent, ProxyIndex)> {
        let x = &self.exchanges[exchange];
        let proxy = if front { x.frontend } else { x.backend };
        let again = !front && x.backend == x.frontend;
        let quiet = self.proxy(proxy).rules.is_empty();
        let buffers = self
            .proxy(proxy)
            .options
            .contains(Options::HTTP_BUFFER_REQUEST);
        (!again && (!quiet || buffers)).then(|| (self.lent.clone(), proxy))
    }

    /// `use_backend`, then `default_backend`, then the proxy itself.
    fn switch(&mut self, exchange: ExchangeId) -> Went {
        if self.exchanges[exchange].in_backend {
            // Its backend is what made it HTTP.
            return Went::On;
        }
        let front = self.exchanges[exchange].frontend;
        let frontend = self.proxy(front);
        let default = frontend.backend;
        let rules = &frontend.rules;
        let first = rules.switches.iter().find_map(|rules| rules.get().first());
        let plain = rules.force_switch.is_none() && self.work.trail.is_none();
        let (forced, chosen) = match first {
            None if plain => (false, None),
            // Nothing is to be evaluated.
            Some(SwitchRule {
                gate: Gate {
                    condition: None, ..
                },
                to: Choice::This(backend),
            }) if plain && self.shared.is_eligible(*backend) => (false, Some(*backend)),
            Some(_) | None => self.switched(exchange),
        };
        // What a `listen` does not send elsewhere is its own.
        let own = self.proxy(front).capability.serves().then_some(front);
        let usable = |backend: &ProxyIndex| {
            forced || Some(*backend) == own || self.shared.is_eligible(*backend)
        };
        let chosen = chosen.or(default.filter(usable)).or(own);
        let x = &mut self.exchanges[exchange];
        let Some(backend) = chosen else {
            x.terminate_at(Cause::Server, During::Connect);
            self.answer(exchange, 503);
            return Went::Ended;
        };
        if backend != x.backend {
            // What rules of the frontend have set for servers, the backend sets anew.
            x.ruled
                .timeouts
                .retain(|(kind, _)| matches!(kind, TimeoutKind::Client | TimeoutKind::Tarpit));
            x.ruled.retries = None;
        }
        x.backend = backend;
        x.in_backend = true;
        if let Some(trail) = &mut self.work.trail {
            trail.backend(&self.shared.proxy(backend).name);
        }
        self.count_in_backend(&self.exchanges[exchange]);
        if self.proxy(backend).disabled {
            // Rules insist on it, but nothing of it was started.
            let x = &mut self.exchanges[exchange];
            x.terminate_at(Cause::Server, During::Connect);
            self.answer(exchange, 503);
            return Went::Ended;
        }
        match (self.proxy(backend).mode, self.exchanges[exchange].tunnel) {
            (Mode::Http, true) => {
                self.become_http(exchange, Proto::Unset);
                return Went::Ended;
            }
            (Mode::Tcp, false) => {
                // Requests cannot be sent there.
                self.exchanges[exchange].terminate_at(Cause::Internal, During::Request);
                self.answer(exchange, 500);
                return Went::Ended;
            }
            (Mode::Http, false) | (Mode::Tcp, true) => {}
        }
        self.rule_persistence(exchange);
        Went::On
    }

    /// Whether backends that are out of use are used nevertheless, and the backend of the first
    /// `use_backend` that holds and names one that is to be used. A name that nobody has leads to the
    /// default, past other rules.
    fn switched(&mut self, exchange: ExchangeId) -> (bool, Option<ProxyIndex>) {
        let shared = self.lent.clone();
        let rules = &shared.proxy(self.exchanges[exchange].frontend).rules;
        self.guess(exchange);
        self.lend_vars(exchange);
        let hand = hand!(self, shared);
        let x = &self.exchanges[exchange];
        let chosen = hand.asker(x).map_or((false, None), |asker| {
            let scene = hand.scene(asker, x, None);
            let context = scene.switching();
            let work = &mut self.work;
            let forced = rules.force_switch.as_ref().is_some_and(|gates| {
                let (gates, facts) = gates.with(&context);
                gates.iter().any(|gate| gate.is_open(&facts, work))
            });
            let Some(switches) = &rules.switches else {
                return (forced, None);
            };
            let (switches, facts) = switches.with(&context);
            let mut outlook = Outlook::default();
            let mut next = 0;
            while let Some((at, rule)) = switches.next(next, &facts, work, true, &mut outlook) {
                next = at + 1;
                if !rule.gate.is_open(&facts, work) {
                    continue;
                }
                let backend = match &rule.to {
                    Choice::This(backend) => Some(*backend),
                    Choice::Named(format) => {
                        let mut name = work.buffer();
                        put(format, &facts, work, &mut name);
                        let found = shared.backend_named(&name);
                        work.give(name);
                        found
                    }
                };
                match backend {
                    None => return (forced, None),
                    Some(backend) if forced || shared.is_eligible(backend) => {
                        return (forced, Some(backend));
                    }
                    Some(_) => {}
                }
            }
            (forced, None)
        });
        self.take_vars(exchange);
        chosen
    }

    /// `monitor fail`
    pub(crate) fn monitor_fails(&mut self, exchange: ExchangeId) -> bool {
        let frontend = self.exchanges[exchange].frontend;
        if self.proxy(frontend).rules.monitor_fail.is_none() {
            return false;
        }
        let shared = self.lent.clone();
        self.lend_vars(exchange);
        let hand = hand!(self, shared);
        let scene = hand.exchange(&self.exchanges[exchange], None);
        let conditions = shared.proxy(frontend).rules.monitor_fail.as_ref();
        let fails = scene.zip(conditions).is_some_and(|(scene, conditions)| {
            let context = scene.front_request();
            let (conditions, facts) = conditions.with(&context);
            let work = &mut self.work;
            conditions.iter().any(|it| it.is_open(&facts, work))
        });
        self.take_vars(exchange);
        fails
    }

    /// Goes through a rule set from where it stands.
    fn run<C: Checkpoint>(
        &mut self,
        exchange: ExchangeId,
        set: Option<&RuleSet<C>>,
        delay: Option<base::Duration>,
        shared: &Shared,
        context: impl for<'s> Fn(&'s Scene<'_>) -> Context<'s, C>,
    ) -> Went {
        let Some(set) = set else {
            return Went::On;
        };
        self.guess(exchange);
        self.lend_vars(exchange);
        let mut outlook = Outlook::default();
        let went = loop {
            let x = &self.exchanges[exchange];
            let last = self.has_all(x, delay);
            let hand = hand!(self, shared);
            let Some(asker) = hand.asker(x) else {
                break Went::Ended;
            };
            let mut scene = hand.scene(asker, x, None);
            scene.waited(last);
            let context = context(&scene);
            let (rules, facts) = set.with(&context);
            let next = x.ruled.next as usize;
            match advance(rules, next, &facts, &mut self.work, last, &mut outlook) {
                Step::Done => break Went::On,
                Step::Wait(at) => {
                    let ruled = &mut self.exchanges[exchange].ruled;
                    ruled.next = at as u32;
                    ruled.waiting = Some(rules[at].gate.spot.clone());
                    let until = *ruled
                        .inspect_until
                        .get_or_insert(self.now + delay.unwrap_or_default());
                    self.exchanges[exchange].phase = Phase::Waiting {
                        on: Wait::Content,
                        until,
                    };
                    break Went::Waits;
                }
                Step::Effect(at, effect) => {
                    let spot = &rules[at].gate.spot;
                    self.exchanges[exchange].ruled.next = at as u32 + 1;
                    // What it leads to may run other rule sets.
                    self.take_vars(exchange);
                    match self.perform(exchange, effect, spot, rules_of::<C>()) {
                        // There is no rule left that a scene would be for.
                        After::Next if at + 1 == rules.len() => return Went::On,
                        After::Next => self.lend_vars(exchange),
                        After::Allow => return Went::On,
                        After::Wait => {
                            let x = &mut self.exchanges[exchange];
                            if !matches!(
                                x.phase,
                                Phase::Waiting {
                                    on: Wait::Tarpit,
                                    ..
                                }
                            ) {
                                x.ruled.waiting = Some(spot.clone());
                            }
                            self.touch(exchange);
                            return Went::Waits;
                        }
                        After::Ended => return Went::Ended,
                    }
                }
            }
        };
        self.take_vars(exchange);
        if went == Went::Waits {
            self.touch(exchange);
        }
        went
    }

    /// Nothing more will come that content rules could wait for. A request that is complete is none the
    /// less waited with: only in TCP mode is its end that of the client.
    fn has_all(&self, x: &Exchange, delay: Option<base::Duration>) -> bool {
        let ended = x.tunnel && is_complete(&self.conns, x);
        let late = x.ruled.inspect_until.is_some_and(|until| until <= self.now);
        delay.is_none() || ended || late || self.is_full(&x.held)
    }

    /// The variables of an exchange go where expressions find them.
    pub(crate) fn lend_vars(&mut self, exchange: ExchangeId) {
        let Some(x) = self.exchanges.get_mut(exchange) else {
            return;
        };
        self.work.now = self.now;
        if !self.shared.settings.vars.are_scoped() {
            return;
        }
        let vars = &mut self.work.vars;
        vars.transaction = core::mem::take(&mut x.ruled.transaction);
        vars.exchange = core::mem::take(&mut x.ruled.exchange);
        vars.responding = x.responding();
        let turns = vars.responding && !core::mem::replace(&mut x.ruled.are_of_response, true);
        let of_request = turns.then(|| core::mem::take(&mut vars.exchange));
        if let Some(conn) = self.conns.get_mut(x.client.conn)
            && let crate::conn::Side::Client(client) = &mut conn.side
        {
            vars.session = core::mem::take(&mut client.vars);
        }
        self.drop_vars(of_request);
    }

    /// And back.
    pub(crate) fn take_vars(&mut self, exchange: ExchangeId) {
        if !self.shared.settings.vars.are_scoped() {
            return;
        }
        let vars = &mut self.work.vars;
        let (transaction, of_exchange, session) = (
            core::mem::take(&mut vars.transaction),
            core::mem::take(&mut vars.exchange),
            core::mem::take(&mut vars.session),
        );
        let Some(x) = self.exchanges.get_mut(exchange) else {
            return self.drop_vars([transaction, of_exchange, session]);
        };
        x.ruled.transaction = transaction;
        x.ruled.exchange = of_exchange;
        if let Some(conn) = self.conns.get_mut(x.client.conn)
            && let crate::conn::Side::Client(client) = &mut conn.side
        {
            client.vars = session;
        } else {
            self.drop_vars([session]);
        }
    }

    /// Nobody asks for these variables any more.
    pub(crate) fn drop_vars(&mut self, scopes: impl IntoIterator<Item = Vars>) {
        for vars in scopes {
            self.work.forget(vars);
        }
    }

    /// What a rule waited for has come, or its time is up.
    pub(crate) fn resume(&mut self, exchange: ExchangeId) {
        let x = &mut self.exchanges[exchange];
        let Phase::Waiting { on, .. } = x.phase else {
            return;
        };
        x.phase = Phase::Forwarding;
        x.ruled.waiting = None;
        // What tarpits is told of as if it were a queue.
        if on != Wait::Tarpit {
            x.note_request_waited(self.now);
        }
        match on {
            Wait::Content | Wait::Body { .. } | Wait::Pause => self.proceed(exchange),
            Wait::Tarpit => self.end_tarpit(exchange),
            // Nobody made the page.
            Wait::Page => self.answer(exchange, 500),
        }
        self.touch(exchange);
    }
}

/// What lines call the rule sets at `C`.
pub(crate) fn rules_of<C: Checkpoint>() -> RuleKind {
    let place = C::PLACE;
    if place == FrontendContent::PLACE || place == BackendContent::PLACE {
        RuleKind::Content
    } else if place == FrontendReply::PLACE || place == BackendReply::PLACE {
        RuleKind::Reply
    } else if place.step < BackendReply::PLACE.step {
        RuleKind::Request
    } else {
        RuleKind::Response
    }
}
