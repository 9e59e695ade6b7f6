//! One line of `show stat`, and the formats it is written in.

use super::columns::{COLUMN_COUNT, COLUMNS, Column, H1, MODULES, Module, Protocol};
use crate::value::{Field, Tags, Value};
use alloc::string::String;
use core::fmt::Write;

/// What a row is about; the number is the `type` column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Frontend = 0,
    Backend = 1,
    Server = 2,
    Listener = 3,
}

impl Kind {
    fn letter(self) -> char {
        match self {
            Self::Frontend => 'F',
            Self::Backend => 'B',
            Self::Server => 'S',
            Self::Listener => 'L',
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Frontend => "Frontend",
            Self::Backend => "Backend",
            Self::Server => "Server",
            Self::Listener => "Listener",
        }
    }

    fn has(self, module: &Module) -> bool {
        module.everywhere || matches!(self, Self::Frontend | Self::Backend)
    }
}

/// How rows are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Format {
    #[default]
    Csv,
    Typed,
    Json,
}

/// One row.
pub(crate) struct Row<'a> {
    kind: Kind,
    proxy: u32,
    id: u32,
    cells: [Value<'a>; COLUMN_COUNT],
    h1: Option<H1Values>,
}

/// The columns of HTTP/1, in order.
pub(crate) type H1Values = [u64; H1.names.len()];

impl<'a> Row<'a> {
    /// A row of the proxy with the `id` `proxy` about itself (`id` 0), or about its listener or
    /// server `id`. The columns that every row has are filled in.
    pub(crate) fn new(
        kind: Kind,
        proxy: &'a session::settings::Proxy,
        id: u32,
        name: Value<'a>,
    ) -> Self {
        let mut row = Self {
            kind,
            proxy: proxy.id,
            id,
            cells: [const { Value::Empty }; COLUMN_COUNT],
            h1: None,
        };
        row.set(Column::Pxname, Value::text(&*proxy.name));
        row.set(Column::Svname, name);
        row.set(Column::Pid, Value::U32(1));
        row.set(Column::Iid, Value::U32(proxy.id));
        row.set(Column::Sid, Value::U32(id));
        row.set(Column::Type, Value::U32(kind as u32));
        let mode = match proxy.mode {
            _ if proxy.is_log => "log",
            session::settings::Mode::Tcp => "tcp",
            session::settings::Mode::Http => "http",
        };
        row.set(Column::Mode, Value::text(mode));
        row
    }

    /// What it is about.
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// The value in a column.
    pub(crate) fn get(&self, column: Column) -> &Value<'a> {
        &self.cells[column as usize]
    }

    pub(crate) fn set(&mut self, column: Column, value: Value<'a>) {
        self.cells[column as usize] = value;
    }

    /// Sets columns of 64 bits.
    pub(crate) fn set_counts(&mut self, counts: &[(Column, u64)]) {
        for &(column, count) in counts {
            self.set(column, Value::U64(count));
        }
    }

    /// Sets columns of 32 bits.
    pub(crate) fn set_numbers(&mut self, numbers: &[(Column, u64)]) {
        for &(column, number) in numbers {
            self.set(column, Value::u32(number));
        }
    }

    /// Empties the columns that tell how the service is built.
    pub(crate) fn hide_legends(&mut self) {
        for column in [Column::Addr, Column::Cookie, Column::Algo] {
            self.set(column, Value::Empty);
        }
    }

    pub(crate) fn set_h1(&mut self, values: H1Values) {
        self.h1 = Some(values);
    }

    pub(crate) fn write(&self, format: Format, out: &mut String) {
        match format {
            Format::Csv => self.write_csv(out),
            Format::Typed => self.for_each_field(|field| {
                let _ = write!(out, "{}.{}.{}.", self.kind.letter(), self.proxy, self.id);
                field.write_typed(out);
            }),
            Format::Json => self.write_json(out),
        }
    }

    fn write_csv(&self, out: &mut String) {
        for cell in &self.cells {
            cell.write_csv(out);
            out.push(',');
        }
        out.push_str("-,");
        for module in MODULES {
            for at in 0..module.names.len() {
                if self.kind.has(module) {
                    let _ = write!(out, "{}", self.module_value(module, at));
                }
                out.push(',');
            }
        }
        out.push('\n');
    }

    fn write_json(&self, out: &mut String) {
        let mut next = '[';
        self.for_each_field(|field| {
            let _ = write!(
                out,
                "{next}{{\"objType\":\"{}\",\"proxyId\":{},\"id\":{},",
                self.kind.name(),
                self.proxy,
                self.id,
            );
            field.write_json(out);
            out.push('}');
            next = ',';
        });
        out.push(']');
    }

    /// The values that apply, in order.
    fn for_each_field(&self, mut see: impl FnMut(&Field<'_>)) {
        for &(column, name, tags) in COLUMNS {
            let value = &self.cells[column as usize];
            if *value != Value::Empty {
                see(&Field {
                    position: column as usize,
                    name,
                    tags: self.tags(column, tags),
                    value: value.clone(),
                });
            }
        }
        let mut position = COLUMN_COUNT;
        for module in MODULES {
            for (at, &name) in module.names.iter().enumerate() {
                if self.kind.has(module) {
                    let gauge = module.gauges.contains(&name);
                    see(&Field {
                        position,
                        name,
                        tags: Tags(if gauge { *b"MGPV" } else { *b"MCPV" }),
                        value: Value::U64(self.module_value(module, at)),
                    });
                }
                position += 1;
            }
        }
    }

    /// `act` and `bck` count servers of a backend, but say what a server is; `rate_max` of a backend
    /// is a gauge to HAProxy.
    fn tags(&self, column: Column, tags: Tags) -> Tags {
        match (self.kind, column) {
            (Kind::Server, Column::Act | Column::Bck) => Tags(*b"SGPV"),
            (Kind::Backend, Column::RateMax) => Tags(*b"MGPV"),
            _ => tags,
        }
    }

    fn module_value(&self, module: &Module, at: usize) -> u64 {
        match &self.h1 {
            Some(values) if module.protocol == Protocol::H1 => values[at],
            Some(_) | None => 0,
        }
    }
}

/// The line above the rows of the CSV format.
pub(crate) fn write_header(out: &mut String) {
    out.push_str("# ");
    for (_, name, _) in COLUMNS {
        out.push_str(name);
        out.push(',');
    }
    out.push_str("-,");
    for name in MODULES.iter().flat_map(|module| module.names) {
        out.push_str(name);
        out.push(',');
    }
    out.push('\n');
}
