//! How the streams that are gone were closed, as far as it is of use.

use crate::stream::Closed;
use message::StreamId;

/// The last streams that were closed, and the last numbers that were passed over.
#[derive(Debug)]
pub(super) struct ClosedStreams {
    /// Rings: number, and how.
    numbers: [u32; CLOSED_MAX],
    hows: [Closed; CLOSED_MAX],
    next: usize,
    /// A ring of ranges, both ends left out.
    passed: [(u32, u32); PASSED_MAX],
    next_passed: usize,
}

impl Default for ClosedStreams {
    fn default() -> Self {
        Self {
            numbers: [0; CLOSED_MAX],
            hows: [Closed::Ended; CLOSED_MAX],
            next: 0,
            passed: [(0, 0); PASSED_MAX],
            next_passed: 0,
        }
    }
}

impl ClosedStreams {
    /// A stream was closed.
    pub(super) fn note(&mut self, id: StreamId, how: Closed) {
        self.numbers[self.next] = id.0 as u32;
        self.hows[self.next] = how;
        self.next = (self.next + 1) % CLOSED_MAX;
    }

    /// A stream that was closed before is closed in another way now. However often its peer says so, no
    /// other is forgotten for it.
    pub(super) fn note_again(&mut self, id: StreamId, how: Closed) {
        let number = id.0 as u32;
        match self.numbers.iter().position(|known| *known == number) {
            Some(at) => self.hows[at] = how,
            None => self.note(id, how),
        }
    }

    /// A stream was opened; the numbers since the one before are closed with it (RFC 9113 §5.1.1).
    pub(super) fn pass(&mut self, before: StreamId, opened: StreamId) {
        let (from, to) = (before.0 as u32, opened.0 as u32);
        // The first number is 1, and every other belongs to this side.
        if to > from.saturating_add(2) || (from == 0 && to > 1) {
            self.passed[self.next_passed] = (from, to);
            self.next_passed = (self.next_passed + 1) % PASSED_MAX;
        }
    }

    /// How a stream was closed. Of one that is long gone nobody knows: what comes on it is taken for
    /// late.
    pub(super) fn how(&self, id: StreamId) -> Closed {
        let number = id.0 as u32;
        let newest_first =
            (1..=CLOSED_MAX).map(|back| (self.next + CLOSED_MAX - back) % CLOSED_MAX);
        for at in newest_first {
            if self.numbers[at] == number {
                return self.hows[at];
            }
        }
        let passed = |(from, to): &(u32, u32)| *from < number && number < *to;
        if self.passed.iter().any(passed) {
            Closed::PassedOver
        } else {
            Closed::ResetByUs
        }
    }
}

/// Closed streams of which is known how they were closed.
const CLOSED_MAX: usize = 32;
/// Gaps in the numbers of streams of which is known that they were one.
const PASSED_MAX: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_are_known_and_older_ones_taken_for_reset() {
        let mut closed = ClosedStreams::default();
        for id in 0..100 {
            closed.note(StreamId(2 * id + 1), Closed::Ended);
        }
        assert_eq!(closed.how(StreamId(199)), Closed::Ended);
        assert_eq!(closed.how(StreamId(137)), Closed::Ended);
        assert_eq!(closed.how(StreamId(135)), Closed::ResetByUs);
        for _ in 0..CLOSED_MAX {
            closed.note_again(StreamId(199), Closed::ResetByPeer);
        }
        assert_eq!(closed.how(StreamId(199)), Closed::ResetByPeer);
        assert_eq!(closed.how(StreamId(137)), Closed::Ended);
        closed.note_again(StreamId(1), Closed::ResetByPeer);
        assert_eq!(closed.how(StreamId(1)), Closed::ResetByPeer);
        assert_eq!(closed.how(StreamId(137)), Closed::ResetByUs);
    }

    #[test]
    fn numbers_that_were_passed_over_are_told_from_streams_that_were() {
        let mut closed = ClosedStreams::default();
        closed.pass(StreamId(0), StreamId(1));
        closed.pass(StreamId(1), StreamId(3));
        closed.pass(StreamId(3), StreamId(9));
        assert_eq!(closed.how(StreamId(1)), Closed::ResetByUs);
        assert_eq!(closed.how(StreamId(5)), Closed::PassedOver);
        let mut closed = ClosedStreams::default();
        closed.pass(StreamId(0), StreamId(5));
        assert_eq!(closed.how(StreamId(3)), Closed::PassedOver);
    }
}
