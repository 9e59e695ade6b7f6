//! The tests of the crate as one binary.

mod boundaries;
mod hpack;
mod http2;
mod limits;
mod pair;
mod pipe;
mod reuse;
