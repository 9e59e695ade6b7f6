//! `set-var`, `unset-var`: variables set on the way.

use super::Converter;
use crate::args::{Arg, Args, Kind, Signature};
use crate::names::Names;
use crate::value::Type;
use crate::value::Value;
use crate::vars::Scope;
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

/// What a variable or the input has to be like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Condition {
    Exists(bool),
    Empty(bool),
    Set(bool),
    Greater,
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
    let conditions = (1..args.len()).filter_map(|at| {
        let at = usize::try_from(args.int(at)?).ok()?;
        Some(Condition::ALL.get(at)?.1)
    });
    if args.len() > 1 {
        let held = work.variable(variable);
        let hold = { conditions }.all(|it| it.holds(variable.scope, held.as_ref(), &value));
        if let Some(held) = held {
            work.done(held);
        }
        if !hold {
            work.done(value);
            return None;
        }
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
