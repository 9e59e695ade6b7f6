//! HTTP/2 (RFC 9113) and its header compression (RFC 7541) without input or output of its own.
//!
//! [`hpack`] turns header blocks into fields and back, [`frame`] turns bytes into frames and back,
//! [`stream`] says what may happen on a stream, [`fields`] makes heads of fields and fields of heads.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod fields;
pub mod frame;
pub mod hpack;
pub mod stream;
mod violation;

pub use violation::{Code, Flaw, Reach, Violation};
