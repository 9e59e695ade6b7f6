//! Fetches of constants and of the state of the process.

use super::{Fetch, Str, fetch};
use crate::args::{Args, Kind, Signature};
use crate::facts::Process;
use crate::work::Work;

pub(super) const FETCHES: &[Fetch] = &[
    fetch!("always_true", "True.", Signature::NONE, Constant: always_true),
    fetch!("always_false", "False.", Signature::NONE, Constant: always_false),
    fetch!("str", "The text in parentheses.", Signature::new(1, &[Kind::Text]), Constant: text),
    fetch!("int", "The number in parentheses.", Signature::new(1, &[Kind::Int]), Constant: int),
    fetch!("nbsrv", "Usable servers of a backend.", Signature::new(0, &[Kind::Backend]), Internal: nbsrv),
];

fn always_true(_: (), _: &Args, _: &mut Work) -> bool {
    true
}

fn always_false(_: (), _: &Args, _: &mut Work) -> bool {
    false
}

fn text<'a>(_: (), args: &'a Args, _: &mut Work) -> Option<Str<'a>> {
    args.text(0).map(Str::of)
}

fn int(_: (), args: &Args, _: &mut Work) -> Option<i64> {
    args.int(0)
}

fn nbsrv(process: &dyn Process, args: &Args, _: &mut Work) -> Option<u32> {
    Some(process.servers(args.proxy(0)?).1)
}
