//! The tests of the crate as one binary.

mod frames;
mod support;
mod vectors;
