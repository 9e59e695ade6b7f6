//! Two workers, a client of each, and the connection to a server that things happen to.

use base::{Duration, Epoch, Instant};
use engine::{ConnectError, Engine, Identity, Output, Shared, Traveller, Wanted};
use proptests::harness::nowhere::settings;
use proptests::pair::ServerState;
use session::settings::ProxyIndex;
use session::{ConnId, ExchangeId};
use std::net::SocketAddr;
use std::sync::Arc;

/// What is spoken with the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speaks {
    H1,
    H2,
}

/// How far a connection to the server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    Connecting,
    Up,
    /// Between two workers.
    Travels,
    Closed,
}

/// A connection to the server, as the server sees it.
struct Server {
    worker: usize,
    id: ConnId,
    link: Link,
    /// All that the proxy sent.
    heard: Vec<u8>,
    answered: usize,
    /// The answer under way is the last.
    said_close: bool,
}

struct Client {
    worker: usize,
    id: ConnId,
    asked: usize,
    heard: Vec<u8>,
    here: bool,
}

pub(super) struct World {
    engines: [Engine; 2],
    now: Instant,
    speaks: Speaks,
    clients: Vec<Client>,
    servers: Vec<Server>,
    /// The connection that things happen to.
    one: usize,
    /// The second worker asks for it; the first has not heard yet.
    ask: Option<(ExchangeId, Wanted)>,
    travels: Option<(ExchangeId, Traveller)>,
    /// Whose request the connection carries, or carried last.
    user: usize,
    /// What is to be sent to the server does not get out.
    stuck: bool,
    /// PINGs that were answered.
    pongs: usize,
}

/// `pool-purge-delay`.
const PERIOD: Duration = Duration::from_secs(10);
const A: usize = 0;
const B: usize = 1;

impl World {
    /// Two workers whose server has no connection yet. The client of the second has been served before,
    /// on a connection that is gone: its next request may use one that lies idle.
    pub(super) fn new(mode: &str, speaks: Speaks) -> Self {
        Self::with(mode, speaks, "", "")
    }

    /// The same with more lines, and more words behind the server.
    pub(super) fn with(mode: &str, speaks: Speaks, lines: &str, options: &str) -> Self {
        let proto = match speaks {
            Speaks::H1 => "",
            Speaks::H2 => "proto h2",
        };
        let config = format!(
            "global\n nbthread 2\ndefaults\n mode http\n timeout client 1h\n timeout server 1h\n \
             timeout connect 1h\n{lines}\nlisten in\n bind 127.0.0.1:80\n http-reuse {mode}\n \
             server a 127.0.0.1:81 {proto} pool-purge-delay {}s {options}\n",
            PERIOD.as_secs()
        );
        let shared = Shared::new(settings(&config), 2, [7; 32], Identity::default());
        let shared = Arc::new(shared);
        let mut world = Self {
            engines: [0, 1].map(|worker| Engine::new(shared.clone(), worker, Epoch(0))),
            now: Instant::ZERO,
            speaks,
            clients: Vec::new(),
            servers: Vec::new(),
            one: 0,
            ask: None,
            travels: None,
            user: A,
            stuck: false,
            pongs: 0,
        };
        for worker in [0, 1] {
            let from = SocketAddr::from(([192, 0, 2, 1], 40_000 + worker as u16));
            let to = SocketAddr::from(([192, 0, 2, 80], 80));
            let engine = &mut world.engines[worker];
            let id = engine.accepted(world.now, ProxyIndex(0), 0, Some(from), Some(to));
            world.clients.push(Client {
                worker,
                id,
                asked: 0,
                heard: Vec::new(),
                here: true,
            });
            world.drain(worker);
        }
        world.request(B);
        world.connect(0);
        world.answer(0);
        world.close(0);
        world.one = 1;
        world
    }

    pub(super) fn is_open(&self) -> bool {
        self.servers
            .get(self.one)
            .is_some_and(|server| server.link != Link::Closed)
    }

    pub(super) fn is_connecting(&self) -> bool {
        self.servers[self.one].link == Link::Connecting
    }

    pub(super) fn travels(&self) -> bool {
        self.travels.is_some()
    }

    pub(super) fn carries_a_stream(&self) -> bool {
        self.servers[self.one].link == Link::Up && !self.streams(self.one).is_empty()
    }

    pub(super) fn said_close(&self) -> bool {
        self.servers[self.one].said_close
    }

    pub(super) fn speaks(&self) -> Speaks {
        self.speaks
    }

    pub(super) fn is_asked_for(&self) -> bool {
        self.ask.is_some()
    }

    pub(super) fn user_is_here(&self) -> bool {
        self.clients[self.user].here
    }

    pub(super) fn a_purge_is_due(&self) -> bool {
        let worker = self.servers[self.one].worker;
        let due = self.engines[worker].deadline();
        due.is_some_and(|due| due <= self.now + PERIOD)
    }

    /// The client of the first worker asks.
    pub(super) fn request_of_the_first(&mut self) {
        self.user = A;
        self.request(A);
    }

    /// The second worker needs a connection; its question is on its way to the first.
    pub(super) fn ask(&mut self) {
        self.request(B);
    }

    pub(super) fn established(&mut self) {
        self.connect(self.one);
    }

    /// The answer is complete.
    pub(super) fn stream_ends(&mut self) {
        self.answer(self.one);
    }

    /// The server says that it takes no more requests on the connection.
    pub(super) fn goaway(&mut self) {
        let streams = self.streams(self.one);
        let server = &mut self.servers[self.one];
        server.said_close = true;
        let bytes = match (self.speaks, streams.len()) {
            (Speaks::H2, _) => {
                let last = 2 * server.answered as u32 + 1;
                [
                    &[0, 0, 8, 7, 0, 0, 0, 0, 0][..],
                    &last.to_be_bytes(),
                    &[0; 4],
                ]
                .concat()
            }
            (Speaks::H1, 0) => b"HTTP/1.1 408 Late\r\nConnection: close\r\n\r\n".to_vec(),
            (Speaks::H1, _) => {
                b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\no".to_vec()
            }
        };
        self.say(self.one, &bytes);
    }

    /// The connection ends, or is never established.
    pub(super) fn transport_closes(&mut self) {
        self.close(self.one);
    }

    pub(super) fn session_ends(&mut self) {
        self.leave(self.user);
    }

    pub(super) fn maintenance(&mut self) {
        let (proxy, server) = (ProxyIndex(0), balance::ServerIndex(0));
        let shared = self.engines[0].shared().clone();
        shared.set_server(self.now, proxy, server, ServerState::Maintenance);
        for worker in [0, 1] {
            self.engines[worker].server_changed(self.now, proxy, server);
            self.drain(worker);
        }
    }

    /// As much time passes as it takes for one connection to be needed no more.
    pub(super) fn purge(&mut self) {
        for _ in 0..3 {
            self.pass(PERIOD);
        }
    }

    /// Time passes in one step: all that is due by then happens together.
    pub(super) fn pass(&mut self, time: Duration) {
        self.now = self.now + time;
        for worker in [0, 1] {
            self.engines[worker].timeout(self.now);
            self.drain(worker);
        }
    }

    /// The first worker hears the question, and gives the connection if it has it.
    pub(super) fn leaves(&mut self) {
        let (exchange, wanted) = self.ask.take().expect("a question");
        match self.engines[0].asked(self.now, wanted) {
            Some((id, traveller)) => {
                assert_eq!(id, self.servers[self.one].id);
                self.servers[self.one].link = Link::Travels;
                self.travels = Some((exchange, traveller));
                self.user = B;
                self.drain(0);
            }
            None => {
                self.drain(0);
                self.engines[1].taken(self.now, exchange, None);
                self.drain(1);
            }
        }
    }

    /// It arrives at the second, if it left.
    pub(super) fn arrives(&mut self) {
        if let Some((exchange, traveller)) = self.travels.take() {
            let id = self.engines[1].taken(self.now, exchange, Some(traveller));
            let server = &mut self.servers[self.one];
            server.worker = 1;
            server.id = id.expect("a name");
            server.link = Link::Up;
            self.drain(1);
        }
    }

    /// The server answers every PING that it has not answered.
    pub(super) fn pongs(&mut self) {
        let asked = frames(&self.servers[self.one].heard);
        let asked = asked.filter(|frame| frame.kind == PING && frame.flags == 0);
        let asked: Vec<Vec<u8>> = asked.map(|frame| frame.payload.to_vec()).collect();
        for payload in &asked[self.pongs..] {
            let pong = [&[0, 0, 8, PING, 1, 0, 0, 0, 0][..], payload].concat();
            self.say(self.one, &pong);
        }
        self.pongs = asked.len();
    }

    /// What is to be sent to the server waits from now on.
    pub(super) fn clog(&mut self) {
        self.stuck = true;
    }

    /// Where the connection is, by what the workers count and the server sees.
    pub(super) fn place(&self) -> String {
        let link = self.servers[self.one].link;
        let names = ["used", "idle", "safe", "private idle"];
        let mut place = match link {
            Link::Connecting => "connecting".to_string(),
            Link::Up => format!("at {}", ["one", "other"][self.servers[self.one].worker]),
            Link::Travels => "under way".to_string(),
            Link::Closed => return "closed".to_string(),
        };
        let worker = self.servers[self.one].worker;
        for (name, count) in names.into_iter().zip(self.gauges(worker)) {
            if count > 0 {
                place += &format!(", {name}");
            }
        }
        place
    }

    /// Whatever remains to be done is done; then everybody has got an answer, nothing is left, and
    /// nothing is counted.
    pub(super) fn finish(mut self, history: &str) {
        self.stuck = false;
        for worker in [0, 1] {
            for at in 0..self.servers.len() {
                self.write(worker, self.servers[at].id);
            }
            self.drain(worker);
        }
        self.arrives();
        if self.ask.is_some() {
            self.leaves();
            self.arrives();
        }
        for _ in 0..4 {
            // Who failed to connect tries again after a pause.
            self.pass(Duration::from_secs(1));
            for at in 0..self.servers.len() {
                match self.servers[at].link {
                    Link::Connecting => self.connect(at),
                    Link::Up if !self.streams(at).is_empty() => self.answer(at),
                    Link::Up | Link::Travels | Link::Closed => {}
                }
            }
        }
        for (at, client) in self.clients.iter().enumerate() {
            let heard = String::from_utf8_lossy(&client.heard);
            let answers = heard.matches("HTTP/1.1 ").count();
            let all = !client.here || answers == client.asked;
            assert!(
                all,
                "{history}: client {at} asked {} times: {heard}",
                client.asked
            );
        }
        self.leave(A);
        self.leave(B);
        self.purge();
        self.purge();
        let left = self
            .servers
            .iter()
            .filter(|server| server.link != Link::Closed);
        assert_eq!(left.count(), 0, "{history}: a connection is left");
        for worker in [0, 1] {
            assert_eq!(self.gauges(worker), [0; 4], "{history}: worker {worker}");
        }
        let shared = self.engines[0].shared();
        let backend = shared.backends[0].lock();
        assert_eq!((backend.served(), backend.queued()), (0, 0), "{history}");
        assert_eq!(shared.all_connections.now(), 0, "{history}");
    }

    fn gauges(&self, worker: usize) -> [u64; 4] {
        let of = &self.engines[worker].shared().counters[worker][0].servers[0];
        [
            of.used_conn_cur.get(),
            of.idle_conn_cur.get(),
            of.safe_conn_cur.get(),
            of.priv_idle_cur.get(),
        ]
    }

    fn request(&mut self, client: usize) {
        let Client { worker, id, .. } = self.clients[client];
        self.clients[client].asked += 1;
        self.hear(worker, id, b"GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    }

    fn leave(&mut self, client: usize) {
        let Client {
            worker, id, here, ..
        } = self.clients[client];
        if here {
            self.clients[client].here = false;
            self.engines[worker].peer_closed(self.now, id, true);
            self.drain(worker);
        }
    }

    fn connect(&mut self, at: usize) {
        let Server { worker, id, .. } = self.servers[at];
        self.servers[at].link = Link::Up;
        self.engines[worker].connected(self.now, id);
        self.drain(worker);
        if self.speaks == Speaks::H2 {
            self.say(at, &[0, 0, 0, 4, 0, 0, 0, 0, 0]);
        }
    }

    fn close(&mut self, at: usize) {
        let Server {
            worker, id, link, ..
        } = self.servers[at];
        let engine = &mut self.engines[worker];
        match link {
            Link::Connecting => engine.connect_failed(self.now, id, ConnectError::Refused),
            Link::Up | Link::Travels | Link::Closed => engine.peer_closed(self.now, id, false),
        }
        self.drain(worker);
    }

    /// Completes the answer to the oldest request on a connection.
    fn answer(&mut self, at: usize) {
        let stream = self.streams(at)[0];
        let server = &mut self.servers[at];
        server.answered += 1;
        let bytes = match self.speaks {
            // `:status` 200 out of the static table, and the end of the stream.
            Speaks::H2 => [&[0, 0, 1, 1, 5][..], &stream.to_be_bytes(), &[0x88]].concat(),
            Speaks::H1 if server.said_close => b"k".to_vec(),
            Speaks::H1 => b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".to_vec(),
        };
        self.say(at, &bytes);
    }

    fn say(&mut self, at: usize, bytes: &[u8]) {
        let Server { worker, id, .. } = self.servers[at];
        self.hear(worker, id, bytes);
    }

    /// Streams on a connection that wait for an answer, as far as the server knows.
    fn streams(&self, at: usize) -> Vec<u32> {
        let server = &self.servers[at];
        let ends = |end: &[u8]| {
            server
                .heard
                .windows(end.len())
                .filter(|w| *w == end)
                .count()
        };
        match self.speaks {
            Speaks::H1 => (server.answered..ends(b"\r\n\r\n"))
                .map(|at| at as u32)
                .collect(),
            Speaks::H2 => {
                let mut open = Vec::new();
                for frame in frames(&server.heard) {
                    match frame.kind {
                        HEADERS => open.push(frame.stream),
                        RST_STREAM => open.retain(|other| *other != frame.stream),
                        _ => {}
                    }
                }
                open.retain(|stream| *stream as usize > 2 * server.answered);
                open
            }
        }
    }

    fn hear(&mut self, worker: usize, id: ConnId, bytes: &[u8]) {
        let engine = &mut self.engines[worker];
        if let Some(buf) = engine.recv_buf(id) {
            buf.spare()[..bytes.len()].copy_from_slice(bytes);
            engine.received(self.now, id, bytes.len());
            self.drain(worker);
        }
    }

    /// Does what a worker asks for. Its invariants are checked once nothing is left to do.
    fn drain(&mut self, worker: usize) {
        while let Some(output) = self.engines[worker].next_output() {
            match output {
                Output::Connect { conn: id, .. } => self.servers.push(Server {
                    worker,
                    id,
                    link: Link::Connecting,
                    heard: Vec::new(),
                    answered: 0,
                    said_close: false,
                }),
                Output::Ask {
                    exchange, wanted, ..
                } => {
                    assert!(self.ask.replace((exchange, wanted)).is_none());
                }
                Output::Write(id) | Output::WriteSoon(id) => self.write(worker, id),
                Output::Close { conn: id, .. } => {
                    if let Some(at) = self.server(worker, id) {
                        self.servers[at].link = Link::Closed;
                    }
                    let client = |one: &&mut Client| one.worker == worker && one.id == id;
                    if let Some(client) = self.clients.iter_mut().find(client) {
                        client.here = false;
                    }
                }
                Output::ShutdownWrite(_)
                | Output::Resume(_)
                | Output::Accept { .. }
                | Output::Unlisten
                | Output::Log { .. }
                | Output::Grant { .. }
                | Output::MakeRoom { .. }
                | Output::Statistics { .. }
                | Output::Room { .. }
                | Output::HardStopped
                | Output::Mark { .. }
                | Output::Vanish(_)
                | Output::Dialed { .. }
                | Output::Unconnected { .. }
                | Output::Stopped => {}
            }
        }
    }

    fn server(&self, worker: usize, id: ConnId) -> Option<usize> {
        let here = |one: &Server| {
            one.worker == worker
                && one.id == id
                && !matches!(one.link, Link::Closed | Link::Travels)
        };
        self.servers.iter().position(here)
    }

    fn write(&mut self, worker: usize, id: ConnId) {
        let server = self.server(worker, id);
        if server.is_some() && self.stuck {
            return;
        }
        let mut slices = [&[][..]; 8];
        let used = self.engines[worker].pending(id, &mut slices);
        let bytes = slices[..used].concat();
        if bytes.is_empty() {
            return;
        }
        self.engines[worker].written(self.now, id, bytes.len());
        match server {
            Some(at) => self.servers[at].heard.extend(bytes),
            None => {
                let mut clients = self.clients.iter_mut();
                let client = clients.find(|one| one.worker == worker && one.id == id);
                client.expect("a client").heard.extend(bytes);
            }
        }
    }
}

const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const PING: u8 = 6;

struct Frame<'a> {
    kind: u8,
    flags: u8,
    stream: u32,
    payload: &'a [u8],
}

/// The frames behind the preface (RFC 9113 §3.4) in what a client sent.
fn frames(heard: &[u8]) -> impl Iterator<Item = Frame<'_>> {
    let mut rest = heard.get(24..).unwrap_or_default();
    std::iter::from_fn(move || {
        let (&[a, b, c, kind, flags, s, t, u, v], behind) = rest.split_first_chunk()?;
        let length = u32::from_be_bytes([0, a, b, c]) as usize;
        let (payload, behind) = behind.split_at_checked(length)?;
        rest = behind;
        Some(Frame {
            kind,
            flags,
            stream: u32::from_be_bytes([s, t, u, v]),
            payload,
        })
    })
}
