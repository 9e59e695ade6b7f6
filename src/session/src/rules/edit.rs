//! Changes of a message's head.

mod lines;
mod uri;

pub use uri::PathPart;

use super::put;
use alloc::boxed::Box;
use alloc::vec::Vec;
use message::{Head, Name};
use sample::expr::Expr;
use sample::format::Format;
use sample::regex::{Begin, Regex};
use sample::{Facts, Type, Value, Work, screen};

/// A change of a message's head.
#[derive(Clone, Debug)]
pub enum Edit {
    /// `add-header`
    AddHeader {
        /// The field's name.
        name: Box<[u8]>,
        /// Its value.
        value: Format,
    },
    /// `set-header`: all others of the name go.
    SetHeader {
        /// The field's name.
        name: Box<[u8]>,
        /// Its value.
        value: Format,
    },
    /// `del-header`
    DelHeader(NameMatch),
    /// `replace-header`: whole values.
    ReplaceHeader {
        /// The field's name.
        name: Box<[u8]>,
        /// What is looked for.
        regex: Regex,
        /// What it becomes, groups as `\1`.
        with: Format,
    },
    /// `replace-value`: each item of a comma-separated value by itself.
    ReplaceValue {
        /// The field's name.
        name: Box<[u8]>,
        /// What is looked for.
        regex: Regex,
        /// What it becomes, groups as `\1`.
        with: Format,
    },
    /// `add-headers-bin`, `set-headers-bin`, `del-headers-bin`
    Lines {
        /// Which of them.
        lines: Lines,
        /// Names and values as `req.hdrs_bin` has them, names alone to delete.
        list: Expr,
        /// `prefix`, before each name.
        prefix: Option<Format>,
    },
    /// `set-method`
    SetMethod(Format),
    /// `set-path`, `set-pathq`, `set-query`, `set-uri`
    SetTarget {
        /// Which part.
        part: PathPart,
        /// To what.
        value: Format,
    },
    /// `replace-path`, `replace-pathq`, `replace-uri`
    ReplaceTarget {
        /// Which part.
        part: PathPart,
        /// What is looked for.
        regex: Regex,
        /// What it becomes, groups as `\1`.
        with: Format,
    },
    /// `normalize-uri`
    Normalize(crate::normalize::Normalizer),
    /// `set-status`
    SetStatus {
        /// The status.
        status: u16,
        /// The reason; the usual one without.
        reason: Option<Box<[u8]>>,
    },
}

/// Which fields a list of lines changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    /// `add-headers-bin`
    Add,
    /// `set-headers-bin`
    Set,
    /// `del-headers-bin`
    Del,
}

/// Which names `del-header` deletes.
#[derive(Clone, Debug)]
pub enum NameMatch {
    /// This one.
    Is(Box<[u8]>),
    /// `-m beg`
    Begins(Box<[u8]>),
    /// `-m end`
    Ends(Box<[u8]>),
    /// `-m sub`
    Has(Box<[u8]>),
    /// `-m reg`; sees names in lower case, as fetches tell them.
    Regex(Regex),
}

/// A change with its values worked out: the head may be changed now.
#[derive(Debug)]
pub struct Change<'r> {
    edit: &'r Edit,
    first: Vec<u8>,
    second: Vec<u8>,
}

/// Why a change was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotMade {
    /// The head would not fit any more (`tune.maxrewrite`).
    NoRoom,
    /// The value cannot stand there.
    Invalid,
    /// What was to be put in place of a match means nothing.
    Meaningless,
}

impl Edit {
    /// Works out the values of a change.
    pub fn change<'r>(&'r self, facts: &Facts<'_>, work: &mut Work) -> Change<'r> {
        let (mut first, mut second) = (work.buffer(), work.buffer());
        match self {
            Self::AddHeader { name, value } | Self::SetHeader { name, value } => {
                first.extend_from_slice(name);
                put(value, facts, work, &mut second);
            }
            Self::ReplaceHeader { name, with, .. } | Self::ReplaceValue { name, with, .. } => {
                first.extend_from_slice(name);
                put(with, facts, work, &mut second);
            }
            Self::DelHeader(
                NameMatch::Is(name)
                | NameMatch::Begins(name)
                | NameMatch::Ends(name)
                | NameMatch::Has(name),
            ) => first.extend_from_slice(name),
            Self::DelHeader(NameMatch::Regex(_)) | Self::Normalize(_) | Self::SetStatus { .. } => {}
            Self::Lines { list, prefix, .. } => {
                if let Some(prefix) = prefix {
                    put(prefix, facts, work, &mut second);
                }
                if let Some(value) = list.value_as(Type::Bytes, facts, work).found() {
                    if let Value::Bytes(bytes) = &value {
                        first.extend_from_slice(bytes);
                    }
                    work.done(value);
                }
            }
            Self::SetMethod(value) | Self::SetTarget { value, .. } => {
                put(value, facts, work, &mut first);
            }
            Self::ReplaceTarget { with, .. } => put(with, facts, work, &mut second),
        }
        Change {
            edit: self,
            first,
            second,
        }
    }
}

impl Edit {
    /// What of the head it changes.
    pub(super) fn changes(&self) -> screen::Change<'_> {
        match self {
            Self::AddHeader { name, .. }
            | Self::SetHeader { name, .. }
            | Self::DelHeader(NameMatch::Is(name))
            | Self::ReplaceHeader { name, .. }
            | Self::ReplaceValue { name, .. } => screen::Change::Header(name),
            Self::DelHeader(
                NameMatch::Begins(_) | NameMatch::Ends(_) | NameMatch::Has(_) | NameMatch::Regex(_),
            )
            | Self::Lines { .. }
            | Self::SetMethod(_)
            | Self::SetTarget { .. }
            | Self::ReplaceTarget { .. }
            | Self::Normalize(_)
            | Self::SetStatus { .. } => screen::Change::Head,
        }
    }
}

impl Change<'_> {
    /// Whether it may change method or request-target.
    pub fn is_of_request_line(&self) -> bool {
        match self.edit {
            Edit::SetMethod(_)
            | Edit::SetTarget { .. }
            | Edit::ReplaceTarget { .. }
            | Edit::Normalize(_) => true,
            Edit::AddHeader { .. }
            | Edit::SetHeader { .. }
            | Edit::DelHeader(_)
            | Edit::ReplaceHeader { .. }
            | Edit::ReplaceValue { .. }
            | Edit::Lines { .. }
            | Edit::SetStatus { .. } => false,
        }
    }
}

/// Makes a change. `room` is how many bytes the head may have as text.
pub fn apply(
    change: Change<'_>,
    head: &mut Head,
    room: usize,
    work: &mut Work,
) -> Result<(), NotMade> {
    let Change {
        edit,
        first,
        second,
    } = change;
    let made = apply_values(edit, &first, &second, head, room, work);
    work.give(first);
    work.give(second);
    made
}

fn apply_values(
    edit: &Edit,
    first: &[u8],
    second: &[u8],
    head: &mut Head,
    room: usize,
    work: &mut Work,
) -> Result<(), NotMade> {
    match edit {
        Edit::AddHeader { .. } => push(head, first, second, room),
        Edit::SetHeader { .. } => {
            let id = Name::of(first);
            remove_named(head, id, first);
            push(head, first, second, room)
        }
        Edit::DelHeader(names) => {
            let mut lower = work.buffer();
            head.remove_if(|_, name, _| match names {
                NameMatch::Is(_) => name.eq_ignore_ascii_case(first),
                NameMatch::Begins(_) => starts_with(name, first),
                NameMatch::Ends(_) => ends_with(name, first),
                NameMatch::Has(_) => contains(name, first),
                NameMatch::Regex(regex) => {
                    lower.clear();
                    lower.extend(name.iter().map(u8::to_ascii_lowercase));
                    regex.is_match(&lower)
                }
            });
            work.give(lower);
            Ok(())
        }
        Edit::ReplaceHeader { regex, .. } => replace(head, first, room, work, |value, out| {
            substitute(regex, value.trim_ascii(), second, room, out)
        }),
        Edit::ReplaceValue { regex, .. } => replace(head, first, room, work, |value, out| {
            let mut changed = false;
            for (at, item) in items(value).enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                // White space around an item goes with it.
                if substitute(regex, item.trim_ascii(), second, room, out)? {
                    changed = true;
                } else {
                    out.extend_from_slice(item);
                }
            }
            Ok(changed)
        }),
        Edit::Lines { lines, .. } => change_lines(*lines, first, second, head, room),
        Edit::SetMethod(_) => {
            // Anything else would be another request line than the rule's author had in mind.
            if first.is_empty() || !first.iter().all(|byte| is_token(*byte)) {
                return Err(NotMade::Invalid);
            }
            head.set_method(first);
            fits(head, room)
        }
        Edit::SetTarget { part, .. } => uri::set(*part, first, head, room, work),
        Edit::ReplaceTarget { part, regex, .. } => {
            let mut out = work.buffer();
            let old = uri::part_of(*part, head);
            let changed = old.map_or(Ok(false), |old| {
                substitute(regex, old, second, room, &mut out)
            });
            let made = match changed {
                Ok(true) => uri::set(*part, &out, head, room, work),
                Ok(false) => Ok(()),
                Err(why) => Err(why),
            };
            work.give(out);
            made
        }
        Edit::Normalize(normalizer) => {
            let mut out = work.buffer();
            let path = uri::part_of(PathPart::PathAndQuery, head);
            let normal = path.map(|path| normalizer.normalize(path, &mut out));
            let made = match normal {
                Some(Ok(())) => uri::set(PathPart::PathAndQuery, &out, head, room, work),
                Some(Err(_)) => Err(NotMade::Invalid),
                // `*` and authorities have no path.
                None => Ok(()),
            };
            work.give(out);
            made
        }
        Edit::SetStatus { status, reason } => {
            let usual = crate::pages::reason(*status);
            head.set_status(*status, reason.as_deref().unwrap_or(usual.as_bytes()));
            fits(head, room)
        }
    }
}

fn push(head: &mut Head, name: &[u8], value: &[u8], room: usize) -> Result<(), NotMade> {
    if name.is_empty() {
        return Err(NotMade::Invalid);
    }
    if head.wire_bytes() + name.len() + value.len() + 4 > room {
        return Err(NotMade::NoRoom);
    }
    head.push(name, value);
    Ok(())
}

/// A character of methods and names (RFC 9110 §5.6.2).
pub fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn fits(head: &Head, room: usize) -> Result<(), NotMade> {
    if head.wire_bytes() > room {
        return Err(NotMade::NoRoom);
    }
    Ok(())
}

fn remove_named(head: &mut Head, id: Name, name: &[u8]) {
    if id == Name::Other {
        head.remove_if(|_, other, _| other.eq_ignore_ascii_case(name));
    } else {
        head.remove(id);
    }
}

/// Changes the values of all fields of a name.
fn replace(
    head: &mut Head,
    name: &[u8],
    room: usize,
    work: &mut Work,
    mut change: impl FnMut(&[u8], &mut Vec<u8>) -> Result<bool, NotMade>,
) -> Result<(), NotMade> {
    let mut buffer = work.buffer();
    let mut made = Ok(());
    let mut change_one = |value: &[u8], out: &mut Vec<u8>| match change(value, out) {
        Ok(changed) => changed,
        Err(why) => {
            made = Err(why);
            false
        }
    };
    head.change_values(
        |other, value, out| other.eq_ignore_ascii_case(name) && change_one(value, out),
        &mut buffer,
    );
    work.give(buffer);
    made.and_then(|()| fits(head, room))
}

/// Puts into `out` what a matching `text` becomes; the part that matched is replaced by `with`, the
/// rest of the text goes. More than `room` bytes of it fit nowhere.
fn substitute(
    regex: &Regex,
    text: &[u8],
    with: &[u8],
    room: usize,
    out: &mut Vec<u8>,
) -> Result<bool, NotMade> {
    let Some(found) = regex.captures(text, Begin::Start) else {
        return Ok(false);
    };
    let most = out.len().saturating_add(room);
    let made = sample::regex::expand(with, text, &found, most, out);
    made.map(|()| true).map_err(|_| NotMade::Meaningless)
}

/// Items of a comma-separated value, quoted strings kept together.
fn items(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let (mut quoted, mut escaped) = (false, false);
    value.split(move |byte| {
        let here = (quoted, escaped);
        (quoted, escaped) = match (*byte, here) {
            (_, (quoted, true)) => (quoted, false),
            (b'\\', (true, false)) => (true, true),
            (b'"', (quoted, false)) => (!quoted, false),
            (_, (quoted, false)) => (quoted, false),
        };
        *byte == b',' && !here.0
    })
}

/// Names and values with their lengths in front (`req.hdrs_bin`), changed one after the other.
fn change_lines(
    kind: Lines,
    list: &[u8],
    prefix: &[u8],
    head: &mut Head,
    room: usize,
) -> Result<(), NotMade> {
    for (name, value) in lines::fields(list, kind != Lines::Del) {
        let mut full = prefix.to_vec();
        full.extend_from_slice(name);
        if kind != Lines::Add {
            remove_named(head, Name::of(&full), &full);
        }
        if kind != Lines::Del {
            push(head, &full, value, room)?;
        }
    }
    Ok(())
}

fn starts_with(name: &[u8], prefix: &[u8]) -> bool {
    name.get(..prefix.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

fn ends_with(name: &[u8], suffix: &[u8]) -> bool {
    name.len()
        .checked_sub(suffix.len())
        .is_some_and(|at| name[at..].eq_ignore_ascii_case(suffix))
}

fn contains(name: &[u8], part: &[u8]) -> bool {
    part.is_empty()
        || name
            .windows(part.len())
            .any(|window| window.eq_ignore_ascii_case(part))
}
