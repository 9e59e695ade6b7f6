//! The tests of the crate as one binary.

mod abuse;
mod bench;
mod connection;
mod fields;
mod frames;
mod idle;
mod steady;
mod support;
mod upgrades;
mod vectors;
