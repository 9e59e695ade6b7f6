//! Log lines: what is said of an exchange, to whom, and how it is wrapped for the journey.
//!
//! A line is made in three steps, none of which allocates once the caller's buffer has grown:
//! [`LogLines::are_due`] and [`level`] decide whether an exchange is logged at all now, [`write_line`]
//! or a format of the configuration says it, and for each target [`LogLines::told`], [`LogTarget::severity`], a [`Sampler`] and [`write_message`] decide
//! whether the line goes there and put the target's header before it.
//!
//! [`LogLines::are_due`]: crate::settings::LogLines::are_due
//! [`LogLines::told`]: crate::settings::LogLines::told
//! [`LogTarget::severity`]: crate::settings::LogTarget::severity

mod framing;
mod header;
mod intake;
mod line;
mod received;
mod record;
mod rules;
mod sampler;
mod steps;
mod syslog;

pub use framing::put_framed;
pub use intake::{Intake, Malformed};
pub use line::write_line;
pub use received::{Kind, Received};
pub use record::{Captured, Counts, Peer, Record, RequestLine, Timers};
pub use rules::level;
pub use sample::date::Clock;
pub use sample::format::Origin;
pub use sampler::Sampler;
pub use steps::{Line, Told};
pub use syslog::{Sender, write_message};

#[cfg(test)]
mod tests;
