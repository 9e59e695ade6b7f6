//! Who owns which connection and stream: from a request's first byte to its log line.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod counters;
mod exchange;
mod ids;
pub mod settings;
mod termination;

pub use counters::{Counter, ProxyCounters, ServerCounters};
pub use exchange::{Ahead, Exchange, Flow, Link, Phase, Times, Unsent};
pub use ids::{ConnId, ExchangeId};
pub use termination::{Cause, During, Termination};
