//! The scheduler: takes packets from hosts, lets links decide about them, delivers them in time.
//!
//! It sleeps unless a socket was touched, a packet is on its way or something is unacknowledged, so
//! idle hours cost nothing. The kernel counts passes, not time, until it retransmits: while there is
//! traffic a pass is a millisecond; while there is none, the passes of one timeout are made at once,
//! with the pauses of a growing timeout in between.

use super::flow::{Ends, Key, Phase, handshake_ack, reset_packet};
use super::link::{Verdict, flow_of};
use super::{Network, SOCKET_BUFFER_MAX};
use crate::trace::{Fate, digest};
use base::{Duration, Instant};
use std::collections::{BTreeMap, VecDeque};
use turmoil_net::{NetstatState, Packet, TcpFlags, Transport};

/// Packets on their way.
#[derive(Default)]
pub(super) struct Wire {
    /// By arrival; those that arrive together do so in the order in which they were sent.
    queue: BTreeMap<Instant, VecDeque<UnderWay>>,
    /// When the last packet of a flow arrives: TCP packets of a flow keep their order, because the
    /// kernel drops those that come early instead of keeping them.
    last_arrival: BTreeMap<Key, Instant>,
}

/// A packet with what stands for its payload in the record of the run.
struct UnderWay {
    packet: Packet,
    digest: u64,
}

/// Passes without progress after which the kernel sends again.
pub(super) const PASSES_PER_RETRANSMIT: u32 = 200;

/// Retransmissions after which the kernel gives a connection up.
pub(super) const RETRANSMITS_MAX: u32 = 75;

/// The time between two passes.
const PASS: Duration = Duration::from_millis(1);

/// The first retransmission timeout of a quiet network.
const TIMEOUT_FIRST: Duration = Duration::from_millis(200);

/// The longest.
const TIMEOUT_MAX: Duration = Duration::from_secs(5);

/// When a quiet network retransmits next.
struct Retransmit {
    at: Instant,
    timeout: Duration,
}

/// Carries packets for as long as the network lives.
pub(super) async fn run(network: Network) {
    let mut retransmit: Option<Retransmit> = None;
    loop {
        let arrival = network.0.wire.borrow().queue.keys().next().copied();
        let due = match (arrival, &retransmit) {
            (Some(at), _) => at,
            (None, Some(retransmit)) => retransmit.at,
            (None, None) => network.now() + FOREVER,
        };
        tokio::select! { biased;
            () = network.0.dirty.notified() => tokio::time::sleep(PASS).await,
            () = network.sleep_until(due) => {}
        }
        network.deliver_due();
        network.pass();
        if !network.0.wire.borrow().queue.is_empty() {
            continue;
        }
        let now = network.now();
        retransmit = match retransmit {
            _ if !network.is_owed() => None,
            None => Some(Retransmit {
                at: now + TIMEOUT_FIRST,
                timeout: TIMEOUT_FIRST,
            }),
            Some(waiting) if waiting.at > now => Some(waiting),
            Some(expired) => {
                for _ in 0..PASSES_PER_RETRANSMIT {
                    network.pass();
                }
                let timeout = (expired.timeout * 2).min(TIMEOUT_MAX);
                Some(Retransmit {
                    at: now + timeout,
                    timeout,
                })
            }
        };
    }
}

/// Longer than any run.
const FOREVER: Duration = Duration::from_secs(400 * 86400);

impl Network {
    /// Takes what hosts want to send and puts it on its way.
    pub(super) fn pass(&self) {
        let mut packets = Vec::new();
        if let Some(kernels) = self.0.kernels.borrow().as_ref() {
            kernels.egress_all(&mut packets);
        }
        for packet in packets {
            self.enqueue(packet);
        }
    }

    /// Puts a packet on its way, or not, as its link decides.
    pub(super) fn enqueue(&self, mut packet: Packet) {
        let now = self.now();
        let ends = flow_of(&packet);
        let digest = digest(&packet);
        if let Transport::Tcp(segment) = &mut packet.payload
            && segment.flags.syn
        {
            // The kernel promises the same room whatever its buffers are, and drops what does not
            // fit: the first burst of bytes would wait for a retransmission.
            segment.window = segment.window.min(self.0.first_window);
            if segment.flags.ack
                && let Some(ends) = ends
                && let Some(flow) = self.0.flows.borrow_mut().get_mut(ends)
            {
                flow.sent_syn_ack = Some(segment.seq);
            }
        }
        let note = |packet: &Packet, fate| self.0.trace.packet(now, packet, digest, fate);
        let (Some(from), Some(to)) = (self.host_of(packet.src), self.host_of(packet.dst)) else {
            return note(&packet, Fate::Lost);
        };
        if self.with_host(from, |host| host.off) {
            return note(&packet, Fate::Lost);
        }
        let verdict = self.0.links.borrow_mut().judge(self, (from, to), &packet);
        let delay = match verdict {
            Verdict::Pass(delay) => delay,
            Verdict::Lost => return note(&packet, Fate::Lost),
            Verdict::Held => return note(&packet, Fate::Held),
        };
        note(&packet, Fate::Sent);
        let mut wire = self.0.wire.borrow_mut();
        let mut at = now + delay;
        if let Some(ends) = ends {
            let last = wire.last_arrival.entry(Key::of(ends)).or_insert(at);
            at = at.max(*last);
            *last = at;
        }
        let under_way = UnderWay { packet, digest };
        wire.queue.entry(at).or_default().push_back(under_way);
        drop(wire);
        self.touched();
    }

    fn deliver_due(&self) {
        let now = self.now();
        loop {
            let together = {
                let mut wire = self.0.wire.borrow_mut();
                match wire.queue.first_entry() {
                    Some(first) if *first.key() <= now => first.remove(),
                    Some(_) | None => return,
                }
            };
            for under_way in together {
                self.arrive(now, under_way);
            }
        }
    }

    fn arrive(&self, now: Instant, UnderWay { packet, digest }: UnderWay) {
        let (Some(from), Some(to)) = (self.host_of(packet.src), self.host_of(packet.dst)) else {
            return;
        };
        let passes = self
            .0
            .links
            .borrow_mut()
            .judge_arrival(self, (from, to), &packet);
        if !passes || self.with_host(to, |host| host.off) {
            return self.0.trace.packet(now, &packet, digest, Fate::Lost);
        }
        self.0.trace.packet(now, &packet, digest, Fate::Delivered);
        match (&packet.payload, flow_of(&packet)) {
            (Transport::Tcp(segment), Some((remote, local))) => {
                let (flags, length) = (segment.flags, segment.payload.len());
                let end = segment.seq.wrapping_add(length as u32);
                self.arrive_tcp((local, remote), flags, (length > 0).then_some(end), packet);
            }
            (Transport::Udp(_), _) | (Transport::Tcp(_), None) => self.deliver_raw(packet),
        }
    }

    /// A segment arrives; `end` is the sequence number behind its data, if it has any.
    fn arrive_tcp(&self, ends: Ends, flags: TcpFlags, end: Option<u32>, packet: Packet) {
        if flags.rst {
            return self.arrive_reset(ends, packet);
        }
        let mut flows = self.0.flows.borrow_mut();
        if flags.syn && !flags.ack {
            // A repeated SYN must not make a connection young again; a closed one is replaced.
            let to_listener = self.is_listening(ends.0);
            let known = flows.get_mut(ends);
            if to_listener && known.is_none_or(|flow| matches!(flow.phase, Phase::Closed)) {
                flows.start(ends, Phase::Asked);
            }
            drop(flows);
            return self.deliver_raw(packet);
        }
        if flags.syn {
            // The connecting end: its task has the socket a little later than the kernel.
            let known = flows.get_mut(ends);
            if known.is_none_or(|flow| !matches!(flow.phase, Phase::Open(_))) {
                flows.start(ends, Phase::Waiting { reset: false });
            }
            drop(flows);
            return self.deliver_raw(packet);
        }
        let Some(flow) = flows.get_mut(ends) else {
            drop(flows);
            return self.deliver_raw(packet);
        };
        let received_to = flow.received_to;
        let is_new = |end: &u32| received_to.is_none_or(|to| (end.wrapping_sub(to) as i32) > 0);
        if let Some(end) = end.filter(is_new) {
            if let Phase::Closed = flow.phase {
                // Nobody will read it: the sender must learn, and what is left here goes.
                drop(flows);
                self.deliver_raw(reset_packet(ends.1, ends.0));
                return self.enqueue(reset_packet(ends.0, ends.1));
            }
            flow.received_to = Some(end);
        }
        if let Phase::Asked = flow.phase {
            flow.phase = Phase::Waiting { reset: false };
        }
        drop(flows);
        self.deliver_raw(packet);
    }

    /// Bytes that arrived before a reset stay readable, as on Linux.
    fn arrive_reset(&self, ends: Ends, packet: Packet) {
        let (local, remote) = ends;
        let mut flows = self.0.flows.borrow_mut();
        let flow = flows.get_mut(ends);
        match flow.map(|flow| (&mut flow.phase, flow.sent_syn_ack)) {
            Some((Phase::Open(conn), _)) => {
                let conn = conn.clone();
                drop(flows);
                conn.keep_unread();
                self.deliver_raw(packet);
            }
            Some((Phase::Waiting { reset }, _)) => *reset = true,
            Some((phase @ Phase::Asked, Some(sequence))) => {
                // The kernel would keep what is left of the handshake for ever: it is completed,
                // and thrown away when the kernel hands it out.
                *phase = Phase::Stillborn;
                drop(flows);
                self.deliver_raw(handshake_ack(remote, local, sequence));
            }
            Some((Phase::Stillborn, _)) => {}
            Some((Phase::Asked | Phase::Closed, _)) | None => {
                drop(flows);
                self.deliver_raw(packet);
            }
        }
    }

    /// Whether a host still waits for an acknowledgement or for room to send.
    fn is_owed(&self) -> bool {
        self.0.hosts.borrow().iter().any(|host| {
            let sockets = turmoil_net::netstat(host.ip).entries;
            sockets.iter().any(|socket| {
                let open_ended = matches!(
                    socket.state,
                    Some(
                        NetstatState::SynSent
                            | NetstatState::SynReceived
                            | NetstatState::FinWait1
                            | NetstatState::Closing
                            | NetstatState::LastAck
                    )
                );
                socket.peer.is_some() && (socket.send_q > 0 || open_ended)
            })
        })
    }
}

const _: () = assert!(
    SOCKET_BUFFER_MAX <= u16::MAX as usize,
    "windows have 16 bits"
);
