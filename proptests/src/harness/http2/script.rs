//! A whole connection, driven in any order by both of its sides.

use super::frame;
use base::{Buf, Duration, Instant, Pool};
use http2::frame::PREFACE;
use http2::{Connection, Limits};
use message::{
    Cx, Event, Framing, Head, Heads, Machine, Part, Reset, Role, Shutdown, StreamId, Version,
};
use std::collections::{BTreeMap, BTreeSet};

/// Any bytes as a script against a connection that accepts: what the peer sends and when it closes, what
/// the owner reads, sends and gives up, how much of it is written, and when time passes. Whatever the order,
/// the machine keeps its promises: events are in order and end with their stream, nothing is owed with
/// nothing armed, memory is bounded, and after the end there is silence.
pub fn server(input: &[u8]) {
    play(Role::Accepting, input);
}

/// The same against a connection that opens streams.
pub fn client(input: &[u8]) {
    play(Role::Opening, input);
}

fn play(role: Role, input: &[u8]) {
    let [begun, script @ ..] = input else {
        return;
    };
    let mut world = World::new(role);
    if begun % 8 != 0 {
        if role == Role::Accepting {
            world.receive(PREFACE);
        }
        world.receive(&frame(4, 0, 0, SETTINGS[usize::from(begun % 4)]));
    }
    let mut script = script;
    for _ in 0..STEPS_MAX {
        let [step, argument, rest @ ..] = script else {
            break;
        };
        script = rest;
        world.step(*step, *argument, &mut script);
        world.listen();
        world.check();
    }
    world.end();
}

struct World {
    role: Role,
    machine: Connection,
    pool: Pool,
    heads: Heads,
    now: Instant,
    /// The streams that are open for their owner, and what it may still send on each.
    streams: BTreeMap<StreamId, Sending>,
    /// Streams of the peer that the owner heard of.
    told: BTreeSet<StreamId>,
    /// The highest stream so far.
    last: StreamId,
    closed: bool,
    finished: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sending {
    Head,
    Body,
    Done,
}

macro_rules! cx {
    ($world:ident) => {
        &mut Cx {
            now: $world.now,
            pool: &mut $world.pool,
            heads: &mut $world.heads,
            rng: &mut base::Rng::from_u64(1),
        }
    };
}

impl World {
    fn new(role: Role) -> Self {
        let (mut pool, mut heads) = (Pool::new(BLOCK_BYTES), Heads::default());
        let limits = Limits {
            window_bytes: 4096,
            connection_window_bytes: CONNECTION_WINDOW_BYTES,
            streams_max: STREAMS_MAX,
            streams_total_max: 40,
            idle_ping: Some(Duration::from_secs(1)),
            ..Limits::default()
        };
        let mut cx = Cx {
            now: Instant::ZERO,
            pool: &mut pool,
            heads: &mut heads,
            rng: &mut base::Rng::from_u64(1),
        };
        Self {
            role,
            machine: Connection::new(&mut cx, role, limits),
            pool,
            heads,
            now: Instant::ZERO,
            streams: BTreeMap::new(),
            told: BTreeSet::new(),
            last: StreamId(0),
            closed: false,
            finished: false,
        }
    }

    fn step(&mut self, step: u8, argument: u8, script: &mut &[u8]) {
        let number = 2 * u32::from(argument % 16) + 1;
        match step % 20 {
            0 => {
                let (bytes, rest) = script.split_at(usize::from(argument).min(script.len()));
                *script = rest;
                self.receive(bytes);
            }
            // A frame of any kind, with a payload out of the script.
            1 => {
                let [kind, flags, rest @ ..] = *script else {
                    return;
                };
                let (payload, rest) = rest.split_at(usize::from(argument / 16).min(rest.len()));
                let bytes = frame(kind % 11, *flags, number, payload);
                *script = rest;
                self.receive(&bytes);
            }
            2 | 3 => {
                let blocks = match self.role {
                    Role::Accepting => REQUESTS,
                    Role::Opening => RESPONSES,
                };
                let block = blocks[usize::from(argument / 16) % blocks.len()];
                let flags = if step >= 128 { 5 } else { 4 };
                let next = self.next_of_peer(number);
                self.receive(&frame(1, flags, next, block));
            }
            4 => self.receive(&frame(1, 5, number, b"\x00\x01x\x01y")),
            5 => {
                let length = usize::from(argument) * 8;
                self.receive(&frame(0, step >> 7, number, &vec![b'x'; length]));
            }
            6 => self.receive(&frame(0, 1, number, b"")),
            7 => self.receive(&frame(3, 0, number, &[0, 0, 0, argument / 16])),
            8 => {
                let stream = if argument >= 128 { 0 } else { number };
                self.receive(&frame(8, 0, stream, &[0, 0, argument, 1]));
            }
            9 => self.receive(&frame(
                4,
                argument & 1,
                0,
                SETTINGS_OR_NONE[usize::from(argument % 6)],
            )),
            10 => self.receive(&frame(6, argument & 1, 0, b"draining")),
            11 => self.receive(&frame(7, 0, 0, &[0, 0, 0, argument, 0, 0, 0, 0])),
            12 if argument < 32 && !self.closed => {
                self.closed = true;
                self.machine.receive_end(cx!(self), argument % 2 == 1);
            }
            12 => self.transmit(usize::MAX),
            13 => self.send_head(number, argument),
            14 => self.send_data(number, argument),
            15 => self.send_end(number, argument),
            16 => self.transmit(usize::from(argument) * usize::from(argument)),
            17 => self.read(number),
            18 => self.open(argument),
            _ => self.interfere(number, argument),
        }
    }

    /// A client's next stream, or one that there was.
    fn next_of_peer(&self, number: u32) -> u32 {
        match self.role {
            Role::Accepting if !number.is_multiple_of(3) => {
                self.last.0 as u32 + 2 - (self.last.0 as u32 + 1) % 2
            }
            Role::Accepting | Role::Opening => number,
        }
    }

    fn receive(&mut self, mut bytes: &[u8]) {
        while !self.closed && !bytes.is_empty() && self.machine.wants_bytes() {
            let mut buf = self.pool.take();
            bytes = &bytes[buf.append(bytes)..];
            self.machine.receive(cx!(self), buf);
            self.listen();
        }
    }

    fn open(&mut self, argument: u8) {
        let capacity = self.machine.capacity();
        let opened = self.machine.open(cx!(self));
        assert_eq!(opened.is_some(), capacity.now > 0, "{capacity:?}");
        let Some(stream) = opened else {
            return;
        };
        assert!(self.role == Role::Opening && stream > self.last);
        self.last = stream;
        self.streams.insert(stream, Sending::Head);
        // The head of a stream is sent, or it is given up, before the next is opened.
        if argument.is_multiple_of(8) {
            self.give_up(stream, Reset::GivenUp);
        } else {
            self.send_head(stream.0 as u32, argument);
        }
    }

    fn send_head(&mut self, number: u32, argument: u8) {
        let stream = StreamId(number.into());
        if self.streams.get(&stream) != Some(&Sending::Head) {
            return;
        }
        let mut head = Head::default();
        let mut sending = Sending::Body;
        match self.role {
            Role::Accepting => {
                let status = [200, 100, 204, 101, 502][usize::from(argument / 16 % 5)];
                head.set_response(status, b"", Version::Http11);
                head.framing = match argument % 3 {
                    0 => Framing::None,
                    1 => Framing::Streamed,
                    _ => Framing::Tunnel,
                };
                if head.is_interim() {
                    sending = Sending::Head;
                }
            }
            Role::Opening => {
                let method: &[u8] = match argument % 4 {
                    0 => b"HEAD",
                    1 => b"CONNECT",
                    2 => b"POST",
                    _ => b"GET",
                };
                head.set_request(method, b"/", Version::Http11);
                head.framing = match method {
                    b"POST" => Framing::Streamed,
                    _ => Framing::None,
                };
                if argument >= 224 {
                    head.push(b"Connection", b"upgrade");
                    head.push(b"Upgrade", b"websocket");
                }
            }
        }
        head.push(b"X-Field", &vec![b'v'; usize::from(argument)]);
        self.streams.insert(stream, sending);
        self.machine.send_head(cx!(self), stream, &head);
    }

    fn send_data(&mut self, number: u32, argument: u8) {
        let stream = StreamId(number.into());
        if self.streams.get(&stream) == Some(&Sending::Body) && self.machine.room(stream) > 0 {
            let data = vec![b'y'; usize::from(argument) * 16 + 1];
            self.machine
                .send_data(cx!(self), stream, Buf::copy_of(&data));
        }
    }

    fn send_end(&mut self, number: u32, argument: u8) {
        let stream = StreamId(number.into());
        if self.streams.get(&stream) == Some(&Sending::Body) {
            if argument >= 200 {
                let mut trailers = Head::default();
                trailers.push(b"x-sum", b"1");
                self.machine.send_trailers(cx!(self), stream, &trailers);
            }
            self.streams.insert(stream, Sending::Done);
            self.machine.send_end(cx!(self), stream);
        }
    }

    fn read(&mut self, number: u32) {
        let stream = StreamId(number.into());
        match self.machine.read(cx!(self), stream) {
            Some(Part::Head(head) | Part::Trailers(head)) => self.heads.give(head),
            Some(Part::Data(buf)) => {
                assert!(!buf.is_empty());
                self.pool.give(buf);
            }
            Some(Part::End) | None => {}
        }
    }

    fn interfere(&mut self, number: u32, argument: u8) {
        match argument % 5 {
            0 if argument > 200 => self.machine.drain(cx!(self)),
            1 => self.give_up(StreamId(number.into()), Reset::Aborted),
            2 => self.give_up(StreamId(number.into()), Reset::Told(message::Code(8))),
            3 => {
                if let Some(deadline) = self.machine.poll_timeout() {
                    self.now = self.now.max(deadline.at);
                    self.machine.handle_timeout(cx!(self));
                    let next = self.machine.poll_timeout();
                    assert!(next.is_none_or(|next| next.at > self.now));
                }
            }
            _ => {}
        }
    }

    fn give_up(&mut self, stream: StreamId, reset: Reset) {
        if self.streams.remove(&stream).is_some() {
            self.machine.reset(cx!(self), stream, reset);
        }
    }

    fn transmit(&mut self, most: usize) {
        let mut slices = [&[][..]; 64];
        let used = self.machine.pending(&mut slices);
        let pending: usize = slices[..used].iter().map(|slice| slice.len()).sum();
        self.machine.transmitted(cx!(self), pending.min(most));
    }

    fn listen(&mut self) {
        for _ in 0..EVENTS_MAX {
            let Some(event) = self.machine.poll_event(cx!(self)) else {
                return;
            };
            assert!(!self.finished, "{event:?} after the end");
            match event {
                Event::Opened(stream) => {
                    assert!(self.role == Role::Accepting && stream > self.last);
                    self.last = stream;
                    self.told.insert(stream);
                    self.streams.insert(stream, Sending::Head);
                    assert!(self.streams.len() <= STREAMS_MAX as usize + 1);
                }
                // The owner never hears of a stream that was gone again before its turn came, unless
                // by what is said of it.
                Event::Readable(stream) | Event::Reset(stream, _) if self.is_vain(stream) => {}
                Event::Readable(stream) | Event::Writable(stream) => {
                    assert!(self.is_known(stream), "{event:?}");
                }
                Event::Malformed(stream, fault) => {
                    assert_eq!(self.role, Role::Accepting);
                    assert!(matches!(fault.status, 400 | 431) && stream > self.last);
                    self.last = stream;
                    self.told.insert(stream);
                    self.streams.insert(stream, Sending::Head);
                }
                Event::Rejected(fault) => {
                    assert_eq!((self.role, fault.status), (Role::Accepting, 400));
                }
                Event::Done(stream) => {
                    let sending = self.streams.remove(&stream);
                    assert!(sending.is_some(), "{event:?}");
                }
                Event::Reset(stream, _) => {
                    assert!(self.streams.remove(&stream).is_some(), "{event:?}");
                }
                Event::HalfClosed => assert!(self.closed),
                Event::Finished(_) => {
                    assert!(self.streams.is_empty(), "finished with a stream open");
                    self.finished = true;
                }
            }
        }
        panic!("events do not end");
    }

    /// Opened by the peer, and not told.
    fn is_vain(&self, stream: StreamId) -> bool {
        self.role == Role::Accepting && !self.told.contains(&stream)
    }

    fn is_known(&self, stream: StreamId) -> bool {
        self.streams.contains_key(&stream)
    }

    /// What holds whenever the events were taken.
    fn check(&mut self) {
        let mut slices = [&[][..]; 512];
        let used = self.machine.pending(&mut slices);
        let pending: usize = slices[..used].iter().map(|slice| slice.len()).sum();
        assert!(pending <= PENDING_BYTES_MAX, "{pending} bytes wait");
        assert_eq!(pending > 0, self.machine.has_pending());
        if self.finished {
            assert!(!self.machine.has_pending(), "{:?}", self.machine);
            assert!(self.machine.shutdown() != Shutdown::Open);
            assert_eq!(self.machine.capacity().ever, 0);
        }
        for stream in self.streams.keys() {
            let owes = self.machine.owes(*stream);
            let hears = self.machine.wants_bytes() || self.closed;
            // What waits for the peer's windows waits for its bytes.
            let unsent = self.machine.has_unsent(*stream);
            let armed = owes.owner_parts || owes.readable || pending > 0;
            assert!(
                armed || ((owes.peer_bytes || unsent) && hears),
                "{stream:?} {owes:?} {:?}",
                self.machine
            );
            assert!(
                !(self.closed && owes.peer_bytes && !owes.readable),
                "{stream:?} {owes:?}"
            );
        }
    }

    /// Everybody gives up: the machine ends.
    fn end(mut self) {
        while let Some((stream, _)) = self.streams.pop_first() {
            self.machine.reset(cx!(self), stream, Reset::Aborted);
        }
        self.machine.drain(cx!(self));
        if !self.closed {
            self.closed = true;
            self.machine.receive_end(cx!(self), false);
        }
        for _ in 0..16 {
            self.listen();
            self.transmit(usize::MAX);
        }
        self.listen();
        assert!(self.finished, "{:?}", self.machine);
        self.check();
    }
}

/// Without the tables, so that they mean the same in any order.
const REQUESTS: &[&[u8]] = &[
    // GET http /
    b"\x82\x86\x84",
    // POST http / with an authority
    b"\x83\x86\x84\x01\x01a",
    // CONNECT a:1
    b"\x02\x07CONNECT\x01\x03a:1",
    // CONNECT for websocket
    b"\x02\x07CONNECT\x86\x84\x01\x01a\x00\x09:protocol\x09websocket",
    // HEAD
    b"\x02\x04HEAD\x86\x84",
    // POST of nine bytes
    b"\x83\x86\x84\x0f\x0d\x019",
    // Into the dynamic table, and out of it.
    b"\x82\x86\x84\x40\x01n\x01v",
    b"\x82\x86\x84\xbe",
    // No path.
    b"\x82\x86",
];

const RESPONSES: &[&[u8]] = &[
    b"\x88",
    b"\x89",
    b"\x8d",
    b"\x08\x03100",
    b"\x08\x03103",
    b"\x08\x03101",
    b"\x88\x0f\x0d\x019",
    b"\x88\x40\x01n\x01v",
    b"\x88\xbe",
    b"\x08\x01x",
];

const SETTINGS: [&[u8]; 4] = [
    b"",
    // A window of three bytes.
    b"\0\x04\0\0\0\x03",
    // Extended CONNECT, frames of 16384 bytes.
    b"\0\x08\0\0\0\x01\0\x05\0\0\x40\0",
    // One stream at a time, no table.
    b"\0\x03\0\0\0\x01\0\x01\0\0\0\0",
];

const SETTINGS_OR_NONE: [&[u8]; 6] = [
    SETTINGS[0],
    SETTINGS[1],
    SETTINGS[2],
    SETTINGS[3],
    b"",
    b"\0\x04\0\0\xff\xff",
];

const STEPS_MAX: usize = 400;
const EVENTS_MAX: usize = 10_000;
const BLOCK_BYTES: usize = 2048;
const STREAMS_MAX: u32 = 8;
const CONNECTION_WINDOW_BYTES: u32 = 70_000;
/// The bound for owners, and what one of them may put in beyond it, for each stream; answers to control
/// frames until reading stops, and to one block more.
const PENDING_BYTES_MAX: usize = 256 * 1024;
