//! Log lines and captures: what is told to the operator.

use crate::client::blank;
use crate::conn::Side;
use crate::engine::Engine;
use crate::output::{LogRoute, Output};
use crate::rules::connection::ends;
use crate::rules::hand;
use crate::shared::Counters;
use alloc::vec::Vec;
use base::{Buf, Instant, Pool};
use core::sync::atomic::Ordering;
use message::{Fault, StreamId};
use sample::format::{Format, Moment, Origin, RuleKind};
use sample::{For, Log, Told};
use session::log::{
    Captured, Clock, Counts, Line, Peer, Record, RequestLine, Timers, write_line, write_message,
};
use session::settings::{Level, LogWhere, Options, SyslogFormat};
use session::{Capture, ConnId, Direction, ExchangeId, Link, Termination};

/// Room for lines in the making, kept from one line to the next.
#[derive(Debug, Default)]
pub(crate) struct LogSpace {
    line: Vec<u8>,
    structured: Vec<u8>,
    message: Vec<u8>,
}

/// A buffer with a message in it.
pub(crate) fn filled(pool: &mut Pool, message: &[u8]) -> Buf {
    let mut buf = pool.take();
    if buf.room() < message.len() {
        return Buf::copy_of(message);
    }
    buf.append(message);
    buf
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

    /// Messages were gone before a log server had taken them.
    pub fn logs_missed(&self, count: u64) {
        let worker = usize::from(self.worker);
        self.shared.workers[worker].dropped_logs.add(count);
    }

    /// Something has come that gives rise to a log line, if the line has all it says by then.
    pub(crate) fn log_step(&mut self, exchange: ExchangeId, origin: Origin) {
        let x = &self.exchanges[exchange];
        let proxy = self.proxy(x.frontend);
        if x.silent || proxy.logs.is_empty() {
            return;
        }
        let lines = &proxy.log_lines;
        if lines.are_due(origin, proxy.mode, proxy.options, x.logged) {
            self.exchanges[exchange].logged = true;
            self.write_log(exchange, origin);
        }
    }

    /// An exchange has ended: its line is written, unless that was done before.
    pub(crate) fn log_end(&mut self, exchange: ExchangeId) {
        let x = &self.exchanges[exchange];
        let had_request = x.request.is_some() || x.tunnel;
        let origin = match had_request {
            true => Origin::Close,
            false => Origin::Error,
        };
        self.log_step(exchange, origin);
    }

    /// `do-log`: a line now, whatever the last one will be.
    pub(crate) fn do_log(&mut self, exchange: ExchangeId, rules: RuleKind) {
        let frontend = self.exchanges[exchange].frontend;
        if !self.proxy(frontend).logs.is_empty() {
            self.write_log(exchange, Origin::Rule(rules));
        }
    }

    /// `do-log` of a connection that has no request yet: the line is that of an exchange of which nothing
    /// is known.
    pub(crate) fn do_log_connection(&mut self, id: ConnId, rules: RuleKind) {
        let Some(Side::Client(client)) = self.conns.get(id).map(|conn| &conn.side) else {
            return;
        };
        let link = Link {
            conn: id,
            stream: StreamId(0),
        };
        let x = blank(link, client, self.requests, self.now);
        let exchange = self.exchanges.insert(x);
        self.do_log(exchange, rules);
        self.exchanges.remove(exchange);
    }

    fn write_log(&mut self, exchange: ExchangeId, origin: Origin) {
        self.lend_vars(exchange);
        self.write_lines(exchange, origin);
        self.take_vars(exchange);
    }

    fn write_lines(&mut self, exchange: ExchangeId, origin: Origin) {
        let shared = self.lent.clone();
        let x = &self.exchanges[exchange];
        let frontend = shared.proxy(x.frontend);
        let backend = shared.proxy(x.backend);
        let client = self.conns.get(x.client.conn).map(|conn| &conn.side);
        let ends = ends(&self.conns, x);
        let (peer, destination) = match client {
            Some(Side::Client(client)) => (
                ends.peer.map_or_else(
                    || Peer::Unix(frontend.binds[client.bind as usize].id),
                    Peer::Ip,
                ),
                ends.local,
            ),
            Some(Side::Server(_) | Side::Dialed(_)) | None => return,
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
            server: match x.last_server {
                _ if x.ruled.page => Some("<STATS>"),
                Some(server) => Some(&*backend.servers[server.0 as usize].name),
                None => None,
            },
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
            cookies: x.ruled.tie.cookies.letters(backend.cookie.as_ref()),
            captured: Captured {
                request: &x.ruled.request_captures,
                response: &x.ruled.response_captures,
                request_cookie: x.ruled.request_cookie.as_deref(),
                response_cookie: x.ruled.response_cookie.as_deref(),
            },
            counts: Counts {
                process: shared.all_connections.now(),
                frontend: shared.connections[x.frontend.0 as usize].now(),
                backend: sum(|counters| counters.backend.scur.get(), x.backend.0),
                server: served,
            },
            retries: x.retries,
            redispatched: x.redispatched,
            ahead: x.ahead,
            request: x.request.as_deref().map(|head| {
                let line = RequestLine::of(head);
                match &x.ruled.asked {
                    Some((method, target)) => RequestLine {
                        method,
                        target,
                        ..line
                    },
                    None => line,
                }
            }),
            asap: frontend.options.contains(Options::LOGASAP),
        };
        let level = session::log::level(origin, &record, frontend.options);
        let level = match x.ruled.level {
            Some(level) => level,
            None => level,
        };
        let Some(level) = level else {
            return;
        };
        let hand = hand!(self, shared);
        let Some(asker) = hand.asker(x) else {
            return;
        };
        let scene = hand.scene(asker, x, None);
        let context = scene.log();
        let moment = Moment {
            origin,
            asap: record.asap,
            count: shared.log_counts[x.frontend.0 as usize].fetch_add(1, Ordering::Relaxed),
        };
        let now = shared.identity.clock(self.epoch, self.now);
        let logurilen = shared.settings.global.tune.loguri_len as usize;
        let LogSpace {
            line,
            structured,
            message,
        } = &mut self.log;
        for (number, target) in frontend.logs.iter().enumerate() {
            let Some(severity) = target.severity(level) else {
                continue;
            };
            let profile = target
                .profile
                .map(|at| &shared.settings.log_profiles[at as usize]);
            let Some(told) = frontend.log_lines.told(origin, profile) else {
                continue;
            };
            let sampler = &shared.samplers[x.frontend.0 as usize][number];
            if target
                .sample
                .as_ref()
                .is_some_and(|sample| !sampler.admits(sample))
            {
                continue;
            }
            let room = target.len as usize;
            let mut write = |format: &For<Log, Format>, out: &mut Vec<u8>| {
                let (format, facts) = format.with(&context);
                // What does not fit is cut, as the whole message is.
                format.write(&facts, moment, &mut self.work, out, room);
            };
            line.clear();
            match told.line {
                Line::Usual(format) => write_line(line, format, &record, logurilen),
                Line::Custom(format) => write(format, line),
            }
            structured.clear();
            if let Some(format) = told.structured
                && target.format == SyslogFormat::Rfc5424
            {
                write(format, structured);
            }
            let mut sender = shared.sender(Some(x.frontend));
            sender.tag = told.tag.unwrap_or(sender.tag);
            message.clear();
            write_message(message, target, &sender, now, severity, structured, line);
            let mut route = LogRoute::Line {
                proxy: x.frontend,
                target: number as u32,
            };
            if let LogWhere::Backend(backend) = target.to {
                let Some((server, _)) = shared.log_server(backend, line, &mut self.work) else {
                    shared.workers[usize::from(self.worker)].dropped_logs.add(1);
                    continue;
                };
                route = LogRoute::Server { backend, server };
            }
            self.outputs.push_back(Output::Log {
                route,
                line: filled(&mut self.pool, message),
            });
        }
    }

    /// What expressions have told goes where they want it (`debug`).
    pub(crate) fn pass_on(&mut self) {
        let (told, lost) = self.work.told();
        let worker = usize::from(self.worker);
        self.shared.workers[worker].dropped_logs.add(lost);
        for Told { sink, line } in told {
            let target = &self.shared.settings.sinks[sink as usize];
            let mut message = core::mem::take(&mut self.log.message);
            message.clear();
            let (now, sender) = (self.clock(self.now), self.shared.sender(None));
            write_message(&mut message, target, &sender, now, Level::Emerg, &[], &line);
            self.outputs.push_back(Output::Log {
                route: LogRoute::Sink(sink),
                line: filled(&mut self.pool, &message),
            });
            self.log.message = message;
            self.work.give(line);
        }
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
            Side::Client(_) | Side::Dialed(_) => Direction::Request,
            Side::Server(_) => Direction::Response,
        };
        let source = match self.conns.get(x.client.conn).map(|conn| &conn.side) {
            Some(Side::Client(client)) => client.peer,
            Some(Side::Server(_) | Side::Dialed(_)) | None => None,
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
