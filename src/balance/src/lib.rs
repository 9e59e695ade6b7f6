//! Which server a request goes to, and who waits for one.
//!
//! [`Backend`] is the whole of it: it knows each server's slots (`maxconn`), chooses a server in the
//! order of the backend's `balance` algorithm, and keeps those who wait in line. It does no more than
//! count: who asks, connects and answers is told apart by [`Ticket`]s that mean nothing here.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod backend;
mod order;
mod queue;
mod server;
mod settings;
#[cfg(test)]
mod testing;

pub use backend::{Assigned, Backend, Priority, QueuePlace, Ticket, Want, Woken};
pub use server::{ServerState, ServerView};
pub use settings::{
    Address, Affinity, Algorithm, BackendSettings, HashKey, HashType, Keep, LocalEnd, Proto,
    ServerIndex, ServerSettings, Shown, Source,
};
