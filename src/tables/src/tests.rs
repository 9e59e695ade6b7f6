//! What a table does: in situations, beside a naive model, under many hands, and in the reference's
//! numbers.

mod canaries;
mod care;
mod hands;
mod model;
mod rates;
mod show;
mod situations;
mod world;

use crate::{Definition, KeyRef, KeyType, Stored, Table};
use base::{Duration, Instant, Rng};

fn at(ms: u64) -> Instant {
    Instant::ZERO + Duration::from_millis(ms)
}

fn key(number: u32) -> KeyRef<'static> {
    KeyRef::Integer(number)
}

fn definition(size: u32, expire_ms: Option<u64>, stored: &[Stored]) -> Definition {
    let mut definition = Definition::new("t", KeyType::Integer, size);
    definition.expire = expire_ms.map(Duration::from_millis);
    for one in stored {
        definition.store(*one).expect("stored");
    }
    definition
}

fn table(size: u32, expire_ms: Option<u64>, stored: &[Stored]) -> Table {
    Table::new(definition(size, expire_ms, stored), &Rng::from_u64(1))
}
