//! Where a cell is played: on the simulated network, or on loopback under the real driver.

use super::cell::Proto;
use config::{Family, LoadOptions, SourceFile, Surroundings};
use driver::real::{Buffers, Clock, LogSockets, RealEnv, open};
use driver::{Bound, Env, Running};
use engine::settings::Settings;
use engine::{Engine, Identity, Shared};
use session::settings::ProxyIndex;
use sim::env::{EPOCH, SimEnv};
use sim::journal::Journal;
use sim::net::{Network, Settings as NetSettings};
use sim::trace::Trace;
use std::cell::{Cell, RefCell};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::IntoRawFd;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::mpsc::unbounded_channel;
use tokio::task::LocalSet;

/// A connected socket of either network.
pub enum Io {
    Real(tokio::net::TcpStream),
    Simulated(sim::net::Stream),
}

impl Io {
    /// Closing resets the connection.
    pub fn reset_on_close(&self) {
        match self {
            Self::Real(stream) => stream.set_zero_linger().expect("the option"),
            Self::Simulated(stream) => stream.reset_on_close(),
        }
    }
}

macro_rules! each {
    ($self:ident, $stream:ident => $call:expr) => {
        match $self.get_mut() {
            Io::Real($stream) => $call,
            Io::Simulated($stream) => $call,
        }
    };
}

impl AsyncRead for Io {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        each!(self, stream => AsyncRead::poll_read(Pin::new(stream), cx, buf))
    }
}

impl AsyncWrite for Io {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        each!(self, stream => AsyncWrite::poll_write(Pin::new(stream), cx, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self, stream => AsyncWrite::poll_flush(Pin::new(stream), cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self, stream => AsyncWrite::poll_shutdown(Pin::new(stream), cx))
    }
}

/// A network with a running proxy.
pub enum Net {
    Real {
        proxy: SocketAddr,
        servers: tokio::net::TcpListener,
        log: tokio::net::UdpSocket,
        _running: Running<RealEnv>,
    },
    Simulated {
        network: Network,
        servers: RefCell<sim::net::Listener>,
        journal: Journal,
        _running: Running<SimEnv>,
    },
}

impl Net {
    /// How long one cell may take: simulated time costs nothing.
    pub fn patience(&self) -> Duration {
        match self {
            Self::Real { .. } => Duration::from_secs(3),
            Self::Simulated { .. } => Duration::from_secs(30),
        }
    }

    /// A new connection to the proxy.
    pub async fn connect(&self) -> Io {
        match self {
            Self::Real { proxy, .. } => {
                let stream = tokio::net::TcpStream::connect(proxy).await;
                Io::Real(stream.expect("the proxy listens"))
            }
            Self::Simulated { network, .. } => {
                let to = SocketAddr::new(host(network, PROXY).ip(), PORT);
                let stream = host(network, "client").connect(to).await;
                Io::Simulated(stream.expect("the proxy listens"))
            }
        }
    }

    /// The proxy's next connection to the server.
    pub async fn accept(&self) -> Io {
        match self {
            Self::Real { servers, .. } => Io::Real(servers.accept().await.expect("a socket").0),
            Self::Simulated { servers, .. } => {
                let accepted = std::future::poll_fn(|cx| servers.borrow_mut().poll_accept(cx));
                Io::Simulated(accepted.await.expect("a socket"))
            }
        }
    }

    /// The log line about `name`.
    pub async fn line(&self, name: &str) -> String {
        match self {
            Self::Real { log, .. } => loop {
                let mut bytes = [0; 2048];
                let count = log.recv(&mut bytes).await.expect("a datagram");
                let line = String::from_utf8_lossy(&bytes[..count]).into_owned();
                if line.contains(name) {
                    return line;
                }
            },
            Self::Simulated { journal, .. } => loop {
                let found = journal.read(|pages| {
                    let mut lines = pages.logs.iter();
                    let line = lines.find(|line| line.text.contains(name));
                    line.map(|line| line.text.clone())
                });
                if let Some(line) = found {
                    return line;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            },
        }
    }
}

const PROXY: &str = "proxy";
const PORT: u16 = 8080;

fn host(network: &Network, name: &str) -> sim::net::Host {
    network.host(name).expect("every name was declared")
}

fn config(bind: &str, server: &str, proto: Proto, log: &str) -> Settings {
    let proto = match proto {
        Proto::H1 => "",
        Proto::H2 => " proto h2",
    };
    let text = format!(
        "listen l\n mode http\n bind {bind}\n server s {server}{proto}\n log {log} local0\n \
         option httplog\n http-reuse never\n retries 0\n timeout connect 5s\n timeout client 20s\n \
         timeout server 20s\n timeout tunnel 20s\n"
    );
    let files = [SourceFile {
        name: "matrix.cfg".into(),
        text,
    }];
    let loaded = config::load(&files, &Nowhere, &LoadOptions::default());
    loaded
        .settings
        .unwrap_or_else(|| panic!("{:?}", loaded.diagnostics))
}

fn start<E: Env>(
    env: E,
    settings: Settings,
    epoch: base::Epoch,
    listener: E::Listener,
) -> Running<E> {
    let identity = Identity {
        pid: 1,
        utc_offset_minutes: 0,
    };
    let shared = Arc::new(Shared::new(settings, 1, [7; 32], identity));
    let engine = Engine::new(shared, 0, epoch);
    let bound = Bound {
        frontend: ProxyIndex(0),
        bind: 0,
        listener,
    };
    let (mail, inbox) = unbounded_channel();
    driver::start(env, engine, vec![bound], inbox, vec![mail])
}

/// Plays on loopback.
pub fn on_loopback<T>(server: Proto, play: impl AsyncFnOnce(Net) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    LocalSet::new().block_on(&runtime, async {
        let any = "127.0.0.1:0";
        let servers = tokio::net::TcpListener::bind(any).await.expect("a port");
        let log = tokio::net::UdpSocket::bind(any).await.expect("a port");
        let listener = std::net::TcpListener::bind(any).expect("a port");
        let proxy = listener.local_addr().expect("an address");
        let settings = config(
            &format!("fd@{}", listener.into_raw_fd()),
            &servers.local_addr().expect("an address").to_string(),
            server,
            &log.local_addr().expect("an address").to_string(),
        );
        let clock = Clock::start();
        let listener = open(&settings.proxies[0].binds[0], Buffers::default(), 1)
            .expect("an open socket")
            .remove(0)
            .into_worker()
            .expect("an open socket");
        let env = RealEnv::new(clock, LogSockets::default(), Buffers::default());
        let _running = start(env, settings, clock.epoch(), listener);
        play(Net::Real {
            proxy,
            servers,
            log,
            _running,
        })
        .await
    })
}

/// Plays on the simulated network.
pub fn on_simulated<T>(server: Proto, play: impl AsyncFnOnce(Net) -> T) -> T {
    let hosts = [PROXY, "client", "server"].map(String::from);
    let seed = base::Rng::from_u64(1);
    let trace = Trace::default();
    sim::net::run(
        &hosts,
        NetSettings::default(),
        &seed,
        trace,
        |network| async {
            let place = SocketAddr::new(host(&network, "server").ip(), 80);
            let servers = host(&network, "server").listen(place).expect("a port");
            let journal = Journal::default();
            let settings = config(
                &format!(":{PORT}"),
                &place.to_string(),
                server,
                "10.9.9.9:514",
            );
            let shared = Rc::new(sim::env::Shared {
                journal: journal.clone(),
                servers: Vec::new(),
                canary: None,
                rng: base::Rng::from_u64(1).into(),
                calls: Cell::default(),
                leaked: RefCell::default(),
            });
            let env = SimEnv::new(host(&network, PROXY), 0, None, shared);
            let bind = &settings.proxies[0].binds[0];
            let listener = env.listen(bind).expect("a port");
            let _running = start(env, settings, EPOCH, listener);
            play(Net::Simulated {
                network,
                servers: RefCell::new(servers),
                journal,
                _running,
            })
            .await
        },
    )
}

struct Nowhere;

impl Surroundings for Nowhere {
    fn env(&self, _: &str) -> Option<String> {
        None
    }

    fn read_file(&self, path: &str) -> Result<Vec<u8>, String> {
        Err(format!("{path}: there are no files"))
    }

    fn resolve(&self, host: &str, _: Family) -> Result<IpAddr, String> {
        Err(format!("{host}: there are no names"))
    }

    fn user_id(&self, _: &str) -> Option<u32> {
        None
    }

    fn group_id(&self, _: &str) -> Option<u32> {
        None
    }

    fn host_name(&self) -> String {
        "matrix".into()
    }
}
