//! Chunked bodies beside a decoder built on `httparse::parse_chunk_size`.

use super::drive::{Said, asked};
use message::Event;

/// Any bytes as a chunked body: the same data as another decoder finds, refused where that one refuses,
/// and the same however the bytes are cut.
pub fn chunked(input: &[u8]) {
    let input = &input[..input.len().min(super::INPUT_BYTES_MAX)];
    super::same_however_cut(&[HEAD, input].concat(), asked);

    // The event and the head come first.
    let mut said = asked(&[HEAD, input]).said.into_iter().skip(2).peekable();
    let data = match said.next_if(|it| matches!(it, Said::Data(_))) {
        Some(Said::Data(data)) => data,
        _ => Vec::new(),
    };
    let broken = matches!(said.next(), Some(Said::Event(Event::Malformed(..))));
    let (theirs, ending) = reference(input);
    let shown = input.escape_ascii();
    match ending {
        // Trailers come next; they are no part of this comparison.
        Ending::Last => assert_eq!(data, theirs, "{shown}"),
        Ending::Open => assert!(data == theirs && !broken, "{shown}"),
        Ending::Refused => assert!(data == theirs && broken, "{shown}"),
        Ending::TooLoose => assert!(data == theirs && broken, "{shown}"),
        Ending::Long => assert!(data.starts_with(&theirs), "{shown}"),
    }
}

const HEAD: &[u8] = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";

/// Where the other decoder stops.
enum Ending {
    /// Behind the last chunk.
    Last,
    /// Bytes are missing.
    Open,
    /// What follows is no chunk.
    Refused,
    /// A size line that `httparse` takes and we mean to refuse: without digits, or with a line feed or
    /// NUL in its extension, because others might see the end of the line there.
    TooLoose,
    /// A size line so long that our bound decides.
    Long,
}

fn reference(input: &[u8]) -> (Vec<u8>, Ending) {
    let (mut data, mut rest) = (Vec::new(), input);
    loop {
        let end = rest.windows(2).position(|it| it == b"\r\n");
        let line = &rest[..end.unwrap_or(rest.len())];
        if line.len() > LINE_BYTES {
            return (data, Ending::Long);
        }
        let digits = line
            .first()
            .or(rest.first())
            .is_none_or(u8::is_ascii_hexdigit);
        let loose = !digits || line.iter().any(|byte| matches!(byte, b'\n' | 0));
        let size = match httparse::parse_chunk_size(rest) {
            Err(_) => return (data, Ending::Refused),
            Ok(_) if loose => return (data, Ending::TooLoose),
            Ok(httparse::Status::Partial) => return (data, Ending::Open),
            Ok(httparse::Status::Complete((_, 0))) => return (data, Ending::Last),
            Ok(httparse::Status::Complete((at, size))) => {
                rest = &rest[at..];
                usize::try_from(size).unwrap_or(usize::MAX)
            }
        };
        let (chunk, behind) = rest.split_at(size.min(rest.len()));
        data.extend_from_slice(chunk);
        if chunk.len() < size {
            return (data, Ending::Open);
        }
        rest = match behind {
            [b'\r', b'\n', next @ ..] => next,
            [] | [b'\r'] => return (data, Ending::Open),
            _ => return (data, Ending::Refused),
        };
    }
}

/// Longest size line on which both have to agree, in bytes.
const LINE_BYTES: usize = 1000;
