//! One worker's machine: what the driver calls.
//!
//! Each public method takes in one event, works until nothing more follows from it, and leaves what
//! the driver must do in the outputs. The other files of this crate are the kinds of events.

use crate::conn::Side;
use crate::conns::Conns;
use crate::output::{ConnectError, Output};
use crate::shared::{Counters, Lent, Shared};
use crate::takeover::{Traveller, Wanted};
use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;
use balance::ServerIndex;
use base::{Buf, Core, Deadline, Epoch, Instant, Pool, Rng, TimerSlot, Timers, Why};
use core::net::SocketAddr;
use message::{Heads, Machine, Waiting};
use sample::Work;
use sample::facts::Measures;
use sample::trail::Seen;
use session::settings::{Proxy, ProxyIndex};
use session::{ConnId, Exchange, ExchangeId};
use slotmap::SlotMap;

/// The machine of one worker.
#[derive(Debug)]
pub struct Engine {
    pub(crate) shared: Arc<Shared>,
    /// The same, to be held on to while the engine is changed.
    pub(crate) lent: Lent,
    pub(crate) worker: u16,
    pub(crate) epoch: Epoch,
    pub(crate) now: Instant,
    pub(crate) pool: Pool,
    pub(crate) heads: Heads,
    /// What the machines draw.
    pub(crate) rng: Rng,
    pub(crate) conns: Conns,
    pub(crate) exchanges: SlotMap<ExchangeId, Exchange>,
    pub(crate) timers: Timers<Timer>,
    /// Who may use which server connection.
    pub(crate) reuse: crate::reuse::Reuse,
    pub(crate) stop: crate::stop::Stop,
    /// The listeners that connect.
    pub(crate) dialers: Vec<crate::dial::Dialer>,
    /// When the operator was last told of backends that cannot be connected to; one entry each at most.
    pub(crate) told_unconnected: Vec<(ProxyIndex, Instant)>,
    /// When a stick table is looked at again, by table.
    pub(crate) sweeps: Vec<TimerSlot>,
    pub(crate) outputs: VecDeque<Output>,
    /// The exchange whose timer is to be set when the outputs are drained.
    pub(crate) touched: Option<ExchangeId>,
    /// Connections whose machines may have something to tell, first come, first served.
    stirred: VecDeque<ConnId>,
    /// The connection whose events are being taken in.
    taking_in: ConnId,
    pub(crate) scratch: Buf,
    pub(crate) scratch_large: Buf,
    pub(crate) log: crate::log::LogSpace,
    pub(crate) clients: usize,
    /// What expressions are evaluated with.
    pub(crate) work: Work,
    /// Room for what exchanges track.
    pub(crate) spare_tracks: Vec<Vec<Option<sample::facts::Track>>>,
    /// Exchanges of this worker so far.
    pub(crate) requests: u32,
}

/// Whose timer it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Timer {
    /// A connection without an exchange.
    Conn(ConnId),
    /// An exchange.
    Exchange(ExchangeId),
    /// The idle connections of a server.
    Purge(pool::Target),
    /// `hard-stop-after`, or the end of `grace`.
    Stop,
    /// The entries of a stick table, by place.
    Sweep(u32),
    /// The next connection of a listener that connects.
    Dial(u32),
}

/// The context a machine needs, out of an engine's own fields.
macro_rules! cx {
    ($engine:ident) => {
        &mut message::Cx {
            now: $engine.now,
            pool: &mut $engine.pool,
            heads: &mut $engine.heads,
            rng: &mut $engine.rng,
        }
    };
}
pub(crate) use cx;

impl Engine {
    /// The engine of worker number `worker` among those that share `shared`.
    pub fn new(shared: Arc<Shared>, worker: u16, epoch: Epoch) -> Self {
        let mut rng = shared.rng(worker);
        let reuse = crate::reuse::Reuse::new(&shared, &mut rng);
        let work = shared.work(epoch, rng.fork("rules"));
        let global = &shared.settings.global;
        let bufsize = global.tune.bufsize as usize;
        let clients = (global.maxconn as usize).min(CLIENTS_RESERVED_MAX);
        let mut engine = Self {
            worker,
            epoch,
            now: Instant::ZERO,
            pool: Pool::new(bufsize),
            heads: Heads::default(),
            rng,
            conns: Conns::with_capacity(clients * 2),
            exchanges: SlotMap::with_key(),
            timers: Timers::with_capacity(clients * 2),
            reuse,
            stop: crate::stop::Stop::default(),
            dialers: crate::dial::Dialer::all(&shared, worker),
            told_unconnected: Vec::new(),
            sweeps: shared.tables.iter().map(|_| TimerSlot::default()).collect(),
            outputs: VecDeque::with_capacity(64),
            touched: None,
            stirred: VecDeque::with_capacity(8),
            taking_in: ConnId::default(),
            scratch: Buf::default(),
            scratch_large: Buf::default(),
            log: crate::log::LogSpace::default(),
            clients: 0,
            work,
            spare_tracks: Vec::new(),
            requests: 0,
            lent: Arc::new(shared.clone()),
            shared,
        };
        engine.look_at_servers();
        engine.start_dialing();
        engine
    }

    /// Connections for which there is room without moving those that are open.
    pub fn connections_reserved(&self) -> usize {
        self.conns.capacity()
    }

    /// The time of the last input.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// The number of this worker.
    pub fn worker(&self) -> u16 {
        self.worker
    }

    /// From now on, keeps what rules look at.
    pub fn keep_trail(&mut self) {
        self.work.trail.get_or_insert_default();
    }

    /// What rules looked at since this was asked last; nothing if it is not kept.
    pub fn take_trail(&mut self) -> Vec<Seen> {
        self.work
            .trail
            .as_mut()
            .map_or_else(Vec::new, |trail| trail.take())
    }

    /// Whose connection to which server that is; none if it is a client's.
    pub fn destination(&self, id: ConnId) -> Option<(ProxyIndex, ServerIndex)> {
        match &self.conns.get(id)?.side {
            Side::Server(server) => Some((server.backend, server.server)),
            Side::Client(_) | Side::Dialed(_) => None,
        }
    }

    /// What the workers have in common.
    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Where the next bytes of a connection are to be read to; `None` is back-pressure, ended by
    /// [`Output::Resume`], or the connection is gone.
    pub fn recv_buf(&mut self, id: ConnId) -> Option<&mut Buf> {
        let conn = self.conns.get_mut(id)?;
        if !conn.wire.wants_bytes() {
            conn.read_paused = true;
            return None;
        }
        conn.read_paused = false;
        let large = conn.reads_large();
        let scratch = if large {
            &mut self.scratch_large
        } else {
            &mut self.scratch
        };
        if !scratch.is_allocated() {
            *scratch = if large {
                self.pool.take_large()
            } else {
                self.pool.take()
            };
        }
        Some(scratch)
    }

    /// `count` bytes were read into [`Engine::recv_buf`].
    pub fn received(&mut self, now: Instant, id: ConnId, count: usize) {
        self.now = now;
        let Some(conn) = self.conns.get_mut(id) else {
            return;
        };
        let mut bytes = core::mem::take(if conn.reads_large() {
            &mut self.scratch_large
        } else {
            &mut self.scratch
        });
        bytes.advance(count);
        conn.note_read(count >= self.pool.block_bytes());
        conn.active_at = now;
        let mut awaits_preamble = false;
        if let Side::Client(client) = &mut conn.side {
            client.unread = false;
            awaits_preamble = client.awaits_preamble();
        }
        if awaits_preamble {
            match self.receive_preamble(id, bytes) {
                Some(rest) if !rest.is_empty() => bytes = rest,
                Some(rest) => {
                    self.pool.give(rest);
                    self.stir(id);
                    return self.work();
                }
                None => return self.work(),
            }
        }
        let conn = &mut self.conns[id];
        let (mut unknown, mut comes) = (false, false);
        if let Side::Client(client) = &mut conn.side {
            let waiting = conn.wire.waiting();
            if matches!(waiting, Waiting::First | Waiting::Next) {
                client.begun_at = now;
            }
            unknown = client.upgrades && waiting != Waiting::Next && !client.used;
            comes = client.server.is_some();
        }
        if comes {
            self.receive_comer(id, bytes);
        } else if unknown {
            self.receive_first(id, bytes);
        } else {
            self.enter_event(id);
            self.conns[id].wire.receive(cx!(self), bytes);
            self.note_capacity(id);
        }
        self.stir(id);
        self.work();
    }

    /// The peer closed its sending side, or (`reset`) the transport failed.
    pub fn peer_closed(&mut self, now: Instant, id: ConnId, reset: bool) {
        self.now = now;
        if self.awaits_preamble(id) {
            self.close(id, false);
            return self.work();
        }
        self.note_first_read(id);
        self.enter_event(id);
        if let Some(conn) = self.conns.get_mut(id) {
            conn.peer_ended = true;
            conn.wire.receive_end(cx!(self), reset);
            self.note_capacity(id);
            self.stir(id);
            self.work();
        }
    }

    /// The bytes to be written next, in order; says how many slices are used.
    pub fn pending<'a>(&'a self, id: ConnId, slices: &mut [&'a [u8]]) -> usize {
        match self.conns.get(id) {
            Some(conn) if conn.established => match (self.unsaid(id), slices) {
                ([], slices) => conn.wire.pending(slices),
                (first, [slice, rest @ ..]) => {
                    *slice = first;
                    1 + conn.wire.pending(rest)
                }
                (_, []) => 0,
            },
            Some(_) | None => 0,
        }
    }

    /// `count` pending bytes were written.
    pub fn written(&mut self, now: Instant, id: ConnId, count: usize) {
        self.now = now;
        let Some(conn) = self.conns.get_mut(id) else {
            return;
        };
        conn.active_at = now;
        conn.write_queued = false;
        let count = conn.said(count);
        conn.wire.transmitted(cx!(self), count);
        // Where streams share a connection, nobody knows whose bytes they are.
        let only = if conn.wire.is_multiplexed() {
            None
        } else {
            conn.streams.only()
        };
        if let Some(exchange) = only {
            let x = &mut self.exchanges[exchange];
            match conn.side {
                Side::Client(_) | Side::Dialed(_) => x.client_at = now,
                Side::Server(_) => x.server_at = now,
            }
        }
        // A request that is written whole leads to nothing else yet.
        if !self.conns[id].is_at_rest() {
            self.stir(id);
            self.work();
        }
        // Nothing may be left to write: then another timer runs than before.
        if let Some(exchange) = only {
            self.touch(exchange);
        }
    }

    /// A client connected to bind line `bind` of `frontend`, and has sent nothing so far.
    pub fn accepted(
        &mut self,
        now: Instant,
        frontend: ProxyIndex,
        bind: u32,
        peer: Option<SocketAddr>,
        local: Option<SocketAddr>,
    ) -> ConnId {
        let id = self.accepted_measured(now, frontend, bind, peer, local, None);
        self.nothing_read(now, id);
        id
    }

    /// The same with what was measured of the connection ([`Engine::wants_measures`]), of a client that may
    /// have sent something ([`Engine::awaits_first_read`]).
    pub fn accepted_measured(
        &mut self,
        now: Instant,
        frontend: ProxyIndex,
        bind: u32,
        peer: Option<SocketAddr>,
        local: Option<SocketAddr>,
        measures: Option<Measures>,
    ) -> ConnId {
        self.now = now;
        let id = self.on_accepted(frontend, bind, peer, local, measures);
        self.work();
        id
    }

    /// A client has sent nothing by the time it was accepted.
    pub fn nothing_read(&mut self, now: Instant, id: ConnId) {
        if self.awaits_first_read(id) {
            self.now = now;
            self.note_first_read(id);
            self.stir(id);
            self.work();
        }
    }

    /// A connection to a server is established.
    pub fn connected(&mut self, now: Instant, id: ConnId) {
        self.now = now;
        self.on_connected(id);
        self.work();
    }

    /// A connection to a server could not be established.
    pub fn connect_failed(&mut self, now: Instant, id: ConnId, error: ConnectError) {
        self.now = now;
        self.on_connect_failed(id, error);
        self.work();
    }

    /// Another worker handed a slot to one of our exchanges.
    pub fn granted(
        &mut self,
        now: Instant,
        exchange: ExchangeId,
        backend: ProxyIndex,
        server: Option<ServerIndex>,
    ) {
        self.now = now;
        self.on_granted(exchange, backend, server);
        self.work();
    }

    /// Another worker asks for a connection ([`Output::Ask`]): its name here, by which its socket is
    /// found, and the rest of it. `None` if there is none any more.
    pub fn asked(&mut self, now: Instant, wanted: Wanted) -> Option<(ConnId, Traveller)> {
        self.now = now;
        self.on_asked(wanted)
    }

    /// What another worker gave for [`Output::Ask`]. The name of the connection here, whose socket the
    /// driver has before it asks for the next output.
    pub fn taken(
        &mut self,
        now: Instant,
        exchange: ExchangeId,
        traveller: Option<Traveller>,
    ) -> Option<ConnId> {
        self.now = now;
        let id = self.on_taken(exchange, traveller);
        self.work();
        id
    }

    /// Another worker lacks a place among the connections to a server ([`Output::MakeRoom`]).
    pub fn make_room(&mut self, now: Instant, backend: ProxyIndex, server: ServerIndex) {
        self.now = now;
        self.on_make_room(backend, server);
        self.work();
    }

    /// A server is to be used otherwise than before ([`Shared::set_server`]).
    pub fn server_changed(&mut self, now: Instant, backend: ProxyIndex, server: ServerIndex) {
        self.now = now;
        self.on_server_changed(backend, server);
        self.work();
    }

    /// A connection was lost between two workers.
    pub fn lost(&self, traveller: &Traveller) {
        traveller.note_lost(&self.shared);
    }

    /// A frontend, or the process, has room for connections again.
    pub fn room(&mut self, now: Instant, frontend: Option<ProxyIndex>) {
        self.now = now;
        self.outputs
            .push_back(Output::Accept { frontend, on: true });
    }

    /// The process ran out of files or memory: idle connections go, so that clients get through.
    pub fn out_of_resources(&mut self, now: Instant) {
        self.now = now;
        self.drop_idle();
        self.work();
    }

    /// Stops: no new connections; ends when those that are open have ended.
    pub fn soft_stop(&mut self, now: Instant) {
        self.now = now;
        self.on_soft_stop();
        self.work();
    }

    /// Every listener is closed, as [`Output::Unlisten`] asked.
    pub fn unlistened(&mut self, now: Instant) {
        self.now = now;
        self.on_unlistened();
        self.work();
    }

    /// What the driver must do next; drained until `None` after every call.
    pub fn next_output(&mut self) -> Option<Output> {
        if self.work.has_told() {
            self.pass_on();
        }
        let output = self.outputs.pop_front();
        if let Some(Output::Write(id)) = output
            && let Some(conn) = self.conns.get_mut(id)
        {
            conn.write_queued = false;
        }
        if output.is_none() {
            if let Some(exchange) = self.touched.take() {
                self.set_timer(exchange);
            }
            if self.shared.bell.answer() {
                self.attend_tables();
            }
            if cfg!(debug_assertions) {
                self.check_invariants();
            }
        }
        output
    }

    /// When [`Engine::timeout`] is due; to be asked when the outputs are drained.
    pub fn deadline(&self) -> Option<Instant> {
        self.timers.earliest()
    }

    /// A timer may be due.
    pub fn timeout(&mut self, now: Instant) {
        self.now = now;
        // What a timer leads to may be due at once.
        while self.timers.earliest().is_some_and(|at| at <= now) {
            self.on_timeout();
            self.work();
        }
    }

    pub(crate) fn proxy(&self, index: ProxyIndex) -> &Proxy {
        &self.shared.settings.proxies[index.0 as usize]
    }

    pub(crate) fn counters(&self, index: ProxyIndex) -> &Counters {
        &self.shared.counters[usize::from(self.worker)][index.0 as usize]
    }

    /// Something was done to a connection's machine: it may have something to tell, or to send.
    ///
    /// What follows is done in [`Engine::work`] and never within the event of another connection:
    /// connections that share streams stir each other, and would be within each other without end.
    pub(crate) fn stir(&mut self, id: ConnId) {
        if id == self.taking_in {
            return;
        }
        if let Some(conn) = self.conns.get_mut(id)
            && !conn.stirred
        {
            conn.stirred = true;
            self.stirred.push_back(id);
        }
    }

    /// Takes in what the machines have to tell, and looks after their connections, until nothing more
    /// follows from it.
    pub(crate) fn work(&mut self) {
        while let Some(id) = self.stirred.pop_front() {
            let Some(conn) = self.conns.get_mut(id) else {
                continue;
            };
            conn.stirred = false;
            self.taking_in = id;
            self.take_in(id);
            self.taking_in = ConnId::default();
            if !self.conns.is_client(id) {
                self.leave_event(id);
            }
            self.settle(id);
        }
    }

    fn take_in(&mut self, id: ConnId) {
        if self.awaits_preamble(id) || self.awaits_first_read(id) || !self.is_of_use(id) {
            return;
        }
        self.note_glitches(id);
        while let Some(conn) = self.conns.get_mut(id) {
            let Some(event) = conn.wire.poll_event(cx!(self)) else {
                break;
            };
            match conn.side {
                Side::Client(_) => self.on_client_event(id, event),
                Side::Server(_) => self.on_server_event(id, event),
                Side::Dialed(_) => unreachable!("it was brought to use"),
            }
        }
    }

    /// Asks for what a connection needs from the driver: a write, a shutdown, reading on, a timer.
    fn settle(&mut self, id: ConnId) {
        let Some(conn) = self.conns.get_mut(id) else {
            return;
        };
        if conn.has_pending() {
            // Who has yet to say whose it is hears nothing.
            let silent = matches!(&conn.side, Side::Client(it) if it.awaits_preamble());
            if conn.established && !conn.write_queued && !silent {
                conn.write_queued = true;
                self.outputs.push_back(if conn.wire.is_multiplexed() {
                    Output::WriteSoon(id)
                } else {
                    Output::Write(id)
                });
            }
        } else {
            match conn.wire.shutdown() {
                message::Shutdown::Open => {}
                message::Shutdown::Write | message::Shutdown::Linger => {
                    if !conn.fin_sent {
                        conn.fin_sent = true;
                        self.outputs.push_back(Output::ShutdownWrite(id));
                    }
                }
                message::Shutdown::Close => return self.close(id, false),
                message::Shutdown::Abort => return self.close(id, true),
            }
        }
        let conn = &mut self.conns[id];
        if conn.read_paused && conn.wire.wants_bytes() {
            conn.read_paused = false;
            self.outputs.push_back(Output::Resume(id));
        }
        if conn.streams.is_empty() {
            self.arm_connection(id);
        }
    }
}

impl Core for Engine {
    type Input<'a> = Input<'a>;
    type Output = Output;

    fn handle(&mut self, now: Instant, input: Input<'_>) {
        match input {
            Input::Accepted {
                frontend,
                bind,
                peer,
                local,
            } => {
                self.accepted(now, frontend, bind, peer, local);
            }
            Input::Bytes(id, mut bytes) => {
                while !bytes.is_empty() {
                    let Some(buf) = self.recv_buf(id) else {
                        return;
                    };
                    let count = bytes.len().min(buf.room());
                    buf.spare()[..count].copy_from_slice(&bytes[..count]);
                    bytes = &bytes[count..];
                    self.received(now, id, count);
                }
            }
            Input::PeerClosed(id, reset) => self.peer_closed(now, id, reset),
            Input::Connected(id) => self.connected(now, id),
            Input::ConnectFailed(id, error) => self.connect_failed(now, id, error),
            Input::Written(id, count) => self.written(now, id, count),
            Input::ServerChanged(backend, server) => self.server_changed(now, backend, server),
            Input::SoftStop => self.soft_stop(now),
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.timeout(now);
    }

    fn poll_timeout(&self) -> Option<Deadline> {
        self.deadline().map(|at| Deadline {
            at,
            why: Why::Table,
        })
    }

    fn poll_output(&mut self) -> Option<Output> {
        self.next_output()
    }
}

/// An event as a value, for those who drive the engine without a network.
#[derive(Debug)]
pub enum Input<'a> {
    /// As [`Engine::accepted`].
    Accepted {
        /// The frontend.
        frontend: ProxyIndex,
        /// Its bind line.
        bind: u32,
        /// The client.
        peer: Option<SocketAddr>,
        /// Where it connected to.
        local: Option<SocketAddr>,
    },
    /// Bytes arrived. Those the engine has no room for are dropped: ask [`Engine::recv_buf`] first.
    Bytes(ConnId, &'a [u8]),
    /// As [`Engine::peer_closed`].
    PeerClosed(ConnId, bool),
    /// As [`Engine::connected`].
    Connected(ConnId),
    /// As [`Engine::connect_failed`].
    ConnectFailed(ConnId, ConnectError),
    /// As [`Engine::written`].
    Written(ConnId, usize),
    /// As [`Engine::server_changed`].
    ServerChanged(ProxyIndex, ServerIndex),
    /// As [`Engine::soft_stop`].
    SoftStop,
}

/// Clients, each with a connection to a server, for whom there is room from the start. The memory is
/// the kernel's until it is used; a table that grows instead is copied with everything in it, and the
/// copies before it stay resident.
const CLIENTS_RESERVED_MAX: usize = 32 * 1024;
