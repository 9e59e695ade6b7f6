//! What went wrong with a message: what, how far it reaches, and whose fault it is.

use crate::StreamId;

/// A protocol error as the engine sees it; protocol crates derive it from their own error types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The error in words, without any of the peer's bytes.
    pub what: &'static str,
    /// How far it reaches.
    pub scope: Scope,
    /// Whose fault it is.
    pub blame: Blame,
    /// The status that answers it when the message is a request that can still be answered
    /// (RFC 9110 §15.5); a response with a fault is answered 502.
    pub status: u16,
    /// Offset of the offending byte from the start of the message, for `show errors`.
    pub offset: u32,
}

/// How far an error reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// One exchange.
    Stream(StreamId),
    /// Everything on the connection.
    Connection,
}

/// Whose fault an error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// The peer broke the protocol.
    Peer,
    /// We ran into one of our own limits or failed.
    Us,
}
