//! What servers do: answer, close, break off.

use crate::engine::{Engine, cx};
use message::{Event, Machine, Reset, StreamId};
use session::{Abort, Cause, ConnId, ExchangeId, Flow, Served};

impl Engine {
    pub(crate) fn on_server_event(&mut self, id: ConnId, event: Event) {
        match event {
            Event::Opened(_) | Event::Rejected(_) | Event::HalfClosed => {}
            Event::Readable(stream) => {
                if let Some(exchange) = self.exchange_on(id, stream) {
                    self.pump_download(exchange);
                    self.touch(exchange);
                }
            }
            Event::Writable(stream) => {
                if let Some(exchange) = self.exchange_on(id, stream) {
                    self.pump_upload(exchange);
                    self.touch(exchange);
                }
            }
            Event::Malformed(stream, fault) => {
                if let Some(exchange) = self.exchange_on(id, stream) {
                    self.capture(id, exchange, fault);
                    self.on_server_failed(exchange, Cause::Proxy, 502);
                }
            }
            Event::Reset(stream, reset) => {
                if let Some(exchange) = self.exchange_on(id, stream) {
                    self.on_server_reset(exchange, reset);
                }
            }
            Event::Done(stream) => self.on_server_done(id, stream),
            Event::Finished(_) => self.close(id, false),
        }
    }

    fn on_server_reset(&mut self, exchange: ExchangeId, reset: Reset) {
        let x = &mut self.exchanges[exchange];
        x.note_code(reset);
        let unanswered = x.download == Flow::Head;
        let again = match reset {
            Reset::Raced => unanswered && x.replayable,
            // It was never processed, whatever it was (RFC 9113 §8.7): no configuration is needed, but
            // who refuses everything is not asked for ever.
            Reset::Refused if unanswered && !x.body_sent && x.refused < REFUSED_MAX => {
                x.refused += 1;
                true
            }
            Reset::Refused => false,
            Reset::Aborted | Reset::Told(_) | Reset::Broken(_) | Reset::GivenUp => false,
        };
        if !again {
            x.ruled.server_abort = Abort::by(reset);
        }
        if again {
            self.detach(exchange);
            self.exchanges[exchange].replayable = false;
            self.attempt_again(exchange);
        } else {
            let cause = match reset {
                Reset::Broken(_) => Cause::Proxy,
                Reset::Raced
                | Reset::Refused
                | Reset::Aborted
                | Reset::Told(_)
                | Reset::GivenUp => Cause::Server,
            };
            self.on_server_failed(exchange, cause, 502);
        }
    }

    /// The server cannot complete the answer: say so if nothing was said yet, else break off.
    pub(crate) fn on_server_failed(&mut self, exchange: ExchangeId, cause: Cause, status: u16) {
        let x = &mut self.exchanges[exchange];
        x.terminate(cause);
        let unanswered = x.download == Flow::Head && !x.tunnel;
        let silent = cause == Cause::ServerTimeout;
        let is_http = !x.tunnel;
        self.count_server_failed(&self.exchanges[exchange], !unanswered, silent);
        if is_http {
            self.note_event(exchange, tables::Event::ServerFailure);
        }
        self.detach(exchange);
        if unanswered {
            self.answer(exchange, status);
            self.touch(exchange);
        } else {
            self.finish(exchange);
        }
    }

    /// The exchange on a server connection is complete: the connection is free.
    fn on_server_done(&mut self, id: ConnId, stream: StreamId) {
        let conn = &mut self.conns[id];
        let Some(exchange) = conn.streams.remove(stream) else {
            // Its exchange was taken off it before: the connection is doomed already.
            return;
        };
        let version = conn.wire.version();
        let x = &mut self.exchanges[exchange];
        x.ruled.served_by = x.server.take().map(|link| Served { link, version });
        let frontend = x.frontend;
        self.release_slot(exchange);
        self.released(id, frontend);
    }

    /// Takes an exchange off its server connection before its end, and gives its slot back. Whether
    /// the connection can be used again knows its machine.
    pub(crate) fn detach(&mut self, exchange: ExchangeId) {
        let x = &mut self.exchanges[exchange];
        let handed_over = x.tunnel && x.upload == Flow::Done && x.download == Flow::Done;
        let (reset, frontend) = (x.reset(), x.frontend);
        if let Some(link) = x.server.take()
            && let Some(conn) = self.conns.get_mut(link.conn)
        {
            let version = conn.wire.version();
            x.ruled.served_by = Some(Served { link, version });
            conn.streams.remove(link.stream);
            // The last bytes of a tunnel may still be on their way to the server.
            if !handed_over {
                conn.wire.reset(cx!(self), link.stream, reset);
            }
            self.released(link.conn, frontend);
            self.stir(link.conn);
        }
        if let session::Phase::Connecting { conn, .. } = self.exchanges[exchange].phase {
            self.close(conn, false);
        }
        self.release_slot(exchange);
        self.drop_withheld(exchange);
    }
}

/// How often servers may refuse a request before it fails: a connection that is going away refuses
/// once, and so may the next.
const REFUSED_MAX: u8 = 3;
