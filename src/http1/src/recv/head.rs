//! A head or trailer section being read, line by line.

use super::fields::FieldLine;
use super::{fields, lines, request, response, trailers};
use crate::Limits;
use crate::violation::{Flaw, Violation};
use alloc::boxed::Box;
use base::Buf;
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

/// Reads a section over several calls. Complete lines move from the received buffer into the head;
/// only an incomplete line stays behind.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    /// The head so far; `None` before its first line.
    head: Option<Box<Head>>,
    /// How far the line at hand was searched for its end.
    scanned: u32,
    /// Bytes of the lines taken so far.
    taken: u32,
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

    /// The lines taken so far, for a capture.
    pub(crate) fn taken_text(&self) -> &[u8] {
        self.head.as_deref().map_or(b"", |head| {
            let all = Span::new(0, head.text_bytes());
            head.bytes(all)
        })
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
            let is_start = self.taken == 0 && section != Section::Trailers;
            if self.scanned == 0 && !is_start && self.take_ordinary(section, limits, heads, buf) {
                continue;
            }
            let mut scanned = self.scanned as usize;
            let length = if is_start {
                lines::line(buf, &mut scanned)
            } else {
                lines::field_line(buf, &mut scanned)
            };
            self.scanned = scanned as u32;
            let held = self.taken as usize + length.unwrap_or(buf.len());
            if held > limits.head_bytes_max as usize {
                return Err(self.too_long(section).at(limits.head_bytes_max as usize));
            }
            let Some(length) = length else {
                let begins = section == Section::Request && self.taken == 0;
                return match begins.then(|| request::refuse_early(buf)).flatten() {
                    Some(flaw) => Err(flaw),
                    None => Ok(None),
                };
            };
            let head = self.head.get_or_insert_with(|| heads.take());
            let line = &buf[..length];
            if matches!(line, b"\n" | b"\r\n") && !is_start {
                buf.consume(length);
                let taken = core::mem::take(self);
                return Ok(taken.head);
            }
            let here = self.taken as usize;
            let read = if is_start {
                start_line(head, line, section, limits)
            } else if self.fields == limits.fields_max {
                Err(Violation::TooManyFields.at(0))
            } else {
                self.fields += 1;
                field_line(head, line, section, limits)
            };
            read.map_err(|flaw| flaw.violation.at(here + flaw.at))?;
            self.taken += length as u32;
            buf.consume(length);
        }
    }

    /// Takes a field line on the short way, if it is one that can go there.
    fn take_ordinary(
        &mut self,
        section: Section,
        limits: &Limits,
        heads: &mut Heads,
        buf: &mut Buf,
    ) -> bool {
        let Some((field, length)) = fields::parse_ordinary(buf) else {
            return false;
        };
        if self.taken as usize + length > limits.head_bytes_max as usize
            || self.fields == limits.fields_max
        {
            return false;
        }
        let head = self.head.get_or_insert_with(|| heads.take());
        push_field(head, &buf[..length], section, field);
        self.fields += 1;
        self.taken += length as u32;
        buf.consume(length);
        true
    }

    fn too_long(&self, section: Section) -> Violation {
        match section {
            Section::Trailers => Violation::TrailersTooLong,
            Section::Request | Section::Response if self.taken == 0 => Violation::TargetTooLong,
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
    let at = head.push_text(line);
    match section {
        Section::Request => {
            let it = request::parse(line, limits.relaxed)?;
            head.kind = Kind::Request {
                method: Span::new(at + it.method.start, at + it.method.end),
                target: Span::new(at + it.target.start, at + it.target.end),
            };
            head.version = it.version;
        }
        Section::Response => {
            let it = response::parse(line, limits.relaxed)?;
            head.kind = Kind::Response {
                status: it.status,
                reason: Span::new(at + it.reason.start, at + it.reason.end),
            };
            head.version = it.version;
        }
        Section::Trailers => {}
    }
    Ok(())
}

fn field_line(head: &mut Head, line: &[u8], section: Section, limits: &Limits) -> Result<(), Flaw> {
    if let Some(field) = fields::parse(line, limits.relaxed)? {
        push_field(head, line, section, field);
    }
    Ok(())
}

fn push_field(head: &mut Head, line: &[u8], section: Section, field: FieldLine) {
    if section == Section::Trailers && !trailers::is_allowed(Name::of(&line[field.name.clone()])) {
        return;
    }
    let at = head.push_text(line);
    let value = Span::new(at + field.value.start, at + field.value.end);
    if field.folded {
        for byte in &mut head.text_mut()[at + field.value.start..at + field.value.end] {
            if matches!(byte, b'\r' | b'\n') {
                *byte = b' ';
            }
        }
    }
    head.push_span(Span::new(at + field.name.start, at + field.name.end), value);
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
