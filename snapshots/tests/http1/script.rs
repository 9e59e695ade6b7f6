//! A connection between a scripted peer and a scripted owner.
//!
//! One step a line: `accepting` or `opening` first, then
//!
//! - `< BYTES` the peer sends bytes (escapes: `\r`, `\n`, `\t`, `\0`, `\xNN`, and `\s` for a space at the end);
//! - `close`, `fail`: the peer closes its side, the transport fails;
//! - `open`: the owner opens a stream;
//! - `head STATUS FRAMING FIELD…` or `head METHOD FRAMING FIELD…`, `data BYTES`, `trailer FIELD`, `end`:
//!   the owner sends; a framing is `none`, `length:N`, `streamed`, `until-close` or `tunnel`, a field is
//!   `Name:value`;
//! - `reset`, `drain`, `close-after`, `refuse`: the owner has enough.
//!
//! After each step everything that can be is read, and everything that waits is written.

use base::{Buf, Instant, Pool};
use http1::{Connection, Limits};
use message::{
    Cx, Event, Framing, Head, Heads, Kind, Machine, Part, Reset, Role, StreamId, Version,
};
use std::fmt::Write as _;

/// The steps of a script, and under each what came of it.
pub fn play(text: &str) -> String {
    let mut lines = text.lines().filter(|line| !line.starts_with('#'));
    let mut stage = Stage::new(lines.next().expect("a role"));
    let mut shown = String::new();
    for line in lines.filter(|line| !line.is_empty()) {
        let _ = writeln!(shown, "{line}");
        stage.step(line);
        for said in stage.said.drain(..) {
            let _ = writeln!(shown, "    {said}");
        }
    }
    let _ = writeln!(shown, "=> {}", stage.state());
    shown
}

/// A connection, its peer and its owner.
pub struct Stage {
    machine: Connection,
    pool: Pool,
    heads: Heads,
    stream: StreamId,
    /// What was said since the last look.
    pub said: Vec<String>,
}

macro_rules! cx {
    ($stage:ident) => {
        &mut Cx {
            now: Instant::ZERO,
            pool: &mut $stage.pool,
            heads: &mut $stage.heads,
            rng: &mut base::Rng::from_u64(1),
        }
    };
}

impl Stage {
    /// A fresh connection that accepts or opens.
    pub fn new(role: &str) -> Self {
        let role = match role {
            "accepting" => Role::Accepting,
            "opening" => Role::Opening,
            other => panic!("no role: {other}"),
        };
        Self {
            machine: Connection::new(role, Limits::default()),
            pool: Pool::new(16_384),
            heads: Heads::default(),
            stream: StreamId(0),
            said: Vec::new(),
        }
    }

    /// What the connection waits for, and what becomes of it.
    pub fn state(&self) -> String {
        let capacity = self.machine.capacity();
        let reuse = match (capacity.now, capacity.ever) {
            (0, 0) => "",
            (0, _) => ", busy",
            (_, _) => ", free",
        };
        format!(
            "{:?}, {:?}{reuse}",
            self.machine.waiting(),
            self.machine.shutdown()
        )
    }

    /// One line of a script.
    pub fn step(&mut self, line: &str) {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb {
            "<" if self.machine.wants_bytes() => {
                self.machine
                    .receive(cx!(self), Buf::copy_of(&unescaped(rest)));
            }
            "<" => self.said.push("not wanted".into()),
            "close" => self.machine.receive_end(cx!(self), false),
            "fail" => self.machine.receive_end(cx!(self), true),
            "open" => match self.machine.open(cx!(self)) {
                Some(stream) => self.stream = stream,
                None => self.said.push("no capacity".into()),
            },
            "head" => {
                let head = head(rest);
                self.machine.send_head(cx!(self), self.stream, &head);
            }
            "data" => {
                let data = Buf::copy_of(&unescaped(rest));
                self.machine.send_data(cx!(self), self.stream, data);
            }
            "trailer" => {
                let mut trailers = Head::default();
                push(&mut trailers, rest);
                self.machine
                    .send_trailers(cx!(self), self.stream, &trailers);
            }
            "end" => self.machine.send_end(cx!(self), self.stream),
            "reset" => self.machine.reset(cx!(self), self.stream, Reset::Aborted),
            "drain" => self.machine.drain(cx!(self)),
            "close-after" => self.machine.close_after(),
            "refuse" => match self.machine.refuse(cx!(self)) {
                Some(stream) => self.stream = stream,
                None => self.said.push("nothing to refuse".into()),
            },
            _ => panic!("no step: {line}"),
        }
        self.listen();
        self.write();
    }

    fn listen(&mut self) {
        while let Some(event) = self.machine.poll_event(cx!(self)) {
            match event {
                Event::Readable(stream) => self.read(stream),
                Event::Opened(stream) => {
                    self.stream = stream;
                    self.said.push(format!("opened {}", stream.0));
                }
                Event::Malformed(stream, fault) => {
                    self.stream = stream;
                    let (status, what, offset) = (fault.status, fault.what, fault.offset);
                    self.said.push(format!(
                        "malformed {}: {status}, {what} (at {offset})",
                        stream.0
                    ));
                }
                Event::Reset(stream, Reset::Broken(fault)) => {
                    self.said
                        .push(format!("reset {}: broken, {}", stream.0, fault.what));
                }
                Event::Reset(stream, reset) => {
                    self.said.push(format!("reset {}: {reset:?}", stream.0));
                }
                Event::Done(stream) => self.said.push(format!("done {}", stream.0)),
                Event::Writable(stream) => self.said.push(format!("writable {}", stream.0)),
                Event::Rejected(fault) => self.said.push(format!("rejected: {}", fault.what)),
                Event::HalfClosed => self.said.push("half closed".into()),
                Event::Finished(message::Ending::Broken(fault)) => {
                    self.said.push(format!("finished: broken, {}", fault.what));
                }
                Event::Finished(ending) => self.said.push(format!("finished: {ending:?}")),
            }
        }
    }

    fn read(&mut self, stream: StreamId) {
        while let Some(part) = self.machine.read(cx!(self), stream) {
            self.said.push(match &part {
                Part::Head(head) => format!("read head {}", described(head)),
                Part::Trailers(trailers) => format!("read trailers{}", fields(trailers)),
                Part::Data(data) => format!("read data {}", data.escape_ascii()),
                Part::End => "read end".into(),
            });
        }
    }

    fn write(&mut self) {
        loop {
            let mut slices = [&b""[..]; 4];
            let count = self.machine.pending(&mut slices);
            let bytes = slices[..count].concat();
            if bytes.is_empty() {
                return;
            }
            for line in bytes.split_inclusive(|byte| *byte == b'\n') {
                self.said.push(format!("> {}", line.escape_ascii()));
            }
            self.machine.transmitted(cx!(self), bytes.len());
            self.listen();
        }
    }
}

fn described(head: &Head) -> String {
    let start = match head.kind {
        Kind::Request { .. } => {
            format!(
                "{} {}",
                head.method().escape_ascii(),
                head.target().escape_ascii()
            )
        }
        Kind::Response { status, reason } => {
            format!("{status} {}", head.bytes(reason).escape_ascii())
        }
        Kind::Trailers => String::new(),
    };
    format!(
        "{start}, {:?}, {:?}{}",
        head.version,
        head.framing,
        fields(head)
    )
}

fn fields(head: &Head) -> String {
    let mut shown = String::new();
    for field in head.fields() {
        let (name, value) = (head.bytes(field.name), head.bytes(field.value));
        let _ = write!(
            shown,
            " | {}: {}",
            name.escape_ascii(),
            value.escape_ascii()
        );
    }
    shown
}

/// `STATUS FRAMING FIELD…` or `METHOD FRAMING FIELD…`.
fn head(text: &str) -> Head {
    let mut words = text.split(' ');
    let mut head = Head::default();
    let first = words.next().expect("a status or a method");
    match first.parse() {
        Ok(status) => head.set_response(status, b"Reason", Version::Http11),
        Err(_) => head.set_request(first.as_bytes(), b"/path", Version::Http11),
    }
    head.framing = match words.next() {
        None | Some("none") => Framing::None,
        Some("streamed") => Framing::Streamed,
        Some("until-close") => Framing::UntilClose,
        Some("tunnel") => Framing::Tunnel,
        Some(length) => {
            let digits = length.strip_prefix("length:").expect("a framing");
            Framing::Length(digits.parse().expect("a length"))
        }
    };
    for field in words {
        push(&mut head, field);
    }
    head
}

fn push(head: &mut Head, field: &str) {
    let (name, value) = field.split_once(':').expect("a field");
    head.push(name.as_bytes(), value.as_bytes());
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut left = text.as_bytes();
    while let [first, rest @ ..] = left {
        left = rest;
        match (first, rest) {
            (b'\\', [b'x', a, b, after @ ..]) => {
                let digits = [*a, *b];
                let digits = std::str::from_utf8(&digits).expect("digits");
                bytes.push(u8::from_str_radix(digits, 16).expect("two digits"));
                left = after;
            }
            (b'\\', [escape, after @ ..]) => {
                bytes.push(match escape {
                    b'r' => b'\r',
                    b'n' => b'\n',
                    b's' => b' ',
                    b't' => b'\t',
                    b'0' => 0,
                    other => panic!("no escape: {}", char::from(*other)),
                });
                left = after;
            }
            (byte, _) => bytes.push(*byte),
        }
    }
    bytes
}
