//! Heads and trailers: from header blocks to [`message::Head`] and back (RFC 9113 §8).
//!
//! A head looks as HTTP/1 would have brought it: the path is the request-target, `:authority` is the
//! Host field and stands first, cookies are one field. The way back drops what belongs to one hop.

mod chars;
mod reader;
mod writer;

pub use reader::{Limits, Meaning, Reader, Section};
pub use writer::Writer;
