//! A scenario: a configuration, who is around it, what goes wrong, and what is expected.

mod parse;
mod units;

pub use parse::{BadScenario, load, parse};
pub use units::{millis, permille};

use crate::expect::Expectation;
use crate::fault::Fault;
use crate::net::Substrate;
use crate::peer::{Ask, Plan, Span, Style};

/// A scenario as written.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What it is about, in a few words.
    pub name: String,
    /// The file it came from.
    pub file: String,
    /// How long faults and load go on, milliseconds.
    pub length_ms: u64,
    /// How long everything may take to be well again after the faults, milliseconds.
    pub heal_ms: u64,
    /// What carries bytes; not written in the file, but asked for with each run.
    pub substrate: Substrate,
    /// Text of the proxy's configuration.
    pub config: String,
    /// The name of that text in messages.
    pub config_name: String,
    /// How links are while no fault is on, milliseconds each way.
    pub latency_ms: Span,
    /// How servers answer; the last one that matches counts.
    pub servers: Vec<ServerRule>,
    /// The users.
    pub clients: Vec<Clients>,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// What may go wrong besides, drawn anew by each seed.
    pub swarm: Option<Swarm>,
    /// What the author expects.
    pub expect: Vec<Expectation>,
    /// The hash a recorded run had; `replay` compares.
    pub hash: Option<String>,
}

/// How servers whose name matches answer.
#[derive(Clone, Debug)]
pub struct ServerRule {
    /// `backend/server`, `backend/*` or `*`.
    pub matches: String,
    /// How.
    pub plan: Plan,
}

/// Some users alike.
#[derive(Clone, Debug)]
pub struct Clients {
    /// Their name.
    pub name: String,
    /// The frontend they connect to.
    pub frontend: String,
    /// How many.
    pub count: u32,
    /// How they use connections.
    pub style: Style,
    /// Milliseconds between two requests of one.
    pub think_ms: Span,
    /// Requests on one connection.
    pub per_connection: Span,
    /// Requests at a time on an HTTP/2 connection.
    pub streams: Span,
    /// What they ask for.
    pub asks: Vec<Ask>,
}

/// What a seed may add.
#[derive(Clone, Debug)]
pub struct Swarm {
    /// Kinds of faults to choose from.
    pub menu: Vec<String>,
    /// At most so many.
    pub max: u64,
}

/// Whether `name` is what `pattern` means: itself, everything with its beginning before `*`.
pub fn is_match(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => pattern == name,
    }
}
