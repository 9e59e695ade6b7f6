//! `regsub`: what a regular expression matches is replaced.

use super::Converter;
use crate::args::{Arg, Args, Kind, Signature};
use crate::names::Names;
use crate::regex::{Begin, Regex, expand};
use crate::value::{Type, Value};
use crate::work::Work;
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

pub(super) const CONVERTERS: &[Converter] = &[Converter {
    name: "regsub",
    doc: "The first match, or with `g` all, of a regular expression replaced by a text.",
    args: Signature::new(2, &[Kind::Regex, Kind::Text, Kind::Text]),
    input: Type::Text,
    output: Type::Text,
    check: Some(check),
    run: regsub,
}];

/// What the arguments say.
struct Substitution {
    regex: Regex,
    all: bool,
    with: Box<[u8]>,
}

fn check(args: &mut Args, _: &mut dyn Names) -> Result<(), String> {
    let flags = args.text(2).unwrap_or_default();
    if let Some(flag) = flags.iter().find(|flag| !matches!(flag, b'i' | b'g')) {
        let flag = char::from(*flag);
        return Err(format!(
            "invalid regex flag '{flag}', only 'i' and 'g' are supported"
        ));
    }
    let pattern = args.text(0).unwrap_or_default();
    if pattern.is_empty() {
        return Err("missing regex".into());
    }
    let pattern = core::str::from_utf8(pattern).map_err(|_| "the regex is not UTF-8")?;
    let regex = Regex::compile(pattern, flags.contains(&b'i'))
        .map_err(|why| format!("regex '{pattern}' is invalid: {why}"))?;
    let made = Substitution {
        regex,
        all: flags.contains(&b'g'),
        with: args.text(1).unwrap_or_default().into(),
    };
    if let Some(first) = args.0.first_mut() {
        *first = Some(Arg::Made(Arc::new(made)));
    }
    Ok(())
}

fn regsub<'a>(value: Value<'a>, args: &'a Args, work: &mut Work) -> Option<Value<'a>> {
    let Value::Text(text) = &value else {
        return None;
    };
    let substitution: &Substitution = args.made(0)?;
    let mut replaced = work.buffer();
    substitution.replace(text, work.bufsize, &mut replaced);
    replaced.truncate(work.bufsize);
    work.done(value);
    Some(Value::Text(Cow::Owned(replaced)))
}

impl Substitution {
    /// Adds `text` with its matches replaced to `out`; what is beyond `most` bytes need not be right.
    fn replace(&self, text: &[u8], most: usize, out: &mut Vec<u8>) {
        let mut rest = text;
        let mut begin = Begin::Start;
        let mut tries = 0;
        while let Some(found) = self.regex.captures_within(rest, begin, &mut tries) {
            let (start, end) = found.whole();
            out.extend_from_slice(&rest[..start]);
            // Where the template means nothing the reference ends the text.
            let made = expand(&self.with, rest, &found, most, out);
            if made.is_err() || out.len() >= most {
                return;
            }
            let Some(first) = rest.first() else {
                return;
            };
            // An empty match stands before a character, which is not looked at again.
            if end == 0 {
                out.push(*first);
            }
            rest = &rest[end.max(1)..];
            begin = Begin::Middle;
            if !self.all {
                break;
            }
        }
        out.extend_from_slice(rest);
    }
}
