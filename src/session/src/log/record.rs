//! What a log line says of an exchange.

use super::Clock;
use crate::settings::Mode;
use crate::{Ahead, Termination, Times};
use alloc::vec::Vec;
use base::Instant;
use core::net::SocketAddr;
use message::{Head, Version};

/// All that the default log lines need to know of an exchange.
#[derive(Clone, Debug)]
pub struct Record<'a> {
    /// The client (`%ci:%cp`).
    pub client: Peer,
    /// Where the client connected to, for the short format; `None` on a Unix socket.
    pub destination: Option<SocketAddr>,
    /// `mode` of the frontend.
    pub mode: Mode,
    /// The frontend (`%ft`).
    pub frontend: &'a str,
    /// The backend (`%b`); the frontend's name if none was chosen.
    pub backend: &'a str,
    /// The server tried last (`%s`); `<NOSRV>` if none was.
    pub server: Option<&'a str>,
    /// When the connection was accepted (`%t`).
    pub accepted: Clock,
    /// When the first byte of the request arrived, or `accepted` if none did (`%tr`).
    pub begun: Clock,
    /// How long it took.
    pub timers: Timers,
    /// The status sent to the client (`%ST`); 0, logged as -1, if there is none.
    pub status: u16,
    /// Bytes received from the client.
    pub bytes_in: u64,
    /// Bytes sent to the client, heads included (`%B`).
    pub bytes_out: u64,
    /// How it ended (`%ts`).
    pub termination: Termination,
    /// What became of cookies (the last two letters of `%tsc`).
    pub cookies: [u8; 2],
    /// What was captured of its messages.
    pub captured: Captured<'a>,
    /// Who else was there when it was logged.
    pub counts: Counts,
    /// Connection attempts after the first (`%rc`).
    pub retries: u32,
    /// A retry went to another server: `%rc` has a `+`.
    pub redispatched: bool,
    /// Places in the queues (`%sq/%bq`).
    pub ahead: Ahead,
    /// The request line (`%r`); `<BADREQ>` if none was understood.
    pub request: Option<RequestLine<'a>>,
    /// `option logasap`: lines are written as soon as may be, so that total time and bytes have a `+`,
    /// on every line.
    pub asap: bool,
}

/// What was captured of an exchange's messages.
#[derive(Clone, Copy, Debug, Default)]
pub struct Captured<'a> {
    /// `%hr`: by slot.
    pub request: &'a [Option<Vec<u8>>],
    /// `%hs`: by slot.
    pub response: &'a [Option<Vec<u8>>],
    /// `%CC`
    pub request_cookie: Option<&'a [u8]>,
    /// `%CS`
    pub response_cookie: Option<&'a [u8]>,
}

/// A client in a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// Over IP.
    Ip(SocketAddr),
    /// On a Unix socket: the `id` of its `bind` line.
    Unix(u32),
}

/// How long things took, milliseconds; `None`, logged as -1, where they did not come to an end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timers {
    /// `%Th`: the handshakes in front of everything.
    pub handshake: u64,
    /// `%TR`: from the first byte of the request to the end of its head, and of what its rules waited for.
    pub request: Option<u64>,
    /// `%Tw`: in queues.
    pub queue: Option<u64>,
    /// `%Tc`: connecting, all attempts together.
    pub connect: Option<u64>,
    /// `%Tr`: from the connection to the end of the response's head.
    pub response: Option<u64>,
    /// `%Ta`: from the first byte of the request until now.
    pub active: u64,
    /// `%Tt`: from the acceptance of the connection, or the end of the request before, until now.
    pub total: u64,
}

impl Timers {
    /// The timers of an exchange that is logged now.
    pub fn new(times: &Times, now: Instant) -> Self {
        let between = |from: Option<Instant>, to: Option<Instant>| Some(millis(from?, to?));
        Self {
            handshake: 0,
            request: between(Some(times.begun), times.head),
            // Without a head (TCP) the connection is queued as soon as it is known whose it is.
            queue: between(times.head.or(Some(times.idle_from)), times.assigned),
            connect: between(times.assigned, times.connected),
            response: between(times.connected, times.response),
            active: millis(times.begun, now),
            total: millis(times.accepted, now),
        }
    }
}

fn millis(from: Instant, to: Instant) -> u64 {
    u64::try_from(to.since(from).as_millis()).unwrap_or(u64::MAX)
}

/// Connections at the time of logging.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// `%ac`: of the process.
    pub process: u32,
    /// `%fc`: of the frontend.
    pub frontend: u32,
    /// `%bc`: of the backend, waiting ones included.
    pub backend: u32,
    /// `%sc`: of the server.
    pub server: u32,
}

/// A request line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestLine<'a> {
    /// The method.
    pub method: &'a [u8],
    /// The request-target.
    pub target: &'a [u8],
    /// The version.
    pub version: Version,
}

impl<'a> RequestLine<'a> {
    /// The request line of a request's head.
    pub fn of(head: &'a Head) -> Self {
        Self {
            method: head.method(),
            target: head.target(),
            version: head.version,
        }
    }
}
