//! Which server a request is bound to, before one is chosen for it: `use-server`, `cookie`, `stick`.

use crate::engine::Engine;
use crate::rules::hand;
use crate::shared::Shared;
use alloc::sync::Arc;
use balance::{Address, ServerIndex, ServerSettings, ServerState};
use message::Head;
use sample::facts::Facts;
use sample::{Type, Value, Work};
use session::persist::{Holder, answer, present, rdp_address};
use session::rules::{Choice, Persist, StickRule, StickUses, put};
use session::settings::{Options, ProxyIndex};
use session::{Exchange, ExchangeId};
use tables::{DataType, Entry, ServerKey};

impl Engine {
    /// `force-persist` and `ignore-persist` of the backend a request has come to: the first that holds.
    pub(crate) fn rule_persistence(&mut self, exchange: ExchangeId) {
        let backend = self.exchanges[exchange].backend;
        if self.proxy(backend).rules.persist.is_none() {
            return;
        }
        let shared = self.lent.clone();
        let Some(rules) = &shared.proxy(backend).rules.persist else {
            return;
        };
        self.lend_vars(exchange);
        let hand = hand!(self, shared);
        let scene = hand.exchange(&self.exchanges[exchange], None);
        let kind = scene.and_then(|scene| {
            let (rules, facts) = rules.with(&scene.server_choice());
            let mut rules = rules.iter();
            let found = rules.find(|rule| rule.gate.is_open(&facts, &mut self.work));
            found.map(|rule| rule.kind)
        });
        self.take_vars(exchange);
        let tie = &mut self.exchanges[exchange].ruled.tie;
        match kind {
            Some(Persist::Force) => tie.forced = true,
            Some(Persist::Ignore) => tie.ignored = true,
            None => {}
        }
    }

    /// Looks whether a request that is through all rules is bound to a server.
    pub(crate) fn bind(&mut self, exchange: ExchangeId) {
        let rules = &self.proxy(self.exchanges[exchange].backend).rules;
        let (ruled, stuck) = (rules.servers.is_some(), rules.stick.is_some());
        if ruled {
            let server = self.ruled_server(exchange, &self.lent.clone());
            self.hold(exchange, server);
        }
        self.read_cookie(exchange);
        if stuck {
            let server = self.stuck_server(exchange, &self.lent.clone());
            if self.exchanges[exchange].ruled.tie.server.is_none() {
                self.hold(exchange, server);
            }
        }
        if self.exchanges[exchange].ruled.tie.server.is_none() {
            self.read_rdp_cookie(exchange);
        }
    }

    /// `persist rdp-cookie`: the server that has the address in it.
    fn read_rdp_cookie(&mut self, exchange: ExchangeId) {
        let x = &self.exchanges[exchange];
        if self.proxy(x.backend).rules.rdp_cookie.is_none() {
            return;
        }
        let shared = self.lent.clone();
        let servers = Servers::of(&shared, x);
        let expr = shared.proxy(x.backend).rules.rdp_cookie.as_ref();
        let hand = hand!(self, shared);
        let scene = hand.exchange(x, None);
        let named = scene.zip(expr).and_then(|(scene, expr)| {
            let (expr, facts) = expr.with(&scene.server_choice());
            let value = expr.value_as(Type::Text, &facts, &mut self.work).found()?;
            let named = match &value {
                Value::Text(text) => rdp_address(text),
                _ => None,
            };
            self.work.done(value);
            named
        });
        if let Some(address) = named {
            let address = Address::Ip(address.into());
            let server = servers.first(|it| it.address == address);
            self.hold(exchange, server);
        }
    }

    fn hold(&mut self, exchange: ExchangeId, server: Holder) {
        let tie = &mut self.exchanges[exchange].ruled.tie;
        match server {
            Holder::Usable(server) => tie.server = Some(server),
            Holder::Insisted(server) => {
                tie.server = Some(server);
                tie.insists = true;
            }
            Holder::Nobody | Holder::Down => {}
        }
    }

    /// The server of the first `use-server` that holds and names one that can be used.
    fn ruled_server(&mut self, exchange: ExchangeId, shared: &Shared) -> Holder {
        let x = &self.exchanges[exchange];
        let servers = Servers::of(shared, x);
        let Some(rules) = &shared.proxy(x.backend).rules.servers else {
            return Holder::Nobody;
        };
        self.lend_vars(exchange);
        let hand = hand!(self, shared);
        let scene = hand.exchange(&self.exchanges[exchange], None);
        let found = scene.and_then(|scene| {
            let (rules, facts) = rules.with(&scene.server_choice());
            rules.iter().find_map(|rule| {
                if !rule.gate.is_open(&facts, &mut self.work) {
                    return None;
                }
                let server = match &rule.to {
                    Choice::This(server) => servers.holder(*server),
                    Choice::Named(format) => {
                        let mut name = self.work.buffer();
                        put(format, &facts, &mut self.work, &mut name);
                        let server = servers.first(|it| it.name.as_bytes() == name);
                        self.work.give(name);
                        server
                    }
                };
                matches!(server, Holder::Usable(_) | Holder::Insisted(_)).then_some(server)
            })
        });
        self.take_vars(exchange);
        found.unwrap_or(Holder::Nobody)
    }

    /// `cookie`: what the request's cookie names, unless something else has chosen; and what servers are
    /// not to see of it is taken out.
    pub(crate) fn read_cookie(&mut self, exchange: ExchangeId) {
        let x = &mut self.exchanges[exchange];
        let proxy = self.shared.proxy(x.backend);
        let servers = Servers::of(&self.shared, x);
        let (Some(cookie), Some(head), false) = (&proxy.cookie, &mut x.request, x.ruled.tie.read)
        else {
            return;
        };
        let open = !x.ruled.tie.ignored && x.ruled.tie.server.is_none();
        let now = self.epoch.wall_nanos(self.now) / NANOS;
        let mut holder = |value: &[u8]| {
            servers.first(|it| it.cookie.as_ref().is_some_and(|it| it.as_bytes() == value))
        };
        let mut buffer = self.work.buffer();
        let presented = present(head, cookie, open, now, &mut holder, &mut buffer);
        self.work.give(buffer);
        let tie = &mut x.ruled.tie;
        tie.read = true;
        tie.cookies.request = presented.letter;
        tie.dates = presented.dates;
        self.hold(exchange, presented.holder);
    }

    /// `cookie` of a request that is denied: the log tells whose client it was.
    pub(crate) fn log_cookie(&mut self, exchange: ExchangeId) {
        self.read_cookie(exchange);
        let x = &mut self.exchanges[exchange];
        x.last_server = x.ruled.tie.server;
    }

    /// `cookie` in a response that goes on to the client.
    pub(crate) fn answer_cookie(&mut self, exchange: ExchangeId, head: &mut Head) {
        let x = &mut self.exchanges[exchange];
        let proxy = self.shared.proxy(x.backend);
        let (Some(cookie), Some(request)) = (&proxy.cookie, &x.request) else {
            return;
        };
        let server = x
            .last_server
            .map(|server| &proxy.servers[server.0 as usize]);
        let value = server.and_then(|server| server.cookie.as_ref());
        let value = value.map(|value| value.as_bytes());
        let now = self.epoch.wall_nanos(self.now) / NANOS;
        let mut buffer = self.work.buffer();
        let method = request.method();
        let tie = &x.ruled.tie;
        let letter = answer(head, method, cookie, tie, value, now, &mut buffer);
        self.work.give(buffer);
        x.ruled.tie.cookies.response = letter;
    }

    /// `stick match` and `stick store-request`: the server that a table knows, and what tables are to
    /// learn once it is known who has served the request.
    fn stuck_server(&mut self, exchange: ExchangeId, shared: &Shared) -> Holder {
        let x = &self.exchanges[exchange];
        let servers = Servers::of(shared, x);
        let (backend, mut bound) = (x.backend, x.ruled.tie.server.is_some());
        let Some(rules) = &shared.proxy(backend).rules.stick else {
            return Holder::Nobody;
        };
        let mut found = Holder::Nobody;
        let mut lessons = core::mem::take(&mut self.exchanges[exchange].ruled.tie.lessons);
        self.lend_vars(exchange);
        let hand = hand!(self, shared);
        if let Some(scene) = hand.exchange(&self.exchanges[exchange], None) {
            let (rules, facts) = rules.with(&scene.server_choice());
            for rule in rules {
                let Some(key) = key_of(rule, &lessons, &facts, &mut self.work) else {
                    continue;
                };
                if rule.uses.contains(StickUses::MATCH) && !bound {
                    let known = key.clone();
                    let entry = sample::stick::with_key(
                        known,
                        rule.table,
                        &mut self.work,
                        |table, key, now| {
                            let entry = table.hold(key, now)?;
                            entry.touch(now);
                            servers.known_to(&entry)
                        },
                    );
                    if let Some(server) = entry.flatten() {
                        found = servers.holder(server);
                        bound = !matches!(found, Holder::Nobody | Holder::Down);
                    }
                }
                if rule.uses.contains(StickUses::STORE) {
                    lessons.push((rule.table, key.into_owned()));
                } else {
                    self.work.done(key);
                }
            }
        }
        self.take_vars(exchange);
        self.exchanges[exchange].ruled.tie.lessons = lessons;
        found
    }

    /// It is known who serves an exchange: stick tables learn it. `response` is what `stick
    /// store-response` looks at.
    pub(crate) fn learn(&mut self, exchange: ExchangeId, response: Option<&Head>) {
        let x = &mut self.exchanges[exchange];
        let proxy = self.shared.proxy(x.backend);
        let mut lessons = core::mem::take(&mut x.ruled.tie.lessons);
        if lessons.is_empty() && proxy.rules.learn.is_none() {
            return;
        }
        let (backend, server) = (x.backend, x.last_server);
        let shared = self.lent.clone();
        if let Some(rules) = &shared.proxy(backend).rules.learn {
            // Each table may learn one thing of the request and one of the response.
            let mut of_response = alloc::vec::Vec::new();
            self.lend_vars(exchange);
            let hand = hand!(self, shared);
            if let Some(scene) = hand.exchange(&self.exchanges[exchange], response) {
                let (rules, facts) = rules.with(&scene.store_response());
                for rule in rules {
                    if lessons.len() + of_response.len() == LESSONS_MAX {
                        break;
                    }
                    if let Some(key) = key_of(rule, &of_response, &facts, &mut self.work) {
                        of_response.push((rule.table, key.into_owned()));
                    }
                }
            }
            self.take_vars(exchange);
            lessons.append(&mut of_response);
        }
        let server = server.map(|server| &shared.proxy(backend).servers[server.0 as usize]);
        for (table, key) in lessons {
            match server {
                Some(server) if !server.non_stick => {
                    sample::stick::with_key(key, table, &mut self.work, |table, key, now| {
                        // A table that is full learns nothing.
                        if let Ok(entry) = table.hold_or_make(key, now) {
                            tell(&entry, server, now);
                        }
                    });
                }
                Some(_) | None => self.work.done(key),
            }
        }
    }
}

/// What a rule's key is for this request; nothing if the rule does not apply, or if its table learns
/// something else already.
fn key_of<'a>(
    rule: &'a StickRule,
    lessons: &[(u32, Value<'static>)],
    facts: &Facts<'a>,
    work: &mut Work,
) -> Option<Value<'a>> {
    if rule.uses.contains(StickUses::STORE)
        && (lessons.len() >= LESSONS_MAX || lessons.iter().any(|(table, _)| *table == rule.table))
    {
        return None;
    }
    if !rule.gate.is_open(facts, work) {
        return None;
    }
    rule.key.value(facts, work).found()
}

/// An entry learns who has served its key.
fn tell(entry: &Entry, server: &ServerSettings, now: base::Instant) {
    entry.set(DataType::ServerId, 0, server.id.into(), now);
    let known = entry.server_key();
    match (entry.definition().server_key, &server.address) {
        (ServerKey::Name, _) => {
            if known.as_deref() != Some(&*server.name) {
                entry.set_server_key(Some(Arc::from(&*server.name)), now);
            }
        }
        (ServerKey::Address, Address::Ip(address)) => {
            let text = alloc::format!("{address}");
            entry.set_server_key(Some(text.into()), now);
        }
        (ServerKey::Address, _) => entry.set_server_key(None, now),
    }
}

/// The servers of an exchange's backend.
#[derive(Clone, Copy)]
struct Servers<'a> {
    shared: &'a Shared,
    backend: ProxyIndex,
    /// Those that are down are used as well (`option persist`, `force-persist`).
    insists: bool,
}

impl<'a> Servers<'a> {
    fn of(shared: &'a Shared, x: &Exchange) -> Self {
        let options = shared.proxy(x.backend).options;
        Self {
            shared,
            backend: x.backend,
            insists: x.ruled.tie.forced || options.contains(Options::PERSIST),
        }
    }

    fn settings(&self) -> &'a [ServerSettings] {
        &self.shared.proxy(self.backend).servers
    }

    /// Whether a server can be used.
    fn holder(&self, server: ServerIndex) -> Holder {
        let backend = self.shared.backends[self.backend.0 as usize].lock();
        match backend.server(server).state {
            ServerState::Up | ServerState::Drain => Holder::Usable(server),
            ServerState::Maintenance if self.insists => Holder::Insisted(server),
            ServerState::Maintenance => Holder::Down,
        }
    }

    /// The first of some servers that can be used.
    fn first(&self, is: impl Fn(&ServerSettings) -> bool) -> Holder {
        let mut found = Holder::Nobody;
        for (at, _) in (0..).zip(self.settings()).filter(|(_, it)| is(it)) {
            found = self.holder(ServerIndex(at));
            if found != Holder::Down {
                break;
            }
        }
        found
    }

    /// The server that an entry of a stick table knows: by its key, else by its id.
    fn known_to(&self, entry: &Entry) -> Option<ServerIndex> {
        let servers = self.settings();
        let key = entry.server_key();
        let by_key = key.and_then(|key| match entry.definition().server_key {
            ServerKey::Name => servers.iter().position(|it| *it.name == *key),
            ServerKey::Address => {
                let address = Address::Ip(key.parse().ok()?);
                servers.iter().position(|it| it.address == address)
            }
        });
        let id = entry.number(DataType::ServerId, 0, base::Instant::ZERO);
        let by_id = || servers.iter().position(|it| Some(it.id.into()) == id);
        let at = by_key.or_else(by_id)?;
        Some(ServerIndex(at as u32))
    }
}

/// Nanoseconds of a second.
const NANOS: u64 = 1_000_000_000;

/// How many things stick tables may learn of one exchange (`stick store-request`).
const LESSONS_MAX: usize = 8;
