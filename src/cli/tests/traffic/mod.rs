//! Real clients and servers around the running binary.

mod bodies;
mod limits;
mod stops;
pub mod world;
