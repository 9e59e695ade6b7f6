//! Which tests of a condition are looked at instead of all of it.

use super::fold;
use super::group::fits;
use super::reads::Reads;
use crate::condition::{Condition, Term, Test};
use crate::pattern::{Key, Reference};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// A test without which a condition does not hold, or one of several such.
pub(super) struct Chosen<'c> {
    pub(super) test: &'c Test,
    pub(super) reads: Reads,
    pub(super) keys: Vec<Key>,
    pub(super) lists: Vec<&'c Arc<Reference>>,
}

/// Tests of which one has to match for a condition to hold: those of one term of each of its suites.
/// Nothing if there is a suite without a term that can be chosen.
pub(super) fn chosen(condition: &Condition) -> Option<Vec<Chosen<'_>>> {
    let mut all = Vec::new();
    for suite in condition.suites_of_if()? {
        all.extend(of_suite(suite)?);
    }
    Some(all).filter(|all| !all.is_empty())
}

/// The tests of the first term that can be chosen, of one that fewer values match if there is such. What
/// stands in front of it is evaluated no more, so that it must do nothing else.
fn of_suite(suite: &[Term]) -> Option<Vec<Chosen<'_>>> {
    let mut second = None;
    for term in suite {
        match tests(term) {
            Some(tests) if tests.iter().all(Chosen::is_choosy) => return Some(tests),
            Some(tests) => second = second.or(Some(tests)),
            None => {}
        }
        let mut exprs = term.tests().iter().map(Test::expr);
        if !exprs.all(|expr| Reads::of(expr).is_some()) {
            break;
        }
    }
    second
}

fn tests(term: &Term) -> Option<Vec<Chosen<'_>>> {
    if term.is_negated() {
        return None;
    }
    let chosen = |test| {
        let (keys, lists) = Test::acl(test).keys(fold)?;
        let reads = Reads::of(test.expr())?;
        fits(test.expr(), &keys).then_some(Chosen {
            test,
            reads,
            keys,
            lists,
        })
    };
    term.tests().iter().map(chosen).collect()
}

impl Chosen<'_> {
    /// Whether most values do not match.
    fn is_choosy(&self) -> bool {
        let most = self
            .keys
            .iter()
            .any(|key| matches!(key, Key::Found | Key::True));
        !most && !matches!(self.test.expr().fetch().name, "method" | "status")
    }
}
