//! `acl()`: whether named ACLs hold.

use super::{Fetch, fetch};
use crate::args::{Arg, Args, Kind, Signature};
use crate::condition::{Acls, Condition, Verdict};
use crate::expr::Ground;
use crate::facts::Facts;
use crate::names::Names;
use crate::pattern;
use crate::value::Fetched;
use crate::work::Work;
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

pub(super) const FETCHES: &[Fetch] = &[
    fetch!("acl", "Whether all ACLs of these names hold, or with ! in front do not.", NAMES, Everything: acl)
        .check(check),
];

/// As many names as the reference takes.
const NAMES: Signature = Signature::new(1, &[Kind::Text; 12]);

/// The ACLs are a condition; what they read need not exist where it stands, and is nothing then.
fn check(args: &mut Args, names: &mut dyn Names) -> Result<(), String> {
    let texts =
        (0..args.len()).map(|at| String::from_utf8_lossy(args.text(at).unwrap_or_default()));
    let texts: Vec<_> = texts.collect();
    let condition = named_acls(&texts, names)?;
    args.0 = [Some(Arg::Made(Arc::new(condition)))].into();
    Ok(())
}

/// That all these named ACLs hold, or with `!` in front do not.
pub(crate) fn named_acls(
    texts: &[Cow<'_, str>],
    names: &mut dyn Names,
) -> Result<Condition, String> {
    let mut acls = Acls::default();
    let mut words = Vec::from(["if"]);
    for text in texts {
        let name = text.trim_start_matches('!');
        let tests = names.acl(name);
        if tests.is_empty() && pattern::predefined(name).is_none() {
            return Err(format!("ACL '{name}' not found"));
        }
        for test in tests {
            acls.add(name, test);
        }
        words.push(text);
    }
    let read = Condition::parse(&words, &Ground::anywhere(), &acls, names);
    read.map(|(condition, _)| condition)
        .map_err(|bad| bad.message)
}

fn acl<'a>(facts: Facts<'a>, args: &'a Args, work: &mut Work) -> Fetched<bool> {
    let Some(condition) = args.made::<Condition>(0) else {
        return Fetched::Not;
    };
    match condition.verdict(&facts, work, false) {
        Verdict::Yes => Fetched::Is(true),
        Verdict::No => Fetched::Is(false),
        Verdict::Maybe => Fetched::NotYet,
    }
}
