//! Master-worker mode (`-W`, management.txt §4 and §9.4), without the processes.
//!
//! A [`Supervisor`] decides which worker processes there are; a [`MasterSession`] is one connection of the
//! master's own runtime API. Both are driven: what happened goes in, what is to be done comes out.

mod session;
mod supervisor;

pub use session::{Deed, MasterSession};
pub use supervisor::{Act, Farewell, Mishaps, Supervisor, Word, WorkerExit};

#[cfg(test)]
mod tests;
