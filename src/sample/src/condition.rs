//! Conditions: `if` and `unless` with named ACLs, ACLs in braces, `!` and `or` (configuration.txt §7).

mod parse;
mod test;

#[cfg(test)]
mod tests;

pub use crate::pattern::Verdict;
pub use parse::BadCondition;
pub use test::{BadTest, Test};

use crate::expr::Ground;
use crate::facts::Facts;
use crate::source::Sources;
use crate::work::Work;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

/// Named ACLs (`acl <name> …`): several lines of one name are so many ways to match.
#[derive(Clone, Debug, Default)]
pub struct Acls {
    named: BTreeMap<Box<str>, Vec<Test>>,
}

impl Acls {
    /// Adds one line.
    pub fn add(&mut self, name: &str, test: Test) {
        self.named.entry(name.into()).or_default().push(test);
    }

    /// The lines of a name.
    pub fn get(&self, name: &str) -> Option<&[Test]> {
        self.named.get(name).map(Vec::as_slice)
    }

    /// All names, in the order of the alphabet.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.named.keys().map(|name| &**name)
    }
}

/// When something applies.
#[derive(Clone, Debug)]
pub struct Condition {
    /// `unless`
    unless: bool,
    /// One of these is enough; each is made of terms that all have to hold.
    suites: Box<[Box<[Term]>]>,
}

/// An ACL in a condition.
#[derive(Clone, Debug)]
pub(crate) struct Term {
    /// An odd number of `!`.
    negated: bool,
    /// What it is called; in braces it has no name.
    name: Option<Box<str>>,
    /// One of these is enough.
    tests: Box<[Test]>,
}

/// What is odd about a term at the place where it stands: it reads what does not exist there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// What the ACL is called; in braces it has no name.
    pub acl: Option<String>,
    /// The keyword of the first of its expressions that cannot find anything.
    pub keyword: String,
    /// All of its expressions are like this one, so that it never matches.
    pub never: bool,
}

impl Condition {
    /// What it says of what is known so far: `Maybe` says neither, with `if` or with `unless`. `last` says
    /// that nothing more will arrive, so that what is not there counts as missing.
    pub fn verdict<'a>(&'a self, facts: &Facts<'a>, work: &mut Work, last: bool) -> Verdict {
        let any = first_yes(&self.suites, |suite| {
            suite_verdict(suite, facts, work, last)
        });
        if self.unless { not(any) } else { any }
    }

    /// The suites of an `if`, of each of which all terms have to hold; nothing of an `unless`.
    pub(crate) fn suites_of_if(&self) -> Option<impl Iterator<Item = &[Term]>> {
        (!self.unless).then(|| self.suites.iter().map(|suite| &**suite))
    }

    /// What its expressions read.
    pub fn sources(&self) -> Sources {
        let tests = self.terms().flat_map(|term| &term.tests);
        let sources = tests.map(|test| test.expr().sources());
        sources.fold(Sources::default(), Sources::union)
    }

    /// The named ACLs in it.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.terms().filter_map(|term| term.name.as_deref())
    }

    /// The expressions in it.
    pub fn exprs(&self) -> impl Iterator<Item = &crate::Expr> {
        self.terms().flat_map(|term| &term.tests).map(Test::expr)
    }

    /// The terms that read what is not among `sources`.
    pub fn conflicts(&self, sources: Sources) -> Vec<Conflict> {
        self.terms()
            .filter_map(|term| term.conflict(sources))
            .collect()
    }

    /// Whether it is `if` or `unless` with nothing behind it.
    pub fn is_empty(&self) -> bool {
        self.suites.is_empty()
    }

    fn terms(&self) -> impl Iterator<Item = &Term> {
        self.suites.iter().flatten()
    }
}

/// One `Yes` is enough; without one, a single `Maybe` leaves it open.
fn first_yes<'a, T>(all: &'a [T], mut ask: impl FnMut(&'a T) -> Verdict) -> Verdict {
    // Most have one alone.
    if let [one] = all {
        return ask(one);
    }
    let mut any = Verdict::No;
    for one in all {
        match ask(one) {
            Verdict::Yes => return Verdict::Yes,
            Verdict::Maybe => any = Verdict::Maybe,
            Verdict::No => {}
        }
    }
    any
}

/// All terms have to hold: the first that does not decides.
fn suite_verdict<'a>(suite: &'a [Term], facts: &Facts<'a>, work: &mut Work, last: bool) -> Verdict {
    for term in suite {
        match term.verdict(facts, work, last) {
            Verdict::Yes => {}
            other => return other,
        }
    }
    Verdict::Yes
}

impl Term {
    fn verdict<'a>(&'a self, facts: &Facts<'a>, work: &mut Work, last: bool) -> Verdict {
        let any = first_yes(&self.tests, |test| {
            let verdict = match test.verdict(facts, work) {
                Verdict::Maybe if last => Verdict::No,
                verdict => verdict,
            };
            if let Some(trail) = &mut work.trail {
                trail.test(self.name.as_deref(), test.expr().text(), verdict);
            }
            verdict
        });
        if self.negated { not(any) } else { any }
    }

    /// Whether it holds where its tests do not match.
    pub(crate) fn is_negated(&self) -> bool {
        self.negated
    }

    /// Its tests, one of which is enough.
    pub(crate) fn tests(&self) -> &[Test] {
        &self.tests
    }

    fn conflict(&self, sources: Sources) -> Option<Conflict> {
        let lost = |test: &&Test| !test.expr().sources().meets(sources);
        let first = self.tests.iter().find(lost)?;
        Some(Conflict {
            acl: self.name.as_deref().map(String::from),
            keyword: first.expr().fetch().name.into(),
            never: self.tests.iter().all(|test| lost(&test)),
        })
    }

    /// The same where it stands.
    fn at(negated: bool, name: Option<&str>, tests: &[Test], ground: &Ground) -> Self {
        Self {
            negated,
            name: name.map(Box::from),
            tests: tests.iter().map(|test| test.at(ground)).collect(),
        }
    }
}

impl Verdict {
    /// Whether it is `Yes`.
    pub const fn holds(self) -> bool {
        matches!(self, Self::Yes)
    }
}

fn not(verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Yes => Verdict::No,
        Verdict::No => Verdict::Yes,
        Verdict::Maybe => Verdict::Maybe,
    }
}
