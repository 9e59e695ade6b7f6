//! Listeners, connections and sessions as one machine per worker; the only thing a driver drives.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod accept;
mod answer;
mod buffering;
mod captures;
mod check;
mod client;
mod command;
mod conn;
mod conns;
mod count;
mod dial;
mod edits;
mod engine;
mod finish;
mod forward;
mod hashed;
mod introduce;
mod log;
mod log_backend;
mod machines;
mod maintenance;
mod measures;
mod output;
mod pacing;
mod persist;
mod preamble;
mod pump;
mod reuse;
mod reversed;
mod rings;
mod route;
mod rules;
mod server;
pub mod settings;
mod shared;
mod source;
mod statistics;
mod statuses;
mod stop;
mod sweep;
mod takeover;
mod timers;
mod wire;
mod withhold;

pub use dial::Reached;
pub use engine::{Engine, Input};
pub use maintenance::{BackendHistory, ServerHistory, Turn};
pub use output::{ConnectError, LogRoute, Output};
pub use rings::SharedRing;
pub use sample::facts::Measures;
pub use shared::{Counters, Identity, Limit, Shared};
pub use statistics::{Form, PageAsked, PageMade};
pub use takeover::{Traveller, Wanted};
