//! Opening a list or a map: from a file, or the one that is there already.

use super::copies::Copies;
use super::entries::Entry;
use super::file::Shape;
use super::matching::How;
use super::reference::{Output, Reference, Unreadable, User, UserKind, Way};
use crate::names::Lists;
use crate::regex::Regex;
use crate::value::Value;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// What is wanted of a list or a map.
pub(crate) struct Wanted<'a> {
    /// The name of the file, perhaps with a prefix.
    pub(crate) name: &'a str,
    /// What its lines are.
    pub(crate) shape: Shape,
    /// How it is searched.
    pub(crate) how: How,
    /// What its values are read as.
    pub(crate) output: Output,
    /// What uses it.
    pub(crate) user: UserKind,
    /// Names of hosts may be keys.
    pub(crate) hosts: bool,
}

impl Wanted<'_> {
    /// Opens it, or shares the one that is there.
    pub(crate) fn open(&self, lists: &mut dyn Lists) -> Result<Lookup, String> {
        let source = Source::of(self.name);
        let name = source.name;
        let reference = source.reference(self.shape, lists)?;
        let what = match self.shape {
            Shape::List => "acl",
            Shape::Map => "map",
        };
        reference.used(User {
            kind: self.user,
            text: format!("by {what} at {}", lists.place()),
        });
        let mut resolve = |host: &str| match self.hosts {
            true => lists.resolve(host),
            false => None,
        };
        let searched = reference.searched(self.how, self.output, &mut resolve);
        let way = searched.map_err(|Unreadable { line, why }| match line {
            0 => why,
            line => format!("{why} at line {line} of file '{name}'"),
        })?;
        Ok(Lookup { reference, way })
    }
}

/// A list or a map, and one of the ways in which it is searched.
#[derive(Clone, Debug)]
pub(crate) struct Lookup {
    pub(super) reference: Arc<Reference>,
    pub(super) way: Way,
}

impl Lookup {
    /// What `then` makes of the entry for a value, which was cast to what the way of comparing takes.
    pub(crate) fn find<R>(
        &self,
        value: &Value<'_>,
        copies: &mut Copies,
        then: impl FnOnce(&Entry) -> R,
    ) -> Option<R> {
        match copies.of(&self.reference) {
            Some(copy) => copy.find(self.way, value, then),
            None => self.reference.find(self.way, value, then),
        }
    }

    /// The same for a text and regular expressions, with the one that matched.
    pub(crate) fn find_regex<R>(
        &self,
        text: &[u8],
        copies: &mut Copies,
        then: impl FnOnce(&Entry, &Regex) -> R,
    ) -> Option<R> {
        match copies.of(&self.reference) {
            Some(copy) => copy.find_regex(self.way, text, then),
            None => self.reference.find_regex(self.way, text, then),
        }
    }
}

/// Where the entries of a list or a map come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Source<'a> {
    /// What it is known by.
    pub(super) name: &'a str,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A file that has to be there.
    File,
    /// `opt@`: a file that need not be there.
    Optional,
    /// `virt@`: no file at all. Its name is the one with the prefix.
    Virtual,
}

impl<'a> Source<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let of = |name, kind| Self { name, kind };
        match text.split_once('@') {
            Some(("file", name)) if !name.is_empty() => of(name, Kind::File),
            Some(("opt", name)) if !name.is_empty() => of(name, Kind::Optional),
            Some(("virt", name)) if !name.is_empty() => of(text, Kind::Virtual),
            _ => of(text, Kind::File),
        }
    }

    /// The list or map, the one that is there already or one with the entries of the file.
    fn reference(self, shape: Shape, lists: &mut dyn Lists) -> Result<Arc<Reference>, String> {
        match lists.references().named(self.name).cloned() {
            Some(known) if known.shape() == shape => return Ok(known),
            Some(_) => return Err(other_shape(self.name, shape)),
            None => {}
        }
        let text = match self.kind {
            Kind::File => lists.file(self.name)?,
            Kind::Optional => lists.optional_file(self.name)?.unwrap_or_default(),
            Kind::Virtual => Vec::new(),
        };
        Ok(lists.references().load(self.name, shape, &text))
    }
}

/// The list or map of the file called `name`, to be changed while traffic runs. The file need not be
/// there: what is only written to begins empty.
pub fn named(name: &str, shape: Shape, lists: &mut dyn Lists) -> Result<Arc<Reference>, String> {
    let mut source = Source::of(name);
    if source.kind == Kind::File {
        source.kind = Kind::Optional;
    }
    source.reference(shape, lists)
}

fn other_shape(name: &str, wanted: Shape) -> String {
    match wanted {
        Shape::List => format!(
            "the file '{name}' is used as a map (two columns) already and cannot be a list (one column)"
        ),
        Shape::Map => format!(
            "the file '{name}' is used as a list (one column) already and cannot be a map (two columns)"
        ),
    }
}
