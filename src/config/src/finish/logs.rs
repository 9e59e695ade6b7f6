//! `log global` replaced by the global targets.

use crate::draft::{FormatGiven, LogEntry};
use alloc::vec::Vec;
use session::settings::{LogProfile, LogTarget, SyslogFormat};

/// The targets of some `log` lines; without `format` a sent host name decides it.
pub(super) fn targets(
    entries: &[LogEntry],
    global: &[LogTarget],
    hostname_sent: bool,
    profiles: &[LogProfile],
) -> Vec<LogTarget> {
    let mut targets = Vec::new();
    for entry in entries {
        match entry {
            LogEntry::Global => targets.extend_from_slice(global),
            LogEntry::Target(target, FormatGiven(given), profile) => {
                let mut target = target.clone();
                if !given && hostname_sent {
                    target.format = SyslogFormat::Rfc3164;
                }
                let found = profile
                    .as_ref()
                    .and_then(|reference| profiles.iter().position(|it| it.name == reference.name));
                target.profile = found.map(|at| at as u32);
                targets.push(target);
            }
        }
    }
    targets
}
