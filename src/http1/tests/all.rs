//! The tests of the crate as one binary.

mod closing;
mod exchange;
mod pair;
mod refused;
mod splitting;
mod support;
mod tunnels;
