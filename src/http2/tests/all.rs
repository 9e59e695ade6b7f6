//! The tests of the crate as one binary.

mod connection;
mod fields;
mod frames;
mod support;
mod vectors;
