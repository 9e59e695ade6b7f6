//! Heads and trailers: from header blocks to [`message::Head`] and back (RFC 9113 §8).
//!
//! A head looks as HTTP/1 would have brought it: the request-target is in absolute form with the number
//! of its bytes that HTTP/1 servers do not see, `:authority` is the Host field too and stands first, cookies
//! are one field. The way back drops what belongs to one hop.

mod chars;
mod reader;
mod writer;

pub use reader::{Limits, Meaning, Reader, Section};
pub use writer::{Saying, Writer};
