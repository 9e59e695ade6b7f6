//! All lists and maps of a configuration, by the names of their files and by number.

use super::entries::HashKey;
use super::file::Shape;
use super::open::Source;
use super::reference::Reference;
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
    pub(super) fn named(&self, name: &str) -> Option<&Arc<Reference>> {
        let mut all = self.all.iter().map(|known| &known.1);
        all.find(|known| known.name() == Some(name))
    }

    /// A list or map of a file, whose text is given.
    pub(super) fn load(&mut self, name: &str, shape: Shape, text: &[u8]) -> Arc<Reference> {
        let list = Reference::new(self.next(), Some(name), shape, text, self.hash_key);
        self.push(None, list)
    }

    fn next(&self) -> u32 {
        self.all.len() as u32
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
        let list = Reference::new(self.next(), None, Shape::List, &[], self.hash_key);
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
