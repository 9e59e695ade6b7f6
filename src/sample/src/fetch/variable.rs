//! Fetches of variables.

use super::{Fetch, fetch};
use crate::args::{Args, Kind, Signature};
use crate::value::Value;
use crate::work::Work;

pub(super) const FETCHES: &[Fetch] = &[
    fetch!("var", "A variable's value, or else the text behind its name.", Signature::new(1, &[Kind::Variable, Kind::Text]), Constant: var),
];

fn var<'a>(_: (), args: &'a Args, work: &mut Work) -> Option<Value<'a>> {
    let value = args
        .variable(0)
        .and_then(|variable| work.variable(variable));
    value.or_else(|| args.text(1).map(Value::text))
}
