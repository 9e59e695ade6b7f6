//! What all lines of a configuration have in common: the numbers of variables, lists of patterns.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use sample::pattern::{HashKey, References};
use session::settings::{LogProfile, Override, ProfileStep};

/// What lines add to as they are read.
#[derive(Debug)]
pub(crate) struct Shared {
    variables: BTreeMap<Box<str>, u32>,
    /// Lists and maps, one a file.
    pub references: References,
    /// What the lines of the `log-profile` that is being read say.
    pub profile_steps: Vec<(ProfileStep, Override)>,
    /// `log-profile` sections that were read.
    pub profiles: Vec<LogProfile>,
}

impl Shared {
    pub(crate) fn new(hash_key: HashKey) -> Self {
        Self {
            variables: BTreeMap::new(),
            references: References::new(hash_key),
            profile_steps: Vec::new(),
            profiles: Vec::new(),
        }
    }

    /// The number of a variable, by its name without scope: equal names have equal numbers.
    pub(crate) fn variable(&mut self, name: &str) -> u32 {
        let next = self.variables.len() as u32;
        *self.variables.entry(name.into()).or_insert(next)
    }
}
