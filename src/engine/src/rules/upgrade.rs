//! TCP sessions that become HTTP: `tcp-request content switch-mode`, and a backend that speaks HTTP.
//!
//! What the client has sent is read once more, as requests. The exchange of the session goes on as that of
//! the first request; of HTTP/2, whose streams are many, it ends without a word.

use super::After;
use crate::conn::Side;
use crate::engine::{Engine, cx};
use balance::Proto;
use message::{Machine, Part};
use session::settings::ProxyIndex;
use session::{Cause, ConnId, During, ExchangeId, Flow, Stage};

impl Engine {
    /// `switch-mode http`: nothing is left to be switched of what is a request already.
    pub(super) fn switch_mode(&mut self, exchange: ExchangeId, proto: Proto) -> After {
        if self.exchanges[exchange].request.is_some() {
            return After::Allow;
        }
        self.become_http(exchange, proto);
        After::Ended
    }

    /// From now on the client of a TCP session speaks HTTP.
    pub(super) fn become_http(&mut self, exchange: ExchangeId, proto: Proto) {
        let x = &self.exchanges[exchange];
        let (link, frontend) = (x.client, x.frontend);
        if self.is_raw_for_good(link.conn, frontend) {
            let x = &mut self.exchanges[exchange];
            x.terminate_at(Cause::Internal, During::Request);
            return self.finish(exchange);
        }
        let mut parts = core::mem::take(&mut self.exchanges[exchange].held);
        let wire = &mut self.conns[link.conn].wire;
        while let Some(part) = wire.read(cx!(self), link.stream) {
            parts.push_back(part);
        }
        self.park(exchange);
        let wire = self.accepting(frontend, proto);
        let takes_preface = self.takes_preface(frontend, proto);
        let conn = &mut self.conns[link.conn];
        conn.wire = wire;
        if let Side::Client(client) = &mut conn.side {
            client.upgrades = takes_preface;
            // Nothing came yet of what is expected now.
            client.used = false;
        }
        self.count_protocol(link.conn);
        for part in parts {
            match part {
                Part::Data(data) => {
                    let undecided = match &self.conns[link.conn].side {
                        Side::Client(client) => client.upgrades,
                        Side::Server(_) | Side::Dialed(_) => false,
                    };
                    if undecided {
                        self.receive_first(link.conn, data);
                    } else {
                        self.conns[link.conn].wire.receive(cx!(self), data);
                    }
                }
                Part::End => self.conns[link.conn].wire.receive_end(cx!(self), false),
                Part::Head(_) | Part::Trailers(_) => self.drop_part(part),
            }
        }
        if proto == Proto::Http2 {
            self.forget_session(link.conn);
        }
        self.stir(link.conn);
    }

    /// `proto none`
    fn is_raw_for_good(&self, id: ConnId, frontend: ProxyIndex) -> bool {
        match &self.conns[id].side {
            Side::Client(client) => {
                self.proxy(frontend).binds[client.bind as usize].proto == Proto::Raw
            }
            Side::Server(_) | Side::Dialed(_) => true,
        }
    }

    /// Keeps the exchange of a session with its connection, until the first request is there.
    fn park(&mut self, exchange: ExchangeId) {
        let Some(mut x) = self.exchanges.remove(exchange) else {
            return;
        };
        self.timers.release(&mut x.timer);
        let guess = core::mem::take(&mut x.ruled.guess);
        self.forget(guess);
        x.tunnel = false;
        (x.upload, x.download) = (Flow::Head, Flow::Head);
        x.ruled.stage = Stage::FrontRequest;
        x.ruled.next = 0;
        x.ruled.inspect_until = None;
        let conn = &mut self.conns[x.client.conn];
        conn.streams.remove(x.client.stream);
        if let Side::Client(client) = &mut conn.side {
            client.session = Some(alloc::boxed::Box::new(x));
        }
    }

    /// There is no request that a session could go on with.
    pub(crate) fn forget_session(&mut self, id: ConnId) {
        let Some(conn) = self.conns.get_mut(id) else {
            return;
        };
        let Side::Client(client) = &mut conn.side else {
            return;
        };
        if let Some(mut x) = client.session.take() {
            x.silent = true;
            (x.upload, x.download) = (Flow::Done, Flow::Done);
            let exchange = self.exchanges.insert(*x);
            self.finish(exchange);
        }
    }
}
