//! Two machines back to back in the steady state: what a request costs in memory.

use base::{Instant, Pool, Rng};
use http2::fields::{self, Reader, Section};
use http2::hpack::Encoder;
use http2::{Connection, Limits};
use message::{Cx, Event, Framing, Head, Heads, Machine, Part, Role, Version};

struct Pair {
    pool: Pool,
    heads: Heads,
    rng: Rng,
    client: Connection,
    server: Connection,
    request: Head,
    response: Head,
    done: usize,
}

macro_rules! cx {
    ($pair:ident) => {
        &mut Cx {
            now: Instant::ZERO,
            pool: &mut $pair.pool,
            heads: &mut $pair.heads,
            rng: &mut $pair.rng,
        }
    };
}

impl Pair {
    fn new() -> Self {
        let (mut pool, mut heads) = (Pool::new(16_384), Heads::default());
        let mut rng = Rng::from_u64(1);
        let mut machine = |role| {
            let mut cx = Cx {
                now: Instant::ZERO,
                pool: &mut pool,
                heads: &mut heads,
                rng: &mut rng,
            };
            Connection::new(&mut cx, role, Limits::default())
        };
        let (client, server) = (machine(Role::Opening), machine(Role::Accepting));
        let mut request = Head::default();
        request.set_request(b"GET", b"/index.html?page=1", Version::Http11);
        for (name, value) in [
            ("host", "example.com"),
            ("user-agent", "steady/1.0"),
            ("accept", "*/*"),
            ("cookie", "session=0123456789"),
        ] {
            request.push(name.as_bytes(), value.as_bytes());
        }
        let mut response = Head::default();
        response.set_response(200, b"OK", Version::Http11);
        response.framing = Framing::Length(1024);
        for (name, value) in [
            ("Server", "steady"),
            ("Content-Type", "text/plain"),
            ("Content-Length", "1024"),
            ("ETag", "\"0123456789\""),
        ] {
            response.push(name.as_bytes(), value.as_bytes());
        }
        Self {
            pool,
            heads,
            rng,
            client,
            server,
            request,
            response,
            done: 0,
        }
    }

    fn ask(&mut self) {
        let stream = self.client.open(cx!(self)).expect("capacity");
        self.client.send_head(cx!(self), stream, &self.request);
        self.client.send_end(cx!(self), stream);
    }

    /// Moves a block of bytes each way.
    fn step(&mut self) {
        let mut block = self.pool.take();
        let count = fill(&self.client, &mut block);
        self.client.transmitted(cx!(self), count);
        self.server.receive(cx!(self), block);
        self.serve();
        let mut block = self.pool.take();
        let count = fill(&self.server, &mut block);
        self.server.transmitted(cx!(self), count);
        self.serve();
        self.client.receive(cx!(self), block);
        while let Some(event) = self.client.poll_event(cx!(self)) {
            match event {
                Event::Readable(stream) => {
                    while let Some(part) = self.client.read(cx!(self), stream) {
                        self.put_away(part);
                    }
                }
                Event::Done(_) => self.done += 1,
                other => panic!("{other:?}"),
            }
        }
    }

    fn serve(&mut self) {
        while let Some(event) = self.server.poll_event(cx!(self)) {
            let Event::Readable(stream) = event else {
                continue;
            };
            while let Some(part) = self.server.read(cx!(self), stream) {
                if matches!(part, Part::End) {
                    self.server.send_head(cx!(self), stream, &self.response);
                    let mut body = self.pool.take();
                    body.advance(1024);
                    self.server.send_data(cx!(self), stream, body);
                    self.server.send_end(cx!(self), stream);
                }
                self.put_away(part);
            }
        }
    }

    fn put_away(&mut self, part: Part) {
        match part {
            Part::Head(head) | Part::Trailers(head) => self.heads.give(head),
            Part::Data(buf) => self.pool.give(buf),
            Part::End => {}
        }
    }

    /// Asks for so many answers, 32 at a time.
    fn run(&mut self, count: usize) {
        let until = self.done + count;
        let mut asked = self.done;
        while self.done < until {
            while asked < until && asked < self.done + 32 {
                self.ask();
                asked += 1;
            }
            self.step();
        }
    }
}

fn fill(machine: &Connection, block: &mut base::Buf) -> usize {
    let mut slices = [&[][..]; 8];
    let used = machine.pending(&mut slices);
    slices[..used].iter().map(|it| block.append(it)).sum()
}

#[test]
fn requests_one_behind_the_other_or_many_at_a_time_allocate_nothing() {
    for at_a_time in [1, 32] {
        let mut pair = Pair::new();
        pair.run(200);
        let counted = allocation_counter::measure(|| match at_a_time {
            1 => (0..1000).for_each(|_| pair.run(1)),
            _ => pair.run(1000),
        });
        // A connection that was idle keeps room for some streams, and makes it for the others once.
        let most = if at_a_time == 1 { 0 } else { 2 * at_a_time };
        assert!(counted.count_total <= most, "{at_a_time}: {counted:?}");
    }
}

#[test]
fn an_idle_connection_holds_little() {
    let counted = allocation_counter::measure(|| {
        let mut pair = Pair::new();
        pair.run(100);
        let heads = std::mem::take(&mut pair.heads);
        let pool = std::mem::replace(&mut pair.pool, Pool::new(1));
        drop((heads, pool));
        let (client, server) = (pair.client, pair.server);
        std::mem::forget((client, server));
        drop((pair.request, pair.response));
    });
    let held = counted.bytes_current as usize / 2;
    let all = held + size_of::<Connection>();
    assert!(all <= IDLE_BYTES_MAX, "{all}");
}

#[test]
fn a_short_block_that_stands_for_much_is_not_kept() {
    let limits = fields::Limits {
        list_bytes_max: 200_000,
        fields_max: 100,
    };
    let mut reader = Reader::default();
    let mut head = Head::default();
    let mut encoder = Encoder::new();
    let mut long = Vec::new();
    encoder.field(b"name", &[b'&'; 3000], &mut long);
    let mut read = |head: &mut Head, block: &[u8]| {
        head.clear();
        let read = reader.read(Section::Trailers, block, &limits, head);
        read.expect("trailers");
    };
    read(&mut head, &long);
    // The newest entry, thirty times.
    read(&mut head, &[0xbe; 30]);
    let counted = allocation_counter::measure(|| {
        for _ in 0..4 {
            read(&mut head, &[0xbe; 30]);
        }
    });
    assert_eq!(counted.bytes_total, 0, "{counted:?}");
}

/// Of the six KiB that an idle connection may cost, sockets and sessions take the rest.
const IDLE_BYTES_MAX: usize = 5000;
