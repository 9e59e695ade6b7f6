//! What a table is by its configuration (`stick-table`, and `table` of a `peers` section).

use crate::data::{DataType, ELEMENTS_MAX};
use crate::key::KeyType;
use alloc::boxed::Box;
use alloc::vec::Vec;
use base::Duration;
use core::fmt;

/// A table, as it was configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// The name: that of the proxy, or `<peers section>/<table>`.
    pub name: Box<str>,
    /// `type`
    pub key: KeyType,
    /// `size`: the most entries.
    pub size: u32,
    /// `expire`: how long an entry lives since it was last touched; `None` is for ever. Whole
    /// milliseconds count.
    pub expire: Option<Duration>,
    /// `nopurge`: a full table takes no more instead of letting the oldest go.
    pub nopurge: bool,
    /// `recv-only`: values come from peers alone.
    pub recv_only: bool,
    /// `srvkey`: what `server_key` holds.
    pub server_key: ServerKey,
    /// `write-to`: the table that also gets what peers send.
    pub write_to: Option<Box<str>>,
    /// `brates-factor`: how many bytes `bytes_in_rate` and `bytes_out_rate` count as one, 1..=1024.
    pub brates_factor: u32,
    /// `peers`: the section whose members share the table.
    pub peers: Option<Box<str>>,
    /// `store`, by [`Definition::store`].
    stored: Vec<Stored>,
}

/// How a server is told from others (`srvkey`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ServerKey {
    /// `name`: its name.
    #[default]
    Name,
    /// `addr`: its address and port.
    Address,
}

/// One data type that a table stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    /// What.
    pub data: DataType,
    /// How many elements: 1..=[`ELEMENTS_MAX`] for an array, else 1.
    pub elements: u32,
    /// The period of a rate in milliseconds, 1 or more; of no meaning for others.
    pub period_ms: u32,
}

/// Why a table cannot store a data type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// It is stored already.
    Twice,
    /// An array and its elements by old names exclude each other.
    Excluded(DataType),
    /// An array has 1..=100 elements.
    Elements,
    /// A rate needs a period.
    Period,
}

impl Definition {
    /// A table that stores nothing beside its keys and never forgets by itself.
    pub fn new(name: &str, key: KeyType, size: u32) -> Self {
        Self {
            name: name.into(),
            key,
            size,
            expire: None,
            nopurge: false,
            recv_only: false,
            server_key: ServerKey::Name,
            write_to: None,
            brates_factor: 1,
            peers: None,
            stored: Vec::new(),
        }
    }

    /// Stores one more data type (`store`).
    pub fn store(&mut self, stored: Stored) -> Result<(), StoreError> {
        let Stored {
            data,
            elements,
            period_ms,
        } = stored;
        if self.stored.iter().any(|other| other.data == data) {
            return Err(StoreError::Twice);
        }
        let excluded = self.stored.iter().find(|other| {
            let within = |one: DataType, all: DataType| one.in_array().is_some_and(|a| a.0 == all);
            within(data, other.data) || within(other.data, data)
        });
        if let Some(other) = excluded {
            return Err(StoreError::Excluded(other.data));
        }
        let elements_max = if data.is_array() { ELEMENTS_MAX } else { 1 };
        if !(1..=elements_max).contains(&elements) {
            return Err(StoreError::Elements);
        }
        if data.has_period() && period_ms == 0 {
            return Err(StoreError::Period);
        }
        self.stored.push(stored);
        Ok(())
    }

    /// What it stores, in the order of the configuration.
    pub fn stored(&self) -> &[Stored] {
        &self.stored
    }

    /// Whether it stores `data`, under exactly this name.
    pub fn stores(&self, data: DataType) -> bool {
        self.stored.iter().any(|stored| stored.data == data)
    }
}

impl Stored {
    /// A data type that is neither array nor rate.
    pub fn plain(data: DataType) -> Self {
        Self {
            data,
            elements: 1,
            period_ms: 0,
        }
    }

    /// A rate over a period in milliseconds.
    pub fn rate(data: DataType, period_ms: u32) -> Self {
        Self {
            data,
            elements: 1,
            period_ms,
        }
    }

    /// An array; the period is for `gpc_rate`.
    pub fn array(data: DataType, elements: u32, period_ms: u32) -> Self {
        Self {
            data,
            elements,
            period_ms,
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Twice => f.write_str("it is stored already"),
            Self::Excluded(other) => write!(f, "'{}' is stored already", other.name()),
            Self::Elements => write!(f, "an array has 1 to {ELEMENTS_MAX} elements"),
            Self::Period => f.write_str("the period is at least 1 ms"),
        }
    }
}
