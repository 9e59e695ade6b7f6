//! Lists that run through the connections themselves: joining and leaving cost no memory and no walk.

use crate::held::{Held, HeldIn, Links, Table};
use slotmap::Key as SlotKey;

/// The ends of a list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct List<K> {
    pub(crate) first: K,
    pub(crate) last: K,
}

/// Which of its two pairs of neighbours a list runs through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Thread {
    /// The one list that a place names.
    Index,
    /// All idle connections of a server, by age.
    Age,
}

impl<K: SlotKey> Default for List<K> {
    fn default() -> Self {
        Self {
            first: K::null(),
            last: K::null(),
        }
    }
}

impl<K: SlotKey> List<K> {
    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_null()
    }

    /// The first, if there is one.
    pub(crate) fn first(&self) -> Option<K> {
        (!self.first.is_null()).then_some(self.first)
    }

    /// The last, if there is one.
    pub(crate) fn last(&self) -> Option<K> {
        (!self.last.is_null()).then_some(self.last)
    }

    pub(crate) fn push_front<T: Table<Id = K>>(&mut self, table: &mut T, id: K, thread: Thread) {
        let after = self.first;
        if let Some(held) = table.held_mut(id) {
            *links(held, thread) = Links {
                before: K::null(),
                after,
            };
        }
        match table.held_mut(after) {
            Some(held) => links(held, thread).before = id,
            None => self.last = id,
        }
        self.first = id;
    }

    pub(crate) fn push_back<T: Table<Id = K>>(&mut self, table: &mut T, id: K, thread: Thread) {
        let before = self.last;
        if let Some(held) = table.held_mut(id) {
            *links(held, thread) = Links {
                before,
                after: K::null(),
            };
        }
        match table.held_mut(before) {
            Some(held) => links(held, thread).after = id,
            None => self.first = id,
        }
        self.last = id;
    }

    pub(crate) fn remove<T: Table<Id = K>>(&mut self, table: &mut T, id: K, thread: Thread) {
        let Some(held) = table.held_mut(id) else {
            return;
        };
        let Links { before, after } = core::mem::replace(links(held, thread), Links::alone());
        match table.held_mut(before) {
            Some(held) => links(held, thread).after = after,
            None => self.first = after,
        }
        match table.held_mut(after) {
            Some(held) => links(held, thread).before = before,
            None => self.last = before,
        }
    }

    /// Those in it, from the first on.
    pub(crate) fn iter<'a, T: Table<Id = K>>(
        self,
        table: &'a T,
        thread: Thread,
    ) -> impl Iterator<Item = (K, &'a HeldIn<T>)>
    where
        K: 'a,
    {
        let mut next = self.first;
        core::iter::from_fn(move || {
            let id = next;
            let held = table.held(id)?;
            next = match thread {
                Thread::Index => held.index.after,
                Thread::Age => held.age.after,
            };
            Some((id, held))
        })
    }
}

fn links<K, S, C>(held: &mut Held<K, S, C>, thread: Thread) -> &mut Links<K> {
    match thread {
        Thread::Index => &mut held.index,
        Thread::Age => &mut held.age,
    }
}
