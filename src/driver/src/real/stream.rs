//! TCP and Unix streams.

use super::Buffers;
use super::listen::transparent;
use crate::env::{EndAddress, Stream};
use crate::tasks::reason;
use balance::{Address, LocalEnd};
use engine::{ConnectError, Measures};
use nix::sys::socket::{setsockopt, sockopt};
use session::rules::Mark;
use std::io::{self, IoSlice, Read};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::{TcpSocket, TcpStream, UnixStream};

/// A connected socket.
#[derive(Debug)]
pub enum RealStream {
    /// TCP; of a client, with the address that accepting it told: a socket that was reset meanwhile does
    /// not know it any more.
    Tcp(TcpStream, Option<SocketAddr>),
    /// A Unix stream socket.
    Unix(UnixStream),
}

/// A socket that no runtime watches.
#[derive(Debug)]
pub enum PackedStream {
    /// TCP.
    Tcp(std::net::TcpStream),
    /// A Unix stream socket.
    Unix(std::os::unix::net::UnixStream),
}

/// A socket for a connection to a server.
fn open(to: SocketAddr, buffers: Buffers) -> io::Result<TcpSocket> {
    let socket = match to {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    buffers.apply(&socket)?;
    // Requests are written whole; waiting for more would only delay them.
    socket.set_nodelay(true)?;
    Ok(socket)
}

/// Gives a connection to a server the end that was asked for.
fn bind(socket: &TcpSocket, from: &LocalEnd) -> io::Result<()> {
    let options = socket2::SockRef::from(socket);
    if let Some(interface) = &from.interface {
        options.bind_device(Some(interface.as_bytes()))?;
    }
    if let Some(address) = from.address {
        options.set_reuse_address(true)?;
        if from.foreign {
            transparent(&options)?;
        }
        if address.port() == 0 {
            // The port is chosen when it is known where to, so that one port serves many servers. A
            // kernel that cannot do that chooses one now.
            let _ = setsockopt(socket, sockopt::IpBindAddressNoPort, &true);
        }
        socket.bind(address)?;
    }
    Ok(())
}

impl RealStream {
    pub(super) async fn connect(
        to: Address,
        from: LocalEnd,
        buffers: Buffers,
    ) -> Result<Self, ConnectError> {
        let connected = match to {
            Address::Ip(to) => {
                let socket = open(to, buffers).map_err(|error| reason(&error))?;
                bind(&socket, &from).map_err(|_| ConnectError::Source {
                    foreign: from.foreign,
                })?;
                let stream = socket.connect(to).await;
                stream.map(|stream| Self::Tcp(stream, None))
            }
            Address::Unix(path) => UnixStream::connect(&*path).await.map(Self::Unix),
            Address::Abstract(name) => {
                let path = format!("\0{name}");
                UnixStream::connect(path).await.map(Self::Unix)
            }
            Address::IpPortOf { .. } | Address::Unresolved(_) | Address::Reversed => {
                return Err(ConnectError::Refused);
            }
        };
        connected.map_err(|error| reason(&error))
    }

    fn socket(&self) -> socket2::SockRef<'_> {
        match self {
            Self::Tcp(stream, _) => socket2::SockRef::from(stream),
            Self::Unix(stream) => socket2::SockRef::from(stream),
        }
    }
}

impl RealStream {
    fn is_v6(&self) -> bool {
        match self {
            Self::Tcp(stream, _) => stream.local_addr().is_ok_and(|local| local.is_ipv6()),
            Self::Unix(_) => false,
        }
    }
}

impl Stream for RealStream {
    type Packed = PackedStream;

    fn pack(self) -> io::Result<PackedStream> {
        Ok(match self {
            Self::Tcp(stream, _) => PackedStream::Tcp(stream.into_std()?),
            Self::Unix(stream) => PackedStream::Unix(stream.into_std()?),
        })
    }

    fn unpack(packed: PackedStream) -> io::Result<Self> {
        Ok(match packed {
            PackedStream::Tcp(stream) => Self::Tcp(TcpStream::from_std(stream)?, None),
            PackedStream::Unix(stream) => Self::Unix(UnixStream::from_std(stream)?),
        })
    }

    fn poll_read(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(stream, _) => Pin::new(stream).poll_read(cx, buf),
            Self::Unix(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }

    fn read_waiting(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        // Past the runtime, which has not asked the system yet.
        (&*self.socket()).read(buf)
    }

    fn try_write(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        match (self, slices) {
            (Self::Tcp(stream, _), [slice]) => stream.try_write(slice),
            (Self::Tcp(stream, _), slices) => stream.try_write_vectored(slices),
            (Self::Unix(stream), slices) => stream.try_write_vectored(slices),
        }
    }

    fn poll_write_ready(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(stream, _) => stream.poll_write_ready(cx),
            Self::Unix(stream) => stream.poll_write_ready(cx),
        }
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        self.socket().shutdown(std::net::Shutdown::Write)
    }

    fn abort_on_close(&mut self) {
        // Fails only on sockets that are dead already; then there is nothing to abort.
        let _ = self.socket().set_linger(Some(std::time::Duration::ZERO));
    }

    fn vanish_on_close(&mut self) {
        let Self::Tcp(stream, _) = &*self else {
            return;
        };
        // A connection in repair ends without a packet. Who may not repair sends a reset, which goes no
        // further than to the next router.
        if setsockopt(stream, sockopt::TcpRepair, &1).is_err() {
            let _ = match self.is_v6() {
                true => self.socket().set_unicast_hops_v6(1),
                false => self.socket().set_ttl_v4(1),
            };
        }
    }

    fn mark(&mut self, mark: Mark, value: u32) {
        // Who may not mark goes on without, as with everything that is set by the way.
        let _ = match mark {
            Mark::Mark => self.socket().set_mark(value),
            Mark::Tos if self.is_v6() => self.socket().set_tclass_v6(value),
            Mark::Tos => self.socket().set_tos_v4(value),
        };
    }

    fn measures(&self) -> Option<Measures> {
        match self {
            Self::Tcp(stream, _) => super::measures::of(stream),
            Self::Unix(_) => None,
        }
    }

    fn keep_alive_probes(&mut self) {
        // Unix sockets do not know it, and need it as little.
        let _ = self.socket().set_keepalive(true);
    }

    fn peer(&self) -> EndAddress {
        match self {
            Self::Tcp(_, Some(peer)) => EndAddress::Ip(*peer),
            Self::Tcp(stream, None) => stream.peer_addr().map_or(EndAddress::Unix, EndAddress::Ip),
            Self::Unix(_) => EndAddress::Unix,
        }
    }

    fn local(&self) -> EndAddress {
        match self {
            Self::Tcp(stream, _) => stream.local_addr().map_or(EndAddress::Unix, EndAddress::Ip),
            Self::Unix(_) => EndAddress::Unix,
        }
    }
}
