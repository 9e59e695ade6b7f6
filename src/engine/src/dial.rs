//! Reverse HTTP from the other end: we connect to a server, and are asked on that connection
//! (`bind rhttp@`).
//!
//! A listener of this kind belongs to one worker, which keeps as many connections open as `nbconn` says
//! and opens one at a time. It begins as a client of HTTP/2 would: we say the preface that the machine,
//! which is that of a client's connection from the start, would hear. Once the peer has said how it
//! speaks, the connection moves, once and as it is: it is a client's, as if it had been accepted.

use crate::conn::{ClientSide, Connection, Side};
use crate::engine::{Engine, Timer};
use crate::output::Output;
use crate::shared::Shared;
use alloc::boxed::Box;
use alloc::vec::Vec;
use balance::{Address, LocalEnd, Proto, ServerIndex, Shown};
use base::{Deadline, Duration, Instant, TimerSlot, Why};
use core::net::SocketAddr;
use http2::frame::PREFACE;
use message::{Machine, Shutdown};
use session::ConnId;
use session::settings::{BindAddress, Options, ProxyIndex, Reversed};

/// A listener that connects instead of listening.
#[derive(Debug)]
pub(crate) struct Dialer {
    pub(crate) frontend: ProxyIndex,
    pub(crate) bind: u32,
    /// Its connections that are clients' now.
    pub(crate) serving: u32,
    /// The connection that is being opened.
    pub(crate) attempt: Option<ConnId>,
    /// No attempt begins earlier.
    not_before: Instant,
    timer: TimerSlot,
    told: Option<Reached>,
}

/// A connection that is being opened, and will be a client's.
#[derive(Debug)]
pub(crate) struct Dialed {
    pub(crate) frontend: ProxyIndex,
    /// Which of the worker's dialers opens it.
    pub(crate) dialer: u32,
    begun: Instant,
    /// Our own address.
    local: Option<SocketAddr>,
    /// Bytes of the preface that are still to be written.
    pub(crate) unsaid: u8,
}

/// How far a listener has come that connects instead of listening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// It begins.
    Nothing,
    /// A connection could not be opened, or not brought to use.
    Error,
    /// It has all its connections.
    All,
}

impl Dialed {
    /// What of the preface is still to be written.
    pub(crate) fn greeting(&self) -> &'static [u8] {
        &PREFACE[PREFACE.len() - usize::from(self.unsaid)..]
    }
}

impl Dialer {
    /// Those of a worker: they take turns.
    pub(crate) fn all(shared: &Shared, worker: u16) -> Vec<Self> {
        let proxies = (0..).zip(&shared.settings.proxies);
        let enabled = proxies.filter(|(_, proxy)| !proxy.disabled && proxy.capability.accepts());
        let binds = enabled.flat_map(|(at, proxy)| (0..).zip(&proxy.binds).map(move |it| (at, it)));
        let reversed = binds.filter(|(_, (_, it))| matches!(it.address, BindAddress::Reversed(_)));
        let own = reversed.skip(worker.into()).step_by(shared.workers.len());
        own.map(|(frontend, (bind, _))| Self {
            frontend: ProxyIndex(frontend),
            bind,
            serving: 0,
            attempt: None,
            not_before: Instant::ZERO,
            timer: TimerSlot::default(),
            told: None,
        })
        .collect()
    }
}

impl Engine {
    /// Begins to connect.
    pub(crate) fn start_dialing(&mut self) {
        for at in 0..self.dialers.len() {
            self.dial_soon(at as u32);
        }
    }

    /// Connects no more.
    pub(crate) fn stop_dialing(&mut self) {
        for at in 0..self.dialers.len() {
            let dialer = &mut self.dialers[at];
            self.timers.release(&mut dialer.timer);
            if let Some(id) = dialer.attempt {
                self.close(id, false);
            }
        }
    }

    /// A connection of a dialer is lacking: one is opened as soon as it may be.
    fn dial_soon(&mut self, at: u32) {
        let most = self.reversed(at).count;
        let dialer = &mut self.dialers[at as usize];
        if dialer.attempt.is_none() && dialer.serving < most && !self.stop.is_stopping() {
            let when = dialer.not_before.max(self.now);
            self.timers.arm(&mut dialer.timer, Timer::Dial(at), when);
        }
    }

    /// What the configuration says of a dialer.
    fn reversed(&self, at: u32) -> &Reversed {
        let dialer = &self.dialers[at as usize];
        match &self.proxy(dialer.frontend).binds[dialer.bind as usize].address {
            BindAddress::Reversed(reversed) => reversed,
            BindAddress::Ip(_)
            | BindAddress::Unix(_)
            | BindAddress::Abstract(_)
            | BindAddress::Inherited(_) => unreachable!("these listen"),
        }
    }

    /// It is time to open a connection.
    pub(crate) fn dial(&mut self, at: u32) {
        let Dialer { frontend, bind, .. } = self.dialers[at as usize];
        self.dialers[at as usize].not_before = self.now + PAUSE;
        if !self.may_accept(frontend, bind) {
            return self.dial_soon(at);
        }
        self.tell_reached(at, Reached::Nothing);
        let (backend, server) = (self.reversed(at).backend, self.reversed(at).server);
        let mut wire = self.accepting(frontend, Proto::Http2);
        wire.hear_preface(crate::engine::cx!(self));
        let side = Side::Dialed(Dialed {
            frontend,
            dialer: at,
            begun: self.now,
            local: None,
            unsaid: PREFACE.len() as u8,
        });
        let conn = Connection::new(wire, side, self.now, false);
        let conn = self.conns.insert_client(conn);
        self.dialers[at as usize].attempt = Some(conn);
        let proxy = self.proxy(backend);
        let to = proxy.servers[server.0 as usize].address.clone();
        let probes = proxy.options.contains(Options::SRVTCPKA);
        let from = self.own_end(backend, server);
        self.arm_connection(conn);
        self.outputs.push_back(Output::Connect {
            conn,
            to,
            from,
            probes,
        });
    }

    /// Our end of a connection that is opened for no client.
    fn own_end(&self, backend: ProxyIndex, server: ServerIndex) -> LocalEnd {
        let Some(source) = self.proxy(backend).source(server) else {
            return LocalEnd::default();
        };
        let (address, foreign) = match &source.shown {
            Some(Shown::Address(address)) => (*address, true),
            Some(Shown::Client | Shown::ClientIp | Shown::Header { .. }) | None => {
                (source.address, false)
            }
        };
        LocalEnd {
            address: Some(address),
            foreign,
            interface: source.interface.clone(),
        }
    }

    /// Whether a connection is one that we open to be asked on.
    pub fn is_dialed(&self, id: ConnId) -> bool {
        let conn = self.conns.get(id);
        conn.is_some_and(|conn| matches!(conn.side, Side::Dialed(_)))
    }

    /// The backend of the server that it leads to.
    pub(crate) fn dialed_backend(&self, id: ConnId) -> Option<ProxyIndex> {
        match &self.conns.get(id)?.side {
            Side::Dialed(dialed) => Some(self.reversed(dialed.dialer).backend),
            Side::Client(_) | Side::Server(_) => None,
        }
    }

    /// Our own address on such a connection, which is established.
    pub fn note_local(&mut self, id: ConnId, address: Option<SocketAddr>) {
        if let Some(conn) = self.conns.get_mut(id)
            && let Side::Dialed(dialed) = &mut conn.side
        {
            dialed.local = address;
        }
    }

    /// Until when a connection has to be of use (`timeout connect`).
    pub(crate) fn dialed_deadline(&self, dialed: &Dialed) -> Option<Deadline> {
        let backend = self.reversed(dialed.dialer).backend;
        let timeout = self.proxy(backend).timeouts.connect;
        timeout.map(|timeout| Deadline {
            at: dialed.begun + timeout,
            why: Why::Connect,
        })
    }

    /// Whether a connection is of use, or was just brought to it: one that we opened is once both sides have
    /// said how they speak. One that never will be is closed.
    pub(crate) fn is_of_use(&mut self, id: ConnId) -> bool {
        let Some(conn) = self.conns.get(id) else {
            return false;
        };
        let Side::Dialed(dialed) = &conn.side else {
            return true;
        };
        if conn.wire.shutdown() != Shutdown::Open {
            self.close(id, false);
            return false;
        }
        let speaks = dialed.unsaid == 0 && conn.wire.is_settled();
        if speaks {
            self.turn_to_client(id);
        }
        speaks
    }

    /// The one move: who was connected to is a client.
    fn turn_to_client(&mut self, id: ConnId) {
        let Side::Dialed(dialed) = &self.conns[id].side else {
            return;
        };
        let (at, local) = (dialed.dialer, dialed.local);
        let Dialer { frontend, bind, .. } = self.dialers[at as usize];
        let (backend, server) = (self.reversed(at).backend, self.reversed(at).server);
        let peer = match &self.proxy(backend).servers[server.0 as usize].address {
            Address::Ip(address) => Some(*address),
            Address::IpPortOf { .. }
            | Address::Unix(_)
            | Address::Abstract(_)
            | Address::Unresolved(_)
            | Address::Reversed => None,
        };
        let client = ClientSide::new((frontend, bind), (peer, local), self.now);
        let conn = &mut self.conns[id];
        conn.side = Side::Client(Box::new(client));
        self.timers.cancel(&conn.timer);
        let dialer = &mut self.dialers[at as usize];
        dialer.attempt = None;
        dialer.not_before = self.now;
        self.admit(id, frontend, bind);
        if self.dialers[at as usize].serving == self.reversed(at).count {
            self.tell_reached(at, Reached::All);
        }
        self.dial_soon(at);
    }

    /// A connection came to its end before it was of use.
    pub(crate) fn dial_failed(&mut self, dialed: &Dialed) {
        self.dialers[dialed.dialer as usize].attempt = None;
        if !self.stop.is_stopping() {
            self.tell_reached(dialed.dialer, Reached::Error);
        }
        self.dial_soon(dialed.dialer);
    }

    /// Which dialer a client of a `bind` line is of.
    fn dialer_of(&self, frontend: ProxyIndex, bind: u32) -> Option<usize> {
        let is_its = |it: &Dialer| (it.frontend, it.bind) == (frontend, bind);
        self.dialers.iter().position(is_its)
    }

    /// A client is there, and we may have connected to it.
    pub(crate) fn note_dialed_came(&mut self, frontend: ProxyIndex, bind: u32) {
        if let Some(at) = self.dialer_of(frontend, bind) {
            self.dialers[at].serving += 1;
        }
    }

    /// A client is gone, and we may have connected to it.
    pub(crate) fn note_dialed_left(&mut self, client: &ClientSide) {
        let Some(at) = self.dialer_of(client.frontend, client.bind) else {
            return;
        };
        let dialer = &mut self.dialers[at];
        dialer.serving -= 1;
        // Who takes connections and drops them at once is not called without end.
        dialer.not_before = dialer.not_before.max(client.accepted_at + PAUSE);
        self.dial_soon(at as u32);
    }

    fn tell_reached(&mut self, at: u32, reached: Reached) {
        let dialer = &mut self.dialers[at as usize];
        let news = match reached {
            Reached::Nothing => dialer.told.is_none(),
            Reached::Error | Reached::All => dialer.told != Some(reached),
        };
        if news {
            dialer.told = Some(reached);
            self.outputs.push_back(Output::Dialed {
                frontend: dialer.frontend,
                bind: dialer.bind,
                reached,
            });
        }
    }
}

/// Attempts that lead to nothing begin so far apart at least.
const PAUSE: Duration = Duration::from_secs(1);
