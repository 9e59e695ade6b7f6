//! The engine under the laws: with its peers around it, it is a core whose outputs are what they hear.

use super::Subject;
use crate::harness::nowhere::settings;
use crate::pair::{Answerer, Closed, Dial, Mute, Pace, Pair, Say};
use crate::wire::{self, Message};
use base::{Core, Deadline, Instant, Rng, Why};
use std::collections::BTreeMap;

/// The engine, clients that say what they are told to, and servers that answer at once.
pub struct Served {
    pair: Pair,
    /// The sockets of the clients.
    clients: Vec<usize>,
    /// For each socket, how much of what it heard was put out, and how it was closed then.
    told: Vec<(usize, Closed)>,
    logs_told: usize,
    stop_told: bool,
}

/// What happens to it.
#[derive(Clone, Debug)]
pub enum Happening {
    /// A client connects.
    Connect,
    /// A client sends bytes.
    Bytes(usize, Vec<u8>),
    /// A client closes or resets.
    Leave(usize, Say),
    /// A soft stop.
    Stop,
}

/// What comes out of it.
#[derive(Clone, Debug)]
pub enum Heard {
    /// A peer heard bytes.
    Bytes(usize, Vec<u8>),
    /// The proxy closed its side of a connection.
    Closed(usize, Closed),
    /// A log line.
    Log(String),
    /// A soft stop is complete.
    Stopped,
}

impl Served {
    /// A client that is there; all later ones are the last.
    fn client(&mut self, which: usize) -> Option<usize> {
        let last = self.clients.len().checked_sub(1)?;
        Some(self.clients[which.min(last)])
    }
}

impl Core for Served {
    type Input<'a> = &'a Happening;
    type Output = Heard;

    fn handle(&mut self, now: Instant, input: &Happening) {
        self.pair.at(now);
        match input {
            Happening::Connect => {
                let stopping = self.stop_told || self.pair.is_stopped();
                if self.clients.len() < CLIENTS_MAX && !stopping {
                    let client = self.pair.connect(Mute);
                    self.clients.push(client);
                }
            }
            Happening::Bytes(which, bytes) => {
                if let Some(client) = self.client(*which) {
                    self.pair.say(client, Say::Bytes(bytes.clone()));
                }
            }
            Happening::Leave(which, how) => {
                if let Some(client) = self.client(*which) {
                    self.pair.say(client, how.clone());
                }
            }
            Happening::Stop => self.pair.soft_stop(),
        }
        self.pair.run();
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.pair.timeout(now);
        self.pair.run();
    }

    fn poll_timeout(&self) -> Option<Deadline> {
        self.pair.engine().deadline().map(|at| Deadline {
            at,
            why: Why::Table,
        })
    }

    fn poll_output(&mut self) -> Option<Heard> {
        if let Some(line) = self.pair.logs().get(self.logs_told) {
            self.logs_told += 1;
            return Some(Heard::Log(line.clone()));
        }
        let sockets = self.pair.sockets();
        self.told.resize(sockets.len(), (0, Closed::Open));
        for (at, (socket, told)) in sockets.iter().zip(&mut self.told).enumerate() {
            let new = &socket.heard[told.0..];
            told.0 = socket.heard.len();
            if !new.is_empty() {
                return Some(Heard::Bytes(at, new.into()));
            }
            if socket.closed != told.1 {
                told.1 = socket.closed;
                return Some(Heard::Closed(at, socket.closed));
            }
        }
        if self.pair.is_stopped() && !self.stop_told {
            self.stop_told = true;
            return Some(Heard::Stopped);
        }
        None
    }
}

/// The engine as a subject, with one of the configurations.
pub struct Engines(pub &'static str);

impl Subject for Engines {
    type Core = Served;
    type Step = Happening;

    fn core(&self, _seed: u64) -> Served {
        let text = format!("{COMMON}{}", self.0);
        let pair = Pair::new(settings(&text), Pace::in_order(usize::MAX), |_| {
            Dial::Accepted(Box::new(Answerer::new(answer)))
        });
        Served {
            pair,
            clients: Vec::new(),
            told: Vec::new(),
            logs_told: 0,
            stop_told: false,
        }
    }

    fn invent(&self, rng: &mut Rng) -> Happening {
        let which = rng.below(CLIENTS_MAX as u64) as usize;
        match rng.below(40) {
            0..=9 => Happening::Connect,
            10 => Happening::Stop,
            11..=14 => Happening::Leave(which, Say::Fin),
            15 | 16 => Happening::Leave(which, Say::Reset),
            _ => {
                let word = WORDS[rng.below(WORDS.len() as u64) as usize];
                Happening::Bytes(which, word.into())
            }
        }
    }

    fn feed(&self, core: &mut Served, now: Instant, step: &Happening) {
        core.handle(now, step);
    }

    fn cut(&self, step: &Happening, rng: &mut Rng) -> Option<(Happening, Happening)> {
        let Happening::Bytes(which, bytes) = step else {
            return None;
        };
        let (a, b) = bytes.split_at(rng.between(1, bytes.len() as u64) as usize);
        let part = |bytes: &[u8]| Happening::Bytes(*which, bytes.into());
        (!b.is_empty()).then(|| (part(a), part(b)))
    }

    /// Connection by connection: what is said on one may come before or after what is said on another.
    /// Chunks are put together, as they are where the bytes were cut.
    fn shown(&self, outputs: Vec<Heard>) -> Vec<String> {
        let mut heard: BTreeMap<usize, (Vec<u8>, Closed)> = BTreeMap::new();
        let mut lines = Vec::new();
        let mut stopped = false;
        for output in outputs {
            assert!(!stopped, "silence: {output:?} after the stop");
            match output {
                Heard::Bytes(at, bytes) => {
                    let (all, closed) = heard.entry(at).or_insert((Vec::new(), Closed::Open));
                    assert_eq!(*closed, Closed::Open, "silence: bytes behind the end");
                    all.extend(bytes);
                }
                Heard::Closed(at, closed) => {
                    heard.entry(at).or_insert((Vec::new(), Closed::Open)).1 = closed;
                }
                Heard::Log(line) => lines.push(without_counts(&line)),
                Heard::Stopped => stopped = true,
            }
        }
        lines.sort();
        for (at, (bytes, closed)) in heard {
            lines.push(format!("{at}: {} {closed:?}", messages(&bytes)));
        }
        lines.extend(stopped.then(|| STOPPED.to_string()));
        lines
    }

    fn is_last(&self, line: &str) -> bool {
        line == STOPPED
    }
}

/// A log line without how many connections there were: a client that says more than the last request it
/// announced is closed sooner or later, depending on whether that was read along.
fn without_counts(line: &str) -> String {
    let words: Vec<&str> = line.split(' ').collect();
    let is_state = |word: &&str| {
        matches!(word.len(), 2 | 4) && word.bytes().all(|b| b == b'-' || b.is_ascii_alphabetic())
    };
    let counts = words.iter().rposition(is_state).map(|state| state + 1);
    let kept = words
        .iter()
        .enumerate()
        .filter(|(at, _)| Some(*at) != counts);
    let kept: Vec<&str> = kept.map(|(_, word)| *word).collect();
    kept.join(" ")
}

/// What bytes say, whoever said them; the bytes where they say nothing.
fn messages(bytes: &[u8]) -> String {
    let requests = wire::read_requests(bytes);
    let answers = || wire::read_responses(bytes, &["GET"; 64], true);
    match requests.or_else(|_| answers()) {
        Ok((messages, used)) => {
            let shown: Vec<String> = messages.iter().map(Message::to_string).collect();
            format!("{shown:?} {}", bytes[used..].escape_ascii())
        }
        Err(_) => bytes.escape_ascii().to_string(),
    }
}

fn answer(request: &Message) -> Vec<Say> {
    let body = [request.method().as_bytes(), &request.body].concat();
    let length = body.len();
    match request.target() {
        "/close" => {
            let head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
            vec![Say::Bytes([head, &body[..]].concat()), Say::Fin]
        }
        "/gone" => vec![Say::Reset],
        "/late" => Vec::new(),
        "/chunks" => {
            let text = format!(
                "{length:x}\r\n{}\r\n0\r\n\r\n",
                String::from_utf8_lossy(&body)
            );
            let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
            vec![Say::Bytes((head.to_string() + &text).into())]
        }
        _ => {
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
            vec![Say::Bytes([head.as_bytes(), &body].concat())]
        }
    }
}

const COMMON: &str = "\
global
    hard-stop-after 30s
defaults
    log 127.0.0.1:514 local0
    timeout client 5s
    timeout server 4s
    timeout connect 1s
listen in
    bind 127.0.0.1:80
    server a 127.0.0.1:81
";

const WORDS: [&str; 12] = [
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /close HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /gone HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /late HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /chunks HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "POST /chunks HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\nhello",
    "GET / HTTP/1.0\r\n\r\n",
    "GET / HTTP/1.1\r\nHo",
    "st: a\r\n\r\n",
    "GET\r\n\r\n",
];

const CLIENTS_MAX: usize = 3;
const STOPPED: &str = "stopped";

#[cfg(test)]
mod tests {
    use super::Engines;
    use crate::laws::check;

    #[test]
    fn an_engine_in_http_mode_keeps_the_laws() {
        let lines = "    mode http\n    option httplog\n";
        check(&Engines(lines), 600);
    }

    #[test]
    fn an_engine_with_short_timeouts_keeps_the_laws() {
        let lines = "    mode http\n    option httpclose\n    timeout http-request 2s\n    timeout http-keep-alive 1s\n";
        check(&Engines(lines), 500);
    }

    #[test]
    fn an_engine_in_tcp_mode_keeps_the_laws() {
        check(
            &Engines("    mode tcp\n    option tcplog\n    timeout client-fin 1s\n"),
            500,
        );
    }
}
