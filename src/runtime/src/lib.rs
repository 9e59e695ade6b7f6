//! The runtime API (`stats socket`): commands in, texts out.
//!
//! A [`Session`] is one connection's side of it: a line of commands comes in as bytes, answers are
//! pulled out as far as the peer reads them. What there is to tell comes from a [`View`], which
//! looks at the configuration and at the workers' counters anew for every pull.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod command;
mod date;
mod dump;
#[cfg(test)]
mod fixture;
mod follow;
mod line;
pub mod master;
pub mod notices;
mod order;
mod overview;
pub mod page;
mod session;
mod value;
mod view;

pub use order::Order;
pub use overview::Overview;
pub use session::{LINE_BYTES_MAX, OUTPUT_BYTES_LOW, PAYLOAD_BYTES_MAX, Session};
pub use view::{
    BackendNow, FrontendNow, FrontendStatus, Process, Served, ServerNow, ServerStatus, View,
};
