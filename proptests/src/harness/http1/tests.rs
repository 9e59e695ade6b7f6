//! The bodies of the targets on examples, and on many small changes of them.

use super::{chunked, connection, request, response};
use base::Rng;

const REQUESTS: &[&str] = &[
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /index.html?x=1 HTTP/1.1\r\nHost: www.example.com:8080\r\nUser-Agent: x/1.0 (y)\r\nAccept: */*\r\nCookie: a=b; c=d\r\n\r\n",
    "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n",
    "POST /a HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n",
    "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /2 HTTP/1.0\r\n\r\n",
    "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET http://u:p@a:80/b?c HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET / HTTP/1.1\r\nA: b\r\n c\r\n\td\r\nHost: a\r\nHost: a\r\n\r\n",
    "GET / HTTP/1.1\nHost: a\n\n",
    "\r\n\r\nGET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n",
];

const RESPONSES: &[&str] = &[
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
    "HTTP/1.0 200 OK\r\n\r\nuntil the end",
    "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\nContent-Length: 5\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nraw",
    "HTTP/1.1 404\r\nContent-Length: 0\r\nConnection: close\r\n\r\nexcess",
    "HTTP/1.1  200  Very  OK\nServer: x\n\n",
];

const CHUNKED: &[&str] = &[
    "5\r\nhello\r\n0\r\n\r\n",
    "1;a\r\nx\r\n00a \t;b=\"c\"\r\n0123456789\r\n0;d\r\nX: y\r\nZ: w\r\n\r\nGET / HTTP/1.1\r\n\r\n",
    "fFf\r\n",
    "10000000000000000\r\n",
    "0\r\n\r\n",
];

/// What mutations like to put in.
const PIECES: &[&str] = &[
    "\r\n",
    "\n",
    "\r",
    "\0",
    " ",
    "\t",
    ":",
    ";",
    ",",
    "#",
    "\r\n ",
    "\r\n\r\n",
    "\u{e9}",
    "\u{7f}",
    "Content-Length: 1\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Host: b\r\n",
    "HTTP/1.1",
    "HTTP/1.5",
    "0",
    "f",
    "close",
    "Connection: close\r\n",
    "18446744073709551616",
    "  ",
];

fn mutated(rng: &mut Rng, examples: &[&str]) -> Vec<u8> {
    let mut bytes = examples[rng.below(examples.len() as u64) as usize]
        .as_bytes()
        .to_vec();
    for _ in 0..rng.below(4) {
        let at = rng.below(bytes.len() as u64 + 1) as usize;
        match rng.below(5) {
            0 if at < bytes.len() => bytes[at] = rng.next_u64() as u8,
            1 if at < bytes.len() => bytes[at] ^= 1 << rng.below(8),
            2 => {
                let end = (at + 1 + rng.below(8) as usize).min(bytes.len());
                bytes.drain(at.min(end)..end);
            }
            3 => {
                let other = examples[rng.below(examples.len() as u64) as usize].as_bytes();
                let from = rng.below(other.len() as u64) as usize;
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
            _ => {
                let piece = PIECES[rng.below(PIECES.len() as u64) as usize];
                bytes.splice(at..at, piece.bytes());
            }
        }
    }
    bytes
}

fn many(name: &str, examples: &[&str], target: fn(&[u8])) {
    for example in examples {
        target(example.as_bytes());
    }
    let mut rng = Rng::from_u64(1).fork(name);
    for _ in 0..CASES {
        target(&mutated(&mut rng, examples));
    }
}

#[test]
fn requests_are_judged_as_meant() {
    many("requests", REQUESTS, request);
}

#[test]
fn responses_are_judged_as_meant() {
    many("responses", RESPONSES, response);
}

#[test]
fn chunks_are_decoded_as_elsewhere() {
    many("chunks", CHUNKED, chunked);
}

#[test]
fn connections_keep_their_promises() {
    let mut rng = Rng::from_u64(1).fork("connections");
    for _ in 0..CASES {
        let mut script = vec![0; rng.between(10, 300) as usize];
        rng.fill(&mut script);
        connection(&script);
    }
}

/// Cases of each test; the fuzz targets run for as long as they are given.
const CASES: usize = 20_000;
