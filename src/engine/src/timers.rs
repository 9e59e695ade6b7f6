//! Which timer runs, and what happens when it fires.

use crate::conn::{Leaving, Side};
use crate::engine::{Engine, Timer, cx};
use base::{Deadline, Duration, Instant, Why};
use message::{Machine, Shutdown, Waiting};
use pool::Place;
use session::settings::Options;
use session::{
    Cause, ConnId, During, Exchange, ExchangeId, Flow, Link, Phase, Termination, Unsent, Wait,
};

impl Engine {
    pub(crate) fn on_timeout(&mut self) {
        while let Some(timer) = self.timers.expire(self.now) {
            match timer {
                Timer::Exchange(exchange) => self.on_exchange_timer(exchange),
                Timer::Conn(conn) => self.on_connection_timer(conn),
                Timer::Purge(target) => self.purge(target),
                Timer::Stop => self.on_stop_timer(),
                Timer::Sweep(table) => self.sweep(table),
                Timer::Dial(dialer) => self.dial(dialer),
            }
        }
    }

    /// Something happened to an exchange that may move its timer. One input leads here several times for
    /// the same exchange, and often to its end: the timer is set once the outputs are drained.
    pub(crate) fn touch(&mut self, exchange: ExchangeId) {
        if self.touched != Some(exchange)
            && let Some(other) = self.touched.replace(exchange)
        {
            self.set_timer(other);
        }
    }

    pub(crate) fn set_timer(&mut self, exchange: ExchangeId) {
        let Some(x) = self.exchanges.get(exchange) else {
            return;
        };
        let soonest = self.soonest_deadline(x);
        let due = self.timers.due(&x.timer);
        if soonest.is_some_and(|soonest| due.is_some_and(|due| due <= soonest)) {
            return;
        }
        let deadline = self.exchange_deadline(exchange);
        let x = &mut self.exchanges[exchange];
        match deadline {
            Some(deadline) => {
                let key = Timer::Exchange(exchange);
                let soonest = soonest.filter(|at| *at > self.now);
                let at = soonest.map_or(deadline.at, |at| at.min(deadline.at));
                self.timers.arm(&mut x.timer, key, at);
            }
            None => self.timers.cancel(&x.timer),
        }
    }

    /// An exchange that passes messages on has no deadline before this, whatever it waits for: a timer
    /// that is due until then need not be set anew with each of its steps. When it is due, the deadline
    /// is looked at.
    fn soonest_deadline(&self, x: &Exchange) -> Option<Instant> {
        let passes = matches!(x.phase, Phase::Forwarding | Phase::Closing);
        let held = x.withheld.is_some() || x.pacing.is_some();
        if !passes || x.tunnel || held || !x.ruled.timeouts.is_empty() {
            return None;
        }
        let client = self.proxy(x.frontend).timeouts.client;
        let server = self.proxy(x.backend).timeouts.server;
        let least = match (client, server) {
            (Some(client), Some(server)) => client.min(server),
            (one, other) => one.or(other)?,
        };
        Some(x.client_at.min(x.server_at) + least)
    }

    pub(crate) fn exchange_deadline(&self, exchange: ExchangeId) -> Option<Deadline> {
        let x = self.exchanges.get(exchange)?;
        let unsent = Unsent {
            to_client: self.has_unsent(x.client),
            to_server: x.server.is_some_and(|server| self.has_unsent(server)),
        };
        let frontend = &self.proxy(x.frontend).timeouts;
        let backend = &self.proxy(x.backend).timeouts;
        if x.ruled.timeouts.is_empty() {
            return x.deadline(frontend, backend, unsent);
        }
        let (frontend, backend) = (x.ruled.timeouts(frontend), x.ruled.timeouts(backend));
        x.deadline(&frontend, &backend, unsent)
    }

    fn has_unsent(&self, link: Link) -> bool {
        let conn = self.conns.get(link.conn);
        conn.is_some_and(|conn| conn.wire.has_unsent(link.stream))
    }

    /// Where streams share a connection, what leaves of each is only asked for when time is up.
    fn note_progress(&mut self, exchange: ExchangeId) {
        let Some(x) = self.exchanges.get_mut(exchange) else {
            return;
        };
        let moved_at = |link: Link| {
            let conn = self.conns.get(link.conn);
            conn.map_or(Instant::ZERO, |conn| conn.wire.moved_at(link.stream))
        };
        x.client_at = x.client_at.max(moved_at(x.client));
        if let Some(server) = x.server {
            x.server_at = x.server_at.max(moved_at(server));
        }
    }

    fn on_exchange_timer(&mut self, exchange: ExchangeId) {
        self.note_progress(exchange);
        let Some(deadline) = self.exchange_deadline(exchange) else {
            return;
        };
        if deadline.at > self.now {
            return self.touch(exchange);
        }
        let x = &mut self.exchanges[exchange];
        match deadline.why {
            Why::Queue => {
                x.terminate(Cause::ServerTimeout);
                x.times.assigned = Some(self.now);
                let server = x.last_server;
                self.count_unconnected(&self.exchanges[exchange], server);
                self.leave_queue(exchange);
                self.answer(exchange, 503);
                self.touch(exchange);
            }
            // Who does not answer has nothing to give.
            Why::Connect if matches!(x.phase, Phase::Asking { .. }) => {
                self.stop_asking(exchange);
                self.touch(exchange);
            }
            Why::Connect => {
                if let Phase::Connecting { conn, .. } = x.phase {
                    self.close(conn, false);
                }
                self.attempt_failed(exchange, Cause::ServerTimeout);
                self.touch(exchange);
            }
            Why::Retry => self.attempt_again(exchange),
            Why::Pace => self.on_pace_timer(exchange),
            Why::Rule if x.withheld.is_some() => self.on_withheld_timeout(exchange),
            Why::Rule
                if matches!(
                    x.phase,
                    Phase::Waiting {
                        on: Wait::Body { .. },
                        ..
                    }
                ) =>
            {
                self.on_client_timeout(exchange);
            }
            Why::Rule | Why::Tarpit => self.resume(exchange),
            // A half-closed tunnel waits for the side that has not closed.
            Why::Tunnel if x.upload == Flow::Done => {
                self.on_server_failed(exchange, Cause::ServerTimeout, 504);
            }
            Why::Client | Why::ClientFin | Why::HttpRequest | Why::Tunnel => {
                self.on_client_timeout(exchange);
            }
            Why::Server | Why::ServerFin => {
                self.on_server_failed(exchange, Cause::ServerTimeout, 504);
            }
            Why::ClientHandshake
            | Why::HttpKeepAlive
            | Why::Purge
            | Why::IdlePing
            | Why::HardStop
            | Why::Grace
            | Why::Table => unreachable!("not a timer of an exchange"),
        }
    }

    fn on_client_timeout(&mut self, exchange: ExchangeId) {
        let x = &mut self.exchanges[exchange];
        let in_body = x.upload != Flow::Done && !x.tunnel;
        let waited_for = matches!(
            x.phase,
            Phase::Buffering
                | Phase::Waiting {
                    on: Wait::Body { .. },
                    ..
                }
        );
        let awaits_answer = x.phase == Phase::Forwarding && x.download == Flow::Head;
        if in_body && !waited_for && !awaits_answer {
            x.terminate_at(Cause::ClientTimeout, During::Data);
        } else {
            x.terminate(Cause::ClientTimeout);
        }
        let unanswered = x.download == Flow::Head;
        self.count_client_abort(&self.exchanges[exchange]);
        if in_body && unanswered {
            self.detach(exchange);
            self.answer(exchange, 408);
            self.touch(exchange);
        } else {
            self.finish(exchange);
        }
    }

    /// Sets the timer of a connection that carries no exchange.
    pub(crate) fn arm_connection(&mut self, id: ConnId) {
        let deadline = self.connection_deadline(id).map(|deadline| deadline.at);
        let conn = &mut self.conns[id];
        let machine = conn.wire.poll_timeout().map(|deadline| deadline.at);
        let earlier = match (deadline, machine) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        match earlier {
            Some(at) => self.timers.arm(&mut conn.timer, Timer::Conn(id), at),
            None => self.timers.cancel(&conn.timer),
        }
    }

    /// When a connection without an exchange has waited too long (founding.md §3.3). Connections that
    /// carry exchanges, are being established or lie idle in a pool are under other timers.
    pub(crate) fn connection_deadline(&self, id: ConnId) -> Option<Deadline> {
        let conn = self.conns.get(id)?;
        if !conn.streams.is_empty() {
            return None;
        }
        match &conn.side {
            Side::Client(client) => {
                let timeouts = &self.proxy(client.frontend).timeouts;
                if client.awaits_preamble() {
                    let timeout = timeouts.client_hs.or(timeouts.client);
                    return timeout.map(|timeout| Deadline {
                        at: client.accepted_at + timeout,
                        why: Why::ClientHandshake,
                    });
                }
                if conn.fin_sent || conn.wire.shutdown() != Shutdown::Open {
                    let timeout = timeouts.client_fin.or(timeouts.client);
                    let quiet = timeout.map(|timeout| conn.active_at + timeout);
                    let at = if conn.lingers() {
                        let most = if self.stop.is_stopping() {
                            LINGER_QUIET
                        } else {
                            LINGER_MAX
                        };
                        let at = (conn.active_at + LINGER_QUIET).min(client.idle_from + most);
                        Some(quiet.map_or(at, |quiet| quiet.min(at)))
                    } else {
                        quiet
                    };
                    return at.map(|at| Deadline {
                        at,
                        why: Why::ClientFin,
                    });
                }
                let quiet_from = match conn.wire.is_multiplexed() {
                    // Its last stream may have ended because nothing moved: what says so has its own time.
                    true => conn.active_at.max(client.idle_from),
                    false => conn.active_at,
                };
                if client.leaving == Leaving::Told {
                    let timeout = timeouts.client_fin.or(timeouts.client);
                    return timeout.map(|timeout| Deadline {
                        at: quiet_from + timeout,
                        why: Why::ClientFin,
                    });
                }
                let request = timeouts
                    .http_request
                    .map(|timeout| (timeout, Why::HttpRequest));
                let client_timeout = timeouts.client.map(|timeout| (timeout, Why::Client));
                let (since, timeout) = match (conn.wire.waiting(), client.used) {
                    (Waiting::First, _) | (Waiting::Head, false) => match request {
                        Some(request) => (client.accepted_at, Some(request)),
                        None => (conn.active_at, client_timeout),
                    },
                    (Waiting::Head, true) => match request {
                        Some(request) => (client.begun_at, Some(request)),
                        None => (conn.active_at, client_timeout),
                    },
                    (Waiting::Next, _) => {
                        let keep_alive = timeouts
                            .http_keep_alive
                            .or(timeouts.http_request)
                            .map(|timeout| (timeout, Why::HttpKeepAlive));
                        (client.idle_from, keep_alive.or(client_timeout))
                    }
                    (Waiting::Stream, _) => (quiet_from, client_timeout),
                };
                let timeout = timeout.map(|(timeout, why)| Deadline {
                    at: since + timeout,
                    why,
                });
                match (client.leaving, timeout) {
                    (Leaving::From(at), timeout) if timeout.is_none_or(|it| at < it.at) => {
                        Some(Deadline {
                            at,
                            why: Why::Grace,
                        })
                    }
                    (_, timeout) => timeout,
                }
            }
            Side::Server(server) => {
                let timeouts = &self.proxy(server.backend).timeouts;
                let doomed = matches!(self.conns.place(id)?, Place::Doomed { .. });
                let timeout = timeouts.server_fin.or(timeouts.server);
                timeout.filter(|_| doomed).map(|timeout| Deadline {
                    at: conn.active_at + timeout,
                    why: Why::ServerFin,
                })
            }
            Side::Dialed(dialed) => self.dialed_deadline(dialed),
        }
    }

    fn on_connection_timer(&mut self, id: ConnId) {
        if self.on_machine_timer(id) {
            return;
        }
        let Some(deadline) = self.connection_deadline(id) else {
            return;
        };
        if deadline.at > self.now {
            return self.arm_connection(id);
        }
        if deadline.why == Why::ClientHandshake {
            return self.close(id, false);
        }
        let conn = &self.conns[id];
        let waiting = conn.wire.waiting();
        let lingers = deadline.why == Why::ClientFin;
        let spread = deadline.why == Why::Grace;
        if matches!(conn.side, Side::Client(_))
            && (spread || conn.wire.is_multiplexed() && !lingers)
        {
            // Silently: nobody was asked for anything (founding.md §3.3).
            return self.dismiss(id);
        }
        match (&self.conns[id].side, waiting) {
            (Side::Client(client), Waiting::First | Waiting::Head) if !lingers => {
                let options = self.proxy(client.frontend).options;
                let nothing = waiting == Waiting::First;
                if nothing && (client.used || options.contains(Options::HTTP_IGNORE_PROBES)) {
                    self.close(id, false);
                } else {
                    self.on_request_timeout(id);
                }
            }
            (Side::Client(_) | Side::Server(_) | Side::Dialed(_), _) => self.close(id, false),
        }
    }

    /// A client's connection ends as soon as it carries nothing. One that streams share is told so, and
    /// may open some before it knows.
    pub(crate) fn dismiss(&mut self, id: ConnId) {
        let conn = &mut self.conns[id];
        if let Side::Client(client) = &mut conn.side {
            client.leaving = Leaving::Told;
        }
        conn.active_at = self.now;
        conn.wire.drain(cx!(self));
        self.stir(id);
    }

    /// Whether it is the machine of a connection that is due (`idle-ping`); then it is looked after.
    fn on_machine_timer(&mut self, id: ConnId) -> bool {
        let conn = self.conns.get(id);
        let deadline = conn.and_then(|conn| conn.wire.poll_timeout());
        let due = deadline.is_some_and(|deadline| deadline.at <= self.now);
        if due {
            self.enter_event(id);
            self.conns[id].wire.handle_timeout(cx!(self));
            self.note_capacity(id);
            self.stir(id);
        }
        due
    }

    /// One that streams share hears of its end with the end of the first stream behind the time for it.
    pub(crate) fn note_leaving(&mut self, id: ConnId) {
        let conn = &self.conns[id];
        if let Side::Client(client) = &conn.side
            && matches!(client.leaving, Leaving::From(at) if at <= self.now)
            && conn.wire.is_multiplexed()
        {
            self.dismiss(id);
        }
    }

    /// `timeout http-request`: 408, logged as `cR`.
    fn on_request_timeout(&mut self, id: ConnId) {
        let stream = self.conns[id].wire.refuse(cx!(self));
        let exchange = self.begin(id, stream.unwrap_or_default());
        let x = &mut self.exchanges[exchange];
        x.termination = Some(Termination {
            cause: Cause::ClientTimeout,
            during: During::Request,
        });
        self.count_bad_request(&self.exchanges[exchange]);
        if stream.is_some() {
            self.answer(exchange, 408);
            self.touch(exchange);
        } else {
            self.finish(exchange);
            self.close(id, false);
        }
    }
}

/// A client that was sent everything and may still be sending is read from until it has been silent
/// for this long (RFC 9112 §9.6): longer than our last bytes and its acknowledgement take.
const LINGER_QUIET: Duration = Duration::from_secs(1);
/// No client is read from for longer than this after its last answer.
const LINGER_MAX: Duration = Duration::from_secs(30);
