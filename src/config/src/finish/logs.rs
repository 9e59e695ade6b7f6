//! `log` lines: those of `log global` replaced by the global ones, names by what they stand for.

use super::rings::Rings;
use crate::diagnostic::{Diagnostic, Severity};
use crate::draft::{FormatGiven, LogEntry, Named, ProxyDraft};
use crate::nearest::nearest;
use crate::problem::Problem;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;
use session::settings::{ForwardTarget, LogProfile, LogTarget, LogWhere, ProxyIndex, SyslogFormat};

/// What `log` lines may refer to.
pub(super) struct Referents<'a> {
    pub rings: Rings,
    /// Backends by name.
    pub backends: BTreeMap<Box<str>, ProxyIndex>,
    pub profiles: &'a [LogProfile],
    /// `log-send-hostname`
    pub hostname_sent: bool,
}

/// What `log` lines name has to be there.
pub(super) fn check(
    entries: &[LogEntry],
    rings: &Rings,
    backends: &[ProxyDraft],
    diagnostics: &mut Vec<Diagnostic>,
) {
    for entry in entries {
        let LogEntry::Target(draft) = entry else {
            continue;
        };
        match &draft.names {
            Some(Named::Ring(named)) if rings.named(&named.name).is_none() => {
                let message = format!("log : unknown ring named '{}'.", named.name);
                let problem = Problem::at(1, message)
                    .because("no ring section has this name")
                    .did_you_mean(nearest(&named.name, rings.names()));
                diagnostics.push(named.spot.diagnostic(Severity::Alert, problem));
            }
            Some(Named::Backend(named)) => {
                let found = backends.iter().find(|draft| draft.proxy.name == named.name);
                let (what, reason) = match found {
                    None => ("unknown", "no backend has this name"),
                    Some(draft) if draft.is_log => continue,
                    Some(_) => ("incompatible", "not in 'mode log'"),
                };
                let names = backends.iter().filter(|draft| draft.is_log);
                let near = nearest(&named.name, names.map(|draft| &*draft.proxy.name));
                let message = format!("log : {what} log backend '{}'.", named.name);
                let problem = Problem::at(1, message).because(reason).did_you_mean(near);
                diagnostics.push(named.spot.diagnostic(Severity::Alert, problem));
            }
            Some(Named::Ring(_) | Named::Stream(..)) | None => {}
        }
    }
}

/// The targets of a `log-forward` section; those without a format of their own or of a ring leave each
/// message its own.
pub(super) fn forwarded(
    entries: &[LogEntry],
    global_entries: &[LogEntry],
    global: &[LogTarget],
    referents: &mut Referents<'_>,
) -> Vec<ForwardTarget> {
    let flat = entries.iter().flat_map(|entry| match entry {
        LogEntry::Global => global_entries,
        LogEntry::Target(_) => core::slice::from_ref(entry),
    });
    let keeps = flat.map(|entry| match entry {
        LogEntry::Global => false,
        LogEntry::Target(draft) => {
            draft.format_given == FormatGiven(false) && !matches!(draft.names, Some(Named::Ring(_)))
        }
    });
    let keeps: Vec<bool> = keeps.collect();
    let targets = targets(entries, global, referents).into_iter();
    let targets = targets.zip(keeps);
    let targets = targets.map(|(target, keeps_format)| ForwardTarget {
        target,
        keeps_format,
    });
    targets.collect()
}

/// The targets of some `log` lines; without `format` a sent host name decides it.
pub(super) fn targets(
    entries: &[LogEntry],
    global: &[LogTarget],
    referents: &mut Referents<'_>,
) -> Vec<LogTarget> {
    let mut targets = Vec::new();
    for entry in entries {
        match entry {
            LogEntry::Global => targets.extend_from_slice(global),
            LogEntry::Target(draft) => {
                let mut target = draft.target.clone();
                if draft.format_given == FormatGiven(false) && referents.hostname_sent {
                    target.format = SyslogFormat::Rfc3164;
                }
                match &draft.names {
                    Some(Named::Ring(named)) => {
                        if let Some((at, ring)) = referents.rings.named(&named.name) {
                            target.to = LogWhere::Ring(at);
                            target.format = ring.format;
                            // The end of a line is part of its length, but not of a message.
                            target.len = target.len.min(ring.len_max.saturating_add(1));
                        }
                    }
                    Some(Named::Backend(named)) => {
                        if let Some(backend) = referents.backends.get(&named.name) {
                            target.to = LogWhere::Backend(*backend);
                        }
                    }
                    Some(Named::Stream(address, place)) => {
                        target.to = LogWhere::Ring(referents.rings.before(address, place));
                    }
                    None => {}
                }
                let found = draft.profile.as_ref().and_then(|reference| {
                    let mut profiles = referents.profiles.iter();
                    profiles.position(|it| it.name == reference.name)
                });
                target.profile = found.map(|at| at as u32);
                targets.push(target);
            }
        }
    }
    targets
}
