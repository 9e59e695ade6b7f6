//! How packets fare on their way from one host to another.

use super::{HostIndex, Network};
use base::{Duration, Rng};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use turmoil_net::{Packet, Transport};

/// The state of one direction between two hosts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conditions {
    /// Shortest time on the way.
    pub latency_min: Duration,
    /// Longest time on the way; each packet draws between the two.
    pub latency_max: Duration,
    /// Packets of a thousand that are lost.
    pub loss_permille: u32,
    /// All packets are lost.
    pub cut: bool,
    /// Packets wait until this is false again.
    pub held: bool,
}

impl Default for Conditions {
    fn default() -> Self {
        Self {
            latency_min: Duration::from_millis(1),
            latency_max: Duration::from_millis(1),
            loss_permille: 0,
            cut: false,
            held: false,
        }
    }
}

/// From, to.
pub(super) type Path = (HostIndex, HostIndex);

/// All links of a network, made when first used.
pub(super) struct Links {
    seed: Rng,
    pub(super) usual: Conditions,
    links: BTreeMap<Path, Link>,
}

struct Link {
    rng: Rng,
    now: Conditions,
    held: Vec<Packet>,
    /// The last lost acknowledgement of each flow. The kernel never repeats one, so where Linux
    /// would answer a retransmission again, this is delivered when the link is whole again.
    lost_acks: BTreeMap<(SocketAddr, SocketAddr), Packet>,
}

/// What a link does with a packet.
pub(super) enum Verdict {
    Pass(Duration),
    Lost,
    Held,
}

impl Links {
    pub(super) fn new(seed: &Rng, usual: Conditions) -> Self {
        Self {
            seed: seed.clone(),
            usual,
            links: BTreeMap::new(),
        }
    }

    fn link(&mut self, network: &Network, path: Path) -> &mut Link {
        let (seed, usual) = (&self.seed, &self.usual);
        self.links.entry(path).or_insert_with(|| {
            let name = |index| network.with_host(index, |host| host.name.clone());
            let stream = format!("link/{}>{}", name(path.0), name(path.1));
            Link {
                rng: seed.fork(&stream),
                now: usual.clone(),
                held: Vec::new(),
                lost_acks: BTreeMap::new(),
            }
        })
    }

    /// Decides about a packet that sets out.
    pub(super) fn judge(&mut self, network: &Network, path: Path, packet: &Packet) -> Verdict {
        let link = self.link(network, path);
        let low = link.now.latency_min.as_millis() as u64;
        let high = link.now.latency_max.as_millis() as u64;
        let delay = Duration::from_millis(link.rng.between(low, high.max(low)));
        let unlucky = link.rng.chance(u64::from(link.now.loss_permille), 1000);
        if link.now.held {
            link.held.push(packet.clone());
            Verdict::Held
        } else if link.now.cut || (unlucky && !is_bare_ack(packet)) {
            link.lose(packet);
            Verdict::Lost
        } else {
            if let Some(flow) = flow_of(packet) {
                link.lost_acks.remove(&flow);
            }
            Verdict::Pass(delay)
        }
    }

    /// Decides again when a packet arrives: what a link loses or holds, it loses or holds under way.
    pub(super) fn judge_arrival(&mut self, network: &Network, path: Path, packet: &Packet) -> bool {
        let link = self.link(network, path);
        if link.now.held {
            link.held.push(packet.clone());
        } else if link.now.cut {
            link.lose(packet);
        }
        !link.now.held && !link.now.cut
    }

    /// Changes the conditions of a path; returns what it gives free again.
    pub(super) fn change(
        &mut self,
        network: &Network,
        path: Path,
        change: impl FnOnce(&mut Conditions),
    ) -> Vec<Packet> {
        let link = self.link(network, path);
        change(&mut link.now);
        let mut free = Vec::new();
        if !link.now.held {
            free.append(&mut link.held);
        }
        if !link.now.held && !link.now.cut {
            free.extend(std::mem::take(&mut link.lost_acks).into_values());
        }
        free
    }
}

impl Link {
    fn lose(&mut self, packet: &Packet) {
        if let Some(flow) = flow_of(packet).filter(|_| is_bare_ack(packet)) {
            self.lost_acks.insert(flow, packet.clone());
        }
    }
}

/// An acknowledgement without data or flags.
fn is_bare_ack(packet: &Packet) -> bool {
    match &packet.payload {
        Transport::Tcp(tcp) => {
            tcp.payload.is_empty() && !tcp.flags.syn && !tcp.flags.fin && !tcp.flags.rst
        }
        Transport::Udp(_) => false,
    }
}

/// Sender and receiver of a TCP packet.
pub(super) fn flow_of(packet: &Packet) -> Option<(SocketAddr, SocketAddr)> {
    match &packet.payload {
        Transport::Tcp(tcp) => Some((
            SocketAddr::new(packet.src, tcp.src_port),
            SocketAddr::new(packet.dst, tcp.dst_port),
        )),
        Transport::Udp(_) => None,
    }
}
