//! What expressions write to (`debug`): rings, and the streams of the process.

use super::rings::{LOG_BYTES, Rings};
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Place;
use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;
use session::settings::{Facility, Level, LogSocket, LogTarget, LogWhere, SyslogFormat};

/// Names that stand for something.
pub(super) fn check(sinks: &[(Box<str>, Place)], rings: &Rings, diagnostics: &mut Vec<Diagnostic>) {
    for (name, place) in sinks {
        let known = matches!(&**name, "buf0" | "stdout" | "stderr");
        if !known && rings.named(name).is_none() {
            let message =
                format!("parsing [{place}] : debug converter: sink '{name}' doesn't exist.");
            diagnostics.push(Diagnostic::general(Severity::Alert, &message));
        }
    }
}

/// Where each of them is.
pub(super) fn targets(sinks: &[(Box<str>, Place)], rings: &mut Rings) -> Vec<LogTarget> {
    let targets = sinks.iter().map(|(name, _)| {
        let stream = |fd| {
            let to = LogWhere::Socket(LogSocket::Fd(fd));
            (to, SyslogFormat::Raw, LOG_BYTES)
        };
        let (to, format, len) = match &**name {
            "stdout" => stream(1),
            "stderr" => stream(2),
            name => {
                let (at, ring) = match rings.named(name) {
                    Some((at, _)) => rings.at(at),
                    None => rings.buf0(),
                };
                (LogWhere::Ring(at), ring.format, ring.len_max)
            }
        };
        LogTarget {
            to,
            // The end of a line is part of its length.
            len: len.saturating_add(1),
            format,
            sample: None,
            // As HAProxy has it: kernel, emergency.
            facility: Facility(0),
            level: Level::Debug,
            min_level: Level::Emerg,
            profile: None,
        }
    });
    targets.collect()
}
