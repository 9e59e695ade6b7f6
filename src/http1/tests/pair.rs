//! Two machines connected to each other: what one owner sends, the other one reads.

use base::{Buf, Instant, Pool, Rng};
use http1::{Connection, Limits};
use message::{Cx, Event, Framing, Head, Heads, Machine, Part, Role, StreamId, Version};

struct World {
    rng: Rng,
    pool: Pool,
    heads: Heads,
    client: Connection,
    server: Connection,
}

/// A message as an owner sends or reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Message {
    start: String,
    body: Vec<u8>,
    trailers: Vec<u8>,
    complete: bool,
}

macro_rules! cx {
    ($world:ident) => {
        &mut Cx {
            now: Instant::default(),
            pool: &mut $world.pool,
            heads: &mut $world.heads,
            rng: &mut Rng::from_u64(1),
        }
    };
}

impl World {
    fn new(seed: u64) -> Self {
        Self {
            rng: Rng::from_u64(seed),
            pool: Pool::new(16_384),
            heads: Heads::default(),
            client: Connection::new(Role::Opening, Limits::default()),
            server: Connection::new(Role::Accepting, Limits::default()),
        }
    }

    /// A message of random framing and size, as its head and what is to be read at the other end.
    fn invent(&mut self, number: u64, is_request: bool) -> (Head, Message) {
        let size = match self.rng.below(4) {
            0 => 0,
            1 => self.rng.below(100),
            2 => self.rng.below(10_000),
            _ => self.rng.below(200_000),
        };
        let mut body = vec![0; size as usize];
        self.rng.fill(&mut body);
        let mut head = Head::default();
        let name = number.to_string();
        if is_request {
            head.set_request(b"POST", format!("/{name}").as_bytes(), Version::Http11);
        } else {
            head.set_response(200, name.as_bytes(), Version::Http11);
        }
        head.framing = match self.rng.below(2) {
            0 if size == 0 => Framing::None,
            0 => Framing::Length(size),
            _ => Framing::Streamed,
        };
        let streamed = head.framing == Framing::Streamed;
        let trailers = if streamed && self.rng.chance(1, 2) {
            name.clone().into_bytes()
        } else {
            Vec::new()
        };
        let start = if is_request { format!("/{name}") } else { name };
        let message = Message {
            start,
            body,
            trailers,
            complete: true,
        };
        (head, message)
    }

    /// Moves a random number of bytes from one machine to the other.
    fn carry(&mut self, up: bool) {
        let limit = 1 + self.rng.below(30_000) as usize;
        let (from, to) = if up {
            (&mut self.client, &mut self.server)
        } else {
            (&mut self.server, &mut self.client)
        };
        if to.wants_bytes() {
            let mut slices = [&b""[..]; 4];
            let count = from.pending(&mut slices);
            let mut bytes = slices[..count].concat();
            bytes.truncate(limit.min(16_384));
            if !bytes.is_empty() {
                let mut cx = Cx {
                    now: Instant::default(),
                    pool: &mut self.pool,
                    heads: &mut self.heads,
                    rng: &mut Rng::from_u64(1),
                };
                from.transmitted(&mut cx, bytes.len());
                to.receive(&mut cx, Buf::copy_of(&bytes));
            }
        }
    }

    /// Sends some of what is left of a message, as far as there is room.
    fn send(&mut self, up: bool, stream: StreamId, message: &Message, sent: &mut usize) -> bool {
        let limit = 1 + self.rng.below(16_384) as usize;
        let machine = if up {
            &mut self.client
        } else {
            &mut self.server
        };
        let mut cx = Cx {
            now: Instant::default(),
            pool: &mut self.pool,
            heads: &mut self.heads,
            rng: &mut Rng::from_u64(1),
        };
        if *sent < message.body.len() {
            if machine.room(stream) > 0 {
                let end = message.body.len().min(*sent + limit);
                let mut buf = cx.pool.take();
                buf.append(&message.body[*sent..end]);
                machine.send_data(&mut cx, stream, buf);
                *sent = end;
            }
            return false;
        }
        if !message.trailers.is_empty() {
            let mut trailers = Head::default();
            trailers.push(b"X", &message.trailers);
            machine.send_trailers(&mut cx, stream, &trailers);
        }
        machine.send_end(&mut cx, stream);
        true
    }

    fn read(&mut self, up: bool, stream: StreamId, into: &mut Message) {
        let machine = if up {
            &mut self.server
        } else {
            &mut self.client
        };
        let mut cx = Cx {
            now: Instant::default(),
            pool: &mut self.pool,
            heads: &mut self.heads,
            rng: &mut Rng::from_u64(1),
        };
        match machine.read(&mut cx, stream) {
            Some(Part::Head(head)) => {
                let start = match head.kind {
                    message::Kind::Response { reason, .. } => head.bytes(reason),
                    message::Kind::Request { .. } | message::Kind::Trailers => head.target(),
                };
                into.start = String::from_utf8_lossy(start).into_owned();
                self.heads.give(head);
            }
            Some(Part::Data(data)) => {
                into.body.extend_from_slice(&data);
                self.pool.give(data);
            }
            Some(Part::Trailers(trailers)) => {
                for field in trailers.fields() {
                    into.trailers.extend_from_slice(trailers.bytes(field.value));
                }
                self.heads.give(trailers);
            }
            Some(Part::End) => into.complete = true,
            None => {}
        }
    }

    /// One exchange, both messages at random speeds.
    fn exchange(&mut self, number: u64) {
        let (request_head, request) = self.invent(number, true);
        let (response_head, response) = self.invent(number, false);
        let stream = self.client.open(cx!(self)).expect("a free connection");
        assert_eq!(stream, StreamId(number));
        self.client.send_head(cx!(self), stream, &request_head);
        let (mut up, mut down) = (Message::default(), Message::default());
        let (mut sent_up, mut sent_down) = (0, 0);
        let (mut asked, mut opened, mut answering, mut answered) = (false, false, false, false);
        let (mut server_done, mut client_done) = (false, false);
        for _ in 0..STEPS_MAX {
            match self.rng.below(6) {
                0 => self.carry(true),
                1 => self.carry(false),
                2 if !asked => asked = self.send(true, stream, &request, &mut sent_up),
                3 if opened => self.read(true, stream, &mut up),
                4 if up.complete && !answering => {
                    self.server.send_head(cx!(self), stream, &response_head);
                    answering = true;
                }
                4 if answering && !answered => {
                    answered = self.send(false, stream, &response, &mut sent_down);
                }
                _ => self.read(false, stream, &mut down),
            }
            while let Some(event) = self.server.poll_event(cx!(self)) {
                match event {
                    Event::Opened(id) => opened = id == stream,
                    Event::Done(id) => server_done = id == stream,
                    Event::Readable(_) | Event::Writable(_) => {}
                    other => panic!("{other:?}"),
                }
            }
            while let Some(event) = self.client.poll_event(cx!(self)) {
                match event {
                    Event::Done(id) => client_done = id == stream,
                    Event::Readable(_) | Event::Writable(_) => {}
                    other => panic!("{other:?}"),
                }
            }
            if server_done && client_done {
                break;
            }
        }
        assert!(server_done && client_done, "the exchange does not end");
        assert!(up == request, "request {number}: {} bytes", up.body.len());
        assert!(
            down == response,
            "response {number}: {} bytes",
            down.body.len()
        );
    }
}

#[test]
fn no_byte_is_lost_doubled_or_given_to_another_message() {
    for seed in 0..40 {
        let mut world = World::new(seed);
        for number in 0..15 {
            world.exchange(number);
        }
    }
}

/// More steps than any exchange needs.
const STEPS_MAX: usize = 100_000;
