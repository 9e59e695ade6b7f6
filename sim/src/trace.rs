//! What happened: every packet goes into a running hash, every event worth reading into a line.

use base::Instant;
use sha2::{Digest, Sha256};
use std::cell::{Cell, RefCell};
use std::fmt::{self, Write as _};
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;
use turmoil_net::{Packet, Transport};

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A fault begins or ends.
    Fault,
    /// A client did or saw something.
    Client,
    /// A simulated server did or saw something.
    Server,
    /// The proxy did something.
    Proxy,
    /// The proxy wrote a log line.
    Log,
    /// An invariant was found broken.
    Violation,
}

impl Kind {
    /// Its word in a timeline.
    pub fn word(self) -> &'static str {
        match self {
            Self::Fault => "FAULT",
            Self::Client => "client",
            Self::Server => "server",
            Self::Proxy => "proxy",
            Self::Log => "log",
            Self::Violation => "BROKEN",
        }
    }
}

/// One event of the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its number, from 1.
    pub number: u64,
    /// When, in virtual time since the start.
    pub at: Instant,
    /// What it is about.
    pub kind: Kind,
    /// Which host.
    pub who: Arc<str>,
    /// What happened.
    pub what: String,
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.at.as_millis();
        write!(
            f,
            "{:>5}.{:03}  {:<7} {:<14} {}",
            millis / 1000,
            millis % 1000,
            self.kind.word(),
            self.who,
            self.what
        )
    }
}

/// What became of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Fate {
    /// On its way.
    Sent,
    /// Lost to a fault.
    Lost,
    /// Kept back until a link is released.
    Held,
    /// Handed to the receiving host.
    Delivered,
}

/// The record of one run. Clones share it.
#[derive(Clone, Default)]
pub struct Trace(Rc<Inner>);

#[derive(Default)]
struct Inner {
    hash: RefCell<Sha256>,
    events: RefCell<Vec<Event>>,
    packets: Cell<u64>,
    /// Stands for the packets so far; goes into the hash with each event and at the end.
    packets_sum: Cell<u64>,
}

impl Trace {
    /// Notes an event.
    pub fn note(&self, at: Instant, kind: Kind, who: &Arc<str>, what: String) {
        let mut events = self.0.events.borrow_mut();
        let event = Event {
            number: events.len() as u64 + 1,
            at,
            kind,
            who: who.clone(),
            what,
        };
        let mut hash = self.0.hash.borrow_mut();
        hash.update(self.0.packets_sum.get().to_le_bytes());
        hash.update(at.as_nanos().to_le_bytes());
        hash.update([kind as u8]);
        hash.update(event.who.as_bytes());
        hash.update(event.what.as_bytes());
        events.push(event);
    }

    /// Notes a packet, its [`digest`] and what became of it; only the hash remembers.
    pub fn packet(&self, at: Instant, packet: &Packet, digest: u64, fate: Fate) {
        if fate == Fate::Sent {
            self.0.packets.set(self.0.packets.get() + 1);
        }
        let mut words = [at.as_nanos(), fate as u64, 0, 0, 0, 0];
        match &packet.payload {
            Transport::Tcp(segment) => {
                let flags = segment.flags;
                let flags = u64::from(flags.syn)
                    | u64::from(flags.ack) << 1
                    | u64::from(flags.fin) << 2
                    | u64::from(flags.rst) << 3
                    | u64::from(flags.psh) << 4;
                words[1] |= flags << 8 | u64::from(segment.window) << 16;
                words[2] = u64::from(segment.src_port) << 16 | u64::from(segment.dst_port);
                words[3] = u64::from(segment.seq) << 32 | u64::from(segment.ack);
                words[4] = digest;
            }
            Transport::Udp(datagram) => {
                words[2] = u64::from(datagram.src_port) << 16 | u64::from(datagram.dst_port);
                words[4] = digest;
            }
        }
        words[5] = match (packet.src, packet.dst) {
            (IpAddr::V4(src), IpAddr::V4(dst)) => {
                u64::from(src.to_bits()) << 32 | u64::from(dst.to_bits())
            }
            (src, dst) => digest_of(format!("{src}>{dst}").as_bytes()),
        };
        let sum = words.into_iter().fold(self.0.packets_sum.get(), mix);
        self.0.packets_sum.set(sum);
    }

    /// The hash of everything so far, as hexadecimal digits.
    pub fn hash(&self) -> String {
        let mut hash = self.0.hash.borrow().clone();
        hash.update(self.0.packets_sum.get().to_le_bytes());
        let digest = hash.finalize();
        digest.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// How many packets set out.
    pub fn packets(&self) -> u64 {
        self.0.packets.get()
    }

    /// The events so far, which are handed over.
    pub fn take_events(&self) -> Vec<Event> {
        self.0.events.take()
    }
}

/// Takes `word` into `sum`: packets are many, and who could tamper with them is us.
fn mix(sum: u64, word: u64) -> u64 {
    let sum = (sum ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    sum ^ (sum >> 29)
}

/// 64 bits that stand for the payload of a packet in the hash.
pub fn digest(packet: &Packet) -> u64 {
    match &packet.payload {
        Transport::Tcp(segment) => digest_of(&segment.payload),
        Transport::Udp(datagram) => digest_of(&datagram.payload),
    }
}

/// 64 bits that stand for `bytes` in the hash.
fn digest_of(bytes: &[u8]) -> u64 {
    let chunks = bytes.chunks_exact(8);
    let rest = chunks
        .remainder()
        .iter()
        .fold(0, |word, byte| word << 8 | u64::from(*byte));
    let words = chunks.map(|chunk| chunk.try_into().map_or(0, u64::from_le_bytes));
    mix(words.fold(bytes.len() as u64, mix), rest)
}
