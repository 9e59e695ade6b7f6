//! A log line on its way to a target: the header of the target's format, and its length.

use crate::settings::{Level, LogTarget, SyslogFormat};
use alloc::vec::Vec;
use sample::date::Clock;
use sample::text::put_number;

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
pub fn write_message(
    out: &mut Vec<u8>,
    target: &LogTarget,
    sender: &Sender<'_>,
    now: Clock,
    severity: Level,
    structured: &[u8],
    line: &[u8],
) {
    let start = out.len();
    put_header(out, target, sender, now, severity, structured);
    // The line's end is part of the length.
    let room = (start + (target.len as usize).saturating_sub(1)).saturating_sub(out.len());
    out.extend_from_slice(&line[..line.len().min(room)]);
    out.truncate(start + (target.len as usize).saturating_sub(1));
    out.push(b'\n');
}

fn put_header(
    out: &mut Vec<u8>,
    target: &LogTarget,
    sender: &Sender<'_>,
    now: Clock,
    severity: Level,
    structured: &[u8],
) {
    let severity = severity as u64;
    let priority = u64::from(target.facility.0) * 8 + severity;
    match target.format {
        // `<134>Feb  6 12:14:14 haproxy[14389]: `
        SyslogFormat::Local => {
            put_priority(out, priority);
            now.put_rfc3164_date(out);
            put_tag(out, sender);
        }
        // `<134>Feb  6 12:14:14 localhost haproxy[14389]: ` (RFC 3164 §4.1)
        SyslogFormat::Rfc3164 => {
            put_priority(out, priority);
            now.put_rfc3164_date(out);
            out.push(b' ');
            let hostname = sender.hostname.unwrap_or("localhost");
            out.extend_from_slice(hostname.as_bytes());
            put_tag(out, sender);
        }
        // `<134>1 2009-02-06T12:14:14.655000+00:00 - haproxy 14389 - - ` (RFC 5424 §6)
        SyslogFormat::Rfc5424 => {
            put_priority(out, priority);
            out.extend_from_slice(b"1 ");
            now.put_iso_date(out);
            out.push(b' ');
            out.extend_from_slice(sender.hostname.unwrap_or("-").as_bytes());
            out.push(b' ');
            out.extend_from_slice(sender.tag.as_bytes());
            out.push(b' ');
            put_number(out, sender.pid.into());
            out.extend_from_slice(b" - ");
            out.extend_from_slice(if structured.is_empty() {
                b"-"
            } else {
                structured
            });
            out.push(b' ');
        }
        SyslogFormat::Priority => put_priority(out, priority),
        SyslogFormat::Short => put_priority(out, severity),
        SyslogFormat::Timed => {
            put_priority(out, severity);
            now.put_iso_date(out);
            out.push(b' ');
        }
        SyslogFormat::Iso => {
            now.put_iso_date(out);
            out.push(b' ');
        }
        SyslogFormat::Raw => {}
    }
}

/// `<134>`
fn put_priority(out: &mut Vec<u8>, priority: u64) {
    out.push(b'<');
    put_number(out, priority);
    out.push(b'>');
}

/// ` haproxy[14389]: `
fn put_tag(out: &mut Vec<u8>, sender: &Sender<'_>) {
    out.push(b' ');
    out.extend_from_slice(sender.tag.as_bytes());
    out.push(b'[');
    put_number(out, sender.pid.into());
    out.extend_from_slice(b"]: ");
}
