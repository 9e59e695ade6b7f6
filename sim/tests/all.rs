//! The tests of the simulator.

mod allocations;
mod instances;
mod matrix;
mod network;
mod parity;
mod rules;
mod runs;
