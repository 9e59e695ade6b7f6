//! Patterns: lists and maps, and what matches them.
//!
//! A [`Reference`] is a list or a map that everything shares which names its file. It has an index for each
//! way in which it is searched. An [`Acl`] searches some lists for a value, a map converter searches one
//! map for it and takes what stands there.

mod acl;
mod copies;
mod derived;
mod entries;
mod file;
mod index;
mod keys;
mod matching;
mod network;
mod number;
mod open;
mod predefined;
mod reference;
mod references;
mod same;
mod text;
#[cfg(test)]
pub(crate) mod world;

pub use acl::{Acl, Criterion, Read, Verdict};
pub(crate) use copies::Copies;
pub use derived::{Derived, all as derived_keywords, derived};
pub use entries::{Entry, HashKey};
pub use file::Shape;
pub(crate) use index::Tree;
pub(crate) use keys::Key;
pub use matching::{How, Matching};
pub(crate) use network::{Network, same_masked};
pub use open::named;
pub(crate) use open::{Lookup, Wanted};
pub use predefined::predefined;
pub use reference::{Output, Overview, Reference, Search, User, UserKind};
pub use references::{Directory, References};

use alloc::string::String;
use core::net::IpAddr;

/// The address of a host, if names of hosts may be used here.
type Resolve<'a> = &'a mut dyn FnMut(&str) -> Option<IpAddr>;

/// Why a list or a map is not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The key or the value cannot be read; why.
    Invalid(String),
    /// The version was not prepared.
    NotPrepared,
    /// The version is not newer than the one in use, or was not prepared.
    OutOfRange,
}

impl Refusal {
    /// As a remark of the runtime API.
    pub fn into_text(self) -> String {
        match self {
            Self::Invalid(why) => why,
            Self::NotPrepared => {
                "Version number in the future, please use 'prepare map' before.".into()
            }
            Self::OutOfRange => "Version number out of range.".into(),
        }
    }
}
