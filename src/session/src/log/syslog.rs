//! A log line on its way to a target: the header of the target's format, and its length.

use super::header::{Header, Stamp, put_message};
use crate::settings::{Level, LogTarget};
use alloc::vec::Vec;
use sample::date::Clock;

/// Who logs.
#[derive(Clone, Copy, Debug)]
pub struct Sender<'a> {
    /// `log-tag` of the proxy, or the global one, or `haproxy`.
    pub tag: &'a str,
    /// The process.
    pub pid: u32,
    /// `log-send-hostname`.
    pub hostname: Option<&'a str>,
}

impl LogTarget {
    /// The level at which a line of `level` is sent to this target, if it is.
    pub fn severity(&self, level: Level) -> Option<Level> {
        // More severe is less.
        (level <= self.level).then_some(level.max(self.min_level))
    }
}

/// Appends a whole message for `target`: header, line and line's end, cut at the target's `len`. Only
/// [`SyslogFormat::Rfc5424`] has a place for structured data.
///
/// [`SyslogFormat::Rfc5424`]: crate::settings::SyslogFormat::Rfc5424
pub fn write_message(
    out: &mut Vec<u8>,
    target: &LogTarget,
    sender: &Sender<'_>,
    now: Clock,
    severity: Level,
    structured: &[u8],
    line: &[u8],
) {
    let mut pid = itoa::Buffer::new();
    let header = Header {
        priority: (target.facility, severity),
        stamp: Stamp::Clock(now),
        host: sender.hostname.map(str::as_bytes),
        tag: Some(sender.tag.as_bytes()),
        pid: Some(pid.format(sender.pid).as_bytes()),
        id: None,
        structured,
    };
    put_message(out, &header, target.format, target.len, line);
}
