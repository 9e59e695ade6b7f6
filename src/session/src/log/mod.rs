//! Log lines: what is said of an exchange, to whom, and how it is wrapped for the journey.
//!
//! A line is made in three steps, none of which allocates once the caller's buffer has grown:
//! [`level`] decides whether an exchange is logged at all, [`write_line`] says it in the proxy's
//! format, and for each target [`LogTarget::severity`], a [`Sampler`] and [`write_message`] decide
//! whether the line goes there and put the target's header before it.
//!
//! [`LogTarget::severity`]: crate::settings::LogTarget::severity

mod line;
mod record;
mod rules;
mod sampler;
mod syslog;

pub use line::write_line;
pub use record::{Counts, Peer, Record, RequestLine, Timers};
pub use rules::level;
pub use sample::date::Clock;
pub use sampler::Sampler;
pub use syslog::{Sender, write_message};

#[cfg(test)]
mod tests;
