//! Which entries `show table` and `clear table` are about.

use crate::data::DataType;
use crate::entry::Entry;
use crate::rules::Rules;
use base::Instant;

/// A condition on one value of an entry (`data.<type> <operator> <value>`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Which value, by exactly this name.
    pub data: DataType,
    /// Which element of an array; 0 of others.
    pub index: u32,
    /// How it compares.
    pub operator: Operator,
    /// To what.
    pub value: i64,
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `eq`
    Equal,
    /// `ne`
    NotEqual,
    /// `le`
    AtMost,
    /// `ge`
    AtLeast,
    /// `lt`
    Below,
    /// `gt`
    Above,
}

impl Operator {
    /// The operator of this name.
    pub fn by_name(name: &str) -> Option<Self> {
        match name {
            "eq" => Some(Self::Equal),
            "ne" => Some(Self::NotEqual),
            "le" => Some(Self::AtMost),
            "ge" => Some(Self::AtLeast),
            "lt" => Some(Self::Below),
            "gt" => Some(Self::Above),
            _ => None,
        }
    }

    fn holds(self, left: i64, right: i64) -> bool {
        match self {
            Self::Equal => left == right,
            Self::NotEqual => left != right,
            Self::AtMost => left <= right,
            Self::AtLeast => left >= right,
            Self::Below => left < right,
            Self::Above => left > right,
        }
    }
}

impl Filter {
    /// Whether it picks the entry; never if the entry has no such number.
    pub fn picks<R: Rules>(&self, entry: &Entry<R>, now: Instant) -> bool {
        let Some(slot) = entry.layout().exactly(self.data, self.index) else {
            return false;
        };
        // Rates of bytes are compared as they are set: in blocks.
        entry.number_at(slot, now).is_some_and(|number| {
            self.operator
                .holds(number / i64::from(slot.factor), self.value)
        })
    }
}
