//! What the network knows of each TCP connection, once an end.
//!
//! The kernel forgets three things that Linux does not, and this table makes up for them: bytes
//! that arrived before an RST stay readable, data for a closed socket is answered with an RST, and
//! an RST for a connection nobody has accepted yet waits for the one who does.

use super::stream::Conn;
use super::{HostIndex, Network};
use bytes::Bytes;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use turmoil_net::{Packet, TcpFlags, TcpSegment, Transport};

/// One end of a connection: this end's address, the other's.
pub(super) type Ends = (SocketAddr, SocketAddr);

/// [`Ends`] as one number, which is quicker to find; their order is the same.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(u128);

impl Key {
    pub(super) fn of((local, remote): Ends) -> Self {
        let half = |end: SocketAddr| match end.ip() {
            IpAddr::V4(ip) => u128::from(ip.to_bits()) << 16 | u128::from(end.port()),
            IpAddr::V6(_) => unreachable!("hosts have addresses of version 4"),
        };
        Self(half(local) << 48 | half(remote))
    }
}

/// All connections, by the end that is looked at.
#[derive(Default)]
pub(super) struct Flows(BTreeMap<Key, Flow>);

/// One end of a connection.
pub(super) struct Flow {
    ends: Ends,
    pub(super) phase: Phase,
    /// The sequence number after the last data delivered here, to tell new data from repeated.
    pub(super) received_to: Option<u32>,
    /// The sequence number of the SYN-ACK sent from here.
    pub(super) sent_syn_ack: Option<u32>,
}

/// How far one end of a connection is.
pub(super) enum Phase {
    /// A SYN arrived here, nothing else.
    Asked,
    /// Asked, but the other end is gone before the handshake was over; nobody will ever see it.
    Stillborn,
    /// The handshake is over; nobody has accepted it yet.
    Waiting {
        /// An RST has come and is kept until somebody has.
        reset: bool,
    },
    /// Somebody has its socket.
    Open(Rc<Conn>),
    /// Its socket was closed; what is still unsent goes out without it.
    Closed,
}

impl Flow {
    fn new(ends: Ends, phase: Phase) -> Self {
        Self {
            ends,
            phase,
            received_to: None,
            sent_syn_ack: None,
        }
    }
}

impl Flows {
    pub(super) fn get_mut(&mut self, ends: Ends) -> Option<&mut Flow> {
        self.0.get_mut(&Key::of(ends))
    }

    pub(super) fn start(&mut self, ends: Ends, phase: Phase) {
        self.0.insert(Key::of(ends), Flow::new(ends, phase));
    }

    /// Somebody holds the socket from now on; true if a reset had come before.
    pub(super) fn open(&mut self, ends: Ends, conn: Rc<Conn>) -> bool {
        let flow = self.0.entry(Key::of(ends));
        let flow = flow.or_insert_with(|| Flow::new(ends, Phase::Asked));
        let was_reset = matches!(flow.phase, Phase::Waiting { reset: true });
        flow.phase = Phase::Open(conn);
        was_reset
    }

    /// Whether what the kernel says it has accepted was over before; it is forgotten then.
    pub(super) fn take_stillborn(&mut self, ends: Ends) -> bool {
        let stillborn = self
            .0
            .get(&Key::of(ends))
            .is_some_and(|flow| matches!(flow.phase, Phase::Stillborn));
        if stillborn {
            self.0.remove(&Key::of(ends));
        }
        stillborn
    }

    /// The socket was closed.
    pub(super) fn close(&mut self, ends: Ends) {
        if let Some(flow) = self.0.get_mut(&Key::of(ends)) {
            flow.phase = Phase::Closed;
        }
    }

    /// The open ends on a host.
    pub(super) fn of_host(&self, network: &Network, host: HostIndex) -> Vec<Rc<Conn>> {
        let open = self.0.values().filter_map(|flow| match &flow.phase {
            Phase::Open(conn) if network.host_of(flow.ends.0.ip()) == Some(host) => {
                Some(conn.clone())
            }
            Phase::Open(_)
            | Phase::Asked
            | Phase::Stillborn
            | Phase::Waiting { .. }
            | Phase::Closed => None,
        });
        open.collect()
    }

    /// Ends at `port` of a host whose sockets were closed.
    fn closed_at(&self, network: &Network, host: HostIndex, port: u16) -> Vec<Ends> {
        let closed = self.0.values().filter(|flow| {
            let (local, _) = flow.ends;
            matches!(flow.phase, Phase::Closed)
                && local.port() == port
                && network.host_of(local.ip()) == Some(host)
        });
        closed.map(|flow| flow.ends).collect()
    }

    /// The ends on `a` of open connections with `b`.
    pub(super) fn between(&self, network: &Network, a: HostIndex, b: HostIndex) -> Vec<Ends> {
        let ends = self.of_host(network, a).into_iter().map(|conn| conn.ends());
        ends.filter(|(_, remote)| network.host_of(remote.ip()) == Some(b))
            .collect()
    }
}

impl Network {
    /// Makes a host's kernel forget connections at `port` that were closed but not yet over.
    pub(super) fn forget_closed(&self, host: HostIndex, port: u16) {
        let closed = self.0.flows.borrow().closed_at(self, host, port);
        for (local, remote) in closed {
            self.deliver_raw(reset_packet(remote, local));
        }
        self.pass();
    }
}

/// An RST from `from` to `to`. The kernel takes one at any sequence number.
pub(super) fn reset_packet(from: SocketAddr, to: SocketAddr) -> Packet {
    let flags = TcpFlags {
        rst: true,
        ack: true,
        ..TcpFlags::default()
    };
    bare_packet(from, to, flags, 0)
}

/// The last packet of a handshake that began with the SYN-ACK of number `sequence`.
pub(super) fn handshake_ack(from: SocketAddr, to: SocketAddr, sequence: u32) -> Packet {
    let flags = TcpFlags {
        ack: true,
        ..TcpFlags::default()
    };
    bare_packet(from, to, flags, sequence.wrapping_add(1))
}

fn bare_packet(from: SocketAddr, to: SocketAddr, flags: TcpFlags, ack: u32) -> Packet {
    Packet {
        src: from.ip(),
        dst: to.ip(),
        ttl: 64,
        payload: Transport::Tcp(TcpSegment {
            src_port: from.port(),
            dst_port: to.port(),
            seq: 0,
            ack,
            flags,
            window: 0,
            payload: Bytes::new(),
        }),
    }
}
