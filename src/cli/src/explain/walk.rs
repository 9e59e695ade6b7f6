//! The engine with one client, servers that answer at once, and time that passes when nothing else does.

use super::account::{Account, head_end};
use super::question::{Entrance, Question};
use balance::{Address, Algorithm, Proto};
use base::{Epoch, Instant};
use engine::settings::Settings;
use engine::{Engine, Identity, Output, PageMade, Shared};
use session::ConnId;
use session::settings::{BindAddress, Proxy};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::SystemTime;

/// A request on its way.
pub struct Walk<'a> {
    engine: Engine,
    now: Instant,
    account: Account<'a>,
    client: ConnId,
    wires: BTreeMap<ConnId, Wire>,
    /// Whom the engine has asked us to connect.
    dialled: VecDeque<ConnId>,
    /// The client has its answer.
    answered: bool,
    /// The client was heard to end.
    left: bool,
    /// What was told so far was at this time.
    told_at: Instant,
    /// The lines of the log, told at the end.
    logs: Vec<String>,
}

/// A connection: what is under way to the engine, and what came from it.
#[derive(Debug, Default)]
struct Wire {
    to_engine: VecDeque<u8>,
    heard: Vec<u8>,
    /// The peer has said all it has to say about what it heard.
    spoken: bool,
    closed: bool,
}

impl<'a> Walk<'a> {
    /// The client connects and sends its request.
    pub fn begin(
        mut settings: Settings,
        mut account: Account<'a>,
        question: &Question,
        entrance: Entrance,
    ) -> Self {
        // What servers are sent is shown as text, whatever they speak.
        for server in settings
            .proxies
            .iter_mut()
            .flat_map(|proxy| &mut proxy.servers)
        {
            server.proto = Proto::Http1;
        }
        let proxy = &settings.proxies[entrance.proxy.0 as usize];
        let bind = &proxy.binds[entrance.bind];
        account.line(&question.title());
        account.line("");
        account.line(&format!(
            "frontend {}, {} ({})",
            proxy.name,
            bind_address(&bind.address),
            bind.place
        ));
        let shared = Arc::new(Shared::new(settings, 1, SEED, Identity::default()));
        let wall = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        let mut engine = Engine::new(shared, 0, Epoch(wall.as_nanos() as u64));
        engine.keep_trail();
        let now = Instant::ZERO;
        let bind = entrance.bind as u32;
        let peer = Some(question.peer());
        let client = engine.accepted(now, entrance.proxy, bind, peer, entrance.local);
        let wire = Wire {
            to_engine: question.bytes().into(),
            ..Wire::default()
        };
        Self {
            engine,
            now,
            account,
            client,
            wires: BTreeMap::from([(client, wire)]),
            dialled: VecDeque::new(),
            answered: false,
            left: false,
            told_at: now,
            logs: Vec::new(),
        }
    }

    /// Goes on until the request is answered and everything that follows was told.
    pub fn into_text(mut self) -> String {
        for _ in 0..STEPS_MAX {
            self.drain();
            if !(self.connect() || self.arrive() || self.answer() || self.leave() || self.pass()) {
                break;
            }
        }
        if !self.answered {
            self.account.line("");
            self.account.line("the connection ends without an answer");
        }
        if !self.logs.is_empty() {
            self.account.line("");
        }
        for line in &self.logs {
            self.account.line(line);
        }
        self.account.into_text()
    }

    /// Does what the engine asks for.
    fn drain(&mut self) {
        while let Some(output) = self.engine.next_output() {
            self.look();
            match output {
                Output::Connect { conn, to, .. } => {
                    self.dial(conn, &to);
                }
                Output::Write(id) | Output::WriteSoon(id) => self.hear(id),
                Output::Close { conn, .. } => {
                    let wire = self.wires.entry(conn).or_default();
                    wire.closed = true;
                    wire.to_engine.clear();
                }
                Output::Log { line, .. } => {
                    let text = String::from_utf8_lossy(&line);
                    self.logs.push(format!("log {}", text.trim_end()));
                    self.engine.logged(line, true);
                }
                Output::Grant {
                    exchange,
                    backend,
                    server,
                    ..
                } => self.engine.granted(self.now, exchange, backend, server),
                Output::Statistics { exchange, .. } => {
                    self.account.line("the page of statistics");
                    let page = PageMade {
                        status: 200,
                        fields: vec![("content-type", "text/html".into())],
                        body: Vec::new(),
                    };
                    self.engine.page_made(self.now, exchange, page);
                }
                Output::Room { frontend } => self.engine.room(self.now, frontend),
                Output::Unlisten => self.engine.unlistened(self.now),
                Output::Resume(_)
                | Output::ShutdownWrite(_)
                | Output::Mark { .. }
                | Output::Vanish(_)
                | Output::Accept { .. }
                | Output::Ask { .. }
                | Output::MakeRoom { .. }
                | Output::HardStopped
                | Output::Dialed { .. }
                | Output::Unconnected { .. }
                | Output::Stopped => {}
            }
        }
        self.look();
    }

    /// Tells what the engine has looked at.
    fn look(&mut self) {
        let seen = self.engine.take_trail();
        if !seen.is_empty() {
            self.tell_time();
        }
        self.account.seen(&seen);
    }

    /// Says how long nothing happened, if it was long.
    fn tell_time(&mut self) {
        let span = self.now.since(self.told_at);
        if span.as_millis() >= SPAN_TOLD_MS {
            let seconds = span.as_millis() as f64 / 1000.0;
            self.account.line(&format!("  {seconds:.1} s pass"));
        }
        self.told_at = self.now;
    }

    fn dial(&mut self, conn: ConnId, to: &Address) {
        self.wires.entry(conn).or_default();
        self.dialled.push_back(conn);
        let Some((backend, server)) = self.engine.destination(conn) else {
            return;
        };
        let proxy = self.engine.shared().proxy(backend);
        let named = &proxy.servers[server.0 as usize];
        let line = format!(
            "server {}/{}, {}, balance {}",
            proxy.name,
            named.name,
            server_address(to),
            algorithm(proxy)
        );
        self.account.line(&line);
    }

    fn hear(&mut self, id: ConnId) {
        loop {
            let mut slices = [&[][..]; SLICES];
            let used = self.engine.pending(id, &mut slices);
            let bytes = slices[..used].concat();
            if bytes.is_empty() {
                return;
            }
            let wire = self.wires.entry(id).or_default();
            wire.heard.extend_from_slice(&bytes);
            if id == self.client && !self.answered && has_answer(&wire.heard) {
                self.answered = true;
                let heard = wire.heard.clone();
                self.tell_time();
                self.account.head("sent to the client", &heard);
            }
            self.engine.written(self.now, id, bytes.len());
        }
    }

    /// A server takes a connection.
    fn connect(&mut self) -> bool {
        let Some(conn) = self.dialled.pop_front() else {
            return false;
        };
        self.engine.connected(self.now, conn);
        true
    }

    /// Bytes come to the engine.
    fn arrive(&mut self) -> bool {
        for (id, wire) in &mut self.wires {
            if wire.to_engine.is_empty() || wire.closed {
                continue;
            }
            let Some(buf) = self.engine.recv_buf(*id) else {
                continue;
            };
            let count = buf.room().min(wire.to_engine.len());
            for (to, from) in buf.spare().iter_mut().zip(wire.to_engine.drain(..count)) {
                *to = from;
            }
            self.engine.received(self.now, *id, count);
            return true;
        }
        false
    }

    /// A server has heard a request.
    fn answer(&mut self) -> bool {
        let client = self.client;
        let mut waiting = self.wires.iter_mut().filter(|(id, wire)| {
            **id != client && !wire.spoken && !wire.closed && head_end(&wire.heard).is_some()
        });
        let Some((_, wire)) = waiting.next() else {
            return false;
        };
        wire.spoken = true;
        wire.to_engine.extend(ANSWER);
        self.account.head("sent to the server", &wire.heard);
        self.account.line("");
        self.account.line("the server says 200");
        true
    }

    /// The client has its answer: it ends.
    fn leave(&mut self) -> bool {
        if self.is_gone() || !self.answered || self.left {
            return false;
        }
        self.left = true;
        self.engine.peer_closed(self.now, self.client, false);
        true
    }

    /// The engine has closed the client's connection.
    fn is_gone(&self) -> bool {
        let wire = self.wires.get(&self.client);
        wire.is_none_or(|wire| wire.closed)
    }

    /// Nothing moves: time does.
    fn pass(&mut self) -> bool {
        if self.answered || self.is_gone() {
            return false;
        }
        let Some(at) = self.engine.deadline() else {
            return false;
        };
        self.now = self.now.max(at);
        self.engine.timeout(self.now);
        true
    }
}

/// Whether a head was heard, and another one if the first is of the class 1xx.
fn has_answer(heard: &[u8]) -> bool {
    let Some(end) = head_end(heard) else {
        return false;
    };
    !heard.starts_with(b"HTTP/1.1 1") || has_answer(&heard[end + 4..])
}

fn bind_address(address: &BindAddress) -> String {
    match address {
        BindAddress::Ip(address) => address.to_string(),
        BindAddress::Unix(path) => format!("unix@{path}"),
        BindAddress::Abstract(name) => format!("abns@{name}"),
        BindAddress::Inherited(number) => format!("fd@{number}"),
        BindAddress::Reversed(reversed) => format!("rhttp@{}", reversed.name),
    }
}

fn server_address(address: &Address) -> String {
    match address {
        Address::Ip(address) => address.to_string(),
        Address::IpPortOf { ip, .. } => ip.ip().to_string(),
        Address::Unix(path) => format!("unix@{path}"),
        Address::Abstract(name) => format!("abns@{name}"),
        Address::Unresolved(name) => format!("{name} (not resolved)"),
        Address::Reversed => "rhttp@ (it connects to us)".into(),
    }
}

fn algorithm(proxy: &Proxy) -> String {
    match proxy.balance.algorithm {
        Algorithm::RoundRobin => "roundrobin".into(),
        Algorithm::StaticRr => "static-rr".into(),
        Algorithm::LeastConn => "leastconn".into(),
        Algorithm::First => "first".into(),
        Algorithm::Sticky => "sticky".into(),
        Algorithm::Random { draws } => format!("random({draws})"),
        Algorithm::Hash(_) => proxy
            .hashing
            .as_ref()
            .map_or("hash", |it| it.of.name())
            .into(),
    }
}

/// What every server says.
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
/// The same question has the same answer.
const SEED: [u8; 32] = [0; 32];
/// Waits below this are the grain of timers, milliseconds.
const SPAN_TOLD_MS: u128 = 100;
/// What is taken of the engine's output at once.
const SLICES: usize = 16;
/// Far more than a request takes; so that a mistake of ours ends.
const STEPS_MAX: usize = 10_000;
