//! The tests of the crate as one binary.

mod boundaries;
mod pair;
mod pipe;
