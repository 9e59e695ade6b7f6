//! A connected socket.

use super::flow::{Ends, reset_packet};
use super::socket::Socket;
use super::{HostIndex, Network, Substrate};
use bytes::{Buf, BytesMut};
use std::cell::{Cell, RefCell};
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A connected socket of a simulated host.
pub struct Stream {
    conn: Rc<Conn>,
    parting: Cell<Parting>,
}

/// How a socket is closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Parting {
    /// As Linux does.
    #[default]
    Usual,
    /// With RST.
    Reset,
    /// Without a word.
    Silent,
}

/// What the owner of a socket and the network share about it.
pub(super) struct Conn {
    network: Network,
    host: HostIndex,
    local: SocketAddr,
    remote: SocketAddr,
    /// None once closed or reset from outside.
    socket: RefCell<Option<Socket>>,
    /// Read from the kernel, not yet by the owner.
    staged: RefCell<BytesMut>,
}

impl Stream {
    /// Takes over a socket whose handshake is done.
    pub(super) fn new(network: &Network, host: HostIndex, socket: Socket) -> io::Result<Self> {
        network.enter(host);
        let (local, remote) = socket.ends()?;
        let conn = Rc::new(Conn {
            network: network.clone(),
            host,
            local,
            remote,
            socket: RefCell::new(Some(socket)),
            staged: RefCell::default(),
        });
        network.with_host(host, |state| state.sockets_open += 1);
        if network.0.substrate == Substrate::Turmoil {
            // turmoil looks after its connections alone.
            return Ok(Self {
                conn,
                parting: Cell::default(),
            });
        }
        let was_reset = network.0.flows.borrow_mut().open(conn.ends(), conn.clone());
        if was_reset {
            conn.keep_unread();
            network.deliver_raw(reset_packet(remote, local));
        }
        Ok(Self {
            conn,
            parting: Cell::default(),
        })
    }

    /// This end's address.
    pub fn local(&self) -> SocketAddr {
        self.conn.local
    }

    /// The other end's address.
    pub fn peer(&self) -> SocketAddr {
        self.conn.remote
    }

    /// Makes closing reset the connection (`SO_LINGER` with zero seconds).
    pub fn reset_on_close(&self) {
        if self.parting.get() == Parting::Usual {
            self.parting.set(Parting::Reset);
        }
    }

    /// Makes closing one of which the peer hears nothing (`TCP_REPAIR`).
    pub fn vanish_on_close(&self) {
        self.parting.set(Parting::Silent);
    }

    /// Reads what is there; ready without bytes is the peer's FIN.
    pub fn poll_read(&self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let conn = &self.conn;
        let quirks = ready!(conn.poll_thawed(cx));
        if conn.staged.borrow().is_empty() && !ready!(conn.poll_stage(cx))? {
            return Poll::Ready(Ok(()));
        }
        let mut staged = conn.staged.borrow_mut();
        let room = buf.remaining().min(quirks.read_max.unwrap_or(usize::MAX));
        let take = staged.len().min(room);
        buf.put_slice(&staged[..take]);
        staged.advance(take);
        Poll::Ready(Ok(()))
    }

    /// Writes what fits now; `WouldBlock` if nothing does.
    pub fn try_write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let conn = &self.conn;
        let quirks = conn.network.with_host(conn.host, |host| host.quirks);
        let mut left = quirks.write_max.unwrap_or(usize::MAX);
        let socket = conn.socket.borrow();
        let socket = conn.usable(&socket)?;
        let mut written = 0;
        for slice in slices {
            let part = &slice[..slice.len().min(left)];
            if part.is_empty() {
                continue;
            }
            match socket.try_write(part) {
                Ok(count) => {
                    written += count;
                    left -= count;
                    if count < slice.len() {
                        break;
                    }
                }
                Err(_) if written > 0 => break,
                Err(error) => return Err(error),
            }
        }
        conn.network.touched();
        Ok(written)
    }

    /// Waits until [`Stream::try_write`] is worth another call.
    pub fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let conn = &self.conn;
        ready!(conn.poll_thawed(cx));
        let mut socket = conn.socket.borrow_mut();
        let socket = conn.usable_mut(&mut socket)?;
        socket.poll_write_ready(cx)
    }

    /// Sends FIN after what was written; reading goes on.
    pub fn shutdown_write(&self) -> io::Result<()> {
        let conn = &self.conn;
        let mut socket = conn.socket.borrow_mut();
        let socket = conn.usable_mut(&mut socket)?;
        let done = socket.shutdown();
        conn.network.touched();
        done
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.conn.close(self.parting.get());
    }
}

impl Conn {
    pub(super) fn ends(&self) -> Ends {
        (self.local, self.remote)
    }

    /// Waits while the host's processes are frozen.
    fn poll_thawed(&self, cx: &mut Context<'_>) -> Poll<super::Quirks> {
        self.network.with_host(self.host, |host| {
            if host.frozen {
                host.thaw.push(cx.waker().clone());
                return Poll::Pending;
            }
            Poll::Ready(host.quirks)
        })
    }

    fn usable<'a>(&self, socket: &'a Option<Socket>) -> io::Result<&'a Socket> {
        if !self.network.enter(self.host) {
            return Err(io::ErrorKind::NotConnected.into());
        }
        socket.as_ref().ok_or(io::ErrorKind::ConnectionReset.into())
    }

    fn usable_mut<'a>(&self, socket: &'a mut Option<Socket>) -> io::Result<&'a mut Socket> {
        if !self.network.enter(self.host) {
            return Err(io::ErrorKind::NotConnected.into());
        }
        socket.as_mut().ok_or(io::ErrorKind::ConnectionReset.into())
    }

    /// Moves what the kernel has received to `staged`; false is the peer's FIN.
    fn poll_stage(&self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        let mut socket = self.socket.borrow_mut();
        let socket = self.usable_mut(&mut socket)?;
        let mut scratch = self.network.0.scratch.borrow_mut();
        let mut buf = ReadBuf::new(&mut scratch);
        ready!(socket.poll_read(cx, &mut buf))?;
        self.staged.borrow_mut().extend_from_slice(buf.filled());
        let count = buf.filled().len();
        if count > 0 {
            // The kernel may have told its peer of new room.
            self.network.touched();
        }
        Poll::Ready(Ok(count > 0))
    }

    /// Takes what the kernel has received before a reset makes it forget.
    pub(super) fn keep_unread(&self) {
        let mut nobody = Context::from_waker(std::task::Waker::noop());
        // An error or FIN is found again by the owner's next read.
        let _ = self.poll_stage(&mut nobody);
    }

    /// Closes as Linux does: FIN after what was written, or RST if something unread is lost.
    fn close(&self, parting: Parting) {
        if !self.network.enter(self.host) {
            // The run is over and the kernels are gone; the socket is no more than a number.
            std::mem::forget(self.socket.borrow_mut().take());
            return;
        }
        if self.network.0.substrate == Substrate::Turmoil {
            return self.release();
        }
        match parting {
            Parting::Silent => self.vanish(),
            Parting::Reset => self.reset(),
            Parting::Usual => {
                if self.socket.borrow().is_some() {
                    self.keep_unread();
                }
                if !self.staged.borrow().is_empty() {
                    self.reset();
                }
            }
        }
        self.release();
        self.network.touched();
    }

    /// Drops the kernel's socket and forgets this end.
    fn release(&self) {
        self.network.enter(self.host);
        let socket = self.socket.borrow_mut().take();
        if let Some(socket) = socket {
            drop(socket);
            self.network
                .with_host(self.host, |host| host.sockets_open -= 1);
            self.network.0.flows.borrow_mut().close(self.ends());
        }
    }

    /// Resets the connection: what was written goes out, then RST.
    pub(super) fn reset(&self) {
        if self.socket.borrow().is_none() {
            return;
        }
        // Linux has already sent what the window let out.
        self.network.pass();
        let was_reset = self.is_reset();
        self.vanish();
        if !was_reset {
            self.network.enqueue(reset_packet(self.local, self.remote));
        }
    }

    /// Loses the connection without a word to the peer.
    pub(super) fn vanish(&self) {
        if self.socket.borrow().is_some() {
            self.keep_unread();
            self.network
                .deliver_raw(reset_packet(self.remote, self.local));
            self.release();
        }
    }

    /// Whether the kernel has already given the connection up.
    fn is_reset(&self) -> bool {
        let socket = self.socket.borrow();
        let Ok(socket) = self.usable(&socket) else {
            return true;
        };
        matches!(
            socket.try_write(&[]).map_err(|error| error.kind()),
            Err(io::ErrorKind::ConnectionReset | io::ErrorKind::TimedOut)
        )
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Self::poll_read(&self, cx, buf)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            match self.try_write(&[IoSlice::new(bytes)]) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    ready!(self.poll_write_ready(cx))?;
                }
                done => return Poll::Ready(done),
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.shutdown_write())
    }
}
