//! Ways of comparing a value with patterns (`-m`).

use crate::cast::castable;
use crate::value::Type;

/// A way of comparing a value with patterns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Matching {
    /// `found`: there is a value at all.
    Found,
    /// `bool`: the value is true; patterns mean nothing.
    Bool,
    /// `int`: a number or a range of numbers.
    Int,
    /// `ip`: an address or a network.
    Ip,
    /// `bin`: these bytes, in hexadecimal digits.
    Bin,
    /// `len`: the length of a text as a number.
    Len,
    /// `str`: the same text.
    Str,
    /// `beg`: a text that begins like this.
    Beg,
    /// `sub`: a text that has this in it.
    Sub,
    /// `dir`: a text with this between slashes.
    Dir,
    /// `dom`: a text with this between dots, colons, slashes and the like.
    Dom,
    /// `end`: a text that ends like this.
    End,
    /// `reg`: a text in which this regular expression matches.
    Reg,
    /// The name of an HTTP method: what the keyword `method` implies.
    Method,
    /// A version, `3` or `3.1`, or a range of them: what the keyword `req.ssl_ver` implies.
    Version,
}

impl Matching {
    /// Its name after `-m`; those that are only implied by a keyword have one for messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Ip => "ip",
            Self::Bin => "bin",
            Self::Len => "len",
            Self::Str => "str",
            Self::Beg => "beg",
            Self::Sub => "sub",
            Self::Dir => "dir",
            Self::Dom => "dom",
            Self::End => "end",
            Self::Reg => "reg",
            Self::Method => "method",
            Self::Version => "version",
        }
    }

    /// The one called `name` after `-m`.
    pub fn by_name(name: &str) -> Option<Self> {
        NAMED.iter().copied().find(|it| it.name() == name)
    }

    /// The one that a value of this type implies.
    pub const fn implied_by(kind: Type) -> Option<Self> {
        match kind {
            Type::Bool => Some(Self::Bool),
            Type::Int => Some(Self::Int),
            Type::Address | Type::Ip4 | Type::Ip6 => Some(Self::Ip),
            Type::Text => Some(Self::Str),
            // Of all fetches of methods, `method` alone is a keyword of conditions.
            Type::Any | Type::Bytes | Type::Method => None,
        }
    }

    /// What a value is cast to before it is compared.
    pub const fn takes(self) -> Type {
        match self {
            Self::Found => Type::Any,
            Self::Bool => Type::Bool,
            Self::Int | Self::Version => Type::Int,
            Self::Ip => Type::Address,
            Self::Bin => Type::Bytes,
            Self::Method => Type::Method,
            Self::Len
            | Self::Str
            | Self::Beg
            | Self::Sub
            | Self::Dir
            | Self::Dom
            | Self::End
            | Self::Reg => Type::Text,
        }
    }

    /// Whether values of this type can be compared so.
    pub const fn fits(self, kind: Type) -> bool {
        castable(kind, self.takes())
    }

    /// Whether patterns are numbers, so that operators may stand in front of them.
    pub(super) const fn is_numeric(self) -> bool {
        matches!(self, Self::Int | Self::Len | Self::Version)
    }

    /// Whether values are compared with patterns at all.
    pub(super) const fn needs_patterns(self) -> bool {
        !matches!(self, Self::Found | Self::Bool)
    }
}

/// Those that `-m` knows.
const NAMED: [Matching; 13] = [
    Matching::Found,
    Matching::Bool,
    Matching::Int,
    Matching::Ip,
    Matching::Bin,
    Matching::Len,
    Matching::Str,
    Matching::Beg,
    Matching::Sub,
    Matching::Dir,
    Matching::Dom,
    Matching::End,
    Matching::Reg,
];

/// How the patterns of a list are read and compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct How {
    /// The way of comparing.
    pub matching: Matching,
    /// `-i`: upper and lower case of ASCII are the same.
    pub ignore_case: bool,
}

impl How {
    /// Comparing so, letter by letter.
    pub const fn exactly(matching: Matching) -> Self {
        Self {
            matching,
            ignore_case: false,
        }
    }
}
