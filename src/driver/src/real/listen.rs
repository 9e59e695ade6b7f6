//! Listening sockets: opened before privileges are dropped, handed to the workers.

use super::{Buffers, RealStream};
use crate::env::Listener;
use session::settings::{Bind, BindAddress, SocketOptions};
use socket2::{Domain, Protocol, SockAddr, SockRef, Socket, Type};
use std::io;
use std::net::Shutdown;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::task::{Context, Poll};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};

/// A listening socket that no runtime knows yet.
#[derive(Debug)]
pub struct OpenListener {
    socket: Socket,
    kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    /// TCP on an address of our own.
    Tcp {
        backlog: i32,
    },
    /// TCP on a socket that others may hold too.
    InheritedTcp,
    Unix,
}

/// Opens a `bind` line for `workers` workers.
///
/// Each worker gets a TCP socket of its own (SO_REUSEPORT), so that the kernel spreads connections
/// and no worker wakes for another's. Unix sockets and inherited descriptors are one socket that all
/// of them accept from.
pub fn open(bind: &Bind, buffers: Buffers, workers: usize) -> io::Result<Vec<OpenListener>> {
    match &bind.address {
        BindAddress::Ip(address) => (0..workers)
            .map(|_| {
                let domain = Domain::for_address(*address);
                let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
                socket.set_reuse_address(true)?;
                socket.set_reuse_port(true)?;
                if address.is_ipv6() {
                    socket.set_only_v6(bind.socket.v6_only.unwrap_or(false))?;
                }
                tcp_options(&socket, &bind.socket)?;
                // Those that are accepted have the same.
                buffers.apply(&socket)?;
                socket.bind(&SockAddr::from(*address))?;
                let backlog = backlog(&bind.socket);
                socket.listen(backlog)?;
                Ok(OpenListener {
                    socket,
                    kind: Kind::Tcp { backlog },
                })
            })
            .collect(),
        BindAddress::Unix(path) => {
            let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
            replace_path(&socket, Path::new(&**path), &bind.socket)?;
            socket.listen(backlog(&bind.socket))?;
            shared(socket, Kind::Unix, workers)
        }
        BindAddress::Abstract(name) => {
            let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
            socket.bind(&SockAddr::unix(format!("\0{name}"))?)?;
            socket.listen(backlog(&bind.socket))?;
            shared(socket, Kind::Unix, workers)
        }
        BindAddress::Inherited(fd) => {
            // SAFETY: only borrowed for the duration of `dup`; whether it is open is what `dup` says,
            // and the number comes from the configuration, which names a descriptor given to us.
            #[expect(unsafe_code, reason = "`fd@` names a descriptor by its number")]
            let borrowed = unsafe { BorrowedFd::borrow_raw(*fd) };
            let socket = Socket::from(rustix::io::fcntl_dupfd_cloexec(borrowed, 3)?);
            let kind = match socket.local_addr()?.is_unix() {
                true => Kind::Unix,
                false => Kind::InheritedTcp,
            };
            shared(socket, kind, workers)
        }
        // Nobody connects to it.
        BindAddress::Reversed(_) => Ok(Vec::new()),
    }
}

/// One socket for all workers.
fn shared(socket: Socket, kind: Kind, workers: usize) -> io::Result<Vec<OpenListener>> {
    (0..workers)
        .map(|_| {
            Ok(OpenListener {
                socket: socket.try_clone()?,
                kind,
            })
        })
        .collect()
}

/// Options of sockets of any kind.
pub(super) fn common_options(socket: &Socket, options: &SocketOptions) -> io::Result<()> {
    if let Some(interface) = &options.interface {
        socket.bind_device(Some(interface.as_bytes()))?;
    }
    if options.transparent {
        transparent(&SockRef::from(socket))?;
    }
    Ok(())
}

/// Lets a socket have an address that is none of this host's. Without the right to take the packets of
/// others it may at least be bound.
pub(super) fn transparent(socket: &SockRef<'_>) -> io::Result<()> {
    match socket.domain()? {
        Domain::IPV6 => socket
            .set_ip_transparent_v6(true)
            .or_else(|_| socket.set_freebind_v6(true)),
        _ => socket
            .set_ip_transparent_v4(true)
            .or_else(|_| socket.set_freebind_v4(true)),
    }
}

fn tcp_options(socket: &Socket, options: &SocketOptions) -> io::Result<()> {
    common_options(socket, options)?;
    if let Some(mss) = options.mss.and_then(|mss| u32::try_from(mss).ok()) {
        socket.set_tcp_mss(mss)?;
    }
    if let Some(millis) = options.user_timeout_ms {
        let timeout = std::time::Duration::from_millis(millis.into());
        socket.set_tcp_user_timeout(Some(timeout))?;
    }
    if let Some(congestion) = &options.congestion {
        socket.set_tcp_congestion(congestion.as_bytes())?;
    }
    if options.defer_accept {
        set_tcp(socket, libc::TCP_DEFER_ACCEPT, 1)?;
    }
    if options.fast_open {
        set_tcp(socket, libc::TCP_FASTOPEN, backlog(options))?;
    }
    Ok(())
}

/// Sets an option for which there is no safe function.
fn set_tcp(socket: &Socket, option: i32, value: i32) -> io::Result<()> {
    // SAFETY: the descriptor is open as long as `socket` lives, and the kernel reads one `int` from
    // `value`, which outlives the call.
    #[expect(unsafe_code, reason = "TCP_FASTOPEN and TCP_DEFER_ACCEPT")]
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::IPPROTO_TCP,
            option,
            (&raw const value).cast(),
            size_of_val(&value) as libc::socklen_t,
        )
    };
    match result {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Binds a Unix socket in place of an old one: bound beside it first and renamed over it, so that no
/// client ever finds the path empty.
fn replace_path(socket: &Socket, path: &Path, options: &SocketOptions) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.tmp", std::process::id()));
    let beside = Path::new(&beside);
    let _ = std::fs::remove_file(beside);
    socket.bind(&SockAddr::unix(beside)?)?;
    let placed = (|| {
        if let Some(mode) = options.mode {
            std::fs::set_permissions(beside, std::fs::Permissions::from_mode(mode))?;
        }
        if options.uid.is_some() || options.gid.is_some() {
            std::os::unix::fs::chown(beside, options.uid, options.gid)?;
        }
        std::fs::rename(beside, path)
    })();
    if placed.is_err() {
        let _ = std::fs::remove_file(beside);
    }
    placed
}

fn backlog(options: &SocketOptions) -> i32 {
    options.backlog.map_or(BACKLOG, |backlog| {
        i32::try_from(backlog).unwrap_or(i32::MAX)
    })
}

/// A listening socket of a worker.
#[derive(Debug)]
pub enum RealListener {
    /// TCP.
    Tcp {
        /// The socket.
        listener: TcpListener,
        /// Its backlog, if it is ours alone: then it may rest.
        backlog: Option<i32>,
    },
    /// A Unix stream socket.
    Unix(UnixListener),
}

impl OpenListener {
    /// A Unix socket that somebody else has opened.
    pub fn of_unix(socket: OwnedFd) -> Self {
        Self {
            socket: Socket::from(socket),
            kind: Kind::Unix,
        }
    }

    /// Hands the socket to the runtime of the current thread.
    pub fn into_worker(self) -> io::Result<RealListener> {
        self.socket.set_nonblocking(true)?;
        let backlog = match self.kind {
            Kind::Unix => {
                let listener = UnixListener::from_std(self.socket.into())?;
                return Ok(RealListener::Unix(listener));
            }
            Kind::Tcp { backlog } => Some(backlog),
            Kind::InheritedTcp => None,
        };
        let listener = TcpListener::from_std(self.socket.into())?;
        Ok(RealListener::Tcp { listener, backlog })
    }

    /// The descriptor.
    pub fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl Listener for RealListener {
    type Stream = RealStream;

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<RealStream>> {
        match self {
            Self::Tcp { listener, .. } => listener.poll_accept(cx).map_ok(|(stream, peer)| {
                // A failure leaves Nagle's algorithm on, which costs time and nothing else.
                let _ = stream.set_nodelay(true);
                RealStream::Tcp(stream, Some(peer))
            }),
            Self::Unix(listener) => listener
                .poll_accept(cx)
                .map_ok(|(stream, _)| RealStream::Unix(stream)),
        }
    }

    fn accept_waiting(&mut self) -> io::Result<Option<RealStream>> {
        let (listener, is_tcp) = match self {
            Self::Tcp { listener, .. } => (SockRef::from(&*listener), true),
            Self::Unix(listener) => (SockRef::from(&*listener), false),
        };
        let (socket, peer) = match listener.accept() {
            Ok(accepted) => accepted,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
            Err(error) => return Err(error),
        };
        socket.set_nonblocking(true)?;
        Ok(Some(if is_tcp {
            let _ = socket.set_tcp_nodelay(true);
            RealStream::Tcp(TcpStream::from_std(socket.into())?, peer.as_socket())
        } else {
            RealStream::Unix(UnixStream::from_std(socket.into())?)
        }))
    }

    /// Linux lets a TCP socket stop listening and begin again. A Unix socket would be shut for good,
    /// an inherited one for others too: there clients wait.
    fn rest(&mut self, on: bool) {
        if let Self::Tcp {
            listener,
            backlog: Some(backlog),
        } = self
        {
            let socket = SockRef::from(&*listener);
            // A failure leaves it as it is, and the clients waiting.
            let _ = if on {
                socket.shutdown(Shutdown::Read)
            } else {
                socket.listen(*backlog)
            };
        }
    }
}

/// Pending connections where neither `backlog` nor `maxconn` says; the kernel caps it (somaxconn).
const BACKLOG: i32 = 65_535;

#[cfg(test)]
mod tests {
    use super::{Buffers, SockRef, open};
    use crate::env::{EndAddress, Listener, Stream};
    use session::settings::{Bind, BindAddress, SocketOptions};

    /// A line of 127.0.0.1, with any port.
    fn line(socket: SocketOptions) -> Bind {
        Bind {
            id: 1,
            name: None,
            address: BindAddress::Ip(([127, 0, 0, 1], 0).into()),
            socket,
            proto: balance::Proto::default(),
            accept_proxy: false,
            netscaler_magic: None,
            maxconn: 0,
            place: String::new(),
        }
    }

    #[test]
    fn a_client_that_has_reset_its_connection_still_has_its_address() {
        let opened = open(&line(SocketOptions::default()), Buffers::default(), 1);
        let [opened] = <[_; 1]>::try_from(opened.expect("a socket")).expect("one socket");
        let address = opened.socket.local_addr().expect("an address");
        let address = address.as_socket().expect("an IP address");
        let client = std::net::TcpStream::connect(address).expect("a connection");
        let ours = client.local_addr().expect("an address");
        let options = SockRef::from(&client);
        let reset = options.set_linger(Some(std::time::Duration::ZERO));
        reset.expect("an option");
        drop(client);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()
            .expect("a runtime");
        let stream = runtime.block_on(async {
            let mut listener = opened.into_worker().expect("a listener");
            std::future::poll_fn(|cx| listener.poll_accept(cx)).await
        });
        assert_eq!(stream.expect("a client").peer(), EndAddress::Ip(ours));
    }

    #[test]
    fn a_listener_has_the_options_and_buffers_it_was_asked_for() {
        let bind = line(SocketOptions {
            fast_open: true,
            defer_accept: true,
            user_timeout_ms: Some(1234),
            ..SocketOptions::default()
        });
        let buffers = Buffers {
            receive: Some(20_000),
            send: Some(30_000),
        };
        let opened = open(&bind, buffers, 2).expect("sockets");
        assert_eq!(opened.len(), 2);
        for listener in opened {
            let socket = &listener.socket;
            // The kernel counts its own needs as well, as much again (socket(7)).
            assert_eq!(socket.recv_buffer_size().expect("a size"), 40_000);
            assert_eq!(socket.send_buffer_size().expect("a size"), 60_000);
            let timeout = socket.tcp_user_timeout().expect("a time");
            assert_eq!(timeout, Some(std::time::Duration::from_millis(1234)));
        }
    }
}
