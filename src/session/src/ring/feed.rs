//! The messages of a ring on their way to a server that reads a stream.

use super::{Place, Read};
use crate::log::put_framed;
use crate::settings::Framing;
use alloc::collections::VecDeque;
use alloc::vec::Vec;

/// What one server was sent of a ring, over however many connections.
///
/// A message that a connection broke off is sent again, whole, on the next; one that was written is the
/// system's.
#[derive(Debug)]
pub struct Feed {
    place: Place,
    framing: Framing,
    out: Vec<u8>,
    /// Bytes of `out` that were written.
    written: usize,
    /// Where the messages of `out` end that were not written to their ends.
    ends: VecDeque<usize>,
    /// Where the first of them begins.
    begin: usize,
    message: Vec<u8>,
}

impl Feed {
    /// Nothing was sent yet that is behind `place`.
    pub fn new(place: Place, framing: Framing) -> Self {
        Self {
            place,
            framing,
            out: Vec::new(),
            written: 0,
            ends: VecDeque::new(),
            begin: 0,
            message: Vec::new(),
        }
    }

    /// How far it has read.
    pub fn place(&self) -> Place {
        self.place
    }

    /// Takes from the ring, by `read`, about as much as one write can carry; nothing while some of that
    /// waits. How many messages were gone before they were read.
    pub fn fill(&mut self, mut read: impl FnMut(&mut Place, &mut Vec<u8>) -> Read) -> u64 {
        let mut missed = 0;
        if !self.ends.is_empty() {
            return missed;
        }
        while self.out.len() < BATCH_BYTES_LOW {
            self.message.clear();
            match read(&mut self.place, &mut self.message) {
                Read::Message => {
                    put_framed(&mut self.out, self.framing, &self.message);
                    self.ends.push_back(self.out.len());
                }
                Read::Missed(count) => missed += count,
                Read::End => break,
            }
        }
        missed
    }

    /// What is to be written next.
    pub fn pending(&self) -> &[u8] {
        &self.out[self.written..]
    }

    /// The first `count` bytes of it were written.
    pub fn written(&mut self, count: usize) {
        self.written += count;
        while let Some(end) = self.ends.pop_front_if(|end| *end <= self.written) {
            self.begin = end;
        }
        if self.ends.is_empty() {
            self.out.clear();
            self.written = 0;
            self.begin = 0;
        }
    }

    /// The connection is gone.
    pub fn disconnected(&mut self) {
        self.written = self.begin;
    }
}

/// With so much to be written, nothing more is taken from the ring.
const BATCH_BYTES_LOW: usize = 16_384;

#[cfg(test)]
mod tests {
    use super::Feed;
    use crate::ring::Ring;
    use crate::settings::Framing;
    use alloc::string::String;
    use alloc::vec::Vec;
    use base::Rng;

    fn fill(feed: &mut Feed, ring: &Ring) -> u64 {
        feed.fill(|place, out| ring.read(place, out))
    }

    #[test]
    fn a_message_that_was_broken_off_is_sent_again_from_its_beginning() {
        let mut ring = Ring::new(1024);
        let mut feed = Feed::new(ring.oldest(), Framing::Counted);
        for message in ["one", "two", "three"] {
            ring.push(message.as_bytes());
        }
        assert_eq!(fill(&mut feed, &ring), 0);
        assert_eq!(feed.pending(), b"3 one3 two5 three");
        feed.written(7);
        feed.disconnected();
        assert_eq!(feed.pending(), b"3 two5 three");
        feed.written(5);
        feed.disconnected();
        assert_eq!(feed.pending(), b"5 three");
        feed.written(7);
        assert_eq!(feed.pending(), b"");
        assert_eq!(fill(&mut feed, &ring), 0);
        assert_eq!(feed.pending(), b"");
    }

    #[test]
    fn messages_that_came_while_the_server_was_slow_are_missed_and_counted() {
        let mut ring = Ring::new(16);
        let mut feed = Feed::new(ring.oldest(), Framing::Lines);
        ring.push(b"1111");
        fill(&mut feed, &ring);
        for message in ["2222", "3333", "4444"] {
            ring.push(message.as_bytes());
        }
        // What waits was taken already.
        assert_eq!(fill(&mut feed, &ring), 0);
        feed.written(5);
        assert_eq!(fill(&mut feed, &ring), 1);
        assert_eq!(feed.pending(), b"3333\n4444\n");
    }

    #[test]
    fn however_writes_are_cut_every_message_comes_once_and_in_order() {
        let mut rng = Rng::new([7; 32]);
        for _ in 0..50 {
            let mut ring = Ring::new(1 << 20);
            let mut feed = Feed::new(ring.oldest(), Framing::Lines);
            let (mut sent, mut expected) = (Vec::new(), Vec::new());
            for number in 0..200 {
                let message = alloc::format!("message {number}");
                ring.push(message.as_bytes());
                expected.extend_from_slice(message.as_bytes());
                expected.push(b'\n');
                fill(&mut feed, &ring);
                let count = rng.below(feed.pending().len() as u64 + 1) as usize;
                sent.extend_from_slice(&feed.pending()[..count]);
                feed.written(count);
            }
            loop {
                fill(&mut feed, &ring);
                if feed.pending().is_empty() {
                    break;
                }
                let count = 1 + rng.below(feed.pending().len() as u64) as usize;
                sent.extend_from_slice(&feed.pending()[..count]);
                feed.written(count);
            }
            assert_eq!(String::from_utf8(sent), String::from_utf8(expected));
        }
    }
}
