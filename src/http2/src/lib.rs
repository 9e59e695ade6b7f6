//! HTTP/2 (RFC 9113) and its header compression (RFC 7541) without input or output of its own.
//!
//! [`hpack`] turns header blocks into fields and back.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod hpack;
