//! The tests of the crate as one binary.

mod exchange;
mod refused;
mod splitting;
mod support;
