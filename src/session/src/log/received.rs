//! Syslog messages that others sent (RFC 3164 §4, RFC 5424 §6), and how they are passed on.

use super::header::{Header, Stamp, put_message};
use crate::settings::{Facility, ForwardTarget, HostStrategy, Level, SyslogFormat};
use alloc::vec::Vec;
use sample::date::{Clock, MONTHS};

/// A message taken apart. What it has no header of a known kind for is its text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Received<'a> {
    /// `<134>`: facility and severity.
    pub priority: Option<(Facility, Level)>,
    /// The kind of its header.
    pub kind: Kind<'a>,
    /// The machine it is from.
    pub host: Option<&'a [u8]>,
    /// The program.
    pub tag: Option<&'a [u8]>,
    /// The process.
    pub pid: Option<&'a [u8]>,
    /// RFC 5424 §6.2.7
    pub id: Option<&'a [u8]>,
    /// RFC 5424 §6.3; empty if there is none.
    pub structured: &'a [u8],
    /// The rest.
    pub text: &'a [u8],
}

/// The kind of a header, with the time that stands in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind<'a> {
    /// None that is known.
    #[default]
    Unknown,
    /// Nobody looked.
    Unread,
    /// RFC 3164.
    Bsd(&'a [u8]),
    /// RFC 5424; the time may be missing.
    Ietf(Option<&'a [u8]>),
}

impl<'a> Received<'a> {
    /// A message that nobody looks into (`option dont-parse-log`); `None` if it is empty.
    pub fn unread(message: &'a [u8]) -> Option<Self> {
        let text = trimmed(message);
        (!text.is_empty()).then(|| Self {
            kind: Kind::Unread,
            text,
            ..Self::default()
        })
    }

    /// Takes a message apart; `None` if it says nothing.
    pub fn read(message: &'a [u8]) -> Option<Self> {
        let message = trimmed(message);
        let (priority, rest) = match priority(message) {
            Some((priority, rest)) => (Some(priority), rest),
            None => (None, message),
        };
        let read = match priority {
            Some(_) => ietf(rest).or_else(|| bsd(rest)),
            None => None,
        };
        let read = read.unwrap_or(Self {
            text: rest,
            ..Self::default()
        });
        let says_something = !rest.is_empty();
        says_something.then_some(Self { priority, ..read })
    }

    /// Appends the message as `to` wants it, sent at `severity`; `source` is the address it came from.
    pub fn pass_on(
        &self,
        out: &mut Vec<u8>,
        to: &ForwardTarget,
        severity: Level,
        hosts: HostStrategy,
        source: Option<&[u8]>,
        now: Clock,
    ) {
        let (format, stamp) = match self.kind {
            Kind::Ietf(Some(time)) => (SyslogFormat::Rfc5424, Stamp::Iso(time)),
            Kind::Ietf(None) => (SyslogFormat::Rfc5424, Stamp::Clock(now)),
            Kind::Bsd(time) => (SyslogFormat::Rfc3164, Stamp::Bsd(time, now)),
            Kind::Unread => (SyslogFormat::Raw, Stamp::Clock(now)),
            Kind::Unknown => (self.unknown(hosts), Stamp::Clock(now)),
        };
        let format = if to.keeps_format {
            format
        } else {
            to.target.format
        };
        let mut both = Vec::new();
        let host = match (hosts, self.host, source) {
            (HostStrategy::Replace, _, Some(source)) => Some(source),
            (HostStrategy::Append, Some(host), Some(source)) => {
                both.extend_from_slice(host);
                both.push(b',');
                both.extend_from_slice(source);
                Some(&*both)
            }
            (HostStrategy::Fill | HostStrategy::Append, None, Some(source)) => Some(source),
            (_, host, _) => host,
        };
        let facility = self
            .priority
            .map_or(to.target.facility, |(facility, _)| facility);
        let header = Header {
            priority: (facility, severity),
            stamp,
            host,
            tag: self.tag,
            pid: self.pid,
            id: self.id,
            structured: self.structured,
        };
        put_message(out, &header, format, to.target.len, self.text);
    }

    /// How severe it is.
    pub fn severity(&self) -> Level {
        // A relay takes one without a priority for a notice (RFC 3164 §4.3.3).
        self.priority
            .map_or(Level::Notice, |(_, severity)| severity)
    }

    /// The format that keeps a message as it is that has none.
    fn unknown(&self, hosts: HostStrategy) -> SyslogFormat {
        match (hosts, self.priority) {
            (HostStrategy::Keep, None) => SyslogFormat::Raw,
            (HostStrategy::Keep, Some(_)) => SyslogFormat::Priority,
            (HostStrategy::Replace | HostStrategy::Fill | HostStrategy::Append, _) => {
                SyslogFormat::Rfc3164
            }
        }
    }
}

/// Without the ends of lines at its end.
fn trimmed(mut message: &[u8]) -> &[u8] {
    while let Some(rest) = message.strip_suffix(b"\n").or(message.strip_suffix(b"\0")) {
        message = rest;
    }
    message
}

/// `<134>`, and what follows it.
fn priority(message: &[u8]) -> Option<((Facility, Level), &[u8])> {
    let inner = message.strip_prefix(b"<")?;
    let end = inner
        .iter()
        .take(PRIORITY_DIGITS_MAX + 1)
        .position(|&byte| byte == b'>')?;
    let digits = &inner[..end];
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = digits
        .iter()
        .fold(0_u32, |number, digit| number * 10 + u32::from(digit - b'0'));
    let facility = u8::try_from(number / 8)
        .ok()
        .filter(|facility| *facility < 24)?;
    let severity = LEVELS[number as usize % 8];
    Some(((Facility(facility), severity), &inner[end + 1..]))
}

/// RFC 5424 §6, behind the priority.
fn ietf(rest: &[u8]) -> Option<Received<'_>> {
    let rest = rest.strip_prefix(b"1 ")?;
    let (time, rest) = word(rest)?;
    let (host, rest) = word(rest)?;
    let (tag, rest) = word(rest)?;
    let (pid, rest) = word(rest)?;
    let (id, rest) = word(rest)?;
    let (structured, rest) = structured(rest)?;
    let time = some(time);
    if time.is_some_and(|time| !is_iso(time)) {
        return None;
    }
    Some(Received {
        kind: Kind::Ietf(time),
        host: some(host),
        tag: some(tag),
        pid: some(pid),
        id: some(id),
        structured,
        text: rest,
        ..Received::default()
    })
}

/// A word and what follows the space behind it.
fn word(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = text.iter().position(|&byte| byte == b' ')?;
    (end > 0).then(|| (&text[..end], &text[end + 1..]))
}

fn some(word: &[u8]) -> Option<&[u8]> {
    (word != b"-").then_some(word)
}

/// `-`, or elements in brackets, and what follows the space behind them.
fn structured(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = match text.first()? {
        b'-' => 1,
        _ => {
            let mut end = 0;
            while text.get(end) == Some(&b'[') {
                end += element(&text[end..])?;
            }
            end
        }
    };
    let data = &text[..end];
    let rest = match text.get(end) {
        None => &text[end..],
        Some(b' ') => &text[end + 1..],
        Some(_) => return None,
    };
    match data {
        b"" => None,
        b"-" => Some((b"", rest)),
        data => Some((data, rest)),
    }
}

/// How long the element is that `text` begins with: to the bracket that is in no value.
fn element(text: &[u8]) -> Option<usize> {
    let mut quoted = false;
    let mut escaped = false;
    for (at, &byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b']' if !quoted => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// `2009-02-06T12:14:14`, and whatever fraction and zone follow (RFC 5424 §6.2.3).
fn is_iso(time: &[u8]) -> bool {
    const FORM: &[u8; 19] = b"0000-00-00T00:00:00";
    let fits = |(byte, form): (&u8, &u8)| match form {
        b'0' => byte.is_ascii_digit(),
        form => byte == form,
    };
    let (date, rest) = time.split_at(FORM.len().min(time.len()));
    let rest_fits = |byte: &u8| byte.is_ascii_digit() || b".+-:Z".contains(byte);
    let month = date.get(5..7).unwrap_or_default();
    date.len() == FORM.len()
        && date.iter().zip(FORM).all(fits)
        && (b"01"..=b"12").contains(&<&[u8; 2]>::try_from(month).unwrap_or(b"00"))
        && rest.iter().all(rest_fits)
}

/// RFC 3164 §4.1, behind the priority. The first word behind the time is the machine, whatever it looks
/// like; a tag ends with a colon, and may have a process in brackets before that.
fn bsd(rest: &[u8]) -> Option<Received<'_>> {
    let (time, rest) = rest.split_at_checked(BSD_TIME.len())?;
    let (host, rest) = word(rest.strip_prefix(b" ")?)?;
    if !is_bsd(time) {
        return None;
    }
    let read = Received {
        kind: Kind::Bsd(time),
        host: some(host),
        text: rest,
        ..Received::default()
    };
    Some(tagged(rest).map_or(read, |tagged| Received {
        kind: read.kind,
        host: read.host,
        ..tagged
    }))
}

/// `app[12]: `, and what follows it.
fn tagged(text: &[u8]) -> Option<Received<'_>> {
    let end = text.iter().position(|byte| b" :[".contains(byte))?;
    let (tag, rest) = text.split_at(end);
    let (pid, rest) = match rest.strip_prefix(b"[") {
        Some(inner) => {
            let close = inner.iter().position(|byte| b" ]".contains(byte))?;
            (Some(&inner[..close]), inner[close..].strip_prefix(b"]")?)
        }
        None => (None, rest),
    };
    let text = rest.strip_prefix(b":")?;
    let text = text.strip_prefix(b" ").unwrap_or(text);
    let pid = pid.filter(|pid| !pid.is_empty());
    (!tag.is_empty()).then(|| Received {
        tag: Some(tag),
        pid,
        text,
        ..Received::default()
    })
}

fn is_bsd(time: &[u8]) -> bool {
    let fits = |(byte, form): (&u8, &u8)| match form {
        b'0' => byte.is_ascii_digit(),
        b'9' => byte.is_ascii_digit() || *byte == b' ',
        b'M' => true,
        form => byte == form,
    };
    MONTHS.contains(&&time[..3]) && time.iter().zip(BSD_TIME).all(fits)
}

/// `Feb  6 12:14:14`: a month, a digit or a space, and digits.
const BSD_TIME: &[u8; 15] = b"MMM 90 00:00:00";
/// Of a priority.
const PRIORITY_DIGITS_MAX: usize = 3;
const LEVELS: [Level; 8] = [
    Level::Emerg,
    Level::Alert,
    Level::Crit,
    Level::Err,
    Level::Warning,
    Level::Notice,
    Level::Info,
    Level::Debug,
];

#[cfg(test)]
mod tests;
