//! A simulated machine: its sockets, its tasks, and how it dies and comes back.

use super::listener::{Group, Listener};
use super::socket::{Attempt, ListenSocket, Socket};
use super::stream::{Conn, Stream};
use super::{HostIndex, Network, Panic, Substrate};
use base::Rng;
use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use turmoil_net::HostId;
use turmoil_net::shim::tokio::net::TcpListener;

/// A handle of a host; its sockets are made through it.
#[derive(Clone)]
pub struct Host {
    network: Network,
    index: HostIndex,
}

/// How a host's socket calls differ from the usual.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quirks {
    /// No read gives more bytes than this.
    pub read_max: Option<usize>,
    /// No write takes more bytes than this.
    pub write_max: Option<usize>,
}

pub(super) struct HostState {
    pub(super) name: Arc<str>,
    pub(super) kernel: HostId,
    pub(super) ip: IpAddr,
    /// Without power: neither sends nor hears.
    pub(super) off: bool,
    /// Its processes are stopped; its kernel works on.
    pub(super) frozen: bool,
    /// Who waits for the thaw.
    pub(super) thaw: Vec<Waker>,
    pub(super) quirks: Quirks,
    pub(super) sockets_open: usize,
    /// Beyond it accepting says "too many open files".
    pub(super) sockets_max: Option<usize>,
    groups: BTreeMap<SocketAddr, Rc<Group>>,
    /// Ports that stand for Unix sockets, by path.
    unix: BTreeMap<String, u16>,
    tasks: Vec<AbortHandle>,
    /// Under turmoil: tasks that the host has yet to begin.
    pub(super) given: Vec<Guarded>,
    /// Notified when there are more.
    pub(super) more: Rc<Notify>,
    /// Under turmoil: nothing runs on it.
    pub(super) crashed: bool,
}

/// A task that notes its own panic.
pub(super) type Guarded = Pin<Box<dyn Future<Output = ()>>>;

/// The first port that stands for a Unix socket.
const UNIX_PORT_FIRST: u16 = 40000;

impl HostState {
    pub(super) fn new(name: &str, kernel: HostId, ip: IpAddr) -> Self {
        Self {
            name: name.into(),
            kernel,
            ip,
            off: false,
            frozen: false,
            thaw: Vec::new(),
            quirks: Quirks::default(),
            sockets_open: 0,
            sockets_max: None,
            groups: BTreeMap::new(),
            unix: BTreeMap::new(),
            tasks: Vec::new(),
            given: Vec::new(),
            more: Rc::default(),
            crashed: false,
        }
    }

    /// Remembers a task, to end it when the host dies.
    pub(super) fn remember(&mut self, task: AbortHandle) {
        if self.tasks.len() == self.tasks.capacity() {
            self.tasks.retain(|task| !task.is_finished());
        }
        self.tasks.push(task);
    }

    pub(super) fn forget_group(&mut self, address: SocketAddr) {
        self.groups.remove(&address);
    }
}

impl Network {
    /// Whether somebody listens at `address`.
    pub(super) fn is_listening(&self, address: SocketAddr) -> bool {
        let Some(host) = self.host_of(address.ip()) else {
            return false;
        };
        self.with_host(host, |state| {
            let any = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), address.port());
            state.groups.contains_key(&address) || state.groups.contains_key(&any)
        })
    }
}

impl Host {
    pub(super) fn new(network: Network, index: HostIndex) -> Self {
        Self { network, index }
    }

    pub(super) fn index(&self) -> HostIndex {
        self.index
    }

    /// The network it is in.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Its name.
    pub fn name(&self) -> Arc<str> {
        self.with(|state| state.name.clone())
    }

    /// Its address.
    pub fn ip(&self) -> IpAddr {
        self.with(|state| state.ip)
    }

    /// The random stream `purpose` of this host.
    pub fn rng(&self, seed: &Rng, purpose: &str) -> Rng {
        seed.fork(&format!("host/{}/{purpose}", self.name()))
    }

    fn with<T>(&self, act: impl FnOnce(&mut HostState) -> T) -> T {
        self.network.with_host(self.index, act)
    }

    /// Listens at `address`; addresses that are not this host's mean all of its own. Listening again
    /// at the same address shares its connections.
    pub fn listen(&self, address: SocketAddr) -> io::Result<Listener> {
        let any: IpAddr = Ipv4Addr::UNSPECIFIED.into();
        let ip = if address.ip() == self.ip() {
            self.ip()
        } else {
            any
        };
        let address = SocketAddr::new(ip, address.port());
        if let Some(group) = self.with(|state| state.groups.get(&address).cloned()) {
            return Ok(Listener::join(group));
        }
        if !self.network.enter(self.index) {
            return Err(io::ErrorKind::NotConnected.into());
        }
        if self.network.0.substrate == Substrate::Turmoil {
            let socket = ListenSocket::turmoil(address.port());
            let group = Group::new(&self.network, self.index, address, socket);
            self.with(|state| state.groups.insert(address, group.clone()));
            return Ok(Listener::join(group));
        }
        let socket = match at_once(TcpListener::bind(address)) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                // Only connections that were closed and not yet forgotten can be in the way; Linux
                // would look past them (SO_REUSEADDR).
                self.network.forget_closed(self.index, address.port());
                self.network.enter(self.index);
                at_once(TcpListener::bind(address))?
            }
            bound => bound?,
        };
        let address = socket.local_addr()?;
        let socket = ListenSocket::Packets(socket);
        let group = Group::new(&self.network, self.index, address, socket);
        self.with(|state| state.groups.insert(address, group.clone()));
        Ok(Listener::join(group))
    }

    /// Listens at a Unix socket's path, for this host alone.
    pub fn listen_unix(&self, path: &str) -> io::Result<Listener> {
        let port = self.with(|state| {
            let next = UNIX_PORT_FIRST + state.unix.len() as u16;
            *state.unix.entry(path.to_owned()).or_insert(next)
        });
        self.listen(SocketAddr::new(self.ip(), port))
    }

    /// Connects to `address`; a loopback address is this host's own.
    pub fn connect(&self, address: SocketAddr) -> impl Future<Output = io::Result<Stream>> + use<> {
        let ip = if address.ip().is_loopback() || address.ip().is_unspecified() {
            self.ip()
        } else {
            address.ip()
        };
        let address = SocketAddr::new(ip, address.port());
        Connecting {
            host: self.clone(),
            attempt: Some(Socket::connect(self.network.0.substrate, address)),
        }
    }

    /// Connects to a Unix socket's path.
    pub fn connect_unix(&self, path: &str) -> impl Future<Output = io::Result<Stream>> + use<> {
        let port = self.with(|state| state.unix.get(path).copied());
        let attempt = port.map(|port| self.connect(SocketAddr::new(self.ip(), port)));
        async move {
            match attempt {
                Some(attempt) => attempt.await,
                None => Err(io::ErrorKind::NotFound.into()),
            }
        }
    }

    /// Runs a task of this host; it dies with the host. A panic is kept for the verdict.
    pub fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        let network = self.network.clone();
        let name = self.name();
        let guarded = async move {
            let mut task = pin!(task);
            let outcome = std::future::poll_fn(|cx| {
                match catch_unwind(AssertUnwindSafe(|| task.as_mut().poll(cx))) {
                    Ok(poll) => poll.map(Ok),
                    Err(panic) => Poll::Ready(Err(panic)),
                }
            });
            if let Err(panic) = outcome.await {
                let text = panic
                    .downcast_ref::<String>()
                    .map(String::as_str)
                    .or_else(|| panic.downcast_ref::<&str>().copied())
                    .unwrap_or("a panic without text");
                let place = crate::panics::take_place().unwrap_or_default();
                let text = format!("{} ({place})", text.replace('\n', " "));
                let at = network.now();
                let host = name.clone();
                network.note_panic(Panic { host, at, text });
            }
        };
        match self.network.0.substrate {
            Substrate::Packets => {
                let handle = tokio::task::spawn_local(guarded).abort_handle();
                self.with(|state| state.remember(handle));
            }
            Substrate::Turmoil => self.network.give(self.index, Box::pin(guarded)),
        }
    }

    /// Kills its processes: connections are reset, ports refuse.
    pub fn kill(&self) {
        if self.network.0.substrate == Substrate::Turmoil {
            return self.network.crash(self.index);
        }
        for conn in self.connections() {
            conn.reset();
        }
        self.end_processes();
    }

    /// Cuts its power: from now on silence. [`Host::power_on`] brings an empty machine back.
    pub fn power_off(&self) {
        self.with(|state| state.off = true);
        for conn in self.connections() {
            conn.vanish();
        }
        self.end_processes();
        // What its kernel still wanted to say is lost.
        self.network.pass();
    }

    /// Gives it power again; nothing runs on it yet.
    pub fn power_on(&self) {
        self.with(|state| state.off = false);
    }

    fn connections(&self) -> Vec<Rc<Conn>> {
        let flows = self.network.0.flows.borrow();
        flows.of_host(&self.network, self.index)
    }

    fn end_processes(&self) {
        let groups: Vec<_> = self.with(|state| state.groups.values().cloned().collect());
        for group in groups {
            group.close();
        }
        for task in self.with(|state| std::mem::take(&mut state.tasks)) {
            task.abort();
        }
        self.thaw();
    }

    /// Stops its processes as SIGSTOP does: the kernel accepts and acknowledges, nobody reads.
    pub fn freeze(&self) {
        self.with(|state| state.frozen = true);
    }

    /// Lets them go on.
    pub fn thaw(&self) {
        let wakers = self.with(|state| {
            state.frozen = false;
            std::mem::take(&mut state.thaw)
        });
        for waker in wakers {
            waker.wake();
        }
    }

    /// Changes how its socket calls behave.
    pub fn set_quirks(&self, quirks: Quirks) {
        self.with(|state| state.quirks = quirks);
    }

    /// Sets how many sockets it may hold before accepting fails with "too many open files".
    pub fn set_sockets_max(&self, max: Option<usize>) {
        self.with(|state| state.sockets_max = max);
    }

    /// Sockets it holds.
    pub fn sockets_open(&self) -> usize {
        self.with(|state| state.sockets_open)
    }
}

/// A connection attempt; its kernel socket belongs to one host, also when it is given up.
struct Connecting {
    host: Host,
    attempt: Option<Attempt>,
}

impl Future for Connecting {
    type Output = io::Result<Stream>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let host = self.host.clone();
        if !host.network.enter(host.index) {
            return Poll::Ready(Err(io::ErrorKind::NotConnected.into()));
        }
        let Some(attempt) = self.attempt.as_mut() else {
            return Poll::Ready(Err(io::ErrorKind::NotConnected.into()));
        };
        let polled = attempt.as_mut().poll(cx);
        host.network.touched();
        polled.map(|socket| {
            self.attempt = None;
            Stream::new(&host.network, host.index, socket?)
        })
    }
}

impl Drop for Connecting {
    fn drop(&mut self) {
        if self.host.network.enter(self.host.index) {
            self.attempt = None;
        } else {
            std::mem::forget(self.attempt.take());
        }
    }
}

/// Runs a future that is known not to wait.
fn at_once<T>(future: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    let mut nobody = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut nobody) {
        Poll::Ready(result) => result,
        Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
    }
}
