//! A value in a statistics table, and how the three formats write it.

use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt::Write;

/// A value, with the type that the typed format says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    /// Not applicable.
    #[default]
    Empty,
    /// `u32`
    U32(u32),
    /// `s32`
    S32(i32),
    /// `u64`
    U64(u64),
    /// `str`
    Text(Cow<'a, str>),
}

impl<'a> Value<'a> {
    /// A count in a column of 32 bits; what is larger shows as the largest.
    pub(crate) fn u32(value: u64) -> Self {
        Self::U32(u32::try_from(value).unwrap_or(u32::MAX))
    }

    pub(crate) fn text(value: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(value.into())
    }

    /// As in CSV: text is quoted if it has a comma or a quote, and a quote in it is doubled.
    pub(crate) fn write_csv(&self, out: &mut String) {
        match self {
            Self::Text(text) if text.contains([',', '"', '\r', '\n']) => {
                out.push('"');
                for c in text.chars() {
                    match c {
                        '"' => out.push_str("\"\""),
                        // An answer has no empty lines but the one that ends it.
                        '\r' | '\n' => out.push(' '),
                        _ => out.push(c),
                    }
                }
                out.push('"');
            }
            Self::Empty | Self::U32(_) | Self::S32(_) | Self::U64(_) | Self::Text(_) => {
                self.write_plain(out);
            }
        }
    }

    /// As it is.
    pub(crate) fn write_plain(&self, out: &mut String) {
        // Writing to a string cannot fail.
        let _ = match self {
            Self::Empty => Ok(()),
            Self::U32(value) => write!(out, "{value}"),
            Self::S32(value) => write!(out, "{value}"),
            Self::U64(value) => write!(out, "{value}"),
            Self::Text(text) => {
                for c in text.chars() {
                    out.push(if matches!(c, '\r' | '\n') { ' ' } else { c });
                }
                Ok(())
            }
        };
    }

    fn write_json(&self, out: &mut String) {
        match self {
            Self::Text(text) => write_json_string(text, out),
            Self::Empty | Self::U32(_) | Self::S32(_) | Self::U64(_) => self.write_plain(out),
        }
    }

    fn type_name(&self) -> &'static str {
        match self {
            Self::Empty | Self::Text(_) => "str",
            Self::U32(_) => "u32",
            Self::S32(_) => "s32",
            Self::U64(_) => "u64",
        }
    }
}

/// Where a value comes from, what it is, what it is about, and whether it outlives the process: four
/// letters of management.txt §9.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tags(pub(crate) [u8; 4]);

impl Tags {
    fn origin(self) -> &'static str {
        match self.0[0] {
            b'S' => "Status",
            b'K' => "Key",
            b'C' => "Config",
            b'P' => "Product",
            _ => "Metric",
        }
    }

    fn nature(self) -> &'static str {
        match self.0[1] {
            b'A' => "Age",
            b'a' => "Avg",
            b'C' => "Counter",
            b'D' => "Duration",
            b'L' => "Limit",
            b'M' => "Max",
            b'm' => "Min",
            b'N' => "Name",
            b'O' => "Output",
            b'R' => "Rate",
            _ => "Gauge",
        }
    }

    fn scope(self) -> &'static str {
        match self.0[2] {
            b'S' => "Service",
            _ => "Process",
        }
    }
}

/// A value with its place in a table.
pub(crate) struct Field<'a> {
    /// Its number, which never changes.
    pub(crate) position: usize,
    /// Its name in `show info` or `show stat`.
    pub(crate) name: &'a str,
    pub(crate) tags: Tags,
    pub(crate) value: Value<'a>,
}

impl Field<'_> {
    /// `<position>.<name>.<process>:<tags>:<type>:<value>` and a line feed.
    pub(crate) fn write_typed(&self, out: &mut String) {
        let _ = write!(out, "{}.{}.{PROCESS}:", self.position, self.name);
        out.extend(self.tags.0.map(char::from));
        let _ = write!(out, ":{}:", self.value.type_name());
        self.value.write_plain(out);
        out.push('\n');
    }

    /// The members of a JSON object, without its braces.
    pub(crate) fn write_json(&self, out: &mut String) {
        let _ = write!(out, "\"field\":{{\"pos\":{},\"name\":", self.position);
        write_json_string(self.name, out);
        let _ = write!(
            out,
            "}},\"processNum\":{PROCESS},\"tags\":{{\"origin\":\"{}\",\"nature\":\"{}\",\"scope\":\"{}\"}},\
             \"value\":{{\"type\":\"{}\",\"value\":",
            self.tags.origin(),
            self.tags.nature(),
            self.tags.scope(),
            self.value.type_name(),
        );
        self.value.write_json(out);
        out.push('}');
    }
}

/// RFC 8259 §7.
fn write_json_string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\0'..='\x1f' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}

/// The relative process number, which was of use when HAProxy had several processes.
const PROCESS: u32 = 1;

#[cfg(test)]
mod tests {
    use super::{Field, Tags, Value};
    use alloc::string::String;

    fn csv(text: &str) -> String {
        let mut out = String::new();
        Value::text(text).write_csv(&mut out);
        out
    }

    #[test]
    fn csv_quotes_only_ambiguous_text() {
        assert_eq!(csv("web 1"), "web 1");
        assert_eq!(csv("a,b"), "\"a,b\"");
        assert_eq!(csv("say \"hi\""), "\"say \"\"hi\"\"\"");
        assert_eq!(csv("two\nlines"), "\"two lines\"");
    }

    #[test]
    fn a_typed_line_names_position_tags_and_type() {
        let field = Field {
            position: 55,
            name: "lastsess",
            tags: Tags(*b"MAPP"),
            value: Value::S32(-1),
        };
        let mut out = String::new();
        field.write_typed(&mut out);
        assert_eq!(out, "55.lastsess.1:MAPP:s32:-1\n");
    }

    #[test]
    fn json_escapes_control_characters_and_quotes() {
        let field = Field {
            position: 0,
            name: "pxname",
            tags: Tags(*b"KNSV"),
            value: Value::text("a\"\\\n"),
        };
        let mut out = String::new();
        field.write_json(&mut out);
        assert_eq!(
            out,
            "\"field\":{\"pos\":0,\"name\":\"pxname\"},\"processNum\":1,\"tags\":{\"origin\":\"Key\",\
             \"nature\":\"Name\",\"scope\":\"Service\"},\"value\":{\"type\":\"str\",\
             \"value\":\"a\\\"\\\\\\u000a\"}"
        );
    }
}
