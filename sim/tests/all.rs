//! The tests of the simulator.

mod network;
mod parity;
mod runs;
