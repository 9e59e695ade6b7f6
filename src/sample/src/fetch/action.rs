//! What a fetch does with what it reads: one value, or several for conditions.

use super::output::Output;
use super::read::{Read, Readable};
use crate::args::Args;
use crate::facts::{Arrival, Facts};
use crate::value::{Fetched, Value};
use crate::work::Work;
use core::ops::ControlFlow;

/// A function that fetches a value from a source `S`.
pub type One<S> = for<'a> fn(Read<'a, S>, &'a Args, &mut Work) -> Fetched<Value<'a>>;

/// Sees each value of a fetch; says whether it has seen enough.
pub type See<'e, T> = &'e mut dyn FnMut(&mut Work, T) -> ControlFlow<()>;

/// The same, whatever type the values have.
pub type Each<'e, 'a> = See<'e, Value<'a>>;

/// A function that shows each value from a source `S`; says whether there may be more later.
pub type Many<S> = for<'a> fn(Read<'a, S>, &'a Args, &mut Work, Each<'_, 'a>) -> Certainty;

/// What a fetch does with a source.
pub enum Action<S: Readable> {
    /// It has one value or none.
    One(One<S>),
    /// It may have several.
    Many {
        /// The value where one is asked for.
        one: One<S>,
        /// All of them, for conditions.
        each: Many<S>,
    },
}

impl<S: Readable> Clone for Action<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: Readable> Copy for Action<S> {}

/// Whether asking again later may show something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// It will not.
    Final,
    /// It may.
    MayChange,
}

impl From<()> for Certainty {
    fn from((): ()) -> Self {
        Self::Final
    }
}

impl<S: Readable> Action<S> {
    pub(super) fn value<'a>(
        self,
        facts: &Facts<'a>,
        args: &'a Args,
        work: &mut Work,
    ) -> Fetched<Value<'a>> {
        match (S::of(facts), self) {
            (Arrival::Never, _) => Fetched::Not,
            (Arrival::Expected, _) => Fetched::NotYet,
            (Arrival::Here(view), Self::One(fetch) | Self::Many { one: fetch, .. }) => {
                fetch(view, args, work)
            }
        }
    }

    pub(super) fn each<'a>(
        self,
        facts: &Facts<'a>,
        args: &'a Args,
        work: &mut Work,
        see: Each<'_, 'a>,
    ) -> Certainty {
        match (S::of(facts), self) {
            (Arrival::Never, _) => Certainty::Final,
            (Arrival::Expected, _) => Certainty::MayChange,
            (Arrival::Here(view), Self::One(fetch)) => {
                let fetched = fetch(view, args, work);
                let certainty = if fetched.may_change() {
                    Certainty::MayChange
                } else {
                    Certainty::Final
                };
                if let Some(value) = fetched.found() {
                    let _ = see(work, value);
                }
                certainty
            }
            (Arrival::Here(view), Self::Many { each, .. }) => each(view, args, work, see),
        }
    }
}

/// The first of several values.
pub(super) fn first<'a, T: Output<'a>>(
    _: &Args,
    work: &mut Work,
    run: impl FnOnce(&mut Work, See<'_, T>) -> Certainty,
) -> Fetched<Value<'a>> {
    let mut found = None;
    let certainty = run(work, &mut |_, value| {
        found = Some(value);
        ControlFlow::Break(())
    });
    settle(found, certainty)
}

/// The last of several values.
pub(super) fn last<'a, T: Output<'a>>(
    _: &Args,
    work: &mut Work,
    run: impl FnOnce(&mut Work, See<'_, T>) -> Certainty,
) -> Fetched<Value<'a>> {
    let mut found: Option<T> = None;
    let certainty = run(work, &mut |work, value| {
        if let Some(before) = found.replace(value)
            && let Some(before) = before.fetched().found()
        {
            work.done(before);
        }
        ControlFlow::Continue(())
    });
    settle(found, certainty)
}

/// The last value of what the first argument names, the first where it names nothing.
pub(super) fn named<'a, T: Output<'a>>(
    args: &Args,
    work: &mut Work,
    run: impl FnOnce(&mut Work, See<'_, T>) -> Certainty,
) -> Fetched<Value<'a>> {
    match args.text(0) {
        Some([_, ..]) => last(args, work, run),
        Some([]) | None => first(args, work, run),
    }
}

fn settle<'a, T: Output<'a>>(found: Option<T>, certainty: Certainty) -> Fetched<Value<'a>> {
    let found = found.and_then(|value| value.fetched().found());
    match (found, certainty) {
        (Some(value), Certainty::Final) => Fetched::Is(value),
        (Some(value), Certainty::MayChange) => Fetched::IsSoFar(value),
        (None, Certainty::Final) => Fetched::Not,
        (None, Certainty::MayChange) => Fetched::NotYet,
    }
}

/// Shows values of a type to whoever takes any.
pub(super) fn show<'a, T: Output<'a>>(
    see: Each<'_, 'a>,
    run: impl FnOnce(See<'_, T>) -> Certainty,
) -> Certainty {
    run(&mut |work, value| match value.fetched().found() {
        Some(value) => see(work, value),
        None => ControlFlow::Continue(()),
    })
}
