//! Sample fetches. Each is one item: its name, its arguments, and a function over exactly what it reads.
//!
//! The parameter of the function decides its [`Source`], and so where it may be used; what it returns
//! decides its type. Neither is written down a second time.

mod client;
mod http;
mod internal;
mod output;

pub use output::{Bin, MethodName, Output, Str, type_of};

use crate::args::{Args, Signature};
use crate::convert::Check;
use crate::facts::{self, Arrival, Facts, Process};
use crate::source::{Source, Sources, Stable};
use crate::value::{Fetched, Type, Value};
use crate::work::Work;
use core::ops::ControlFlow;
use message::Head;

/// A sample fetch.
pub struct Fetch {
    /// Its keyword.
    pub name: &'static str,
    /// What it yields, in a line.
    pub doc: &'static str,
    /// Its arguments.
    pub args: Signature,
    /// Looks at the arguments once, when the configuration is read.
    pub check: Option<Check>,
    /// What it does; one that reads requests and responses alike has one for each.
    pub runs: &'static [Run],
    /// What it yields.
    pub output: Type,
    /// From when on that stays, if not from when its source does.
    pub stable: Option<Stable>,
}

/// A function that fetches a value from a source `S`.
pub type One<S> = for<'a> fn(Read<'a, S>, &'a Args, &mut Work) -> Fetched<Value<'a>>;

/// Sees each value of a fetch; says whether it has seen enough.
pub type Each<'e, 'a> = &'e mut dyn FnMut(&mut Work, Value<'a>) -> ControlFlow<()>;

/// A function that shows each value from a source `S`, for conditions; the last is its value elsewhere.
pub type Many<S> = for<'a> fn(Read<'a, S>, &'a Args, &mut Work, Each<'_, 'a>);

/// What a fetch reads of `S`.
pub type Read<'a, S> = <S as Readable>::View<'a>;

/// A source as a type: what its fetches are given.
pub trait Readable: 'static {
    /// What is lent to a fetch.
    type View<'a>: Copy;
    /// The same as a value.
    const SOURCE: Source;
    /// Lends it.
    fn of<'a>(facts: &Facts<'a>) -> Arrival<Self::View<'a>>;
}

macro_rules! sources {
    ($($(#[$doc:meta])* $name:ident: $view:ty = |$facts:ident| $of:expr;)*) => {
        /// The sources as types.
        pub mod from {
            use super::*;
            $($(#[$doc])* #[derive(Debug)] pub enum $name {}

            impl Readable for $name {
                type View<'a> = $view;
                const SOURCE: Source = Source::$name;

                fn of<'a>($facts: &Facts<'a>) -> Arrival<$view> {
                    $of
                }
            })*
        }

        /// What a fetch does.
        #[derive(Clone, Copy)]
        pub enum Run {
            $($(#[$doc])* $name(Action<from::$name>),)*
        }

        impl Run {
            /// What it reads.
            pub const fn source(&self) -> Source {
                match self {
                    $(Self::$name(_) => Source::$name,)*
                }
            }

            /// Its value, the last one if there are more.
            pub fn value<'a>(&self, facts: &Facts<'a>, args: &'a Args, work: &mut Work) -> Fetched<Value<'a>> {
                match self {
                    $(Self::$name(action) => action.value(facts, args, work),)*
                }
            }

            /// Shows each of its values.
            pub fn each<'a>(&self, facts: &Facts<'a>, args: &'a Args, work: &mut Work, see: Each<'_, 'a>) -> Certainty {
                match self {
                    $(Self::$name(action) => action.each(facts, args, work, see),)*
                }
            }
        }
    };
}

sources! {
    /// Nothing but the arguments.
    Constant: () = |_facts| Arrival::Here(());
    /// The state of the process.
    Internal: &'a dyn Process = |facts| Arrival::Here(facts.process);
    /// The client's addresses and where it came in.
    Client: (&'a facts::Client<'a>, &'a dyn Process) = |facts| with_process(facts, facts.client);
    /// The client's connection.
    ClientConn: &'a facts::Conn = |facts| here(facts.client_conn);
    /// Raw bytes of the request.
    RequestBytes: facts::Window<'a> = |facts| facts.request_bytes;
    /// Head of the request.
    RequestHead: &'a Head = |facts| facts.request_head;
    /// Body of the request.
    RequestBody: facts::Body<'a> = |facts| facts.request_body;
    /// What stays of the request, times and counts.
    Transaction: &'a facts::Transaction<'a> = |facts| here(facts.transaction);
    /// The backend's place among the proxies.
    Backend: (u32, &'a dyn Process) = |facts| with_process(facts, facts.backend);
    /// The server.
    Server: (facts::Server, &'a dyn Process) = |facts| with_process(facts, facts.server);
    /// The server's connection.
    ServerConn: &'a facts::Conn = |facts| here(facts.server_conn);
    /// Raw bytes of the response.
    ResponseBytes: facts::Window<'a> = |facts| facts.response_bytes;
    /// Head of the response.
    ResponseHead: &'a Head = |facts| facts.response_head;
    /// What stays of the response.
    ResponseLine: facts::ResponseLine<'a> = |facts| here(facts.response_line);
    /// Body of the response.
    ResponseBody: facts::Body<'a> = |facts| facts.response_body;
    /// Times and counts of the response.
    ResponseStats: &'a facts::Transaction<'a> = |facts| here(facts.response_stats);
}

fn here<T>(found: Option<T>) -> Arrival<T> {
    found.map_or(Arrival::Never, Arrival::Here)
}

fn with_process<'a, T>(facts: &Facts<'a>, found: Option<T>) -> Arrival<(T, &'a dyn Process)> {
    here(found.map(|found| (found, facts.process)))
}

/// What a fetch does with a source.
pub enum Action<S: Readable> {
    /// It has one value or none.
    One(One<S>),
    /// It may have several.
    Many(Many<S>),
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

impl<S: Readable> Action<S> {
    fn value<'a>(self, facts: &Facts<'a>, args: &'a Args, work: &mut Work) -> Fetched<Value<'a>> {
        match (S::of(facts), self) {
            (Arrival::Never, _) => Fetched::Not,
            (Arrival::Expected, _) => Fetched::NotYet,
            (Arrival::Here(view), Self::One(fetch)) => fetch(view, args, work),
            (Arrival::Here(view), Self::Many(fetch)) => {
                let mut last = None;
                fetch(view, args, work, &mut |work, value| {
                    if let Some(before) = last.replace(value) {
                        work.done(before);
                    }
                    ControlFlow::Continue(())
                });
                last.into()
            }
        }
    }

    fn each<'a>(
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
            (Arrival::Here(view), Self::Many(fetch)) => {
                fetch(view, args, work, see);
                Certainty::Final
            }
        }
    }
}

impl Fetch {
    /// The fetch called `name`.
    pub fn find(name: &str) -> Option<&'static Self> {
        Self::all().find(|fetch| fetch.name == name)
    }

    /// All of them.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        TABLES.iter().copied().flatten()
    }

    /// What it reads.
    pub fn sources(&self) -> Sources {
        let sources = self.runs.iter().map(|run| Sources::of(run.source()));
        sources.fold(Sources::default(), Sources::union)
    }

    /// What it does where `sources` exist.
    pub fn run_with(&self, sources: Sources) -> Option<Run> {
        let mut runs = self.runs.iter();
        runs.find(|run| sources.has(run.source())).copied()
    }
}

/// A fetch: name, line of documentation, arguments, and one function or more with the source of each.
/// `fetch!("name", "doc", SIGNATURE, Source: function, …)`; further fields may follow a semicolon.
macro_rules! fetch {
    ($name:literal, $doc:literal, $args:expr, $($source:ident: $function:path),+ $(; $field:ident: $value:expr)*) => {
        fetch!(@build $name, $doc, $args, [$($function),+],
            [$($crate::fetch::Run::$source($crate::fetch::Action::One(|view, args, work| {
                $crate::fetch::Output::fetched($function(view, args, work))
            }))),+]; $($field: $value,)*)
    };
    (@build $name:literal, $doc:literal, $args:expr, [$first:path $(, $more:path)*], [$($run:expr),+]; stable: $stable:expr,) => {
        $crate::fetch::Fetch {
            name: $name, doc: $doc, args: $args, check: None, runs: &[$($run),+],
            output: $crate::fetch::type_of($first), stable: Some($stable),
        }
    };
    (@build $name:literal, $doc:literal, $args:expr, [$first:path $(, $more:path)*], [$($run:expr),+]; check: $check:expr,) => {
        $crate::fetch::Fetch {
            name: $name, doc: $doc, args: $args, check: Some($check), runs: &[$($run),+],
            output: $crate::fetch::type_of($first), stable: None,
        }
    };
    (@build $name:literal, $doc:literal, $args:expr, [$first:path $(, $more:path)*], [$($run:expr),+];) => {
        $crate::fetch::Fetch {
            name: $name, doc: $doc, args: $args, check: None, runs: &[$($run),+],
            output: $crate::fetch::type_of($first), stable: None,
        }
    };
}
use fetch;

/// All fetches, by file.
const TABLES: &[&[Fetch]] = &[client::FETCHES, http::FETCHES, internal::FETCHES];
