//! What an evaluation changes: the buffers it works in, the randomness it draws, the variables it sets.

use crate::pattern::Copies;
use crate::trail::Trail;
use crate::value::Value;
use crate::vars::{Scope, SharedVars, Variable, Vars};
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use base::{Epoch, Instant, Rng};

/// What an evaluation works with. One a worker; lent to each evaluation.
#[derive(Debug)]
pub struct Work {
    /// The time of the evaluation.
    pub now: Instant,
    /// What wall time is made of.
    pub epoch: Epoch,
    /// What local time is ahead of UTC, minutes.
    pub utc_offset_minutes: i32,
    /// For `rand()` and its like.
    pub rng: Rng,
    /// `tune.bufsize`: no value grows beyond it, bytes.
    pub bufsize: usize,
    /// The stick tables, by place.
    pub tables: Arc<[Arc<tables::Table>]>,
    /// The variables of the process.
    pub process: Arc<SharedVars>,
    /// The variables of the stream that is evaluated: moved here before, moved back behind it.
    pub vars: Scopes,
    /// What is told of evaluations, if anybody listens.
    pub trail: Option<Box<Trail>>,
    pub(crate) copies: Copies,
    told: Vec<Told>,
    /// Of those, bytes.
    told_bytes: usize,
    /// Of those that there was no room for, the number.
    told_lost: u64,
    spare: Vec<Vec<u8>>,
    spare_vars: Vec<Vars>,
}

/// A line for a ring or a stream (`debug`).
#[derive(Debug)]
pub struct Told {
    /// Its number ([`crate::names::Names::sink`]).
    pub sink: u32,
    /// The line.
    pub line: Vec<u8>,
}

/// The variables of one stream.
#[derive(Debug, Default)]
pub struct Scopes {
    /// `sess`
    pub session: Vars,
    /// `txn`
    pub transaction: Vars,
    /// `req` while there is no response, `res` from then on.
    pub exchange: Vars,
    /// Which of them.
    pub responding: bool,
    /// `check`
    pub check: Vars,
}

impl Scopes {
    /// The variables of `scope`, if there are any here and now.
    fn of(&mut self, scope: Scope) -> Option<&mut Vars> {
        match scope {
            Scope::Session => Some(&mut self.session),
            Scope::Transaction => Some(&mut self.transaction),
            Scope::Request => (!self.responding).then_some(&mut self.exchange),
            Scope::Response => self.responding.then_some(&mut self.exchange),
            Scope::Check => Some(&mut self.check),
            Scope::Process | Scope::Parent(_) => None,
        }
    }
}

impl Work {
    /// Work that draws from `rng`.
    pub fn new(epoch: Epoch, rng: Rng, bufsize: usize) -> Self {
        Self {
            now: Instant::ZERO,
            epoch,
            utc_offset_minutes: 0,
            rng,
            bufsize,
            tables: Arc::default(),
            process: Arc::default(),
            vars: Scopes::default(),
            trail: None,
            copies: Copies::default(),
            told: Vec::new(),
            told_bytes: 0,
            told_lost: 0,
            spare: Vec::new(),
            spare_vars: Vec::new(),
        }
    }

    /// Nanoseconds since 1970-01-01 UTC.
    pub fn wall_nanos(&self) -> u64 {
        self.epoch.wall_nanos(self.now)
    }

    /// An empty buffer.
    pub fn buffer(&mut self) -> Vec<u8> {
        self.spare.pop().unwrap_or_default()
    }

    /// Has something written to a ring or a stream, later and in order; what there is no room for is
    /// counted.
    pub(crate) fn tell(&mut self, sink: u32, line: Vec<u8>) {
        let bytes = self.told_bytes + line.len();
        if bytes > TOLD_BYTES_MAX {
            self.told_lost += 1;
            return self.give(line);
        }
        self.told_bytes = bytes;
        self.told.push(Told { sink, line });
    }

    /// Whether something is to be written.
    #[inline]
    pub fn has_told(&self) -> bool {
        !self.told.is_empty()
    }

    /// What is to be written, and how many lines there was no room for. Their buffers come back by
    /// [`Work::give`].
    pub fn told(&mut self) -> (Vec<Told>, u64) {
        self.told_bytes = 0;
        let lost = core::mem::take(&mut self.told_lost);
        (core::mem::take(&mut self.told), lost)
    }

    /// A copy of a variable's value.
    pub fn variable(&mut self, variable: &Variable) -> Option<Value<'static>> {
        let mut buffer = self.buffer();
        let copy = match variable.scope {
            Scope::Process => self.process.get(variable.name, &mut buffer),
            scope => self.vars.of(scope).and_then(|vars| {
                let value = vars.get(variable.name)?;
                Some(value.copy_into(&mut buffer))
            }),
        };
        self.give(buffer);
        copy
    }

    /// Sets a variable; says whether there is such a scope here and now.
    pub fn set_variable(&mut self, variable: &Variable, value: Value<'_>) -> bool {
        let value = self.owned(value);
        let before = match variable.scope {
            Scope::Process => self.process.set(variable.name, value),
            scope => match self.vars.of(scope) {
                Some(vars) => {
                    vars.make_room(&mut self.spare_vars);
                    vars.set(variable.name, value)
                }
                None => {
                    self.done(value);
                    return false;
                }
            },
        };
        if let Some(before) = before {
            self.done(before);
        }
        true
    }

    /// Forgets a variable; says whether there is such a scope here and now.
    pub fn unset_variable(&mut self, variable: &Variable) -> bool {
        let before = match variable.scope {
            Scope::Process => self.process.unset(variable.name),
            scope => match self.vars.of(scope) {
                Some(vars) => vars.unset(variable.name),
                None => return false,
            },
        };
        if let Some(before) = before {
            self.done(before);
        }
        true
    }

    /// Nobody asks for these variables any more.
    pub fn forget(&mut self, mut vars: Vars) {
        for value in vars.drain() {
            self.done(value);
        }
        if vars.has_room() && self.spare_vars.len() < SPARE_VARS_MAX {
            self.spare_vars.push(vars);
        }
    }

    /// The same value, free of what it was read from, its text in a buffer of ours.
    pub fn owned(&mut self, value: Value<'_>) -> Value<'static> {
        match value {
            Value::Text(text) => Value::Text(Cow::Owned(self.own(text))),
            Value::Bytes(bytes) => Value::Bytes(Cow::Owned(self.own(bytes))),
            Value::Method(name) => Value::Method(Cow::Owned(self.own(name))),
            Value::Bool(it) => Value::Bool(it),
            Value::Int(it) => Value::Int(it),
            Value::Ip4(it) => Value::Ip4(it),
            Value::Ip6(it) => Value::Ip6(it),
        }
    }

    /// Takes back the buffer of a value nobody needs any more.
    #[inline]
    pub fn done(&mut self, value: Value<'_>) {
        if let Some(buffer) = value.into_buffer() {
            self.give(buffer);
        }
    }

    /// Takes back a buffer.
    pub fn give(&mut self, mut buffer: Vec<u8>) {
        // It grows by doubling, so one that holds `bufsize` bytes may have room for twice as many; one
        // without room is what is left where a value took the room along.
        let room = buffer.capacity();
        if self.spare.len() < SPARE_MAX && room > 0 && room <= 2 * self.bufsize {
            buffer.clear();
            self.spare.push(buffer);
        }
    }

    /// The bytes as a buffer of their own, to be changed in place.
    pub fn own(&mut self, bytes: Cow<'_, [u8]>) -> Vec<u8> {
        match bytes {
            Cow::Owned(buffer) => buffer,
            Cow::Borrowed(bytes) => {
                let mut buffer = self.buffer();
                buffer.extend_from_slice(bytes);
                buffer
            }
        }
    }
}

/// Bytes that wait to be written to rings and streams, all together.
const TOLD_BYTES_MAX: usize = 1 << 20;
/// Buffers kept for the next evaluation; more are in use only while values are made of values.
const SPARE_MAX: usize = 16;
/// Room for variables kept for the streams that come next.
const SPARE_VARS_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_room_of_a_variable_s_copy_is_lent_again() {
        let mut work = Work::new(Epoch(0), Rng::from_u64(1), 64);
        let variable = Variable {
            scope: Scope::Transaction,
            name: 0,
        };
        assert!(work.set_variable(&variable, Value::text(b"some text")));
        let copy = work.variable(&variable).expect("a copy");
        work.done(copy);
        assert!(work.buffer().capacity() > 0);
        assert_eq!(work.buffer().capacity(), 0, "there was one");
    }

    #[test]
    fn a_buffer_that_grew_to_its_most_is_kept_and_a_larger_one_is_not() {
        let mut work = Work::new(Epoch(0), Rng::from_u64(1), 64);
        work.give(Vec::with_capacity(129));
        assert_eq!(work.buffer().capacity(), 0);
        work.give(Vec::with_capacity(128));
        assert_eq!(work.buffer().capacity(), 128);
    }

    #[test]
    fn what_there_is_no_room_for_is_not_told_but_counted() {
        let mut work = Work::new(Epoch(0), Rng::from_u64(1), 64);
        assert!(!work.has_told());
        work.tell(3, alloc::vec![b'a'; TOLD_BYTES_MAX - 1]);
        work.tell(4, Vec::from(*b"bc"));
        work.tell(5, Vec::from(*b"d"));
        let (told, lost) = work.told();
        let told: Vec<_> = told.iter().map(|it| (it.sink, it.line.len())).collect();
        assert_eq!(
            (told, lost),
            (alloc::vec![(3, TOLD_BYTES_MAX - 1), (5, 1)], 1)
        );
        work.tell(6, alloc::vec![b'a'; TOLD_BYTES_MAX]);
        let (told, lost) = work.told();
        assert_eq!((told.len(), lost), (1, 0));
    }
}
