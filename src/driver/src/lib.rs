//! Sockets, clock and tasks around the engine; it decides nothing.

mod accept;
mod control;
mod env;
mod feed;
mod intake;
pub mod process;
pub mod real;
mod start;
mod tasks;
mod worker;

pub use env::{EndAddress, Env, Listener, Stream};
pub use intake::{Datagrams, Source};
pub use start::{Bound, Running, start};
pub use tasks::reason;
pub use worker::{Mail, News};
