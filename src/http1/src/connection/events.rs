//! What is to be told to the owner, in a form that needs no queue.

use crate::Violation;
use message::{Ending, Event, Fault, Reset, StreamId};

/// Events that are due. Each kind happens at most once at a time, so a set of bits is enough; they are
/// told in the order of the bits.
#[derive(Debug, Default)]
pub(super) struct Due {
    bits: u8,
    cause: Cause,
    ending: End,
    told: bool,
    violation: Option<(Violation, u32)>,
}

#[derive(Clone, Copy, Debug, Default)]
enum Cause {
    #[default]
    Aborted,
    Raced,
    Broken,
}

/// Why the connection is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum End {
    #[default]
    Clean,
    PeerGone,
    /// With the violation that was noted.
    Broken,
}

impl Due {
    pub(super) fn opened(&mut self) {
        self.bits |= OPENED;
    }

    pub(super) fn readable(&mut self) {
        self.bits |= READABLE;
    }

    pub(super) fn writable(&mut self) {
        self.bits |= WRITABLE;
    }

    pub(super) fn half_closed(&mut self) {
        self.bits |= HALF_CLOSED;
    }

    /// Notes what was wrong; the first violation counts.
    pub(super) fn note(&mut self, violation: Violation, offset: u32) {
        self.violation.get_or_insert((violation, offset));
    }

    /// The head at hand is no head; see [`Due::note`].
    pub(super) fn malformed(&mut self) {
        self.bits = self.bits & !READABLE | MALFORMED;
    }

    pub(super) fn aborted(&mut self) {
        self.reset(Cause::Aborted);
    }

    pub(super) fn raced(&mut self) {
        self.reset(Cause::Raced);
    }

    /// The body at hand is broken; see [`Due::note`].
    pub(super) fn broken(&mut self) {
        self.reset(Cause::Broken);
    }

    fn reset(&mut self, cause: Cause) {
        self.cause = cause;
        self.bits = self.bits & !(READABLE | WRITABLE | HALF_CLOSED) | RESET;
    }

    /// The exchange at hand is complete: nothing about reading or writing is worth telling any more.
    /// It must have the number before the one that [`Due::next`] is given.
    pub(super) fn done(&mut self) {
        self.bits = self.bits & !(READABLE | WRITABLE | HALF_CLOSED) | DONE;
    }

    /// How the connection ended; told with [`Due::finished`].
    pub(super) fn ending(&mut self, end: End) {
        self.ending = end;
    }

    /// The transport can go; told once.
    pub(super) fn finished(&mut self) {
        if !self.told {
            self.told = true;
            self.bits |= FINISHED;
        }
    }

    pub(super) fn violation(&self) -> Option<Violation> {
        self.violation.map(|(violation, _)| violation)
    }

    /// Whether there is one.
    pub(super) fn is_any(&self) -> bool {
        self.bits != 0
    }

    /// The next event; `stream` is the exchange at hand.
    pub(super) fn next(&mut self, stream: StreamId) -> Option<Event> {
        if self.bits == 0 {
            return None;
        }
        let bit = self.bits & self.bits.wrapping_neg();
        self.bits &= !bit;
        Some(match bit {
            DONE => Event::Done(StreamId(stream.0 - 1)),
            OPENED => Event::Opened(stream),
            READABLE => Event::Readable(stream),
            MALFORMED => Event::Malformed(stream, self.fault()),
            RESET => Event::Reset(
                stream,
                match self.cause {
                    Cause::Aborted => Reset::Aborted,
                    Cause::Raced => Reset::Raced,
                    Cause::Broken => Reset::Broken(self.fault()),
                },
            ),
            WRITABLE => Event::Writable(stream),
            HALF_CLOSED => Event::HalfClosed,
            FINISHED => Event::Finished(match self.ending {
                End::Clean => Ending::Clean,
                End::PeerGone => Ending::PeerGone,
                End::Broken => Ending::Broken(self.fault()),
            }),
            _ => return None,
        })
    }

    /// Only a noted violation makes an event that needs one due.
    fn fault(&self) -> Fault {
        let (violation, offset) = self.violation.unwrap_or((Violation::Unsolicited, 0));
        violation.fault(offset)
    }
}

const DONE: u8 = 1;
const OPENED: u8 = 2;
const READABLE: u8 = 4;
const MALFORMED: u8 = 8;
const RESET: u8 = 16;
const WRITABLE: u8 = 32;
const HALF_CLOSED: u8 = 64;
const FINISHED: u8 = 128;
