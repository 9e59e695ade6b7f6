//! The machines of HTTP/1 and raw TCP under the laws: an adapter makes any [`Machine`] a core, with an
//! owner that reads what it can and answers every message.

use super::Subject;
use base::{Buf, Core, Deadline, Instant, Pool, Rng};
use message::{Cx, Event, Framing, Head, Heads, Machine, Part, Role, Shutdown, StreamId, Version};
use std::collections::VecDeque;

/// A machine and its owner as one core.
#[derive(Debug)]
pub struct Owned<M> {
    machine: M,
    role: Role,
    pool: Pool,
    heads: Heads,
    /// What the peer sent and the machine does not want yet, and how the peer closed behind it.
    inbox: Vec<u8>,
    closing: Option<bool>,
    said: VecDeque<Said>,
}

/// What happens to it.
#[derive(Clone, Debug)]
pub enum Happening {
    /// The peer sends bytes.
    Bytes(Vec<u8>),
    /// The peer closes; the transport fails.
    Closed {
        /// It fails.
        reset: bool,
    },
    /// The owner asks, if it can.
    Ask(&'static str),
    /// The owner takes no further streams.
    Drain,
}

/// What comes out of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// An event that is not about reading or writing.
    Event(Event),
    /// A head or trailers.
    Fields(String),
    /// Bytes of a body.
    Data(Vec<u8>),
    /// The end of a message.
    End,
    /// Bytes for the transport.
    Written(Vec<u8>),
}

impl<M: Machine> Owned<M> {
    fn new(machine: M, role: Role) -> Self {
        let mut owned = Self {
            machine,
            role,
            pool: Pool::new(16_384),
            heads: Heads::default(),
            inbox: Vec::new(),
            closing: None,
            said: VecDeque::new(),
        };
        owned.listen(Instant::ZERO);
        owned
    }

    fn cx<R>(&mut self, now: Instant, act: impl FnOnce(&mut M, &mut Cx<'_>) -> R) -> R {
        let mut cx = Cx {
            now,
            pool: &mut self.pool,
            heads: &mut self.heads,
            rng: &mut Rng::from_u64(1),
        };
        act(&mut self.machine, &mut cx)
    }

    /// Gives the machine what it wants, in order, and listens to what comes of it.
    fn deliver(&mut self, now: Instant) {
        self.listen(now);
        while self.machine.wants_bytes() {
            if !self.inbox.is_empty() {
                let bytes = Buf::copy_of(&std::mem::take(&mut self.inbox));
                self.cx(now, |machine, cx| machine.receive(cx, bytes));
            } else if let Some(reset) = self.closing.take() {
                self.cx(now, |machine, cx| machine.receive_end(cx, reset));
            } else if self.machine.shutdown() == Shutdown::Linger {
                // The peer sees our FIN and closes too.
                self.cx(now, |machine, cx| machine.receive_end(cx, false));
            } else {
                break;
            }
            self.listen(now);
        }
    }

    fn listen(&mut self, now: Instant) {
        while let Some(event) = self.cx(now, |machine, cx| machine.poll_event(cx)) {
            match event {
                Event::Readable(stream) => self.read(now, stream),
                Event::Writable(_) => {}
                Event::Malformed(stream, _) => {
                    self.said.push_back(Said::Event(event));
                    self.answer(now, stream);
                }
                Event::Opened(_)
                | Event::Rejected(_)
                | Event::Reset(..)
                | Event::Done(_)
                | Event::HalfClosed
                | Event::Finished(_) => self.said.push_back(Said::Event(event)),
            }
        }
        self.write(now);
    }

    fn read(&mut self, now: Instant, stream: StreamId) {
        while let Some(part) = self.cx(now, |machine, cx| machine.read(cx, stream)) {
            match part {
                Part::Head(head) | Part::Trailers(head) => {
                    let fields: Vec<_> = head.fields().map(|it| head.bytes(it.value)).collect();
                    let said = format!("{:?} {:?} {fields:?}", head.framing, head.target());
                    self.said.push_back(Said::Fields(said));
                    self.heads.give(head);
                }
                Part::Data(data) => {
                    self.said.push_back(Said::Data(data.to_vec()));
                    self.pool.give(data);
                }
                Part::End => {
                    self.said.push_back(Said::End);
                    self.answer(now, stream);
                }
            }
        }
    }

    /// A client's message is answered.
    fn answer(&mut self, now: Instant, stream: StreamId) {
        if self.role == Role::Accepting {
            let mut head = Head::default();
            head.set_response(200, b"OK", Version::Http11);
            head.framing = Framing::Streamed;
            self.cx(now, |machine, cx| {
                machine.send_head(cx, stream, &head);
                machine.send_data(cx, stream, Buf::copy_of(b"body"));
                machine.send_end(cx, stream);
            });
            self.write(now);
        }
    }

    fn ask(&mut self, now: Instant, method: &str) {
        let Some(stream) = self.cx(now, |machine, cx| machine.open(cx)) else {
            return;
        };
        let mut head = Head::default();
        head.set_request(method.as_bytes(), b"/", Version::Http11);
        self.cx(now, |machine, cx| {
            machine.send_head(cx, stream, &head);
            machine.send_end(cx, stream);
        });
    }

    fn write(&mut self, now: Instant) {
        loop {
            let mut slices = [&b""[..]; 4];
            let count = self.machine.pending(&mut slices);
            let bytes = slices[..count].concat();
            if bytes.is_empty() {
                return;
            }
            let count = bytes.len();
            self.said.push_back(Said::Written(bytes));
            self.cx(now, |machine, cx| machine.transmitted(cx, count));
        }
    }
}

impl<M: Machine> Core for Owned<M> {
    type Input<'a> = &'a Happening;
    type Output = Said;

    fn handle(&mut self, now: Instant, input: &Happening) {
        match input {
            Happening::Bytes(bytes) if self.closing.is_none() => self.inbox.extend(bytes),
            Happening::Bytes(_) => {}
            Happening::Closed { reset } => self.closing = self.closing.or(Some(*reset)),
            Happening::Ask(method) => self.ask(now, method),
            Happening::Drain => self.cx(now, |machine, cx| machine.drain(cx)),
        }
        self.deliver(now);
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.cx(now, |machine, cx| machine.handle_timeout(cx));
        self.listen(now);
    }

    fn poll_timeout(&self) -> Option<Deadline> {
        self.machine.poll_timeout()
    }

    fn poll_output(&mut self) -> Option<Said> {
        self.said.pop_front()
    }
}

/// A kind of machine, in one role, with the bytes its peer likes to send.
#[derive(Debug)]
pub struct Machines<M> {
    /// The role of all.
    pub role: Role,
    /// A fresh one.
    pub fresh: fn(Role) -> M,
    /// What the peer sends.
    pub pieces: &'static [&'static str],
}

impl<M: Machine> Subject for Machines<M> {
    type Core = Owned<M>;
    type Step = Happening;

    fn core(&self, _seed: u64) -> Owned<M> {
        Owned::new((self.fresh)(self.role), self.role)
    }

    fn invent(&self, rng: &mut Rng) -> Happening {
        match rng.below(16) {
            0 => Happening::Closed {
                reset: rng.chance(1, 2),
            },
            1 => Happening::Drain,
            2..=4 if self.role == Role::Opening => {
                Happening::Ask(["GET", "HEAD", "CONNECT"][rng.below(3) as usize])
            }
            _ => {
                let mut bytes = Vec::new();
                for _ in 0..rng.between(1, 3) {
                    let piece = self.pieces[rng.below(self.pieces.len() as u64) as usize];
                    bytes.extend_from_slice(piece.as_bytes());
                }
                Happening::Bytes(bytes)
            }
        }
    }

    fn feed(&self, core: &mut Owned<M>, now: Instant, step: &Happening) {
        core.handle(now, step);
    }

    fn cut(&self, step: &Happening, rng: &mut Rng) -> Option<(Happening, Happening)> {
        match step {
            Happening::Bytes(bytes) if bytes.len() > 1 => {
                let (first, second) =
                    bytes.split_at(rng.between(1, bytes.len() as u64 - 1) as usize);
                Some((
                    Happening::Bytes(first.into()),
                    Happening::Bytes(second.into()),
                ))
            }
            Happening::Bytes(_)
            | Happening::Closed { .. }
            | Happening::Ask(_)
            | Happening::Drain => None,
        }
    }

    fn shown(&self, outputs: Vec<Said>) -> Vec<String> {
        let mut joined: Vec<Said> = Vec::new();
        for output in outputs {
            match (joined.last_mut(), output) {
                (Some(Said::Data(before)), Said::Data(data)) => before.extend(data),
                (Some(Said::Written(before)), Said::Written(bytes)) => before.extend(bytes),
                (_, output) => joined.push(output),
            }
        }
        joined
            .into_iter()
            .map(|said| match said {
                Said::Data(data) => format!("data {}", data.escape_ascii()),
                Said::Written(bytes) => format!("written {}", bytes.escape_ascii()),
                // Why a connection that is over anyway is over may be seen sooner or later.
                Said::Event(Event::Finished(_)) => FINISHED.into(),
                said => format!("{said:?}"),
            })
            .collect()
    }

    fn is_last(&self, line: &str) -> bool {
        line == FINISHED
    }
}

const FINISHED: &str = "finished";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::laws::check;
    use http1::{Connection, Limits, Raw};

    fn connection(role: Role) -> Connection {
        Connection::new(role, Limits::default())
    }

    #[test]
    fn clients_obey_the_laws() {
        let subject = Machines {
            role: Role::Accepting,
            fresh: connection,
            pieces: &[
                "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET / HTTP/1.0\r\n\r\n",
                "POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n",
                "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
                "5\r\nhello\r\n",
                "0\r\nX: y\r\n\r\n",
                "0123456789",
                "\r\n",
                "GET / HTTP/1.1\r\nA : b\r\n\r\n",
            ],
        };
        check(&subject, RUNS);
    }

    #[test]
    fn servers_obey_the_laws() {
        let subject = Machines {
            role: Role::Opening,
            fresh: connection,
            pieces: &[
                "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                "HTTP/1.1 200 OK\r\n\r\n",
                "HTTP/1.1 100 Continue\r\n\r\n",
                "HTTP/1.1 204 No\r\n\r\n",
                "5\r\nhello\r\n",
                "0\r\n\r\n",
                "0123456789",
            ],
        };
        check(&subject, RUNS);
    }

    #[test]
    fn raw_connections_obey_the_laws() {
        for role in [Role::Accepting, Role::Opening] {
            let subject = Machines {
                role,
                fresh: Raw::new,
                pieces: &["a", "bc", "defghijklmnop"],
            };
            check(&subject, RUNS);
        }
    }

    const RUNS: u64 = 3_000;
}
