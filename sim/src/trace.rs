//! What happened: every packet goes into a running hash, every event worth reading into a line.

use base::Instant;
use sha2::{Digest, Sha256};
use std::cell::{Cell, RefCell};
use std::fmt::{self, Write as _};
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
        hash.update(at.as_nanos().to_le_bytes());
        hash.update([kind as u8]);
        hash.update(event.who.as_bytes());
        hash.update(event.what.as_bytes());
        events.push(event);
    }

    /// Notes a packet and what became of it; only the hash remembers.
    pub fn packet(&self, at: Instant, packet: &Packet, fate: Fate) {
        if fate == Fate::Sent {
            self.0.packets.set(self.0.packets.get() + 1);
        }
        let mut hash = self.0.hash.borrow_mut();
        hash.update(at.as_nanos().to_le_bytes());
        hash.update([fate as u8]);
        match (packet.src, packet.dst) {
            (std::net::IpAddr::V4(src), std::net::IpAddr::V4(dst)) => {
                hash.update(src.octets());
                hash.update(dst.octets());
            }
            (src, dst) => hash.update(format!("{src}>{dst}")),
        }
        match &packet.payload {
            Transport::Tcp(segment) => {
                let flags = segment.flags;
                let flags = u8::from(flags.syn)
                    | u8::from(flags.ack) << 1
                    | u8::from(flags.fin) << 2
                    | u8::from(flags.rst) << 3
                    | u8::from(flags.psh) << 4;
                hash.update(segment.src_port.to_le_bytes());
                hash.update(segment.dst_port.to_le_bytes());
                hash.update(segment.seq.to_le_bytes());
                hash.update(segment.ack.to_le_bytes());
                hash.update(segment.window.to_le_bytes());
                hash.update([flags]);
                hash.update(&segment.payload);
            }
            Transport::Udp(datagram) => {
                hash.update(datagram.src_port.to_le_bytes());
                hash.update(datagram.dst_port.to_le_bytes());
                hash.update(&datagram.payload);
            }
        }
    }

    /// The hash of everything so far, as hexadecimal digits.
    pub fn hash(&self) -> String {
        let digest = self.0.hash.borrow().clone().finalize();
        digest.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// How many packets set out.
    pub fn packets(&self) -> u64 {
        self.0.packets.get()
    }

    /// The events so far.
    pub fn events(&self) -> Vec<Event> {
        self.0.events.borrow().clone()
    }
}
