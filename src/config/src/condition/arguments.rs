//! Arguments in parentheses, with their own level of quotes and escapes (configuration.txt §2.2).

use super::BadCondition;
use alloc::string::String;
use alloc::vec::Vec;

/// Arguments and the byte after the closing parenthesis.
pub(super) struct Arguments {
    pub arguments: Vec<String>,
    pub end: usize,
}

/// Reads from the byte after the opening parenthesis; `()` is no argument.
pub(super) fn read(text: &str, start: usize) -> Result<Arguments, BadCondition> {
    let mut arguments = Vec::new();
    let mut current = String::new();
    let mut quote: Option<(char, usize)> = None;
    let mut chars = text[start..].char_indices().map(|(i, c)| (start + i, c));
    while let Some((at, c)) = chars.next() {
        match (c, quote) {
            ('"' | '\'', None) => quote = Some((c, at)),
            ('"' | '\'', Some((open, _))) if c == open => quote = None,
            ('\\', None | Some(('"', _))) => match chars.next() {
                Some((_, 'n')) => current.push('\n'),
                Some((_, 'r')) => current.push('\r'),
                Some((_, 't')) => current.push('\t'),
                Some((_, c @ ('\\' | '"' | '\'' | ' ' | ',' | '(' | ')'))) => current.push(c),
                Some((_, c)) => {
                    current.push('\\');
                    current.push(c);
                }
                None => break,
            },
            (',', None) => arguments.push(core::mem::take(&mut current)),
            (')', None) => {
                if !(arguments.is_empty() && current.is_empty() && at == start) {
                    arguments.push(current);
                }
                return Ok(Arguments {
                    arguments,
                    end: at + 1,
                });
            }
            _ => current.push(c),
        }
    }
    Err(match quote {
        Some((_, at)) => BadCondition {
            message: alloc::format!("unmatched quote in conditional expression '{text}'"),
            at,
            length: 1,
            reason: "this quote is never closed",
            nearest: None,
        },
        None => BadCondition {
            message: alloc::format!("missing closing ')' in conditional expression '{text}'"),
            at: start - 1,
            length: 1,
            reason: "this parenthesis is never closed",
            nearest: None,
        },
    })
}
