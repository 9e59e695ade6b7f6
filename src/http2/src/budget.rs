//! What a peer may make us do for nothing (rapid reset, resets that it makes us send, floods of
//! SETTINGS, PING and empty DATA).
//!
//! Cheap frames cost points, work that serves somebody earns them back. A connection without points is
//! ended. Points are counted, not timed: a replay ends at the same frame.

/// The points of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Budget {
    left: u32,
    /// What only a broken or hostile peer does, counted.
    glitches: u32,
}

/// What costs points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cost {
    /// PING, PRIORITY, WINDOW_UPDATE, or a frame of an unknown type.
    Cheap,
    /// SETTINGS, of so many: it is answered and may touch every stream.
    Settings { count: u32 },
    /// A header block in so many pieces, most of them small.
    Pieces { count: u32 },
    /// DATA with nothing in it, and not the end.
    EmptyData,
    /// The peer reset a stream that was not answered (rapid reset).
    Reset,
    /// The peer made us reset a stream (MadeYouReset), or a stream was refused.
    MadeUsReset,
}

/// What earns points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gain {
    /// A stream came to its proper end.
    Stream,
    /// So many bytes of bodies were received or sent.
    Bytes(usize),
}

impl Budget {
    pub(crate) fn new() -> Self {
        Self {
            left: POINTS_MAX,
            glitches: 0,
        }
    }

    /// Says whether there are points left.
    #[must_use]
    pub(crate) fn spend(&mut self, cost: Cost) -> bool {
        let (points, glitches) = match cost {
            Cost::Cheap => (1, 0),
            Cost::Settings { count } => (2 + count / SETTINGS_PER_POINT, 0),
            Cost::EmptyData => (4, 1),
            Cost::Reset => (10, 1),
            Cost::MadeUsReset => (20, 1),
            Cost::Pieces { count } => (count, count.div_ceil(PIECES_PER_GLITCH)),
        };
        self.glitches = self.glitches.saturating_add(glitches);
        self.left = self.left.saturating_sub(points);
        self.left > 0
    }

    /// Glitches so far.
    pub(crate) fn glitches(&self) -> u32 {
        self.glitches
    }

    pub(crate) fn earn(&mut self, gain: Gain) {
        let points = match gain {
            Gain::Stream => 10,
            Gain::Bytes(bytes) => (bytes / BYTES_PER_POINT) as u32,
        };
        self.left = self.left.saturating_add(points).min(POINTS_MAX);
    }
}

/// Points of a new connection, and the most there can be: a thousand streams given up at once, as by
/// somebody who closes every tab.
const POINTS_MAX: u32 = 10_000;
/// Settings that a peer has no use for in one frame.
const SETTINGS_PER_POINT: u32 = 8;
/// Pieces of a header block that are one glitch, as in HAProxy.
const PIECES_PER_GLITCH: u32 = 16;
/// Bytes of a body that earn a point: a frame that carries less is not worth a WINDOW_UPDATE.
const BYTES_PER_POINT: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resets_without_an_answer_end_the_connection_and_served_streams_do_not() {
        let mut budget = Budget::new();
        for _ in 0..100_000 {
            assert!(budget.spend(Cost::Reset));
            budget.earn(Gain::Stream);
        }
        let resets = (0..).take_while(|_| budget.spend(Cost::Reset)).count();
        assert_eq!(resets, 999);
    }
}
