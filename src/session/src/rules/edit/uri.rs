//! Changes of a request-target.

use super::{NotMade, fits};
use alloc::vec::Vec;
use message::{Head, Version, target};
use sample::Work;

/// A part of a request-target that rules change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathPart {
    /// The path alone.
    Path,
    /// The path and the query.
    PathAndQuery,
    /// What stands behind the question mark.
    Query,
    /// All of it.
    Uri,
}

/// The part as it is.
pub(super) fn part_of(part: PathPart, head: &Head) -> Option<&[u8]> {
    let whole = head.target();
    match part {
        PathPart::Path => target::path(whole),
        PathPart::PathAndQuery => target::path_and_query(whole),
        PathPart::Query => target::query(whole),
        PathPart::Uri => Some(whole),
    }
}

/// Puts `value` in the place of a part.
pub(super) fn set(
    part: PathPart,
    value: &[u8],
    head: &mut Head,
    room: usize,
    work: &mut Work,
) -> Result<(), NotMade> {
    if value.iter().any(|byte| *byte <= b' ' || *byte == 0x7f) {
        return Err(NotMade::Invalid);
    }
    let mut out = work.buffer();
    let prefix = put(part, value, head, &mut out);
    let made = match prefix {
        Some(prefix) if head.wire_bytes() + value.len() <= room => {
            head.set_target(&out, prefix);
            fits(head, room)
        }
        Some(_) => Err(NotMade::NoRoom),
        None => Err(NotMade::Invalid),
    };
    work.give(out);
    made
}

/// The new target, and how much of it HTTP/1 leaves out.
fn put(part: PathPart, value: &[u8], head: &Head, out: &mut Vec<u8>) -> Option<u32> {
    let whole = head.target();
    let (before, after) = match part {
        PathPart::Path => {
            let start = target::path_start(whole)?;
            (start, start + target::path(whole)?.len())
        }
        PathPart::PathAndQuery => (target::path_start(whole)?, whole.len()),
        PathPart::Query => {
            let at = whole.iter().position(|byte| *byte == b'?');
            (at.unwrap_or(whole.len()), whole.len())
        }
        PathPart::Uri => (0, whole.len()),
    };
    out.extend_from_slice(&whole[..before]);
    if part == PathPart::Query && !value.is_empty() {
        out.push(b'?');
    }
    out.extend_from_slice(value);
    out.extend_from_slice(&whole[after..]);
    Some(match part {
        // What another scheme and authority are may be left out where the version has no place for
        // them in its target.
        PathPart::Uri if head.version == Version::Http2 => {
            target::path_start(out).unwrap_or(0) as u32
        }
        PathPart::Uri => 0,
        PathPart::Path | PathPart::PathAndQuery | PathPart::Query => head.target_prefix,
    })
}
