//! Connections to servers that begin with who the client is, or come from its address: nobody comes to
//! one that was introduced as somebody else's.

use super::h2_origin::Origin;
use super::{World, answer};
use base::Rng;
use proptests::harness::nowhere::settings;
use proptests::pair::{Answerer, Dial, Mute, Pace, Pair, Peer, Say};
use std::cell::RefCell;
use std::rc::Rc;

/// A server that takes a header of the PROXY protocol before anything else.
struct Introduced {
    inner: Box<dyn Peer>,
    /// Whose each connection is, as its header says.
    told: Rc<RefCell<Vec<String>>>,
    number: usize,
    /// How long the header was.
    length: Option<usize>,
}

impl Peer for Introduced {
    fn hears(&mut self, heard: &[u8], ended: bool) -> Vec<Say> {
        if self.length.is_none()
            && let Some((length, who)) = header(heard)
        {
            self.length = Some(length);
            self.told.borrow_mut()[self.number - 1] = who;
        }
        match self.length {
            Some(length) => self.inner.hears(&heard[length..], ended),
            None => Vec::new(),
        }
    }
}

/// How long the header is, and whom it names.
fn header(heard: &[u8]) -> Option<(usize, String)> {
    if heard.starts_with(b"PROXY TCP4 ") {
        let end = heard.windows(2).position(|pair| pair == b"\r\n")?;
        let line = String::from_utf8_lossy(&heard[..end]).into_owned();
        return Some((end + 2, line.split(' ').nth(2)?.to_owned()));
    }
    let lengths = heard.get(14..16)?;
    let end = 16 + usize::from(u16::from_be_bytes([lengths[0], lengths[1]]));
    let [a, b, c, d] = heard.get(..end)?[16..20] else {
        return None;
    };
    Some((end, format!("{a}.{b}.{c}.{d}")))
}

/// A proxy whose clients say who they are, and whose server wants to know.
struct Told {
    world: World,
    told: Rc<RefCell<Vec<String>>>,
    /// Connections begin with a header.
    says: bool,
}

impl Told {
    fn new(mode: &str, server: &str) -> Self {
        let config = format!(
            "defaults\n mode http\n timeout client 1h\n timeout server 1h\n timeout connect 1s\n\
             listen in\n bind 127.0.0.1:80 accept-proxy\n http-reuse {mode}\n \
             server a 127.0.0.1:81 {server}\n"
        );
        let http2 = server.contains("proto h2");
        let says = server.contains("send-proxy");
        let told = Rc::new(RefCell::new(Vec::new()));
        let seen = told.clone();
        let mut world = World::new("");
        world.pair = Pair::new(settings(&config), Pace::in_order(16_384), move |_| {
            seen.borrow_mut().push(String::new());
            let number = seen.borrow().len();
            let name = number.to_string();
            let inner: Box<dyn Peer> = match http2 {
                true => Box::new(Origin::new(name, 100)),
                false => Box::new(Answerer::new(move |request| {
                    vec![Say::Bytes(answer(request.target(), &name))]
                })),
            };
            if !says {
                return Dial::Accepted(inner);
            }
            Dial::Accepted(Box::new(Introduced {
                inner,
                told: seen.clone(),
                number,
                length: None,
            }))
        });
        Self { world, told, says }
    }

    /// Whose a connection is to its server.
    fn seen(&self, number: usize) -> String {
        if self.says {
            return self.told.borrow()[number - 1].clone();
        }
        let mut servers = self.world.pair.servers();
        let from = &servers.nth(number - 1).expect("a connection").from;
        from.address.expect("an address").ip().to_string()
    }

    /// A request of a client, who connects first if need be: `A` and `a` are the same to servers. Says
    /// which connection answered.
    fn ask(&mut self, client: char) -> usize {
        let who = who(client);
        if !self.world.clients.contains_key(&client) {
            let at = self.world.pair.connect(Mute);
            let header = format!("PROXY TCP4 {who} 10.9.9.9 1000 80\r\n");
            self.world.pair.say(at, Say::Bytes(header.into_bytes()));
            self.world.clients.insert(client, at);
        }
        let number = self.world.trace(&client.to_string());
        let number = number.parse().expect("a connection");
        assert_eq!(self.seen(number), who, "{client} on {number}");
        number
    }

    fn all(&mut self, clients: &str) -> Vec<usize> {
        clients.chars().map(|client| self.ask(client)).collect()
    }
}

fn who(client: char) -> String {
    format!("10.0.0.{}", client.to_ascii_uppercase() as u8)
}

const SERVERS: [&str; 6] = [
    "send-proxy",
    "send-proxy-v2 proxy-v2-options crc32c",
    "send-proxy proto h2",
    "send-proxy-v2 proto h2 set-proxy-v2-tlv-fmt(0xe1) %[src]",
    "source 0.0.0.0 usesrc clientip",
    "source 0.0.0.0 usesrc clientip proto h2",
];

#[test]
fn a_connection_serves_those_alone_whom_it_was_introduced_as() {
    for server in SERVERS {
        let mut told = Told::new("always", server);
        // Room for both: what was not needed at once is not kept.
        assert_eq!(told.all("AaA"), [1, 1, 1], "{server}");
        let mut told = Told::new("always", &format!("{server} pool-low-conn 9"));
        assert_eq!(told.all("ABabABC"), [1, 2, 1, 2, 1, 2, 3], "{server}");
    }
}

#[test]
fn fields_are_a_part_of_what_a_connection_was_introduced_as() {
    let server = "send-proxy-v2 set-proxy-v2-tlv-fmt(0xe1) %[rand(2)] pool-low-conn 9";
    let mut told = Told::new("always", server);
    let mut seen = told.all("AAAAAAAAAAAAAAAAAAAA");
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen, [1, 2]);
}

#[test]
fn whatever_clients_do_nobody_is_taken_for_another() {
    for seed in 0..24 {
        let mut rng = Rng::from_u64(seed);
        let mode = ["never", "safe", "aggressive", "always"][rng.below(4) as usize];
        let server = SERVERS[rng.below(6) as usize];
        let mut told = Told::new(mode, &format!("{server} pool-low-conn {}", rng.below(9)));
        for _ in 0..60 {
            let client = ['A', 'a', 'B', 'b', 'C', 'c'][rng.below(6) as usize];
            match rng.below(8) {
                0 if told.world.clients.contains_key(&client) => {
                    told.world.trace(&format!("{client}-"));
                }
                1 => {
                    told.world.trace("5s");
                }
                _ => {
                    told.ask(client);
                }
            }
        }
    }
}

#[test]
fn a_header_that_is_too_long_is_an_answer_of_the_proxy() {
    let fields = "set-proxy-v2-tlv-fmt(1) %[req.hdr(x)] ".repeat(3);
    let mut told = Told::new("always", &format!("send-proxy-v2 {fields}"));
    told.ask('A');
    let at = told.world.clients[&'A'];
    let before = told.world.pair.sockets()[at].heard.len();
    let long = "a".repeat(6_000);
    let request = format!("GET / HTTP/1.1\r\nHost: h\r\nX: {long}\r\n\r\n");
    told.world.pair.say(at, Say::Bytes(request.into_bytes()));
    told.world.pair.run();
    let heard = &told.world.pair.sockets()[at].heard[before..];
    assert!(
        heard.starts_with(b"HTTP/1.1 503 "),
        "{}",
        heard.escape_ascii()
    );
    assert_eq!(
        told.told.borrow().len(),
        1,
        "no connection is opened for it"
    );
}
