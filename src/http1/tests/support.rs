//! A machine under test, with what it needs and a record of what it says.

use base::{Instant, Pool};
use http1::{Connection, Limits, Raw};
use message::{Cx, Event, Head, Heads, Kind, Machine, Part, Role, StreamId, Version};

pub struct Bench<M> {
    pub machine: M,
    pub pool: Pool,
    pub heads: Heads,
    /// Everything the machine said and handed out, in order.
    pub log: Vec<String>,
}

impl Bench<Connection> {
    pub fn new(role: Role) -> Self {
        Self::with(role, Limits::default())
    }

    pub fn with(role: Role, limits: Limits) -> Self {
        Bench::of(Connection::new(role, limits), 16_384)
    }
}

impl Bench<Raw> {
    pub fn raw(role: Role) -> Self {
        Bench::of(Raw::new(role), 16_384)
    }
}

macro_rules! cx {
    ($bench:ident) => {
        &mut Cx {
            now: Instant::default(),
            pool: &mut $bench.pool,
            heads: &mut $bench.heads,
            rng: &mut base::Rng::from_u64(1),
        }
    };
}

impl<M: Machine> Bench<M> {
    fn of(machine: M, block_bytes: usize) -> Self {
        Self {
            machine,
            pool: Pool::new(block_bytes),
            heads: Heads::default(),
            log: Vec::new(),
        }
    }

    /// Gives bytes as the driver would, as long as they are wanted, reading parts between. Says how many were taken.
    pub fn receive(&mut self, bytes: &[u8]) -> usize {
        let mut taken = 0;
        let step = self.pool.block_bytes();
        while taken < bytes.len() && self.machine.wants_bytes() {
            let end = bytes.len().min(taken + step);
            let mut buf = self.pool.take();
            buf.append(&bytes[taken..end]);
            self.machine.receive(cx!(self), buf);
            taken = end;
            self.listen();
        }
        taken
    }

    pub fn receive_end(&mut self, reset: bool) {
        self.machine.receive_end(cx!(self), reset);
        self.listen();
    }

    /// Notes the events, and reads what can be read.
    pub fn listen(&mut self) {
        while let Some(event) = self.machine.poll_event(cx!(self)) {
            match event {
                Event::Readable(stream) => {
                    while let Some(part) = self.machine.read(cx!(self), stream) {
                        self.note_part(part);
                    }
                }
                Event::Malformed(_, fault) => self
                    .log
                    .push(format!("malformed {} {}", fault.status, fault.what)),
                other => self.log.push(format!("{other:?}")),
            }
        }
    }

    fn note_part(&mut self, part: Part) {
        match part {
            Part::Head(head) => {
                self.log.push(describe(&head));
                self.heads.give(head);
            }
            Part::Trailers(head) => {
                self.log.push(format!("trailers {}", describe(&head)));
                self.heads.give(head);
            }
            Part::Data(data) => {
                // Pieces of data are one, so that a log does not depend on how bytes were cut.
                let text = data.escape_ascii().to_string();
                match self.log.last_mut() {
                    Some(last) if last.starts_with("data ") => last.push_str(&text),
                    _ => self.log.push(format!("data {text}")),
                }
                self.pool.give(data);
            }
            Part::End => self.log.push("end".into()),
        }
    }

    pub fn open(&mut self) -> StreamId {
        let stream = self.machine.open(cx!(self)).expect("capacity");
        self.listen();
        stream
    }

    pub fn send_head(&mut self, stream: u64, head: &Head) {
        self.machine.send_head(cx!(self), StreamId(stream), head);
        self.listen();
    }

    pub fn send_data(&mut self, stream: u64, data: &[u8]) {
        for piece in data.chunks(self.pool.block_bytes()) {
            let mut buf = self.pool.take();
            buf.append(piece);
            self.machine.send_data(cx!(self), StreamId(stream), buf);
        }
        self.listen();
    }

    pub fn send_trailers(&mut self, stream: u64, trailers: &Head) {
        self.machine
            .send_trailers(cx!(self), StreamId(stream), trailers);
        self.listen();
    }

    pub fn send_end(&mut self, stream: u64) {
        self.machine.send_end(cx!(self), StreamId(stream));
        self.listen();
    }

    pub fn reset(&mut self, stream: u64) {
        self.machine
            .reset(cx!(self), StreamId(stream), message::Reset::Aborted);
        self.listen();
    }

    pub fn drain(&mut self) {
        self.machine.drain(cx!(self));
        self.listen();
    }

    /// Everything that is to be written now.
    pub fn written(&mut self) -> Vec<u8> {
        let mut all = Vec::new();
        loop {
            let mut slices = [&b""[..]; 2];
            let count = self.machine.pending(&mut slices);
            let bytes = slices[..count].concat();
            if bytes.is_empty() {
                return all;
            }
            all.extend_from_slice(&bytes);
            self.machine.transmitted(cx!(self), bytes.len());
            self.listen();
        }
    }

    /// Everything that is to be written now, as text.
    pub fn text(&mut self) -> String {
        String::from_utf8(self.written()).expect("text")
    }

    /// What was noted since the last call, joined by `; `.
    pub fn said(&mut self) -> String {
        self.log.drain(..).collect::<Vec<_>>().join("; ")
    }
}

/// A head on one line.
pub fn describe(head: &Head) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let start = match head.kind {
        Kind::Request { .. } => format!("{} {} ", text(head.method()), text(head.target())),
        Kind::Response { status, reason } => format!("{status} {} ", text(head.bytes(reason))),
        Kind::Trailers => String::new(),
    };
    let version = match (head.kind, head.version) {
        (Kind::Trailers, _) => "",
        (_, Version::Http10) => "1.0 ",
        (_, Version::Http11) => "1.1 ",
        (_, Version::Http2) => "2 ",
    };
    let framing = match head.kind {
        Kind::Trailers => String::new(),
        Kind::Request { .. } | Kind::Response { .. } => format!("{:?} ", head.framing),
    };
    let fields: Vec<_> = head
        .fields()
        .map(|field| {
            format!(
                "{}={}",
                text(head.bytes(field.name)),
                text(head.bytes(field.value))
            )
        })
        .collect();
    format!("{start}{version}{framing}{}", fields.join(","))
}

/// A response head as a server's machine would hand it over.
pub fn response(status: u16, framing: message::Framing, fields: &[(&str, &str)]) -> Head {
    let mut head = Head::default();
    head.set_response(status, b"OK", Version::Http11);
    head.framing = framing;
    for (name, value) in fields {
        head.push(name.as_bytes(), value.as_bytes());
    }
    head
}

/// A request head as a client's machine would hand it over.
pub fn request(method: &str, framing: message::Framing, fields: &[(&str, &str)]) -> Head {
    let mut head = Head::default();
    head.set_request(method.as_bytes(), b"/", Version::Http11);
    head.framing = framing;
    for (name, value) in fields {
        head.push(name.as_bytes(), value.as_bytes());
    }
    head
}
