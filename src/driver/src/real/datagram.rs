//! Sockets that datagrams come to: opened before privileges are dropped, handed to the workers.

use super::listen::common_options;
use crate::intake::Datagrams;
use session::settings::{Bind, BindAddress};
use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use std::io;
use std::net::IpAddr;
use std::task::{Context, Poll, ready};
use tokio::io::ReadBuf;
use tokio::net::UdpSocket;

/// A socket for datagrams that no runtime knows yet.
#[derive(Debug)]
pub struct OpenDatagrams(Socket);

/// Opens a `dgram-bind` line for `workers` workers, a socket each: the kernel spreads senders over them.
pub fn open_datagrams(bind: &Bind, workers: usize) -> io::Result<Vec<OpenDatagrams>> {
    let BindAddress::Ip(address) = bind.address else {
        return Err(io::ErrorKind::Unsupported.into());
    };
    (0..workers)
        .map(|_| {
            let domain = Domain::for_address(address);
            let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
            socket.set_reuse_address(true)?;
            socket.set_reuse_port(true)?;
            if address.is_ipv6() {
                socket.set_only_v6(bind.socket.v6_only.unwrap_or(false))?;
            }
            common_options(&socket, &bind.socket)?;
            socket.bind(&SockAddr::from(address))?;
            Ok(OpenDatagrams(socket))
        })
        .collect()
}

impl OpenDatagrams {
    /// Hands the socket to the runtime of the current thread.
    pub fn into_worker(self) -> io::Result<RealDatagrams> {
        self.0.set_nonblocking(true)?;
        UdpSocket::from_std(self.0.into()).map(RealDatagrams)
    }
}

/// A socket of a worker that datagrams come to.
#[derive(Debug)]
pub struct RealDatagrams(UdpSocket);

impl Datagrams for RealDatagrams {
    fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<Option<IpAddr>>> {
        let from = ready!(self.0.poll_recv_from(cx, buf))?;
        Poll::Ready(Ok(Some(from.ip())))
    }
}
