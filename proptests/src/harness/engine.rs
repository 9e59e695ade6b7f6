//! The engine: any bytes as the script of everything around it.

use super::nowhere::settings;
use crate::pair::{Dial, Mute, Pace, Pair, Say};
use base::{Duration, Rng};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

/// Any bytes as a script: who connects, what clients and servers say and when they leave, how far bytes
/// get and how much time passes. Whatever the order, the engine's own invariants hold, it comes to rest
/// after every input, and once everybody has left, it holds nothing.
///
/// The first byte chooses the configuration, the next seven how bytes are cut and connections answered.
pub fn inputs(input: &[u8]) {
    let Some((first, script)) = input.split_first_chunk::<8>() else {
        return;
    };
    let (configuration, http2) = choose(first[0]);
    let text = format!("{COMMON}{configuration}");
    let seed = u64::from_le_bytes(*first);
    let pace = Pace::random(
        Rng::from_u64(seed),
        CUTS[usize::from(first[1]) % CUTS.len()],
    );
    let dials = Rc::new(RefCell::new(VecDeque::new()));
    let decided = dials.clone();
    let mut pair = Pair::new(settings(&text), pace, move |_| {
        match decided.borrow_mut().pop_front() {
            Some(0) => Dial::Refused,
            Some(1) => Dial::Silent,
            Some(_) | None => Dial::Accepted(Box::new(Mute)),
        }
    });
    let mut script = Script(script);
    for _ in 0..OPERATIONS_MAX {
        let Some(operation) = script.byte() else {
            break;
        };
        match operation % 8 {
            0 if pair.sockets().len() < SOCKETS_MAX => {
                pair.connect(Mute);
            }
            0 | 1 => dials.borrow_mut().push_back(operation / 8 % 3),
            2 if operation / 8 == 31 => pair.soft_stop(),
            2 => pair.run(),
            3 => {
                pair.pass();
            }
            4 => {
                for _ in 0..operation / 8 {
                    pair.step();
                }
            }
            5 => script.say(&mut pair, operation / 8, |script| {
                let length = usize::from(script.byte().unwrap_or(0) % 64);
                Say::Bytes(script.bytes(length).into())
            }),
            6 => script.say(&mut pair, operation / 8, |script| {
                let which = script.byte().unwrap_or(0);
                Say::Bytes(word(which, http2))
            }),
            _ => script.say(&mut pair, operation / 8, |script| {
                match script.byte().unwrap_or(0) % 3 {
                    0 => Say::Reset,
                    _ => Say::Fin,
                }
            }),
        }
    }
    pair.run();
    for at in 0..pair.sockets().len() {
        pair.say(at, Say::Reset);
    }
    pair.pass_for(Duration::from_secs(600));
    pair.assert_at_rest();
}

/// A configuration, and whether HTTP/2 is spoken in it.
fn choose(byte: u8) -> (&'static str, bool) {
    let at = usize::from(byte);
    match byte {
        0..HTTP2_FROM => (CONFIGURATIONS[at % CONFIGURATIONS.len()], false),
        HTTP2_FROM.. => (CONFIGURATIONS_HTTP2[at % CONFIGURATIONS_HTTP2.len()], true),
    }
}

/// What is often said. Where HTTP/2 is spoken, HTTP/1 may be on the other side.
fn word(which: u8, http2: bool) -> Vec<u8> {
    let at = usize::from(which / 2);
    match (http2, which % 2) {
        (false, _) => WORDS[usize::from(which) % WORDS.len()].into(),
        (true, 0) => WORDS[at % WORDS.len()].into(),
        (true, _) => WORDS_HTTP2[at % WORDS_HTTP2.len()].into(),
    }
}

struct Script<'a>(&'a [u8]);

impl Script<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn bytes(&mut self, length: usize) -> &[u8] {
        let (bytes, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        bytes
    }

    /// One of the sockets says something, counted from the youngest.
    fn say(&mut self, pair: &mut Pair, which: u8, what: impl FnOnce(&mut Self) -> Say) {
        let say = what(self);
        let sockets = pair.sockets().len();
        if let Some(at) = sockets.checked_sub(1 + usize::from(which)) {
            pair.say(at, say);
        }
    }
}

const COMMON: &str = "\
global
    tune.bufsize 1024
    tune.maxrewrite 256
defaults
    mode http
    log 127.0.0.1:514 local0
    option httplog
    timeout client 10s
    timeout server 10s
    timeout connect 2s
    timeout queue 3s
";

const CONFIGURATIONS: [&str; 6] = [
    "listen in\n    bind 127.0.0.1:80\n    server a 127.0.0.1:81\n    server b 127.0.0.1:82\n",
    "listen in\n    bind 127.0.0.1:80\n    option redispatch\n    retries 1\n    server a 127.0.0.1:81 maxconn 1\n    server b 127.0.0.1:82 backup\n",
    "listen in\n    bind 127.0.0.1:80\n    mode tcp\n    option tcplog\n    server a 127.0.0.1:81\n",
    "listen in\n    bind 127.0.0.1:80\n    mode tcp\n    option tcplog\n    timeout client-fin 1s\n    timeout server-fin 1s\n    timeout tunnel 20s\n    server a 127.0.0.1:81 maxconn 1\n",
    "listen in\n    bind 127.0.0.1:80\n    option httpclose\n    option forwardfor\n    monitor-uri /up\n    timeout http-request 4s\n    timeout http-keep-alive 1s\n    timeout tunnel 20s\n    server a 127.0.0.1:81\n",
    "frontend in\n    bind 127.0.0.1:80\n    option logasap\n    maxconn 2\n",
];

/// From here on the first byte chooses one of [`CONFIGURATIONS_HTTP2`].
const HTTP2_FROM: u8 = 192;

const CONFIGURATIONS_HTTP2: [&str; 4] = [
    "listen in\n    bind 127.0.0.1:80\n    timeout http-request 4s\n    timeout http-keep-alive 1s\n    server a 127.0.0.1:81\n    server b 127.0.0.1:82 maxconn 1\n",
    "listen in\n    bind 127.0.0.1:80\n    http-reuse always\n    server a 127.0.0.1:81 proto h2\n",
    "listen in\n    bind 127.0.0.1:80 proto h2\n    timeout client-fin 1s\n    timeout tunnel 20s\n    server a 127.0.0.1:81 proto h2 idle-ping 3s\n",
    "listen in\n    bind 127.0.0.1:80 proto h2\n    option http-buffer-request\n    http-reuse aggressive\n    server a 127.0.0.1:81 proto h2 maxconn 2\n",
];

/// Frames that clients and servers often send, a few in one.
const WORDS_HTTP2: [&[u8]; 24] = [
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\x06\x04\0\0\0\0\0\0\x04\0\0\0\x05",
    b"\0\0\0\x04\0\0\0\0\0",
    b"\0\0\0\x04\x01\0\0\0\0",
    b"\0\0\x06\x04\0\0\0\0\0\0\x08\0\0\0\x01",
    b"\0\0\x06\x04\0\0\0\0\0\0\x03\0\0\0\x01",
    b"\0\0\x06\x01\x05\0\0\0\x01\x82\x86\x84\x01\x01a",
    b"\0\0\x06\x01\x05\0\0\0\x03\x82\x86\x84\x01\x01a",
    b"\0\0\x06\x01\x04\0\0\0\x01\x83\x86\x84\x01\x01a",
    b"\0\0\x06\x01\x04\0\0\0\x03\x83\x86\x84\x01\x01a",
    b"\0\0\x0d\x01\x04\0\0\0\x01\x02\x07CONNECT\x01\x02a:",
    b"\0\0\x01\x01\x04\0\0\0\x01\x88",
    b"\0\0\x01\x01\x05\0\0\0\x01\x89",
    b"\0\0\x01\x01\x04\0\0\0\x03\x88",
    b"\0\0\x05\0\0\0\0\0\x01hello",
    b"\0\0\x05\0\x01\0\0\0\x01hello",
    b"\0\0\0\0\x01\0\0\0\x01",
    b"\0\0\x05\0\x01\0\0\0\x03hello",
    b"\0\0\x04\x03\0\0\0\0\x01\0\0\0\x08",
    b"\0\0\x04\x03\0\0\0\0\x01\0\0\0\x07",
    b"\0\0\x08\x07\0\0\0\0\0\0\0\0\x01\0\0\0\0",
    b"\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\0",
    b"\0\0\x04\x08\0\0\0\0\0\0\0\x40\0",
    b"\0\0\x04\x08\0\0\0\0\x01\0\0\x40\0",
];

/// What clients and servers often say, whole and in parts.
const WORDS: [&str; 24] = [
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /up HTTP/1.0\r\n\r\n",
    "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n",
    "0123456789",
    "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
    "a\r\n0123456789\r\n",
    "0\r\n\r\n",
    "0\r\nTrailer: x\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n",
    "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    "HTTP/1.1 200 OK\r\n\r\n",
    "HTTP/1.1 204 No Content\r\n\r\n",
    "HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n",
    "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "HTTP/1.1 200\r\nContent-Length: x\r\n\r\n",
    "GET / HTTP/1.1\r\n",
    "\r\n",
];

/// Bytes that move at once, at most.
const CUTS: [usize; 4] = [16_384, 1, 7, 300];
const SOCKETS_MAX: usize = 12;
/// More only takes longer.
const OPERATIONS_MAX: usize = 300;

#[cfg(test)]
mod tests {
    use super::inputs;
    use base::Rng;

    #[test]
    fn scripts_of_all_kinds_leave_nothing_behind() {
        let mut rng = Rng::from_u64(5);
        for _ in 0..1_000 {
            let mut script = vec![0; rng.below(300) as usize];
            rng.fill(&mut script);
            inputs(&script);
        }
    }

    /// Scripts in which most operations say a word, as random bytes seldom do.
    #[test]
    fn scripts_of_http2_leave_nothing_behind() {
        let mut rng = Rng::from_u64(7);
        for _ in 0..1_000 {
            let mut script = vec![0; 8 + rng.below(300) as usize];
            rng.fill(&mut script);
            script[0] |= super::HTTP2_FROM;
            for operation in script[8..].iter_mut().step_by(2) {
                if *operation % 4 > 0 {
                    *operation = *operation % 3 * 8 + 6;
                }
            }
            inputs(&script);
        }
    }
}
