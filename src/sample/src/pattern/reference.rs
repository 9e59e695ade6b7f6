//! A list of patterns or a map: its entries, the indexes over them, and its versions. What uses it in the
//! configuration shares it, and so do all workers; it can be changed at run time.
//!
//! Short lists are copied by those who ask them ([`super::Copies`]). Other lookups hold a lock for reading,
//! which is one atomic addition and one subtraction and never waits for other lookups. Only an edit makes
//! them wait, for as long as one entry takes: a version is built beside the one that is in use and swapped
//! in, and what it replaces is dropped after the lock is released.

use super::entries::{Entries, Entry, HashKey};
use super::file::{Line, Shape, lines};
use super::index::Index;
use super::matching::How;
use super::{Refusal, Resolve};
use crate::address;
use crate::cast::{cast, number};
use crate::regex::Regex;
use crate::value::Value;
use crate::work::Work;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use memchr::memchr_iter;
use spin::{RwLock, RwLockWriteGuard};

/// A list of patterns or a map.
#[derive(Debug)]
pub struct Reference {
    name: Option<Box<str>>,
    shape: Shape,
    hash_key: HashKey,
    /// Its place among the lists of the configuration.
    pub(super) number: u32,
    /// It is another one whenever entries may have changed: counted with the lock held for writing.
    edition: AtomicU64,
    state: RwLock<State>,
}

#[derive(Debug)]
struct State {
    users: Vec<User>,
    /// They are set whenever entries may have changed.
    watchers: Vec<Arc<AtomicBool>>,
    /// The ways in which it is searched: an index of each version for each of them.
    ways: Vec<How>,
    /// What is made of what is found: the number of the way, and what values are read as.
    outputs: Vec<(usize, Output)>,
    version: u32,
    /// The greatest version that was ever prepared.
    newest: u32,
    current: Version,
    coming: BTreeMap<u32, Version>,
    next_id: u64,
}

/// One version: its entries and an index for each way of searching them.
#[derive(Clone, Debug)]
pub(super) struct Version {
    entries: Entries,
    indexes: Vec<Index>,
}

/// Something in the configuration that uses a list or a map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Whether it is an ACL or a converter.
    pub kind: UserKind,
    /// What it is and where, for `show acl` and `show map`.
    pub text: String,
}

/// What may use a list or a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserKind {
    /// An ACL.
    Acl,
    /// A converter.
    Map,
}

/// What the values of a map are read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// Any text.
    Text,
    /// A number.
    Int,
    /// An address.
    Address,
}

impl Output {
    /// The value that a text in a map stands for.
    pub fn read(self, text: &[u8]) -> Option<Value<'_>> {
        match self {
            Self::Text => Some(Value::text(text)),
            Self::Int => {
                let digits = match text {
                    [b'-' | b'+', digits @ ..] => digits,
                    digits => digits,
                };
                let digits = digits.iter().all(u8::is_ascii_digit);
                digits.then(|| Value::Int(number(text).unwrap_or(0)))
            }
            Self::Address => match address::parse4(text) {
                Some(address) => Some(Value::Ip4(address)),
                None => address::parse6(text).map(Value::Ip6),
            },
        }
    }

    fn check(self, text: &[u8]) -> Result<(), String> {
        let unreadable = || format!("unable to parse '{}'", String::from_utf8_lossy(text));
        self.read(text).map(|_| ()).ok_or_else(unreadable)
    }
}

/// A way of searching a list, by its place among the ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Way(usize);

impl Reference {
    /// The entries of a file, or of none: `name` is what it is called at run time.
    pub(super) fn new(
        number: u32,
        name: Option<&str>,
        shape: Shape,
        text: &[u8],
        hash_key: HashKey,
    ) -> Self {
        let expected = memchr_iter(b'\n', text).count() + 1;
        let mut current = Version {
            entries: Entries::new(hash_key, expected),
            indexes: Vec::new(),
        };
        let mut next_id = 1;
        for Line { number, key, value } in lines(text, shape) {
            let entry = Entry::new(next_id, number as u32, key, value);
            current.entries.add(entry);
            next_id += 1;
        }
        Self {
            name: name.map(Box::from),
            shape,
            hash_key,
            number,
            edition: AtomicU64::new(0),
            state: RwLock::new(State {
                users: Vec::new(),
                watchers: Vec::new(),
                ways: Vec::new(),
                outputs: Vec::new(),
                version: 0,
                newest: 0,
                current,
                coming: BTreeMap::new(),
                next_id,
            }),
        }
    }

    /// What it is called at run time, if it is not only a number: the name of its file.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Whether it is a list or a map.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// Whether it is a map.
    pub fn is_map(&self) -> bool {
        self.shape == Shape::Map
    }

    /// It is used by one more.
    pub(super) fn used(&self, user: User) {
        self.state.write().users.push(user);
    }

    /// It will be searched this way, and its values will be read as `output` says. Says which of the
    /// entries cannot be read so, and why.
    pub(super) fn searched(
        &self,
        how: How,
        output: Output,
        resolve: Resolve<'_>,
    ) -> Result<Way, Unreadable> {
        let state = &mut *self.edit();
        let known = state.ways.iter().position(|&known| known == how);
        let at = match known {
            Some(at) => at,
            None => {
                state.current.index(how, self.hash_key, resolve)?;
                state.ways.push(how);
                state.ways.len() - 1
            }
        };
        if !state.outputs.contains(&(at, output)) {
            if output != Output::Text {
                state.current.check_values(output)?;
            }
            state.outputs.push((at, output));
        }
        Ok(Way(at))
    }

    /// What `then` makes of the entry for a value, which was cast to what the way of comparing takes.
    pub(super) fn find<R>(
        &self,
        way: Way,
        value: &Value<'_>,
        then: impl FnOnce(&Entry) -> R,
    ) -> Option<R> {
        self.state.read().current.find(way, value, then)
    }

    /// The same with the regular expression that matched.
    pub(super) fn find_regex<R>(
        &self,
        way: Way,
        text: &[u8],
        then: impl FnOnce(&Entry, &Regex) -> R,
    ) -> Option<R> {
        self.state.read().current.find_regex(way, text, then)
    }

    /// From now on `watcher` is set whenever entries may have changed; says which edition is in use.
    pub(crate) fn watched(&self, watcher: &Arc<AtomicBool>) -> u64 {
        let mut state = self.state.write();
        state.watchers.push(Arc::clone(watcher));
        self.edition()
    }

    /// Which edition is in use.
    pub(crate) fn edition(&self) -> u64 {
        self.edition.load(Ordering::Acquire)
    }

    /// The version in use and its edition, unless there are more entries.
    pub(super) fn copied(&self, entries_max: usize) -> (u64, Option<Version>) {
        let state = self.state.read();
        let short = state.current.entries.len() <= entries_max;
        (self.edition(), short.then(|| state.current.clone()))
    }

    /// The state, to be changed.
    fn edit(&self) -> RwLockWriteGuard<'_, State> {
        let state = self.state.write();
        self.edition.fetch_add(1, Ordering::Release);
        for watcher in &state.watchers {
            watcher.store(true, Ordering::Release);
        }
        state
    }

    /// Adds an entry to a version, or to the one in use.
    pub fn add(
        &self,
        version: Option<u32>,
        key: &[u8],
        value: Option<&[u8]>,
    ) -> Result<(), Refusal> {
        self.add_resolved(version, key, value, &mut |_| None)
    }

    /// The same while the configuration is read, when names of hosts may be keys.
    pub(super) fn add_resolved(
        &self,
        version: Option<u32>,
        key: &[u8],
        value: Option<&[u8]>,
        resolve: Resolve<'_>,
    ) -> Result<(), Refusal> {
        // What can be done without the lock is done without it; the ways do not change at run time.
        let (ways, outputs) = {
            let state = self.state.read();
            (state.ways.clone(), state.outputs.clone())
        };
        let patterns = ways.iter().map(|way| way.read(key, resolve));
        let patterns: Vec<_> = patterns
            .collect::<Result<_, _>>()
            .map_err(Refusal::Invalid)?;
        for (_, output) in outputs {
            output
                .check(value.unwrap_or_default())
                .map_err(Refusal::Invalid)?;
        }
        let state = &mut *self.edit();
        let id = state.next_id;
        let Version { entries, indexes } = state.version(version, &self.hash_key)?;
        let slot = entries.add(Entry::new(id, 0, key, value));
        for (index, pattern) in indexes.iter_mut().zip(patterns) {
            index.add(pattern, slot, entries.slots());
        }
        state.next_id += 1;
        Ok(())
    }

    /// Takes the entries with this key out of the version in use; says how many there were.
    pub fn delete(&self, key: &[u8]) -> usize {
        let state = &mut *self.edit();
        let slots = state.current.entries.all_with(key);
        slots
            .iter()
            .filter(|&&slot| state.current.remove(slot))
            .count()
    }

    /// Takes the entry with this number out of the version in use; says whether there was one.
    pub fn delete_id(&self, id: u64) -> bool {
        let state = &mut *self.edit();
        let slot = state.current.entries.by_id(id);
        slot.is_some_and(|slot| state.current.remove(slot))
    }

    /// Gives the entries with this key another value; says how many there are.
    pub fn set(&self, key: &[u8], value: &[u8]) -> Result<usize, Refusal> {
        self.set_all(value, |entries| entries.all_with(key))
    }

    /// Gives the entry with this number another value; says whether there is one.
    pub fn set_id(&self, id: u64, value: &[u8]) -> Result<bool, Refusal> {
        let count = self.set_all(value, |entries| entries.by_id(id).into_iter().collect())?;
        Ok(count == 1)
    }

    fn set_all(
        &self,
        value: &[u8],
        which: impl FnOnce(&Entries) -> Vec<u32>,
    ) -> Result<usize, Refusal> {
        let state = &mut *self.edit();
        for (_, output) in &state.outputs {
            output.check(value).map_err(Refusal::Invalid)?;
        }
        let slots = which(&state.current.entries);
        for &slot in &slots {
            state.current.entries.set(slot, value);
        }
        Ok(slots.len())
    }

    /// Empties a version, or the one in use.
    pub fn clear(&self, version: Option<u32>) {
        let gone = {
            let state = &mut *self.edit();
            let empty = Version::new(&state.ways, self.hash_key);
            match version.filter(|&version| version != state.version) {
                None => Some(core::mem::replace(&mut state.current, empty)),
                Some(version) => state.coming.remove(&version),
            }
        };
        drop(gone);
    }

    /// Prepares a new version; says its number.
    pub fn prepare(&self) -> u32 {
        let state = &mut *self.edit();
        state.newest = state.newest.wrapping_add(1);
        state.newest
    }

    /// Puts a version into use and forgets those before it. The version has to be newer than the one in
    /// use and prepared.
    pub fn commit(&self, version: u32) -> Result<(), Refusal> {
        let mut gone = Vec::new();
        {
            let state = &mut *self.edit();
            if version == state.version || !state.is_prepared(version) {
                return Err(Refusal::OutOfRange);
            }
            let newer = state.coming.split_off(&version);
            gone.extend(core::mem::replace(&mut state.coming, newer).into_values());
            let next = state.coming.remove(&version);
            let next = next.unwrap_or_else(|| Version::new(&state.ways, self.hash_key));
            gone.push(core::mem::replace(&mut state.current, next));
            state.version = version;
        }
        drop(gone);
        Ok(())
    }

    /// Shows entries of a version, or of the one in use, whose numbers are greater than `after`, until
    /// `see` has seen enough. They come in the order in which they were added.
    pub fn show(
        &self,
        version: Option<u32>,
        after: Option<u64>,
        see: &mut dyn FnMut(&Entry) -> core::ops::ControlFlow<()>,
    ) {
        let state = &*self.state.read();
        let version = match version.filter(|&version| version != state.version) {
            None => Some(&state.current),
            Some(version) => state.coming.get(&version),
        };
        let mut entries = version.into_iter().flat_map(|it| it.entries.after(after));
        let _ = entries.try_for_each(see);
    }

    /// What `show acl` and `show map` say of it.
    pub fn overview(&self) -> Overview {
        let state = &*self.state.read();
        let versions = core::iter::once(&state.current).chain(state.coming.values());
        let entries: usize = versions.map(|version| version.entries.len()).sum();
        Overview {
            users: state.users.clone(),
            version: state.version,
            newest: state.newest,
            patterns: entries * state.outputs.len(),
        }
    }

    /// What a text finds, once for each use of the list (`get acl`, `get map`).
    pub fn search(&self, text: &[u8], work: &mut Work) -> Vec<Search> {
        let (ways, outputs) = {
            let state = self.state.read();
            (state.ways.clone(), state.outputs.clone())
        };
        let search = |(at, output): (usize, Output)| {
            let how = ways[at];
            let value = cast(Value::text(text), how.matching.takes(), work);
            let found = match value {
                Some(Value::Bool(it)) => it.then_some(None),
                Some(value) => self.find(Way(at), &value, |entry| Some(entry.clone())),
                None => None,
            };
            Search { how, output, found }
        };
        outputs.into_iter().map(search).collect()
    }

    /// What a person would want to know about the regular expressions in it, and about which.
    pub(super) fn notes(&self, way: Way) -> Vec<(String, String)> {
        let state = &*self.state.read();
        let Version { entries, indexes } = &state.current;
        let index = indexes.get(way.0);
        let noted = index.into_iter().flat_map(Index::notes);
        noted
            .map(|(slot, note)| {
                let key = String::from_utf8_lossy(entries.slots().key(slot));
                (key.into_owned(), note)
            })
            .collect()
    }
}

impl State {
    /// A version that may be added to.
    fn version(&mut self, which: Option<u32>, hash_key: &HashKey) -> Result<&mut Version, Refusal> {
        match which {
            None => Ok(&mut self.current),
            Some(which) if which == self.version => Ok(&mut self.current),
            Some(which) if self.is_prepared(which) => {
                let ways = &self.ways;
                let version = self.coming.entry(which);
                Ok(version.or_insert_with(|| Version::new(ways, *hash_key)))
            }
            Some(_) => Err(Refusal::NotPrepared),
        }
    }

    /// Whether a version is newer than the one in use and not newer than the newest. Numbers wrap.
    fn is_prepared(&self, version: u32) -> bool {
        version.wrapping_sub(self.version) <= self.newest.wrapping_sub(self.version)
    }
}

impl Version {
    fn new(ways: &[How], hash_key: HashKey) -> Self {
        Self {
            entries: Entries::new(hash_key, 0),
            indexes: ways
                .iter()
                .map(|&how| Index::new(how, hash_key, 0))
                .collect(),
        }
    }

    /// Makes one more index.
    fn index(
        &mut self,
        how: How,
        hash_key: HashKey,
        resolve: Resolve<'_>,
    ) -> Result<(), Unreadable> {
        let slots = self.entries.slots();
        let mut patterns = Vec::with_capacity(self.entries.len());
        for slot in self.entries.in_order() {
            let line = slots.get(slot).map_or(0, |entry| entry.line);
            let pattern = how.read(slots.key(slot), resolve);
            let pattern = pattern.map_err(|why| Unreadable { line, why })?;
            patterns.push((pattern, slot));
        }
        let mut index = Index::new(how, hash_key, patterns.len());
        index.load(patterns, slots);
        self.indexes.push(index);
        Ok(())
    }

    /// What `then` makes of the entry for a value.
    pub(super) fn find<R>(
        &self,
        way: Way,
        value: &Value<'_>,
        then: impl FnOnce(&Entry) -> R,
    ) -> Option<R> {
        let slot = self.indexes.get(way.0)?.find(value, &self.entries)?;
        self.entries.slots().get(slot).map(then)
    }

    /// The same with the regular expression that matched.
    pub(super) fn find_regex<R>(
        &self,
        way: Way,
        text: &[u8],
        then: impl FnOnce(&Entry, &Regex) -> R,
    ) -> Option<R> {
        let (slot, regex) = self.indexes.get(way.0)?.find_regex(text)?;
        let entry = self.entries.slots().get(slot)?;
        Some(then(entry, regex))
    }

    fn check_values(&self, output: Output) -> Result<(), Unreadable> {
        self.entries.after(None).try_for_each(|entry| {
            let checked = output.check(entry.value().unwrap_or_default());
            let line = entry.line;
            checked.map_err(|why| Unreadable { line, why })
        })
    }

    fn remove(&mut self, slot: u32) -> bool {
        for index in &mut self.indexes {
            index.remove(slot, self.entries.slots());
        }
        self.entries.remove(slot)
    }
}

/// An entry that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unreadable {
    /// The line of the file it was read from.
    pub(super) line: u32,
    /// What is wrong with it.
    pub(super) why: String,
}

/// What a text finds in one of the uses of a list.
#[derive(Clone, Debug)]
pub struct Search {
    /// How it is compared.
    pub how: How,
    /// What the value is read as.
    pub output: Output,
    /// What it finds: an entry, or no entry where patterns mean nothing.
    pub found: Option<Option<Entry>>,
}

/// What there is to say of a list or a map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overview {
    /// What uses it.
    pub users: Vec<User>,
    /// `curr_ver`: the version in use.
    pub version: u32,
    /// `next_ver`: the newest that was prepared.
    pub newest: u32,
    /// `entry_cnt`: entries of all versions, once for each use.
    pub patterns: usize,
}

#[cfg(test)]
mod tests;
