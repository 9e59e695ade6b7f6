//! A world in which the real proxy meets simulated clients, servers and faults.
//!
//! One thread, one paused clock, one seed: everything that happens is a function of the scenario
//! and the seed, and its hash says so.

pub mod build;
pub mod canary;
pub mod check;
pub mod command;
pub mod env;
pub mod expect;
pub mod fault;
pub mod journal;
pub mod net;
pub mod panics;
pub mod peer;
pub mod runner;
pub mod scenario;
pub mod trace;
pub mod world;
