//! Variables: named values that live as long as their scope.

use crate::value::Value;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, Ordering};

/// How long a variable lives, and whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// `proc`: the process.
    Process,
    /// `sess`: the client's connection.
    Session,
    /// `txn`: a request and its response.
    Transaction,
    /// `req`: the request's side of a transaction.
    Request,
    /// `res`: the response's side of a transaction.
    Response,
    /// `check`: a health check.
    Check,
    /// `psess`, `ptxn`, `preq`, `pres`: of the stream that gave rise to this one.
    Parent(Parental),
}

/// A scope of a parent stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Parental {
    /// `psess`
    Session,
    /// `ptxn`
    Transaction,
    /// `preq`
    Request,
    /// `pres`
    Response,
}

impl Scope {
    /// The one that is called this.
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "proc" => Self::Process,
            "sess" => Self::Session,
            "txn" => Self::Transaction,
            "req" => Self::Request,
            "res" => Self::Response,
            "check" => Self::Check,
            "psess" => Self::Parent(Parental::Session),
            "ptxn" => Self::Parent(Parental::Transaction),
            "preq" => Self::Parent(Parental::Request),
            "pres" => Self::Parent(Parental::Response),
            _ => return None,
        })
    }
}

/// A variable, by its scope and its number among the names of the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Variable {
    /// How long it lives.
    pub scope: Scope,
    /// Which it is: equal names have equal numbers.
    pub name: u32,
}

/// The variables of one scope.
#[derive(Clone, Debug, Default)]
pub struct Vars {
    entries: Vec<(u32, Value<'static>)>,
}

impl Vars {
    /// The value of the variable with number `name`.
    pub fn get(&self, name: u32) -> Option<&Value<'static>> {
        let entry = self.entries.iter().find(|entry| entry.0 == name)?;
        Some(&entry.1)
    }

    /// Sets it; what it was before comes back.
    pub fn set(&mut self, name: u32, value: Value<'static>) -> Option<Value<'static>> {
        match self.entries.iter_mut().find(|entry| entry.0 == name) {
            Some(entry) => Some(core::mem::replace(&mut entry.1, value)),
            None => {
                self.entries.push((name, value));
                None
            }
        }
    }

    /// Forgets it; what it was comes back.
    pub fn unset(&mut self, name: u32) -> Option<Value<'static>> {
        let at = self.entries.iter().position(|entry| entry.0 == name)?;
        Some(self.entries.swap_remove(at).1)
    }

    /// Takes the room that others have left, if it has none of its own.
    pub(crate) fn make_room(&mut self, left: &mut Vec<Self>) {
        if self.entries.capacity() == 0
            && let Some(room) = left.pop()
        {
            *self = room;
        }
    }

    /// Whether it has room for a value, used or not.
    pub(crate) fn has_room(&self) -> bool {
        self.entries.capacity() > 0
    }

    /// Forgets all; the values come back.
    pub fn drain(&mut self) -> impl Iterator<Item = Value<'static>> {
        self.entries.drain(..).map(|entry| entry.1)
    }
}

/// The variables of the process, shared by its workers: read and written by rules that name them; and
/// the numbers of the names of all variables.
#[derive(Debug, Default)]
pub struct SharedVars {
    values: spin::Mutex<Vars>,
    numbers: spin::Mutex<BTreeMap<Box<str>, u32>>,
    /// One was named that is not the process's.
    scoped: AtomicBool,
}

/// What the name of a variable says: its scope, and what follows that. Why it is no name is a sentence
/// without a full stop.
pub fn scope_and_name(name: &str) -> Result<(Scope, &str), String> {
    let scoped = name.split_once('.');
    let scoped = scoped.and_then(|(scope, rest)| Some((Scope::named(scope)?, rest)));
    let Some((scope, rest)) = scoped else {
        return Err(format!(
            "invalid variable name '{name}'. A variable name must start with its scope. The scope can be 'proc', '(p)sess', '(p)txn', '(p)req', '(p)res' or 'check'"
        ));
    };
    let bad = rest
        .chars()
        .find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.')));
    if let Some(bad) = bad {
        return Err(format!(
            "invalid variable name '{name}' at character '{bad}'"
        ));
    }
    if rest.is_empty() {
        return Err(format!(
            "invalid variable name '{name}': nothing behind its scope"
        ));
    }
    Ok((scope, rest))
}

impl SharedVars {
    /// The variable called `name`, its scope in front, for who reads or sets it.
    pub fn variable(&self, name: &str) -> Result<Variable, String> {
        let (scope, rest) = scope_and_name(name)?;
        if scope != Scope::Process {
            self.scoped.store(true, Ordering::Relaxed);
        }
        let mut numbers = self.numbers.lock();
        if let Some(number) = numbers.get(rest) {
            let name = *number;
            return Ok(Variable { scope, name });
        }
        if numbers.len() >= NAMES_MAX {
            return Err(format!("there are {NAMES_MAX} variables already"));
        }
        let name = numbers.len() as u32;
        numbers.insert(rest.into(), name);
        Ok(Variable { scope, name })
    }

    /// Whether there can be variables of other scopes than the process: somebody named one.
    pub fn are_scoped(&self) -> bool {
        self.scoped.load(Ordering::Relaxed)
    }

    /// The variable of this name, if anybody ever named it.
    pub fn known(&self, name: &str) -> Option<Variable> {
        let (scope, rest) = scope_and_name(name).ok()?;
        let name = *self.numbers.lock().get(rest)?;
        Some(Variable { scope, name })
    }

    /// A copy of the value of the variable with number `name`; its text in `buffer`.
    pub fn get(&self, name: u32, buffer: &mut Vec<u8>) -> Option<Value<'static>> {
        let vars = self.values.lock();
        Some(vars.get(name)?.copy_into(buffer))
    }

    /// Sets it; what it was before comes back.
    pub fn set(&self, name: u32, value: Value<'static>) -> Option<Value<'static>> {
        self.values.lock().set(name, value)
    }

    /// Forgets it; what it was comes back.
    pub fn unset(&self, name: u32) -> Option<Value<'static>> {
        self.values.lock().unset(name)
    }
}

/// Names of variables, of all scopes, in a process. The runtime API can add some.
const NAMES_MAX: usize = 1 << 16;
