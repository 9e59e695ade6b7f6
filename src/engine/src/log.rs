//! Log lines and captures: what is told to the operator.

use crate::conn::Side;
use crate::engine::Engine;
use crate::output::Output;
use crate::shared::Counters;
use alloc::vec::Vec;
use base::{Buf, Instant};
use message::Fault;
use session::log::Origin;
use session::log::{Captured, Clock, Counts, Peer, Record, RequestLine, Timers};
use session::settings::{LineFormat, LogFormat, Options, Proxy};
use session::{Capture, ConnId, Direction, ExchangeId, Termination};

/// Room for lines in the making, kept from one line to the next.
#[derive(Debug, Default)]
pub(crate) struct LogSpace {
    line: Vec<u8>,
    message: Vec<u8>,
}

impl Engine {
    /// The driver is done with a log line; `sent` is false if it had to be dropped.
    pub fn logged(&mut self, line: Buf, sent: bool) {
        if !sent {
            let worker = usize::from(self.worker);
            self.shared.workers[worker].dropped_logs.add(1);
        }
        self.pool.give(line);
    }

    /// Logs an exchange that has begun, where the format needs no more than that.
    pub(crate) fn log_begin(&mut self, exchange: ExchangeId) {
        let frontend = self.exchanges[exchange].frontend;
        let proxy = self.proxy(frontend);
        if !proxy.logs.is_empty() && usual(proxy) == LogFormat::Short {
            self.write_log(exchange);
        }
    }

    /// `option logasap`: logs an exchange as soon as all but its end is known.
    pub(crate) fn log_asap(&mut self, exchange: ExchangeId) {
        let frontend = self.exchanges[exchange].frontend;
        let proxy = self.proxy(frontend);
        if proxy.options.contains(Options::LOGASAP) && !proxy.logs.is_empty() {
            self.write_log(exchange);
        }
    }

    /// Logs an exchange that has ended, unless that was done before.
    pub(crate) fn log_end(&mut self, exchange: ExchangeId) {
        let x = &self.exchanges[exchange];
        let proxy = self.proxy(x.frontend);
        if !x.silent && !proxy.logs.is_empty() && usual(proxy) != LogFormat::Short {
            self.write_log(exchange);
        }
    }

    /// `do-log`: a line now, whatever the last one will be.
    pub(crate) fn do_log(&mut self, exchange: ExchangeId) {
        let before = self.exchanges[exchange].silent;
        self.write_log(exchange);
        self.exchanges[exchange].silent = before;
    }

    fn write_log(&mut self, exchange: ExchangeId) {
        self.exchanges[exchange].silent = true;
        let shared = self.shared.clone();
        let x = &self.exchanges[exchange];
        let frontend = shared.proxy(x.frontend);
        let backend = shared.proxy(x.backend);
        let client = self.conns.get(x.client.conn).map(|conn| &conn.side);
        let (peer, destination) = match client {
            Some(Side::Client(client)) => (
                client.peer.map_or_else(
                    || Peer::Unix(frontend.binds[client.bind as usize].id),
                    Peer::Ip,
                ),
                client.local,
            ),
            Some(Side::Server(_)) | None => return,
        };
        let sum = |of: fn(&Counters) -> u64, proxy: u32| {
            let workers = shared.counters.iter();
            workers
                .map(|proxies| of(&proxies[proxy as usize]))
                .sum::<u64>() as u32
        };
        let served = x.last_server.map_or(0, |server| {
            let workers = shared.counters.iter();
            let of_server = |proxies: &Vec<Counters>| {
                proxies[x.backend.0 as usize].servers[server.0 as usize]
                    .scur
                    .get()
            };
            workers.map(of_server).sum::<u64>() as u32
        });
        let record = Record {
            client: peer,
            destination,
            mode: frontend.mode,
            frontend: &frontend.name,
            backend: &backend.name,
            server: x
                .last_server
                .map(|server| &*backend.servers[server.0 as usize].name),
            accepted: self.clock(x.times.accepted),
            begun: self.clock(x.times.begun),
            timers: Timers::new(&x.times, self.now),
            status: x.status,
            bytes_in: x.bytes_in,
            bytes_out: if x.request.is_none() && !x.tunnel {
                0
            } else {
                x.bytes_out
            },
            termination: x.termination.unwrap_or(Termination::NORMAL),
            cookies: *b"--",
            captured: Captured::default(),
            counts: Counts {
                process: shared.all_connections.now(),
                frontend: shared.connections[x.frontend.0 as usize].now(),
                backend: sum(|counters| counters.backend.scur.get(), x.backend.0),
                server: served,
            },
            retries: x.retries,
            redispatched: x.redispatched,
            ahead: x.ahead,
            request: x.request.as_deref().map(RequestLine::of),
            asap: frontend.options.contains(Options::LOGASAP),
        };
        let format = usual(frontend);
        let origin = match format {
            LogFormat::Short => Origin::Accept,
            _ => Origin::Close,
        };
        let Some(level) = session::log::level(origin, &record, frontend.options) else {
            return;
        };
        let sender = shared.sender(Some(x.frontend));
        let now = self.clock(self.now);
        let mut line = core::mem::take(&mut self.log.line);
        line.clear();
        let logurilen = shared.settings.global.tune.loguri_len as usize;
        session::log::write_line(&mut line, format, &record, logurilen);
        let index = x.frontend;
        for (number, target) in frontend.logs.iter().enumerate() {
            let Some(severity) = target.severity(level) else {
                continue;
            };
            let sampler = &shared.samplers[index.0 as usize][number];
            if target
                .sample
                .as_ref()
                .is_some_and(|sample| !sampler.admits(sample))
            {
                continue;
            }
            let message = &mut self.log.message;
            message.clear();
            session::log::write_message(message, target, &sender, now, severity, b"", &line);
            let mut buf = self.pool.take();
            if buf.room() < message.len() {
                buf = Buf::copy_of(message);
            } else {
                buf.append(message);
            }
            self.outputs.push_back(Output::Log {
                proxy: index,
                target: number as u32,
                line: buf,
            });
        }
        self.log.line = line;
    }

    fn clock(&self, at: Instant) -> Clock {
        self.shared.identity.clock(self.epoch, at)
    }

    /// Keeps a message that broke the protocol for `show errors`.
    pub(crate) fn capture(&mut self, id: ConnId, exchange: ExchangeId, fault: Fault) {
        let x = &self.exchanges[exchange];
        let Some(conn) = self.conns.get(id) else {
            return;
        };
        let direction = match conn.side {
            Side::Client(_) => Direction::Request,
            Side::Server(_) => Direction::Response,
        };
        let source = match self.conns.get(x.client.conn).map(|conn| &conn.side) {
            Some(Side::Client(client)) => client.peer,
            Some(Side::Server(_)) | None => None,
        };
        let (bytes, start, position) = match conn.wire.captured() {
            Some(captured) => (captured.bytes.clone(), captured.start, captured.offset),
            None => (Vec::new(), 0, fault.offset),
        };
        self.shared.captures.keep(Capture {
            at: self.now,
            direction,
            frontend: x.frontend,
            backend: x.in_backend.then_some(x.backend),
            server: x.last_server,
            source,
            reason: fault.what,
            bytes,
            start,
            position,
        });
    }
}

fn usual(proxy: &Proxy) -> LogFormat {
    match proxy.log_lines.line {
        LineFormat::Usual(format) => format,
        LineFormat::Custom(_) => LogFormat::Short,
    }
}
