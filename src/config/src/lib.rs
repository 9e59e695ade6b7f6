//! `haproxy.cfg` into typed settings, with everything that is wrong with it.
//!
//! Text goes in, [`engine::settings::Settings`] and [`Diagnostic`]s come out. Nothing is opened
//! here: what lies outside the text is asked of [`Surroundings`].

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod address;
mod bind;
mod condition;
mod context;
mod diagnostic;
mod draft;
mod finish;
mod global;
pub mod identity;
mod keyword;
mod known;
mod log;
mod nearest;
mod notes;
mod preprocessor;
mod problem;
mod protocol;
mod proxy;
mod reader;
pub mod render;
mod rules;
mod sections;
mod server;
mod source;
mod statement;
mod surroundings;
mod units;
mod words;

#[cfg(test)]
mod tests;

pub use diagnostic::{Diagnostic, Severity, Snippet};
pub use source::{Place, SourceFile};
pub use surroundings::{Family, Surroundings};

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use base::Epoch;
use engine::settings::Settings;

/// Switches of the command line that change how a configuration is read.
#[derive(Clone, Debug, Default)]
pub struct LoadOptions {
    /// `-dr`: a server whose name cannot be resolved is left in maintenance.
    pub ignore_resolution_failures: bool,
    /// `-dW`: warnings are fatal.
    pub zero_warning: bool,
    /// `-dD`: diagnostics of the lowest level are wanted.
    pub diagnostic_mode: bool,
    /// `-N`: `maxconn` of frontends without one.
    pub default_maxconn: Option<u32>,
    /// `-L`: the local peer's name.
    pub localpeer: Option<String>,
    /// Where the keys of lists and maps are found depends on it: drawn anew for each process, so that
    /// nobody outside can choose keys that are slow to find.
    pub hash_key: [u64; 2],
    /// The time it is, for lines that ask for it.
    pub epoch: Epoch,
}

/// What became of a configuration.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The settings; `None` if anything is fatal.
    pub settings: Option<Settings>,
    /// Everything there is to say, in order.
    pub diagnostics: Vec<Diagnostic>,
    /// `quiet` in `global`: nothing is to be shown once the process runs.
    pub quiet: bool,
}

impl Loaded {
    /// Whether anything is at least as bad as `severity`.
    pub fn has(&self, severity: Severity) -> bool {
        self.diagnostics.iter().any(|d| d.severity >= severity)
    }
}

/// Reads configuration files in order as one configuration.
pub fn load(
    files: &[SourceFile],
    surroundings: &dyn Surroundings,
    options: &LoadOptions,
) -> Loaded {
    reader::load(files, surroundings, options)
}

/// Evaluates the condition of `-cc`, or says why it cannot be.
pub fn check_condition(text: &str, surroundings: &dyn Surroundings) -> Result<bool, String> {
    let env = |name: &str| surroundings.env(name);
    let variables = words::Variables {
        env: &env,
        file: "",
        line: 0,
        section: "",
    };
    let words = words::split(text, &variables).map_err(|mistake| {
        alloc::format!("Syntax Error in condition: {}.", mistake.kind.message())
    })?;
    let joined = join(&words);
    condition::evaluate(&joined, &env)
        .map_err(|bad| alloc::format!("Failed to evaluate condition: {}", bad.message))
}

/// One keyword as `-dK` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeywordInfo {
    /// The sections it may stand in, or the line it is an option of.
    pub place: String,
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub doc: &'static str,
}

/// Every keyword that is understood.
pub fn keywords() -> Vec<KeywordInfo> {
    let mut all = Vec::new();
    for keyword in global::TABLES.iter().copied().flatten() {
        all.push(KeywordInfo {
            place: keyword.sections.list(),
            name: keyword.name,
            doc: keyword.doc,
        });
    }
    for (name, doc) in global::harmless() {
        all.push(KeywordInfo {
            place: "global".to_string(),
            name,
            doc,
        });
    }
    for keyword in proxy::TABLES.iter().copied().flatten() {
        all.push(KeywordInfo {
            place: keyword.sections.list(),
            name: keyword.name,
            doc: keyword.doc,
        });
    }
    for (place, name, doc) in rules::keywords() {
        all.push(KeywordInfo { place, name, doc });
    }
    for option in bind::options::OPTIONS {
        all.push(KeywordInfo {
            place: "bind".to_string(),
            name: option.name,
            doc: option.doc,
        });
    }
    for option in server::options::all() {
        all.push(KeywordInfo {
            place: "server".to_string(),
            name: option.name,
            doc: option.doc,
        });
    }
    all
}

/// Words with one space between, as conditions are read.
fn join(words: &[words::Word]) -> String {
    let mut joined = String::new();
    for word in words {
        if !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(&word.text);
    }
    joined
}
