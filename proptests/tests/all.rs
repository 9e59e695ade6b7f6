//! The tests of the crate as one binary.

mod boundaries;
mod limits;
mod pair;
mod pipe;
