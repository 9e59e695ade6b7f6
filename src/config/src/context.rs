//! What every keyword's parser may use besides its own line.

use crate::LoadOptions;
use crate::diagnostic::{Diagnostic, Severity};
use crate::problem::Problem;
use crate::statement::Statement;
use crate::surroundings::Surroundings;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Environment, switches and diagnostics of one loading.
pub(crate) struct Context<'c> {
    pub surroundings: &'c dyn Surroundings,
    pub options: &'c LoadOptions,
    pub diagnostics: Vec<Diagnostic>,
    /// `setenv`, `unsetenv` and their kin; `None` is unset.
    env: BTreeMap<String, Option<String>>,
    /// `resetenv`: only these are still visible of the real environment.
    env_kept: Option<Vec<String>>,
}

impl<'c> Context<'c> {
    pub(crate) fn new(surroundings: &'c dyn Surroundings, options: &'c LoadOptions) -> Self {
        let mut env = BTreeMap::new();
        for (name, value) in [
            ("HAPROXY_STARTUP_VERSION", crate::identity::VERSION),
            ("HAPROXY_BRANCH", crate::identity::BRANCH),
        ] {
            env.insert(name.to_string(), Some(value.to_string()));
        }
        Self {
            surroundings,
            options,
            diagnostics: Vec::new(),
            env,
            env_kept: None,
        }
    }

    /// An environment variable as the configuration sees it at this line.
    pub(crate) fn env(&self, name: &str) -> Option<String> {
        if let Some(own) = self.env.get(name) {
            return own.clone();
        }
        let hidden = self
            .env_kept
            .as_ref()
            .is_some_and(|kept| !kept.iter().any(|other| other == name));
        if hidden {
            return None;
        }
        self.surroundings.env(name)
    }

    /// `setenv`, `unsetenv`
    pub(crate) fn set_env(&mut self, name: &str, value: Option<&str>) {
        self.env
            .insert(name.to_string(), value.map(ToString::to_string));
    }

    /// `resetenv`: forgets all variables but these.
    pub(crate) fn reset_env(&mut self, kept: Vec<String>) {
        self.env.retain(|name, _| kept.contains(name));
        self.env_kept = Some(kept);
    }

    /// Says something about a line that does not stop the configuration.
    pub(crate) fn warn(&mut self, statement: &Statement<'_>, problem: Problem) {
        self.diagnostics
            .push(statement.diagnostic(Severity::Warning, problem));
    }
}
