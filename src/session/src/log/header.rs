//! The headers of syslog messages (RFC 3164, RFC 5424, and the shorter ones of HAProxy).

use crate::settings::{Facility, Level, SyslogFormat};
use alloc::vec::Vec;
use sample::date::{Clock, MONTHS};
use sample::text::{put_number, put_padded};

/// What a header says; what a format has no place for is left out.
#[derive(Clone, Copy, Debug)]
pub struct Header<'a> {
    /// Who is concerned, and how much.
    pub priority: (Facility, Level),
    /// When.
    pub stamp: Stamp<'a>,
    /// On which machine.
    pub host: Option<&'a [u8]>,
    /// The program.
    pub tag: Option<&'a [u8]>,
    /// Its process.
    pub pid: Option<&'a [u8]>,
    /// What kind of message it is (RFC 5424 §6.2.7).
    pub id: Option<&'a [u8]>,
    /// Structured data (RFC 5424 §6.3); empty if there is none.
    pub structured: &'a [u8],
}

/// When something was logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamp<'a> {
    /// Now.
    Clock(Clock),
    /// `Feb  6 12:14:14`, as it was received, in a year that only we know.
    Bsd(&'a [u8], Clock),
    /// `2009-02-06T12:14:14.655000+00:00`, as it was received.
    Iso(&'a [u8]),
}

impl Stamp<'_> {
    fn put_bsd(self, out: &mut Vec<u8>) {
        match self {
            Self::Clock(clock) => clock.put_rfc3164_date(out),
            Self::Bsd(text, _) => out.extend_from_slice(text),
            Self::Iso(text) => {
                let number = |at: usize| text.get(at..at + 2).unwrap_or_default();
                let month = number(5).iter().fold(0, |sum, digit| {
                    sum * 10 + usize::from(digit.wrapping_sub(b'0'))
                });
                let month = MONTHS.get(month.wrapping_sub(1)).unwrap_or(&MONTHS[0]);
                out.extend_from_slice(month);
                out.push(b' ');
                let day = number(8);
                match day.strip_prefix(b"0") {
                    Some(digit) => {
                        out.push(b' ');
                        out.extend_from_slice(digit);
                    }
                    None => out.extend_from_slice(day),
                }
                out.push(b' ');
                out.extend_from_slice(text.get(11..19).unwrap_or_default());
            }
        }
    }

    fn put_iso(self, out: &mut Vec<u8>) {
        match self {
            Self::Clock(clock) => clock.put_iso_date(out),
            Self::Iso(text) => out.extend_from_slice(text),
            Self::Bsd(text, clock) => {
                let name = text.get(..3).unwrap_or_default();
                let month = MONTHS.iter().position(|month| *month == name);
                put_padded(out, clock.civil().year, 4, b'0');
                out.push(b'-');
                put_padded(out, month.unwrap_or(0) as u32 + 1, 2, b'0');
                out.push(b'-');
                for &digit in text.get(4..6).unwrap_or_default() {
                    out.push(if digit == b' ' { b'0' } else { digit });
                }
                out.push(b'T');
                out.extend_from_slice(text.get(7..15).unwrap_or_default());
                // The place on Earth is unknown (RFC 3339 §4.3).
                out.extend_from_slice(b"-00:00");
            }
        }
    }
}

impl Header<'_> {
    /// Appends the header as a format has it.
    pub fn put(&self, out: &mut Vec<u8>, format: SyslogFormat) {
        let severity = self.priority.1 as u64;
        let priority = u64::from(self.priority.0.0) * 8 + severity;
        match format {
            // `<134>Feb  6 12:14:14 haproxy[14389]: `
            SyslogFormat::Local => {
                put_priority(out, priority);
                self.stamp.put_bsd(out);
                out.push(b' ');
                self.put_tag(out);
            }
            // `<134>Feb  6 12:14:14 localhost haproxy[14389]: ` (RFC 3164 §4.1)
            SyslogFormat::Rfc3164 => {
                put_priority(out, priority);
                self.stamp.put_bsd(out);
                out.push(b' ');
                out.extend_from_slice(self.host.unwrap_or(b"localhost"));
                out.push(b' ');
                self.put_tag(out);
            }
            // `<134>1 2009-02-06T12:14:14.655000+00:00 - haproxy 14389 - - ` (RFC 5424 §6)
            SyslogFormat::Rfc5424 => {
                put_priority(out, priority);
                out.extend_from_slice(b"1 ");
                self.stamp.put_iso(out);
                let structured = Some(self.structured).filter(|data| !data.is_empty());
                for field in [self.host, self.tag, self.pid, self.id, structured] {
                    out.push(b' ');
                    out.extend_from_slice(field.unwrap_or(b"-"));
                }
                out.push(b' ');
            }
            SyslogFormat::Priority => put_priority(out, priority),
            SyslogFormat::Short => put_priority(out, severity),
            SyslogFormat::Timed => {
                put_priority(out, severity);
                self.stamp.put_iso(out);
                out.push(b' ');
            }
            SyslogFormat::Iso => {
                self.stamp.put_iso(out);
                out.push(b' ');
            }
            SyslogFormat::Raw => {}
        }
    }

    /// `haproxy[14389]: `
    fn put_tag(&self, out: &mut Vec<u8>) {
        let Some(tag) = self.tag else {
            return;
        };
        out.extend_from_slice(tag);
        if let Some(pid) = self.pid {
            out.push(b'[');
            out.extend_from_slice(pid);
            out.push(b']');
        }
        out.extend_from_slice(b": ");
    }
}

/// Appends a whole message: header, text and the line's end, cut at `len` bytes.
pub fn put_message(
    out: &mut Vec<u8>,
    header: &Header<'_>,
    format: SyslogFormat,
    len: u32,
    text: &[u8],
) {
    let start = out.len();
    header.put(out, format);
    // The line's end is part of the length.
    let end = start + (len as usize).saturating_sub(1);
    let room = end.saturating_sub(out.len());
    out.extend_from_slice(&text[..text.len().min(room)]);
    out.truncate(end);
    out.push(b'\n');
}

/// `<134>`
fn put_priority(out: &mut Vec<u8>, priority: u64) {
    out.push(b'<');
    put_number(out, priority);
    out.push(b'>');
}
