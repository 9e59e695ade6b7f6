//! Sample fetches. Each is one item: its name, its arguments, and a function over exactly what it reads.
//!
//! The parameter of the function decides its [`Source`](crate::Source), and so where it may be used;
//! what it returns decides its type. Neither is written down a second time.

mod acl;
mod action;
mod auth;
mod body;
mod by_source;
mod client;
mod conn;
mod constant;
mod cookie;
mod date;
mod distcc;
mod error;
mod header;
mod hello;
mod host;
mod output;
mod param;
mod payload;
mod proxy;
mod rdp;
mod read;
mod server;
mod stats;
mod target;
mod tcp;
mod tracked;
mod transaction;
mod variable;

#[cfg(test)]
mod tests;

pub(crate) use acl::named_acls;
pub use action::{Action, Certainty, Each, Many, One, See};
pub use header::address_in_header;
pub use output::{Bin, MethodName, Output, Str, type_of, type_of_each};
pub use read::{Read, Readable, Run, from};

use crate::args::Signature;
use crate::convert::Check;
use crate::source::{Sources, Stable};
use crate::value::Type;
use core::time::Duration;
use message::Version;

/// A sample fetch.
pub struct Fetch {
    /// Its keyword.
    pub name: &'static str,
    /// Other names it has, older ones as a rule.
    pub also: &'static [&'static str],
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

impl Fetch {
    /// The fetch called `name`.
    pub fn find(name: &str) -> Option<&'static Self> {
        Self::all().find(|fetch| fetch.name == name || fetch.also.contains(&name))
    }

    /// All of them.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        [TABLES, tracked::FETCHES]
            .into_iter()
            .flatten()
            .copied()
            .flatten()
    }

    /// What it reads.
    pub fn sources(&self) -> Sources {
        let sources = self.runs.iter().map(Run::needs);
        sources.fold(Sources::default(), Sources::union)
    }

    /// Whether it has one value at most, wherever it runs.
    pub fn is_single(&self) -> bool {
        self.runs.iter().all(Run::is_single)
    }

    /// What it does where `sources` exist.
    pub fn run_with(&self, sources: Sources) -> Option<Run> {
        let mut runs = self.runs.iter();
        runs.find(|run| sources.has_all(run.needs())).copied()
    }

    /// The same with other names.
    const fn also(mut self, names: &'static [&'static str]) -> Self {
        self.also = names;
        self
    }

    /// The same with a look at its arguments.
    const fn check(mut self, check: Check) -> Self {
        self.check = Some(check);
        self
    }

    /// The same with a time from which on its value stays.
    const fn stable(mut self, stable: Stable) -> Self {
        self.stable = Some(stable);
        self
    }
}

/// A fetch: its name, line of documentation, arguments, and one function or more with the source of
/// each: `fetch!("name", "doc", SIGNATURE, Source: function, …)`.
///
/// A function that shows several values says which is the one where one is asked for: `Source:
/// function => first`, `=> last`, or `=> named`: the last of a name, the first where none is given.
macro_rules! fetch {
    (
        $name:expr, $doc:expr, $args:expr,
        $source:ident: $function:expr $(=> $pick:ident)?
        $(, $source2:ident: $function2:expr $(=> $pick2:ident)?)* $(,)?
    ) => {
        $crate::fetch::Fetch {
            name: $name,
            also: &[],
            doc: $doc,
            args: $args,
            check: None,
            runs: &[
                fetch!(@run $source $function $(=> $pick)?),
                $(fetch!(@run $source2 $function2 $(=> $pick2)?)),*
            ],
            output: fetch!(@type $function $(=> $pick)?),
            stable: None,
        }
    };
    (@run $source:ident $function:expr) => {
        $crate::fetch::Run::$source($crate::fetch::Action::One(|view, args, work| {
            $crate::fetch::Output::fetched($function(view, args, work))
        }))
    };
    (@run $source:ident $function:expr => $pick:ident) => {
        $crate::fetch::Run::$source($crate::fetch::Action::Many {
            one: |view, args, work| {
                $crate::fetch::action::$pick(args, work, |work, see| {
                    $function(view, args, work, see).into()
                })
            },
            each: |view, args, work, see| {
                $crate::fetch::action::show(see, |see| $function(view, args, work, see).into())
            },
        })
    };
    (@type $function:expr) => {
        $crate::fetch::type_of($function)
    };
    (@type $function:expr => $pick:ident) => {
        $crate::fetch::type_of_each($function)
    };
}
use fetch;

/// All fetches, by file.
const TABLES: &[&[Fetch]] = &[
    acl::FETCHES,
    auth::FETCHES,
    body::FETCHES,
    by_source::FETCHES,
    client::FETCHES,
    conn::FETCHES,
    constant::FETCHES,
    cookie::FETCHES,
    date::FETCHES,
    distcc::FETCHES,
    header::FETCHES,
    hello::FETCHES,
    host::FETCHES,
    param::FETCHES,
    payload::FETCHES,
    target::FETCHES,
    tcp::FETCHES,
    proxy::FETCHES,
    rdp::FETCHES,
    server::FETCHES,
    stats::FETCHES,
    transaction::FETCHES,
    variable::FETCHES,
];

/// A timeout, milliseconds; 0 without a limit.
fn millis(timeout: Option<Duration>) -> u64 {
    timeout.map_or(0, |timeout| timeout.as_millis() as u64)
}

/// A version as HTTP/1 writes it.
const fn version_text(version: Version) -> &'static [u8] {
    match version {
        Version::Http10 => b"HTTP/1.0",
        Version::Http11 => b"HTTP/1.1",
        Version::Http2 => b"HTTP/2.0",
    }
}

/// The two digits of a byte.
fn hex(byte: u8) -> [u8; 2] {
    let digit = |nibble: u8| b"0123456789abcdef"[usize::from(nibble)];
    [digit(byte >> 4), digit(byte & 15)]
}
