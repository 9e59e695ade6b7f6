//! Listeners, connections and sessions as one machine per worker; the only thing a driver drives.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod settings;
