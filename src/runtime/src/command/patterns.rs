//! Commands about lists of patterns and maps (management.txt §9.3).

use super::Answer;
use crate::dump::{Dump, PatternEntries, PatternLists, is_used_by};
use crate::session::Rights;
use crate::view::View;
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use base::{Epoch, Rng};
use core::fmt::Write;
use sample::Work;
use sample::pattern::{Reference, Refusal, Search, UserKind};

/// Two kinds of commands that differ in what they are about and in few words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Acl,
    Map,
}

impl Kind {
    fn user(self) -> UserKind {
        match self {
            Self::Acl => UserKind::Acl,
            Self::Map => UserKind::Map,
        }
    }

    /// What it is called in remarks.
    fn name(self) -> &'static str {
        match self {
            Self::Acl => "ACL",
            Self::Map => "map",
        }
    }

    fn unknown(self) -> Cow<'static, str> {
        format!(
            "Unknown {} identifier. Please use #<id> or <file>.",
            self.name()
        )
        .into()
    }
}

/// `show acl [[@<ver>] <acl>]`
pub(super) fn show_acl(args: &[String], _rights: &mut Rights, view: &dyn View) -> Answer {
    show(Kind::Acl, args, view)
}

/// `show map [[@<ver>] <map>]`
pub(super) fn show_map(args: &[String], _rights: &mut Rights, view: &dyn View) -> Answer {
    show(Kind::Map, args, view)
}

fn show(kind: Kind, args: &[String], view: &dyn View) -> Answer {
    let (version, args) = version(args);
    match args {
        [] if version.is_none() => Answer::Dump(Dump::PatternLists(PatternLists::new(kind.user()))),
        _ => on_list(kind, args.first(), view, |list| {
            let entries = PatternEntries::new(list.clone(), version);
            Ok(Answer::Dump(Dump::PatternEntries(entries)))
        }),
    }
}

/// `get acl <acl> <value>`
pub(super) fn get_acl(args: &[String], _rights: &mut Rights, view: &dyn View) -> Answer {
    get(Kind::Acl, args, view)
}

/// `get map <map> <value>`
pub(super) fn get_map(args: &[String], _rights: &mut Rights, view: &dyn View) -> Answer {
    get(Kind::Map, args, view)
}

fn get(kind: Kind, args: &[String], view: &dyn View) -> Answer {
    let [name, value, ..] = args else {
        return Answer::error(format!("Missing {} identifier and/or key.", kind.name()));
    };
    on_list(kind, Some(name), view, |list| {
        // Casts of a text draw no random numbers and ask for no time.
        let mut work = Work::new(
            Epoch(0),
            Rng::from_u64(0),
            view.settings().global.tune.bufsize as usize,
        );
        let mut text = String::new();
        for search in list.search(value.as_bytes(), &mut work) {
            write_search(kind, &search, &mut text);
        }
        Ok(Answer::Text(text))
    })
}

fn write_search(kind: Kind, search: &Search, out: &mut String) {
    let Search { how, output, found } = search;
    let case = match how.ignore_case {
        true => "insensitive",
        false => "sensitive",
    };
    let (verb, noun) = match kind {
        Kind::Acl => ("match", "pattern"),
        Kind::Map => ("found", "key"),
    };
    let _ = write!(out, "type={}, case={case}, {verb}=", how.matching.name());
    let Some(entry) = found else {
        out.push_str("no\n");
        return;
    };
    let index = if how.is_fast() { "tree" } else { "list" };
    let _ = write!(out, "yes, idx={index}, {noun}=");
    let Some(entry) = entry else {
        out.push_str("unknown\n");
        return;
    };
    let _ = write!(out, "\"{}\"", String::from_utf8_lossy(entry.key()));
    if let (Kind::Map, Some(value)) = (kind, entry.value()) {
        let kind = output
            .read(value)
            .map_or("str", |value| value.kind().name());
        let value = String::from_utf8_lossy(value);
        let _ = write!(out, ", value=\"{value}\", type=\"{kind}\"");
    }
    out.push('\n');
}

/// `add acl [@<ver>] <acl> <pattern>`
pub(super) fn add_acl(args: &[String], _rights: &mut Rights, view: &dyn View) -> Answer {
    let (version, args) = version(args);
    let [name, key, ..] = args else {
        return Answer::error("'add acl' expects two parameters: ACL identifier and pattern.");
    };
    match view.patterns().find(name) {
        None => Answer::error(Kind::Acl.unknown()),
        Some(list) if list.is_map() => Answer::error(
            "This ACL is shared with a map containing samples. \
             You must use the command 'add map' to add values.",
        ),
        Some(list) => done(Kind::Acl, list.add(version, key.as_bytes(), None)),
    }
}

/// `add map [@<ver>] <map> <key> <value>`
pub(super) fn add_map(args: &[String], _rights: &mut Rights, view: &dyn View) -> Answer {
    let (version, args) = version(args);
    let [name, key, value, ..] = args else {
        return Answer::error(ADD_MAP_USAGE);
    };
    on_map(name, view, |map| {
        let added = map.add(version, key.as_bytes(), Some(value.as_bytes()));
        Ok(done(Kind::Map, added))
    })
}

/// `add map [@<ver>] <map> <<`, and a key and its value on each line that follows.
pub(super) fn add_map_lines(args: &[String], payload: &str, view: &dyn View) -> Answer {
    let (version, args) = version(args);
    let Some(name) = args.first() else {
        return Answer::error(ADD_MAP_USAGE);
    };
    on_map(name, view, |map| {
        for line in payload.lines() {
            let line = line.trim_start_matches(BLANKS);
            if line.is_empty() {
                continue;
            }
            let Some((key, value)) = line.split_once(BLANKS) else {
                return Err(format!("Missing value for key '{line}'.").into());
            };
            let value = value.trim_start_matches(BLANKS);
            map.add(version, key.as_bytes(), Some(value.as_bytes()))
                .map_err(|refusal| remark(Kind::Map, refusal))?;
        }
        Ok(Answer::Done)
    })
}

const ADD_MAP_USAGE: &str = "'add map' expects three parameters (map identifier, key and value) or \
                             one parameter (map identifier) and a payload";

const BLANKS: [char; 2] = [' ', '\t'];

/// `set map <map> [<key>|#<ref>] <value>`
pub(super) fn set_map(args: &[String], _rights: &mut Rights, view: &dyn View) -> Answer {
    let [name, key, value, ..] = args else {
        return Answer::error("'set map' expects three parameters: map identifier, key and value.");
    };
    on_map(name, view, |map| {
        let set = match entry_id(key) {
            Some(id) => map.set_id(id, value.as_bytes()),
            None => map
                .set(key.as_bytes(), value.as_bytes())
                .map(|count| count > 0),
        };
        match set.map_err(|refusal| remark(Kind::Map, refusal))? {
            true => Ok(Answer::Done),
            false => Err("entry not found.".into()),
        }
    })
}

/// `del acl <acl> [<key>|#<ref>]`
pub(super) fn del_acl(args: &[String], _rights: &mut Rights, view: &dyn View) -> Answer {
    del(Kind::Acl, args, view)
}

/// `del map <map> [<key>|#<ref>]`
pub(super) fn del_map(args: &[String], _rights: &mut Rights, view: &dyn View) -> Answer {
    del(Kind::Map, args, view)
}

fn del(kind: Kind, args: &[String], view: &dyn View) -> Answer {
    let [name, key, ..] = args else {
        let name = kind.name();
        return Answer::error(format!(
            "This command expects two parameters: {name} identifier and key."
        ));
    };
    on_list(kind, Some(name), view, |list| {
        let deleted = match entry_id(key) {
            Some(id) => list.delete_id(id),
            None => list.delete(key.as_bytes()) > 0,
        };
        match deleted {
            true => Ok(Answer::Done),
            false => Err("Key not found.".into()),
        }
    })
}

/// `clear acl [@<ver>] <acl>`
pub(super) fn clear_acl(args: &[String], _rights: &mut Rights, view: &dyn View) -> Answer {
    clear(Kind::Acl, args, view)
}

/// `clear map [@<ver>] <map>`
pub(super) fn clear_map(args: &[String], _rights: &mut Rights, view: &dyn View) -> Answer {
    clear(Kind::Map, args, view)
}

fn clear(kind: Kind, args: &[String], view: &dyn View) -> Answer {
    let (version, args) = version(args);
    if args.is_empty() {
        return Answer::error(missing(kind));
    }
    on_list(kind, args.first(), view, |list| {
        list.clear(version);
        Ok(Answer::Done)
    })
}

/// `prepare acl <acl>`
pub(super) fn prepare_acl(args: &[String], _rights: &mut Rights, view: &dyn View) -> Answer {
    prepare(Kind::Acl, args, view)
}

/// `prepare map <map>`
pub(super) fn prepare_map(args: &[String], _rights: &mut Rights, view: &dyn View) -> Answer {
    prepare(Kind::Map, args, view)
}

fn prepare(kind: Kind, args: &[String], view: &dyn View) -> Answer {
    on_list(kind, args.first(), view, |list| {
        Ok(Answer::Text(format!(
            "New version created: {}\n",
            list.prepare()
        )))
    })
}

/// `commit acl @<ver> <acl>`
pub(super) fn commit_acl(args: &[String], _rights: &mut Rights, view: &dyn View) -> Answer {
    commit(Kind::Acl, args, view)
}

/// `commit map @<ver> <map>`
pub(super) fn commit_map(args: &[String], _rights: &mut Rights, view: &dyn View) -> Answer {
    commit(Kind::Map, args, view)
}

fn commit(kind: Kind, args: &[String], view: &dyn View) -> Answer {
    let (Some(version), args) = version(args) else {
        return Answer::error("Missing version number.");
    };
    if args.is_empty() {
        return Answer::error(missing(kind));
    }
    on_list(kind, args.first(), view, |list| {
        Ok(done(kind, list.commit(version)))
    })
}

fn missing(kind: Kind) -> Cow<'static, str> {
    format!("Missing {} identifier.", kind.name()).into()
}

/// What is done to the list that `name` names, if it is one of this kind.
fn on_list(
    kind: Kind,
    name: Option<&String>,
    view: &dyn View,
    run: impl FnOnce(&Arc<Reference>) -> Result<Answer, Cow<'static, str>>,
) -> Answer {
    let list = name.and_then(|name| view.patterns().find(name));
    match list.filter(|list| is_used_by(list, kind.user())) {
        Some(list) => run(list).unwrap_or_else(Answer::error),
        None => Answer::error(kind.unknown()),
    }
}

/// The same for what needs values.
fn on_map(
    name: &String,
    view: &dyn View,
    run: impl FnOnce(&Arc<Reference>) -> Result<Answer, Cow<'static, str>>,
) -> Answer {
    on_list(Kind::Map, Some(name), view, run)
}

fn done(kind: Kind, edited: Result<(), Refusal>) -> Answer {
    match edited {
        Ok(()) => Answer::Done,
        Err(refusal) => Answer::error(remark(kind, refusal)),
    }
}

fn remark(kind: Kind, refusal: Refusal) -> Cow<'static, str> {
    match refusal {
        Refusal::Invalid(why) => format!("{why}.").into(),
        Refusal::NotPrepared => {
            let name = match kind {
                Kind::Acl => "acl",
                Kind::Map => "map",
            };
            format!("Version number in the future, please use 'prepare {name}' before.").into()
        }
        Refusal::OutOfRange => "Version number out of range.".into(),
    }
}

/// `@<ver>` in front of the others. What is no number is version 0.
fn version(args: &[String]) -> (Option<u32>, &[String]) {
    match args {
        [first, rest @ ..] if first.starts_with('@') => {
            (Some(first[1..].parse().unwrap_or(0)), rest)
        }
        _ => (None, args),
    }
}

/// `#<ref>`: the number of an entry as `show acl` and `show map` write it. A key may begin like that.
fn entry_id(key: &str) -> Option<u64> {
    let digits = key.strip_prefix("#0x")?;
    u64::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests;
