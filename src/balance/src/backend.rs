//! One backend: its servers, whose turn it is, and who waits.

use crate::order::Order;
use crate::queue::Queue;
use crate::server::{Load, Server};
use crate::{
    Affinity, Algorithm, BackendSettings, ServerIndex, ServerSettings, ServerState, ServerView,
};
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use base::Rng;

/// A waiting or served request, as its worker knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket {
    /// The worker.
    pub worker: u16,
    /// The worker's own number for the request; unique while it waits.
    pub exchange: u64,
}

/// What a request asks of the choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Want {
    /// Not this one if another can take the request (redispatch).
    pub avoid: Option<ServerIndex>,
    /// Only this one (it is bound to that server).
    pub only: Option<ServerIndex>,
    /// That one even if it takes no requests (`option persist`, `force-persist`).
    pub forced: bool,
    /// What the server is chosen by where it is by a hash; in turn without it.
    pub hash: Option<u32>,
    /// Before whom it stands if it has to wait.
    pub priority: Priority,
}

/// Who stands before whom in a line: the smaller class, then the smaller time, then who came first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Priority {
    /// `set-priority-class`
    pub class: i16,
    /// When it came, milliseconds, with `set-priority-offset` added.
    pub at: i64,
}

/// What became of a request that asked for a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assigned {
    /// It holds a slot of this server, until [`Backend::release`].
    Server(ServerIndex),
    /// It waits, until a slot is handed to it or [`Backend::leave`].
    Queued {
        /// Where.
        place: QueuePlace,
        /// How many requests must leave before it is its turn: those before it in that line, and
        /// one that is being served. This is what `%sq` and `%bq` say in a log line.
        ahead: u32,
    },
    /// The line of the server that it asked for, or that its hash names, is as long as may be
    /// (`maxqueue`).
    QueueFull(ServerIndex),
    /// No server takes requests.
    NoServer,
}

/// A line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueuePlace {
    /// For this server alone.
    Server(ServerIndex),
    /// For any server of the backend.
    Backend,
}

/// A waiting request that stands in line no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woken {
    /// It holds a slot of this server.
    Serve(Ticket, ServerIndex),
    /// The server it waited for takes no more requests: it must ask again.
    AskAgain(Ticket),
}

/// The servers of a backend and those who wait for them.
///
/// One for all workers, behind a lock of the caller's. A slot that becomes free is handed at once to
/// whoever waits: after every call it holds that nobody stands in line whom a server could serve.
/// A ticket whose slot was handed over is no longer waiting; whoever it belongs to must release the
/// slot even if it has no use for it any more.
#[derive(Debug)]
pub struct Backend {
    servers: Vec<Server>,
    active: Order,
    backup: Order,
    algorithm: Algorithm,
    share_percent_max: u32,
    affinity: Affinity,
    allbackups: bool,
    fullconn: u32,
    /// Some server's limit moves with the load.
    ramped: bool,
    /// Requests that hold a slot.
    served: u32,
    queue: Queue,
    woken: VecDeque<Woken>,
    rng: Rng,
}

impl Backend {
    /// A backend nobody uses yet.
    pub fn new(settings: BackendSettings, servers: &[ServerSettings], rng: Rng) -> Self {
        let order = || Order::new(settings.algorithm, servers);
        let mut backend = Self {
            active: order(),
            backup: order(),
            algorithm: settings.algorithm,
            share_percent_max: settings.share_percent_max,
            affinity: settings.affinity,
            allbackups: settings.allbackups,
            fullconn: settings.fullconn,
            servers: servers.iter().map(Server::new).collect(),
            ramped: false,
            served: 0,
            queue: Queue::new(servers.len()),
            woken: VecDeque::new(),
            rng,
        };
        backend.ramped = backend.servers.iter().any(Server::is_ramped);
        for at in 0..backend.servers.len() {
            if backend.servers[at].is_balanced() {
                backend.order_of(at).start(ServerIndex(at as u32));
            }
        }
        backend
    }

    /// Chooses a server and takes a slot on it, or puts the ticket, which must not wait already, in
    /// line.
    ///
    /// With `minconn`, one request more can give the servers more slots: see [`Self::poll_woken`].
    pub fn assign(&mut self, ticket: Ticket, want: Want) -> Assigned {
        let assigned = match want.only {
            Some(server) => self.assign_only(ticket, server, want),
            None => self.assign_any(ticket, want),
        };
        self.check_invariants();
        assigned
    }

    /// Chooses a server for what takes no slot: a log line.
    pub fn choose(&mut self, hash: Option<u32>) -> Option<ServerIndex> {
        let in_use = self.in_use();
        let want = Want {
            hash,
            ..Want::default()
        };
        let hashed = self.by_hash(in_use, want);
        hashed.or_else(|| self.pick(in_use, None))
    }

    /// A request has left its server: frees the slot, and hands it over if somebody waits.
    pub fn release(&mut self, server: ServerIndex) -> Option<(Ticket, ServerIndex)> {
        self.vacate(server);
        let next = self.hand_over(server);
        self.check_invariants();
        next.map(|ticket| (ticket, server))
    }

    /// A waiting ticket gives up. False if it does not wait any more: it was handed a slot.
    pub fn leave(&mut self, ticket: Ticket) -> bool {
        let left = self.queue.leave(ticket);
        if let Some(QueuePlace::Server(server)) = left {
            self.tell_load(server);
        }
        self.check_invariants();
        left.is_some()
    }

    /// A server begins or ceases to take requests; see [`Self::poll_woken`] for what follows.
    pub fn set_state(&mut self, server: ServerIndex, state: ServerState) {
        let at = server.0 as usize;
        let before = self.servers[at].is_balanced();
        self.servers[at].state = state;
        match (before, self.servers[at].is_balanced()) {
            (false, true) => self.order_of(at).start(server),
            (true, false) => self.order_of(at).stop(server),
            (true, true) | (false, false) => {}
        }
        if state == ServerState::Maintenance {
            while let Some(ticket) = self.queue.take(server, false) {
                self.woken.push_back(Woken::AskAgain(ticket));
            }
            self.tell_load(server);
        }
        self.hand_over_all();
        self.check_invariants();
    }

    /// Who was woken by [`Self::assign`] or [`Self::set_state`]; to be drained after these.
    pub fn poll_woken(&mut self) -> Option<Woken> {
        self.woken.pop_front()
    }

    /// What there is to know of a server.
    pub fn server(&self, server: ServerIndex) -> ServerView {
        let it = &self.servers[server.0 as usize];
        ServerView {
            state: it.state,
            weight: it.weight,
            backup: it.backup,
            served: it.served,
            queued: self.queue.len(QueuePlace::Server(server)),
            limit: it.limit(self.load()),
        }
    }

    /// Requests that hold a slot.
    pub fn served(&self) -> u32 {
        self.served
    }

    /// Requests that wait for any server.
    pub fn queued_backend(&self) -> u32 {
        self.queue.len(QueuePlace::Backend)
    }

    /// Requests that wait, for any server or for one.
    pub fn queued(&self) -> u32 {
        self.queue.total()
    }

    /// Servers that take requests and are no backups (`act` of `show stat`).
    pub fn active_count(&self) -> u32 {
        self.active.len()
    }

    /// Whether another try would be with another server, as long as there is one.
    pub fn has_choice(&self) -> bool {
        self.active_count() > 1 && !self.is_hashed()
    }

    /// Backups that take requests (`bck` of `show stat`).
    pub fn backup_count(&self) -> u32 {
        self.backup.len()
    }

    /// The weight of all servers that are in use together (`weight` of `show stat`).
    pub fn weight(&self) -> u32 {
        let at = |server: ServerIndex| self.servers[server.0 as usize].weight;
        match self.in_use() {
            InUse::Active => self.weight_of(false),
            InUse::Backups => self.weight_of(true),
            InUse::OneBackup(server) => at(server),
            InUse::Nothing => 0,
        }
    }

    fn weight_of(&self, backup: bool) -> u32 {
        self.servers
            .iter()
            .filter(|server| server.is_balanced() && server.backup == backup)
            .map(|server| server.weight)
            .sum()
    }

    fn assign_only(&mut self, ticket: Ticket, server: ServerIndex, want: Want) -> Assigned {
        let at = server.0 as usize;
        if self.servers[at].state == ServerState::Maintenance && !want.forced {
            return Assigned::NoServer;
        }
        self.assign_to(ticket, server, want)
    }

    /// A slot of this server, or a place in its line.
    fn assign_to(&mut self, ticket: Ticket, server: ServerIndex, want: Want) -> Assigned {
        let at = server.0 as usize;
        let place = QueuePlace::Server(server);
        let waiting = self.queue.len(place);
        if waiting == 0 && self.servers[at].has_slot(self.load_with_one_more()) {
            self.occupy(server);
            self.hand_over_ramped();
            return Assigned::Server(server);
        }
        if self.servers[at]
            .queue_max
            .is_some_and(|queue_max| waiting >= queue_max)
        {
            return Assigned::QueueFull(server);
        }
        self.wait(place, ticket, want.priority)
    }

    fn assign_any(&mut self, ticket: Ticket, want: Want) -> Assigned {
        let in_use = self.in_use();
        if in_use == InUse::Nothing {
            return Assigned::NoServer;
        }
        if let Some(server) = self.by_hash(in_use, want) {
            return self.assign_to(ticket, server, want);
        }
        // Those who wait already come first; that they wait means that every server is full.
        if self.queued_backend() == 0
            && let Some(server) = self.pick(in_use, want.avoid)
        {
            self.occupy(server);
            self.hand_over_ramped();
            return Assigned::Server(server);
        }
        self.wait(QueuePlace::Backend, ticket, want.priority)
    }

    /// Puts a ticket in line. It may be handed a slot on the spot: it is one request more, and that may
    /// have given the servers more slots.
    fn wait(&mut self, place: QueuePlace, ticket: Ticket, priority: Priority) -> Assigned {
        let ahead = self.queue.join(place, ticket, priority) + 1;
        if let QueuePlace::Server(server) = place {
            self.tell_load(server);
        }
        let woken_before = self.woken.len();
        self.hand_over_ramped();
        let own = (woken_before..self.woken.len()).find_map(|at| match self.woken[at] {
            Woken::Serve(served, server) if served == ticket => Some((at, server)),
            Woken::Serve(..) | Woken::AskAgain(_) => None,
        });
        match own {
            Some((at, server)) => {
                self.woken.remove(at);
                Assigned::Server(server)
            }
            None => Assigned::Queued { place, ahead },
        }
    }

    /// The server that a hash names: whoever else is free, it is waited for.
    fn by_hash(&mut self, in_use: InUse, want: Want) -> Option<ServerIndex> {
        let hash = want.hash.filter(|_| self.is_hashed())?;
        let load = self.load_with_one_more();
        let all = All {
            backup: in_use != InUse::Active,
            percent: self.share_percent_max,
            served: self.served,
        };
        let (servers, queue, affinity) = (&self.servers, &self.queue, self.affinity);
        let passes = |server: ServerIndex| {
            let it = &servers[server.0 as usize];
            let waiting = queue.len(QueuePlace::Server(server));
            let has_share = all.percent == 0 || it.served < all.share_of(server, servers);
            let keeps = match affinity {
                Affinity::Always => true,
                Affinity::Slots => waiting == 0 && it.has_slot(load),
                Affinity::Queue => it.queue_max.is_none_or(|most| waiting < most),
            };
            Some(server) != want.avoid && has_share && keeps
        };
        match in_use {
            InUse::Active => self.active.by_hash(hash, &passes),
            InUse::Backups => self.backup.by_hash(hash, &passes),
            InUse::OneBackup(server) => Some(server),
            InUse::Nothing => None,
        }
    }

    /// Whether servers are chosen by hashes.
    fn is_hashed(&self) -> bool {
        matches!(self.algorithm, Algorithm::Hash(_))
    }

    fn pick(&mut self, in_use: InUse, avoid: Option<ServerIndex>) -> Option<ServerIndex> {
        let load = self.load_with_one_more();
        let (servers, queue) = (&self.servers, &self.queue);
        let is_open = |server: ServerIndex| {
            servers[server.0 as usize].has_slot(load) && queue.len(QueuePlace::Server(server)) == 0
        };
        match in_use {
            InUse::Active => self.active.pick(&is_open, avoid, servers, &mut self.rng),
            InUse::Backups => self.backup.pick(&is_open, avoid, servers, &mut self.rng),
            InUse::OneBackup(server) => Some(server).filter(|&server| is_open(server)),
            InUse::Nothing => None,
        }
    }

    /// Which servers share the requests now. Backups only do while no other server can; then the first
    /// alone, or all with `allbackups`.
    fn in_use(&self) -> InUse {
        if self.active.len() > 0 {
            return InUse::Active;
        }
        if self.backup.len() == 0 {
            return InUse::Nothing;
        }
        if self.allbackups {
            return InUse::Backups;
        }
        let is_backup = |server: &Server| server.backup && server.is_balanced();
        let first = self.servers.iter().position(is_backup);
        first.map_or(InUse::Nothing, |at| {
            InUse::OneBackup(ServerIndex(at as u32))
        })
    }

    /// Whether a server takes requests that ask for none in particular.
    fn shares(&self, server: ServerIndex) -> bool {
        let it = &self.servers[server.0 as usize];
        it.is_balanced()
            && match self.in_use() {
                InUse::Active => !it.backup,
                InUse::Backups => it.backup,
                InUse::OneBackup(only) => server == only,
                InUse::Nothing => false,
            }
    }

    /// Hands as many slots over as the servers have.
    fn hand_over_all(&mut self) {
        for at in 0..self.servers.len() {
            let server = ServerIndex(at as u32);
            while let Some(ticket) = self.hand_over(server) {
                self.woken.push_back(Woken::Serve(ticket, server));
            }
        }
    }

    /// One request more is there: limits that move with the load have moved up.
    fn hand_over_ramped(&mut self) {
        if self.ramped && self.queue.total() > 0 {
            self.hand_over_all();
        }
    }

    /// Gives a slot of `server` to the one who has waited longest for it, if both are there.
    fn hand_over(&mut self, server: ServerIndex) -> Option<Ticket> {
        if self.queue.total() == 0 {
            return None;
        }
        let it = &self.servers[server.0 as usize];
        if !it.has_slot(self.load()) {
            return None;
        }
        // Who waits for a server that takes no requests insists on it.
        let shared = self.shares(server);
        let ticket = self.queue.take(server, shared)?;
        self.occupy(server);
        Some(ticket)
    }

    fn occupy(&mut self, server: ServerIndex) {
        self.served += 1;
        self.servers[server.0 as usize].served += 1;
        self.tell_load(server);
    }

    fn vacate(&mut self, server: ServerIndex) {
        let it = &mut self.servers[server.0 as usize];
        debug_assert!(it.served > 0, "a slot is released once");
        if it.served > 0 {
            it.served -= 1;
            self.served -= 1;
        }
        self.tell_load(server);
    }

    fn tell_load(&mut self, server: ServerIndex) {
        let at = server.0 as usize;
        let load = self.servers[at].served + self.queue.len(QueuePlace::Server(server));
        self.order_of(at).on_load(server, load);
    }

    fn order_of(&mut self, at: usize) -> &mut Order {
        if self.servers[at].backup {
            &mut self.backup
        } else {
            &mut self.active
        }
    }

    fn load(&self) -> Load {
        Load {
            requests: self.served + self.queue.total(),
            full: self.fullconn,
        }
    }

    /// The load as it is once the request that asks is counted.
    fn load_with_one_more(&self) -> Load {
        let load = self.load();
        Load {
            requests: load.requests + 1,
            ..load
        }
    }

    fn check_invariants(&self) {
        if cfg!(debug_assertions) {
            let served: u32 = self.servers.iter().map(|server| server.served).sum();
            assert_eq!(served, self.served, "slots are conserved");
            let load = self.load();
            for (at, it) in self.servers.iter().enumerate() {
                let server = ServerIndex(at as u32);
                let own = self.queue.len(QueuePlace::Server(server));
                let common = if self.shares(server) {
                    self.queued_backend()
                } else {
                    0
                };
                assert!(
                    !it.has_slot(load) || own + common == 0,
                    "nobody waits for a slot that is free"
                );
            }
        }
    }
}

/// What servers of a ring have together (`hash-balance-factor`).
#[derive(Clone, Copy, Debug)]
struct All {
    /// Which servers these are.
    backup: bool,
    /// Of what each would have if requests were spread evenly.
    percent: u32,
    served: u32,
}

impl All {
    /// How many requests a server may have. What all of them may have is dealt out by weight, in order of
    /// declaration, and none goes away empty.
    fn share_of(&self, server: ServerIndex, servers: &[Server]) -> u32 {
        let weight_of = |servers: &[Server]| -> u64 {
            let servers = servers.iter();
            let servers = servers.filter(|it| it.is_balanced() && it.backup == self.backup);
            servers.map(|it| u64::from(it.weight)).sum()
        };
        let own = u64::from(servers[server.0 as usize].weight);
        let before = weight_of(&servers[..server.0 as usize]);
        let total = weight_of(servers).max(1);
        let slots = (u64::from(self.served) + 1) * u64::from(self.percent);
        let slots = slots.div_ceil(100);
        let (each, rest) = (slots / total, slots % total);
        let more = (before + own) * rest / total - before * rest / total;
        u32::try_from(own * each + more).unwrap_or(u32::MAX).max(1)
    }
}

/// Which servers share the requests that ask for none in particular.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum InUse {
    Active,
    Backups,
    OneBackup(ServerIndex),
    Nothing,
}

#[cfg(test)]
mod hashed;
#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;
