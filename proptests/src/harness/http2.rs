//! HTTP/2: any bytes as frames, as header blocks, or as the script of a whole connection.

mod compare;
mod frames;
mod hpack;
mod script;
pub mod wire;

pub use frames::frames;
pub use hpack::hpack;
pub use script::{client, server};

/// Longest input that is looked at, in bytes.
const INPUT_BYTES_MAX: usize = 64 * 1024;

#[cfg(test)]
mod tests;
