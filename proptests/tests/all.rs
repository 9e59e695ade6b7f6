//! The tests of the crate as one binary.

mod boundaries;
mod convert;
mod expect_data;
mod hashing;
mod hpack;
mod http2;
mod limits;
mod measures;
mod orders;
mod pair;
mod pipe;
mod proxied;
mod reuse;
mod screen;
mod sticking;
mod syslog;
mod tables;
mod upgrade;
mod words;
