//! `tidegate explain`: the way one request takes through a configuration, rule by rule. The engine that
//! serves is the one that is asked; nothing is opened, and every server answers 200.

mod account;
mod question;
mod walk;

use crate::files;
use crate::output::Output;
use crate::surroundings::{self, Machine};
use account::Account;
use config::{LoadOptions, Severity};
pub use question::Question;
use std::process::ExitCode;
use walk::Walk;

/// Prints the way of a request.
pub fn explain(question: &Question) -> ExitCode {
    let mut output = Output::new(false);
    let refuse = |output: &mut Output, message: &str| {
        output.line(Severity::Alert, message);
        ExitCode::FAILURE
    };
    let sources = match files::read(&question.files) {
        Ok(sources) => sources,
        Err(message) => return refuse(&mut output, &format!("config : {message}")),
    };
    let options = LoadOptions {
        ignore_resolution_failures: true,
        hash_key: surroundings::hash_key(),
        ..LoadOptions::default()
    };
    let loaded = config::load(&sources, &Machine::default(), &options);
    let Some(settings) = loaded.settings else {
        for diagnostic in &loaded.diagnostics {
            output.diagnostic(diagnostic);
        }
        return ExitCode::FAILURE;
    };
    let entrance = match question.entrance(&settings) {
        Ok(entrance) => entrance,
        Err(message) => return refuse(&mut output, &message),
    };
    let account = Account::new(&sources);
    output.plain(
        Walk::begin(settings, account, question, entrance)
            .into_text()
            .trim_end(),
    );
    ExitCode::SUCCESS
}
