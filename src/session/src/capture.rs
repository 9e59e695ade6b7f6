//! The last invalid message of each side of a proxy, kept for `show errors`.

use crate::settings::ProxyIndex;
use alloc::boxed::Box;
use balance::ServerIndex;
use base::Instant;
use core::net::SocketAddr;

/// Which way an invalid message came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// A request, shown with the frontend.
    Request,
    /// A response, shown with the backend.
    Response,
}

/// A message that broke HTTP's grammar, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capture {
    /// Its number in the process, from 0.
    pub event: u64,
    /// When the error was found.
    pub at: Instant,
    /// Which way it came.
    pub direction: Direction,
    /// Where the client came in.
    pub frontend: ProxyIndex,
    /// The backend, if one was chosen.
    pub backend: Option<ProxyIndex>,
    /// The server, if one was chosen.
    pub server: Option<ServerIndex>,
    /// The client's address; `None` on a Unix socket.
    pub source: Option<SocketAddr>,
    /// What is wrong, in a few words.
    pub reason: &'static str,
    /// The message's first [`CAPTURE_BYTES_MAX`] bytes.
    pub bytes: Box<[u8]>,
    /// Where in the message the error is; may lie beyond what was kept.
    pub position: u64,
}

impl Capture {
    /// The proxy that shows it.
    pub fn owner(&self) -> ProxyIndex {
        match self.direction {
            Direction::Request => self.frontend,
            Direction::Response => self.backend.unwrap_or(self.frontend),
        }
    }
}

/// What is kept of an invalid message, bytes: a whole buffer of the default size.
pub const CAPTURE_BYTES_MAX: usize = 16384;
