//! The language of `haproxy.cfg`: values, where they may be asked for, and what is made of them.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod address;
pub mod args;
pub mod cast;
pub mod convert;
pub mod names;
pub mod regex;
pub mod value;
pub mod vars;
mod work;

pub use value::{Fetched, Type, Value};
pub use work::Work;
