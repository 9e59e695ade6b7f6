//! The end of exchanges and connections: what was held is given back, and it is logged once.

use crate::conn::Side;
use crate::engine::{Engine, cx};
use crate::output::Output;
use message::{Machine, Shutdown};
use session::settings::Options;
use session::{Cause, ConnId, ExchangeId, Flow, Phase};

impl Engine {
    /// Ends an exchange, complete or not.
    pub(crate) fn finish(&mut self, exchange: ExchangeId) {
        if let Phase::Queued { .. } = self.exchanges[exchange].phase {
            self.leave_queue(exchange);
        }
        self.detach(exchange);
        let x = &self.exchanges[exchange];
        if x.in_backend {
            // Who logs is not among those whom the line counts.
            self.counters(x.backend).backend.scur.sub(1);
        }
        self.note_bytes(exchange);
        self.log_end(exchange);
        self.drop_held(exchange);
        let Some(x) = self.exchanges.get(exchange) else {
            return;
        };
        self.count_end(x);
        // What is kept for others is taken out where it stands: an exchange is large.
        let x = &mut self.exchanges[exchange];
        let (client, reset) = (x.client, x.reset());
        let cut = x.download != Flow::Done || (x.tunnel && x.upload != Flow::Done);
        let ruled = &mut x.ruled;
        let vars = [&mut ruled.transaction, &mut ruled.exchange].map(core::mem::take);
        let tracked = core::mem::take(&mut ruled.tracked);
        let guess = core::mem::take(&mut ruled.guess);
        if let Some(pacing) = x.pacing.take() {
            pacing.end(self.now);
        }
        if ruled.has_texts() {
            for text in ruled.texts() {
                self.work.give(text);
            }
        }
        if let Some(head) = x.request.take() {
            self.heads.give(head);
        }
        self.timers.release(&mut x.timer);
        self.exchanges.remove(exchange);
        self.drop_vars(vars);
        self.end_tracks(tracked);
        self.forget(guess);
        let Some(conn) = self.conns.get_mut(client.conn) else {
            return;
        };
        conn.streams.remove(client.stream);
        if let Side::Client(client) = &mut conn.side {
            // What was sent before its turn begins now.
            client.idle_from = self.now;
            client.begun_at = self.now;
        }
        self.note_leaving(client.conn);
        let Some(conn) = self.conns.get_mut(client.conn) else {
            return;
        };
        if cut {
            conn.wire.reset(cx!(self), client.stream, reset);
        }
        self.stir(client.conn);
    }

    /// Closes a connection and forgets it; exchanges of a client that are left on it end.
    pub(crate) fn close(&mut self, id: ConnId, abort: bool) {
        if self.conns.is_client(id) {
            let left: alloc::vec::Vec<ExchangeId> = self.conns[id].streams.iter().collect();
            for exchange in left {
                if let Some(x) = self.exchanges.get_mut(exchange) {
                    x.terminate(Cause::Client);
                    // Whatever else ended before its client was gone, that had nothing to do with it.
                    if x.termination.map(|it| it.cause) == Some(Cause::Client) {
                        x.ruled.client_abort.note();
                    }
                    self.finish(exchange);
                }
            }
            self.forget_session(id);
            self.end_session(id);
        }
        // The end of an exchange may have been the end of the connection.
        let Some(mut conn) = self.take_out(id) else {
            return;
        };
        self.timers.release(&mut conn.timer);
        // What is cut short must not look complete.
        let cut = conn.has_pending() || conn.wire.shutdown() == Shutdown::Abort;
        let abort = abort || (conn.established && cut);
        let proxy = match &conn.side {
            Side::Client(client) => client.frontend,
            Side::Server(server) => server.backend,
            Side::Dialed(dialed) => dialed.frontend,
        };
        let nolinger = self.proxy(proxy).options.contains(Options::NOLINGER);
        if nolinger && conn.established && !conn.peer_ended && !conn.fin_sent && !abort {
            // The reset drops what the system has not sent; a peer that is quick enough reads an end.
            self.outputs.push_back(Output::ShutdownWrite(id));
        }
        self.outputs.push_back(Output::Close {
            conn: id,
            abort: abort || nolinger,
        });
        match conn.side {
            Side::Client(mut client) => self.client_left(&mut client),
            Side::Server(server) => {
                self.shared.note_closed(server.backend, server.server);
                self.publish(self.reuse.target(server.backend, server.server));
            }
            Side::Dialed(dialed) => self.dial_failed(&dialed),
        }
    }
}
