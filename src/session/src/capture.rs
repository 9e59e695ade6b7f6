//! The last invalid message of each side of a proxy, kept for `show errors`.

use crate::settings::ProxyIndex;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use balance::ServerIndex;
use base::Instant;
use core::net::SocketAddr;
use core::sync::atomic::{AtomicU64, Ordering};
use spin::Mutex;

/// Which way an invalid message came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// A request, shown with the frontend.
    Request,
    /// A response, shown with the backend.
    Response,
}

/// A message that broke HTTP's grammar, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capture {
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
    /// Part of the message.
    pub bytes: Vec<u8>,
    /// Where in the message `bytes` begin.
    pub start: u32,
    /// Where in the message the error is.
    pub position: u32,
}

impl Capture {
    /// The proxy that shows it.
    fn owner(&self) -> ProxyIndex {
        match self.direction {
            Direction::Request => self.frontend,
            Direction::Response => self.backend.unwrap_or(self.frontend),
        }
    }
}

/// The last captures of all proxies, shared by the workers: at most two a proxy. Whoever makes the
/// proxy keep one has broken the protocol, so that the lock is not on the path of a good request.
#[derive(Debug, Default)]
pub struct Captures {
    last: Mutex<BTreeMap<(ProxyIndex, Direction), Event>>,
    count: AtomicU64,
}

/// A capture and its number in the process, from 0.
pub type Event = (u64, Arc<Capture>);

impl Captures {
    /// Keeps `capture` in place of the one before.
    pub fn keep(&self, capture: Capture) {
        let key = (capture.owner(), capture.direction);
        let event = self.count.fetch_add(1, Ordering::Relaxed);
        self.last.lock().insert(key, (event, Arc::new(capture)));
    }

    /// The last one that a proxy shows.
    pub fn last(&self, proxy: ProxyIndex, direction: Direction) -> Option<Event> {
        self.last.lock().get(&(proxy, direction)).cloned()
    }

    /// How many there were.
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::{Capture, Captures, Direction};
    use crate::settings::ProxyIndex;
    use alloc::vec::Vec;
    use base::Instant;

    fn capture(direction: Direction, backend: Option<u32>, position: u32) -> Capture {
        Capture {
            at: Instant::ZERO,
            direction,
            frontend: ProxyIndex(0),
            backend: backend.map(ProxyIndex),
            server: None,
            source: None,
            reason: "",
            bytes: Vec::new(),
            start: 0,
            position,
        }
    }

    #[test]
    fn the_last_of_each_side_is_kept_with_its_number() {
        let captures = Captures::default();
        captures.keep(capture(Direction::Request, Some(1), 10));
        captures.keep(capture(Direction::Request, None, 20));
        captures.keep(capture(Direction::Response, Some(1), 30));
        let last = |proxy, direction| {
            let (event, capture) = captures.last(ProxyIndex(proxy), direction)?;
            Some((event, capture.position))
        };
        assert_eq!(last(0, Direction::Request), Some((1, 20)));
        assert_eq!(last(1, Direction::Request), None);
        assert_eq!(last(1, Direction::Response), Some((2, 30)));
        assert_eq!(captures.count(), 3);
    }
}
