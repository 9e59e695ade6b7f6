//! A whole connection, driven in any order by both of its sides.

use base::{Buf, Instant, Pool};
use http1::{Connection, Limits};
use message::{
    Cx, Event, Framing, Head, Heads, Machine, Part, Reset, Role, Shutdown, StreamId, Version,
};

/// Any bytes as a script: what the peer sends and when it closes, what the owner reads, sends and gives
/// up, and how much of it is written. Whatever the order, the machine keeps its promises: events are in
/// order and end with the stream, nothing is owed with nothing armed, memory is bounded, and after the
/// end there is silence.
pub fn connection(input: &[u8]) {
    let [role, script @ ..] = input else {
        return;
    };
    let role = if role % 2 == 0 {
        Role::Accepting
    } else {
        Role::Opening
    };
    let mut world = World::new(role);
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
    /// The stream that is open for its owner.
    stream: Option<StreamId>,
    /// Streams that were open so far.
    opened: u64,
    /// What the owner may still send on the stream.
    sending: Sending,
    /// The owner was told that it can read, or just opened the stream.
    closed: bool,
    finished: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sending {
    Head,
    Body { left: u64 },
    Done,
}

macro_rules! cx {
    ($world:ident) => {
        &mut Cx {
            now: Instant::ZERO,
            pool: &mut $world.pool,
            heads: &mut $world.heads,
            rng: &mut base::Rng::from_u64(1),
        }
    };
}

impl World {
    fn new(role: Role) -> Self {
        Self {
            role,
            machine: Connection::new(role, Limits::default()),
            pool: Pool::new(BLOCK_BYTES),
            heads: Heads::default(),
            stream: None,
            opened: 0,
            sending: Sending::Head,
            closed: false,
            finished: false,
        }
    }

    fn step(&mut self, step: u8, argument: u8, script: &mut &[u8]) {
        match step % 12 {
            0 => {
                let (bytes, rest) = script.split_at(usize::from(argument).min(script.len()));
                *script = rest;
                self.receive(bytes);
            }
            1 => {
                let known = match self.role {
                    Role::Accepting => REQUESTS,
                    Role::Opening => RESPONSES,
                };
                self.receive(known[usize::from(argument) % known.len()]);
            }
            2 if !self.closed => {
                self.closed = true;
                self.machine.receive_end(cx!(self), argument % 2 == 1);
            }
            3 => self.send_head(argument),
            4 => self.send_data(argument),
            5 => self.send_end(argument),
            6 | 7 => self.transmit(usize::from(argument) * usize::from(argument)),
            8 | 9 => self.read(),
            10 => self.open(),
            11 => self.interfere(argument),
            _ => {}
        }
    }

    fn receive(&mut self, bytes: &[u8]) {
        if !self.closed && !bytes.is_empty() && self.machine.wants_bytes() {
            self.machine.receive(cx!(self), Buf::copy_of(bytes));
        }
    }

    fn open(&mut self) {
        let capacity = self.machine.capacity();
        let opened = self.machine.open(cx!(self));
        assert_eq!(
            opened.is_some(),
            capacity.now > 0,
            "capacity is what open gives"
        );
        if let Some(stream) = opened {
            assert_eq!(
                (self.role, stream.0, self.stream),
                (Role::Opening, self.opened, None)
            );
            self.begin(stream);
        }
    }

    fn begin(&mut self, stream: StreamId) {
        self.stream = Some(stream);
        self.opened += 1;
        self.sending = Sending::Head;
    }

    fn send_head(&mut self, argument: u8) {
        let (Some(stream), Sending::Head) = (self.stream, self.sending) else {
            return;
        };
        let length = u64::from(argument) * 64;
        let framing = match argument % 5 {
            0 => Framing::None,
            1 => Framing::Length(length),
            2 => Framing::Streamed,
            3 => Framing::UntilClose,
            _ => Framing::Tunnel,
        };
        let mut head = Head::default();
        match self.role {
            Role::Accepting => {
                let status = [200, 100, 204, 304, 101, 500][usize::from(argument / 5) % 6];
                head.set_response(status, b"", Version::Http11);
            }
            Role::Opening => {
                let method: &[u8] =
                    [&b"GET"[..], b"HEAD", b"CONNECT", b"POST"][usize::from(argument / 5) % 4];
                head.set_request(method, b"/", Version::Http11);
            }
        }
        if argument.is_multiple_of(3) {
            head.push(b"Connection", b"upgrade");
            head.push(b"Upgrade", b"x");
        }
        head.framing = framing;
        self.machine.send_head(cx!(self), stream, &head);
        if !head.is_interim() {
            let left = match framing {
                Framing::Length(length) => length,
                Framing::None | Framing::Streamed | Framing::UntilClose | Framing::Tunnel => {
                    u64::MAX
                }
            };
            self.sending = Sending::Body { left };
        }
    }

    fn send_data(&mut self, argument: u8) {
        if let (Some(stream), Sending::Body { left }) = (self.stream, self.sending)
            && self.machine.room(stream) > 0
        {
            let count = (u64::from(argument) * u64::from(argument) / 4).min(left);
            if count > 0 {
                let data = Buf::copy_of(&vec![b'd'; count as usize]);
                self.machine.send_data(cx!(self), stream, data);
                self.sending = Sending::Body { left: left - count };
            }
        }
    }

    fn send_end(&mut self, argument: u8) {
        if let (Some(stream), Sending::Body { .. }) = (self.stream, self.sending) {
            if argument.is_multiple_of(4) {
                let mut trailers = Head::default();
                trailers.push(b"X", b"y");
                self.machine.send_trailers(cx!(self), stream, &trailers);
            }
            self.sending = Sending::Done;
            self.machine.send_end(cx!(self), stream);
        }
    }

    fn transmit(&mut self, limit: usize) {
        let count = self.pending().min(limit);
        self.machine.transmitted(cx!(self), count);
    }

    fn pending(&self) -> usize {
        let mut slices = [&b""[..]; 8];
        let count = self.machine.pending(&mut slices);
        slices[..count].iter().map(|slice| slice.len()).sum()
    }

    fn read(&mut self) {
        let Some(stream) = self.stream else { return };
        match self.machine.read(cx!(self), stream) {
            Some(Part::Data(data)) => {
                assert!(!data.is_empty(), "data is never empty");
                self.pool.give(data);
            }
            Some(Part::Head(head)) => {
                if head.framing == Framing::Tunnel && self.sending == Sending::Done {
                    self.sending = Sending::Body { left: u64::MAX };
                }
                self.heads.give(head);
            }
            Some(Part::Trailers(trailers)) => self.heads.give(trailers),
            Some(Part::End) | None => {}
        }
    }

    fn interfere(&mut self, argument: u8) {
        match argument % 8 {
            0 => self.machine.drain(cx!(self)),
            1 => self.machine.close_after(),
            2 => {
                if let Some(stream) = self.stream.take() {
                    self.machine.reset(cx!(self), stream, Reset::Aborted);
                }
            }
            3 => {
                if let Some(stream) = self.machine.refuse(cx!(self)) {
                    self.begin(stream);
                }
            }
            _ => {}
        }
    }

    /// Takes the events, and checks their order.
    fn listen(&mut self) {
        for _ in 0..EVENTS_MAX {
            let Some(event) = self.machine.poll_event(cx!(self)) else {
                return;
            };
            assert!(!self.finished, "{event:?} after the end");
            match event {
                Event::Opened(stream) => {
                    assert_eq!((self.role, self.stream), (Role::Accepting, None));
                    assert_eq!(stream.0, self.opened);
                    self.begin(stream);
                }
                Event::Malformed(stream, fault) => {
                    assert!((400..=505).contains(&fault.status));
                    if self.stream.is_none() && self.role == Role::Accepting {
                        assert_eq!(stream.0, self.opened);
                        self.begin(stream);
                    }
                    assert_eq!(self.stream, Some(stream));
                    assert!(self.machine.read(cx!(self), stream).is_none());
                    if self.role == Role::Opening {
                        self.stream = None;
                    }
                }
                Event::Readable(stream) | Event::Writable(stream) => {
                    assert_eq!(self.stream, Some(stream), "{event:?}");
                }
                Event::Done(stream) | Event::Reset(stream, _) => {
                    assert_eq!(self.stream, Some(stream), "{event:?}");
                    self.stream = None;
                }
                Event::Rejected(_) => panic!("{event:?} where requests can be answered"),
                Event::HalfClosed => assert!(self.closed && self.stream.is_some()),
                Event::Finished(_) => {
                    assert_eq!(self.stream, None, "finished with a stream open");
                    self.finished = true;
                }
            }
        }
        panic!("events do not end");
    }

    /// What holds whenever the events were taken.
    fn check(&mut self) {
        assert!(
            self.pending() <= PENDING_BYTES_MAX,
            "too much waits to be written"
        );
        if self.finished {
            assert!(!self.machine.wants_bytes() && self.pending() == 0);
            assert!(self.machine.shutdown() != Shutdown::Open);
            assert_eq!(self.machine.capacity().ever, 0);
        }
        let Some(stream) = self.stream else { return };
        let owes = self.machine.owes(stream);
        // Nothing owed with nothing armed: an open stream waits for its owner, for the peer's bytes,
        // or for its own to be written.
        let armed = owes.owner_parts || owes.readable || self.pending() > 0;
        let hears = self.machine.wants_bytes() || self.closed;
        assert!(
            armed || (owes.peer_bytes && hears),
            "{owes:?} {:?}",
            self.machine
        );
        // What was ended by the peer is told: nobody waits for bytes that cannot come.
        assert!(
            !(self.closed && owes.peer_bytes && !owes.readable),
            "{:?}",
            self.machine
        );
    }

    /// Everybody gives up: the machine ends, and holds nothing.
    fn end(mut self) {
        if let Some(stream) = self.stream.take() {
            self.machine.reset(cx!(self), stream, Reset::Aborted);
        }
        self.machine.drain(cx!(self));
        if !self.closed {
            self.machine.receive_end(cx!(self), false);
        }
        self.closed = true;
        self.listen();
        if let Some(stream) = self.stream.take() {
            self.machine.reset(cx!(self), stream, Reset::Aborted);
        }
        self.transmit(usize::MAX);
        self.listen();
        assert!(
            self.finished,
            "everything ended but the machine: {:?}",
            self.machine
        );
        self.check();
    }
}

const REQUESTS: &[&[u8]] = &[
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.0\r\n\r\n",
    b"HEAD / HTTP/1.1\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n01234",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    b"0\r\nX: y\r\n\r\n",
    b"0123456789",
    b"CONNECT a:80 HTTP/1.1\r\n\r\nraw",
    b"GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\nConnection: close\r\n\r\n",
    b"\r\n",
];

const RESPONSES: &[&[u8]] = &[
    b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    b"0\r\nX: y\r\n\r\n",
    b"01234",
    b"HTTP/1.1 200 OK\r\n\r\nuntil the end",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nraw",
    b"HTTP/1.0 204 No\r\n\r\n",
    b"HTTP/1.1 304 Not\r\nContent-Length: 5\r\n\r\n",
];

/// Steps of one script.
const STEPS_MAX: usize = 512;
/// More events at once than this are too many.
const EVENTS_MAX: usize = 64;
const BLOCK_BYTES: usize = 16_384;
/// The bound of the send queue, one piece of data beyond it, and heads and framing around that.
const PENDING_BYTES_MAX: usize = 2 * 32_768;
