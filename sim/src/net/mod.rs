//! A network of simulated hosts on one thread with one paused clock.
//!
//! The TCP and UDP of each host is `turmoil-net`'s kernel. What is ours: the scheduler that carries
//! packets between hosts and sleeps while nothing is on its way (`wire`), the state of links
//! (`link`), hosts that die and come back (`host`), and sockets that behave as Linux's do where the
//! kernel's do not (`stream`, `listener`, `flow`).

mod flow;
mod host;
mod link;
mod listener;
mod second;
mod socket;
mod stream;
mod wire;

pub use host::{Host, Quirks};
pub use link::Conditions;
pub use listener::Listener;
pub use second::run_in_turmoil;
pub use stream::Stream;

use crate::trace::Trace;
use base::{Instant, Rng};
use flow::Flows;
use host::HostState;
use link::Links;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use turmoil_net::{EnterGuard, KernelConfig, Packet};
use wire::Wire;

/// What all hosts of a network have in common.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Receive buffer of a socket, bytes; at most [`SOCKET_BUFFER_MAX`].
    pub receive_buffer: usize,
    /// Send buffer of a socket, bytes; at most [`SOCKET_BUFFER_MAX`].
    pub send_buffer: usize,
    /// Largest packet, bytes.
    pub mtu: u32,
    /// Connections that wait to be accepted, of each listener.
    pub backlog: usize,
    /// How links are while no fault is on.
    pub conditions: Conditions,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            receive_buffer: SOCKET_BUFFER_MAX,
            send_buffer: SOCKET_BUFFER_MAX,
            mtu: 1500,
            backlog: 1024,
            conditions: Conditions::default(),
        }
    }
}

/// The largest socket buffer: what a window field without scaling can say.
pub const SOCKET_BUFFER_MAX: usize = 65535;

/// What carries bytes between hosts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Substrate {
    /// Packets between the kernels of `turmoil-net`, carried by our scheduler: every fault works.
    #[default]
    Packets,
    /// `turmoil::Sim` with its own scheduler and its TCP of segments. There is no reset by
    /// `SO_LINGER`, no loss that is made up for, no packet to hold back and no window; a process
    /// that dies says FIN, and those who connect to it wait.
    Turmoil,
}

/// A network. Clones are handles of the same one.
#[derive(Clone)]
pub struct Network(Rc<Inner>);

struct Inner {
    substrate: Substrate,
    /// What turmoil's owner is asked for.
    requests: RefCell<Vec<second::Request>>,
    /// Names of hosts and their state, by [`HostIndex`].
    hosts: RefCell<Vec<HostState>>,
    /// The receive buffer of a socket that nothing has arrived at yet.
    first_window: u16,
    links: RefCell<Links>,
    flows: RefCell<Flows>,
    wire: RefCell<Wire>,
    /// Notified when a socket call may have produced packets.
    dirty: Notify,
    /// The kernels; gone once the run is over, after which sockets are forgotten, not closed.
    kernels: RefCell<Option<EnterGuard>>,
    alive: Cell<bool>,
    /// The start of the one clock; turmoil has one a host, and knows itself how late it is.
    origin: Option<tokio::time::Instant>,
    trace: Trace,
    panics: RefCell<Vec<Panic>>,
    /// Notified of each panic.
    panicked: Notify,
    /// What one read of a kernel socket fits into: its whole receive buffer, because the kernel
    /// only tells its peer of new room after a read of half the buffer.
    scratch: RefCell<Box<[u8]>>,
}

/// A task of a host that panicked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panic {
    /// Whose task it was.
    pub host: Arc<str>,
    /// When.
    pub at: Instant,
    /// What it said, and where in the code.
    pub text: String,
}

thread_local! {
    /// The time on the one clock, once somebody has asked: it stands still until there is nothing to do.
    static NOW: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// A host's number in order of declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct HostIndex(u16);

/// The address of the first host; the others follow.
pub const ADDRESS_FIRST: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);

impl HostIndex {
    fn address(self) -> Ipv4Addr {
        Ipv4Addr::from_bits(ADDRESS_FIRST.to_bits() + u32::from(self.0))
    }
}

/// Runs `main` in a network of the hosts called `names` until it ends.
///
/// Must be called on a thread that runs no other network, best a fresh one.
pub fn run<F, T>(
    names: &[String],
    settings: Settings,
    seed: &Rng,
    trace: Trace,
    main: impl FnOnce(Network) -> F,
) -> T
where
    F: Future<Output = T>,
{
    NOW.set(None);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .on_thread_park(|| NOW.set(None))
        .build()
        .expect("a runtime without sockets needs nothing from the system");
    let tasks = tokio::task::LocalSet::new();
    let entered = runtime.enter();
    let network = Network::of(Substrate::Packets, names, settings, seed, trace);
    drop(entered);
    let wire = network.clone();
    let result = runtime.block_on(tasks.run_until(async {
        tokio::task::spawn_local(wire::run(wire));
        main(network.clone()).await
    }));
    network.0.alive.set(false);
    drop(tasks);
    network.0.kernels.borrow_mut().take();
    result
}

impl Network {
    fn of(
        substrate: Substrate,
        names: &[String],
        settings: Settings,
        seed: &Rng,
        trace: Trace,
    ) -> Self {
        let receive_buffer = settings.receive_buffer.min(SOCKET_BUFFER_MAX);
        let mut kernels = turmoil_net::Net::with_config(
            KernelConfig::default()
                .recv_buf_cap(receive_buffer)
                .send_buf_cap(settings.send_buffer.min(SOCKET_BUFFER_MAX))
                .mtu(settings.mtu)
                .default_backlog(settings.backlog)
                .retx_threshold(wire::PASSES_PER_RETRANSMIT)
                .retx_max(wire::RETRANSMITS_MAX),
        );
        let mut hosts = Vec::new();
        for (at, name) in names.iter().enumerate() {
            let ip = IpAddr::V4(HostIndex(at as u16).address());
            let kernel = kernels.add_host(ip);
            hosts.push(HostState::new(name, kernel, ip));
        }
        Self(Rc::new(Inner {
            substrate,
            requests: RefCell::default(),
            hosts: RefCell::new(hosts),
            first_window: receive_buffer as u16,
            links: RefCell::new(Links::new(seed, settings.conditions)),
            flows: RefCell::default(),
            wire: RefCell::default(),
            dirty: Notify::new(),
            kernels: RefCell::new(Some(kernels.enter())),
            alive: Cell::new(true),
            origin: match substrate {
                Substrate::Packets => Some(tokio::time::Instant::now()),
                Substrate::Turmoil => None,
            },
            trace,
            panics: RefCell::default(),
            panicked: Notify::new(),
            scratch: RefCell::new(vec![0; SOCKET_BUFFER_MAX].into_boxed_slice()),
        }))
    }

    /// The host called `name`.
    pub fn host(&self, name: &str) -> Option<Host> {
        let at = self
            .0
            .hosts
            .borrow()
            .iter()
            .position(|host| &*host.name == name)?;
        Some(Host::new(self.clone(), HostIndex(at as u16)))
    }

    /// Virtual time since the start.
    pub fn now(&self) -> Instant {
        let instant = |elapsed: Duration| {
            Instant::from_nanos(u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX))
        };
        match self.0.origin {
            Some(origin) => NOW.get().unwrap_or_else(|| {
                let now = instant(origin.elapsed());
                NOW.set(Some(now));
                now
            }),
            None => instant(turmoil::sim_elapsed().unwrap_or_default()),
        }
    }

    /// Returns once [`Network::now`] has reached `at`.
    pub fn sleep_until(&self, at: Instant) -> tokio::time::Sleep {
        match self.0.origin {
            Some(origin) => tokio::time::sleep_until(origin + Duration::from_nanos(at.as_nanos())),
            None => tokio::time::sleep(at.since(self.now())),
        }
    }

    /// The record of this run.
    pub fn trace(&self) -> &Trace {
        &self.0.trace
    }

    /// How links are while no fault is on.
    pub fn usual_conditions(&self) -> Conditions {
        self.0.links.borrow().usual.clone()
    }

    /// Changes how packets from `from` to `to` fare (not the way back).
    pub fn set_conditions(&self, from: &Host, to: &Host, change: impl FnOnce(&mut Conditions)) {
        let path = (from.index(), to.index());
        let released = self.0.links.borrow_mut().change(self, path, change);
        for packet in released {
            self.enqueue(packet);
        }
        self.0.dirty.notify_one();
    }

    /// Resets one connection between `a` and `b`, the `nth` of those open, as a middle box would:
    /// both ends get an RST. False if there is none.
    pub fn reset_between(&self, a: &Host, b: &Host, nth: u64) -> bool {
        let ends = self.0.flows.borrow().between(self, a.index(), b.index());
        let Some(&(local, remote)) =
            (!ends.is_empty()).then(|| &ends[(nth % ends.len() as u64) as usize])
        else {
            return false;
        };
        self.enqueue(flow::reset_packet(local, remote));
        self.enqueue(flow::reset_packet(remote, local));
        true
    }

    /// Whether closing can be made to reset.
    pub fn can_reset(&self) -> bool {
        self.0.substrate == Substrate::Packets
    }

    /// Panics of tasks of hosts.
    pub fn panics(&self) -> Vec<Panic> {
        self.0.panics.borrow().clone()
    }

    /// Returns when a task of `host` has panicked.
    pub async fn panicked(&self, host: &Host) {
        let name = host.name();
        while !self
            .0
            .panics
            .borrow()
            .iter()
            .any(|panic| panic.host == name)
        {
            self.0.panicked.notified().await;
        }
    }

    fn note_panic(&self, panic: Panic) {
        self.0.panics.borrow_mut().push(panic);
        self.0.panicked.notify_waiters();
        self.0.panicked.notify_one();
    }

    /// Open connections that have an end on a host, counted once an end.
    pub fn open_ends(&self, host: &Host) -> usize {
        self.0.flows.borrow().of_host(self, host.index()).len()
    }

    fn host_of(&self, ip: IpAddr) -> Option<HostIndex> {
        let IpAddr::V4(ip) = ip else {
            return None;
        };
        let index = HostIndex(ip.to_bits().wrapping_sub(ADDRESS_FIRST.to_bits()) as u16);
        let exists = usize::from(index.0) < self.0.hosts.borrow().len();
        (exists && index.address() == ip).then_some(index)
    }

    fn with_host<T>(&self, index: HostIndex, act: impl FnOnce(&mut HostState) -> T) -> T {
        act(&mut self.0.hosts.borrow_mut()[usize::from(index.0)])
    }

    /// Makes the socket calls that follow those of `host`. False once the run is over.
    fn enter(&self, host: HostIndex) -> bool {
        if !self.0.alive.get() {
            return false;
        }
        if self.0.substrate == Substrate::Packets {
            turmoil_net::set_current(self.with_host(host, |state| state.kernel));
        }
        true
    }

    /// A socket call may have produced packets.
    fn touched(&self) {
        self.0.dirty.notify_one();
    }

    /// Hands a packet to the host it is for, past all links.
    fn deliver_raw(&self, packet: Packet) {
        if let Some(kernels) = self.0.kernels.borrow().as_ref() {
            kernels.deliver(packet);
        }
    }
}
