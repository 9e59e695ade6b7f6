//! Variables that are set under conditions, and those of the process that are set by name: `set-var` in
//! `global`, `set var` of the runtime API.

pub use crate::convert::Condition;

use crate::expr::Expr;
use crate::facts::Facts;
use crate::format::{Format, Moment};
use crate::names::Names;
use crate::value::Value;
use crate::vars::{Scope, Variable};
use crate::work::Work;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// A variable of the process, and under which conditions it is set.
#[derive(Clone, Debug)]
pub struct Target {
    variable: Variable,
    conditions: Vec<Condition>,
}

/// What a variable is set to.
#[derive(Clone, Debug)]
pub enum Given {
    /// `set-var`: the value of an expression.
    Value(Expr),
    /// `set-var-fmt`: a text.
    Text(Format),
}

/// Why something is no [`Target`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadTarget {
    /// It is no name, or a condition is none: a sentence without a full stop.
    Name(String),
    /// It is not a variable of the process.
    Scope,
}

impl Target {
    /// Reads `<variable>[,<condition>]*`.
    pub fn read(text: &str, names: &mut dyn Names) -> Result<Self, BadTarget> {
        let mut words = text.split(',');
        let name = words.next().unwrap_or_default();
        let variable = names.variable(name).map_err(BadTarget::Name)?;
        if variable.scope != Scope::Process {
            return Err(BadTarget::Scope);
        }
        let conditions = words.map(|word| {
            let unknown = || BadTarget::Name(format!("unknown condition \"{word}\""));
            Condition::find(word.as_bytes()).ok_or_else(unknown)
        });
        Ok(Self {
            variable,
            conditions: conditions.collect::<Result<_, _>>()?,
        })
    }

    /// Gives the variable its value, if there is one and the conditions hold.
    pub fn assign(&self, given: &Given, facts: &Facts<'_>, work: &mut Work) {
        let value = match given {
            Given::Value(expr) => expr.value(facts, work).found(),
            Given::Text(format) => {
                let (mut text, max) = (work.buffer(), work.bufsize);
                format.write(facts, Moment::default(), work, &mut text, max);
                Some(Value::Text(text.into()))
            }
        };
        let Some(value) = value else {
            return;
        };
        set(&self.variable, &self.conditions, value, work);
    }
}

/// Gives a variable a value if all conditions hold.
pub fn set(to: &Variable, when: &[Condition], value: Value<'_>, work: &mut Work) {
    if Condition::all_hold(when.iter().copied(), to, &value, work) {
        work.set_variable(to, value);
    } else {
        work.done(value);
    }
}
