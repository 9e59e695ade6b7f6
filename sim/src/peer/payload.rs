//! What clients ask for, and bodies that can be told apart.

use base::Rng;
use bytes::Bytes;
use std::cell::RefCell;
use std::collections::VecDeque;

/// A range that values are drawn from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Smallest.
    pub low: u64,
    /// Largest.
    pub high: u64,
}

impl Span {
    /// Always `value`.
    pub const fn exactly(value: u64) -> Self {
        Self {
            low: value,
            high: value,
        }
    }

    /// A value of it.
    pub fn draw(self, rng: &mut Rng) -> u64 {
        rng.between(self.low, self.high.max(self.low))
    }
}

/// One kind of request of a workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Method.
    pub method: &'static str,
    /// Path.
    pub path: String,
    /// Bytes of the body.
    pub body: Span,
    /// Whether the body is sent in chunks.
    pub chunked: bool,
}

/// The first `len` bytes of the body that belongs to `nonce`.
pub(super) fn payload(nonce: &str, len: usize) -> Bytes {
    RECENT.with_borrow_mut(|recent| recent.of(nonce, len))
}

/// Whether `bytes` are those at `from` of the body that belongs to `nonce`.
pub(super) fn is_payload(nonce: &str, from: usize, bytes: &[u8]) -> bool {
    payload(nonce, from + bytes.len())[from..] == *bytes
}

/// Bodies of late: who checks a body need not make it again. The oldest come first.
#[derive(Default)]
struct Recent(VecDeque<(Box<str>, Bytes)>);

/// How many bodies are kept.
const RECENT_MAX: usize = 48;

thread_local! {
    static RECENT: RefCell<Recent> = RefCell::default();
}

impl Recent {
    fn of(&mut self, nonce: &str, len: usize) -> Bytes {
        let is_known = |known: &&(Box<str>, Bytes)| *known.0 == *nonce && known.1.len() >= len;
        if let Some((_, body)) = self.0.iter().rev().find(is_known) {
            return body.slice(..len);
        }
        if self.0.len() == RECENT_MAX {
            self.0.pop_front();
        }
        let body: Bytes = made(nonce, len).into();
        self.0.push_back((nonce.into(), body.clone()));
        body
    }
}

fn made(nonce: &str, len: usize) -> Vec<u8> {
    let key = nonce.bytes().fold(0x9e37_79b9_u32, |key, byte| {
        (key ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    let byte = |at: usize| {
        let mixed = (at as u32).wrapping_mul(0x9e37_79b1).wrapping_add(key);
        b'a' + ((mixed ^ (mixed >> 15)) % 26) as u8
    };
    (0..len).map(byte).collect()
}

/// What a server says to a nonce, so that it differs from what the client said.
pub(super) fn reply_key(nonce: &str) -> String {
    format!("re:{nonce}")
}
