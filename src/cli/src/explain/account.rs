//! What is told, line by line.

use config::SourceFile;
use sample::pattern::Verdict;
use sample::trail::{Seen, Tested};
use std::collections::BTreeMap;

/// The text so far, and the files whose lines are quoted.
#[derive(Debug)]
pub struct Account<'a> {
    files: BTreeMap<&'a str, Vec<&'a str>>,
    text: String,
}

impl<'a> Account<'a> {
    /// Nothing told yet.
    pub fn new(sources: &'a [SourceFile]) -> Self {
        let files = sources.iter();
        Self {
            files: files
                .map(|file| (file.name.as_str(), file.text.lines().collect()))
                .collect(),
            text: String::new(),
        }
    }

    /// A line of its own.
    pub fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// The head of a message, and what stands over it.
    pub fn head(&mut self, title: &str, bytes: &[u8]) {
        self.line("");
        self.line(title);
        let end = head_end(bytes).unwrap_or(bytes.len());
        let head = String::from_utf8_lossy(&bytes[..end]);
        for line in head.lines() {
            self.line(&format!("    {line}"));
        }
    }

    /// What was looked at.
    pub fn seen(&mut self, all: &[Seen]) {
        for seen in all {
            match seen {
                Seen::Backend(name) => self.line(&format!("backend {name}")),
                Seen::Rule {
                    file,
                    line,
                    verdict,
                    tests,
                } => self.rule(file, *line, *verdict, tests),
            }
        }
    }

    fn rule(&mut self, file: &str, line: u32, verdict: Verdict, tests: &[Tested]) {
        let lines = self.files.get(file).map_or(&[][..], Vec::as_slice);
        let text = lines.get((line as usize).wrapping_sub(1));
        let text = text.map_or("", |line| line.trim());
        self.line(&format!("  {}  {file}:{line}  {text}", answer(verdict)));
        for test in tests {
            let name = match &test.acl {
                Some(acl) => format!("{acl}: {}", test.expr),
                None => test.expr.clone(),
            };
            let found = match &test.value {
                Some(value) => format!("is {value}"),
                None => "finds nothing".into(),
            };
            let matches = match test.verdict {
                Verdict::Yes => "matches",
                Verdict::No => "does not match",
                Verdict::Maybe => "may match yet",
            };
            self.line(&format!("           {name} {found}, {matches}"));
        }
    }

    /// All of it.
    pub fn into_text(self) -> String {
        self.text
    }
}

/// Where the empty line behind a head begins, if it is there.
pub fn head_end(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|four| four == b"\r\n\r\n")
}

fn answer(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Yes => "yes  ",
        Verdict::No => "no   ",
        Verdict::Maybe => "waits",
    }
}
