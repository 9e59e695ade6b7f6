//! The tests of the simulator.

mod allocations;
mod network;
mod parity;
mod runs;
