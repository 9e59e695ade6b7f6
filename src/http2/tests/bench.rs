//! A machine under test: a peer that writes frames, an owner that is told events.

use crate::support::{frame, id};
use base::{Buf, Instant, Pool};
use http2::frame::{Bounds, Frame, PREFACE, Reader};
use http2::hpack::{Decoder, Encoder};
use http2::{Code, Connection, Limits};
use message::{Cx, Event, Framing, Head, Heads, Machine, Part, Reset, Role, StreamId, Version};

/// A machine, and the frames of its peer.
pub struct Bench {
    pub machine: Connection,
    pub pool: Pool,
    pub heads: Heads,
    /// Of the peer's blocks.
    encoder: Encoder,
    /// Of what we send.
    reader: Reader,
    decoder: Decoder,
    pub now: Instant,
    /// What the last block of ours held.
    fields: String,
}

macro_rules! cx {
    ($bench:ident) => {
        &mut message::Cx {
            now: $bench.now,
            pool: &mut $bench.pool,
            heads: &mut $bench.heads,
            rng: &mut base::Rng::from_u64(1),
        }
    };
}
pub(crate) use cx;

pub type Fields<'a> = &'a [(&'a str, &'a str)];

pub const GET: Fields<'_> = &[
    (":method", "GET"),
    (":scheme", "http"),
    (":path", "/"),
    (":authority", "a"),
];
pub const POST: Fields<'_> = &[(":method", "POST"), (":scheme", "http"), (":path", "/")];
pub const OK: Fields<'_> = &[(":status", "200")];

pub const END: u8 = 1;
pub const WHOLE: u8 = 4;

impl Bench {
    pub fn new(role: Role, limits: Limits) -> Self {
        let mut bench = Self::unsettled(role, limits);
        bench.frame(4, 1, 0, b"");
        bench
    }

    /// The peer did not see our settings yet.
    pub fn unsettled(role: Role, limits: Limits) -> Self {
        let mut bench = Self::with(role, limits);
        if role == Role::Accepting {
            bench.bytes(PREFACE);
        }
        bench.frame(4, 0, 0, b"");
        bench.sent();
        bench
    }

    /// The peer said nothing at all.
    pub fn silent(role: Role) -> Self {
        let mut bench = Self::with(role, narrow());
        bench.sent();
        bench
    }

    fn with(role: Role, limits: Limits) -> Self {
        let (mut pool, mut heads) = (Pool::new(16_384), Heads::default());
        let mut cx = Cx {
            now: Instant::ZERO,
            pool: &mut pool,
            heads: &mut heads,
            rng: &mut base::Rng::from_u64(1),
        };
        let machine = Connection::new(&mut cx, role, limits);
        let peer = match role {
            Role::Accepting => Role::Opening,
            Role::Opening => Role::Accepting,
        };
        let bounds = Bounds {
            frame_bytes_max: 16_384,
            block_bytes_max: 65_536,
            continuations_max: 9,
        };
        Self {
            machine,
            pool,
            heads,
            encoder: Encoder::new(),
            reader: Reader::new(peer, bounds),
            decoder: Decoder::new(),
            now: Instant::ZERO,
            fields: String::new(),
        }
    }

    pub fn server() -> Self {
        Self::new(Role::Accepting, narrow())
    }

    pub fn client() -> Self {
        Self::new(Role::Opening, narrow())
    }

    pub fn bytes(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() && self.machine.wants_bytes() {
            let mut buf = self.pool.take();
            bytes = &bytes[buf.append(bytes)..];
            self.machine.receive(cx!(self), buf);
        }
    }

    /// Time passes.
    pub fn at(&mut self, now: Instant) {
        self.now = now;
        self.machine.handle_timeout(cx!(self));
    }

    pub fn frame(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
        self.bytes(&frame(kind, flags, stream, payload));
    }

    pub fn headers(&mut self, flags: u8, stream: u32, fields: Fields<'_>) {
        let mut block = Vec::new();
        for (name, value) in fields {
            let (name, value) = (name.as_bytes(), value.as_bytes());
            self.encoder.field(name, value, &mut block);
        }
        self.frame(1, flags | WHOLE, stream, &block);
    }

    pub fn events(&mut self) -> Vec<String> {
        let mut events = Vec::new();
        while let Some(event) = self.machine.poll_event(cx!(self)) {
            events.push(match event {
                Event::Opened(id) => format!("opened {}", id.0),
                Event::Readable(id) => format!("readable {}", id.0),
                Event::Writable(id) => format!("writable {}", id.0),
                Event::Done(id) => format!("done {}", id.0),
                Event::Malformed(id, fault) => format!("malformed {} {}", id.0, fault.status),
                Event::Rejected(fault) => format!("rejected: {}", fault.what),
                Event::Reset(id, Reset::Broken(fault)) => {
                    format!("broken {}: {}", id.0, fault.what)
                }
                Event::Reset(id, reset) => format!("reset {} {reset:?}", id.0),
                Event::HalfClosed => String::from("half closed"),
                Event::Finished(_) => String::from("finished"),
            });
        }
        events
    }

    pub fn parts(&mut self, stream: u32) -> String {
        let mut text = String::new();
        while let Some(part) = self.machine.read(cx!(self), id(stream)) {
            text += &match part {
                Part::Head(head) => format!("head {:?}|", head.framing),
                Part::Data(buf) => format!("{}|", buf.escape_ascii()),
                Part::Trailers(_) => String::from("trailers|"),
                Part::End => String::from("end|"),
            };
        }
        text
    }

    /// The frames that we sent since the last time.
    pub fn sent(&mut self) -> Vec<String> {
        let mut frames = Vec::new();
        loop {
            let mut slices = [&[][..]; 16];
            let used = self.machine.pending(&mut slices);
            let bytes = slices[..used].concat();
            if bytes.is_empty() {
                return frames;
            }
            self.machine.transmitted(cx!(self), bytes.len());
            let mut rest = &bytes[..];
            while let Some(frame) = self.reader.read(&mut rest).expect("frames of ours") {
                frames.push(match frame {
                    Frame::Data {
                        stream, bytes, end, ..
                    } => format!("data {} {} end={end}", stream.0, bytes.len()),
                    Frame::Headers {
                        stream, end, block, ..
                    } => {
                        self.fields.clear();
                        let listed = self.decoder.decode(block, u32::MAX, |field| {
                            let (name, value) = (field.name, field.value);
                            let (name, value) = (name.escape_ascii(), value.escape_ascii());
                            self.fields += &format!("{name}={value}|");
                        });
                        listed.expect("a block of ours");
                        format!("headers {} end={end}", stream.0)
                    }
                    Frame::Reset { stream, code } => {
                        format!("reset {} {}", stream.0, Code::of(code).name())
                    }
                    Frame::GoAway { last, code } => {
                        format!("go away {} {}", last.0, Code::of(code).name())
                    }
                    Frame::WindowUpdate { stream, bytes } => {
                        format!("window {} {bytes}", stream.0)
                    }
                    Frame::Settings(_) => String::from("settings"),
                    Frame::SettingsAck => String::from("settings ack"),
                    Frame::Ping { ack, .. } => format!("ping ack={ack}"),
                    Frame::Priority { .. } | Frame::Unknown => String::from("strange"),
                });
            }
        }
    }

    /// The fields of the head that we sent since the last time.
    pub fn sent_fields(&mut self) -> String {
        self.sent();
        core::mem::take(&mut self.fields)
    }

    pub fn answer(&mut self, stream: u32, framing: Framing) {
        let mut head = Head::default();
        head.set_response(200, b"OK", Version::Http11);
        head.framing = framing;
        self.machine.send_head(cx!(self), id(stream), &head);
    }

    pub fn ask(&mut self, method: &str) -> StreamId {
        let stream = self.machine.open(cx!(self)).expect("capacity");
        let mut head = Head::default();
        head.set_request(method.as_bytes(), b"/", Version::Http11);
        head.push(b"host", b"a");
        self.machine.send_head(cx!(self), stream, &head);
        self.machine.send_end(cx!(self), stream);
        stream
    }

    pub fn data(&mut self, stream: u32, bytes: &[u8]) {
        self.machine
            .send_data(cx!(self), id(stream), Buf::copy_of(bytes));
    }

    pub fn end(&mut self, stream: u32) {
        self.machine.send_end(cx!(self), id(stream));
    }
}

/// Windows that are never widened, so that nothing is said of them.
pub fn narrow() -> Limits {
    Limits {
        window_bytes: 32_768,
        connection_window_bytes: 65_535,
        ..Limits::default()
    }
}
