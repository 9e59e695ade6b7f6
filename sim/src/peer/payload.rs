//! What clients ask for, and bodies that can be told apart.

use base::Rng;

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

/// The bytes at `from..from + len` of the body that belongs to `nonce`.
pub(super) fn payload(nonce: &str, from: usize, len: usize) -> Vec<u8> {
    let key = nonce.bytes().fold(0x9e37_79b9_u32, |key, byte| {
        (key ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    let byte = |at: usize| {
        let mixed = (at as u32).wrapping_mul(0x9e37_79b1).wrapping_add(key);
        b'a' + ((mixed ^ (mixed >> 15)) % 26) as u8
    };
    (from..from + len).map(byte).collect()
}

/// Whether `bytes` are the first of the body that belongs to `nonce`.
pub(super) fn is_payload(nonce: &str, bytes: &[u8]) -> bool {
    payload(nonce, 0, bytes.len()) == bytes
}

/// What a server says to a nonce, so that it differs from what the client said.
pub(super) fn reply_key(nonce: &str) -> String {
    format!("re:{nonce}")
}
