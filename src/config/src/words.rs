//! A line into words: quotes, escapes, comments and environment variables
//! (configuration.txt §2.2 and §2.3).

mod variables;

#[cfg(test)]
mod tests;

pub(crate) use variables::Variables;

use alloc::string::String;
use alloc::vec::Vec;
use sample::kept;
use variables::Expansion;

/// Words of one line.
pub(crate) const WORDS_MAX: usize = 64;
/// Bytes of all words of one line after variables have been replaced.
pub(crate) const EXPANDED_MAX: usize = 1 << 20;

/// One word, with its quotes and escapes resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    pub text: String,
    /// First byte of the line that belongs to it.
    pub start: usize,
    /// First byte of the line after it.
    pub end: usize,
    /// The environment variable that made it empty, if one did.
    pub unset: Option<String>,
}

/// Why a line cannot be split, and the byte where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mistake {
    pub kind: MistakeKind,
    pub at: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MistakeKind {
    UnmatchedQuote,
    UnmatchedBrace,
    VariableName,
    Hexadecimal,
    Expansion,
    TooManyWords(String),
    TooLong,
}

/// Splits a line into its words; a comment ends it.
pub(crate) fn split(line: &str, variables: &Variables<'_>) -> Result<Vec<Word>, Mistake> {
    let mut splitter = Splitter {
        line: line.as_bytes(),
        at: 0,
        quote: None,
        words: Vec::new(),
        word: None,
        expanded: 0,
        unset: None,
        quotes_count: false,
    };
    splitter.run(line, variables)?;
    Ok(splitter.words)
}

struct Splitter<'l> {
    line: &'l [u8],
    at: usize,
    /// The open quote and where it was opened.
    quote: Option<(u8, usize)>,
    words: Vec<Word>,
    /// The word being read: its first byte in the line, and its bytes.
    word: Option<(usize, Vec<u8>)>,
    /// Bytes of all words so far.
    expanded: usize,
    /// The unset variable seen in the word being read.
    unset: Option<String>,
    /// Whether the open quotes make a word even if nothing is inside; an expanded list does not.
    quotes_count: bool,
}

impl Splitter<'_> {
    fn run(&mut self, line: &str, variables: &Variables<'_>) -> Result<(), Mistake> {
        while let Some(&byte) = self.line.get(self.at) {
            let quote = self.quote.map(|(quote, _)| quote);
            match (byte, quote) {
                (b'\n' | b'\r', _) => break,
                (b'#', None) => break,
                (b'"' | b'\'', None) => {
                    self.quote = Some((byte, self.at));
                    self.quotes_count = true;
                    self.at += 1;
                }
                (b'"' | b'\'', Some(open)) if byte == open => self.close_quote(),
                (b'\\', None | Some(b'"')) => self.escape()?,
                (b'$', Some(b'"')) => self.variable(line, variables)?,
                (b' ' | b'\t' | 0x0b | 0x0c, None) => {
                    self.finish_word(self.at)?;
                    self.at += 1;
                }
                _ => {
                    self.push(byte)?;
                    self.at += 1;
                }
            }
        }
        if let Some((_, at)) = self.quote {
            return Err(mistake(MistakeKind::UnmatchedQuote, at));
        }
        self.finish_word(self.at)
    }

    fn close_quote(&mut self) {
        if let Some((_, open)) = self.quote.take()
            && self.quotes_count
        {
            self.begin(open);
        }
        self.at += 1;
    }

    /// Makes sure a word is being read; `start` is where it begins if it was not.
    fn begin(&mut self, start: usize) -> &mut Vec<u8> {
        let start = match self.quote {
            Some((_, open)) => start.min(open),
            None => start,
        };
        &mut self.word.get_or_insert_with(|| (start, Vec::new())).1
    }

    fn push(&mut self, byte: u8) -> Result<(), Mistake> {
        self.expanded += 1;
        if self.expanded > EXPANDED_MAX {
            return Err(mistake(MistakeKind::TooLong, self.at));
        }
        self.begin(self.at).push(byte);
        Ok(())
    }

    /// A backslash outside strong quotes; one that is no escape is kept as it is (`\.`).
    fn escape(&mut self) -> Result<(), Mistake> {
        let quoted = self.quote.is_some();
        let (byte, length) = match self.line.get(self.at + 1) {
            Some(&byte @ (b' ' | b'\\' | b'#' | b'\'' | b'"')) => (byte, 2),
            Some(b't') => (b'\t', 2),
            Some(b'n') => (b'\n', 2),
            Some(b'r') => (b'\r', 2),
            Some(b'$') if quoted => (b'$', 2),
            Some(b'x') => (self.hexadecimal()?, 4),
            _ => (b'\\', 1),
        };
        self.push(byte)?;
        self.at += length;
        Ok(())
    }

    fn hexadecimal(&self) -> Result<u8, Mistake> {
        let digit = |offset: usize| {
            self.line
                .get(self.at + offset)
                .and_then(|byte| char::from(*byte).to_digit(16))
        };
        match (digit(2), digit(3)) {
            // A zero byte would end the word for everything written in C that reads it later.
            (Some(0), Some(0)) | (None, _) | (_, None) => {
                Err(mistake(MistakeKind::Hexadecimal, self.at))
            }
            (Some(high), Some(low)) => Ok((high * 16 + low) as u8),
        }
    }

    fn variable(&mut self, line: &str, variables: &Variables<'_>) -> Result<(), Mistake> {
        let Expansion {
            name,
            value,
            in_words,
            end,
        } = variables.read(line, self.at)?;
        self.quotes_count &= !in_words;
        if value.is_none() && !in_words {
            self.unset = Some(name);
        }
        for byte in value.unwrap_or_default().bytes() {
            if in_words && byte.is_ascii_whitespace() {
                self.finish_word(end)?;
            } else {
                self.push(byte)?;
            }
        }
        self.at = end;
        Ok(())
    }

    fn finish_word(&mut self, end: usize) -> Result<(), Mistake> {
        let unset = self.unset.take();
        let Some((start, bytes)) = self.word.take() else {
            return Ok(());
        };
        let text = kept::text_within(bytes);
        if self.words.len() == WORDS_MAX {
            return Err(mistake(MistakeKind::TooManyWords(text), start));
        }
        self.words.push(Word {
            unset: unset.filter(|_| text.is_empty()),
            text,
            start,
            end,
        });
        Ok(())
    }
}

pub(crate) fn mistake(kind: MistakeKind, at: usize) -> Mistake {
    Mistake { kind, at }
}

impl MistakeKind {
    /// The mistake in a few words.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::UnmatchedQuote => "unmatched quote".into(),
            Self::UnmatchedBrace => "unmatched brace in environment variable name".into(),
            Self::VariableName => "forbidden first char in environment variable name".into(),
            Self::Hexadecimal => "truncated or invalid hexadecimal sequence".into(),
            Self::Expansion => "truncated or invalid word expansion sequence".into(),
            Self::TooManyWords(word) => {
                alloc::format!("too many words, truncating after word {WORDS_MAX}: <{word}>")
            }
            Self::TooLong => "line too long".into(),
        }
    }

    /// What to do about it.
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Self::UnmatchedQuote => "this quote is never closed",
            Self::UnmatchedBrace => "no '}' closes this brace",
            Self::VariableName => {
                "a name starts with a letter or '_'; write \\$ for a plain dollar"
            }
            Self::Hexadecimal => "two hexadecimal digits are expected after \\x, and not 00",
            Self::Expansion => "only [*] is possible here",
            Self::TooManyWords(_) => "quote what belongs together, or split the line",
            Self::TooLong => "environment variables make this line too long",
        }
    }
}
