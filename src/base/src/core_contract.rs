//! The contract of a core.

use crate::{Deadline, Instant};

/// A pure state machine: inputs, the time and a seed go in; outputs and one deadline come out.
///
/// `handle` cannot fail: a broken peer is an output. Five laws hold for every core, and
/// `proptests` checks each of them with one generic test:
///
/// - *replay*: the same seed and inputs give the same outputs;
/// - *splitting*: however bytes are cut, the outputs are the same;
/// - *quiet*: outputs end, and after `handle_timeout(t)` the deadline is `None` or later than `t`;
/// - *early timeouts are free*: a `handle_timeout` before the deadline changes nothing;
/// - *silence after the end*: a core that has ended says nothing more.
pub trait Core {
    /// What the core is told.
    type Input<'a>;
    /// What the core wants done.
    type Output;

    /// Takes in one input.
    fn handle(&mut self, now: Instant, input: Self::Input<'_>);
    /// Takes in the passing of time.
    fn handle_timeout(&mut self, now: Instant);
    /// When `handle_timeout` is due, and which timer asks.
    fn poll_timeout(&self) -> Option<Deadline>;
    /// What must be done next; drained until `None`.
    fn poll_output(&mut self) -> Option<Self::Output>;
}
