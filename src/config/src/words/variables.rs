//! `$NAME`, `${NAME}`, `${NAME-default}` and `${NAME[*]}` inside double quotes.

use super::{Mistake, MistakeKind, mistake};
use alloc::string::{String, ToString};

/// Where the values come from.
pub(crate) struct Variables<'v> {
    /// The environment.
    pub env: &'v dyn Fn(&str) -> Option<String>,
    /// `.FILE`
    pub file: &'v str,
    /// `.LINE`
    pub line: u32,
    /// `.SECTION`
    pub section: &'v str,
}

/// A variable found in a line.
pub(super) struct Expansion {
    pub name: String,
    /// Its value or its default; `None` if it has neither.
    pub value: Option<String>,
    /// `[*]`: white space in the value separates words.
    pub in_words: bool,
    /// The first byte after it.
    pub end: usize,
}

impl Variables<'_> {
    /// Reads the variable whose dollar is at byte `at`.
    pub(super) fn read(&self, line: &str, at: usize) -> Result<Expansion, Mistake> {
        let bytes = line.as_bytes();
        let brace = (bytes.get(at + 1) == Some(&b'{')).then_some(at + 1);
        let start = brace.unwrap_or(at) + 1;
        match bytes.get(start) {
            Some(byte) if byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'.') => {}
            _ => return Err(mistake(MistakeKind::VariableName, start)),
        }
        let length = bytes[start + 1..]
            .iter()
            .position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_')
            .unwrap_or(bytes.len() - start - 1);
        let mut end = start + 1 + length;
        let name = &line[start..end];
        let mut value = self.value(name, start)?;
        let mut in_words = false;
        if let Some(brace) = brace {
            if bytes.get(end) == Some(&b'[') {
                if bytes.get(end..end + 3) != Some(b"[*]") {
                    return Err(mistake(MistakeKind::Expansion, end));
                }
                in_words = true;
                end += 3;
            }
            let close = line[end..].find('}').map(|offset| end + offset);
            match (bytes.get(end), close) {
                (Some(b'-'), Some(close)) => {
                    value = value.or_else(|| Some(line[end + 1..close].to_string()));
                    end = close + 1;
                }
                (Some(b'}'), _) => end += 1,
                _ => return Err(mistake(MistakeKind::UnmatchedBrace, brace)),
            }
        }
        Ok(Expansion {
            name: name.to_string(),
            value,
            in_words,
            end,
        })
    }

    fn value(&self, name: &str, at: usize) -> Result<Option<String>, Mistake> {
        match name {
            ".FILE" => Ok(Some(self.file.to_string())),
            ".LINE" => Ok(Some(self.line.to_string())),
            ".SECTION" => Ok(Some(self.section.to_string())),
            _ if name.starts_with('.') => Err(mistake(MistakeKind::VariableName, at)),
            _ => Ok((self.env)(name)),
        }
    }
}
