//! `set-var`, `unset-var`: variables set on the way.

use super::Converter;
use crate::args::{Arg, Args, Kind, Signature};
use crate::names::Names;
use crate::value::Type;
use crate::value::Value;
use crate::vars::{Scope, Variable};
use crate::work::Work;
use alloc::format;
use alloc::string::String;

pub(super) const CONVERTERS: &[Converter] = &[
    Converter {
        name: "set-var",
        doc: "The same value, set as a variable if all conditions hold; nothing if not.",
        args: Signature::new(
            1,
            &[
                Kind::Variable,
                Kind::Text,
                Kind::Text,
                Kind::Text,
                Kind::Text,
            ],
        ),
        input: Type::Any,
        output: Type::Any,
        check: Some(check_set),
        run: set,
    },
    Converter {
        name: "unset-var",
        doc: "The same value; a variable is forgotten.",
        args: Signature::new(1, &[Kind::Variable]),
        input: Type::Any,
        output: Type::Any,
        check: None,
        run: unset,
    },
];

/// What a variable or what it would be set to has to be like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// `ifexists`, `ifnotexists`
    Exists(bool),
    /// `ifempty`, `ifnotempty`: of what it would be set to.
    Empty(bool),
    /// `ifset`, `ifnotset`
    Set(bool),
    /// `ifgt`: it is greater than that.
    Greater,
    /// `iflt`
    Less,
}

impl Condition {
    const ALL: [(&'static str, Self); 8] = [
        ("ifexists", Self::Exists(true)),
        ("ifnotexists", Self::Exists(false)),
        ("ifempty", Self::Empty(true)),
        ("ifnotempty", Self::Empty(false)),
        ("ifset", Self::Set(true)),
        ("ifnotset", Self::Set(false)),
        ("ifgt", Self::Greater),
        ("iflt", Self::Less),
    ];

    /// The one that is called this.
    pub fn find(name: &[u8]) -> Option<Self> {
        let known = Self::ALL.iter().find(|it| it.0.as_bytes() == name)?;
        Some(known.1)
    }

    /// Whether all hold for what a variable is now and for what it would be set to.
    pub fn all_hold(
        mut conditions: impl ExactSizeIterator<Item = Self>,
        variable: &Variable,
        value: &Value<'_>,
        work: &mut Work,
    ) -> bool {
        if conditions.len() == 0 {
            return true;
        }
        let held = work.variable(variable);
        let hold = conditions.all(|it| it.holds(variable.scope, held.as_ref(), value));
        if let Some(held) = held {
            work.done(held);
        }
        hold
    }

    /// Whether it holds for what a variable of `scope` is and for what it would be set to.
    fn holds(self, scope: Scope, held: Option<&Value<'_>>, value: &Value<'_>) -> bool {
        // Variables of the process exist from the configuration on.
        let exists = held.is_some() || scope == Scope::Process;
        match self {
            Self::Exists(wanted) => exists == wanted,
            Self::Set(wanted) => held.is_some() == wanted,
            Self::Empty(wanted) => is_empty(value) == wanted,
            Self::Greater => compare(held, value, |held, value| held > value),
            Self::Less => compare(held, value, |held, value| held < value),
        }
    }
}

/// Only numbers can be compared; for everything else the condition holds.
fn compare(
    held: Option<&Value<'_>>,
    value: &Value<'_>,
    holds: impl FnOnce(i64, i64) -> bool,
) -> bool {
    match (held, value) {
        (Some(Value::Int(held)), Value::Int(value)) => holds(*held, *value),
        _ => true,
    }
}

fn is_empty(value: &Value<'_>) -> bool {
    match value {
        Value::Text(text) | Value::Bytes(text) | Value::Method(text) => text.is_empty(),
        Value::Bool(_) | Value::Int(_) | Value::Ip4(_) | Value::Ip6(_) => false,
    }
}

fn check_set(args: &mut Args, _: &mut dyn Names) -> Result<(), String> {
    for arg in args.0.iter_mut().skip(1).flatten() {
        let Arg::Text(text) = &*arg else {
            continue;
        };
        let known = Condition::ALL
            .iter()
            .position(|it| it.0.as_bytes() == &text[..]);
        let Some(known) = known else {
            let text = String::from_utf8_lossy(text);
            return Err(format!("unknown condition \"{text}\""));
        };
        *arg = Arg::Int(known as i64);
    }
    Ok(())
}

fn set<'a>(value: Value<'a>, args: &'a Args, work: &mut Work) -> Option<Value<'a>> {
    let variable = args.variable(0)?;
    // Every argument was made a place among the conditions.
    let conditions = (1..args.len()).map(|at| {
        let at = args.int(at).and_then(|at| usize::try_from(at).ok());
        Condition::ALL[at.unwrap_or_default()].1
    });
    if !Condition::all_hold(conditions, variable, &value, work) {
        work.done(value);
        return None;
    }
    let mut buffer = work.buffer();
    let copy = value.copy_into(&mut buffer);
    work.give(buffer);
    if !work.set_variable(variable, copy) {
        work.done(value);
        return None;
    }
    Some(value)
}

fn unset<'a>(value: Value<'a>, args: &'a Args, work: &mut Work) -> Option<Value<'a>> {
    let variable = args.variable(0)?;
    if !work.unset_variable(variable) {
        work.done(value);
        return None;
    }
    Some(value)
}
