//! What clients do: open streams, send, hang up.

use crate::conn::{ClientSide, Side};
use crate::count::Rows;
use crate::engine::{Engine, cx};
use alloc::collections::VecDeque;
use base::Instant;
use message::{Ending, Event, Fault, Framing, Head, Machine, Part, StreamId, target};
use sample::format::Origin;
use session::settings::{Mode, Options, Proxy};
use session::{
    Abort, Ahead, Cause, ConnId, During, Exchange, ExchangeId, Flow, Link, Phase, Ruled, Stage,
    Termination, Times, Wait,
};

impl Engine {
    pub(crate) fn on_client_event(&mut self, id: ConnId, event: Event) {
        match event {
            Event::Opened(stream) => self.on_opened(id, stream),
            Event::Readable(stream) => {
                if let Some(exchange) = self.exchange_on(id, stream) {
                    self.pump_upload(exchange);
                    self.touch(exchange);
                }
            }
            Event::Writable(stream) => {
                if let Some(exchange) = self.exchange_on(id, stream) {
                    self.pump_download(exchange);
                    self.touch(exchange);
                }
            }
            Event::Malformed(stream, fault) => self.on_bad_request(id, stream, fault),
            Event::Rejected(_) => self.count_rejected(id),
            Event::Reset(stream, reset) => {
                if let Some(exchange) = self.exchange_on(id, stream) {
                    let x = &mut self.exchanges[exchange];
                    x.note_code(reset);
                    x.ruled.client_abort = Abort::by(reset);
                    self.on_client_abort(exchange);
                }
            }
            Event::Done(stream) => {
                if let Some(exchange) = self.exchange_on(id, stream) {
                    self.finish(exchange);
                }
            }
            Event::HalfClosed => self.on_client_half_closed(id),
            Event::Finished(ending) => self.on_client_finished(id, ending),
        }
    }

    pub(crate) fn exchange_on(&self, id: ConnId, stream: StreamId) -> Option<ExchangeId> {
        self.conns.get(id)?.streams.get(stream)
    }

    fn on_opened(&mut self, id: ConnId, stream: StreamId) {
        let Side::Client(client) = &self.conns[id].side else {
            unreachable!("a client's event");
        };
        let renewed = client.session.is_some();
        let exchange = match self.conns[id].wire.version() {
            None => {
                let exchange = self.begin(id, stream);
                let x = &mut self.exchanges[exchange];
                x.tunnel = true;
                self.capture_request(exchange);
                self.log_step(exchange, Origin::Accept);
                let x = &mut self.exchanges[exchange];
                (x.upload, x.download) = (Flow::Body, Flow::Body);
                self.hold_upload(exchange);
                self.proceed(exchange);
                exchange
            }
            Some(_) => {
                let Some(Part::Head(head)) = self.conns[id].wire.read(cx!(self), stream) else {
                    // It is gone already, and nothing is known of it.
                    return;
                };
                let exchange = self.begin(id, stream);
                let frontend = self.exchanges[exchange].frontend;
                if !renewed && !is_monitor(self.proxy(frontend), &head) {
                    self.log_step(exchange, Origin::Accept);
                }
                self.on_request(exchange, head);
                exchange
            }
        };
        self.touch(exchange);
    }

    /// An exchange for a stream that begins now; that of a TCP session goes on as the first of HTTP.
    pub(crate) fn begin(&mut self, id: ConnId, stream: StreamId) -> ExchangeId {
        let conn = &mut self.conns[id];
        let Side::Client(client) = &mut conn.side else {
            unreachable!("clients open streams");
        };
        if let Some(session) = client.session.take() {
            let link = Link { conn: id, stream };
            let exchange = self.exchanges.insert(Exchange {
                client: link,
                client_at: self.now,
                server_at: self.now,
                ..*session
            });
            client.used = true;
            conn.streams.insert(stream, exchange);
            self.timers.cancel(&conn.timer);
            return exchange;
        }
        // Workers count in turns, so that each number is given once.
        let workers = self.shared.workers.len() as u32;
        let number = self.requests.wrapping_mul(workers);
        let number = number.wrapping_add(self.worker.into());
        self.requests = self.requests.wrapping_add(1);
        let x = blank(Link { conn: id, stream }, client, number, self.now);
        let exchange = self.exchanges.insert(x);
        client.used = true;
        let (frontend, bind) = (client.frontend, client.bind);
        let multiplexed = conn.wire.is_multiplexed();
        conn.streams.insert(stream, exchange);
        self.timers.cancel(&conn.timer);
        if self.proxy(frontend).options.contains(Options::SOCKET_STATS) {
            self.exchanges[exchange].listener = Some(bind);
        }
        self.count_begun(frontend, multiplexed);
        exchange
    }

    fn on_request(&mut self, exchange: ExchangeId, head: alloc::boxed::Box<Head>) {
        let x = &mut self.exchanges[exchange];
        x.times.head = Some(self.now);
        x.upload = Flow::Body;
        x.bytes_in = head.wire_bytes() as u64;
        let frontend = x.frontend;
        Rows::of(&self.shared, self.worker, x).request_in(x.bytes_in);
        let proxy = self.proxy(frontend);
        if is_monitor(proxy, &head) {
            self.exchanges[exchange].request = Some(head);
            self.exchanges[exchange].silent = true;
            return self.answer_monitor(exchange);
        }
        let has_body = matches!(head.framing, Framing::Length(_) | Framing::Streamed);
        let x = &mut self.exchanges[exchange];
        x.request = Some(head);
        let behind_contents = x.ruled.stage != Stage::FrontContent;
        self.capture_request(exchange);
        self.log_step(exchange, Origin::Request);
        if behind_contents {
            // Its content rules ran before it was one.
            self.note_event(exchange, tables::Event::Request);
        }
        if self.shared.settings.bodies && has_body {
            // Without anything that waits, rules see what has come with the head.
            self.hold_upload(exchange);
        }
        self.proceed(exchange);
    }

    /// What arrived is no request: it is answered, logged once, and never reaches a server.
    fn on_bad_request(&mut self, id: ConnId, stream: StreamId, fault: Fault) {
        let exchange = match self.exchange_on(id, stream) {
            Some(exchange) => exchange,
            None => self.begin(id, stream),
        };
        let cause = if self.conns[id].peer_ended {
            Cause::Client
        } else {
            Cause::Proxy
        };
        let x = &mut self.exchanges[exchange];
        x.terminate_at(cause, During::Request);
        x.bytes_in = x.bytes_in.max(u64::from(fault.offset) + 1);
        self.count_bad_request(&self.exchanges[exchange]);
        if self.exchanges[exchange].request.is_none() {
            self.note_event(exchange, tables::Event::Request);
        }
        self.note_event(exchange, tables::Event::ClientError);
        self.capture(id, exchange, fault);
        self.detach(exchange);
        self.answer(exchange, fault.status);
        self.touch(exchange);
    }

    fn on_client_abort(&mut self, exchange: ExchangeId) {
        let x = &mut self.exchanges[exchange];
        let is_asked = x.server.is_some() || x.during() == During::Request;
        if x.request.is_some() && x.status == 0 && is_asked {
            // What HAProxy logs for a client that left: nothing is sent.
            x.status = 400;
        }
        self.note_abort(exchange);
        self.finish(exchange);
    }

    /// The client does not wait for the end of an exchange.
    fn note_abort(&mut self, exchange: ExchangeId) {
        let x = &mut self.exchanges[exchange];
        x.terminate(Cause::Client);
        x.ruled.client_abort.note();
        if let Phase::Queued { .. } = x.phase {
            // It waited until now.
            x.times.assigned = Some(self.now);
        }
        self.count_client_abort(&self.exchanges[exchange]);
    }

    /// FIN after a complete request is no abort, unless `option abortonclose` says so. A request that
    /// will never be complete need not wait for a server.
    fn on_client_half_closed(&mut self, id: ConnId) {
        let Some(conn) = self.conns.get(id) else {
            return;
        };
        let exchanges: alloc::vec::Vec<ExchangeId> = conn.streams.iter().collect();
        for exchange in exchanges {
            let x = &self.exchanges[exchange];
            let aborts = aborts_on_close(self.proxy(x.backend));
            let broken = self.conns[id].wire.owes(x.client.stream).peer_bytes;
            match x.phase {
                Phase::Buffering | Phase::Waiting { .. } if broken => {
                    self.on_client_abort(exchange)
                }
                Phase::Waiting {
                    on: Wait::Tarpit | Wait::Pause | Wait::Page,
                    ..
                } if aborts && !x.tunnel => {
                    self.on_client_abort(exchange);
                }
                Phase::Queued { .. }
                | Phase::Connecting { .. }
                | Phase::Asking { .. }
                | Phase::Pausing { .. }
                    if aborts || broken =>
                {
                    self.on_client_abort(exchange);
                }
                // A tunnel passes the end on; what the machine finds broken it tells by itself.
                Phase::Forwarding if aborts && !broken && !x.tunnel => {
                    if x.download == Flow::Head {
                        self.note_abort(exchange);
                        self.detach(exchange);
                        self.answer(exchange, 400);
                        self.touch(exchange);
                    } else {
                        self.on_client_abort(exchange);
                    }
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
    }

    fn on_client_finished(&mut self, id: ConnId, ending: Ending) {
        let conn = &self.conns[id];
        let Side::Client(client) = &conn.side else {
            unreachable!("a client's event");
        };
        // `option dontlognull` silences the log, no counter.
        let probes = self.proxy(client.frontend).options;
        // Who shares a connection between streams has not asked for anything without one.
        let silent = client.used
            || conn.wire.is_multiplexed()
            || probes.contains(Options::HTTP_IGNORE_PROBES);
        if ending == Ending::PeerGone && !silent {
            let stream = StreamId::default();
            let exchange = self.begin(id, stream);
            self.exchanges[exchange].termination = Some(Termination {
                cause: Cause::Client,
                during: During::Request,
            });
            self.exchanges[exchange].status = 400;
            self.count_bad_request(&self.exchanges[exchange]);
            self.note_event(exchange, tables::Event::Request);
            self.note_event(exchange, tables::Event::ClientError);
            self.finish(exchange);
        }
        self.close(id, false);
    }
}

/// `monitor-uri`: one that begins with a slash is compared with the path, whatever the form of the
/// request-target; any other with the whole of it.
fn is_monitor(proxy: &Proxy, head: &Head) -> bool {
    proxy.monitor_uri.as_deref().is_some_and(|uri| {
        let target = head.target();
        let compared = if uri.starts_with(b"/") {
            target::path_and_query(target).unwrap_or(target)
        } else {
            target
        };
        compared == uri
    })
}

/// `option abortonclose`: on by default for HTTP, off for TCP.
fn aborts_on_close(backend: &Proxy) -> bool {
    let on = backend.options.contains(Options::ABORTONCLOSE);
    let off = backend.options.contains(Options::NO_ABORTONCLOSE);
    on || (backend.mode == Mode::Http && !off)
}

/// An exchange of which nothing is known but where it comes from.
pub(crate) fn blank(link: Link, client: &ClientSide, number: u32, now: Instant) -> Exchange {
    Exchange {
        client: link,
        server: None,
        frontend: client.frontend,
        backend: client.frontend,
        listener: None,
        in_backend: false,
        slot: None,
        last_server: None,
        phase: Phase::Forwarding,
        request: None,
        upload: Flow::Head,
        download: Flow::Head,
        tunnel: false,
        first: !client.used,
        replayable: false,
        held: VecDeque::new(),
        withheld: None,
        pacing: None,
        ruled: Ruled::default(),
        body_sent: false,
        refused: 0,
        code: None,
        retries: 0,
        redispatched: false,
        ahead: Ahead::default(),
        status: 0,
        bytes_in: 0,
        bytes_out: 0,
        times: Times {
            accepted: match client.used {
                true => client.idle_from,
                false => client.accepted_at,
            },
            idle_from: client.idle_from,
            begun: client.begun_at,
            ..Times::default()
        },
        client_at: now,
        server_at: now,
        termination: None,
        silent: false,
        logged: false,
        number,
        timer: Default::default(),
    }
}
