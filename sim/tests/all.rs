//! The tests of the simulator.

mod allocations;
mod matrix;
mod network;
mod parity;
mod runs;
