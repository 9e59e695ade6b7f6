//! Values as keys of stick tables.

use crate::cast::cast;
use crate::value::{Type, Value};
use crate::work::Work;
use base::Instant;
use tables::{KeyRef, KeyType, Table};

/// Hands a table, and a value as the table keys its entries, to `with`; nothing if there is no such
/// table or the value cannot be its key.
pub fn with_key<T>(
    value: Value<'_>,
    table: u32,
    work: &mut Work,
    with: impl FnOnce(&Table, KeyRef<'_>, Instant) -> T,
) -> Option<T> {
    let kind = work.tables.get(table as usize)?.definition().key;
    let value = cast(value, type_of(kind), work)?;
    let key = match &value {
        Value::Ip4(address) => Some(KeyRef::Ip(*address)),
        Value::Ip6(address) => Some(KeyRef::Ip6(*address)),
        Value::Int(number) => Some(KeyRef::Integer(*number as u32)),
        Value::Text(bytes) | Value::Bytes(bytes) => Some(KeyRef::Bytes(bytes)),
        Value::Bool(_) | Value::Method(_) => None,
    };
    let table = work.tables.get(table as usize);
    let found = table
        .zip(key)
        .map(|(table, key)| with(table, key, work.now));
    work.done(value);
    found
}

/// What a value has to be to be a key.
const fn type_of(kind: KeyType) -> Type {
    match kind {
        KeyType::Ip => Type::Ip4,
        KeyType::Ip6 => Type::Ip6,
        KeyType::Integer => Type::Int,
        KeyType::String { .. } => Type::Text,
        KeyType::Binary { .. } => Type::Bytes,
    }
}
