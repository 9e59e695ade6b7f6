//! What all lines of a configuration have in common: variables, lists of patterns.

use crate::LoadOptions;
use crate::source::Place;
use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::sync::Arc;
use alloc::vec::Vec;
use base::Rng;
use sample::Work;
use sample::pattern::References;
use sample::vars::SharedVars;
use session::settings::{LogProfile, Override, ProfileStep};

/// What lines add to as they are read.
#[derive(Debug)]
pub(crate) struct Shared {
    /// The variables of the process, and the names of all.
    pub vars: Arc<SharedVars>,
    /// What lines are evaluated with as they are read.
    pub work: Work,
    /// Lists and maps, one a file.
    pub references: References,
    /// What the lines of the `log-profile` that is being read say.
    pub profile_steps: Vec<(ProfileStep, Override)>,
    /// `log-profile` sections that were read.
    pub profiles: Vec<LogProfile>,
    /// Stick tables that learn which servers served whom, by place.
    pub learning: BTreeSet<u32>,
    /// What expressions write to, by number: its name, and the line that names it first.
    pub sinks: Vec<(Box<str>, Place)>,
    /// Something reads what the system measures of connections.
    pub measures: bool,
    /// Something reads bodies of requests.
    pub bodies: bool,
}

impl Shared {
    pub(crate) fn new(options: &LoadOptions, bufsize: u32) -> Self {
        let [first, second] = options.hash_key;
        let rng = Rng::from_u64(first ^ second.rotate_left(32));
        let vars: Arc<SharedVars> = Arc::default();
        let mut work = Work::new(options.epoch, rng, bufsize as usize);
        work.process = vars.clone();
        Self {
            vars,
            work,
            references: References::new(options.hash_key),
            profile_steps: Vec::new(),
            profiles: Vec::new(),
            learning: BTreeSet::new(),
            sinks: Vec::new(),
            measures: false,
            bodies: false,
        }
    }
}
