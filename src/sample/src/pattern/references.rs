//! All lists and maps of a configuration, by the names of their files and by number.

use super::entries::HashKey;
use super::file::Shape;
use super::matching::How;
use super::reference::{Output, Reference, Unreadable, Way};
use crate::names::Lists;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// All lists and maps of a configuration, while it is read.
#[derive(Debug)]
pub struct References {
    hash_key: HashKey,
    all: Vec<(Option<i32>, Arc<Reference>)>,
}

impl References {
    /// None yet. Where keys are found depends on `hash_key`, which nobody outside should know.
    pub fn new(hash_key: HashKey) -> Self {
        Self {
            hash_key,
            all: Vec::new(),
        }
    }

    /// The list or map of a file, if there is one already.
    fn named(&self, name: &str) -> Option<&Arc<Reference>> {
        let mut all = self.all.iter().map(|known| &known.1);
        all.find(|known| known.name() == Some(name))
    }

    fn push(&mut self, id: Option<i32>, reference: Reference) -> Arc<Reference> {
        let reference = Arc::new(reference);
        self.all.push((id, Arc::clone(&reference)));
        reference
    }

    /// A list without a file; `id` is its number if it has to have one (`-u`).
    pub(super) fn make(&mut self, id: Option<i32>) -> Result<Arc<Reference>, String> {
        if id.is_some() && self.all.iter().any(|known| known.0 == id) {
            return Err("the id is already used".into());
        }
        let list = Reference::new(None, Shape::List, &[], self.hash_key);
        Ok(self.push(id, list))
    }

    /// All of them with their numbers, once the whole configuration is read. Those that were given none
    /// get the next that is free, in the order in which they came.
    pub fn numbered(&self) -> Directory {
        let mut next = 0..;
        let taken = |id: &i32| self.all.iter().any(|known| known.0 == Some(*id));
        let number = |(id, reference): &(Option<i32>, Arc<Reference>)| {
            let id = id
                .or_else(|| next.find(|id| !taken(id)))
                .unwrap_or(i32::MAX);
            (id, Arc::clone(reference))
        };
        let mut all: Vec<_> = self.all.iter().map(number).collect();
        all.sort_by_key(|known| known.0);
        Directory { all }
    }
}

/// All lists and maps of a process, by number.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    all: Vec<(i32, Arc<Reference>)>,
}

impl Directory {
    /// All of them with their numbers, in the order of these.
    pub fn iter(&self) -> impl Iterator<Item = (i32, &Arc<Reference>)> {
        self.all.iter().map(|known| (known.0, &known.1))
    }

    /// The one called `name`: `#` and a number, or the name of a file with or without its prefix.
    pub fn find(&self, name: &str) -> Option<&Arc<Reference>> {
        match name.strip_prefix('#') {
            Some(id) => {
                let id: i32 = id.parse().ok()?;
                self.iter().find(|known| known.0 == id)
            }
            None => {
                let name = Source::of(name).name;
                self.iter().find(|known| known.1.name() == Some(name))
            }
        }
        .map(|known| known.1)
    }
}

/// Where the entries of a list or a map come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Source<'a> {
    /// What it is known by.
    name: &'a str,
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

impl Lookup {
    /// What `then` makes of the entry for a value, which was cast to what the way of comparing takes.
    pub(crate) fn find<R>(
        &self,
        value: &crate::value::Value<'_>,
        then: impl FnOnce(&super::Entry) -> R,
    ) -> Option<R> {
        self.reference.find(self.way, value, then)
    }

    /// The same for a text and regular expressions, with the one that matched.
    pub(crate) fn find_regex<R>(
        &self,
        text: &[u8],
        then: impl FnOnce(&super::Entry, &crate::regex::Regex) -> R,
    ) -> Option<R> {
        self.reference.find_regex(self.way, text, then)
    }
}

impl<'a> Source<'a> {
    fn of(text: &'a str) -> Self {
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
        let references = lists.references();
        let reference = Reference::new(Some(self.name), shape, &text, references.hash_key);
        Ok(references.push(None, reference))
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

/// A list or a map, and one of the ways in which it is searched.
#[derive(Clone, Debug)]
pub(crate) struct Lookup {
    pub(super) reference: Arc<Reference>,
    pub(super) way: Way,
}

/// Opens the list or map of the file called `name`, or shares the one that is there, to be searched as
/// `how` says. `user` says what for, as `show acl` and `show map` repeat it.
pub(crate) fn open(
    name: &str,
    shape: Shape,
    how: How,
    output: Output,
    lists: &mut dyn Lists,
    resolve: bool,
) -> Result<Lookup, String> {
    let source = Source::of(name);
    let reference = source.reference(shape, lists)?;
    let what = match shape {
        Shape::List => "acl",
        Shape::Map => "map",
    };
    reference.used(format!("{what} at {}", lists.place()));
    let located = |Unreadable { line, why }| match line {
        0 => why,
        line => format!("{why} at line {line} of file '{}'", source.name),
    };
    let searched = reference.searched(how, &mut |host| match resolve {
        true => lists.resolve(host),
        false => None,
    });
    let way = searched.map_err(located)?;
    if output != Output::Text {
        reference.valued(output).map_err(located)?;
    }
    Ok(Lookup { reference, way })
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
