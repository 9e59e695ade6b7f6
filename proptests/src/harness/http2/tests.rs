//! The bodies of the targets on examples, and on many small changes of them.

use super::{client, client_beside_another, frames, hpack, server, server_beside_another};
use base::Rng;

const BLOCKS: &[&[u8]] = &[
    b"\x82\x86\x84",
    b"\x83\x86\x84\x01\x01a",
    b"\x82\x86\x84\x41\x8c\xf1\xe3\xc2\xe5\xf2\x3a\x6b\xa0\xab\x90\xf4\xff",
    b"\x82\x86\x04\x05/a?bc\x01\x04a:80\x40\x03x-y\x01z\x00\x06cookie\x03a=b\x00\x06cookie\x03c=d",
    b"\x02\x07CONNECT\x01\x03a:1",
    b"\x02\x07CONNECT\x86\x84\x01\x01a\x00\x09:protocol\x09websocket",
    b"\x02\x07OPTIONS\x86\x04\x01*",
    b"\x82\x86\x84\x00\x02te\x08trailers\x10\x04host\x01b",
    b"\x82\x86\x84\x0f\x0d\x010",
    b"\x3f\xe1\x1f\x20\x82\x86\x84",
];

const FRAMES: &[&[u8]] = &[
    b"\x00\0\0\x03\x01\x05\0\0\0\x01\x82\x86\x84\0\0\0\x04\x01\0\0\0\0",
    b"\x00\0\0\x01\x01\x01\0\0\0\x01\x82\0\0\x02\x09\x04\0\0\0\x01\x86\x84",
    b"\x01\0\0\x05\0\x09\0\0\0\x01\x02hi\0\0\0\0\x08\x06\0\0\0\0\0pingpong",
    b"\x00\0\0\x04\x08\0\0\0\0\0\0\0\0\x01\0\0\x04\x03\0\0\0\0\x01\0\0\0\x08",
    b"\x00\0\0\x0c\x04\0\0\0\0\0\0\x04\0\0\0\x01\0\x05\0\0\x40\0\0\0\x08\x07\0\0\0\0\0\0\0\0\x01\0\0\0\x02",
    b"\x00PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0\0\0\x01\xfa\0\0\0\0\0?",
];

fn mutated(rng: &mut Rng, examples: &[&[u8]]) -> Vec<u8> {
    let mut bytes = examples[rng.below(examples.len() as u64) as usize].to_vec();
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
                let other = examples[rng.below(examples.len() as u64) as usize];
                let from = rng.below(other.len() as u64) as usize;
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
            _ => bytes.insert(at, rng.next_u64() as u8),
        }
    }
    bytes
}

fn many(name: &str, examples: &[&[u8]], target: fn(&[u8])) {
    for example in examples {
        target(example);
    }
    let mut rng = Rng::from_u64(1).fork(name);
    for _ in 0..CASES {
        target(&mutated(&mut rng, examples));
    }
}

#[test]
fn frames_are_the_same_however_they_are_cut() {
    many("frames", FRAMES, frames);
}

#[test]
fn blocks_are_read_as_elsewhere() {
    many("blocks", BLOCKS, hpack);
}

#[test]
fn connections_keep_their_promises() {
    let mut rng = Rng::from_u64(1).fork("connections");
    for _ in 0..CASES {
        let mut script = vec![0; rng.between(10, 400) as usize];
        rng.fill(&mut script);
        server(&script);
        client(&script);
    }
}

/// Steps are short: any bytes are many of them.
fn beside(name: &str, target: fn(&[u8])) {
    let mut rng = Rng::from_u64(1).fork(name);
    for _ in 0..CASES {
        let mut script = vec![0; rng.below(120) as usize];
        rng.fill(&mut script);
        target(&script);
    }
}

#[test]
fn servers_take_and_refuse_what_another_implementation_does_or_the_table_says_why() {
    beside("server", server_beside_another);
}

#[test]
fn clients_take_and_refuse_what_another_implementation_does_or_the_table_says_why() {
    beside("client", client_beside_another);
}

/// Cases of each test; the fuzz targets run for as long as they are given.
const CASES: usize = 10_000;
