//! What rules ask of stick tables: one list of questions, for `sc_*`, `src_*` and `table_*` alike.

mod ask;
mod key;

pub(crate) use ask::{Ask, asks};
pub use key::with_key;
