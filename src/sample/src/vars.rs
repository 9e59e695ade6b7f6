//! Variables: named values that live as long as their scope.

use crate::value::Value;
use alloc::vec::Vec;

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

    /// Forgets all; the values come back.
    pub fn drain(&mut self) -> impl Iterator<Item = Value<'static>> {
        self.entries.drain(..).map(|entry| entry.1)
    }
}

/// The variables of the process, shared by its workers: read and written by rules that name them.
#[derive(Debug, Default)]
pub struct SharedVars(spin::Mutex<Vars>);

impl SharedVars {
    /// A copy of the value of the variable with number `name`; its text in `buffer`.
    pub fn get(&self, name: u32, buffer: &mut Vec<u8>) -> Option<Value<'static>> {
        let vars = self.0.lock();
        Some(vars.get(name)?.copy_into(buffer))
    }

    /// Sets it; what it was before comes back.
    pub fn set(&self, name: u32, value: Value<'static>) -> Option<Value<'static>> {
        self.0.lock().set(name, value)
    }

    /// Forgets it; what it was comes back.
    pub fn unset(&self, name: u32) -> Option<Value<'static>> {
        self.0.lock().unset(name)
    }
}
