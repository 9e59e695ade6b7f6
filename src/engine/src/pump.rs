//! Moving the parts of a message from one connection to the other.
//!
//! There is one place for each direction, whatever the protocols on both sides.

use crate::conn::Side;
use crate::count::Rows;
use crate::engine::{Engine, cx};
use crate::pacing::{limits_download, limits_upload, next_of_download, next_of_upload};
use crate::rules::response::Passed;
use message::{Framing, Head, Machine, Part};
use sample::format::Origin;
use session::settings::{Options, ProxyIndex};
use session::{ConnId, ExchangeId, Flow, Phase, Wait};

impl Engine {
    /// Client to server.
    pub(crate) fn pump_upload(&mut self, exchange: ExchangeId) {
        while let Some(x) = self.exchanges.get_mut(exchange) {
            let client = x.client;
            let Some(server) = x.server else {
                match x.phase {
                    Phase::Closing => self.skip_upload(client.conn, client.stream),
                    Phase::Buffering
                    | Phase::Waiting {
                        on: Wait::Body { .. } | Wait::Content,
                        ..
                    } => self.buffer_upload(exchange),
                    Phase::Queued { .. }
                    | Phase::Connecting { .. }
                    | Phase::Asking { .. }
                    | Phase::Pausing { .. }
                    | Phase::Waiting { .. }
                    | Phase::Forwarding => {}
                }
                return;
            };
            if x.upload == Flow::Done || self.conns[server.conn].wire.room(server.stream) == 0 {
                break;
            }
            let from = &mut self.conns[client.conn].wire;
            let part = if limits_upload(x) {
                next_of_upload(x, from, client.stream, cx!(self))
            } else {
                let held = x.held.pop_front();
                held.or_else(|| from.read(cx!(self), client.stream))
            };
            let Some(part) = part else {
                break;
            };
            x.client_at = self.now;
            let to = &mut self.conns[server.conn].wire;
            if !to.has_unsent(server.stream) {
                // Only from here on can the server be slow to take what is sent.
                x.server_at = self.now;
            }
            match part {
                Part::Data(data) => {
                    let count = data.len() as u64;
                    x.bytes_in += count;
                    let rows = Rows::of(&self.shared, self.worker, x);
                    rows.request_in(count);
                    rows.request_out(count);
                    x.body_sent = true;
                    to.send_data(cx!(self), server.stream, data);
                }
                Part::Trailers(trailers) => {
                    x.body_sent = true;
                    to.send_trailers(cx!(self), server.stream, &trailers);
                    self.heads.give(trailers);
                }
                Part::End => {
                    // The server's time begins when it has the whole request.
                    x.server_at = self.now;
                    x.upload = Flow::Done;
                    to.send_end(cx!(self), server.stream);
                }
                Part::Head(head) => self.heads.give(head),
            }
        }
        self.after_pump(exchange);
    }

    /// Server to client.
    pub(crate) fn pump_download(&mut self, exchange: ExchangeId) {
        while let Some(x) = self.exchanges.get_mut(exchange) {
            let client = x.client;
            if x.withheld.as_ref().is_some_and(|it| it.waits.is_some()) {
                self.withhold(exchange);
                break;
            }
            if x.download == Flow::Done || self.conns[client.conn].wire.room(client.stream) == 0 {
                break;
            }
            let held = if limits_download(x) {
                let server = x.server;
                let from = server.map(|link| (&mut self.conns[link.conn].wire, link.stream));
                let (read, part) = next_of_download(x, from, cx!(self));
                x.bytes_out += read;
                Rows::of(&self.shared, self.worker, x).response_in(read);
                if part.is_none() {
                    break;
                }
                part
            } else {
                x.withheld.as_mut().and_then(|it| it.parts.pop_front())
            };
            let was_held = held.is_some();
            let part = match (held, x.server) {
                (Some(part), _) => part,
                (None, None) => return,
                (None, Some(server)) => {
                    x.withheld = None;
                    let from = &mut self.conns[server.conn].wire;
                    let Some(part) = from.read(cx!(self), server.stream) else {
                        break;
                    };
                    x.server_at = self.now;
                    part
                }
            };
            if !self.conns[client.conn].wire.has_unsent(client.stream) {
                // Only from here on can the client be slow to take what is sent.
                x.client_at = self.now;
            }
            match part {
                Part::Data(data) => {
                    if !was_held {
                        let count = data.len() as u64;
                        x.bytes_out += count;
                        Rows::of(&self.shared, self.worker, x).response_in(count);
                    }
                    self.conns[client.conn]
                        .wire
                        .send_data(cx!(self), client.stream, data);
                }
                Part::Trailers(trailers) => {
                    let to = &mut self.conns[client.conn].wire;
                    to.send_trailers(cx!(self), client.stream, &trailers);
                    self.heads.give(trailers);
                }
                Part::End => {
                    x.download = Flow::Done;
                    if !x.tunnel {
                        x.phase = Phase::Closing;
                    }
                    self.conns[client.conn]
                        .wire
                        .send_end(cx!(self), client.stream);
                    self.conclude_tracks(exchange);
                }
                Part::Head(head) => self.on_response(exchange, head),
            }
        }
        self.after_pump(exchange);
    }

    /// Both machines may have something to tell, whoever made us move parts. The server's comes first:
    /// if its part is over, its connection is free before the exchange ends.
    fn after_pump(&mut self, exchange: ExchangeId) {
        let Some(x) = self.exchanges.get(exchange) else {
            return;
        };
        let client = x.client.conn;
        if let Some(server) = x.server {
            self.stir(server.conn);
        }
        self.stir(client);
    }

    fn on_response(&mut self, exchange: ExchangeId, head: alloc::boxed::Box<Head>) {
        let x = &mut self.exchanges[exchange];
        let status = head.status();
        let bytes = head.wire_bytes() as u64;
        x.bytes_out += bytes;
        x.replayable = false;
        self.note_authentication(exchange, &head);
        let x = &mut self.exchanges[exchange];
        let rows = Rows::of(&self.shared, self.worker, x);
        rows.response_in(bytes);
        if let Some(server) = rows.server {
            server.req_tot.add(1);
            server.count_status(status);
        }
        if !head.is_interim() {
            x.status = status;
            x.ruled.server_status = status;
            x.ruled.response_bytes = bytes as usize;
            x.times.response = Some(self.now);
            let global = &self.shared.settings.global;
            let (errs, fails) = (&global.http_errors, &global.http_failures);
            let (errs, fails) = (errs.contains(status), fails.contains(status));
            if errs {
                self.note_event(exchange, tables::Event::ClientError);
            }
            if fails {
                self.note_event(exchange, tables::Event::ServerFailure);
            }
        }
        if head.is_interim() {
            return self.pass_response(exchange, head);
        }
        self.capture_response(exchange, &head);
        self.learn(exchange, Some(&head));
        if let Passed::On(Some(head)) = self.rule_response(exchange, head) {
            self.pass_response(exchange, head);
        }
    }

    /// The head of a response goes to the client.
    pub(crate) fn pass_response(
        &mut self,
        exchange: ExchangeId,
        mut head: alloc::boxed::Box<Head>,
    ) {
        let mut head = match head.is_interim() {
            true => head,
            false => {
                self.capture_response_cookie(exchange, &head);
                self.answer_cookie(exchange, &mut head);
                self.rule_after(exchange, head)
            }
        };
        let x = &mut self.exchanges[exchange];
        let (client, frontend, backend) = (x.client, x.frontend, x.backend);
        if !head.is_interim() {
            x.download = Flow::Body;
            if head.framing == Framing::Tunnel {
                // The request was complete with its head; from here on both directions carry bytes.
                x.tunnel = true;
                x.upload = Flow::Body;
            }
            self.log_step(exchange, Origin::Response);
        }
        let close = self.closes_after(client.conn, frontend, backend);
        let to = &mut self.conns[client.conn].wire;
        // HTTP/2 has no reasons (RFC 9113 §8.3.2), and servers of HTTP/1 may leave them out; there are
        // clients of HTTP/1 that look at nothing else.
        if head.reason().is_empty() && !to.is_multiplexed() {
            let status = head.status();
            head.set_status(status, session::pages::reason(status).as_bytes());
        }
        if close && !head.is_interim() {
            to.close_after();
        }
        to.send_head(cx!(self), client.stream, &head);
        let tunnel = head.framing == Framing::Tunnel;
        self.heads.give(head);
        if tunnel {
            self.pump_upload(exchange);
        }
    }

    /// Whether the client connection ends with this answer.
    pub(crate) fn closes_after(
        &self,
        client: ConnId,
        frontend: ProxyIndex,
        backend: ProxyIndex,
    ) -> bool {
        let options = self.proxy(frontend).options | self.proxy(backend).options;
        let leaving = match &self.conns[client].side {
            Side::Client(client) => client.leaving.has_begun(self.now),
            Side::Server(_) | Side::Dialed(_) => false,
        };
        options.contains(Options::HTTPCLOSE) || leaving
    }
}
