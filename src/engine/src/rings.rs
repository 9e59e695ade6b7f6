//! The rings of a process: who writes to them, who reads, who waits.

use alloc::vec::Vec;
use core::sync::atomic::{AtomicU64, Ordering};
use core::task::Waker;
use session::ring::{Place, Read, Ring};
use session::settings::RingSettings;
use spin::Mutex;

/// A ring that all workers write to. The lock is held for one message.
#[derive(Debug)]
pub struct SharedRing {
    inner: Mutex<Inner>,
    dropped: AtomicU64,
}

#[derive(Debug)]
struct Inner {
    ring: Ring,
    /// Readers who have read everything.
    waiting: Vec<Waker>,
}

impl SharedRing {
    pub(crate) fn new(settings: &RingSettings) -> Self {
        Self {
            inner: Mutex::new(Inner {
                ring: Ring::new(settings.bytes_max as usize),
                waiting: Vec::new(),
            }),
            dropped: AtomicU64::new(0),
        }
    }

    /// Takes a message in; the end of its line is not kept. False if it is too large, which is counted.
    pub fn push(&self, message: &[u8]) -> bool {
        let message = message.strip_suffix(b"\n").unwrap_or(message);
        let mut inner = self.inner.lock();
        let taken = inner.ring.push(message);
        let waiting = match taken {
            true => core::mem::take(&mut inner.waiting),
            false => Vec::new(),
        };
        drop(inner);
        if !taken {
            self.note_missed(1);
        }
        for reader in waiting {
            reader.wake();
        }
        taken
    }

    /// Before the oldest message.
    pub fn oldest(&self) -> Place {
        self.inner.lock().ring.oldest()
    }

    /// Behind the newest message.
    pub fn newest(&self) -> Place {
        self.inner.lock().ring.newest()
    }

    /// Appends the message at `place` to `out`, if there is one.
    pub fn read(&self, place: &mut Place, out: &mut Vec<u8>) -> Read {
        self.inner.lock().ring.read(place, out)
    }

    /// Whether there is something to read at `place`; if not, `reader` is woken once there is.
    pub fn has_news(&self, place: Place, reader: &Waker) -> bool {
        let mut inner = self.inner.lock();
        if inner.ring.newest() > place {
            return true;
        }
        let known = inner.waiting.iter().any(|other| other.will_wake(reader));
        if known {
            return false;
        }
        // Those who have left are still among them: who is there looks once more than needed.
        let many = match inner.waiting.len() == WAITING_MAX {
            true => core::mem::take(&mut inner.waiting),
            false => Vec::new(),
        };
        inner.waiting.push(reader.clone());
        drop(inner);
        for reader in many {
            reader.wake();
        }
        false
    }

    /// Messages were gone before they were sent to whom they were for.
    pub fn note_missed(&self, count: u64) {
        self.dropped.fetch_add(count, Ordering::Relaxed);
    }

    /// Messages that were too large, or gone before they were sent to whom they were for.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

/// Readers remembered at once.
const WAITING_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use super::{SharedRing, WAITING_MAX};
    use alloc::sync::Arc;
    use alloc::task::Wake;
    use alloc::vec::Vec;
    use core::sync::atomic::{AtomicU32, Ordering};
    use core::task::Waker;
    use session::ring::Read;
    use session::settings::{RingSettings, SyslogFormat};

    #[derive(Default)]
    struct Woken(AtomicU32);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn ring() -> SharedRing {
        SharedRing::new(&RingSettings {
            name: "r".into(),
            description: "r".into(),
            format: SyslogFormat::Raw,
            len_max: 1024,
            bytes_max: 20,
            connect_timeout: None,
            server_timeout: None,
            servers: Vec::new(),
        })
    }

    fn reader() -> (Arc<Woken>, Waker) {
        let woken = Arc::new(Woken::default());
        (woken.clone(), woken.into())
    }

    #[test]
    fn a_reader_that_waits_is_woken_once_by_a_message_without_its_line_end() {
        let ring = ring();
        let (woken, waker) = reader();
        let mut place = ring.oldest();
        assert!(!ring.has_news(place, &waker));
        assert!(!ring.has_news(place, &waker));
        assert!(ring.push(b"hello\n"));
        assert!(ring.push(b"again\n"));
        assert_eq!(woken.0.load(Ordering::Relaxed), 1);
        assert!(ring.has_news(place, &waker));
        let mut out = Vec::new();
        assert_eq!(ring.read(&mut place, &mut out), Read::Message);
        assert_eq!(out, b"hello");
    }

    #[test]
    fn a_message_that_is_too_large_is_counted_and_wakes_nobody() {
        let ring = ring();
        let (woken, waker) = reader();
        assert!(!ring.has_news(ring.newest(), &waker));
        assert!(!ring.push(&[b'x'; 17]));
        assert_eq!(ring.dropped(), 1);
        assert_eq!(woken.0.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn readers_that_left_are_forgotten_when_there_are_many() {
        let ring = ring();
        let (first, waker) = reader();
        assert!(!ring.has_news(ring.newest(), &waker));
        for _ in 0..WAITING_MAX {
            assert!(!ring.has_news(ring.newest(), &reader().1));
        }
        assert_eq!(first.0.load(Ordering::Relaxed), 1);
        assert!(ring.inner.lock().waiting.len() <= WAITING_MAX);
    }
}
