//! A machine with an owner that reads everything and answers everything.

use base::{Buf, Instant, Pool};
use http1::{Connection, Limits};
use message::{
    Cx, Event, Framing, Head, Heads, Kind, Machine, Part, Role, Shutdown, StreamId, Version,
};

/// Everything a machine said, handed out and wrote.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) said: Vec<Said>,
    pub(super) written: Vec<u8>,
}

/// One thing that was said or handed out. Data that came in several pieces is one.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    Event(Event),
    Head {
        start: String,
        fields: Vec<(Vec<u8>, Vec<u8>)>,
    },
    Data(Vec<u8>),
    End,
}

/// A machine and what it needs.
pub(super) struct Driven {
    pub(super) machine: Connection,
    pool: Pool,
    heads: Heads,
    said: Vec<Said>,
    written: Vec<u8>,
}

macro_rules! cx {
    ($driven:ident) => {
        &mut Cx {
            now: Instant::ZERO,
            pool: &mut $driven.pool,
            heads: &mut $driven.heads,
            rng: &mut base::Rng::from_u64(1),
        }
    };
}

impl Driven {
    pub(super) fn new(role: Role) -> Self {
        Self {
            machine: Connection::new(role, Limits::default()),
            pool: Pool::new(16_384),
            heads: Heads::default(),
            said: Vec::new(),
            written: Vec::new(),
        }
    }

    /// Opens a stream and sends a request without body.
    pub(super) fn ask(&mut self, method: &str) {
        let stream = self.machine.open(cx!(self)).expect("a fresh connection");
        let mut head = Head::default();
        head.set_request(method.as_bytes(), b"/", Version::Http11);
        self.machine.send_head(cx!(self), stream, &head);
        self.machine.send_end(cx!(self), stream);
        self.flush();
        self.written.clear();
    }

    /// Gives bytes while they are wanted.
    pub(super) fn receive(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() && self.machine.wants_bytes() {
            let (now, later) = bytes.split_at(bytes.len().min(16_384));
            self.machine.receive(cx!(self), Buf::copy_of(now));
            self.listen();
            bytes = later;
        }
    }

    pub(super) fn receive_end(&mut self) {
        self.machine.receive_end(cx!(self), false);
        self.listen();
    }

    pub(super) fn outcome(self) -> Outcome {
        Outcome {
            said: self.said,
            written: self.written,
        }
    }

    fn listen(&mut self) {
        while let Some(event) = self.machine.poll_event(cx!(self)) {
            match event {
                Event::Readable(stream) => self.read(stream),
                Event::Malformed(stream, _) => {
                    self.said.push(Said::Event(event));
                    self.answer(stream);
                }
                Event::Opened(_)
                | Event::Writable(_)
                | Event::Rejected(_)
                | Event::Reset(..)
                | Event::Done(_)
                | Event::HalfClosed
                | Event::Finished(_) => self.said.push(Said::Event(event)),
            }
        }
    }

    fn read(&mut self, stream: StreamId) {
        while let Some(part) = self.machine.read(cx!(self), stream) {
            match part {
                Part::Head(head) | Part::Trailers(head) => {
                    self.said.push(described(&head));
                    self.heads.give(head);
                }
                Part::Data(data) => {
                    assert!(!data.is_empty(), "data is never empty");
                    match self.said.last_mut() {
                        Some(Said::Data(before)) => before.extend_from_slice(&data),
                        _ => self.said.push(Said::Data(data.to_vec())),
                    }
                    self.pool.give(data);
                }
                Part::End => {
                    self.said.push(Said::End);
                    self.answer(stream);
                }
            }
        }
    }

    /// Sends an empty answer and whatever waits to be written.
    fn answer(&mut self, stream: StreamId) {
        let mut head = Head::default();
        head.set_response(200, b"OK", Version::Http11);
        head.framing = Framing::None;
        self.machine.send_head(cx!(self), stream, &head);
        self.machine.send_end(cx!(self), stream);
        self.flush();
    }

    fn flush(&mut self) {
        loop {
            let mut slices = [&b""[..]; 4];
            let count = self.machine.pending(&mut slices);
            let bytes = slices[..count].concat();
            if bytes.is_empty() {
                return;
            }
            self.written.extend_from_slice(&bytes);
            self.machine.transmitted(cx!(self), bytes.len());
        }
    }
}

fn described(head: &Head) -> Said {
    let start = match head.kind {
        Kind::Request { .. } => format!(
            "{} {}",
            head.method().escape_ascii(),
            head.target().escape_ascii()
        ),
        Kind::Response { status, reason } => {
            format!("{status} {}", head.bytes(reason).escape_ascii())
        }
        Kind::Trailers => String::new(),
    };
    let fields = head
        .fields()
        .map(|field| {
            (
                head.bytes(field.name).to_vec(),
                head.bytes(field.value).to_vec(),
            )
        })
        .collect();
    Said::Head {
        start: format!("{start} {:?} {:?}", head.version, head.framing),
        fields,
    }
}

/// A client sends `pieces` and closes; every request is answered when it is complete.
pub(super) fn asked(pieces: &[&[u8]]) -> Outcome {
    let mut client = Driven::new(Role::Accepting);
    for piece in pieces {
        client.receive(piece);
    }
    client.receive_end();
    assert_ne!(
        client.machine.shutdown(),
        Shutdown::Open,
        "a closed client is left"
    );
    client.outcome()
}

/// A server answers a request with `pieces` and closes.
pub(super) fn answered(method: &str, pieces: &[&[u8]]) -> Outcome {
    let mut server = Driven::new(Role::Opening);
    server.ask(method);
    for piece in pieces {
        server.receive(piece);
    }
    server.receive_end();
    assert_eq!(server.machine.capacity().ever, 0, "a closed server is left");
    server.outcome()
}
