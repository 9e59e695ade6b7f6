//! What `show table` prints (management manual, section 9.3).

use crate::data::{DataType, Kind};
use crate::entry::{Entry, Value};
use crate::rules::Rules;
use crate::table::Table;
use alloc::string::String;
use base::Instant;
use core::fmt::Write;

impl<R: Rules> Table<R> {
    /// Writes the line of the table itself, its line feed included.
    pub fn write_head(&self, out: &mut String) {
        let definition = self.definition();
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "# table: {}, type: {}, size:{}, used:{}",
            definition.name,
            definition.key.name(),
            definition.size,
            self.used()
        );
    }
}

impl<R: Rules> Entry<R> {
    /// Writes the line of an entry, its line feed included.
    pub fn write_line(&self, out: &mut String, now: Instant) {
        let key_type = self.common().definition.key;
        let _ = write!(
            out,
            "{:#x}: key={} use={} exp={} shard=0",
            self.id().0,
            self.key().display(key_type),
            self.holders(),
            self.expires_in(now).as_millis()
        );
        for data in DataType::ALL {
            for index in 0..self.layout().elements(data) {
                if let Some(slot) = self.layout().exactly(data, index) {
                    out.push(' ');
                    write_name(data, index, out);
                    if data.kind() == Kind::Rate {
                        let _ = write!(out, "({})", slot.period_ms());
                    }
                    out.push('=');
                    write_value(&self.value_at(slot, now), out);
                }
            }
        }
        out.push('\n');
    }
}

/// The name of a value: elements of arrays have those of old.
fn write_name(data: DataType, index: u32, out: &mut String) {
    let _ = match data {
        DataType::Gpt | DataType::Gpc => write!(out, "{}{index}", data.name()),
        DataType::GpcRate => write!(out, "gpc{index}_rate"),
        _ => write!(out, "{}", data.name()),
    };
}

fn write_value(value: &Value, out: &mut String) {
    let _ = match value {
        Value::Number(number) => write!(out, "{number}"),
        Value::Text(Some(text)) => write!(out, "{text}"),
        Value::Text(None) => write!(out, "-"),
    };
}
