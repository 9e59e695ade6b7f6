//! The world a worker lives in: network, clock, tasks and log targets.
//!
//! The driver is generic over [`Env`] and monomorphised, so the production binary holds no trace of
//! the simulated network and the simulator runs the very same driver.

use balance::{Address, LocalEnd};
use base::Instant;
use engine::{ConnectError, Measures};
use session::settings::LogSocket;
use std::future::Future;
use std::io;
use std::io::IoSlice;
use std::net::SocketAddr;
use std::task::{Context, Poll};
use tokio::io::ReadBuf;

/// Network, clock, tasks and log targets of one worker.
pub trait Env: Clone + 'static {
    /// A connected byte stream.
    type Stream: Stream;
    /// A listening socket, opened by whoever starts the worker.
    type Listener: Listener<Stream = Self::Stream>;

    /// The monotonic time, counted from an origin of this world.
    fn now(&self) -> Instant;

    /// Opens a connection to a server; what depends on the client never gets here.
    fn connect(
        &self,
        to: Address,
        from: LocalEnd,
    ) -> impl Future<Output = Result<Self::Stream, ConnectError>> + 'static + use<Self>;

    /// Returns once [`Env::now`] has reached `at`.
    fn sleep_until(&self, at: Instant) -> impl Future<Output = ()> + 'static + use<Self>;

    /// Runs a task on this worker's thread.
    fn spawn(&self, task: impl Future<Output = ()> + 'static);

    /// Sends one log line; false if it had to be dropped. Never blocks.
    fn log(&self, to: &LogSocket, line: &[u8]) -> bool;
}

/// A listening socket.
pub trait Listener: Unpin + 'static {
    /// What it accepts.
    type Stream: Stream;

    /// Accepts the next connection.
    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Self::Stream>>;

    /// Accepts a connection that waits already; `None` if there is none.
    fn accept_waiting(&mut self) -> io::Result<Option<Self::Stream>>;

    /// Refuses connections from now on without giving the address up, or accepts them again. Where
    /// the transport cannot, clients wait.
    fn rest(&mut self, on: bool);
}

/// The address of one end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndAddress {
    /// IP address and port.
    Ip(SocketAddr),
    /// A Unix socket.
    Unix,
}

/// A connected byte stream.
pub trait Stream: Unpin + 'static {
    /// The stream between two workers.
    type Packed: 'static;

    /// Leaves a worker. Fails if the connection is lost.
    fn pack(self) -> io::Result<Self::Packed>;

    /// Arrives at another worker. Fails if the connection is lost.
    fn unpack(packed: Self::Packed) -> io::Result<Self>
    where
        Self: Sized;

    /// Reads what is there. Ready without bytes is the peer's FIN.
    ///
    /// As tokio's own streams do, an implementation clears its readiness after a read that did not
    /// fill `buf`, which saves a second read that would only say "would block".
    fn poll_read(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>>;

    /// Reads what has come, even if nobody was told that anything has; `WouldBlock` if nothing has. No bytes
    /// are the peer's FIN.
    fn read_waiting(&mut self, buf: &mut [u8]) -> io::Result<usize>;

    /// Writes what fits now; `WouldBlock` if nothing does.
    fn try_write(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize>;

    /// Waits until [`Stream::try_write`] is worth another call.
    fn poll_write_ready(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Sends FIN; reading goes on.
    fn shutdown_write(&mut self) -> io::Result<()>;

    /// Makes the coming close a reset (`SO_LINGER` with zero seconds).
    fn abort_on_close(&mut self);

    /// Makes the coming close one of which the peer hears nothing, as far as that is possible.
    fn vanish_on_close(&mut self);

    /// Marks the packets it sends from now on, where the transport knows such a thing.
    fn mark(&mut self, mark: session::rules::Mark, value: u32);

    /// What the transport measures of itself, if it does.
    fn measures(&self) -> Option<Measures>;

    /// Turns TCP keep-alive probes on (`option tcpka` and its kin).
    fn keep_alive_probes(&mut self);

    /// The other end.
    fn peer(&self) -> EndAddress;

    /// This end.
    fn local(&self) -> EndAddress;
}
