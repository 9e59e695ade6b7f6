//! Who owns which server connection, and who may use it next (`http-reuse` and its kin).
//!
//! A connection is in exactly one [`Place`], and the place owns it. The connections stand in their
//! owner's [`Table`]; a [`Pool`] moves them from place to place, keeps the lists in which they are
//! found, and counts them. Every decision is one function of [`Rules`]. The pool never looks at bytes:
//! what a connection can still do is one [`message::Capacity`], asked in one place. A request that
//! reuses a connection allocates nothing and walks no list of other connections.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod check;
mod held;
mod key;
mod keys;
mod list;
mod place;
mod pool;
mod release;
mod rules;
mod server;
mod settings;
mod takeover;
mod withdraw;

#[cfg(test)]
mod tests;

pub use check::{Broken, Users};
pub use held::{Carrier, Held, Multiplexing, Table};
pub use key::{Key, Target};
pub use place::{Bond, Doom, Parked, Place};
pub use pool::{Pool, Want};
pub use release::Released;
pub use rules::{Rules, Shelf, Sound};
pub use server::Gauges;
pub use settings::{Around, Files, Limits, Reuse};
pub use takeover::Parcel;
