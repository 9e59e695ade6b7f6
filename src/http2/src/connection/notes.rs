//! What the owner is to be told, small: many wait at a time.

use crate::Violation;
use alloc::collections::VecDeque;
use message::{Event, Reset, StreamId};

/// [`Event`]s in the order they happened.
#[derive(Debug, Default)]
pub(super) struct Notes(VecDeque<Note>);

/// The streams' numbers have 31 bits.
#[derive(Clone, Copy, Debug)]
enum Note {
    Opened(u32),
    Readable(u32),
    Writable(u32),
    Malformed(u32, Violation),
    Broken(u32, Violation),
    Told(u32, u32),
    Aborted(u32),
    Refused(u32),
    Raced(u32),
    Rejected(u32, Violation),
    Done(u32),
    HalfClosed,
}

impl Notes {
    pub(super) fn opened(&mut self, id: StreamId) {
        self.0.push_back(Note::Opened(id.0 as u32));
    }

    pub(super) fn readable(&mut self, id: StreamId) {
        self.0.push_back(Note::Readable(id.0 as u32));
    }

    pub(super) fn writable(&mut self, id: StreamId) {
        self.0.push_back(Note::Writable(id.0 as u32));
    }

    pub(super) fn malformed(&mut self, id: StreamId, violation: Violation) {
        self.0.push_back(Note::Malformed(id.0 as u32, violation));
    }

    pub(super) fn rejected(&mut self, id: StreamId, violation: Violation) {
        self.0.push_back(Note::Rejected(id.0 as u32, violation));
    }

    pub(super) fn done(&mut self, id: StreamId) {
        self.0.push_back(Note::Done(id.0 as u32));
    }

    pub(super) fn half_closed(&mut self) {
        self.0.push_back(Note::HalfClosed);
    }

    pub(super) fn reset(&mut self, id: StreamId, why: Why) {
        let id = id.0 as u32;
        self.0.push_back(match why {
            Why::Broken(violation) => Note::Broken(id, violation),
            Why::Told(code) => Note::Told(id, code),
            Why::Aborted => Note::Aborted(id),
            Why::Refused => Note::Refused(id),
            Why::Raced => Note::Raced(id),
        });
    }

    /// Keeps no more room than an idle connection needs.
    pub(super) fn shrink(&mut self) {
        self.0.shrink_to(NOTES_KEPT_MAX);
    }

    pub(super) fn pop(&mut self) -> Option<Event> {
        let note = self.0.pop_front()?;
        let stream = |id: u32| StreamId(u64::from(id));
        let reset = |id, reset| Event::Reset(stream(id), reset);
        Some(match note {
            Note::Opened(id) => Event::Opened(stream(id)),
            Note::Readable(id) => Event::Readable(stream(id)),
            Note::Writable(id) => Event::Writable(stream(id)),
            Note::Malformed(id, it) => Event::Malformed(stream(id), it.fault(stream(id))),
            Note::Rejected(id, it) => Event::Rejected(it.fault(stream(id))),
            Note::Broken(id, it) => reset(id, Reset::Broken(it.fault(stream(id)))),
            Note::Told(id, code) => reset(id, Reset::Told(message::Code(code))),
            Note::Aborted(id) => reset(id, Reset::Aborted),
            Note::Refused(id) => reset(id, Reset::Refused),
            Note::Raced(id) => reset(id, Reset::Raced),
            Note::Done(id) => Event::Done(stream(id)),
            Note::HalfClosed => Event::HalfClosed,
        })
    }
}

/// Why a stream ended before its time.
#[derive(Clone, Copy, Debug)]
pub(super) enum Why {
    Broken(Violation),
    /// An error code.
    Told(u32),
    Aborted,
    Refused,
    Raced,
}

/// Notes for which an idle connection keeps room.
const NOTES_KEPT_MAX: usize = 16;
