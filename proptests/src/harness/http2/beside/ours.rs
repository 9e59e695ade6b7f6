//! Our side: a machine whose owner reads everything at once.

use super::ASKS;
use super::side::{Message, Side};
use crate::speaker::Speaker;
use http2::{Limits, Violation};
use message::{Ending, Event, Framing, Head, Machine, Name, Part, Reset, Role, StreamId, Version};
use std::collections::BTreeMap;

pub(super) struct Ours {
    role: Role,
    speaker: Speaker,
    messages: BTreeMap<u32, Message>,
    over: bool,
    /// What was wrong since the last bytes came, as far as it was said.
    faults: Vec<&'static str>,
    /// Something was wrong before.
    spoilt: bool,
}

impl Ours {
    pub(super) fn new(role: Role) -> Self {
        let limits = Limits {
            window_bytes: super::WINDOW_BYTES,
            connection_window_bytes: super::WINDOW_BYTES,
            ..Limits::default()
        };
        let mut ours = Self {
            role,
            speaker: Speaker::new(role, limits),
            messages: BTreeMap::new(),
            over: false,
            faults: Vec::new(),
            spoilt: false,
        };
        if role == Role::Opening {
            ours.ask();
        }
        ours
    }

    fn ask(&mut self) {
        for (method, ends) in ASKS {
            let stream = self
                .speaker
                .with(|machine, cx| machine.open(cx))
                .expect("capacity");
            let mut head = Head::default();
            head.set_request(method.as_bytes(), b"/", Version::Http11);
            head.push(b"Host", b"h");
            head.framing = if ends {
                Framing::None
            } else {
                Framing::Streamed
            };
            self.speaker
                .with(|machine, cx| machine.send_head(cx, stream, &head));
            if ends {
                self.speaker
                    .with(|machine, cx| machine.send_end(cx, stream));
            }
        }
    }

    /// What the peer got wrong with its last bytes. What comes on a stream that is gone is not said: there
    /// it is known only if it is the first thing of all.
    pub(super) fn violation(&self) -> Option<Violation> {
        let named = |what: &&str| Violation::ALL.iter().find(|it| it.what() == *what);
        let last = self.faults.last().and_then(named).copied();
        last.or(self.speaker.machine.violation().filter(|_| !self.spoilt))
    }

    fn work(&mut self) {
        while let Some(event) = self.speaker.with(|machine, cx| machine.poll_event(cx)) {
            match event {
                Event::Readable(stream) => self.read(stream),
                Event::Malformed(stream, fault) => {
                    self.faults.push(fault.what);
                    self.speaker
                        .with(|machine, cx| machine.reset(cx, stream, Reset::Aborted));
                }
                Event::Rejected(fault) => self.faults.push(fault.what),
                Event::Reset(stream, reset) => {
                    if let Reset::Broken(fault) = reset {
                        self.faults.push(fault.what);
                    }
                    self.message(stream).lost = true;
                }
                Event::Finished(ending) => {
                    if let Ending::Broken(fault) = ending {
                        self.faults.push(fault.what);
                    }
                    self.over = true;
                }
                Event::Opened(_) | Event::Writable(_) | Event::Done(_) | Event::HalfClosed => {}
            }
        }
    }

    fn message(&mut self, stream: StreamId) -> &mut Message {
        self.messages.entry(stream.0 as u32).or_default()
    }

    fn read(&mut self, stream: StreamId) {
        while let Some(part) = self.speaker.with(|machine, cx| machine.read(cx, stream)) {
            match part {
                Part::Head(head) => {
                    if !head.is_interim() {
                        self.message(stream).head = Some(lines(self.role, &head));
                    }
                    self.speaker.heads.give(head);
                }
                Part::Data(data) => {
                    self.message(stream).body.extend(&*data);
                    self.speaker.pool.give(data);
                }
                Part::Trailers(trailers) => {
                    // Empty ones are none to us.
                    let fields = fields(&trailers);
                    self.message(stream).trailers = Some(fields).filter(|it| !it.is_empty());
                    self.speaker.heads.give(trailers);
                }
                Part::End => self.message(stream).ended = true,
            }
        }
    }
}

impl Side for Ours {
    fn hear(&mut self, bytes: &[u8]) {
        self.faults.clear();
        self.spoilt = self.speaker.machine.violation().is_some();
        for piece in bytes.chunks(16_384) {
            if self.over {
                return;
            }
            assert!(self.speaker.machine.wants_bytes(), "it stops reading");
            self.speaker.hear(piece);
            self.work();
        }
    }

    fn answer(&mut self, stream: u32) {
        let stream = StreamId(stream.into());
        if self.role == Role::Accepting {
            let mut head = Head::default();
            head.set_response(200, b"", Version::Http11);
            head.framing = Framing::Streamed;
            self.speaker
                .with(|machine, cx| machine.send_head(cx, stream, &head));
        }
        self.speaker
            .with(|machine, cx| machine.send_end(cx, stream));
        self.work();
    }

    fn messages(&self) -> &BTreeMap<u32, Message> {
        &self.messages
    }

    fn said(&mut self) -> Vec<u8> {
        let mut said = Vec::new();
        while let Some(bytes) = self.speaker.say() {
            self.work();
            said.extend(bytes);
        }
        said
    }

    fn is_over(&self) -> bool {
        self.over
    }
}

/// The start line and the fields, as the other side shows them.
fn lines(role: Role, head: &Head) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut lines = fields(head);
    if role == Role::Accepting {
        let upgrade = head.value(Name::Upgrade);
        let method = if upgrade.is_some() {
            b"CONNECT"
        } else {
            head.method()
        };
        lines.push((b":method".to_vec(), method.to_vec()));
        lines.push((b":path".to_vec(), head.origin_target().to_vec()));
        let host = head.value(Name::Host).unwrap_or_default();
        lines.push((b":authority".to_vec(), host.to_vec()));
        lines.retain(|(name, _)| !matches!(&name[..], b"connection" | b"upgrade"));
    } else {
        let status = head.status().to_string();
        lines.push((b":status".to_vec(), status.into()));
    }
    lines.sort();
    lines
}

fn fields(head: &Head) -> Vec<(Vec<u8>, Vec<u8>)> {
    let fields = head.fields();
    let fields = fields.map(|it| (head.bytes(it.name), head.bytes(it.value)));
    super::super::compare::canonical(fields)
}
