//! `log global` replaced by the global targets.

use crate::draft::{FormatGiven, LogEntry};
use alloc::vec::Vec;
use session::settings::{LogTarget, SyslogFormat};

/// The targets of some `log` lines; without `format` a sent host name decides it.
pub(super) fn targets(
    entries: &[LogEntry],
    global: &[LogTarget],
    hostname_sent: bool,
) -> Vec<LogTarget> {
    let mut targets = Vec::new();
    for entry in entries {
        match entry {
            LogEntry::Global => targets.extend_from_slice(global),
            LogEntry::Target(target, FormatGiven(given)) => {
                let mut target = target.clone();
                if !given && hostname_sent {
                    target.format = SyslogFormat::Rfc3164;
                }
                targets.push(target);
            }
        }
    }
    targets
}
