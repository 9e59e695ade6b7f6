//! Stick tables (configuration manual, chapter 11): what is known of a client, an address, a cookie,
//! for a while.
//!
//! A [`Table`] is one for all workers. Whoever looks a key up takes the short lock of one of its
//! shards; whoever has an entry counts in it without any. Entries are made by tracking a key
//! ([`Table::track`]) or holding it ([`Table::hold_or_make`]), and go when they have expired, or, the
//! oldest first, when the table is full; those that somebody holds stay. Time is handed in, and every
//! decision is one function of [`Rules`].

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod bell;
mod counts;
mod data;
mod definition;
mod dump;
mod entry;
mod filter;
mod held;
mod key;
mod layout;
mod rate;
mod rules;
mod shard;
mod table;
#[cfg(test)]
mod tests;

pub use bell::Bell;
pub use counts::{Event, Gpc};
pub use data::{DataType, ELEMENTS_MAX, Kind};
pub use definition::{Definition, ServerKey, StoreError, Stored};
pub use entry::{Entry, EntryId, Value};
pub use filter::{Filter, Operator};
pub use held::{Held, Tracked};
pub use key::{BINARY_BYTES_DEFAULT, Key, KeyRef, KeyType, STRING_BYTES_DEFAULT};
pub use layout::{Layout, Slot};
pub use rate::Counts;
pub use rules::{Rules, Sound};
pub use table::{Cursor, InUse, NoEntry, Page, Table};
