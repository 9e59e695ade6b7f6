//! Arguments of fetches and converters: `name(a,b,c)`.

mod parse;

pub(crate) use parse::integer;
pub use parse::{Owner, parse};

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::net::{Ipv4Addr, Ipv6Addr};
use core::time::Duration;

/// What may stand in an argument's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `string`
    Text,
    /// `integer`
    Int,
    /// `time`: a number with a unit; the unit where there is none is the keyword's own.
    Time(Unit),
    /// `size`: bytes, `k`, `m` and `g`.
    Size,
    /// `IPv4 mask`: dotted or a number of bits.
    Mask4,
    /// `IPv6 mask`
    Mask6,
    /// `IPv4 address`
    Ip4,
    /// `IPv6 address`
    Ip6,
    /// `frontend`: the name of one; our own where it is left out.
    Frontend,
    /// `backend`
    Backend,
    /// `[backend/]server`
    Server,
    /// `table`: a stick table; the one of our own proxy where it is left out.
    Table,
    /// `user list`
    Userlist,
    /// A variable with its scope.
    Variable,
    /// A regular expression.
    Regex,
    /// The file of a map.
    Map,
}

/// What a time without a unit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Millis,
}

/// The arguments a keyword takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// How many have to be there.
    pub needed: usize,
    /// What each has to be.
    pub kinds: &'static [Kind],
}

impl Signature {
    /// None at all.
    pub const NONE: Self = Self::new(0, &[]);

    /// The first `needed` of `kinds`, the others as well if wished.
    pub const fn new(needed: usize, kinds: &'static [Kind]) -> Self {
        Self { needed, kinds }
    }
}

/// One argument, read.
#[derive(Clone, Debug)]
pub enum Arg {
    /// Text.
    Text(Box<[u8]>),
    /// A number.
    Int(i64),
    /// A time.
    Time(Duration),
    /// Bytes.
    Size(u64),
    /// An address or a mask.
    Ip4(Ipv4Addr),
    /// An address or a mask.
    Ip6(Ipv6Addr),
    /// A proxy, by its place among the proxies.
    Proxy(u32),
    /// A server: the place of its backend and its own.
    Server(u32, u32),
    /// A stick table, by its place among them.
    Table(u32),
    /// A user list, by its place among them.
    Userlist(u32),
    /// A variable.
    Variable(crate::vars::Variable),
    /// What the keyword's own check made of its arguments.
    Made(Arc<dyn core::any::Any + Send + Sync>),
}

/// The arguments of one use of a keyword; what was left out at the end is not there, what was left out
/// between others is `None`.
#[derive(Clone, Debug, Default)]
pub struct Args(pub Box<[Option<Arg>]>);

impl Args {
    /// The argument at `at`, from 0.
    pub fn get(&self, at: usize) -> Option<&Arg> {
        self.0.get(at)?.as_ref()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text at `at`.
    pub fn text(&self, at: usize) -> Option<&[u8]> {
        match self.get(at)? {
            Arg::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number at `at`; a time in nanoseconds and a size are none.
    pub fn int(&self, at: usize) -> Option<i64> {
        match self.get(at)? {
            Arg::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// The variable at `at`.
    pub fn variable(&self, at: usize) -> Option<&crate::vars::Variable> {
        match self.get(at)? {
            Arg::Variable(variable) => Some(variable),
            _ => None,
        }
    }

    /// The place of the proxy at `at`.
    pub fn proxy(&self, at: usize) -> Option<u32> {
        match self.get(at)? {
            Arg::Proxy(place) => Some(*place),
            _ => None,
        }
    }

    /// The place of the table at `at`.
    pub fn table(&self, at: usize) -> Option<u32> {
        match self.get(at)? {
            Arg::Table(place) => Some(*place),
            _ => None,
        }
    }

    /// What the keyword's check made, at `at`.
    pub fn made<T: 'static>(&self, at: usize) -> Option<&T> {
        match self.get(at)? {
            Arg::Made(any) => any.downcast_ref(),
            _ => None,
        }
    }
}
