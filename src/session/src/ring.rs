//! A ring: the last messages, as many as fit; the oldest make room for new ones.

mod feed;

pub use feed::Feed;

use alloc::collections::VecDeque;
use alloc::vec::Vec;

/// The last messages, bounded in bytes.
///
/// Nobody is waited for. Each reader has a [`Place`] of its own and learns how many messages it was too
/// late for.
#[derive(Debug)]
pub struct Ring {
    /// Messages, each behind its length.
    bytes: VecDeque<u8>,
    bytes_max: usize,
    /// Before the oldest message.
    start: Place,
    /// Behind the newest.
    end: Place,
}

/// A place between two messages of a ring, counted from the first that ever was in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    byte: u64,
    message: u64,
}

/// What a reader finds at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// A message; the place is behind it now.
    Message,
    /// So many messages are gone that it had not read yet; the place is before the oldest now.
    Missed(u64),
    /// Nothing yet.
    End,
}

impl Ring {
    /// An empty ring of at most `bytes_max` bytes, lengths included.
    pub fn new(bytes_max: usize) -> Self {
        Self {
            bytes: VecDeque::new(),
            bytes_max,
            start: Place::default(),
            end: Place::default(),
        }
    }

    /// Takes a message in, in place of as many of the oldest as it needs the room of. False if it is
    /// larger than the ring.
    pub fn push(&mut self, message: &[u8]) -> bool {
        let size = LENGTH_BYTES.saturating_add(message.len());
        let Ok(length) = u32::try_from(message.len()) else {
            return false;
        };
        if size > self.bytes_max {
            return false;
        }
        while self.bytes.len() + size > self.bytes_max {
            self.drop_oldest();
        }
        self.bytes.extend(length.to_le_bytes());
        self.bytes.extend(message);
        self.end = self.end.behind(size);
        true
    }

    /// Before the oldest message.
    pub fn oldest(&self) -> Place {
        self.start
    }

    /// Behind the newest message.
    pub fn newest(&self) -> Place {
        self.end
    }

    /// Appends the message at `place` to `out`, if there is one.
    pub fn read(&self, place: &mut Place, out: &mut Vec<u8>) -> Read {
        if *place < self.start {
            let missed = self.start.message - place.message;
            *place = self.start;
            return Read::Missed(missed);
        }
        if *place >= self.end {
            return Read::End;
        }
        let at = (place.byte - self.start.byte) as usize;
        let length = self.length_at(at);
        let from = at + LENGTH_BYTES;
        out.extend(self.bytes.range(from..from + length));
        *place = place.behind(LENGTH_BYTES + length);
        Read::Message
    }

    fn drop_oldest(&mut self) {
        let size = LENGTH_BYTES + self.length_at(0);
        self.bytes.drain(..size);
        self.start = self.start.behind(size);
    }

    fn length_at(&self, at: usize) -> usize {
        let mut length = [0; LENGTH_BYTES];
        for (to, from) in length.iter_mut().zip(self.bytes.range(at..)) {
            *to = *from;
        }
        u32::from_le_bytes(length) as usize
    }
}

impl Place {
    /// Behind a message of `size` bytes, its length included.
    fn behind(self, size: usize) -> Self {
        Self {
            byte: self.byte + size as u64,
            message: self.message + 1,
        }
    }
}

/// What a message takes in a ring beside its bytes.
pub const LENGTH_BYTES: usize = 4;

#[cfg(test)]
mod tests {
    use super::{Place, Read, Ring};
    use alloc::string::String;
    use alloc::vec::Vec;

    fn next(ring: &Ring, place: &mut Place) -> (Read, String) {
        let mut out = Vec::new();
        let read = ring.read(place, &mut out);
        (read, String::from_utf8(out).expect("text"))
    }

    #[test]
    fn messages_are_read_in_their_order_and_only_once() {
        let mut ring = Ring::new(64);
        let mut place = ring.oldest();
        assert_eq!(next(&ring, &mut place), (Read::End, "".into()));
        assert!(ring.push(b"one") && ring.push(b"") && ring.push(b"three"));
        assert_eq!(next(&ring, &mut place), (Read::Message, "one".into()));
        assert_eq!(next(&ring, &mut place), (Read::Message, "".into()));
        assert_eq!(next(&ring, &mut place), (Read::Message, "three".into()));
        assert_eq!(next(&ring, &mut place), (Read::End, "".into()));
        assert_eq!(place, ring.newest());
    }

    #[test]
    fn the_oldest_goes_first_and_its_reader_learns_of_it() {
        let mut ring = Ring::new(16);
        let mut place = ring.oldest();
        for message in ["1111", "2222", "3333", "4444"] {
            assert!(ring.push(message.as_bytes()));
        }
        assert_eq!(next(&ring, &mut place), (Read::Missed(2), "".into()));
        assert_eq!(next(&ring, &mut place), (Read::Message, "3333".into()));
        assert_eq!(next(&ring, &mut place), (Read::Message, "4444".into()));
        assert_eq!(next(&ring, &mut place), (Read::End, "".into()));
    }

    #[test]
    fn a_message_larger_than_the_ring_is_refused_and_displaces_none() {
        let mut ring = Ring::new(16);
        assert!(ring.push(b"small"));
        assert!(!ring.push(b"thirteen byte"));
        let mut place = ring.oldest();
        assert_eq!(next(&ring, &mut place), (Read::Message, "small".into()));
        assert!(ring.push(b"twelve bytes"));
        assert_eq!(
            next(&ring, &mut place),
            (Read::Message, "twelve bytes".into())
        );
    }
}
