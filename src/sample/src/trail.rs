//! What a person is told of an evaluation: which rules were looked at, what their conditions found, and
//! what came of it. Kept where somebody asked for it; workers that serve keep none.

use crate::pattern::Verdict;
use crate::value::Value;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// What was looked at so far, in order.
#[derive(Debug, Default)]
pub struct Trail {
    seen: Vec<Seen>,
    tests: Vec<Tested>,
    value: Option<String>,
}

/// Something that was looked at or decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// A rule.
    Rule {
        /// The file's name as it was given.
        file: Arc<str>,
        /// From 1.
        line: u32,
        /// Whether it applies; `Maybe` waits for more.
        verdict: Verdict,
        /// What its condition asked, as far as it had to.
        tests: Vec<Tested>,
    },
    /// The backend was chosen.
    Backend(String),
}

/// An expression that was compared with patterns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tested {
    /// The name of the ACL; in braces it has none.
    pub acl: Option<String>,
    /// The expression.
    pub expr: String,
    /// The last value that was compared; nothing was found without one.
    pub value: Option<String>,
    /// Whether it matched, whatever `!` stands before it.
    pub verdict: Verdict,
}

impl Trail {
    /// Takes what was seen so far.
    pub fn take(&mut self) -> Vec<Seen> {
        core::mem::take(&mut self.seen)
    }

    /// A rule was looked at.
    pub fn rule(&mut self, file: &Arc<str>, line: u32, verdict: Verdict) {
        self.seen.push(Seen::Rule {
            file: file.clone(),
            line,
            verdict,
            tests: core::mem::take(&mut self.tests),
        });
    }

    /// A backend was chosen.
    pub fn backend(&mut self, name: &str) {
        self.seen.push(Seen::Backend(name.into()));
    }

    /// A value is about to be compared.
    pub(crate) fn value(&mut self, value: &Value<'_>) {
        self.value = Some(match value {
            Value::Bool(it) => it.to_string(),
            Value::Int(it) => it.to_string(),
            Value::Ip4(it) => it.to_string(),
            Value::Ip6(it) => it.to_string(),
            Value::Text(text) | Value::Method(text) => shown(text),
            Value::Bytes(bytes) => bytes
                .iter()
                .take(VALUE_BYTES_MAX)
                .map(|byte| format!("{byte:02X}"))
                .collect(),
        });
    }

    /// An expression was compared.
    pub(crate) fn test(&mut self, acl: Option<&str>, expr: &str, verdict: Verdict) {
        let value = self.value.take();
        self.tests.push(Tested {
            acl: acl.map(String::from),
            expr: expr.into(),
            value,
            verdict,
        });
    }
}

/// What is shown of a value, bytes.
const VALUE_BYTES_MAX: usize = 256;

fn shown(text: &[u8]) -> String {
    let part = &text[..text.len().min(VALUE_BYTES_MAX)];
    let dots = if part.len() < text.len() { "…" } else { "" };
    format!("'{}{dots}'", String::from_utf8_lossy(part))
}
