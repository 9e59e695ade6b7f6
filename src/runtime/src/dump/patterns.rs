//! `show acl` and `show map`: lists and maps, and the entries of one, piece by piece.

use crate::view::View;
use alloc::string::String;
use alloc::sync::Arc;
use core::fmt::Write;
use core::ops::ControlFlow;
use sample::pattern::{Entry, Overview, Reference, UserKind};

/// All lists or maps, a line each: how far the answer has come.
#[derive(Clone, Debug)]
pub(crate) struct PatternLists {
    kind: UserKind,
    /// The line with the titles was written.
    begun: bool,
    next: usize,
}

impl PatternLists {
    /// Those that something of this kind uses.
    pub(crate) fn new(kind: UserKind) -> Self {
        Self {
            kind,
            begun: false,
            next: 0,
        }
    }

    /// Writes at most one line; true once there is no more.
    pub(crate) fn step(&mut self, view: &dyn View, out: &mut String) -> bool {
        if !self.begun {
            self.begun = true;
            out.push_str("# id (file) description\n");
            return false;
        }
        let Some((id, list)) = view.patterns().iter().nth(self.next) else {
            return true;
        };
        self.next += 1;
        if is_used_by(list, self.kind) {
            write_line(id, list, out);
        }
        false
    }
}

/// Whether a list is one of those that `show acl` or `show map` lists: a map that an ACL searches is both.
pub(crate) fn is_used_by(list: &Reference, kind: UserKind) -> bool {
    let overview = list.overview();
    let by_kind = overview.users.iter().any(|user| user.kind == kind);
    by_kind || (kind == UserKind::Map && list.is_map())
}

fn write_line(id: i32, list: &Reference, out: &mut String) {
    let Overview {
        users,
        version,
        newest,
        patterns,
    } = list.overview();
    let name = list.name().unwrap_or_default();
    let _ = write!(out, "{id} ({name}) ");
    if !name.is_empty() {
        let _ = write!(out, "pattern loaded from file '{name}' used ");
    }
    for (at, user) in users.iter().enumerate() {
        let comma = if at > 0 { ", " } else { "" };
        let _ = write!(out, "{comma}{}", user.text);
    }
    let _ = writeln!(
        out,
        ". curr_ver={version} next_ver={newest} entry_cnt={patterns}"
    );
}

/// The entries of a version of a list: how far the answer has come.
#[derive(Clone, Debug)]
pub(crate) struct PatternEntries {
    list: Arc<Reference>,
    version: Option<u32>,
    /// The number of the last entry that was written.
    last: Option<u64>,
}

impl PatternEntries {
    /// Those of this version, or of the one in use.
    pub(crate) fn new(list: Arc<Reference>, version: Option<u32>) -> Self {
        Self {
            list,
            version,
            last: None,
        }
    }

    /// Writes some entries; true once there is no more. What is added or deleted meanwhile may be missing
    /// or not; everything else is there once.
    pub(crate) fn step(&mut self, out: &mut String) -> bool {
        let mut done = true;
        let mut last = self.last;
        self.list.show(self.version, self.last, &mut |entry| {
            write_entry(entry, out);
            last = Some(entry.id);
            done = out.len() < PIECE_BYTES;
            match done {
                true => ControlFlow::Continue(()),
                false => ControlFlow::Break(()),
            }
        });
        self.last = last;
        done
    }
}

fn write_entry(entry: &Entry, out: &mut String) {
    let _ = write!(
        out,
        "{:#x} {}",
        entry.id,
        String::from_utf8_lossy(entry.key())
    );
    if let Some(value) = entry.value() {
        let _ = write!(out, " {}", String::from_utf8_lossy(value));
    }
    out.push('\n');
}

/// An answer is made in pieces of about so many bytes, between which others may edit the list.
const PIECE_BYTES: usize = 2_048;
