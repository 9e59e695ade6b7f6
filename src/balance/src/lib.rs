//! Which server a request goes to, and who waits for one.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod settings;

pub use settings::{Address, Algorithm, BackendSettings, ServerIndex, ServerSettings};
