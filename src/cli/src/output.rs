//! Messages on stderr, in HAProxy's form.

use crate::version;
use config::{Diagnostic, Severity, render};
use sample::kept;
use std::io::Write;

/// Writes messages; the first one is preceded by who is speaking.
#[derive(Debug)]
pub struct Output {
    quiet: bool,
    introduced: bool,
}

impl Output {
    /// An output that says nothing if `quiet`.
    pub fn new(quiet: bool) -> Self {
        Self {
            quiet,
            introduced: false,
        }
    }

    /// A message with its level.
    pub fn line(&mut self, severity: Severity, message: &str) {
        self.write(&render::line(severity, std::process::id(), message));
    }

    /// Something about the configuration.
    pub fn diagnostic(&mut self, diagnostic: &Diagnostic) {
        self.write(&render::diagnostic(diagnostic, std::process::id()));
    }

    /// A result on stdout.
    pub fn plain(&self, message: &str) {
        if !self.quiet {
            println!("{message}");
        }
    }

    fn write(&mut self, text: &str) {
        if self.quiet {
            return;
        }
        if !self.introduced {
            self.introduced = true;
            let pid = std::process::id();
            let version = format!("haproxy version is {}", version::name());
            eprint!("{}", render::line(Severity::Notice, pid, &version));
            if let Ok(path) = std::env::current_exe() {
                let path = format!("path to executable is {}", path.display());
                eprint!("{}", render::line(Severity::Notice, pid, &path));
            }
        }
        // Nobody is left to tell.
        let _ = std::io::stderr().write_all(&kept::bytes_of(text.as_bytes()));
    }
}

/// The keywords of the classes `-dK` names.
pub fn keywords(classes: &str) -> String {
    let wants = |name: &str| {
        let mut classes = classes.split(',');
        classes.any(|class| class == name || matches!(class, "" | "all"))
    };
    let mut text = String::new();
    if wants("cfg") {
        text.push_str("# List of registered configuration keywords:\n");
        let mut last = None;
        for keyword in config::keywords() {
            if last.as_ref() != Some(&keyword.place) {
                text.push_str(&keyword.place);
                text.push('\n');
            }
            text.push_str(&format!("\t{:<44}# {}\n", keyword.name, keyword.doc));
            last = Some(keyword.place);
        }
    }
    if wants("cnv") {
        text.push_str(&sample::listing::converters());
    }
    if wants("smp") {
        text.push_str(&sample::listing::fetches());
    }
    text
}
