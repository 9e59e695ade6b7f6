//! One line of input: its commands, their words, and the payload it announces.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;

/// A line, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// The words of each command, in order.
    pub(crate) commands: Vec<Vec<String>>,
    /// The line that ends the payload, if the line announces one (`<<`, `<<END`).
    pub(crate) payload: Option<Box<[u8]>>,
}

impl Line {
    /// Takes a line without its line feed apart. Bytes that are not UTF-8 are replaced.
    pub(crate) fn parse(line: &[u8]) -> Self {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let (line, payload) = match split_payload(line) {
            Some((line, end)) => (line, Some(Box::from(end))),
            None => (line, None),
        };
        let text = String::from_utf8_lossy(line);
        Self {
            commands: split_commands(&text),
            payload,
        }
    }
}

/// The line before `<<END` and what follows `<<`, if that is the line's last word.
fn split_payload(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = line.iter().rposition(|&byte| is_space(byte))?;
    let (before, last) = line.split_at(space + 1);
    let end = last.strip_prefix(b"<<")?;
    (end.len() <= PAYLOAD_END_BYTES_MAX).then_some((before, end))
}

/// Takes the first line off what came, without its line feed.
pub(crate) fn take(input: &mut VecDeque<u8>) -> Option<Vec<u8>> {
    let end = input.iter().position(|&byte| byte == b'\n')?;
    let line = input.drain(..end).collect();
    input.pop_front();
    Some(line)
}

/// What ends the payload that a line announces, if it does.
pub(crate) fn payload_end(line: &[u8]) -> Option<&[u8]> {
    split_payload(line).map(|(_, end)| end)
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Commands end at `;`, words at white space; a backslash makes the next character an ordinary one.
fn split_commands(text: &str) -> Vec<Vec<String>> {
    let mut commands = Vec::new();
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\0' => words.extend(word.take()),
            ';' => {
                words.extend(word.take());
                commands.push(core::mem::take(&mut words));
            }
            '\\' => word.get_or_insert_default().extend(chars.next()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    // Nothing after the last `;` is no command, but an empty line is an empty one.
    if !words.is_empty() || commands.is_empty() {
        commands.push(words);
    }
    commands
}

/// What may follow `<<`, bytes; more makes it an ordinary word.
const PAYLOAD_END_BYTES_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use super::{Line, PAYLOAD_END_BYTES_MAX};
    use alloc::string::String;
    use alloc::vec;
    use alloc::vec::Vec;

    fn commands(line: &str) -> Vec<Vec<String>> {
        Line::parse(line.as_bytes()).commands
    }

    #[test]
    fn semicolons_part_commands_and_blanks_part_words() {
        assert_eq!(
            commands("show  info;quit"),
            [vec!["show", "info"], vec!["quit"]]
        );
        assert_eq!(commands(" show\tstat ; "), [["show", "stat"]]);
    }

    #[test]
    fn an_empty_command_counts_unless_it_is_last() {
        assert_eq!(commands(""), [Vec::<&str>::new()]);
        assert_eq!(commands(";"), [Vec::<&str>::new()]);
        assert_eq!(commands("quit;;quit"), [vec!["quit"], vec![], vec!["quit"]]);
    }

    #[test]
    fn a_backslash_takes_the_meaning_away() {
        assert_eq!(commands(r"echo a\ b\;c\\d"), [["echo", r"a b;c\d"]]);
        assert_eq!(commands(r"echo a\"), [["echo", "a"]]);
    }

    #[test]
    fn a_payload_is_announced_by_the_last_word() {
        let line = Line::parse(b"set x <<%EOF%");
        assert_eq!(line.payload.as_deref(), Some(&b"%EOF%"[..]));
        assert_eq!(line.commands, [["set", "x"]]);
        assert_eq!(Line::parse(b"set x <<").payload.as_deref(), Some(&b""[..]));
        assert_eq!(Line::parse(b"set x<<").payload, None);
        assert_eq!(Line::parse(b"set << x").payload, None);
    }

    #[test]
    fn a_payload_mark_has_a_length() {
        let longest = [&b"set <<"[..], &[b'a'; PAYLOAD_END_BYTES_MAX]].concat();
        assert!(Line::parse(&longest).payload.is_some());
        assert_eq!(Line::parse(&[&longest[..], b"a"].concat()).payload, None);
    }
}
