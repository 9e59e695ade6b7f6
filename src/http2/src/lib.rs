//! HTTP/2 (RFC 9113) and its header compression (RFC 7541) without input or output of its own.
//!
//! [`Connection`] is one connection in either role; it implements [`message::Machine`]. What it stands
//! on can be used alone: [`hpack`] turns header blocks into fields and back, [`frame`] turns bytes into
//! frames and back, [`stream`] says what may happen on a stream, [`fields`] makes heads of fields and
//! fields of heads.
//!
//! What the contract leaves open, and how it is here:
//!
//! - A request that is malformed is reset, and the owner hears of it to count it; one that is only larger
//!   than we take is `Event::Malformed`, to be answered 431.
//! - A CONNECT request ends with its head, as in HTTP/1. Once a head with `Framing::Tunnel` was read
//!   from the server's machine and sent to the client's, data flows, and a second `Part::End` closes
//!   each direction.
//! - Extended CONNECT (RFC 8441) is GET with `connection: upgrade` for the owner, and its success 101. A
//!   server that takes none is not asked: the stream ends at once, `Reset::Broken`. An answer of success
//!   that is no 101 would look like one to a client of HTTP/2 and is sent to it as 502.
//! - A stream whose answer is complete before its request is done: the rest is refused with NO_ERROR.
//! - The head of a stream is sent before another stream is opened: the number of a stream is given by
//!   `open`, and the peer takes the numbers below it for closed (RFC 9113 §5.1.1).

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod budget;
mod connection;
pub mod fields;
mod flow;
pub mod frame;
pub mod hpack;
mod limits;
pub mod stream;
mod violation;

pub use connection::Connection;
pub use limits::Limits;
pub use violation::{Code, Flaw, Reach, Violation};
