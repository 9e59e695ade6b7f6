//! The fast path: the engine between scripted peers over a toy link, without a runtime or sockets.
//!
//! The link keeps the order of bytes and nothing else: how they are cut and which connection moves next
//! is up to a [`Pace`]. Virtual time stands still until somebody lets it pass.

mod pace;
mod peer;
mod socket;

pub use pace::Pace;
pub use peer::{Answerer, Mute, Peer, Say, Talker};
pub use socket::{Closed, Socket};

use balance::ServerIndex;
pub use balance::{Address, LocalEnd, ServerState};
use base::{Duration, Epoch, Instant};
use engine::settings::Settings;
use engine::{ConnectError, Engine, Output, PageMade, Shared};
use session::ConnId;
use session::settings::ProxyIndex;
use socket::{End, LinkState, Move};
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;

/// How a server's host takes a connection attempt.
pub enum Dial {
    /// It refuses.
    Refused,
    /// We cannot even try.
    Failed(ConnectError),
    /// It says nothing at all.
    Silent,
    /// It accepts.
    Accepted(Box<dyn Peer>),
}

/// The engine, everybody connected to it, and what lies between.
pub struct Pair {
    engine: Engine,
    now: Instant,
    pace: Pace,
    sockets: Vec<Socket>,
    by_id: BTreeMap<ConnId, usize>,
    dial: Box<dyn FnMut(&Address) -> Dial>,
    logs: Vec<String>,
    told: Vec<(Instant, ProxyIndex, ConnectError)>,
    stopped: bool,
}

impl Pair {
    /// A worker with these settings; `dial` says what becomes of its connections to servers.
    pub fn new(
        settings: Settings,
        pace: Pace,
        dial: impl FnMut(&Address) -> Dial + 'static,
    ) -> Self {
        let seed = [7; 32];
        let shared = Arc::new(Shared::new(settings, 1, seed, engine::Identity::default()));
        Self {
            engine: Engine::new(shared, 0, Epoch(0)),
            now: Instant::ZERO,
            pace,
            sockets: Vec::new(),
            by_id: BTreeMap::new(),
            dial: Box::new(dial),
            logs: Vec::new(),
            told: Vec::new(),
            stopped: false,
        }
    }

    /// The time.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// What is between all this.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Every connection there ever was, in order.
    pub fn sockets(&self) -> &[Socket] {
        &self.sockets
    }

    /// Those to servers.
    pub fn servers(&self) -> impl Iterator<Item = &Socket> {
        self.sockets.iter().filter(|socket| socket.to.is_some())
    }

    /// The log lines so far.
    pub fn logs(&self) -> &[String] {
        &self.logs
    }

    /// What the operator was told of backends that cannot be connected to, and when.
    pub fn told(&self) -> &[(Instant, ProxyIndex, ConnectError)] {
        &self.told
    }

    /// Whether a soft stop is complete.
    pub fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// A client connects to the first `bind` line of proxy 0; returns its place among the sockets.
    pub fn connect(&mut self, peer: impl Peer + 'static) -> usize {
        self.connect_to(0, 0, peer)
    }

    /// The same to any `bind` line of a proxy.
    pub fn connect_to(&mut self, proxy: u32, bind: u32, peer: impl Peer + 'static) -> usize {
        let from = SocketAddr::from(([192, 0, 2, 1], 40_000));
        let to = SocketAddr::from(([192, 0, 2, 80], 80));
        let proxy = ProxyIndex(proxy);
        let id = self
            .engine
            .accepted(self.now, proxy, bind, Some(from), Some(to));
        let at = self.add(id, None, Box::new(peer), LinkState::Up);
        self.drain();
        self.tell(at);
        at
    }

    /// The peer of a socket does something unasked.
    pub fn say(&mut self, at: usize, say: Say) {
        self.note(at, vec![say]);
    }

    /// The peer of a socket reads no more: what is sent to it stays with the proxy.
    pub fn stop_reading(&mut self, at: usize) {
        self.sockets[at].stuck = true;
    }

    /// No new clients; those that are here come to their end.
    pub fn soft_stop(&mut self) {
        self.engine.soft_stop(self.now);
        self.drain();
    }

    /// A server of proxy 0 is to be used like this from now on.
    pub fn set_server(&mut self, server: u32, state: ServerState) {
        let (proxy, server) = (ProxyIndex(0), ServerIndex(server));
        let shared = self.engine.shared().clone();
        shared.set_server(self.now, proxy, server, state);
        self.engine.server_changed(self.now, proxy, server);
        self.drain();
    }

    /// The proxy has no descriptor left for another client.
    pub fn out_of_resources(&mut self) {
        self.engine.out_of_resources(self.now);
        self.drain();
    }

    /// Moves until nothing can move without time passing.
    pub fn run(&mut self) {
        for _ in 0..MOVES_MAX {
            if !self.step() {
                return;
            }
        }
        panic!("live.quiet: the engine and its peers never come to rest");
    }

    /// It is this late, whatever is due.
    pub fn at(&mut self, now: Instant) {
        self.now = now;
    }

    /// It is this late, and a timer may be due.
    pub fn timeout(&mut self, now: Instant) {
        self.now = now;
        self.engine.timeout(now);
        self.drain();
    }

    /// Lets time pass until the engine's next deadline, and runs; false if there is none.
    pub fn pass(&mut self) -> bool {
        let Some(at) = self.engine.deadline() else {
            return false;
        };
        self.timeout(self.now.max(at));
        let next = self.engine.deadline();
        assert!(
            next.is_none_or(|next| next > self.now),
            "law.quiet: due at {next:?} after a timeout at {:?}",
            self.now
        );
        self.run();
        true
    }

    /// Lets time pass as long as anything is due within `span`.
    pub fn pass_for(&mut self, span: Duration) {
        let until = self.now + span;
        self.run();
        while self.engine.deadline().is_some_and(|at| at <= until) {
            self.pass();
        }
        self.now = until;
    }

    /// Panics unless everything was given back: for when everybody has left.
    pub fn assert_at_rest(&self) {
        let shared = self.engine.shared();
        assert_eq!(shared.all_connections.now(), 0, "alloc.quiet: clients");
        for (proxy, counters) in shared.counters[0].iter().enumerate() {
            let now = [
                counters.frontend.scur.get(),
                counters.backend.scur.get(),
                counters
                    .servers
                    .iter()
                    .map(|server| server.scur.get())
                    .sum(),
            ];
            assert_eq!(now, [0; 3], "cnt.sum: sessions of proxy {proxy}");
        }
        for (at, socket) in self.sockets.iter().enumerate() {
            assert!(
                socket.is_closed() || socket.link == LinkState::Gone,
                "alloc.quiet: connection {at} is left"
            );
        }
    }

    /// One move of one connection; false if none can move.
    pub fn step(&mut self) -> bool {
        let Some((at, kind)) = self.choose() else {
            return false;
        };
        match kind {
            Move::Establish => self.establish(at),
            Move::Arrive => self.arrive(at),
            Move::ArriveEnd => self.arrive_end(at),
            Move::Leave => self.leave(at),
            Move::Look => self.tell(at),
        }
        self.drain();
        true
    }

    fn choose(&mut self) -> Option<(usize, Move)> {
        let moves = || {
            let sockets = self.sockets.iter().enumerate();
            sockets.flat_map(|(at, socket)| socket.moves().map(move |kind| (at, kind)))
        };
        let Some(rng) = &mut self.pace.rng else {
            return moves().next();
        };
        // Peers look rarely while there is more to come: they read everything from the start.
        let looks = rng.chance(1, LOOKS_ONE_IN);
        let count = moves()
            .filter(|(_, kind)| looks || *kind != Move::Look)
            .count();
        if count == 0 {
            return moves().next();
        }
        let chosen = rng.below(count as u64) as usize;
        moves()
            .filter(|(_, kind)| looks || *kind != Move::Look)
            .nth(chosen)
    }

    fn establish(&mut self, at: usize) {
        let socket = &mut self.sockets[at];
        if let LinkState::Failed(error) = socket.link {
            socket.link = LinkState::Gone;
            let id = socket.id;
            self.engine.connect_failed(self.now, id, error);
        } else {
            socket.link = LinkState::Up;
            let id = socket.id;
            self.engine.connected(self.now, id);
            self.drain();
            self.tell(at);
        }
    }

    fn arrive(&mut self, at: usize) {
        let count = self.pace.cut(self.sockets[at].under_way.len());
        let socket = &mut self.sockets[at];
        let Some(buf) = self.engine.recv_buf(socket.id) else {
            socket.paused = true;
            return;
        };
        let count = count.min(buf.room());
        for (to, from) in buf.spare().iter_mut().zip(socket.under_way.drain(..count)) {
            *to = from;
        }
        self.engine.received(self.now, socket.id, count);
    }

    fn arrive_end(&mut self, at: usize) {
        let socket = &mut self.sockets[at];
        let reset = socket.end == Some(End::Reset);
        socket.end = Some(End::Told);
        if reset {
            socket.link = LinkState::Gone;
        } else if self.engine.recv_buf(socket.id).is_none() {
            // A driver that was refused a buffer does not read, and so does not see the end.
            socket.end = Some(End::Fin);
            socket.paused = true;
            return;
        }
        self.engine.peer_closed(self.now, socket.id, reset);
    }

    fn leave(&mut self, at: usize) {
        let socket = &mut self.sockets[at];
        let mut slices = [&[][..]; SLICES];
        let used = self.engine.pending(socket.id, &mut slices);
        let bytes = slices[..used].concat();
        if bytes.is_empty() {
            socket.writes = false;
            return;
        }
        let count = self.pace.cut(bytes.len());
        socket.heard.extend_from_slice(&bytes[..count]);
        socket.unseen = true;
        self.engine.written(self.now, socket.id, count);
    }

    fn add(
        &mut self,
        id: ConnId,
        to: Option<(Address, LocalEnd)>,
        peer: Box<dyn Peer>,
        link: LinkState,
    ) -> usize {
        let at = self.sockets.len();
        self.by_id.insert(id, at);
        let (to, from) = to.unzip();
        self.sockets.push(Socket {
            id,
            to,
            from: from.unwrap_or_default(),
            peer,
            link,
            under_way: VecDeque::new(),
            end: None,
            paused: false,
            writes: false,
            stuck: false,
            unseen: false,
            heard: Vec::new(),
            closed: Closed::Open,
        });
        at
    }

    /// Tells a peer what it heard, and takes down what it says.
    fn tell(&mut self, at: usize) {
        let socket = &mut self.sockets[at];
        socket.unseen = false;
        let says = socket
            .peer
            .hears(&socket.heard, socket.closed != Closed::Open);
        self.note(at, says);
    }

    fn note(&mut self, at: usize, says: Vec<Say>) {
        let socket = &mut self.sockets[at];
        for say in says {
            if socket.link == LinkState::Gone || socket.end.is_some() {
                return;
            }
            match say {
                Say::Bytes(bytes) => socket.under_way.extend(bytes),
                Say::Fin => socket.end = Some(End::Fin),
                Say::Reset => {
                    socket.under_way.clear();
                    socket.end = Some(End::Reset);
                }
            }
        }
    }

    /// Does what the engine asks for.
    fn drain(&mut self) {
        while let Some(output) = self.engine.next_output() {
            match output {
                Output::Connect { conn, to, from, .. } => {
                    let (peer, link): (Box<dyn Peer>, _) = match (self.dial)(&to) {
                        Dial::Refused => (Box::new(Mute), LinkState::Failed(ConnectError::Refused)),
                        Dial::Failed(error) => (Box::new(Mute), LinkState::Failed(error)),
                        Dial::Silent => (Box::new(Mute), LinkState::Dead),
                        Dial::Accepted(peer) => (peer, LinkState::Dialled),
                    };
                    self.add(conn, Some((to, from)), peer, link);
                }
                Output::Write(id) | Output::WriteSoon(id) => self.socket(id).writes = true,
                Output::Resume(id) => self.socket(id).paused = false,
                Output::ShutdownWrite(id) => self.on_closed(id, Closed::Write),
                Output::Close { conn, abort } => {
                    let closed = if abort { Closed::Reset } else { Closed::Both };
                    self.on_closed(conn, closed);
                }
                Output::Log { line, .. } => {
                    self.logs.push(String::from_utf8_lossy(&line).into_owned());
                    self.engine.logged(line, true);
                }
                Output::Stopped => self.stopped = true,
                Output::HardStopped | Output::Dialed { .. } => {}
                Output::Unconnected { backend, error } => {
                    self.told.push((self.now, backend, error));
                }
                Output::Grant {
                    exchange,
                    backend,
                    server,
                    ..
                } => self.engine.granted(self.now, exchange, backend, server),
                Output::Statistics { exchange, asked } => {
                    // What a process would show: here, what it was asked for.
                    let page = PageMade {
                        status: 200,
                        fields: vec![("content-type", "text/plain".into())],
                        body: format!("{asked:?}").into_bytes(),
                    };
                    self.engine.page_made(self.now, exchange, page);
                }
                Output::Ask { .. } | Output::MakeRoom { .. } => {
                    unreachable!("there is one worker")
                }
                Output::Room { frontend } => self.engine.room(self.now, frontend),
                Output::Unlisten => self.engine.unlistened(self.now),
                Output::Accept { .. } | Output::Mark { .. } | Output::Vanish(_) => {}
            }
        }
    }

    fn on_closed(&mut self, id: ConnId, closed: Closed) {
        let at = self.by_id[&id];
        let socket = &mut self.sockets[at];
        assert!(
            socket.link != LinkState::Gone
                || closed != Closed::Write
                || socket.end == Some(End::Told),
            "law.silence: a connection is closed twice"
        );
        socket.closed = closed;
        socket.unseen = true;
        if closed != Closed::Write {
            socket.under_way.clear();
        }
        if closed != Closed::Write {
            socket.link = LinkState::Gone;
        }
    }

    fn socket(&mut self, id: ConnId) -> &mut Socket {
        let at = self.by_id[&id];
        &mut self.sockets[at]
    }
}
/// No run of a test takes more.
const MOVES_MAX: usize = 1_000_000;
/// How often a peer looks at what came before everything has come.
const LOOKS_ONE_IN: u64 = 16;
/// Slices written at once, as the driver does.
const SLICES: usize = 16;
