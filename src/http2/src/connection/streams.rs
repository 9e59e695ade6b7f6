//! The streams that are open, in the order of their numbers.

use super::closed::ClosedStreams;
use super::queue::Queue;
use crate::flow::{Allowance, Credit};
use crate::stream::{Closed, State};
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use base::{Buf, Instant, Pool};
use core::ops::{Index, IndexMut};
use message::websocket::Accept;
use message::{Head, Heads, Part, StreamId};

/// One stream and what waits on it in either direction.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) id: StreamId,
    pub(super) state: State,
    pub(super) asked: Asked,
    pub(super) receiving: Receiving,
    pub(super) sending: Sending,
    /// Interim heads among the parts.
    pub(super) interims: u8,
    /// The owner read the request of a tunnel, its end included.
    pub(super) read_request: bool,
    /// The owner read the end.
    pub(super) read_end: bool,
    /// Something of an answer came, or went.
    pub(super) answered: bool,
    /// The owner found no room, and is to hear when there is some.
    pub(super) held_back: bool,
    /// It is among those that can send.
    pub(super) queued: bool,
    /// What was sent last is written.
    pub(super) flushed: bool,
    /// Where what was sent last ends in the output; see [`super::output::Output::mark`].
    pub(super) mark: u64,
    /// Where the last DATA frame stands in the output.
    pub(super) last_frame: Option<u64>,
    /// Received and not read.
    pub(super) parts: Queue<Part>,
    pub(super) credit: Credit,
    /// Data was last put into the output.
    pub(super) moved_at: Instant,
    /// By how much its window is larger than that of others, in bytes.
    pub(super) shared_bytes: u32,
    /// How much of the body is still to come, if Content-Length said.
    pub(super) due: Option<u64>,
    pub(super) allowance: Allowance,
    /// Given by the owner and not sent for want of allowance.
    pub(super) unsent: Queue<Buf>,
    /// Trailers that wait behind data.
    pub(super) trailers: Option<Box<Head>>,
    /// The protocol that the owner asked the server for.
    pub(super) upgrade: Option<Box<Upgrade>>,
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
    /// The end: of what is in front of it, the peer gets nothing.
    Muted,
    /// The end was given but waits behind data.
    Ending,
    /// The end is in the output; whether the owner said it too.
    Ended { said: bool },
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
    fn new(id: StreamId, window: u32, allowance: u32) -> Self {
        Self {
            id,
            state: State::Idle,
            asked: Asked::Other,
            receiving: Receiving::Head,
            sending: Sending::Head,
            interims: 0,
            read_request: false,
            read_end: false,
            answered: false,
            held_back: false,
            queued: false,
            flushed: false,
            mark: 0,
            last_frame: None,
            parts: Queue::default(),
            credit: Credit::new(window),
            moved_at: Instant::ZERO,
            shared_bytes: 0,
            due: None,
            allowance: Allowance::new(allowance),
            unsent: Queue::default(),
            trailers: None,
            upgrade: None,
        }
    }

    /// The same place for another stream; its queues are empty and keep their memory.
    fn renew(&mut self, id: StreamId, window: u32, allowance: u32) {
        let parts = core::mem::take(&mut self.parts);
        let unsent = core::mem::take(&mut self.unsent);
        *self = Self {
            parts,
            unsent,
            ..Self::new(id, window, allowance)
        };
    }

    /// Takes in bytes of the body; false if the length that was announced is no longer possible. At the
    /// end it has to be exact.
    pub(super) fn count_body(&mut self, bytes: u32, end: bool) -> bool {
        let Some(due) = &mut self.due else {
            return true;
        };
        match due.checked_sub(u64::from(bytes)) {
            Some(left) => {
                *due = left;
                left == 0 || !end
            }
            None => false,
        }
    }

    pub(super) fn has_ended_sending(&self) -> bool {
        matches!(self.sending, Sending::Ended { .. })
    }

    /// The request of a tunnel stands alone: the owner reads its end, and what is behind belongs to the
    /// tunnel.
    pub(super) fn ends_request(&self) -> bool {
        let head = matches!(self.parts.front(), Some(Part::Head(_)));
        !self.read_request && !head
    }

    /// The end is the next thing to read.
    pub(super) fn ends(&self) -> bool {
        self.parts.is_empty() && self.receiving == Receiving::Complete && !self.read_end
    }

    /// Something could be sent if the connection allows it.
    pub(super) fn can_send(&self) -> bool {
        match self.unsent.is_empty() {
            true => self.sending == Sending::Ending,
            false => self.allowance.left() > 0,
        }
    }

    /// Drops what came behind a request for a tunnel; says how many bytes that were.
    pub(super) fn drop_tunnel(&mut self, pool: &mut Pool, heads: &mut Heads) -> u32 {
        let mut bytes = 0;
        self.parts.clear(QUEUE_KEPT_MAX, |part| match part {
            Part::Head(head) | Part::Trailers(head) => heads.give(head),
            Part::Data(buf) => {
                bytes += buf.len() as u32;
                pool.give(buf);
            }
            Part::End => {}
        });
        bytes
    }

    /// Drops what waits in both directions; says how many received bytes of the body that were.
    fn empty(&mut self, pool: &mut Pool, heads: &mut Heads) -> u32 {
        self.drop_tunnel(pool, heads);
        self.drop_unsent(pool);
        if let Some(trailers) = self.trailers.take() {
            heads.give(trailers);
        }
        self.upgrade = None;
        self.credit.held()
    }

    pub(super) fn drop_unsent(&mut self, pool: &mut Pool) {
        self.unsent.clear(QUEUE_KEPT_MAX, |buf| pool.give(buf));
    }
}

/// Where a stream is kept; good until another is added or removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place(u32);

/// All streams of a connection.
#[derive(Debug, Default)]
pub(super) struct Streams {
    /// Number and place, by number, ascending.
    open: VecDeque<(u32, u32)>,
    places: Vec<Stream>,
    /// Places that nobody uses.
    free: Vec<u32>,
    pub(super) closed: ClosedStreams,
}

impl Streams {
    pub(super) fn len(&self) -> usize {
        self.open.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    pub(super) fn find(&self, id: StreamId) -> Option<Place> {
        self.rank(id).map(|rank| Place(self.open[rank].1))
    }

    pub(super) fn get(&self, id: StreamId) -> Option<&Stream> {
        self.find(id).map(|place| &self[place])
    }

    pub(super) fn get_mut(&mut self, id: StreamId) -> Option<&mut Stream> {
        self.find(id).map(|place| &mut self[place])
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Stream> {
        self.open
            .iter()
            .map(|(_, place)| &self.places[*place as usize])
    }

    /// The one at a rank, for walks over all of them in their order.
    pub(super) fn at_rank(&self, rank: usize) -> Option<Place> {
        self.open.get(rank).map(|(_, place)| Place(*place))
    }

    /// The one with the highest number.
    pub(super) fn last(&self) -> Option<Place> {
        self.open.back().map(|(_, place)| Place(*place))
    }

    /// Adds the stream with the highest number so far.
    pub(super) fn add(&mut self, id: StreamId, window: u32, allowance: u32) -> Place {
        let place = match self.free.pop() {
            Some(place) => {
                self.places[place as usize].renew(id, window, allowance);
                place
            }
            None => {
                self.places.push(Stream::new(id, window, allowance));
                self.places.len() as u32 - 1
            }
        };
        self.open.push_back((id.0 as u32, place));
        Place(place)
    }

    /// Empties a stream and forgets it; says how many received bytes of its body nobody read.
    pub(super) fn remove(
        &mut self,
        place: Place,
        how: Closed,
        pool: &mut Pool,
        heads: &mut Heads,
    ) -> u32 {
        let stream = &mut self[place];
        let id = stream.id;
        let held = stream.empty(pool, heads);
        if let Some(rank) = self.rank(id) {
            self.open.remove(rank);
        }
        self.free.push(place.0);
        self.closed.note(id, how);
        if self.open.is_empty() {
            self.shrink();
        }
        held
    }

    /// An idle connection keeps memory for some streams.
    fn shrink(&mut self) {
        if self.places.len() > PLACES_KEPT_MAX {
            self.places.truncate(PLACES_KEPT_MAX);
            self.places.shrink_to_fit();
            self.free
                .retain(|place| (*place as usize) < PLACES_KEPT_MAX);
            self.free.shrink_to_fit();
            self.open.shrink_to(PLACES_KEPT_MAX);
        }
    }

    fn rank(&self, id: StreamId) -> Option<usize> {
        let (first, _) = *self.open.front()?;
        let number = id.0 as u32;
        // Where it stands if all since the first are still there.
        let steps = (number.checked_sub(first)? / 2) as usize;
        if let Some((found, _)) = self.open.get(steps)
            && *found == number
        {
            return Some(steps);
        }
        self.open.binary_search_by_key(&number, |it| it.0).ok()
    }
}

impl Index<Place> for Streams {
    type Output = Stream;

    fn index(&self, place: Place) -> &Stream {
        &self.places[place.0 as usize]
    }
}

impl IndexMut<Place> for Streams {
    fn index_mut(&mut self, place: Place) -> &mut Stream {
        &mut self.places[place.0 as usize]
    }
}

/// Streams for which an idle connection keeps room.
const PLACES_KEPT_MAX: usize = 4;
/// Items beyond the first for which the queue of a stream that is gone keeps room.
const QUEUE_KEPT_MAX: usize = 4;
