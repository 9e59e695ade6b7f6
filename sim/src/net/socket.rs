//! The sockets of either substrate as one type.

use super::Substrate;
use std::cell::RefCell;
use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use turmoil_net::shim::tokio::net as packets;

/// A connected socket.
pub(super) enum Socket {
    Packets(packets::TcpStream),
    Turmoil(turmoil::net::TcpStream),
}

/// A listening socket.
pub(super) enum ListenSocket {
    Packets(packets::TcpListener),
    Turmoil(TurmoilListener),
}

/// turmoil knows whose socket it is by whose task asks, so the socket is made by the first task that
/// accepts.
pub(super) struct TurmoilListener {
    port: u16,
    state: RefCell<TurmoilAccept>,
}

enum TurmoilAccept {
    Unbound,
    Bound {
        listener: Rc<turmoil::net::TcpListener>,
        /// What waits for the next connection.
        waiting: Option<Accepting>,
    },
}

type Accepting = Pin<Box<dyn Future<Output = io::Result<turmoil::net::TcpStream>>>>;

/// A connection attempt.
pub(super) type Attempt = Pin<Box<dyn Future<Output = io::Result<Socket>>>>;

/// What turmoil carries as one segment: it counts segments, not bytes, so larger ones would hide
/// back-pressure.
const SEGMENT_BYTES_MAX: usize = 1460;

impl Socket {
    /// Connects to `address`; nothing happens before the first poll.
    pub(super) fn connect(substrate: Substrate, address: SocketAddr) -> Attempt {
        match substrate {
            Substrate::Packets => Box::pin(async move {
                let socket = packets::TcpStream::connect(address).await;
                socket.map(Self::Packets)
            }),
            Substrate::Turmoil => Box::pin(async move {
                let socket = turmoil::net::TcpStream::connect(address).await;
                socket.map(Self::Turmoil)
            }),
        }
    }

    /// This end's address, the other's.
    pub(super) fn ends(&self) -> io::Result<(SocketAddr, SocketAddr)> {
        match self {
            Self::Packets(socket) => Ok((socket.local_addr()?, socket.peer_addr()?)),
            Self::Turmoil(socket) => Ok((socket.local_addr()?, socket.peer_addr()?)),
        }
    }

    pub(super) fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Packets(socket) => socket.try_write(bytes),
            Self::Turmoil(socket) => socket.try_write(&bytes[..bytes.len().min(SEGMENT_BYTES_MAX)]),
        }
    }

    pub(super) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self {
            Self::Packets(socket) => Pin::new(socket).poll_read(cx, buf),
            Self::Turmoil(socket) => Pin::new(socket).poll_read(cx, buf),
        }
    }

    /// Waits until something can be written.
    pub(super) fn poll_write_ready(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            // A write of nothing waits for room and takes none.
            Self::Packets(socket) => {
                ready!(Pin::new(socket).poll_write(cx, &[]))?;
                Poll::Ready(Ok(()))
            }
            Self::Turmoil(socket) => pin!(socket.writable()).poll(cx),
        }
    }

    /// Sends FIN after what was written.
    pub(super) fn shutdown(&mut self) -> io::Result<()> {
        let mut nobody = Context::from_waker(Waker::noop());
        let done = match self {
            Self::Packets(socket) => Pin::new(socket).poll_shutdown(&mut nobody),
            Self::Turmoil(socket) => Pin::new(socket).poll_shutdown(&mut nobody),
        };
        match done {
            Poll::Ready(result) => result,
            Poll::Pending => Ok(()),
        }
    }
}

impl ListenSocket {
    pub(super) fn turmoil(port: u16) -> Self {
        Self::Turmoil(TurmoilListener {
            port,
            state: RefCell::new(TurmoilAccept::Unbound),
        })
    }

    pub(super) fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<Socket>> {
        match self {
            Self::Packets(listener) => {
                let (socket, _) = ready!(listener.poll_accept(cx))?;
                Poll::Ready(Ok(Socket::Packets(socket)))
            }
            Self::Turmoil(listener) => {
                let socket = ready!(listener.poll_accept(cx))?;
                Poll::Ready(Ok(Socket::Turmoil(socket)))
            }
        }
    }
}

impl TurmoilListener {
    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<turmoil::net::TcpStream>> {
        let mut state = self.state.borrow_mut();
        loop {
            match &mut *state {
                TurmoilAccept::Unbound => {
                    let any = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), self.port);
                    let listener = ready!(pin!(turmoil::net::TcpListener::bind(any)).poll(cx))?;
                    *state = TurmoilAccept::Bound {
                        listener: Rc::new(listener),
                        waiting: None,
                    };
                }
                TurmoilAccept::Bound { listener, waiting } => {
                    let accepting = waiting.get_or_insert_with(|| {
                        let listener = listener.clone();
                        Box::pin(async move { Ok(listener.accept().await?.0) })
                    });
                    let accepted = ready!(accepting.as_mut().poll(cx));
                    *waiting = None;
                    return Poll::Ready(accepted);
                }
            }
        }
    }
}
