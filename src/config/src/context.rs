//! What every keyword's parser may use besides its own line.

use crate::LoadOptions;
use crate::diagnostic::Severity;
use crate::identity;
use crate::notes::Notes;
use crate::problem::Problem;
use crate::statement::Statement;
use crate::surroundings::Surroundings;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Variables every configuration may use (configuration.txt §2.3); the formats are those of §8.2.
const PRESET: &[(&str, &str)] = &[
    ("HAPROXY_STARTUP_VERSION", identity::VERSION),
    ("HAPROXY_BRANCH", identity::BRANCH),
    (
        "HAPROXY_HTTP_LOG_FMT",
        "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r",
    ),
    (
        "HAPROXY_HTTP_CLF_LOG_FMT",
        "%{+Q}o %{-Q}ci - - [%trg] %r %ST %B \"\" \"\" %cp %ms %ft %b %s %TR %Tw %Tc %Tr %Ta %tsc %ac %fc %bc %sc %rc %sq %bq %CC %CS %hrl %hsl",
    ),
    (
        "HAPROXY_HTTPS_LOG_FMT",
        "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r %[fc_err]/%[ssl_fc_err,hex]/%[ssl_c_err]/%[ssl_c_ca_err]/%[ssl_fc_is_resumed] %[ssl_fc_sni]/%sslv/%sslc",
    ),
    (
        "HAPROXY_TCP_LOG_FMT",
        "%ci:%cp [%t] %ft %b/%s %Tw/%Tc/%Tt %B %ts %ac/%fc/%bc/%sc/%rc %sq/%bq",
    ),
    (
        "HAPROXY_TCP_CLF_LOG_FMT",
        "%{Q}o %{-Q}ci - - [%T] \"TCP \" 000 %B \"\" \"\" %cp %ms %ft %b %s %Th %Tw %Tc %Tt %U %ts-- %ac %fc %bc %sc %rc %sq %bq \"\" \"\" ",
    ),
];

/// Environment, switches and diagnostics of one loading.
pub(crate) struct Context<'c> {
    pub surroundings: &'c dyn Surroundings,
    pub options: &'c LoadOptions,
    pub notes: Notes,
    /// Listeners so far.
    pub listeners: usize,
    /// `expose-experimental-directives`
    pub experimental: bool,
    /// `tune.stick-counters`
    pub stick_counters: u32,
    /// `setenv`, `unsetenv` and their kin; `None` is unset.
    env: BTreeMap<String, Option<String>>,
    /// `resetenv`: only these are still visible of the real environment.
    env_kept: Option<Vec<String>>,
}

impl<'c> Context<'c> {
    pub(crate) fn new(surroundings: &'c dyn Surroundings, options: &'c LoadOptions) -> Self {
        let mut env = BTreeMap::new();
        for (name, value) in PRESET {
            env.insert(name.to_string(), Some(value.to_string()));
        }
        let peer = options.localpeer.clone();
        let peer = peer.unwrap_or_else(|| surroundings.host_name());
        env.insert("HAPROXY_LOCALPEER".to_string(), Some(peer));
        Self {
            surroundings,
            options,
            notes: Notes::default(),
            listeners: 0,
            experimental: false,
            stick_counters: STICK_COUNTERS,
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
        self.notes
            .push(statement.diagnostic(Severity::Warning, problem));
    }
}

/// `tune.stick-counters` without the keyword.
const STICK_COUNTERS: u32 = 3;
