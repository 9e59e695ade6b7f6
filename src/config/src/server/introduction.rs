//! The options of `server` lines that say what connections begin with: a header of the PROXY protocol.

use super::options::ServerLine;
use crate::keyword::{Cursor, LineOption};
use crate::known;
use crate::problem::{Parsed, Problem};
use crate::rules::Remembered;
use alloc::boxed::Box;
use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// What such options have said so far. They add up, those of `default-server` included.
#[derive(Clone, Debug, Default)]
pub(crate) struct IntroductionDraft {
    /// `send-proxy`
    pub text: bool,
    /// `send-proxy-v2`, which wins over the first version.
    pub binary: bool,
    /// `proxy-v2-options crc32c`
    pub checksum: bool,
    /// `proxy-v2-options unique-id`
    pub unique_id: bool,
    /// `set-proxy-v2-tlv-fmt`
    pub fields: Vec<FieldDraft>,
    /// What they are called among themselves, which depends on the client as what they say does.
    pub conn_name: Option<NameDraft>,
}

/// `pool-conn-name <expr>`
#[derive(Clone, Debug)]
pub(crate) struct NameDraft {
    /// The line, to be read once all sections are known.
    pub line: Arc<Remembered>,
    /// Which word of it is the expression.
    pub at: usize,
    /// Whose line it is, as messages name it.
    pub title: Box<str>,
}

/// `set-proxy-v2-tlv-fmt(<id>) <fmt>`
#[derive(Clone, Debug)]
pub(crate) struct FieldDraft {
    pub kind: u8,
    /// The line, to be read once all sections are known.
    pub line: Arc<Remembered>,
    /// Which word of it is the format; there may be none.
    pub at: usize,
}

type Item = LineOption<ServerLine>;

pub(super) const OPTIONS: &[Item] = &[
    Item {
        name: "send-proxy",
        doc: "connections begin with a header of the PROXY protocol, version 1",
        parse: |_, line, _| {
            line.introduction.text = true;
            Ok(())
        },
    },
    Item {
        name: "no-send-proxy",
        doc: "connections begin with no such header",
        parse: |_, line, _| {
            line.introduction.text = false;
            Ok(())
        },
    },
    Item {
        name: "send-proxy-v2",
        doc: "connections begin with a header of the PROXY protocol, version 2",
        parse: |_, line, _| {
            line.introduction.binary = true;
            Ok(())
        },
    },
    Item {
        name: "no-send-proxy-v2",
        doc: "connections begin with no such header",
        parse: |_, line, _| {
            line.introduction.binary = false;
            Ok(())
        },
    },
    Item {
        name: "proxy-v2-options",
        doc: "what else a header of version 2 says: crc32c, unique-id, authority",
        parse: |cursor, line, _| {
            let (at, list) = cursor.value("a list of options")?;
            list.split(',').try_for_each(|name| option(at, name, line))
        },
    },
    Item {
        name: TLV,
        doc: "a field of a header of version 2: its kind in parentheses, and a format",
        parse: |cursor, line, context| {
            let kind = kind(cursor, &line.title)?;
            let at = cursor.optional();
            line.introduction.fields.push(FieldDraft {
                kind,
                line: Arc::new(Remembered::of(cursor.statement, context)),
                at,
            });
            Ok(())
        },
    },
];

/// An option's name without what stands in parentheses behind it.
pub(super) fn bare_name(word: &str) -> &str {
    match word.split_once('(') {
        Some((name, _)) if name == TLV => name,
        Some(_) | None => word,
    }
}

fn option(at: usize, name: &str, line: &mut ServerLine) -> Parsed {
    match name {
        "crc32c" => line.introduction.checksum = true,
        "unique-id" => line.introduction.unique_id = true,
        // Of a client that speaks TLS alone.
        "authority" => {}
        "ssl" | "cert-cn" | "ssl-cipher" | "cert-sig" | "cert-key" => {
            return Err(known::not_yet(at, &format!("proxy-v2-options {name}")));
        }
        _ => {
            let message = format!(
                "'{}' : '{name}' : proxy v2 option not implemented.",
                line.title
            );
            return Err(Problem::at(at, message)
                .because("'crc32c', 'unique-id' and 'authority' are possible"));
        }
    }
    Ok(())
}

/// The kind in parentheses: decimal, or hexadecimal after `0x`.
fn kind(cursor: &Cursor<'_, '_>, title: &str) -> Result<u8, Problem> {
    let word = cursor.statement.word(cursor.at);
    let bad = |what: &str, why: &str| {
        Err(Problem::at(cursor.at, format!("'{title}' : '{word}' : {what}.")).because(why))
    };
    let within = word[TLV.len()..].strip_prefix('(');
    let Some(text) = within.and_then(|rest| rest.strip_suffix(')')) else {
        return bad(
            "expects set-proxy-v2-tlv-fmt(<TLV ID>)",
            "a kind of field has to stand in parentheses",
        );
    };
    let number = match text.strip_prefix("0x").or(text.strip_prefix("0X")) {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    match number {
        Ok(number) => match u8::try_from(number) {
            Ok(kind) => Ok(kind),
            Err(_) => bad("the maximum allowed TLV ID is 255", "too large"),
        },
        Err(_) => bad("could not convert TLV ID", "no number"),
    }
}

const TLV: &str = "set-proxy-v2-tlv-fmt";
