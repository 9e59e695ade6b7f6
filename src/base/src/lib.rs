//! What every core stands on: time, timers, randomness, buffers, and the contract of a core.
//!
//! Nothing here knows a socket, a clock or a thread; see `src/README.md` for the fence.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod buffer;
mod core_contract;
mod mix;
mod rng;
mod time;
mod timers;

pub use buffer::{Buf, Pool};
pub use core_contract::Core;
pub use mix::avalanche;
pub use rng::Rng;
pub use time::{Deadline, Epoch, Instant, Why};
pub use timers::{TimerSlot, Timers};

pub use core::time::Duration;
