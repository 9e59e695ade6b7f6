//! Real clients and servers around the running binary.

mod bandwidth;
mod bodies;
mod forwards;
mod insertion;
mod limits;
mod log_backends;
mod masters;
mod persist;
mod pools;
mod reversed;
mod rings;
mod sources;
mod stats;
mod stops;
mod switching;
mod tables;
pub mod world;
