//! Who owns which connection and stream: from a request's first byte to its log line.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod abort;
mod capture;
mod counters;
mod exchange;
pub mod forwarded;
mod guess;
pub mod hashing;
mod ids;
pub mod log;
mod metric;
pub mod normalize;
pub mod pace;
pub mod pages;
pub mod persist;
pub mod proxied;
pub mod ring;
mod ruled;
pub mod rules;
pub mod settings;
mod termination;
mod withheld;

pub use abort::Abort;
pub use capture::{Capture, Captures, Direction, Event};
pub use counters::{
    ListenerCounters, ListenerTotals, ProxyCounters, ProxyTotals, ServerCounters, ServerTotals,
    WorkerCounters, WorkerTotals,
};
pub use exchange::{Ahead, Exchange, Flow, Link, Phase, Times, Unsent, Wait};
pub use guess::Guess;
pub use ids::{ConnId, ExchangeId};
pub use metric::{Average, AverageTotal, Counter, Latest, Metric, Peak, Rate, RateTotal};
pub use ruled::{Ends, Ruled, Served, Stage};
pub use termination::{Cause, During, Termination};
pub use withheld::{ReplyRule, Withheld};
