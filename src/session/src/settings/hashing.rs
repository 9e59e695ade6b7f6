//! What requests are hashed by to choose a server.

use alloc::boxed::Box;
use sample::expr::Chain;
use sample::{Expr, For, ServerChoice};

/// `balance` with a hash, and `hash-type`.
#[derive(Clone, Debug)]
pub struct Hashing {
    /// What is hashed.
    pub of: HashOf,
    /// How.
    pub function: HashFunction,
    /// `avalanche`: the hash is mixed once more.
    pub avalanche: bool,
}

/// What is hashed of a request.
#[derive(Clone, Debug)]
pub enum HashOf {
    /// `source`: the client's address. No function of hashes is applied to it.
    Source,
    /// `uri`
    Uri(HashedUri),
    /// `url_param`: the value of this parameter in the query.
    Param(Box<[u8]>),
    /// `hdr`
    Header {
        /// The field.
        name: Box<[u8]>,
        /// `use_domain_only`: only the label in front of the last dot.
        domain: bool,
    },
    /// `log-hash`: what these make of a log line's text.
    Message(Chain),
    /// `hash`, `rdp-cookie`
    Expr(For<ServerChoice, Expr>),
}

/// How much of a request-target is hashed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HashedUri {
    /// `whole`: the query too.
    pub whole: bool,
    /// `path-only`: nothing in front of the path.
    pub path_only: bool,
    /// `len`: so many bytes at most.
    pub len: Option<u32>,
    /// `depth`: up to the slash behind so many.
    pub depth: Option<u32>,
}

/// A function of `hash-type`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HashFunction {
    /// `sdbm`
    #[default]
    Sdbm,
    /// `djb2`
    Djb2,
    /// `wt6`
    Wt6,
    /// `crc32`
    Crc32,
    /// `none`: the number that the text begins with.
    None,
}

impl HashOf {
    /// The word behind `balance`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Uri(_) => "uri",
            Self::Param(_) => "url_param",
            Self::Header { .. } => "hdr",
            Self::Message(_) => "log-hash",
            Self::Expr(expr) if expr.get().fetch().name == "req.rdp_cookie" => "rdp-cookie",
            Self::Expr(_) => "hash",
        }
    }
}
