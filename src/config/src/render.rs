//! Diagnostics as text: HAProxy's line first, then the line of the file with the words underlined.

use crate::diagnostic::{Diagnostic, Severity, Snippet};
use alloc::string::String;
use core::fmt::Write as _;

/// Widest piece of a configuration line that is shown, in characters.
const SHOWN_MAX: usize = 120;
/// Characters shown before the underlined ones when the line has to be cut.
const LEAD: usize = 40;

/// One level word with a message, as on every line the process writes.
pub fn line(severity: Severity, pid: u32, message: &str) -> String {
    let level = match severity {
        Severity::Alert => "[ALERT]    ",
        Severity::Warning => "[WARNING]  ",
        Severity::Notice => "[NOTICE]   ",
        Severity::Diag => "[DIAG]     ",
    };
    alloc::format!("{level}({pid}) : {message}\n")
}

/// A diagnostic as text, with a line feed at the end.
pub fn diagnostic(diagnostic: &Diagnostic, pid: u32) -> String {
    let mut message = String::from("config : ");
    message.push_str(&diagnostic.message);
    let mut text = line(diagnostic.severity, pid, &message);
    let reason = diagnostic.reason.as_deref().unwrap_or("");
    if let Some(snippet) = &diagnostic.snippet {
        push_snippet(&mut text, snippet, reason);
    } else {
        for line in reason.lines() {
            let _ = writeln!(text, "   | {line}");
        }
    }
    if let Some(help) = &diagnostic.help {
        let _ = writeln!(text, "   = {help}");
    }
    text
}

fn push_snippet(text: &mut String, snippet: &Snippet, reason: &str) {
    let shown = window(snippet);
    let _ = writeln!(text, "   |");
    let _ = writeln!(text, "{:>3}| {}", snippet.number, shown.text);
    let _ = write!(
        text,
        "   | {:indent$}{:^<width$}",
        "",
        "^",
        indent = shown.indent,
        width = shown.width
    );
    if !reason.is_empty() {
        let _ = write!(text, " {reason}");
    }
    text.push('\n');
}

struct Window {
    text: String,
    /// Columns before the first caret.
    indent: usize,
    /// Number of carets.
    width: usize,
}

/// The piece of the line around the underlined words that fits in [`SHOWN_MAX`].
fn window(snippet: &Snippet) -> Window {
    let before = column(&snippet.line, snippet.start);
    let after = column(&snippet.line, snippet.end).max(before + 1);
    let length = snippet.line.chars().count();
    let skip = if length <= SHOWN_MAX {
        0
    } else {
        before.saturating_sub(LEAD).min(length - SHOWN_MAX)
    };
    let mut text = String::new();
    if skip > 0 {
        text.push_str("...");
    }
    let lead = text.len();
    text.extend(
        snippet
            .line
            .chars()
            .skip(skip)
            .take(SHOWN_MAX)
            .map(printable),
    );
    if skip + SHOWN_MAX < length {
        text.push_str("...");
    }
    let shown_end = (skip + SHOWN_MAX).max(before + 1);
    Window {
        text,
        indent: lead + before - skip,
        width: after.min(shown_end) - before,
    }
}

/// The number of characters before byte `at`; never fails on a byte inside a character.
fn column(line: &str, at: usize) -> usize {
    line.char_indices()
        .take_while(|(byte, _)| *byte < at)
        .count()
}

/// Tabs and control characters would move the carets away from their words.
fn printable(c: char) -> char {
    if c == '\t' {
        ' '
    } else if c.is_control() {
        '?'
    } else {
        c
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caret(line: &str, start: usize, end: usize) -> String {
        let mut text = String::new();
        let snippet = Snippet {
            number: 7,
            line: line.into(),
            start,
            end,
        };
        push_snippet(&mut text, &snippet, "why");
        text
    }

    #[test]
    fn the_caret_stands_under_its_word_after_tabs_and_wide_characters() {
        assert_eq!(
            caret("\tdé foo x", 5, 8),
            "   |\n  7|  dé foo x\n   |     ^^^ why\n"
        );
    }

    #[test]
    fn a_long_line_is_cut_around_the_word() {
        let mut line = "x".repeat(500);
        line.push_str(" bad ");
        line.push_str(&"y".repeat(500));
        let text = caret(&line, 501, 504);
        let rows: alloc::vec::Vec<&str> = text.lines().collect();
        let at = rows[2].find('^').unwrap();
        assert_eq!(&rows[1][at..at + 3], "bad");
        assert!(rows[1].len() < 140, "{}", rows[1].len());
    }

    #[test]
    fn an_underline_past_the_end_still_shows_one_caret() {
        assert!(caret("ab", 9, 12).contains('^'));
    }
}
