//! The simulated world as the driver sees it.

mod frames;
mod gate;
mod ledger;
mod lists;
mod tamper;

use crate::canary::Canary;
use crate::journal::{Journal, LogLine};
use crate::net::{self, Host};
use crate::trace::Kind;
use balance::{Address, LocalEnd};
use base::{Epoch, Instant, Rng};
use driver::EndAddress;
use engine::{ConnectError, Measures};
use gate::Gate;
pub use ledger::Ledger;
use session::settings::{Bind, BindAddress, LogSocket};
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::io::{self, IoSlice};
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};
use tamper::Tamper;
use tokio::io::ReadBuf;

/// The world of one worker of the proxy.
#[derive(Clone)]
pub struct SimEnv {
    host: Host,
    generation: u32,
    ledger: Option<Rc<Ledger>>,
    shared: Rc<Shared>,
}

/// What all workers' worlds have in common.
pub struct Shared {
    /// What is seen goes here.
    pub journal: Journal,
    /// Where the addresses of the configuration are in the simulated network.
    pub servers: Vec<(Address, SocketAddr)>,
    /// The rule to break.
    pub canary: Option<Canary>,
    /// Chooses when a canary acts.
    pub rng: RefCell<Rng>,
    /// Socket calls since the clock last moved.
    pub calls: Cell<(Instant, u32)>,
    /// Sockets a canary keeps open.
    pub leaked: RefCell<Vec<net::Stream>>,
}

/// 2030-01-01T00:00:00Z, the wall-clock time at which every run starts.
pub const EPOCH: Epoch = Epoch(1_893_456_000 * 1_000_000_000);

/// Socket calls at one instant that no honest work needs.
const CALLS_PER_INSTANT_MAX: u32 = 300_000;

impl SimEnv {
    /// The world of a worker of instance `generation` on `host`.
    pub fn new(
        host: Host,
        generation: u32,
        ledger: Option<Rc<Ledger>>,
        shared: Rc<Shared>,
    ) -> Self {
        Self {
            host,
            generation,
            ledger,
            shared,
        }
    }

    /// Listens where a `bind` line says.
    pub fn listen(&self, bind: &Bind) -> io::Result<SimListener> {
        let inner = match &bind.address {
            BindAddress::Ip(address) => self.host.listen(*address)?,
            BindAddress::Unix(path) | BindAddress::Abstract(path) => self.host.listen_unix(path)?,
            BindAddress::Inherited(_) | BindAddress::Reversed(_) => {
                return Err(io::ErrorKind::Unsupported.into());
            }
        };
        Ok(SimListener {
            inner,
            env: self.clone(),
        })
    }

    fn stream(&self, inner: net::Stream, gate: Gate) -> SimStream {
        let front = gate.is_front();
        SimStream {
            tamper: Tamper::new(&self.shared, front),
            inner: Some(inner),
            env: self.clone(),
            gate: Some(gate),
        }
    }

    /// Counts a socket call; too many at one instant mean that a task spins.
    fn called(&self) {
        let now = driver::Env::now(self);
        let (at, count) = self.shared.calls.get();
        let count = if at == now { count + 1 } else { 0 };
        self.shared.calls.set((now, count));
        if count == CALLS_PER_INSTANT_MAX {
            self.shared.journal.write(|pages| pages.spins.push(now));
            panic!("live.spin: {count} socket calls while the clock stands still");
        }
    }
}

impl driver::Env for SimEnv {
    type Stream = SimStream;
    type Listener = SimListener;

    fn now(&self) -> Instant {
        let now = self.host.network().now();
        if let Some(ledger) = &self.ledger {
            ledger.look(now);
        }
        now
    }

    fn connect(
        &self,
        to: Address,
        from: LocalEnd,
    ) -> impl Future<Output = Result<SimStream, ConnectError>> + 'static + use<> {
        let env = self.clone();
        async move {
            let gate = Gate::leave(&env, &to);
            let known = place_of(&env.shared, &to);
            let place = match (&to, known) {
                (_, Some(place)) => elsewhere(&env.shared, place),
                (Address::Ip(address), None) => *address,
                (Address::Unix(path) | Address::Abstract(path), None) => {
                    let inner = env.host.connect_unix(path).await;
                    let inner = inner.map_err(|error| driver::reason(&error))?;
                    return Ok(env.stream(inner, gate));
                }
                (Address::IpPortOf { .. } | Address::Unresolved(_) | Address::Reversed, None) => {
                    return Err(ConnectError::Refused);
                }
            };
            let inner = env.host.connect(place).await;
            let inner = inner.map_err(|error| driver::reason(&error))?;
            if let (true, Some(address)) = (from.foreign, from.address) {
                let shown = another(&env.shared, address);
                let ends = (inner.local(), inner.peer());
                env.shared.journal.write(|pages| {
                    pages.shown.insert(ends, shown);
                });
            }
            Ok(env.stream(inner, gate))
        }
    }

    fn sleep_until(&self, at: Instant) -> impl Future<Output = ()> + 'static + use<> {
        self.host.network().sleep_until(at)
    }

    fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        self.host.spawn(task);
    }

    fn log(&self, _: &LogSocket, line: &[u8]) -> bool {
        let mut text = String::from_utf8_lossy(line).trim_end().to_owned();
        match self.shared.canary {
            Some(Canary::LosesLogs) if self.shared.rng.borrow_mut().chance(1, 10) => return true,
            Some(Canary::LogsLies) => text = text.replace(" 200 ", " 202 "),
            Some(_) | None => {}
        }
        let at = driver::Env::now(self);
        let network = self.host.network();
        network
            .trace()
            .note(at, Kind::Log, &self.host.name(), text.clone());
        self.shared
            .journal
            .write(|pages| pages.logs.push(LogLine { at, text }));
        true
    }
}

/// Where an address of the configuration is in the simulated network.
fn place_of(shared: &Shared, address: &Address) -> Option<SocketAddr> {
    let known = shared.servers.iter().find(|(known, _)| known == address);
    known.map(|(_, place)| *place)
}

/// Where a connection really goes.
fn elsewhere(shared: &Shared, place: SocketAddr) -> SocketAddr {
    if shared.canary != Some(Canary::ConnectsElsewhere) {
        return place;
    }
    let other = shared.servers.iter().find(|(_, other)| *other != place);
    other.map_or(place, |(_, other)| *other)
}

/// The address that a connection really shows.
fn another(shared: &Shared, address: SocketAddr) -> SocketAddr {
    if shared.canary != Some(Canary::ShowsAnother) {
        return address;
    }
    shared.journal.write(|pages| {
        let other = pages.clients.values().find(|other| **other != address);
        other.copied().unwrap_or(address)
    })
}

/// A listening socket of the proxy.
pub struct SimListener {
    inner: net::Listener,
    env: SimEnv,
}

impl driver::Listener for SimListener {
    type Stream = SimStream;

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<SimStream>> {
        let inner = ready!(self.inner.poll_accept(cx))?;
        let gate = Gate::enter(&self.env, self.inner.local().port());
        Poll::Ready(Ok(self.env.stream(inner, gate)))
    }

    fn accept_waiting(&mut self) -> io::Result<Option<SimStream>> {
        match self.poll_accept(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(accepted) => accepted.map(Some),
            Poll::Pending => Ok(None),
        }
    }

    /// Clients wait: nobody sends the simulated process signals that pause it.
    fn rest(&mut self, _on: bool) {}
}

/// A connected socket of the proxy.
pub struct SimStream {
    /// None once it was closed.
    inner: Option<net::Stream>,
    env: SimEnv,
    tamper: Option<Tamper>,
    /// None once it was closed.
    gate: Option<Gate>,
}

impl SimStream {
    fn inner(&self) -> io::Result<&net::Stream> {
        self.inner
            .as_ref()
            .ok_or(io::ErrorKind::NotConnected.into())
    }

    fn end(&self, of: impl Fn(&net::Stream) -> SocketAddr) -> EndAddress {
        let nowhere = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 0);
        EndAddress::Ip(self.inner.as_ref().map_or(nowhere, of))
    }
}

impl driver::Stream for SimStream {
    type Packed = Self;

    fn pack(self) -> io::Result<Self> {
        Ok(self)
    }

    fn unpack(packed: Self) -> io::Result<Self> {
        Ok(packed)
    }

    fn poll_read(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.env.called();
        let Some(inner) = &self.inner else {
            return Poll::Ready(Err(io::ErrorKind::NotConnected.into()));
        };
        match &mut self.tamper {
            None => inner.poll_read(cx, buf),
            Some(tamper) => tamper.poll_read(inner, cx, buf),
        }
    }

    fn read_waiting(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut bytes = ReadBuf::new(buf);
        let mut nobody = Context::from_waker(Waker::noop());
        match driver::Stream::poll_read(self, &mut nobody, &mut bytes) {
            Poll::Ready(read) => read.map(|()| bytes.filled().len()),
            Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
        }
    }

    fn try_write(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.env.called();
        let Some(inner) = &self.inner else {
            return Err(io::ErrorKind::NotConnected.into());
        };
        match &mut self.tamper {
            None => inner.try_write(slices),
            Some(tamper) => tamper.try_write(inner, slices),
        }
    }

    fn poll_write_ready(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.env.called();
        let Some(inner) = &self.inner else {
            return Poll::Ready(Err(io::ErrorKind::NotConnected.into()));
        };
        match &mut self.tamper {
            None => inner.poll_write_ready(cx),
            Some(tamper) => tamper.poll_write_ready(inner, cx),
        }
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        match &mut self.tamper {
            Some(tamper) if tamper.swallows_fin() => Ok(()),
            Some(_) | None => self.inner()?.shutdown_write(),
        }
    }

    fn vanish_on_close(&mut self) {
        if let Some(inner) = &self.inner {
            inner.vanish_on_close();
        }
    }

    /// Packets of the simulated network have no marks.
    fn mark(&mut self, _: session::rules::Mark, _: u32) {}

    fn abort_on_close(&mut self) {
        if let Some(inner) = &self.inner {
            inner.reset_on_close();
        }
    }

    /// The simulated network measures nothing: it is as far to everybody.
    fn measures(&self) -> Option<Measures> {
        Some(Measures {
            rtt_us: 1500,
            rttvar_us: 750,
            reordering: 3,
            ..Measures::default()
        })
    }

    fn keep_alive_probes(&mut self) {}

    fn peer(&self) -> EndAddress {
        self.end(net::Stream::peer)
    }

    fn local(&self) -> EndAddress {
        self.end(net::Stream::local)
    }
}

impl Drop for SimStream {
    fn drop(&mut self) {
        self.gate = None;
        let Some(inner) = self.inner.take() else {
            return;
        };
        let shared = &self.env.shared;
        if shared.canary == Some(Canary::LeaksSockets) && shared.rng.borrow_mut().chance(1, 20) {
            shared.leaked.borrow_mut().push(inner);
        }
    }
}
