//! Our side: a machine with an owner that answers with what it is asked, or asks and keeps the answer.

use base::{Buf, Instant, Pool};
use http2::{Connection, Limits};
use message::{Cx, Event, Framing, Head, Heads, Machine, Name, Part, Role, StreamId, Version};
use std::collections::{BTreeMap, VecDeque};

pub struct Ours {
    pub machine: Connection,
    pub pool: Pool,
    pub heads: Heads,
    role: Role,
    /// What is to be sent, by stream.
    outgoing: BTreeMap<StreamId, Outgoing>,
    /// What was received, by stream.
    pub heard: BTreeMap<StreamId, Heard>,
    pub events: Vec<Event>,
}

#[derive(Default)]
struct Outgoing {
    data: VecDeque<Vec<u8>>,
    trailers: bool,
    end: bool,
    ended: bool,
    /// For the tunnel to begin.
    waits: bool,
}

#[derive(Default, Debug, PartialEq, Eq)]
pub struct Heard {
    pub status: u16,
    pub body: Vec<u8>,
    pub trailers: Option<String>,
    pub ended: bool,
    pub done: bool,
}

macro_rules! cx {
    ($ours:ident) => {
        &mut Cx {
            now: Instant::ZERO,
            pool: &mut $ours.pool,
            heads: &mut $ours.heads,
            rng: &mut base::Rng::from_u64(1),
        }
    };
}

impl Ours {
    pub fn new(role: Role) -> Self {
        let (mut pool, mut heads) = (Pool::new(16_384), Heads::default());
        let mut cx = Cx {
            now: Instant::ZERO,
            pool: &mut pool,
            heads: &mut heads,
            rng: &mut base::Rng::from_u64(1),
        };
        Self {
            machine: Connection::new(&mut cx, role, Limits::default()),
            pool,
            heads,
            role,
            outgoing: BTreeMap::new(),
            heard: BTreeMap::new(),
            events: Vec::new(),
        }
    }

    /// Asks for an echo; false without capacity.
    pub fn ask(&mut self, body: &[u8], trailers: bool) -> Option<StreamId> {
        let id = self.machine.open(cx!(self))?;
        let mut head = Head::default();
        head.set_request(b"POST", b"/echo", Version::Http11);
        head.push(b"Host", b"example");
        head.framing = Framing::Streamed;
        self.machine.send_head(cx!(self), id, &head);
        let outgoing = self.outgoing.entry(id).or_default();
        outgoing.data.extend(body.chunks(7000).map(<[u8]>::to_vec));
        outgoing.trailers = trailers;
        outgoing.end = true;
        self.push(id);
        self.serve();
        Some(id)
    }

    /// Asks for a WebSocket that says `talk` once it has begun.
    pub fn upgrade(&mut self, talk: &[u8]) -> Option<StreamId> {
        let id = self.machine.open(cx!(self))?;
        let mut head = Head::default();
        head.set_request(b"GET", b"/echo", Version::Http11);
        head.push(b"Host", b"example");
        head.push(b"Connection", b"upgrade");
        head.push(b"Upgrade", b"websocket");
        self.machine.send_head(cx!(self), id, &head);
        self.machine.send_end(cx!(self), id);
        let outgoing = self.outgoing.entry(id).or_default();
        outgoing.waits = true;
        outgoing.data.extend(talk.chunks(7000).map(<[u8]>::to_vec));
        outgoing.end = true;
        self.serve();
        Some(id)
    }

    /// Takes bytes as far as they are wanted; says how many.
    pub fn receive(&mut self, bytes: &[u8]) -> usize {
        let mut taken = 0;
        while taken < bytes.len() && self.machine.wants_bytes() {
            let mut buf = self.pool.take();
            taken += buf.append(&bytes[taken..]);
            self.machine.receive(cx!(self), buf);
            self.serve();
        }
        taken
    }

    /// Gives up to `most` bytes to the transport.
    pub fn transmit(&mut self, most: usize) -> Vec<u8> {
        let mut slices = [&[][..]; 16];
        let used = self.machine.pending(&mut slices);
        let mut bytes = slices[..used].concat();
        bytes.truncate(most);
        self.machine.transmitted(cx!(self), bytes.len());
        self.serve();
        bytes
    }

    /// Does what the events ask for.
    fn serve(&mut self) {
        while let Some(event) = self.machine.poll_event(cx!(self)) {
            self.events.push(event);
            match event {
                Event::Readable(id) => self.read(id),
                Event::Writable(id) => self.push(id),
                Event::Done(id) => self.heard.entry(id).or_default().done = true,
                Event::Opened(_)
                | Event::Malformed(..)
                | Event::Rejected(_)
                | Event::Reset(..)
                | Event::HalfClosed
                | Event::Finished(_) => {}
            }
        }
    }

    fn read(&mut self, id: StreamId) {
        while let Some(part) = self.machine.read(cx!(self), id) {
            match part {
                Part::Head(head) => {
                    self.heard.entry(id).or_default().status = head.status();
                    let outgoing = self.outgoing.entry(id).or_default();
                    if self.role == Role::Opening {
                        outgoing.waits = false;
                    } else if head.has(Name::Upgrade) {
                        outgoing.waits = true;
                    } else {
                        self.answer(id, 200, Framing::Streamed);
                    }
                    self.heads.give(head);
                }
                Part::Data(buf) => {
                    self.heard.entry(id).or_default().body.extend(&*buf);
                    if self.role == Role::Accepting {
                        let outgoing = self.outgoing.entry(id).or_default();
                        outgoing.data.push_back(buf.to_vec());
                    }
                    self.pool.give(buf);
                }
                Part::Trailers(head) => {
                    let sum = head.fields().find(|it| head.bytes(it.name) == b"x-sum");
                    let sum = sum.map(|it| String::from_utf8_lossy(head.bytes(it.value)).into());
                    self.heard.entry(id).or_default().trailers = sum;
                    self.outgoing.entry(id).or_default().trailers |= self.role == Role::Accepting;
                    self.heads.give(head);
                }
                // The request for a tunnel is complete.
                Part::End if self.role == Role::Accepting && self.waits(id) => {
                    self.outgoing.entry(id).or_default().waits = false;
                    self.answer(id, 101, Framing::Tunnel);
                }
                Part::End => {
                    self.heard.entry(id).or_default().ended = true;
                    self.outgoing.entry(id).or_default().end = true;
                }
            }
        }
        self.push(id);
    }

    fn waits(&self, id: StreamId) -> bool {
        self.outgoing.get(&id).is_some_and(|it| it.waits)
    }

    fn answer(&mut self, id: StreamId, status: u16, framing: Framing) {
        let mut head = Head::default();
        head.set_response(status, b"OK", Version::Http11);
        head.push(b"Server", b"ours");
        head.framing = framing;
        self.machine.send_head(cx!(self), id, &head);
    }

    fn push(&mut self, id: StreamId) {
        let outgoing = self.outgoing.entry(id).or_default();
        if outgoing.waits {
            return;
        }
        while self.machine.room(id) > 0
            && let Some(data) = outgoing.data.pop_front()
        {
            self.machine.send_data(cx!(self), id, Buf::copy_of(&data));
        }
        if outgoing.data.is_empty() && outgoing.end && !outgoing.ended {
            outgoing.ended = true;
            if outgoing.trailers {
                let mut trailers = Head::default();
                trailers.push(b"X-Sum", b"7");
                self.machine.send_trailers(cx!(self), id, &trailers);
            }
            self.machine.send_end(cx!(self), id);
        }
    }
}
