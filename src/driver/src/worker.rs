//! One worker: an engine and the sockets it talks through.
//!
//! One task a socket waits for readiness and does nothing else of its own. Whatever the engine wants
//! written, to any socket of the worker, is written on the very call that produced it: no task hop
//! and no channel lies between a client's socket and a server's.

use crate::env::{EndAddress, Env, Stream};
use crate::tasks;
use base::Instant;
use engine::{ConnectError, Engine, Output, PageAsked, PageMade, Reached, Traveller, Wanted};
use session::ConnId;
use session::settings::{LogWhere, ProxyIndex};
use slotmap::SecondaryMap;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, ErrorKind, IoSlice};
use std::net::SocketAddr;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use tokio::io::ReadBuf;
use tokio::sync::mpsc::UnboundedSender;

/// The mail of a worker in some world.
pub(crate) type MailOf<E> = Mail<<<E as Env>::Stream as Stream>::Packed>;

/// A worker as its tasks share it. No borrow of it is ever held across an await.
pub(crate) type Shared<E> = Rc<RefCell<Worker<E>>>;

/// What workers and the process tell a worker. `S` is a socket on its way between two of them.
#[derive(Debug)]
pub enum Mail<S> {
    /// A slot for one of its exchanges; see [`Output::Grant`].
    Granted {
        /// The exchange.
        exchange: session::ExchangeId,
        /// The backend.
        backend: ProxyIndex,
        /// The server.
        server: Option<balance::ServerIndex>,
    },
    /// Another worker asks for a connection; see [`Output::Ask`].
    Asked {
        /// The worker.
        by: u16,
        /// Its exchange.
        exchange: session::ExchangeId,
        /// The connection.
        wanted: Wanted,
    },
    /// What another worker gave; see [`Output::Ask`].
    Taken {
        /// The exchange.
        exchange: session::ExchangeId,
        /// The connection, if there still was one.
        given: Option<(Traveller, S)>,
    },
    /// An idle connection is to be closed; see [`Output::MakeRoom`].
    MakeRoom {
        /// The backend.
        backend: ProxyIndex,
        /// The server.
        server: balance::ServerIndex,
    },
    /// A server is to be used otherwise than before; see [`engine::Shared::set_server`].
    ServerChanged {
        /// The backend.
        backend: ProxyIndex,
        /// The server.
        server: balance::ServerIndex,
    },
    /// A page of statistics; see [`Output::Statistics`].
    Page {
        /// Who waits for it.
        exchange: session::ExchangeId,
        /// What it says.
        page: PageMade,
    },
    /// Room for connections; see [`Output::Room`].
    Room(Option<ProxyIndex>),
    /// Soft stop (SIGUSR1).
    SoftStop,
    /// Listeners rest (SIGTTOU), or go on (SIGTTIN).
    Listen(bool),
}

/// What a worker tells the process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// The soft stop began: its listeners are closed.
    Unlistened,
    /// `hard-stop-after` is over: what was left was ended.
    HardStopped,
    /// A page of statistics is asked for; answer with [`Mail::Page`].
    Statistics {
        /// The worker.
        worker: u16,
        /// Its exchange.
        exchange: session::ExchangeId,
        /// The page.
        asked: Box<PageAsked>,
    },
    /// A listener connects instead of listening: how far it has come.
    Dialed {
        /// The frontend.
        frontend: ProxyIndex,
        /// Its `bind` line.
        bind: u32,
        /// How far.
        reached: Reached,
    },
    /// Servers of a backend cannot be connected to.
    Unconnected {
        /// The backend.
        backend: ProxyIndex,
        /// Why not.
        error: ConnectError,
    },
    /// Messages of a ring were gone before a server of it had taken them.
    Missed {
        /// The ring's name.
        ring: Box<str>,
        /// The server's.
        server: Box<str>,
        /// How many.
        count: u64,
    },
    /// Accepting rests for want of descriptors or memory; said once a listener.
    AcceptPaused(String),
}

/// An engine and the sockets it talks through.
pub(crate) struct Worker<E: Env> {
    pub(crate) engine: Engine,
    pub(crate) env: E,
    sockets: SecondaryMap<ConnId, Socket<E::Stream>>,
    /// Other workers, by number.
    peers: Vec<UnboundedSender<MailOf<E>>>,
    /// Tasks that accept, waiting for room.
    accepting: Vec<Waker>,
    pub(crate) resting: bool,
    /// The listeners are to be closed, and how many are still open.
    pub(crate) unlistened: bool,
    listeners: usize,
    /// Connections to be written to once all sockets that are ready were looked at, and the task that
    /// does it: it is woken behind theirs.
    unwritten: Vec<ConnId>,
    writer: Option<Waker>,
    /// The task that sleeps until the next timer, and until when it does.
    pub(crate) sleeper: Option<Waker>,
    pub(crate) sleeps_until: Option<Instant>,
    pub(crate) stopped: bool,
    /// Servers of rings that have not taken everything yet.
    pub(crate) feeding: usize,
    pub(crate) news: VecDeque<News>,
    /// Who waits for news or the end.
    pub(crate) listener: Option<Waker>,
}

struct Socket<S> {
    /// None while a connection is being established.
    stream: Option<S>,
    /// The last write did not fit; the task waits for room.
    blocked: bool,
    /// The peer's FIN was read.
    ended: bool,
    /// What has come with it is to be read first.
    fresh: bool,
    waker: Option<Waker>,
}

// Not derived: that would ask for streams with a default.
impl<S> Default for Socket<S> {
    fn default() -> Self {
        Self {
            stream: None,
            blocked: false,
            ended: false,
            fresh: false,
            waker: None,
        }
    }
}

impl<E: Env> Worker<E> {
    pub(crate) fn new(
        env: E,
        engine: Engine,
        peers: Vec<UnboundedSender<MailOf<E>>>,
        listeners: usize,
    ) -> Self {
        Self {
            sockets: SecondaryMap::with_capacity(engine.connections_reserved()),
            engine,
            env,
            peers,
            accepting: Vec::new(),
            resting: false,
            unlistened: false,
            listeners,
            unwritten: Vec::new(),
            writer: None,
            sleeper: None,
            sleeps_until: None,
            stopped: false,
            feeding: 0,
            news: VecDeque::new(),
            listener: None,
        }
    }

    pub(crate) fn adopt(&mut self, id: ConnId, stream: E::Stream) {
        let socket = Socket {
            stream: Some(stream),
            fresh: self.engine.awaits_first_read(id),
            ..Socket::default()
        };
        self.sockets.insert(id, socket);
    }

    /// The connection was established; false if nobody wants it any more.
    pub(crate) fn establish(&mut self, id: ConnId, stream: E::Stream) -> bool {
        match self.sockets.get_mut(id) {
            Some(socket) => {
                socket.stream = Some(stream);
                true
            }
            None => false,
        }
    }

    pub(crate) fn accept(
        &mut self,
        me: &Shared<E>,
        frontend: ProxyIndex,
        bind: u32,
        stream: E::Stream,
    ) {
        let peer = ip_of(stream.peer());
        let local = ip_of(stream.local());
        let now = self.env.now();
        let measures = match self.engine.wants_measures() {
            true => stream.measures(),
            false => None,
        };
        let id = self
            .engine
            .accepted_measured(now, frontend, bind, peer, local, measures);
        self.adopt(id, stream);
        self.drain(me);
        if self.sockets.contains_key(id) {
            self.env.spawn(tasks::serve(me.clone(), id));
        }
    }

    /// Does everything the engine asks for.
    pub(crate) fn drain(&mut self, me: &Shared<E>) {
        while let Some(output) = self.engine.next_output() {
            match output {
                // The input that led here was a moment ago: the clock need not be read again.
                Output::Write(id) => self.flush(id, self.engine.now()),
                Output::WriteSoon(id) => {
                    self.unwritten.push(id);
                    if let Some(waker) = self.writer.take() {
                        waker.wake();
                    }
                }
                Output::Connect {
                    conn,
                    to,
                    from,
                    probes,
                } => {
                    self.sockets.insert(conn, Socket::default());
                    let connecting = self.env.connect(to, from);
                    self.env
                        .spawn(tasks::connect(me.clone(), conn, connecting, probes));
                }
                Output::Vanish(conn) => {
                    let socket = self.sockets.get_mut(conn);
                    if let Some(stream) = socket.and_then(|socket| socket.stream.as_mut()) {
                        stream.vanish_on_close();
                    }
                }
                Output::Mark { conn, mark, value } => {
                    let socket = self.sockets.get_mut(conn);
                    if let Some(stream) = socket.and_then(|socket| socket.stream.as_mut()) {
                        stream.mark(mark, value);
                    }
                }
                Output::Resume(id) => self.wake(id),
                Output::ShutdownWrite(id) => self.shutdown_write(id),
                Output::Close { conn, abort } => self.close(conn, abort),
                Output::Accept { on, .. } => {
                    if on {
                        self.wake_accepting();
                    }
                }
                Output::Unlisten => {
                    self.unlistened = true;
                    self.wake_accepting();
                    if self.listeners == 0 {
                        self.unlistened();
                    }
                }
                Output::Statistics { exchange, asked } => {
                    let worker = self.engine.worker();
                    self.announce(News::Statistics {
                        worker,
                        exchange,
                        asked,
                    });
                }
                Output::HardStopped => self.announce(News::HardStopped),
                Output::Dialed {
                    frontend,
                    bind,
                    reached,
                } => self.announce(News::Dialed {
                    frontend,
                    bind,
                    reached,
                }),
                Output::Unconnected { backend, error } => {
                    self.announce(News::Unconnected { backend, error });
                }
                Output::Log { route, line } => {
                    let shared = self.engine.shared();
                    let sent = match shared.log_where(route) {
                        LogWhere::Ring(ring) => shared.rings[ring.0 as usize].push(&line),
                        LogWhere::Socket(socket) => self.env.log(socket, &line),
                        // It has lost its server.
                        LogWhere::Backend(_) => false,
                    };
                    self.engine.logged(line, sent);
                }
                Output::Grant {
                    worker,
                    exchange,
                    backend,
                    server,
                } => {
                    let granted = Mail::Granted {
                        exchange,
                        backend,
                        server,
                    };
                    self.deliver(me, worker, granted);
                }
                Output::Ask {
                    worker,
                    exchange,
                    wanted,
                } => self.ask(me, worker, exchange, wanted),
                Output::MakeRoom {
                    worker,
                    backend,
                    server,
                } => self.deliver(me, worker, Mail::MakeRoom { backend, server }),
                Output::Room { frontend } => {
                    for worker in 0..self.peers.len() as u16 {
                        self.deliver(me, worker, Mail::Room(frontend));
                    }
                }
                Output::Stopped => {
                    self.stopped = true;
                    self.wake_listener();
                    if self.feeding > 0 {
                        self.env.spawn(tasks::last_words(me.clone()));
                    }
                }
            }
        }
        self.sleep_less();
    }

    /// One of the listeners is closed.
    pub(crate) fn unlisten_one(&mut self, me: &Shared<E>) {
        self.listeners -= 1;
        if self.listeners == 0 {
            self.unlistened();
            self.drain(me);
        }
    }

    fn unlistened(&mut self) {
        self.announce(News::Unlistened);
        let now = self.env.now();
        self.engine.unlistened(now);
    }

    pub(crate) fn announce(&mut self, news: News) {
        self.news.push_back(news);
        self.wake_listener();
    }

    /// A server of a ring is being sent messages, or has taken all of them.
    pub(crate) fn feeds(&mut self, on: bool) {
        match on {
            true => self.feeding += 1,
            false => {
                self.feeding = self.feeding.saturating_sub(1);
                self.wake_listener();
            }
        }
    }

    pub(crate) fn wake_listener(&mut self) {
        if let Some(waker) = self.listener.take() {
            waker.wake();
        }
    }

    /// Delivers mail to another worker through its channel, to ourselves at once.
    fn deliver(&mut self, me: &Shared<E>, worker: u16, mail: MailOf<E>) {
        if worker == self.engine.worker() {
            self.receive(me, mail);
        } else {
            // A worker that has ended needs no mail.
            let _ = self.send(worker, mail);
        }
    }

    /// Sends mail to another worker; gives it back if that has ended.
    fn send(&self, worker: u16, mail: MailOf<E>) -> Result<(), Box<MailOf<E>>> {
        match self.peers.get(usize::from(worker)) {
            Some(peer) => peer.send(mail).map_err(|unsent| Box::new(unsent.0)),
            None => Err(Box::new(mail)),
        }
    }

    /// Asks another worker for a connection.
    fn ask(&mut self, me: &Shared<E>, worker: u16, exchange: session::ExchangeId, wanted: Wanted) {
        let asked = Mail::Asked {
            by: self.engine.worker(),
            exchange,
            wanted,
        };
        if self.send(worker, asked).is_err() {
            self.take(me, exchange, None);
        }
    }

    /// Gives a connection to the worker that asks for it, if there still is one.
    fn give(&mut self, by: u16, exchange: session::ExchangeId, wanted: Wanted) {
        let now = self.env.now();
        let given = self.engine.asked(now, wanted).and_then(|(id, traveller)| {
            let socket = self.sockets.remove(id);
            let packed = socket.and_then(|socket| {
                if let Some(waker) = socket.waker {
                    waker.wake();
                }
                socket.stream?.pack().ok()
            });
            if packed.is_none() {
                self.engine.lost(&traveller);
            }
            packed.map(|packed| (traveller, packed))
        });
        let unsent = self.send(by, Mail::Taken { exchange, given });
        if let Err(unsent) = unsent
            && let Mail::Taken {
                given: Some((traveller, _)),
                ..
            } = *unsent
        {
            self.engine.lost(&traveller);
        }
    }

    /// Takes in what another worker gave.
    fn take(
        &mut self,
        me: &Shared<E>,
        exchange: session::ExchangeId,
        given: Option<(Traveller, <E::Stream as Stream>::Packed)>,
    ) {
        let arrived = given.and_then(|(traveller, packed)| match E::Stream::unpack(packed) {
            Ok(stream) => Some((traveller, stream)),
            Err(_) => {
                self.engine.lost(&traveller);
                None
            }
        });
        let now = self.env.now();
        match arrived {
            Some((traveller, stream)) => {
                if let Some(id) = self.engine.taken(now, exchange, Some(traveller)) {
                    self.adopt(id, stream);
                    self.env.spawn(tasks::serve(me.clone(), id));
                }
            }
            None => {
                self.engine.taken(now, exchange, None);
            }
        }
    }

    pub(crate) fn receive(&mut self, me: &Shared<E>, mail: MailOf<E>) {
        let now = self.env.now();
        match mail {
            Mail::Granted {
                exchange,
                backend,
                server,
            } => self.engine.granted(now, exchange, backend, server),
            Mail::Asked {
                by,
                exchange,
                wanted,
            } => self.give(by, exchange, wanted),
            Mail::Taken { exchange, given } => self.take(me, exchange, given),
            Mail::MakeRoom { backend, server } => self.engine.make_room(now, backend, server),
            Mail::Page { exchange, page } => self.engine.page_made(now, exchange, page),
            Mail::ServerChanged { backend, server } => {
                self.engine.server_changed(now, backend, server);
            }
            Mail::Room(frontend) => self.engine.room(now, frontend),
            Mail::SoftStop => self.engine.soft_stop(now),
            Mail::Listen(on) => {
                self.resting = !on;
                self.wake_accepting();
            }
        }
    }

    /// An accepting task is to be woken when accepting may go on, or ends.
    pub(crate) fn waits_to_accept(&mut self, cx: &Context<'_>) {
        let known = |waker: &Waker| waker.will_wake(cx.waker());
        if !self.accepting.iter().any(known) {
            self.accepting.push(cx.waker().clone());
        }
    }

    pub(crate) fn wake_accepting(&mut self) {
        for waker in self.accepting.drain(..) {
            waker.wake();
        }
    }

    fn wake(&mut self, id: ConnId) {
        if let Some(waker) = self
            .sockets
            .get(id)
            .and_then(|socket| socket.waker.as_ref())
        {
            waker.wake_by_ref();
        }
    }

    /// Wakes the sleeping task if the next timer is earlier than it knows.
    fn sleep_less(&mut self) {
        let next = self.engine.deadline();
        let sooner = match (next, self.sleeps_until) {
            (Some(next), Some(until)) => next < until,
            (Some(_), None) => true,
            (None, _) => false,
        };
        if sooner && let Some(waker) = self.sleeper.take() {
            waker.wake();
        }
    }

    /// Writes what is pending until it is gone or the socket is full.
    fn flush(&mut self, id: ConnId, now: Instant) {
        loop {
            let Some(socket) = self.sockets.get_mut(id) else {
                return;
            };
            let Some(stream) = &mut socket.stream else {
                return;
            };
            let mut pending: [&[u8]; SLICES] = [&[]; SLICES];
            let count = self.engine.pending(id, &mut pending);
            if count == 0 {
                socket.blocked = false;
                return;
            }
            let slices = pending.map(IoSlice::new);
            let wanted: usize = pending[..count].iter().map(|slice| slice.len()).sum();
            match stream.try_write(&slices[..count]) {
                Ok(written) => {
                    self.engine.written(now, id, written);
                    if written == wanted && count < SLICES {
                        // All of it is gone; if more came, another write is among the outputs.
                        return;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    if !socket.blocked {
                        socket.blocked = true;
                        if let Some(waker) = &socket.waker {
                            waker.wake_by_ref();
                        }
                    }
                    return;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => {
                    self.engine.peer_closed(now, id, true);
                    return;
                }
            }
        }
    }

    /// Writes what was to be written soon; pending while there is nothing.
    pub(crate) fn poll_unwritten(&mut self, me: &Shared<E>, cx: &mut Context<'_>) -> Poll<()> {
        if !self.unwritten.is_empty() {
            let now = self.env.now();
            // Each is there once: the engine asks again only after something was written.
            for at in 0..self.unwritten.len() {
                self.flush(self.unwritten[at], now);
            }
            self.unwritten.clear();
            self.drain(me);
        }
        if self.unwritten.is_empty() {
            self.writer = Some(cx.waker().clone());
        } else {
            // More came of it; it waits its turn again.
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }

    fn shutdown_write(&mut self, id: ConnId) {
        if let Some(stream) = self.sockets.get_mut(id).and_then(|s| s.stream.as_mut())
            && stream.shutdown_write().is_err()
        {
            let now = self.env.now();
            self.engine.peer_closed(now, id, true);
        }
    }

    /// Measures what is looked at with the next event of a connection.
    pub(crate) fn measure(&mut self, id: ConnId) {
        for id in self.engine.to_measure(id) {
            let stream = self.sockets.get(id).and_then(|it| it.stream.as_ref());
            if let Some(measures) = stream.and_then(Stream::measures) {
                self.engine.measured(id, measures);
            }
        }
    }

    /// Dropping the stream closes the socket; its task sees that it is gone and ends.
    fn close(&mut self, id: ConnId, abort: bool) {
        if let Some(mut socket) = self.sockets.remove(id) {
            if abort && let Some(stream) = &mut socket.stream {
                stream.abort_on_close();
            }
            if let Some(waker) = socket.waker {
                waker.wake();
            }
        }
    }

    /// Ready once nobody wants the connection that is being established.
    pub(crate) fn poll_unwanted(&mut self, id: ConnId, cx: &mut Context<'_>) -> Poll<()> {
        match self.sockets.get_mut(id) {
            Some(socket) => {
                keep_waker(&mut socket.waker, cx);
                Poll::Pending
            }
            None => Poll::Ready(()),
        }
    }

    /// Serves a socket until it is gone: writes when there is room again, reads what is there.
    pub(crate) fn poll_socket(
        &mut self,
        me: &Shared<E>,
        id: ConnId,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        loop {
            let Some(socket) = self.sockets.get_mut(id) else {
                return Poll::Ready(());
            };
            let Some(stream) = &mut socket.stream else {
                return Poll::Ready(());
            };
            if socket.blocked && stream.poll_write_ready(cx).is_ready() {
                socket.blocked = false;
                let now = self.env.now();
                self.flush(id, now);
                self.drain(me);
                continue;
            }
            if core::mem::take(&mut socket.fresh) {
                self.read_first(id);
                self.drain(me);
                continue;
            }
            keep_waker(&mut socket.waker, cx);
            if socket.ended {
                return Poll::Pending;
            }
            let Some(buf) = self.engine.recv_buf(id) else {
                return Poll::Pending;
            };
            let mut bytes = ReadBuf::new(buf.spare());
            let result = match stream.poll_read(cx, &mut bytes) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(result) => result.map(|()| bytes.filled().len()),
            };
            self.take_in(id, result);
            self.drain(me);
        }
    }

    /// Reads what a client has sent by now, whether or not it is known to be there.
    fn read_first(&mut self, id: ConnId) {
        let stream = self.sockets.get_mut(id).and_then(|it| it.stream.as_mut());
        let (Some(stream), Some(buf)) = (stream, self.engine.recv_buf(id)) else {
            return;
        };
        match stream.read_waiting(buf.spare()) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                let now = self.env.now();
                self.engine.nothing_read(now, id);
            }
            read => self.take_in(id, read),
        }
    }

    /// Hands on what was read: so many bytes, the end if there are none, or that the connection is broken.
    fn take_in(&mut self, id: ConnId, read: io::Result<usize>) {
        let now = self.env.now();
        let ended = !matches!(read, Ok(1..));
        if let Some(socket) = self.sockets.get_mut(id) {
            socket.ended = ended;
        }
        if self.engine.wants_measures() {
            self.measure(id);
        }
        match read {
            Ok(count @ 1..) => self.engine.received(now, id, count),
            Ok(0) => self.engine.peer_closed(now, id, false),
            Err(_) => self.engine.peer_closed(now, id, true),
        }
    }
}

fn keep_waker(kept: &mut Option<Waker>, cx: &Context<'_>) {
    match kept {
        Some(waker) if waker.will_wake(cx.waker()) => {}
        Some(_) | None => *kept = Some(cx.waker().clone()),
    }
}

pub(crate) fn ip_of(address: EndAddress) -> Option<SocketAddr> {
    match address {
        EndAddress::Ip(address) => Some(address),
        EndAddress::Unix => None,
    }
}

/// Slices of one write. Responses are a head and a body; more than a few buffers are never pending
/// because the machines stop taking data before.
const SLICES: usize = 8;
