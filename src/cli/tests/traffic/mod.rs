//! Real clients and servers around the running binary.

mod bodies;
mod limits;
mod pools;
mod stats;
mod stops;
mod tables;
pub mod world;
