//! Expressions: a fetch and the converters behind it.

use crate::args::{self, Args, Owner};
use crate::cast::{cast, castable};
use crate::checkpoint::{Checkpoint, Place, sources_of};
use crate::convert::{Converter, When};
use crate::facts::{Context, Facts};
use crate::fetch::{Certainty, Each, Fetch, Run};
use crate::names::Names;
use crate::source::{Source, Sources, Stable};
use crate::value::{Fetched, Type, Value};
use crate::work::Work;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::marker::PhantomData;
use core::ops::ControlFlow;

/// Where an expression is read: the place, and what exists there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ground {
    /// Where.
    pub place: Place,
    /// What exists there.
    pub sources: Sources,
}

impl Ground {
    /// The ground of `C`.
    pub fn of<C: Checkpoint>() -> Self {
        Self {
            place: C::PLACE,
            sources: sources_of::<C>(),
        }
    }

    /// No place yet: everything may exist. For what is read before it is known where it stands.
    pub fn anywhere() -> Self {
        let place = Place {
            step: None,
            name: "ACL",
        };
        let everywhere = crate::checkpoints().into_iter();
        let sources = everywhere.fold(Sources::default(), |all, (_, here)| all.union(here));
        Self { place, sources }
    }
}

/// Something that was read for the checkpoint `C` and is evaluated there alone: the only way to make
/// one is [`For::read`], the only way to use it is with a [`Context`] of `C`.
pub struct For<C, T> {
    inner: T,
    place: PhantomData<fn() -> C>,
}

impl<C: Checkpoint, T> For<C, T> {
    /// Reads something with a function that is told what exists at `C`.
    pub fn read<E>(read: impl FnOnce(&Ground) -> Result<T, E>) -> Result<Self, E> {
        let inner = read(&Ground::of::<C>())?;
        let place = PhantomData;
        Ok(Self { inner, place })
    }

    /// What was read, with the facts of a context of `C`.
    pub fn with<'s, 'a>(&'s self, context: &Context<'a, C>) -> (&'s T, Facts<'a>) {
        (&self.inner, context.facts())
    }

    /// What was read, to be looked at only.
    pub fn get(&self) -> &T {
        &self.inner
    }
}

impl<C, T: Clone> Clone for For<C, T> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            place: PhantomData,
        }
    }
}

impl<C, T: core::fmt::Debug> core::fmt::Debug for For<C, T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.inner.fmt(f)
    }
}

/// A fetch and the converters behind it.
#[derive(Clone)]
pub struct Expr {
    text: Box<str>,
    fetch: &'static Fetch,
    /// What it does here; none where its source does not exist: it never finds anything.
    run: Option<Run>,
    is_single: bool,
    args: Args,
    steps: Box<[Step]>,
    output: Type,
}

#[derive(Clone)]
struct Step {
    converter: &'static Converter,
    args: Args,
    /// Facts decide whether the value passes ([`When`]).
    is_gate: bool,
}

/// Why a text is no expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadExpr {
    /// Where in the text it begins to be wrong, bytes.
    pub at: usize,
    /// What is wrong, a sentence without a full stop.
    pub message: String,
    /// What the word may have been meant to be.
    pub unknown: Option<Unknown>,
}

/// A word that is no keyword, and of what kind it should be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// A sample fetch.
    Fetch(String),
    /// A converter.
    Converter(String),
    /// A named ACL.
    Acl(String),
}

impl Expr {
    /// Reads the expression at the beginning of `text`, wherever its fetch is valid; what comes behind
    /// it is left, its length is told.
    pub fn parse(
        text: &str,
        ground: &Ground,
        names: &mut dyn Names,
    ) -> Result<(Self, usize), BadExpr> {
        let name = word(text);
        let Some(fetch) = Fetch::find(name) else {
            return Err(BadExpr {
                at: 0,
                message: if name.is_empty() {
                    format!("missing fetch method in '{text}'")
                } else {
                    format!("unknown fetch method '{name}'")
                },
                unknown: Some(Unknown::Fetch(name.into())),
            });
        };
        Self::parse_with(fetch, text, ground, names)
    }

    /// The same for a fetch that is known already, whatever it is called in the text.
    pub fn parse_with(
        fetch: &'static Fetch,
        text: &str,
        ground: &Ground,
        names: &mut dyn Names,
    ) -> Result<(Self, usize), BadExpr> {
        let name = word(text);
        let owner = Owner::Fetch(name);
        let mut at = name.len();
        let wrong = |at, message| BadExpr {
            at,
            message,
            unknown: None,
        };
        let (mut args, taken) =
            args::parse(owner, fetch.args, &text[at..], names).map_err(|why| wrong(at, why))?;
        if let Some(check) = fetch.check {
            check(&mut args, names).map_err(|why| wrong(at, owner.refuses(&why)))?;
        }
        if fetch.sources().has(Source::RequestBody) {
            names.bodies();
        }
        at += taken;
        let (steps, output) = steps(text, &mut at, fetch.output, names)?;
        let expr = Self {
            text: text[..at].into(),
            fetch,
            run: fetch.run_with(ground.sources),
            is_single: fetch.is_single(),
            args,
            steps: steps.into(),
            output,
        };
        Ok((expr, at))
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its fetch.
    pub fn fetch(&self) -> &'static Fetch {
        self.fetch
    }

    /// The arguments of its fetch.
    pub(crate) fn args(&self) -> &Args {
        &self.args
    }

    /// What is written behind the keyword of its fetch.
    pub(crate) fn behind_keyword(&self) -> &str {
        &self.text[word(&self.text).len()..]
    }

    /// The converters behind its fetch.
    pub(crate) fn converters(&self) -> impl Iterator<Item = &'static Converter> {
        self.steps.iter().map(|step| step.converter)
    }

    /// The type of its value.
    pub fn output(&self) -> Type {
        self.output
    }

    /// What its fetch reads.
    pub fn sources(&self) -> Sources {
        self.fetch.sources()
    }

    /// Whether converters follow the fetch.
    pub fn is_converted(&self) -> bool {
        !self.steps.is_empty()
    }

    /// The same where `ground` is.
    pub fn at(&self, ground: &Ground) -> Self {
        Self {
            run: self.fetch.run_with(ground.sources),
            ..self.clone()
        }
    }

    /// Whether it may find anything where it stands.
    pub fn is_valid(&self) -> bool {
        self.run.is_some()
    }

    /// From when on its value stays.
    pub fn stable(&self) -> Stable {
        let source = self.run.map(|run| run.source().stable());
        self.fetch.stable.or(source).unwrap_or(Stable::Accept)
    }

    /// Its value.
    pub fn value<'a>(&'a self, facts: &Facts<'a>, work: &mut Work) -> Fetched<Value<'a>> {
        let Some(run) = self.run else {
            return Fetched::Not;
        };
        let fetched = run.value(facts, &self.args, work);
        if self.steps.is_empty() {
            return fetched;
        }
        let value = fetched.and_then(|value| self.convert(value, facts, work));
        match value {
            Fetched::IsSoFar(value) if self.settles() => Fetched::Is(value),
            other => other,
        }
    }

    /// Whether [`Expr::each`] shows what [`Expr::value`] is, and nothing else.
    pub fn is_single(&self) -> bool {
        self.is_single
    }

    /// Its value as `to`.
    pub fn value_as<'a>(
        &'a self,
        to: Type,
        facts: &Facts<'a>,
        work: &mut Work,
    ) -> Fetched<Value<'a>> {
        let fetched = self.value(facts, work);
        fetched.and_then(|value| cast(value, to, work))
    }

    /// Shows each of its values until `see` has seen enough; says whether asking again may show more.
    pub fn each<'a>(&'a self, facts: &Facts<'a>, work: &mut Work, see: Each<'_, 'a>) -> Certainty {
        let Some(run) = self.run else {
            return Certainty::Final;
        };
        let mut settled = false;
        let certainty = run.each(facts, &self.args, work, &mut |work, value| match self
            .convert(value, facts, work)
        {
            Some(value) => {
                settled = self.settles();
                see(work, value)
            }
            None => ControlFlow::Continue(()),
        });
        match settled {
            true => Certainty::Final,
            false => certainty,
        }
    }

    /// Whether a value stays whatever still comes of what it was made of.
    fn settles(&self) -> bool {
        self.steps.iter().any(|step| step.converter.settles())
    }

    fn convert<'a>(
        &'a self,
        value: Value<'a>,
        facts: &Facts<'a>,
        work: &mut Work,
    ) -> Option<Value<'a>> {
        convert(&self.steps, value, Some(facts), work)
    }
}

impl core::fmt::Debug for Expr {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.text)
    }
}

/// The converters at `at` in a text, each behind a comma, and what comes out of the last; `at` is moved
/// behind them.
fn steps(
    text: &str,
    at: &mut usize,
    from: Type,
    names: &mut dyn Names,
) -> Result<(Vec<Step>, Type), BadExpr> {
    let wrong = |at, message| BadExpr {
        at,
        message,
        unknown: None,
    };
    let mut output = from;
    let mut steps = Vec::new();
    while let Some(rest) = text[*at..].strip_prefix(',') {
        let name = word(rest);
        let owner = Owner::Converter(name);
        let Some(converter) = Converter::find(name) else {
            return Err(BadExpr {
                at: *at + 1,
                message: format!("unknown converter '{name}'"),
                unknown: Some(Unknown::Converter(name.into())),
            });
        };
        *at += 1;
        let start = *at;
        *at += name.len();
        let (mut args, taken) = args::parse(owner, converter.args, &text[*at..], names)
            .map_err(|why| wrong(start, why))?;
        if let Some(check) = converter.check {
            check(&mut args, names).map_err(|why| wrong(start, owner.refuses(&why)))?;
        }
        *at += taken;
        if !castable(output, converter.input) {
            return Err(wrong(
                start,
                format!("converter '{name}' cannot be applied"),
            ));
        }
        let is_gate = args.made::<When>(0).is_some();
        steps.push(Step {
            converter,
            args,
            is_gate,
        });
        // What takes anything and yields anything yields what came in.
        if (converter.input, converter.output) != (Type::Any, Type::Any) {
            output = converter.output;
        }
    }
    Ok((steps, output))
}

/// Converters alone, for a text that no fetch finds (`balance log-hash`).
#[derive(Clone)]
pub struct Chain {
    text: Box<str>,
    steps: Box<[Step]>,
}

impl Chain {
    /// Reads converters with commas between.
    pub fn parse(text: &str, names: &mut dyn Names) -> Result<Self, BadExpr> {
        // As if they stood behind a fetch.
        let behind = alloc::format!(",{text}");
        let mut at = 0;
        let (steps, _) = steps(&behind, &mut at, Type::Text, names)?;
        if at < behind.len() {
            return Err(BadExpr {
                at: at.saturating_sub(1),
                message: alloc::format!("trailing characters in '{text}'"),
                unknown: None,
            });
        }
        if steps.iter().any(|step| step.is_gate) {
            return Err(BadExpr {
                at: 0,
                message: alloc::format!("'when' is not supported yet in '{text}'"),
                unknown: None,
            });
        }
        Ok(Self {
            text: text.into(),
            steps: steps.into(),
        })
    }

    /// What they make of a value.
    pub fn value<'a>(&'a self, value: Value<'a>, work: &mut Work) -> Option<Value<'a>> {
        convert(&self.steps, value, None, work)
    }
}

impl core::fmt::Debug for Chain {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.text)
    }
}

fn convert<'a>(
    steps: &'a [Step],
    mut value: Value<'a>,
    facts: Option<&Facts<'a>>,
    work: &mut Work,
) -> Option<Value<'a>> {
    for step in steps {
        if step.is_gate && !step.args.made::<When>(0)?.holds(facts?, work) {
            work.done(value);
            return None;
        }
        // What came out before may be of another type than was foreseen: the value of a query, or
        // bytes that were a text.
        value = cast(value, step.converter.input, work)?;
        value = (step.converter.run)(value, &step.args, work)?;
    }
    Some(value)
}

/// The keyword at the beginning of `text`.
fn word(text: &str) -> &str {
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '+')))
        .unwrap_or(text.len());
    &text[..end]
}
