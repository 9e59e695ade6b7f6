//! Who owns which connection and stream: from a request's first byte to its log line.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod counters;
pub mod settings;

pub use counters::{Counter, ProxyCounters, ServerCounters};
