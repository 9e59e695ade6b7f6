//! HTTP/1.0 and HTTP/1.1 (RFC 9110, RFC 9112) as a machine without input or output of its own.
//!
//! [`Connection`] is one connection in either role; [`Raw`] is a connection that carries no messages at
//! all (`mode tcp`). Both implement [`message::Machine`].
//!
//! What the contract leaves open, and how it is here:
//!
//! - `Part::End` of a request that asks for a tunnel (CONNECT, or Upgrade) comes with the end of the
//!   request message. Once a head with `Framing::Tunnel` was read from the server's machine and sent to
//!   the client's, data flows again in both directions, and a second `Part::End` closes each.
//! - A transport that closes or fails within a message is `Reset::Aborted`; bytes that break the
//!   protocol are `Reset::Broken`. Data that arrived before is read first, except where a client's
//!   transport failed: nobody is left to answer.
//! - A client that closes within a head is `Event::Malformed`: HAProxy answers 400.
//! - A response that ends before its request was received leaves its stream open: the owner reads the
//!   rest or resets the stream, and the connection closes after it either way.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod capture;
mod connection;
mod gather;
mod limits;
mod raw;
mod recv;
mod send;
mod sniff;
mod violation;

pub use capture::Capture;
pub use connection::Connection;
pub use limits::Limits;
pub use raw::Raw;
pub use sniff::{Sniffed, sniff};
pub use violation::Violation;
