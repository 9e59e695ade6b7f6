//! Answers that are made piece by piece, as fast as the peer reads them.

mod errors;
mod info;
mod patterns;
mod servers;
mod stat;
mod tables;

pub(crate) use errors::Errors;
pub(crate) use info::{Info, InfoFormat};
pub(crate) use patterns::{PatternEntries, PatternLists, is_used_by};
pub(crate) use servers::{ServerList, Shown};
pub(crate) use stat::{Column, Filter, Format, Kind, Kinds, Row, Servers, Stat, write_header};
pub(crate) use tables::{Deed, Entries, TableList};

use crate::view::View;
use alloc::boxed::Box;
use alloc::string::String;

/// An answer under way: where it has come to.
#[derive(Clone, Debug)]
pub(crate) enum Dump {
    Errors(Errors),
    Info(Info),
    Servers(ServerList),
    Entries(Entries),
    PatternEntries(PatternEntries),
    PatternLists(PatternLists),
    Stat(Box<Stat>),
    Tables(TableList),
}

impl Dump {
    /// Writes the next piece; true once there is no more.
    pub(crate) fn step(&mut self, view: &dyn View, out: &mut String) -> bool {
        match self {
            Self::Errors(errors) => errors.step(view, out),
            Self::Info(info) => info.step(view, out),
            Self::Servers(servers) => servers.step(view, out),
            Self::Entries(entries) => entries.step(view, out),
            Self::PatternEntries(entries) => entries.step(out),
            Self::PatternLists(lists) => lists.step(view, out),
            Self::Stat(stat) => stat.step(view, out),
            Self::Tables(tables) => tables.step(view, out),
        }
    }
}
