//! HTTP messages without a protocol version, and the contract between the engine and a protocol machine.
//!
//! [`Head`] keeps fields in the order and case they arrived in. [`Machine`] is written for multiplexed
//! protocols; HTTP/1 is its implementation with one stream at a time.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod fault;
mod head;
mod machine;
mod name;
pub mod target;
pub mod websocket;

pub use fault::{Blame, Fault, Scope};
pub use head::{Field, Framing, Head, Kind, Span, Version};
pub use machine::{
    Capacity, Code, Cx, Ending, Event, Heads, Machine, Owes, Part, Reset, Role, Shutdown, StreamId,
    Waiting,
};
pub use name::{Name, NameSet, capitals, is_lower, same_name};
