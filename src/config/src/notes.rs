//! What there is to say about a configuration, in the order of its lines, whenever it was found.

use crate::diagnostic::{Diagnostic, Severity};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// A place in the order of what is said: lines that are only understood once all are read keep theirs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark(u32);

/// Diagnostics and their places in the order.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    said: Vec<(Mark, Diagnostic)>,
    /// What is about sections together.
    late: Vec<(Mark, Diagnostic)>,
    next: u32,
    files: Vec<File>,
}

/// A file that was read: from where to where its lines are.
#[derive(Debug)]
struct File {
    name: String,
    start: Mark,
    end: Mark,
}

impl Notes {
    /// The next place in the order.
    pub(crate) fn mark(&mut self) -> Mark {
        self.next += 1;
        Mark(self.next)
    }

    /// Says something here and now.
    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        let mark = self.mark();
        self.said.push((mark, diagnostic));
    }

    /// Says something at an earlier place.
    pub(crate) fn push_at(&mut self, mark: Mark, diagnostic: Diagnostic) {
        self.said.push((mark, diagnostic));
    }

    /// Says something of the line at an earlier place, behind everything about single lines.
    pub(crate) fn push_late(&mut self, mark: Mark, diagnostic: Diagnostic) {
        self.late.push((mark, diagnostic));
    }

    /// Whether something is said of the line at this place.
    pub(crate) fn has_said(&self, mark: Mark) -> bool {
        let mut all = self.said.iter().chain(&self.late);
        all.any(|said| said.0 == mark)
    }

    /// The file `name` has been read, from `start` to here.
    pub(crate) fn end_file(&mut self, name: &str, start: Mark) {
        let end = self.mark();
        let name = name.into();
        self.files.push(File { name, start, end });
    }

    /// Everything in order; a file with errors says so at its end. What is about sections together is
    /// left out where single lines are wrong: it would only report consequences.
    pub(crate) fn in_order(mut self) -> Vec<Diagnostic> {
        for file in &self.files {
            let of_file = |said: &&(Mark, Diagnostic)| (file.start..file.end).contains(&said.0);
            let mut of_file = self.said.iter().filter(of_file);
            if of_file.any(|(_, diagnostic)| diagnostic.severity == Severity::Alert) {
                let message = format!("Error(s) found in configuration file : {}", file.name);
                let diagnostic = Diagnostic::general(Severity::Alert, message);
                self.said.push((file.end, diagnostic));
            }
        }
        self.said.sort_by_key(|said| said.0);
        let is_alert = |said: &(Mark, Diagnostic)| said.1.severity == Severity::Alert;
        if !self.said.iter().any(is_alert) {
            self.late.sort_by_key(|said| said.0);
            self.said.append(&mut self.late);
        }
        self.said.into_iter().map(|said| said.1).collect()
    }
}
