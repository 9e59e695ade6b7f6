//! The two networks behind one trait.

use sim::net::{Network, Settings, run};
use sim::trace::Trace;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};

/// A network with a machine that listens and a machine that connects.
pub trait Stack {
    type Stream: AsyncRead + AsyncWrite + Unpin + 'static;
    type Listener;

    /// Listens with room for `backlog` waiting connections.
    async fn listen(&self, backlog: u32) -> (Self::Listener, SocketAddr);
    async fn accept(&self, listener: &mut Self::Listener) -> Self::Stream;
    fn connect(&self, to: SocketAddr) -> impl Future<Output = io::Result<Self::Stream>> + 'static;
    fn ends(&self, stream: &Self::Stream) -> (SocketAddr, SocketAddr);
    /// Closes with a reset.
    fn abort(&self, stream: Self::Stream);
    /// An address where nobody listens.
    async fn closed_port(&self) -> SocketAddr;
}

pub struct Linux;

impl Stack for Linux {
    type Stream = tokio::net::TcpStream;
    type Listener = tokio::net::TcpListener;

    async fn listen(&self, backlog: u32) -> (Self::Listener, SocketAddr) {
        let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
        socket
            .bind("127.0.0.1:0".parse().expect("an address"))
            .expect("a port");
        let listener = socket.listen(backlog).expect("to listen");
        let address = listener.local_addr().expect("an address");
        (listener, address)
    }

    async fn accept(&self, listener: &mut Self::Listener) -> Self::Stream {
        listener.accept().await.expect("a connection").0
    }

    fn connect(&self, to: SocketAddr) -> impl Future<Output = io::Result<Self::Stream>> + 'static {
        tokio::net::TcpStream::connect(to)
    }

    fn ends(&self, stream: &Self::Stream) -> (SocketAddr, SocketAddr) {
        let local = stream.local_addr().expect("an address");
        (local, stream.peer_addr().expect("an address"))
    }

    fn abort(&self, stream: Self::Stream) {
        stream.set_zero_linger().expect("the option");
    }

    async fn closed_port(&self) -> SocketAddr {
        self.listen(1).await.1
    }
}

pub struct Simulated(pub Network);

impl Stack for Simulated {
    type Stream = sim::net::Stream;
    type Listener = sim::net::Listener;

    async fn listen(&self, _: u32) -> (Self::Listener, SocketAddr) {
        let host = self.0.host("server").expect("a host");
        let listener = host
            .listen("0.0.0.0:0".parse().expect("an address"))
            .expect("to listen");
        let address = SocketAddr::new(host.ip(), listener.local().port());
        (listener, address)
    }

    async fn accept(&self, listener: &mut Self::Listener) -> Self::Stream {
        listener.accept().await.expect("a connection")
    }

    fn connect(&self, to: SocketAddr) -> impl Future<Output = io::Result<Self::Stream>> + 'static {
        self.0.host("client").expect("a host").connect(to)
    }

    fn ends(&self, stream: &Self::Stream) -> (SocketAddr, SocketAddr) {
        (stream.local(), stream.peer())
    }

    fn abort(&self, stream: Self::Stream) {
        stream.reset_on_close();
    }

    async fn closed_port(&self) -> SocketAddr {
        self.listen(1).await.1
    }
}

/// Runs an expectation over real loopback sockets.
pub fn on_linux(expectation: impl AsyncFnOnce(Linux)) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let tasks = tokio::task::LocalSet::new();
    let expectation = tasks.run_until(expectation(Linux));
    runtime
        .block_on(async { tokio::time::timeout(PATIENCE, expectation).await })
        .expect("no expectation waits for ever");
}

/// Runs an expectation over the simulated network.
pub fn on_simulated(expectation: impl AsyncFnOnce(Simulated)) {
    let settings = Settings {
        backlog: SMALL_BACKLOG as usize,
        ..Settings::default()
    };
    let hosts = ["client".to_owned(), "server".to_owned()];
    let seed = base::Rng::from_u64(1);
    let done = run(&hosts, settings, &seed, Trace::default(), |network| async {
        tokio::time::timeout(PATIENCE, expectation(Simulated(network))).await
    });
    done.expect("no expectation waits for ever");
}

/// How many connections wait in the test of the backlog.
pub const SMALL_BACKLOG: u32 = 4;

const PATIENCE: Duration = Duration::from_secs(60);
