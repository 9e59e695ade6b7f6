//! A test of a value: what stands behind the expression of an `acl`, from its flags to its patterns.

use super::matching::{How, Matching};
use super::number::{self, Operator};
use super::open::{Lookup, Wanted};
use super::reference::{Output, Reference, User, UserKind};
use super::{Refusal, Shape};
use crate::cast::cast;
use crate::kept;
use crate::names::Lists;
use crate::value::{Fetched, Type, Value};
use crate::work::Work;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// A test of values: some patterns and how they are compared.
#[derive(Clone, Debug)]
pub struct Acl {
    matching: Matching,
    sets: Vec<Lookup>,
}

/// What a test says of what is known so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It matches.
    Yes,
    /// It does not, and will not.
    No,
    /// It does not yet, but may still.
    Maybe,
}

/// What is tested: the expression in front of flags and patterns.
#[derive(Clone, Copy, Debug)]
pub struct Criterion<'a> {
    /// The keyword of its fetch, as it is written.
    pub keyword: &'a str,
    /// What the keyword implies, if it is one of [`super::derived`] and no converter follows it.
    pub implied: Option<Matching>,
    /// The keyword implies a way of comparing, but converters follow it and it does not count.
    pub overridden: bool,
    /// What the expression yields.
    pub output: Type,
}

/// A test that was read.
#[derive(Clone, Debug)]
pub struct Read {
    /// The test.
    pub acl: Acl,
    /// What a person would want to know about it; sentences without a full stop.
    pub warnings: Vec<String>,
}

impl Acl {
    /// Reads the flags and the patterns that follow `criterion`. Says what is wrong with them.
    pub fn parse(
        criterion: Criterion<'_>,
        words: &[&str],
        lists: &mut dyn Lists,
    ) -> Result<Read, String> {
        let mut flags = Flags::default();
        let mut sets = Vec::new();
        let mut words = words.iter().copied();
        let mut patterns = Vec::new();
        let mut ended = false;
        while let Some(word) = words.next() {
            match word {
                "--" => {
                    ended = true;
                    break;
                }
                "-i" => flags.ignore_case = true,
                "-n" => flags.no_names = true,
                "-M" => flags.shape = Shape::Map,
                "-u" => flags.id = Some(id(words.next().unwrap_or_default())?),
                "-m" => flags.matching(words.next().unwrap_or_default(), !sets.is_empty())?,
                "-f" => {
                    let how = flags.how(criterion)?;
                    let wanted = Wanted {
                        name: words.next().unwrap_or_default(),
                        shape: flags.shape,
                        how,
                        output: Output::Text,
                        user: UserKind::Acl,
                        hosts: !flags.no_names,
                    };
                    sets.push(wanted.open(lists)?);
                }
                word if word.starts_with('-') => {
                    return Err(format!(
                        "'{word}' is not a valid ACL option. Please use '--' before any pattern beginning with a '-'"
                    ));
                }
                word => {
                    patterns.push(word);
                    break;
                }
            }
        }
        patterns.extend(words);
        let how = flags.how(criterion)?;
        let mut warnings = Vec::new();
        if let Some(warning) = flags.warning(criterion) {
            warnings.push(warning);
        }
        let nothing = patterns.is_empty() && sets.is_empty();
        if nothing && !ended && flags.matching.is_none() && how.matching.needs_patterns() {
            warnings.push(format!(
                "'{}' is compared with no pattern, so this ACL never matches; '--' says that this is meant, and '-m found' asks only whether there is a value",
                criterion.keyword
            ));
        }
        sets.push(inline(
            how,
            &flags,
            &patterns,
            criterion,
            lists,
            &mut warnings,
        )?);
        let notes = sets.iter().flat_map(|set| set.reference.notes(set.way));
        warnings.extend(notes.map(|(key, note)| format!("regex '{key}': {note}")));
        let matching = how.matching;
        Ok(Read {
            acl: Self { matching, sets },
            warnings,
        })
    }

    /// How values are compared.
    pub fn matching(&self) -> Matching {
        self.matching
    }

    /// Its lists.
    pub(super) fn lists(&self) -> impl Iterator<Item = &Arc<Reference>> {
        self.sets.iter().map(|set| &set.reference)
    }

    /// Whether it can match no value at all, unless entries are added at run time.
    pub fn is_empty(&self) -> bool {
        self.matching.needs_patterns()
            && self
                .sets
                .iter()
                .all(|set| set.reference.overview().patterns == 0)
    }

    /// Whether a value matches.
    pub fn matches(&self, value: Value<'_>, work: &mut Work) -> bool {
        if self.matching == Matching::Found {
            work.done(value);
            return true;
        }
        let Some(value) = cast(value, self.matching.takes(), work) else {
            return false;
        };
        let matches = match &value {
            Value::Bool(it) => *it,
            value => self
                .sets
                .iter()
                .any(|set| set.find(value, &mut work.copies, |_| ()).is_some()),
        };
        work.done(value);
        matches
    }

    /// What it says of what a fetch found.
    pub fn verdict(&self, fetched: Fetched<Value<'_>>, work: &mut Work) -> Verdict {
        let open = fetched.may_change();
        let matches = fetched
            .found()
            .is_some_and(|value| self.matches(value, work));
        match (matches, open) {
            (true, _) => Verdict::Yes,
            (false, true) => Verdict::Maybe,
            (false, false) => Verdict::No,
        }
    }
}

/// What stands before the first pattern.
#[derive(Debug)]
struct Flags {
    ignore_case: bool,
    no_names: bool,
    shape: Shape,
    id: Option<i32>,
    matching: Option<Matching>,
}

impl Default for Flags {
    fn default() -> Self {
        Self {
            ignore_case: false,
            no_names: false,
            shape: Shape::List,
            id: None,
            matching: None,
        }
    }
}

impl Flags {
    /// `-m <name>`
    fn matching(&mut self, name: &str, behind_files: bool) -> Result<(), String> {
        if self.matching.is_some() {
            return Err(
                "'-m' may be given only once; of several, the last one used to count".into(),
            );
        }
        if behind_files {
            return Err("'-m' must stand before patterns and files".into());
        }
        let matching = Matching::by_name(name);
        self.matching = Some(matching.ok_or_else(|| format!("unknown matching method '{name}'"))?);
        Ok(())
    }

    fn how(&self, criterion: Criterion<'_>) -> Result<How, String> {
        let keyword = criterion.keyword;
        let matching = self
            .matching
            .or(criterion.implied)
            .or(Matching::implied_by(criterion.output));
        let Some(matching) = matching else {
            return Err(format!(
                "'{keyword}' implies no matching method: one must be given first (using '-m')"
            ));
        };
        if !matching.fits(criterion.output) {
            return Err(format!(
                "matching method '{}' cannot be used with fetch keyword '{keyword}'",
                matching.name()
            ));
        }
        Ok(How {
            matching,
            ignore_case: self.ignore_case,
        })
    }

    fn warning(&self, criterion: Criterion<'_>) -> Option<String> {
        let implied = criterion.implied.filter(|it| implies_more(*it));
        let other = implied.is_some() && self.matching.is_some_and(|it| Some(it) != implied);
        (other || criterion.overridden).then(|| {
            format!(
                "original matching method '{}' was overwritten and will not be applied as expected",
                criterion.keyword
            )
        })
    }
}

/// Whether a keyword that implies this says more than the type of its value does.
fn implies_more(matching: Matching) -> bool {
    !matches!(matching, Matching::Str | Matching::Int)
}

/// The patterns of the line itself: a list of their own, even if there are none.
fn inline(
    how: How,
    flags: &Flags,
    patterns: &[&str],
    criterion: Criterion<'_>,
    lists: &mut dyn Lists,
    warnings: &mut Vec<String>,
) -> Result<Lookup, String> {
    let reference = lists.references().make(flags.id)?;
    reference.used(User {
        kind: UserKind::Acl,
        text: format!("acl '{}' {}", criterion.keyword, lists.place()),
    });
    let way = reference
        .searched(how, Output::Text, &mut |_| None)
        .map_err(|unreadable| unreadable.why)?;
    let mut operator = None;
    for &pattern in patterns {
        if how.matching.is_numeric() {
            if let Some(known) = Operator::by_name(pattern) {
                operator = Some(known);
                continue;
            }
            if number::looks_negative(pattern) {
                warnings.push(format!(
                    "'{pattern}' is the range ':{}' and no number below zero",
                    &pattern[1..]
                ));
            }
        }
        let applied = match operator {
            Some(operator) if how.matching == Matching::Version => {
                operator.applied_to_version(pattern)?
            }
            Some(operator) => operator.applied(pattern)?,
            None => pattern.into(),
        };
        let mut resolve = |host: &str| match flags.no_names {
            true => None,
            false => lists.resolve(host),
        };
        reference
            .add_resolved(
                None,
                &kept::bytes_of(applied.as_bytes()),
                None,
                &mut resolve,
            )
            .map_err(Refusal::into_text)?;
    }
    Ok(Lookup { reference, way })
}

/// The argument of `-u`.
fn id(text: &str) -> Result<i32, String> {
    let id = text.parse().ok();
    id.ok_or_else(|| "the argument of -u must be an integer".into())
}

#[cfg(test)]
mod tests;
