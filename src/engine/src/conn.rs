//! A transport connection as the engine keeps it.

use crate::dial::Dialed;
use crate::wire::Wire;
use alloc::boxed::Box;
use alloc::vec::Vec;
use balance::ServerIndex;
use base::{Instant, TimerSlot};
use core::net::SocketAddr;
use message::{Machine, Shutdown, StreamId};
use sample::facts::{Measures, Track};
use sample::vars::Vars;
use session::settings::ProxyIndex;
use session::{Exchange, ExchangeId};

/// A transport connection: its machine, its side, and what the driver was told about it.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) wire: Wire,
    pub(crate) side: Side,
    /// The exchanges on it.
    pub(crate) streams: Streams,
    /// Bytes were last read or written.
    pub(crate) active_at: Instant,
    pub(crate) timer: TimerSlot,
    /// The driver has a socket for it.
    pub(crate) established: bool,
    /// A write is among the outputs.
    pub(crate) write_queued: bool,
    /// The driver was refused a buffer and waits to be told to read on.
    pub(crate) read_paused: bool,
    /// The peer closed its sending side, or the transport failed.
    pub(crate) peer_ended: bool,
    /// How many of the last reads filled a block, more or less: see [`Connection::note_read`].
    pub(crate) full_reads: u8,
    /// Our sending side was closed.
    pub(crate) fin_sent: bool,
    /// It waits to be looked after; see [`crate::Engine`]'s `stir`.
    pub(crate) stirred: bool,
    /// What the driver measured of it last, if anybody asks for that.
    pub(crate) measures: Option<Box<Measures>>,
}

impl Connection {
    /// One of which nothing was read or written; `established` if the driver has its socket.
    pub(crate) fn new(wire: Wire, side: Side, now: Instant, established: bool) -> Self {
        Self {
            wire,
            side,
            streams: Streams::default(),
            active_at: now,
            timer: TimerSlot::default(),
            established,
            write_queued: false,
            read_paused: false,
            peer_ended: false,
            full_reads: 0,
            fin_sent: false,
            stirred: false,
            measures: None,
        }
    }

    /// There is nothing to tell, to write or to ask for, and its exchange goes on.
    pub(crate) fn is_at_rest(&self) -> bool {
        !self.wire.may_have_event()
            && !self.wire.has_pending()
            && !self.read_paused
            && !self.streams.is_empty()
            && self.wire.shutdown() == Shutdown::Open
    }

    /// Everything was said, and what the peer still sends is read and dropped.
    pub(crate) fn lingers(&self) -> bool {
        self.fin_sent && self.wire.shutdown() == Shutdown::Linger
    }
}

impl Connection {
    /// Whether the next bytes are read into a large block: bulk streams, and answers of just more than
    /// a block that come one after the other.
    pub(crate) fn reads_large(&self) -> bool {
        self.full_reads >= LARGE_FROM
    }

    /// A read that fills a block counts two, any other takes one away.
    pub(crate) fn note_read(&mut self, full: bool) {
        self.full_reads = if full {
            FULL_READS_MAX.min(self.full_reads + 2)
        } else {
            self.full_reads.saturating_sub(1)
        };
    }
}

/// From this on a connection reads into large blocks.
const LARGE_FROM: u8 = 2;
/// So that a few small reads lead back to small blocks.
const FULL_READS_MAX: u8 = 4;

/// Which side of the proxy a connection is on.
#[derive(Debug)]
pub(crate) enum Side {
    /// To a client; boxed, since connections to servers are many times smaller.
    Client(Box<ClientSide>),
    /// To a server.
    Server(ServerSide),
    /// To who will be a client; its connection is being opened.
    Dialed(Dialed),
}

/// What is known of a client.
#[derive(Debug)]
pub(crate) struct ClientSide {
    pub(crate) frontend: ProxyIndex,
    /// Index of the `bind` line in the frontend.
    pub(crate) bind: u32,
    /// Its address; none on Unix sockets.
    pub(crate) peer: Option<SocketAddr>,
    /// The address it connected to.
    pub(crate) local: Option<SocketAddr>,
    /// The same two as the transport has them, whatever rules have set.
    pub(crate) transport: (Option<SocketAddr>, Option<SocketAddr>),
    /// `sess` variables.
    pub(crate) vars: Vars,
    /// What rules of connections track.
    pub(crate) tracked: Vec<Option<Track>>,
    /// Glitches of its machine that were counted there, or came before anything was tracked.
    pub(crate) glitches: u32,
    pub(crate) accepted_at: Instant,
    /// Acceptance, or the end of the last exchange.
    pub(crate) idle_from: Instant,
    /// The first byte of the coming request arrived, or the exchange before it ended if that was later.
    pub(crate) begun_at: Instant,
    /// An exchange has begun on it.
    pub(crate) used: bool,
    /// It may turn out to speak HTTP/2.
    pub(crate) upgrades: bool,
    /// What has come with it is still to be read, and rules are to see it.
    pub(crate) unread: bool,
    /// What its TCP session was when it became HTTP, until its first request is there.
    pub(crate) session: Option<Box<Exchange>>,
    /// What was said of it before it could speak, or is about to be.
    pub(crate) preamble: Option<Box<crate::preamble::Preamble>>,
    pub(crate) leaving: Leaving,
    /// The server that it turns out to be once it has said how it speaks (`attach-srv`).
    pub(crate) server: Option<Box<crate::reversed::Comer>>,
}

impl ClientSide {
    /// A client of a `bind` line, of which nothing is known but where it is and where it came to.
    pub(crate) fn new(
        (frontend, bind): (ProxyIndex, u32),
        (peer, local): (Option<SocketAddr>, Option<SocketAddr>),
        now: Instant,
    ) -> Self {
        Self {
            frontend,
            bind,
            peer,
            local,
            transport: (peer, local),
            vars: Vars::default(),
            tracked: Vec::new(),
            glitches: 0,
            accepted_at: now,
            idle_from: now,
            begun_at: now,
            used: false,
            upgrades: false,
            unread: false,
            session: None,
            preamble: None,
            leaving: Leaving::No,
            server: None,
        }
    }
}

/// Whether the proxy is about to end a client's connection, for want of use or because it stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leaving {
    No,
    /// From then on (`close-spread-time`).
    From(Instant),
    /// The client was told, and may have opened streams before it knew.
    Told,
}

impl Leaving {
    /// Whether an answer that is sent now is the last.
    pub(crate) fn has_begun(self, now: Instant) -> bool {
        match self {
            Self::No => false,
            Self::From(at) => at <= now,
            Self::Told => true,
        }
    }
}

/// What is known of a connection to a server; where it is says the table.
#[derive(Debug)]
pub(crate) struct ServerSide {
    pub(crate) backend: ProxyIndex,
    pub(crate) server: ServerIndex,
    /// Who waited for it, or waits.
    pub(crate) opened_for: ExchangeId,
    /// Bytes of what it begins with that are still to be written (`send-proxy`).
    pub(crate) unsaid: u16,
}

/// The exchanges on a connection, by stream. Most connections have at most one, which needs no heap.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    first: Option<(StreamId, ExchangeId)>,
    /// By stream, ascending: streams are opened in that order.
    #[expect(
        clippy::box_collection,
        reason = "an empty list is 16 bytes more in every connection of a protocol that has no streams"
    )]
    more: Option<Box<Vec<(StreamId, ExchangeId)>>>,
}

impl Streams {
    pub(crate) fn insert(&mut self, stream: StreamId, exchange: ExchangeId) {
        if self.first.is_none() {
            self.first = Some((stream, exchange));
        } else {
            self.more.get_or_insert_default().push((stream, exchange));
        }
    }

    pub(crate) fn get(&self, stream: StreamId) -> Option<ExchangeId> {
        match self.first {
            Some((first, exchange)) if first == stream => Some(exchange),
            Some(_) | None => {
                let more = self.more.as_ref()?;
                let at = more.binary_search_by_key(&stream, |(id, _)| *id).ok()?;
                Some(more[at].1)
            }
        }
    }

    pub(crate) fn remove(&mut self, stream: StreamId) -> Option<ExchangeId> {
        match self.first {
            Some((first, exchange)) if first == stream => {
                self.first = None;
                Some(exchange)
            }
            Some(_) | None => {
                let more = self.more.as_mut()?;
                let at = more.binary_search_by_key(&stream, |(id, _)| *id).ok()?;
                let (_, exchange) = more.remove(at);
                if more.is_empty() && more.capacity() > STREAMS_KEPT_MAX {
                    self.more = None;
                }
                Some(exchange)
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.more.as_ref().map_or(0, |more| more.len())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_none() && self.more.as_ref().is_none_or(|more| more.is_empty())
    }

    /// The exchange on a connection that carries one and never more.
    pub(crate) fn only(&self) -> Option<ExchangeId> {
        match (self.first, &self.more) {
            (Some((_, exchange)), None) => Some(exchange),
            (Some(_) | None, _) => None,
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = ExchangeId> + '_ {
        let more = self.more.iter().flat_map(|more| more.iter());
        self.first.iter().chain(more).map(|(_, exchange)| *exchange)
    }
}

/// Places for exchanges that a connection without any keeps.
const STREAMS_KEPT_MAX: usize = 32;
