//! What the engine asks of the driver and hears from it.

use crate::dial::Reached;
use crate::statistics::PageAsked;
use crate::takeover::Wanted;
use alloc::boxed::Box;
use balance::{Address, LocalEnd, ServerIndex};
use base::Buf;
use session::rules::Mark;
use session::settings::ProxyIndex;
use session::{ConnId, ExchangeId};

/// What the driver must do.
#[derive(Debug)]
pub enum Output {
    /// Open a connection to a server; answer with [`crate::Engine::connected`] or
    /// [`crate::Engine::connect_failed`].
    Connect {
        /// The connection's name.
        conn: ConnId,
        /// Where to.
        to: Address,
        /// Our end of it (`source`).
        from: LocalEnd,
        /// Turn keep-alive probes on (`option srvtcpka`).
        probes: bool,
    },
    /// Bytes wait: take them from [`crate::Engine::pending`] and write them now.
    Write(ConnId),
    /// Bytes wait, and streams that share the connection may add to them: write them once everything
    /// that is ready now was taken in.
    WriteSoon(ConnId),
    /// [`crate::Engine::recv_buf`] said no before; it would say yes now.
    Resume(ConnId),
    /// Send FIN; everything was written.
    ShutdownWrite(ConnId),
    /// Close the socket and forget the connection.
    Close {
        /// Which.
        conn: ConnId,
        /// With a reset (`option nolinger`).
        abort: bool,
    },
    /// The coming close of a connection tells its peer nothing, as far as the system can do that
    /// (`silent-drop`).
    Vanish(ConnId),
    /// Mark the packets of a connection (`set-mark`, `set-tos`).
    Mark {
        /// Which.
        conn: ConnId,
        /// In what way.
        mark: Mark,
        /// With what.
        value: u32,
    },
    /// Make a page of statistics; answer with [`crate::Engine::page_made`].
    Statistics {
        /// Who waits for it.
        exchange: ExchangeId,
        /// What is asked for.
        asked: Box<PageAsked>,
    },
    /// Accept connections of a frontend, or stop to (`maxconn`); of all if `frontend` is `None`.
    Accept {
        /// Whose listeners.
        frontend: Option<ProxyIndex>,
        /// Go on, or pause.
        on: bool,
    },
    /// Accept who has connected already, then close all listeners for good (soft stop); answer with
    /// [`crate::Engine::unlistened`].
    Unlisten,
    /// Send a log line to where [`crate::Shared::log_where`] says.
    Log {
        /// Its way.
        route: LogRoute,
        /// The bytes, header included.
        line: Buf,
    },
    /// Tell another worker that one of its exchanges has a slot; it answers to
    /// [`crate::Engine::granted`].
    Grant {
        /// The worker.
        worker: u16,
        /// Its exchange.
        exchange: ExchangeId,
        /// Of this backend.
        backend: ProxyIndex,
        /// On this server; `None` if the one it waited for is gone and it must ask again.
        server: Option<ServerIndex>,
    },
    /// Ask another worker for an idle connection to a server: it answers to [`crate::Engine::asked`], and
    /// what it says goes to [`crate::Engine::taken`]; nothing does if it has ended.
    Ask {
        /// The worker.
        worker: u16,
        /// Our exchange.
        exchange: ExchangeId,
        /// Which connection it can use.
        wanted: Wanted,
    },
    /// Tell another worker to close an idle connection to a server; it answers to
    /// [`crate::Engine::make_room`].
    MakeRoom {
        /// The worker.
        worker: u16,
        /// The backend.
        backend: ProxyIndex,
        /// The server.
        server: ServerIndex,
    },
    /// Tell all workers that a frontend (or, if `None`, the process) has room for connections again;
    /// they answer to [`crate::Engine::room`].
    Room {
        /// Whose.
        frontend: Option<ProxyIndex>,
    },
    /// Tell the operator how far a listener has come that connects instead of listening.
    Dialed {
        /// The frontend.
        frontend: ProxyIndex,
        /// Its `bind` line.
        bind: u32,
        /// How far.
        reached: Reached,
    },
    /// Tell the operator why servers of a backend cannot be connected to.
    Unconnected {
        /// The backend.
        backend: ProxyIndex,
        /// Why not.
        error: ConnectError,
    },
    /// `hard-stop-after` is over: what was left is ended; [`crate::Shared::hard_stopped`] says how
    /// much it was.
    HardStopped,
    /// The soft stop is complete: no connection is left.
    Stopped,
}

/// The way of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogRoute {
    /// By a `log` line of a proxy.
    Line {
        /// The proxy.
        proxy: ProxyIndex,
        /// Which of its lines.
        target: u32,
    },
    /// By a `log` line of a `log-forward` section.
    Forwarded {
        /// The section.
        section: u32,
        /// Which of its lines.
        target: u32,
    },
    /// From an expression (`debug`), to what the settings have at this place.
    Sink(u32),
    /// To a server of a backend in `mode log`.
    Server {
        /// The backend.
        backend: ProxyIndex,
        /// The server.
        server: ServerIndex,
    },
}

/// A refused, failed or timed-out connection attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectError {
    /// The peer or the network said no.
    Refused,
    /// We ran out of descriptors or memory.
    Resource,
    /// No port is left to connect from.
    NoPort,
    /// The address that it was to come from cannot be had (`source`).
    Source {
        /// It is somebody else's (`usesrc`).
        foreign: bool,
    },
}
