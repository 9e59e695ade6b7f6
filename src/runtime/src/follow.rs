//! The messages of a ring, as they are and as they come (`show events`).

use crate::view::View;
use alloc::vec::Vec;
use session::ring::{Place, Read};
use session::settings::RingIndex;

/// A ring that is being shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Follow {
    pub(crate) ring: RingIndex,
    pub(crate) place: Place,
    /// `-w`: until the client says something.
    pub(crate) waits: bool,
    /// What stands behind each message: a line feed, or zero with `-0`.
    pub(crate) end: u8,
}

/// What there was to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// A message, and maybe another.
    More,
    /// Nothing, and no more is waited for.
    End,
    /// Nothing yet.
    WaitsForMore,
}

impl Follow {
    /// Shows the next message. What is gone before it was shown is nobody's loss: a ring forgets.
    pub(crate) fn step(&mut self, view: &dyn View, out: &mut Vec<u8>) -> Found {
        match view.rings()[self.ring.0 as usize].read(&mut self.place, out) {
            Read::Message => {
                out.push(self.end);
                Found::More
            }
            Read::Missed(_) => Found::More,
            Read::End if self.waits => Found::WaitsForMore,
            Read::End => Found::End,
        }
    }

    /// What it waits for, if it does.
    pub(crate) fn awaits(&self) -> Option<(RingIndex, Place)> {
        self.waits.then_some((self.ring, self.place))
    }
}
