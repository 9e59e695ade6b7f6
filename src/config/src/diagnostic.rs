//! What is wrong with a configuration, and where.

use crate::source::Place;
use alloc::string::String;

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Only of interest in diagnostic mode (`-dD`).
    Diag,
    /// Worth knowing.
    Notice,
    /// Suspicious; fatal under `-dW` and `zero-warning`.
    Warning,
    /// Nothing is started.
    Alert,
}

/// The words of a line that a diagnostic is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// The number of the line, from 1.
    pub number: u32,
    /// The whole line.
    pub line: String,
    /// First byte underlined.
    pub start: usize,
    /// First byte after the underlined ones.
    pub end: usize,
}

/// One thing to say about a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Where it was found.
    pub place: Option<Place>,
    /// The line in HAProxy's form, without level and process id.
    pub message: String,
    /// The words it is about.
    pub snippet: Option<Snippet>,
    /// Why it is wrong, shown under the words.
    pub reason: Option<String>,
    /// What may have been meant or what to do instead.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A diagnostic about the configuration as a whole.
    pub fn general(severity: Severity, message: impl Into<String>) -> Self {
        Self {
            severity,
            place: None,
            message: message.into(),
            snippet: None,
            reason: None,
            help: None,
        }
    }
}
