//! HTTP/2: any bytes as frames, as header blocks, or as the script of a whole connection.

mod beside;
mod compare;
mod frames;
mod hpack;
mod script;
pub mod wire;

pub use beside::{client_beside_another, server_beside_another};
pub use frames::frames;
pub use hpack::hpack;
pub use script::{client, server};

/// A frame as bytes (RFC 9113 §4.1).
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let [_, l0, l1, l2] = (payload.len() as u32).to_be_bytes();
    let mut bytes = vec![l0, l1, l2, kind, flags];
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// Longest input that is looked at, in bytes.
const INPUT_BYTES_MAX: usize = 64 * 1024;

#[cfg(test)]
mod tests;
