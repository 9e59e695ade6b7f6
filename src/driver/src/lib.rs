//! Sockets, clock and tasks around the engine; it decides nothing.

mod env;

pub use env::{EndAddress, Env, Listener, Stream};
