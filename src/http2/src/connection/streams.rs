//! The streams that are open, in the order of their numbers, and the last that were.

use crate::flow::{Allowance, Credit};
use crate::stream::{Closed, State};
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use base::{Buf, Pool};
use message::websocket::Accept;
use message::{Head, Heads, Part, StreamId};

/// One stream and what waits on it in either direction.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) id: StreamId,
    pub(super) state: State,
    pub(super) asked: Asked,
    pub(super) receiving: Receiving,
    /// Received and not read.
    pub(super) parts: VecDeque<Part>,
    /// Interim heads among them.
    pub(super) interims: u32,
    pub(super) credit: Credit,
    /// What Content-Length said, and how much of the body came.
    pub(super) length: Option<u64>,
    pub(super) received: u64,
    /// The owner read the request of a tunnel, and its end.
    pub(super) read_request: bool,
    /// The owner read the end.
    pub(super) read_end: bool,
    /// Something of an answer came, or went.
    pub(super) answered: bool,
    pub(super) allowance: Allowance,
    /// Given by the owner and not sent for want of allowance.
    pub(super) unsent: VecDeque<Buf>,
    pub(super) sending: Sending,
    /// Trailers that wait behind data.
    pub(super) trailers: Option<Box<Head>>,
    /// The protocol that the owner asked the server for.
    pub(super) upgrade: Option<Box<Upgrade>>,
    /// The owner found no room, and is to hear when there is some.
    pub(super) held_back: bool,
}

/// A protocol that a server is asked for.
#[derive(Debug)]
pub(super) struct Upgrade {
    pub(super) protocol: Vec<u8>,
    /// What the client of HTTP/1 behind the owner waits for, if it sent a key.
    pub(super) accept: Option<Accept>,
}

/// What is expected of the peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Receiving {
    /// A head.
    Head,
    /// DATA or trailers.
    Body,
    /// DATA: the stream is a tunnel.
    Tunnel,
    /// Nothing: it said all.
    Complete,
    /// Nothing: what it said is of no use.
    Lost,
}

/// What is expected of the owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sending {
    /// A head.
    Head,
    /// Nothing yet: its head waits for the peer's SETTINGS.
    Held,
    /// Data, trailers or the end.
    Body,
    /// The end was given but waits behind data.
    Ending,
    /// The end stands in the output in front of this mark; whether the owner said it too.
    Ended { mark: u64, said: bool },
}

/// What the request was, as far as it says how to read the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Asked {
    Head,
    Connect,
    /// For another protocol (RFC 8441).
    Upgrade,
    #[default]
    Other,
}

impl Asked {
    /// The answer may begin a tunnel.
    pub(super) fn tunnels(self) -> bool {
        matches!(self, Self::Connect | Self::Upgrade)
    }

    pub(super) fn of(method: &[u8]) -> Self {
        match method {
            b"HEAD" => Self::Head,
            b"CONNECT" => Self::Connect,
            _ => Self::Other,
        }
    }
}

impl Stream {
    /// Whether the length that was announced is still possible; at the end it has to be exact.
    pub(super) fn fits_length(&self, end: bool) -> bool {
        match self.length {
            Some(length) if end => self.received == length,
            Some(length) => self.received <= length,
            None => true,
        }
    }

    pub(super) fn has_ended_sending(&self) -> bool {
        matches!(self.sending, Sending::Ended { .. })
    }

    /// Drops what came behind a request for a tunnel; says how many bytes that were.
    pub(super) fn drop_tunnel(&mut self, pool: &mut Pool) -> u32 {
        let mut bytes = 0;
        let keeps = |part: &Part| matches!(part, Part::Head(_) | Part::End);
        let kept = match self.read_request {
            true => 0,
            false => self.parts.iter().take_while(|it| keeps(it)).count().min(2),
        };
        for part in self.parts.drain(kept..) {
            if let Part::Data(buf) = part {
                bytes += buf.len() as u32;
                pool.give(buf);
            }
        }
        bytes
    }

    /// Drops what waits in both directions; says how many received bytes of the body that were.
    pub(super) fn empty(&mut self, pool: &mut Pool, heads: &mut Heads) -> u32 {
        for part in self.parts.drain(..) {
            match part {
                Part::Head(head) | Part::Trailers(head) => heads.give(head),
                Part::Data(buf) => pool.give(buf),
                Part::End => {}
            }
        }
        for buf in self.unsent.drain(..) {
            pool.give(buf);
        }
        if let Some(trailers) = self.trailers.take() {
            heads.give(trailers);
        }
        self.credit.held()
    }
}

/// All streams of a connection.
#[derive(Debug, Default)]
pub(super) struct Streams {
    /// By number, ascending.
    open: Vec<Stream>,
    /// Memory for the next.
    spare: Vec<(VecDeque<Part>, VecDeque<Buf>)>,
    /// How the last ones were closed.
    recent: VecDeque<(StreamId, Closed)>,
}

impl Streams {
    pub(super) fn len(&self) -> usize {
        self.open.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    pub(super) fn get(&self, id: StreamId) -> Option<&Stream> {
        self.place(id).map(|at| &self.open[at])
    }

    pub(super) fn get_mut(&mut self, id: StreamId) -> Option<&mut Stream> {
        self.place(id).map(|at| &mut self.open[at])
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Stream> {
        self.open.iter()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Stream> {
        self.open.iter_mut()
    }

    /// The first for which `is` says so.
    pub(super) fn find(&self, is: impl Fn(&Stream) -> bool) -> Option<StreamId> {
        self.open.iter().find(|stream| is(stream)).map(|it| it.id)
    }

    /// The one at a place, for walks that change the list.
    pub(super) fn at_mut(&mut self, at: usize) -> Option<&mut Stream> {
        self.open.get_mut(at)
    }

    /// Adds the stream with the highest number so far.
    pub(super) fn add(&mut self, id: StreamId, window: u32, allowance: u32) -> &mut Stream {
        let (parts, unsent) = self.spare.pop().unwrap_or_default();
        self.open.push(Stream {
            id,
            state: State::Idle,
            asked: Asked::Other,
            receiving: Receiving::Head,
            parts,
            interims: 0,
            credit: Credit::new(window),
            length: None,
            received: 0,
            read_request: false,
            read_end: false,
            answered: false,
            allowance: Allowance::new(allowance),
            unsent,
            sending: Sending::Head,
            trailers: None,
            upgrade: None,
            held_back: false,
        });
        let last = self.open.len() - 1;
        &mut self.open[last]
    }

    /// Forgets a stream that was emptied.
    pub(super) fn remove(&mut self, id: StreamId, how: Closed) {
        if let Some(at) = self.place(id) {
            let stream = self.open.remove(at);
            if self.spare.len() < SPARE_MAX {
                self.spare.push((stream.parts, stream.unsent));
            }
        }
        self.note(id, how);
    }

    /// How a stream was closed that never was in the list, or is no longer.
    pub(super) fn note(&mut self, id: StreamId, how: Closed) {
        if self.recent.len() == RECENT_MAX {
            self.recent.pop_front();
        }
        self.recent.push_back((id, how));
    }

    /// How a stream was closed. Of one that is long gone nobody knows, and a reset does no harm.
    pub(super) fn closed(&self, id: StreamId) -> Closed {
        let mut recent = self.recent.iter().rev();
        let found = recent.find(|(closed, _)| *closed == id);
        found.map_or(Closed::ResetByPeer, |(_, how)| *how)
    }

    fn place(&self, id: StreamId) -> Option<usize> {
        self.open.binary_search_by_key(&id, |stream| stream.id).ok()
    }
}

/// Streams whose memory is kept for the next.
const SPARE_MAX: usize = 4;
/// Closed streams of which is known how they were closed.
const RECENT_MAX: usize = 32;
