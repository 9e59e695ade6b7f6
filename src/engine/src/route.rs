//! From a request to a server: choose, queue, connect or reuse, try again.

use crate::conn::{Connection, ServerSide, Side};
use crate::count::Rows;
use crate::edits;
use crate::engine::{Engine, cx};
use crate::output::{ConnectError, Output};
use crate::reuse::destination;
use crate::rules::connection::ends;
use alloc::boxed::Box;
use balance::{Address, Assigned, Priority, QueuePlace, ServerIndex, Ticket, Want, Woken};
use base::Duration;
use core::net::SocketAddr;
use message::Machine;
use pool::Place;
use sample::format::Origin;
use session::Ends;
use session::settings::{Options, Proxy, ProxyIndex};
use session::{Cause, ConnId, During, ExchangeId, Flow, Link, Phase};
use slotmap::{Key, KeyData};

impl Engine {
    /// All rules are through: sets an exchange on its way to a server.
    pub(crate) fn depart(&mut self, exchange: ExchangeId) {
        let x = &mut self.exchanges[exchange];
        // What waited for rules goes on.
        x.phase = Phase::Forwarding;
        let (frontend, backend) = (x.frontend, x.backend);
        self.send_name(exchange);
        self.bind(exchange);
        let guess = core::mem::take(&mut self.exchanges[exchange].ruled.guess);
        self.forget(guess);
        self.add_forwarded(exchange);
        let Ends { peer, local } = ends(&self.conns, &self.exchanges[exchange]);
        let x = &mut self.exchanges[exchange];
        if let Some(head) = &mut x.request {
            let frontend = self.shared.proxy(frontend);
            let backend = self.shared.proxy(backend);
            edits::on_request(head, frontend, backend, peer, local);
        }
        self.assign(exchange);
    }

    /// A server that is bound to the request, or any.
    fn assign(&mut self, exchange: ExchangeId) {
        let want = self.exchanges[exchange].ruled.tie.want();
        let mut assigned = self.ask(exchange, want);
        let x = &mut self.exchanges[exchange];
        let redispatches = self.shared.proxy(x.backend).redispatch.is_some();
        let unbound = want.only.is_some()
            && match assigned {
                // It was taken out of use meanwhile.
                Assigned::NoServer => true,
                Assigned::QueueFull(_) => redispatches && !x.ruled.tie.forced,
                Assigned::Server(_) | Assigned::Queued { .. } => false,
            };
        if unbound {
            x.ruled.tie.server = None;
            assigned = self.ask(exchange, Want::default());
        }
        self.follow(exchange, assigned);
    }

    fn ask(&mut self, exchange: ExchangeId, mut want: Want) -> Assigned {
        let ticket = self.ticket(exchange);
        if want.only.is_none() {
            want.hash = self.hash_of(exchange);
        }
        let x = &self.exchanges[exchange];
        let backend = x.backend;
        want.priority = Priority {
            class: x.ruled.priority_class,
            at: self.now.as_millis() as i64 + i64::from(x.ruled.priority_offset),
        };
        let assigned = self.shared.backends[backend.0 as usize]
            .lock()
            .assign(ticket, want);
        let chosen = match assigned {
            Assigned::Server(server)
            | Assigned::Queued {
                place: QueuePlace::Server(server),
                ..
            }
            | Assigned::QueueFull(server) => Some(server),
            Assigned::Queued {
                place: QueuePlace::Backend,
                ..
            }
            | Assigned::NoServer => None,
        };
        // A slot that is handed over later is no choice, nor is a server that was asked for. What a hash
        // names is one, whether or not there is room.
        if want.only.is_none()
            && let Some(server) = chosen
        {
            let counters = self.counters(backend);
            counters.backend.lbtot.add(1);
            counters.servers[server.0 as usize].lbtot.add(1);
        }
        if let Assigned::Server(server) = assigned {
            self.hold_slot(exchange, server);
        }
        self.wake(backend);
        assigned
    }

    fn follow(&mut self, exchange: ExchangeId, assigned: Assigned) {
        let x = &mut self.exchanges[exchange];
        match assigned {
            Assigned::Server(server) => self.join(exchange, server),
            Assigned::Queued { place, ahead } => {
                x.phase = Phase::Queued { since: self.now };
                let backend = x.backend;
                // Those ahead are as many as wait now: one of them is being served.
                match place {
                    QueuePlace::Server(server) => {
                        x.ahead.server += ahead;
                        x.last_server = Some(server);
                        let of = &self.counters(backend).servers[server.0 as usize];
                        of.qmax.raise_to(ahead.into());
                    }
                    QueuePlace::Backend => {
                        x.ahead.backend += ahead;
                        let of = &self.counters(backend).backend;
                        of.qmax.raise_to(ahead.into());
                    }
                }
            }
            Assigned::QueueFull(_) => {
                x.terminate_at(Cause::Server, During::Queue);
                let server = x.last_server;
                self.count_unconnected(&self.exchanges[exchange], server);
                self.answer(exchange, 503);
            }
            Assigned::NoServer => {
                x.terminate_at(Cause::Server, During::Connect);
                self.count_unconnected(&self.exchanges[exchange], None);
                self.answer(exchange, 503);
            }
        }
    }

    fn ticket(&self, exchange: ExchangeId) -> Ticket {
        Ticket {
            worker: self.worker,
            exchange: exchange.data().as_ffi(),
        }
    }

    /// The exchange holds a slot on `server` from now on.
    fn hold_slot(&mut self, exchange: ExchangeId, server: ServerIndex) {
        let x = &mut self.exchanges[exchange];
        x.slot = Some(server);
        x.last_server = Some(server);
        x.times.assigned = Some(self.now);
        let backend = x.backend;
        self.count_served(backend, server);
    }

    /// Reuses a connection to the server on which the exchange holds a slot, or opens one.
    fn join(&mut self, exchange: ExchangeId, server: ServerIndex) {
        self.choose_source(exchange, server);
        self.name_connection(exchange, server);
        if self.introduce(exchange, server).is_err() {
            let x = &mut self.exchanges[exchange];
            x.terminate_at(Cause::Proxy, During::Connect);
            self.count_unconnected(&self.exchanges[exchange], Some(server));
            self.release_slot(exchange);
            return self.answer(exchange, 503);
        }
        match self.pick(exchange, server) {
            Some(conn) => self.reuse_found(exchange, conn),
            None if self.ask_others(exchange, server) => {}
            None => self.connect(exchange, server),
        }
    }

    /// An exchange goes on a connection that carried others before.
    pub(crate) fn reuse_found(&mut self, exchange: ExchangeId, conn: ConnId) {
        let x = &self.exchanges[exchange];
        let counters = self.counters(x.backend);
        counters.backend.reuse.add(1);
        if let Some(server) = x.slot {
            counters.servers[server.0 as usize].reuse.add(1);
        }
        self.exchanges[exchange].replayable = self.may_replay(exchange);
        self.link(exchange, conn);
    }

    /// A request without a body whose method is idempotent may be sent again when the server closed
    /// a reused connection before its first byte of an answer (RFC 9110 §9.2.2).
    fn may_replay(&self, exchange: ExchangeId) -> bool {
        let request = self.exchanges[exchange].request.as_deref();
        request.is_some_and(|head| {
            head.framing == message::Framing::None
                && matches!(head.method(), b"GET" | b"HEAD" | b"OPTIONS" | b"TRACE")
        })
    }

    pub(crate) fn connect(&mut self, exchange: ExchangeId, server: ServerIndex) {
        let x = &self.exchanges[exchange];
        let backend = x.backend;
        let local = ends(&self.conns, x).local;
        let proxy = self.proxy(backend);
        let settings = &proxy.servers[server.0 as usize];
        if settings.address == Address::Reversed {
            return self.find_nobody(exchange, server);
        }
        let from = self.local_end(x, server);
        let probes = proxy.options.contains(Options::SRVTCPKA);
        let Some(to) = self.address(&settings.address, local) else {
            let x = &mut self.exchanges[exchange];
            x.terminate_at(Cause::Server, During::Connect);
            return self.answer(exchange, 503);
        };
        if !self.may_open(exchange, server) {
            return self.attempt_failed(exchange, Cause::Resource);
        }
        let wire = self.machine_for_server(backend, server);
        let side = Side::Server(ServerSide {
            backend,
            server,
            opened_for: exchange,
            // Its bound is well below.
            unsaid: self.exchanges[exchange].ruled.introduction.len() as u16,
        });
        let conn = Box::new(Connection::new(wire, side, self.now, false));
        let conn = self.open(exchange, server, conn);
        let counters = self.counters(backend);
        counters.backend.connect.add(1);
        counters.servers[server.0 as usize].connect.add(1);
        self.exchanges[exchange].phase = Phase::Connecting {
            since: self.now,
            conn,
        };
        self.outputs.push_back(Output::Connect {
            conn,
            to,
            from,
            probes,
        });
    }

    /// The address to connect to.
    fn address(&self, address: &Address, local: Option<SocketAddr>) -> Option<Address> {
        match address {
            Address::Unix(_) | Address::Abstract(_) => Some(address.clone()),
            Address::Ip(_) | Address::IpPortOf { .. } => {
                destination(address, local).map(Address::Ip)
            }
            Address::Unresolved(_) | Address::Reversed => None,
        }
    }

    pub(crate) fn on_connected(&mut self, id: ConnId) {
        let Some(conn) = self.conns.get_mut(id) else {
            return;
        };
        conn.established = true;
        if let Some(exchange) = self.waits_for(id) {
            self.link(exchange, id);
            self.touch(exchange);
        }
        // Its introduction goes out even if nothing follows yet.
        self.stir(id);
    }

    /// The exchange for which a connection is being established.
    fn waits_for(&self, id: ConnId) -> Option<ExchangeId> {
        match (self.conns.place(id)?, &self.conns.get(id)?.side) {
            (Place::New { .. }, Side::Server(server)) => Some(server.opened_for),
            _ => None,
        }
    }

    /// Joins an exchange to a connection that has room for it, and sends the request.
    fn link(&mut self, exchange: ExchangeId, id: ConnId) {
        let conn = &mut self.conns[id];
        let Some(stream) = conn.wire.open(cx!(self)) else {
            unreachable!("a connection was chosen that has no capacity");
        };
        conn.streams.insert(stream, exchange);
        self.timers.cancel(&conn.timer);
        let x = &mut self.exchanges[exchange];
        let client = x.client.conn;
        x.server = Some(Link { conn: id, stream });
        x.phase = Phase::Forwarding;
        if x.times.connected.replace(self.now).is_none()
            && let Some(server) = Rows::of(&self.shared, self.worker, x).server
        {
            // What came until now is for this server; another try brings nothing new.
            server.bin.add(x.bytes_in);
        }
        x.server_at = self.now;
        let backend = x.backend;
        if let Some(head) = x.request.take() {
            let options = self.proxy(backend).options;
            let conn = &mut self.conns[id];
            if options.intersects(Options::HTTP_SERVER_CLOSE | Options::HTTPCLOSE)
                && !options.contains(Options::HTTP_PRETEND_KEEPALIVE)
            {
                conn.wire.close_after();
            }
            conn.wire.send_head(cx!(self), stream, &head);
            let sent = head.wire_bytes() as u64;
            let x = &mut self.exchanges[exchange];
            if x.upload == Flow::Done && !x.tunnel {
                // It was sent before, and is complete.
                conn.wire.send_end(cx!(self), stream);
            }
            x.request = Some(head);
            let rows = Rows::of(&self.shared, self.worker, x);
            rows.request_out(sent);
        }
        if self.exchanges[exchange].tunnel && !self.learns_of_reply(exchange) {
            // In HTTP the response says who has served the request.
            self.learn(exchange, None);
        }
        // Who else fits is known now: a request for another protocol may let nobody else come in.
        self.attached(id, client);
        self.log_step(exchange, Origin::Connect);
        self.pump_upload(exchange);
        self.rule_first_reply(exchange);
    }

    pub(crate) fn on_connect_failed(&mut self, id: ConnId, error: ConnectError) {
        let Some(exchange) = self.waits_for(id) else {
            if let Some(backend) = self.dialed_backend(id) {
                self.tell_unconnected(backend, error);
                self.close(id, false);
            }
            return;
        };
        self.tell_unconnected(self.exchanges[exchange].backend, error);
        self.close(id, false);
        if let ConnectError::Resource | ConnectError::NoPort = error {
            // The next attempt may then succeed.
            self.drop_idle();
        }
        let (cause, pause) = match error {
            ConnectError::Refused => (Cause::Server, PAUSE_MAX),
            ConnectError::Resource => (Cause::Resource, PAUSE_MAX),
            // No server was asked, none needs time: what is in our way may be so for one of them alone.
            ConnectError::NoPort | ConnectError::Source { .. } => (Cause::Server, Duration::ZERO),
        };
        self.attempt_failed_for(exchange, cause, pause);
        self.touch(exchange);
    }

    /// Tells the operator of what only an operator can mend.
    fn tell_unconnected(&mut self, backend: ProxyIndex, error: ConnectError) {
        match error {
            ConnectError::Refused | ConnectError::Resource => return,
            ConnectError::NoPort | ConnectError::Source { .. } => {}
        }
        let (now, told) = (self.now, &mut self.told_unconnected);
        match told.iter_mut().find(|(of, _)| *of == backend) {
            Some((_, at)) if now < *at + TOLD_EVERY => return,
            Some((_, at)) => *at = now,
            None => told.push((backend, now)),
        }
        self.outputs
            .push_back(Output::Unconnected { backend, error });
    }

    /// A connection attempt failed: try again, here or elsewhere, or give up.
    pub(crate) fn attempt_failed(&mut self, exchange: ExchangeId, cause: Cause) {
        self.attempt_failed_for(exchange, cause, PAUSE_MAX);
    }

    /// The same; the same server is not tried again before a pause.
    fn attempt_failed_for(&mut self, exchange: ExchangeId, cause: Cause, pause: Duration) {
        let x = &mut self.exchanges[exchange];
        let (backend, server) = (x.backend, x.slot);
        let proxy = &self.shared.settings.proxies[backend.0 as usize];
        let most = x.retries_max(proxy);
        if x.retries >= most {
            x.terminate_at(cause, During::Connect);
            self.count_unconnected(&self.exchanges[exchange], server);
            self.release_slot(exchange);
            return self.answer(exchange, 503);
        }
        x.retries += 1;
        let retry = x.retries;
        let (forced, tied) = (x.ruled.tie.forced, x.ruled.tie.server.is_some());
        let choice = !tied && self.has_choice(backend);
        let elsewhere = !forced && redispatches(proxy, most, retry, choice);
        let pause = proxy.timeouts.connect.unwrap_or(pause).min(pause);
        if elsewhere {
            self.release_slot(exchange);
            self.exchanges[exchange].ruled.tie.redispatch();
            let want = Want {
                avoid: server,
                ..Want::default()
            };
            let assigned = self.ask(exchange, want);
            if !matches!(assigned, Assigned::Server(same) if Some(same) == server) {
                self.note_redispatch(exchange, server);
                return self.follow(exchange, assigned);
            }
        }
        // A retry elsewhere is a redispatch, and no `wretr`.
        let counters = self.counters(backend);
        counters.backend.wretr.add(1);
        if let Some(server) = server {
            counters.servers[server.0 as usize].wretr.add(1);
        }
        self.exchanges[exchange].phase = Phase::Pausing {
            until: self.now + pause,
        };
    }

    fn has_choice(&self, backend: ProxyIndex) -> bool {
        self.shared.backends[backend.0 as usize].lock().has_choice()
    }

    fn note_redispatch(&mut self, exchange: ExchangeId, from: Option<ServerIndex>) {
        let x = &mut self.exchanges[exchange];
        x.redispatched = true;
        let backend = x.backend;
        let counters = self.counters(backend);
        counters.backend.wredis.add(1);
        if let Some(from) = from {
            counters.servers[from.0 as usize].wredis.add(1);
        }
    }

    /// The pause before another attempt on the same server is over.
    pub(crate) fn attempt_again(&mut self, exchange: ExchangeId) {
        let x = &self.exchanges[exchange];
        match x.slot {
            Some(server) => {
                let backend = x.backend;
                let choice = x.ruled.tie.server.is_none() && self.has_choice(backend);
                let proxy = self.proxy(backend);
                if redispatches(proxy, x.retries_max(proxy), x.retries, choice) {
                    // It was to go elsewhere, and this one was chosen again.
                    self.exchanges[exchange].times.assigned = Some(self.now);
                }
                self.count_session(backend, server);
                self.connect(exchange, server);
            }
            None => self.assign(exchange),
        }
        self.touch(exchange);
    }

    /// Gives back the slot an exchange holds on a server.
    pub(crate) fn release_slot(&mut self, exchange: ExchangeId) {
        let x = &mut self.exchanges[exchange];
        let Some(server) = x.slot.take() else {
            return;
        };
        let backend = x.backend;
        self.counters(backend).servers[server.0 as usize]
            .scur
            .sub(1);
        self.return_slot(backend, server);
    }

    fn return_slot(&mut self, backend: ProxyIndex, server: ServerIndex) {
        let next = self.shared.backends[backend.0 as usize]
            .lock()
            .release(server);
        if let Some((ticket, server)) = next {
            self.grant(backend, ticket, Some(server));
        }
        self.wake(backend);
    }

    /// A queued exchange gives up its place.
    pub(crate) fn leave_queue(&mut self, exchange: ExchangeId) {
        let ticket = self.ticket(exchange);
        let backend = self.exchanges[exchange].backend;
        // If a slot is on its way from another worker, `on_granted` gives it back.
        self.shared.backends[backend.0 as usize]
            .lock()
            .leave(ticket);
    }

    /// Passes on what a change of a backend's load or servers leads to.
    pub(crate) fn wake(&mut self, backend: ProxyIndex) {
        loop {
            let woken = self.shared.backends[backend.0 as usize].lock().poll_woken();
            match woken {
                Some(Woken::Serve(ticket, server)) => self.grant(backend, ticket, Some(server)),
                Some(Woken::AskAgain(ticket)) => self.grant(backend, ticket, None),
                None => return,
            }
        }
    }

    /// A slot goes to a waiting exchange of this worker or another. Either way through an output: the
    /// one who gives must not find itself in the middle of the one who gets.
    fn grant(&mut self, backend: ProxyIndex, ticket: Ticket, server: Option<ServerIndex>) {
        self.outputs.push_back(Output::Grant {
            worker: ticket.worker,
            exchange: ExchangeId::from(KeyData::from_ffi(ticket.exchange)),
            backend,
            server,
        });
    }

    pub(crate) fn on_granted(
        &mut self,
        exchange: ExchangeId,
        backend: ProxyIndex,
        server: Option<ServerIndex>,
    ) {
        let waits = self
            .exchanges
            .get(exchange)
            .is_some_and(|x| matches!(x.phase, Phase::Queued { .. }));
        match (waits, server) {
            (true, Some(server)) => {
                self.hold_slot(exchange, server);
                self.join(exchange, server);
                self.touch(exchange);
            }
            (true, None) => {
                self.assign(exchange);
                self.touch(exchange);
            }
            // It left the queue while the slot was on its way.
            (false, Some(server)) => self.return_slot(backend, server),
            (false, None) => {}
        }
    }
}

/// `option redispatch`: whether retry number `retry` (from 1) of `most` may go to another server. Nothing is
/// gained by waiting for the retry the interval names if there is a choice of active servers.
fn redispatches(proxy: &Proxy, most: u32, retry: u32, choice: bool) -> bool {
    match proxy.redispatch {
        None | Some(0) => false,
        Some(_) if choice => true,
        Some(every) if every > 0 => retry.is_multiple_of(every.unsigned_abs()),
        Some(before_end) => most
            .saturating_add(1)
            .checked_sub(before_end.unsigned_abs())
            .is_some_and(|every| every > 0 && retry.is_multiple_of(every)),
    }
}

/// The pause before another attempt on the same server, unless `timeout connect` is shorter: a
/// server that is restarting needs it (`retries`).
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// How often the operator is told of one backend that its servers cannot be connected to, by each worker.
const TOLD_EVERY: Duration = Duration::from_secs(1);
