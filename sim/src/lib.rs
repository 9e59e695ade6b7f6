//! A world in which the real proxy meets simulated clients, servers and faults.
//!
//! One thread, one paused clock, one seed: everything that happens is a function of the scenario
//! and the seed, and its hash says so.

pub mod net;
pub mod trace;
