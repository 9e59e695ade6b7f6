//! A head or trailer section being read: ordinary lines all at once, any other on its own.

use super::fields::FieldLine;
use super::{fields, lines, request, response};
use crate::Limits;
use crate::violation::{Flaw, Violation};
use alloc::boxed::Box;
use base::Buf;
use memchr::memchr;
use message::{Head, Heads, Kind, Name, Role, Span};

/// What is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    Request,
    Response,
    Trailers,
}

impl Section {
    /// The heads that the peer of `role` sends.
    pub(crate) fn head_for(role: Role) -> Self {
        match role {
            Role::Accepting => Self::Request,
            Role::Opening => Self::Response,
        }
    }
}

/// Reads a section over several calls. The text of complete lines moves from the received buffer into
/// the head; only an incomplete line stays behind.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    /// The head so far; `None` before its first line.
    head: Option<Box<Head>>,
    /// How far the line at hand was searched for its end.
    scanned: u32,
    /// Field lines taken so far, those included that are no part of the head.
    fields: u32,
}

impl Reader {
    /// Whether a line of the section was read.
    pub(crate) fn has_begun(&self) -> bool {
        self.head.is_some()
    }

    /// Gives the head back; the reader can begin anew.
    pub(crate) fn reset(&mut self, heads: &mut Heads) {
        if let Some(head) = core::mem::take(self).head {
            heads.give(head);
        }
    }

    /// The lines taken so far.
    pub(crate) fn taken_text(&self) -> &[u8] {
        self.head.as_deref().map_or(b"", Head::text)
    }

    /// Reads on; `Ok(None)` if bytes are missing. After an error the reader is of no more use.
    pub(crate) fn read(
        &mut self,
        section: Section,
        limits: &Limits,
        heads: &mut Heads,
        buf: &mut Buf,
    ) -> Result<Option<Box<Head>>, Flaw> {
        if section == Section::Request && self.head.is_none() && skip_empty_lines(buf) {
            self.scanned = 0;
        }
        loop {
            if self.scanned == 0 && self.take_ordinary(section, limits, heads, buf) {
                return Ok(core::mem::take(self).head);
            }
            let taken = self.taken_text().len();
            let is_start = taken == 0 && section != Section::Trailers;
            let mut scanned = self.scanned as usize;
            let length = if is_start {
                lines::line(buf, &mut scanned)
            } else {
                lines::field_line(buf, &mut scanned)
            };
            self.scanned = scanned as u32;
            if taken + length.unwrap_or(buf.len()) > limits.head_bytes_max as usize {
                return Err(self.too_long(section).at(limits.head_bytes_max as usize));
            }
            let Some(length) = length else {
                let begins = section == Section::Request && taken == 0;
                return match begins.then(|| request::refuse_early(buf)).flatten() {
                    Some(flaw) => Err(flaw),
                    None => Ok(None),
                };
            };
            let head = self.head.get_or_insert_with(|| heads.take());
            let line = &buf[..length];
            if matches!(line, b"\n" | b"\r\n") && !is_start {
                buf.consume(length);
                return Ok(core::mem::take(self).head);
            }
            let read = if is_start {
                start_line(head, line, section, limits)
            } else if self.fields == limits.fields_max {
                Err(Violation::TooManyFields.at(0))
            } else {
                self.fields += 1;
                field_line(head, line, section, limits)
            };
            read.map_err(|flaw| flaw.violation.at(taken + flaw.at))?;
            buf.consume(length);
        }
    }

    /// Takes the lines up to the first that is not complete, or in any way out of the ordinary: nearly
    /// always the whole section, whose text is copied in one piece. Says whether it came to its end.
    fn take_ordinary(
        &mut self,
        section: Section,
        limits: &Limits,
        heads: &mut Heads,
        buf: &mut Buf,
    ) -> bool {
        let bytes: &[u8] = buf;
        let taken = self.taken_text().len();
        let room = (limits.head_bytes_max as usize).saturating_sub(taken);
        let mut head = self.head.take().unwrap_or_else(|| heads.take());
        let mut at = 0;
        if taken == 0 && section != Section::Trailers {
            let length = memchr(b'\n', bytes).map_or(0, |feed| feed + 1);
            if (1..=room).contains(&length)
                && start_parts(&mut head, &bytes[..length], section, limits).is_ok()
            {
                at = length;
            } else {
                heads.give(head);
                return false;
            }
        }
        while self.fields < limits.fields_max
            && let Some((field, end)) = fields::parse_ordinary(bytes, at)
            && end <= room
        {
            push_field(&mut head, bytes, taken, section, &field);
            self.fields += 1;
            at = end;
        }
        let ends = at + 2 <= room && bytes[at..].starts_with(b"\r\n");
        if taken + at == 0 && !ends {
            heads.give(head);
            return false;
        }
        head.push_text(&bytes[..at]);
        buf.consume(if ends { at + 2 } else { at });
        self.head = Some(head);
        ends
    }

    fn too_long(&self, section: Section) -> Violation {
        match section {
            Section::Trailers => Violation::TrailersTooLong,
            Section::Request | Section::Response if self.taken_text().is_empty() => {
                Violation::TargetTooLong
            }
            Section::Request | Section::Response => Violation::HeadTooLong,
        }
    }
}

/// Empty lines before a request line are left out (RFC 9112 §2.2); says whether there were any.
fn skip_empty_lines(buf: &mut Buf) -> bool {
    let before = buf.len();
    loop {
        match &**buf {
            [b'\r', b'\n', ..] => buf.consume(2),
            [b'\n', ..] => buf.consume(1),
            _ => return buf.len() < before,
        }
    }
}

fn start_line(head: &mut Head, line: &[u8], section: Section, limits: &Limits) -> Result<(), Flaw> {
    start_parts(head, line, section, limits)?;
    head.push_text(line);
    Ok(())
}

/// Reads a start line, whose text comes first in the head.
fn start_parts(
    head: &mut Head,
    line: &[u8],
    section: Section,
    limits: &Limits,
) -> Result<(), Flaw> {
    match section {
        Section::Request => {
            let it = request::parse(line, limits.relaxed)?;
            head.kind = Kind::Request {
                method: Span::new(it.method.start, it.method.end),
                target: Span::new(it.target.start, it.target.end),
            };
            head.version = it.version;
        }
        Section::Response => {
            let it = response::parse(line, limits.relaxed)?;
            head.kind = Kind::Response {
                status: it.status,
                reason: Span::new(it.reason.start, it.reason.end),
            };
            head.version = it.version;
        }
        Section::Trailers => {}
    }
    Ok(())
}

fn field_line(head: &mut Head, line: &[u8], section: Section, limits: &Limits) -> Result<(), Flaw> {
    let field = fields::parse(line, limits.relaxed)?;
    let at = head.push_text(line);
    let Some(field) = field else {
        return Ok(());
    };
    if field.folded {
        for byte in &mut head.text_mut()[at + field.value.start..at + field.value.end] {
            if matches!(byte, b'\r' | b'\n') {
                *byte = b' ';
            }
        }
    }
    push_field(head, line, at, section, &field);
    Ok(())
}

/// Adds a field of `bytes`, which stand in the head's text at `at`.
#[inline(always)]
fn push_field(head: &mut Head, bytes: &[u8], at: usize, section: Section, field: &FieldLine) {
    let id = Name::of(&bytes[field.name.clone()]);
    if section != Section::Trailers || id.may_trail() {
        let name = Span::new(at + field.name.start, at + field.name.end);
        let value = Span::new(at + field.value.start, at + field.value.end);
        head.push_span(id, name, value, field.whole);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incomplete_line_is_not_searched_again() {
        let (mut reader, mut heads) = (Reader::default(), Heads::default());
        let mut buf = Buf::copy_of(b"GET /a-long-target");
        let read = reader.read(Section::Request, &Limits::default(), &mut heads, &mut buf);
        assert!(matches!(read, Ok(None)));
        assert_eq!(reader.scanned as usize, buf.len());
    }

    #[test]
    fn folds_become_spaces() {
        let (mut reader, mut heads) = (Reader::default(), Heads::default());
        let mut buf = Buf::copy_of(b"GET / HTTP/1.1\r\nA: b\r\n\tc\n d\r\n\r\nrest");
        let read = reader.read(Section::Request, &Limits::default(), &mut heads, &mut buf);
        let Ok(Some(head)) = read else {
            panic!("a complete head");
        };
        let values: alloc::vec::Vec<_> = head.fields().map(|it| head.bytes(it.value)).collect();
        assert_eq!(values, [b"b  \tc  d".as_slice()]);
        assert_eq!(&*buf, b"rest");
    }
}
