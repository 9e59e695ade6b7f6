//! Whose turn it is: the `balance` algorithms.
//!
//! Each order knows only the servers of one group (active ones or backups) that take requests now. It
//! offers them in its own sequence; the first that is open, and not the one to avoid, is taken.

mod first;
mod least_conn;
mod random;
mod ring;
mod round_robin;
mod static_rr;
mod sticky;

use crate::server::Server;
use crate::{Algorithm, HashType, ServerIndex, ServerSettings};
use alloc::vec::Vec;
use base::Rng;
use first::First;
use least_conn::LeastConn;
use random::Random;
use ring::Ring;
use round_robin::RoundRobin;
use static_rr::StaticRr;
use sticky::Sticky;

/// The order of one group of servers.
#[derive(Debug)]
pub(crate) struct Order {
    kind: Kind,
    /// Servers that take requests.
    len: u32,
}

#[derive(Debug)]
enum Kind {
    RoundRobin(RoundRobin),
    StaticRr(StaticRr),
    LeastConn(LeastConn),
    First(First),
    Random(Random),
    /// Both are in turn by weight without a hash.
    Map(StaticRr),
    Ring(Ring),
    Sticky(Sticky),
}

impl Order {
    /// An order in which nobody takes requests yet.
    pub(crate) fn new(algorithm: Algorithm, servers: &[ServerSettings]) -> Self {
        let weights: Vec<u32> = servers.iter().map(|server| server.weight).collect();
        let kind = match algorithm {
            Algorithm::RoundRobin => Kind::RoundRobin(RoundRobin::new(&weights)),
            Algorithm::StaticRr => Kind::StaticRr(StaticRr::new(&weights)),
            Algorithm::LeastConn => Kind::LeastConn(LeastConn::new(&weights)),
            Algorithm::First => Kind::First(First::new(servers)),
            Algorithm::Random { draws } => Kind::Random(Random::new(&weights, draws)),
            Algorithm::Hash(HashType::Map) => Kind::Map(StaticRr::new(&weights)),
            Algorithm::Sticky => Kind::Sticky(Sticky::default()),
            Algorithm::Hash(HashType::Consistent) => Kind::Ring(Ring::new(servers)),
        };
        Self { kind, len: 0 }
    }

    /// Servers that take requests.
    pub(crate) fn len(&self) -> u32 {
        self.len
    }

    /// A server takes requests from now on.
    pub(crate) fn start(&mut self, server: ServerIndex) {
        self.len += 1;
        match &mut self.kind {
            Kind::RoundRobin(order) => order.start(server),
            Kind::StaticRr(order) | Kind::Map(order) => order.start(server),
            Kind::LeastConn(order) => order.start(server),
            Kind::First(order) => order.start(server),
            Kind::Random(order) => order.start(server),
            Kind::Ring(order) => order.start(server),
            Kind::Sticky(order) => order.start(server),
        }
    }

    /// A server takes no more requests.
    pub(crate) fn stop(&mut self, server: ServerIndex) {
        self.len -= 1;
        match &mut self.kind {
            Kind::RoundRobin(order) => order.stop(server),
            Kind::StaticRr(order) | Kind::Map(order) => order.stop(server),
            Kind::LeastConn(order) => order.stop(server),
            Kind::First(order) => order.stop(server),
            Kind::Random(order) => order.stop(server),
            Kind::Ring(order) => order.stop(server),
            Kind::Sticky(order) => order.stop(server),
        }
    }

    /// A server has `load` requests now, served and waiting, whoever chose it.
    pub(crate) fn on_load(&mut self, server: ServerIndex, load: u32) {
        match &mut self.kind {
            Kind::LeastConn(order) => order.on_load(server, load),
            Kind::RoundRobin(_)
            | Kind::StaticRr(_)
            | Kind::First(_)
            | Kind::Random(_)
            | Kind::Map(_)
            | Kind::Ring(_)
            | Kind::Sticky(_) => {}
        }
    }

    /// The next server in turn that is open. `avoid` is only taken if there is no other.
    pub(crate) fn pick(
        &mut self,
        is_open: &dyn Fn(ServerIndex) -> bool,
        avoid: Option<ServerIndex>,
        servers: &[Server],
        rng: &mut Rng,
    ) -> Option<ServerIndex> {
        match &mut self.kind {
            Kind::RoundRobin(order) => order.pick(is_open, avoid),
            Kind::StaticRr(order) | Kind::Map(order) => order.pick(is_open, avoid),
            Kind::LeastConn(order) => choose(order.in_turn(), is_open, avoid),
            Kind::First(order) => choose(order.in_turn(), is_open, avoid),
            Kind::Random(order) => order.pick(is_open, avoid, servers, rng),
            Kind::Ring(order) => order.pick(is_open, avoid),
            Kind::Sticky(order) => choose(order.in_turn(), is_open, avoid),
        }
    }

    /// The server of a hash, open or not; none if the order is not one by hashes. Who does not pass is
    /// passed over where the order knows who is next.
    pub(crate) fn by_hash(
        &mut self,
        hash: u32,
        passes: &dyn Fn(ServerIndex) -> bool,
    ) -> Option<ServerIndex> {
        match &mut self.kind {
            Kind::Map(order) => order.at(hash),
            Kind::Ring(order) => order.nearest(hash, passes),
            Kind::RoundRobin(_)
            | Kind::StaticRr(_)
            | Kind::LeastConn(_)
            | Kind::First(_)
            | Kind::Random(_)
            | Kind::Sticky(_) => None,
        }
    }
}

/// The first of `servers` that is open and not to be avoided, or else the one to be avoided.
fn choose(
    servers: impl Iterator<Item = ServerIndex>,
    is_open: &dyn Fn(ServerIndex) -> bool,
    avoid: Option<ServerIndex>,
) -> Option<ServerIndex> {
    let mut avoided = None;
    for server in servers.filter(|&server| is_open(server)) {
        if Some(server) != avoid {
            return Some(server);
        }
        avoided = Some(server);
    }
    avoided
}

#[cfg(test)]
mod tests;
