//! What the peer of both sides does, out of any bytes.

use super::super::frame;
use http2::frame::PREFACE;
use http2::hpack::Encoder;
use message::Role;
use std::collections::BTreeSet;

/// One step of the peer, or of the owners.
#[derive(Debug)]
pub(super) enum Step {
    /// The peer sends this: one frame, or the frames of one head.
    Frames(Vec<u8>),
    /// Both owners answer a request that is complete, or complete their own.
    Answer { stream: u32 },
}

impl Step {
    fn frame(&self) -> Option<(u8, u8, &[u8])> {
        match self {
            Self::Frames(bytes) => Some((bytes[3], bytes[4], &bytes[9..])),
            Self::Answer { .. } => None,
        }
    }

    /// GOAWAY.
    pub(super) fn is_goaway(&self) -> bool {
        matches!(self.frame(), Some((GOAWAY, ..)))
    }

    /// The last stream that a GOAWAY leaves alone.
    pub(super) fn last_kept(&self) -> Option<u32> {
        let (GOAWAY, _, payload) = self.frame()? else {
            return None;
        };
        let last = payload.first_chunk()?;
        Some(u32::from_be_bytes(*last) & 0x7fff_ffff)
    }

    /// An acknowledgement of SETTINGS.
    pub(super) fn is_settings_ack(&self) -> bool {
        matches!(self.frame(), Some((SETTINGS, flags, _)) if flags & ACK != 0)
    }

    /// The beginning of a header block, or more of it, without its end.
    pub(super) fn is_unfinished_head(&self) -> bool {
        let Some((HEADERS | PUSH_PROMISE | CONTINUATION, flags, _)) = self.frame() else {
            return false;
        };
        flags & END_HEADERS == 0
    }

    /// A stream depends on itself.
    pub(super) fn depends_on_itself(&self) -> bool {
        let (at, payload) = match self.frame() {
            Some((HEADERS, flags, payload)) if flags & PRIORITIZED != 0 => {
                (usize::from(flags & PADDED != 0), payload)
            }
            Some((PRIORITY, _, payload)) => (0, payload),
            Some(_) | None => return false,
        };
        let on = payload.get(at..at + 4);
        let on = on.map(|on| u32::from_be_bytes([on[0] & 0x7f, on[1], on[2], on[3]]));
        on.is_some() && on == self.stream()
    }

    /// The stream it is about; 0 is the connection.
    pub(super) fn stream(&self) -> Option<u32> {
        match self {
            Self::Frames(bytes) => {
                let id = bytes.get(5..9)?;
                Some(u32::from_be_bytes([id[0] & 0x7f, id[1], id[2], id[3]]))
            }
            Self::Answer { stream } => Some(*stream),
        }
    }
}

/// The peer.
pub(super) struct Peer<'a> {
    role: Role,
    script: &'a [u8],
    encoder: Encoder,
    /// The last stream it opened.
    last: u32,
    answered: BTreeSet<u32>,
}

impl<'a> Peer<'a> {
    pub(super) fn new(role: Role, script: &'a [u8]) -> Self {
        Self {
            role,
            script,
            encoder: Encoder::new(),
            last: 0,
            answered: BTreeSet::new(),
        }
    }

    /// What comes first.
    pub(super) fn greeting(&mut self) -> Vec<u8> {
        let settings = frame(SETTINGS, 0, 0, b"");
        match self.role {
            Role::Accepting => [&PREFACE[..], &settings].concat(),
            Role::Opening => settings,
        }
    }

    /// Whether this is the first time that the owners end this stream.
    pub(super) fn answers(&mut self, stream: u32) -> bool {
        self.answered.insert(stream)
    }

    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.script.split_first() else {
            return 0;
        };
        self.script = rest;
        *first
    }

    fn bytes(&mut self, count: u8) -> Vec<u8> {
        let (bytes, rest) = self
            .script
            .split_at(usize::from(count).min(self.script.len()));
        self.script = rest;
        bytes.to_vec()
    }

    /// A stream that there was, or is, or nearly.
    fn stream(&mut self) -> u32 {
        match self.byte() % 16 {
            0 => 0,
            1 => self.last + 2,
            2 => 2,
            3 => self.last + 1,
            near => match self.role {
                Role::Accepting => self.last.saturating_sub(2 * u32::from(near % 4)),
                Role::Opening => 2 * u32::from(near % 5) + 1,
            },
        }
    }

    /// The next step; `None` once the script is over.
    pub(super) fn step(&mut self) -> Option<Step> {
        if self.script.is_empty() {
            return None;
        }
        let bytes = match self.byte() % 24 {
            0..=4 => self.head(),
            5 => {
                let (stream, end) = (self.stream(), self.byte());
                let block = self.block(end >> 1);
                let flags = END_HEADERS | (end & END_STREAM);
                frame(HEADERS, flags, stream, &block)
            }
            6 | 7 => {
                let (stream, count) = (self.stream(), self.byte() >> 2);
                let block = self.list(&TRAILERS, count);
                frame(HEADERS, END_HEADERS | END_STREAM, stream, &block)
            }
            8..=10 => self.data(),
            11 => {
                let (stream, code) = (self.stream(), u32::from(self.byte() % 16));
                frame(RST_STREAM, 0, stream, &code.to_be_bytes())
            }
            12 => {
                let stream = self.stream();
                let sizes = [0, 1, 1000, 1 << 30, 0x7fff_ffff, 0x8000_0001];
                let size: u32 = sizes[usize::from(self.byte()) % sizes.len()];
                frame(WINDOW_UPDATE, 0, stream, &size.to_be_bytes())
            }
            13 => self.settings(),
            14 => {
                let flags = self.byte() & ACK;
                let length = [8, 8, 8, 7, 9, 0][usize::from(self.byte()) % 6];
                frame(PING, flags, 0, &b"pingpong!"[..length])
            }
            15 => {
                let (last, code) = (self.stream(), u32::from(self.byte() % 16));
                let payload = [last.to_be_bytes(), code.to_be_bytes()].concat();
                frame(GOAWAY, 0, 0, &payload)
            }
            16 => {
                let (stream, on, length) = (self.stream(), self.stream(), self.byte());
                let payload = [&on.to_be_bytes()[..], &[7, 7]].concat();
                let length = if length % 4 == 0 { 6 } else { 5 };
                frame(PRIORITY, 0, stream, &payload[..length])
            }
            17 => {
                let stream = self.stream();
                let block = self.block(0);
                let payload = [&[0, 0, 0, 2][..], &block].concat();
                frame(PUSH_PROMISE, END_HEADERS, stream, &payload)
            }
            18 => {
                let stream = self.stream();
                frame(CONTINUATION, END_HEADERS, stream, b"")
            }
            19 => self.pieces(),
            20 => {
                let (kind, flags, stream) = (self.byte() | 16, self.byte(), self.stream());
                frame(kind, flags, stream, b"what")
            }
            21 => {
                let (kind, flags, stream) = (self.byte() % 12, self.byte(), self.stream());
                let count = self.byte() % 32;
                let payload = self.bytes(count);
                frame(kind, flags, stream, &payload)
            }
            _ => {
                let stream = self.stream();
                return Some(Step::Answer { stream });
            }
        };
        Some(Step::Frames(bytes))
    }

    /// A head on a stream that it may be sent on, or on one of another number.
    fn head(&mut self) -> Vec<u8> {
        let (how, what) = (self.byte(), self.byte());
        let stream = match (self.role, how % 32) {
            (_, 0) => self.stream(),
            (Role::Accepting, 1) => self.last + 6,
            (Role::Accepting, _) => self.last + 2 - (self.last + 1) % 2,
            (Role::Opening, _) => 2 * u32::from(how % 4) + 1,
        };
        if self.role == Role::Accepting && stream % 2 == 1 {
            self.last = self.last.max(stream);
        }
        let block = self.block(what);
        let end = if how & 64 == 0 { END_STREAM } else { 0 };
        let (flags, payload) = match how >> 7 {
            0 => (0, block),
            // Padded, and with a priority.
            _ => {
                let depends = self.stream().to_be_bytes();
                let payload = [&[2][..], &depends, &[9], &block, &[0, 0]].concat();
                (PADDED | PRIORITIZED, payload)
            }
        };
        frame(HEADERS, END_HEADERS | end | flags, stream, &payload)
    }

    fn data(&mut self) -> Vec<u8> {
        let (stream, how, length) = (self.stream(), self.byte(), self.byte());
        let end = how & END_STREAM;
        let data = vec![b'x'; usize::from(length)];
        match how % 8 {
            // As much padding as there is, and more.
            6 => frame(DATA, end | PADDED, stream, &[&[length][..], &data].concat()),
            7 => {
                let padding = [0; 255];
                let padding = &padding[..usize::from(length / 2)];
                let payload = [&[length / 2][..], &data, padding].concat();
                frame(DATA, end | PADDED, stream, &payload)
            }
            _ => frame(DATA, end, stream, &data),
        }
    }

    fn settings(&mut self) -> Vec<u8> {
        let (how, at) = (self.byte(), self.byte());
        let all: [(u16, u32); 14] = [
            (1, 0),
            (1, 4096),
            (2, 0),
            (2, 1),
            (2, 2),
            (3, 0),
            (3, 100),
            (4, 0x7fff_ffff),
            (4, 0x8000_0000),
            (5, 16_384),
            (5, 16_383),
            (6, 100),
            (8, 2),
            (99, 99),
        ];
        let (id, value) = all[usize::from(at) % all.len()];
        let setting = [&id.to_be_bytes()[..], &value.to_be_bytes()].concat();
        match how % 16 {
            0 => frame(SETTINGS, ACK, 0, b""),
            1 => frame(SETTINGS, ACK, 0, &setting),
            2 => frame(SETTINGS, 0, 0, &setting[..5]),
            3 => frame(SETTINGS, 0, self.stream(), &setting),
            4 => frame(SETTINGS, 0, 0, b""),
            _ => frame(SETTINGS, 0, 0, &setting),
        }
    }

    fn pieces(&mut self) -> Vec<u8> {
        let (how, what) = (self.byte(), self.byte());
        let stream = match self.role {
            Role::Accepting => {
                self.last = self.last + 2 - (self.last + 1) % 2;
                self.last
            }
            Role::Opening => 2 * u32::from(how % 4) + 1,
        };
        let block = self.block(what);
        let cut = usize::from(how >> 4) % (block.len() + 1);
        let (first, second) = block.split_at(cut);
        let other = if how & 8 == 0 { stream } else { stream + 2 };
        let between = if how & 4 == 0 {
            Vec::new()
        } else {
            frame(PING, 0, 0, b"pingpong")
        };
        [
            frame(HEADERS, END_STREAM, stream, first),
            between,
            frame(CONTINUATION, 0, stream, b""),
            frame(CONTINUATION, END_HEADERS, other, second),
        ]
        .concat()
    }

    /// The block of a head.
    fn block(&mut self, what: u8) -> Vec<u8> {
        let count = self.byte() % 4;
        let line: &[(&str, &str)] = match self.role {
            Role::Accepting => REQUESTS[usize::from(what) % REQUESTS.len()],
            Role::Opening => RESPONSES[usize::from(what) % RESPONSES.len()],
        };
        let mut all = line.to_vec();
        for _ in 0..count {
            all.push(FIELDS[usize::from(self.byte()) % FIELDS.len()]);
        }
        self.encoded(&all)
    }

    fn list(&mut self, from: &[(&'static str, &'static str)], count: u8) -> Vec<u8> {
        let mut all = Vec::new();
        for _ in 0..count % 4 {
            all.push(from[usize::from(self.byte()) % from.len()]);
        }
        self.encoded(&all)
    }

    fn encoded(&mut self, fields: &[(&str, &str)]) -> Vec<u8> {
        let mut block = Vec::new();
        self.encoder.begin(&mut block);
        for (name, value) in fields {
            self.encoder
                .field(name.as_bytes(), value.as_bytes(), &mut block);
        }
        block
    }
}

const REQUESTS: &[&[(&str, &str)]] = &[
    &[
        (":method", "GET"),
        (":scheme", "http"),
        (":path", "/"),
        (":authority", "h"),
    ],
    &[
        (":method", "POST"),
        (":scheme", "http"),
        (":path", "/p?q"),
        (":authority", "h:80"),
    ],
    &[
        (":method", "HEAD"),
        (":scheme", "https"),
        (":path", "/"),
        (":authority", "h"),
    ],
    &[
        (":method", "GET"),
        (":scheme", "http"),
        (":path", "/"),
        ("host", "other"),
    ],
    &[(":method", "CONNECT"), (":authority", "h:1")],
    &[
        (":method", "OPTIONS"),
        (":scheme", "http"),
        (":path", "*"),
        (":authority", "h"),
    ],
    &[
        (":method", "CONNECT"),
        (":scheme", "http"),
        (":path", "/"),
        (":authority", "h"),
        (":protocol", "websocket"),
    ],
    &[
        (":method", "POST"),
        (":scheme", "http"),
        (":path", "/"),
        (":authority", "h"),
        ("content-length", "7"),
    ],
    &[(":method", "GET"), (":scheme", "http"), (":authority", "h")],
    &[(":scheme", "http"), (":path", "/"), (":authority", "h")],
    &[(":status", "200")],
    &[
        (":method", "GET"),
        (":method", "GET"),
        (":scheme", "http"),
        (":path", "/"),
    ],
];

const RESPONSES: &[&[(&str, &str)]] = &[
    &[(":status", "200")],
    &[(":status", "404")],
    &[(":status", "204")],
    &[(":status", "304")],
    &[(":status", "100")],
    &[(":status", "103")],
    &[(":status", "101")],
    &[(":status", "200"), ("content-length", "7")],
    &[(":status", "200"), ("content-length", "0")],
    &[(":status", "20")],
    &[(":status", "999")],
    &[],
    &[(":status", "200"), (":status", "200")],
    &[(":method", "GET"), (":scheme", "http"), (":path", "/")],
];

const FIELDS: &[(&str, &str)] = &[
    ("x-one", "1"),
    ("x-two", "two"),
    ("x-one", "another"),
    ("x-empty", ""),
    ("cookie", "a=b"),
    ("cookie", "c=d"),
    ("accept", "*/*"),
    ("te", "trailers"),
    ("connection", "close"),
    ("transfer-encoding", "chunked"),
    ("te", "gzip"),
    ("X-Upper", "1"),
    ("x-line", "a\nb"),
    (":path", "/late"),
    ("x name", "1"),
    ("content-length", "x"),
];

const TRAILERS: [(&str, &str); 6] = [
    ("x-sum", "7"),
    ("x-sum", "8"),
    ("x-other", "o"),
    (":status", "200"),
    ("connection", "close"),
    ("X-Sum", "7"),
];

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const PRIORITY: u8 = 2;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PUSH_PROMISE: u8 = 5;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;

const END_STREAM: u8 = 1;
const ACK: u8 = 1;
const END_HEADERS: u8 = 4;
const PADDED: u8 = 8;
const PRIORITIZED: u8 = 32;
