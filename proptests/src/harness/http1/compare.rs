//! Our parser beside `httparse`, and the table of intended differences.

use super::drive::{Driven, Said};
use http1::Violation;
use message::Role;
use std::fmt;

/// What a parser makes of the first head.
enum Verdict {
    Taken {
        /// Method and target, or status and reason.
        start: (Vec<u8>, Vec<u8>),
        fields: Vec<(Vec<u8>, Vec<u8>)>,
    },
    Refused(String),
    /// Nothing yet.
    Open,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Taken { start, fields } => {
                write!(f, "{} {}", start.0.escape_ascii(), start.1.escape_ascii())?;
                for (name, value) in fields {
                    write!(f, " | {}: {}", name.escape_ascii(), value.escape_ascii())?;
                }
                Ok(())
            }
            Self::Refused(why) => write!(f, "refused, {why}"),
            Self::Open => f.write_str("nothing yet"),
        }
    }
}

/// A difference that is meant, and when it applies.
struct Difference {
    /// What it is, and why.
    what: &'static str,
    kind: Kind,
    applies: fn(&Case<'_>) -> bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// We take what `httparse` refuses.
    Taken,
    /// We refuse what `httparse` takes.
    Refused,
    /// Both take it and read it differently.
    Read,
}

struct Case<'a> {
    bytes: &'a [u8],
    violation: Option<Violation>,
    is_request: bool,
}

impl Case<'_> {
    fn head(&self) -> &[u8] {
        let skipped = self
            .bytes
            .iter()
            .position(|byte| !matches!(byte, b'\r' | b'\n'))
            .unwrap_or(0);
        let bytes = &self.bytes[skipped..];
        let end = bytes
            .windows(3)
            .position(|it| it == b"\n\r\n" || it.starts_with(b"\n\n"));
        &bytes[..end.map_or(bytes.len(), |at| at + 1)]
    }

    fn start_line(&self) -> &[u8] {
        let line = self.head();
        let end = line.iter().position(|byte| *byte == b'\n');
        &line[..end.unwrap_or(line.len())]
    }

    fn contains(&self, part: &[u8]) -> bool {
        self.head().windows(part.len()).any(|window| window == part)
    }
}

const INTENDED: &[Difference] = &[
    Difference {
        what: "control characters in values pass, as in HAProxy; RFC 9110 §5.5 forbids only NUL, CR and LF",
        kind: Kind::Taken,
        applies: |case| {
            case.head()
                .iter()
                .any(|byte| matches!(byte, 1..=8 | 11 | 12 | 14..=31 | 127))
        },
    },
    Difference {
        what: "folded values are joined by spaces (RFC 9112 §5.2)",
        kind: Kind::Taken,
        applies: |case| case.contains(b"\n ") || case.contains(b"\n\t"),
    },
    Difference {
        what: "several spaces between the parts of a start line are one, as in HAProxy",
        kind: Kind::Taken,
        applies: |case| case.start_line().windows(2).any(|it| it == b"  "),
    },
    Difference {
        what: "every minor version of HTTP/1 is HTTP/1.1 (RFC 9110 §2.5)",
        kind: Kind::Taken,
        applies: |case| {
            case.start_line()
                .windows(8)
                .any(|it| it.starts_with(b"HTTP/1.") && matches!(it[7], b'2'..=b'9'))
        },
    },
    Difference {
        what: "a reason phrase with characters beyond ASCII is kept",
        kind: Kind::Read,
        applies: |case| !case.is_request && !case.start_line().is_ascii(),
    },
    Difference {
        what: "Content-Length goes where Transfer-Encoding is (RFC 9112 §6.3)",
        kind: Kind::Read,
        applies: |case| {
            let head = case.head().to_ascii_lowercase();
            let names = |name: &[u8]| head.windows(name.len()).any(|window| window == name);
            names(b"\ntransfer-encoding:") && names(b"\ncontent-length:")
        },
    },
    Difference {
        what: "a length that was said several times, or with zeros in front, is said once and plainly",
        kind: Kind::Read,
        applies: |case| {
            let head = case.head().to_ascii_lowercase();
            let lines = head.split(|byte| *byte == b'\n');
            let mut lengths = lines.filter_map(|line| line.strip_prefix(b"content-length:"));
            let first = lengths.next().map(<[u8]>::trim_ascii);
            let uneven = |value: &[u8]| value.contains(&b',') || value.starts_with(b"0");
            first.is_some_and(uneven) || lengths.next().is_some()
        },
    },
    Difference {
        what: "what a message means is judged too, not only its grammar",
        kind: Kind::Refused,
        applies: |case| {
            matches!(
                case.violation,
                Some(
                    Violation::TargetForm
                        | Violation::Authority
                        | Violation::HostValue
                        | Violation::HostRepeated
                        | Violation::HostMismatch
                        | Violation::ContentLength
                        | Violation::ContentLengthConflict
                        | Violation::TransferEncoding
                        | Violation::TransferCoding
                        | Violation::PayloadInOldRequest
                        | Violation::PayloadInConnect
                        | Violation::UpgradeUnasked
                        | Violation::WebsocketKey
                        | Violation::WebsocketAccept
                )
            )
        },
    },
    Difference {
        what: "a target has no fragment and no characters beyond ASCII, as in HAProxy",
        kind: Kind::Refused,
        applies: |case| case.violation == Some(Violation::TargetChar),
    },
    Difference {
        what: "a status begins at 100 (RFC 9110 §15)",
        kind: Kind::Refused,
        applies: |case| case.violation == Some(Violation::Status),
    },
    Difference {
        what: "empty lines stand before requests only (RFC 9112 §2.2)",
        kind: Kind::Refused,
        applies: |case| !case.is_request && matches!(case.bytes, [b'\r' | b'\n', ..]),
    },
    Difference {
        what: "heads are bounded in bytes and fields",
        kind: Kind::Refused,
        applies: |case| {
            matches!(
                case.violation,
                Some(Violation::TargetTooLong | Violation::HeadTooLong | Violation::TooManyFields)
            )
        },
    },
    Difference {
        what: "an absolute target and its Host lose a default port and repetitions",
        kind: Kind::Read,
        applies: |case| {
            case.is_request
                && (case.contains(b"://")
                    || case.start_line().starts_with(b"CONNECT")
                    || case
                        .head()
                        .to_ascii_lowercase()
                        .windows(6)
                        .filter(|it| it == b"\nhost:")
                        .count()
                        > 1)
        },
    },
];

/// Judges a request; says which intended difference there is, if there is one.
pub(super) fn request(bytes: &[u8]) -> Option<&'static str> {
    let mut storage = [httparse::EMPTY_HEADER; FIELDS_MAX];
    let mut theirs = httparse::Request::new(&mut storage);
    let verdict = match theirs.parse(bytes) {
        Ok(httparse::Status::Complete(_)) => Verdict::Taken {
            start: (
                theirs.method.unwrap_or("").into(),
                theirs.path.unwrap_or("").into(),
            ),
            fields: listed(theirs.headers),
        },
        Ok(httparse::Status::Partial) => Verdict::Open,
        Err(error) => Verdict::Refused(error.to_string()),
    };
    compare(Role::Accepting, bytes, &verdict)
}

/// Judges a response in the same way.
pub(super) fn response(bytes: &[u8]) -> Option<&'static str> {
    let mut storage = [httparse::EMPTY_HEADER; FIELDS_MAX];
    let mut theirs = httparse::Response::new(&mut storage);
    let verdict = match theirs.parse(bytes) {
        Ok(httparse::Status::Complete(_)) => Verdict::Taken {
            start: (
                theirs.code.unwrap_or(0).to_string().into(),
                theirs.reason.unwrap_or("").into(),
            ),
            fields: listed(theirs.headers),
        },
        Ok(httparse::Status::Partial) => Verdict::Open,
        Err(error) => Verdict::Refused(error.to_string()),
    };
    compare(Role::Opening, bytes, &verdict)
}

fn listed(headers: &[httparse::Header<'_>]) -> Vec<(Vec<u8>, Vec<u8>)> {
    headers
        .iter()
        .map(|field| (field.name.into(), field.value.into()))
        .collect()
}

/// What our machine makes of the first head.
fn ours(role: Role, bytes: &[u8]) -> (Verdict, Option<Violation>) {
    let mut driven = Driven::new(role);
    if role == Role::Opening {
        driven.ask("GET");
    }
    driven.receive(bytes);
    // A later message on the same connection may be broken; only the first head counts here.
    let violation = driven.machine.violation();
    let first = driven
        .outcome()
        .said
        .into_iter()
        .find_map(|said| match said {
            Said::Head { start, fields } => {
                let mut parts = start.splitn(2, ' ');
                let first = parts.next().unwrap_or("").into();
                let rest = parts.next().unwrap_or("");
                // Version and framing follow, two words without spaces unless there is a number.
                let rest = rest.rsplitn(3, ' ').last().unwrap_or("");
                Some(Verdict::Taken {
                    start: (first, rest.into()),
                    fields,
                })
            }
            Said::Event(message::Event::Malformed(_, fault)) => {
                Some(Verdict::Refused(fault.what.into()))
            }
            Said::Event(_) | Said::Data(_) | Said::End => None,
        });
    (first.unwrap_or(Verdict::Open), violation)
}

fn compare(role: Role, bytes: &[u8], theirs: &Verdict) -> Option<&'static str> {
    let (ours, violation) = ours(role, bytes);
    let kind = match (&ours, theirs) {
        (Verdict::Taken { .. }, Verdict::Refused(_)) => Kind::Taken,
        (Verdict::Refused(_), Verdict::Taken { .. }) => Kind::Refused,
        (
            Verdict::Taken { start, fields },
            Verdict::Taken {
                start: their_start,
                fields: their_fields,
            },
        ) => {
            let escaped = |it: &(Vec<u8>, Vec<u8>)| {
                (
                    it.0.escape_ascii().to_string(),
                    it.1.escape_ascii().to_string(),
                )
            };
            let ours = (
                String::from_utf8_lossy(&start.0).into_owned(),
                String::from_utf8_lossy(&start.1).into_owned(),
            );
            if ours == escaped(their_start) && fields == their_fields {
                return None;
            }
            Kind::Read
        }
        (Verdict::Refused(_), Verdict::Refused(_) | Verdict::Open)
        | (Verdict::Open, Verdict::Open | Verdict::Refused(_)) => return None,
        (Verdict::Taken { .. }, Verdict::Open) | (Verdict::Open, Verdict::Taken { .. }) => {
            panic!(
                "not the same end: {}\nours {ours}\ntheirs {theirs}",
                bytes.escape_ascii()
            )
        }
    };
    let case = Case {
        bytes,
        violation,
        is_request: role == Role::Accepting,
    };
    let intended = INTENDED
        .iter()
        .find(|difference| difference.kind == kind && (difference.applies)(&case));
    match intended {
        Some(difference) => Some(difference.what),
        None => panic!(
            "an unintended difference ({kind:?}): {}\nours {ours}\ntheirs {theirs}",
            bytes.escape_ascii()
        ),
    }
}

/// Room for fields that `httparse` gets: more than we take ourselves.
const FIELDS_MAX: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_intended_difference_is_one() {
        let long = format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(20_000));
        let examples: &[(Role, &[u8])] = &[
            (Role::Accepting, b"GET / HTTP/1.1\r\nA: \x01\r\n\r\n"),
            (Role::Accepting, b"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n"),
            (Role::Accepting, b"GET  / HTTP/1.1\r\n\r\n"),
            (Role::Accepting, b"GET / HTTP/1.5\r\n\r\n"),
            (Role::Opening, b"HTTP/1.1 200 \xe9\r\n\r\n"),
            (
                Role::Opening,
                b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            ),
            (
                Role::Opening,
                b"HTTP/1.1 200 OK\r\nContent-Length: 01, 1\r\n\r\n",
            ),
            (
                Role::Accepting,
                b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
            ),
            (Role::Accepting, b"GET /# HTTP/1.1\r\n\r\n"),
            (Role::Opening, b"HTTP/1.1 099 x\r\n\r\n"),
            (Role::Opening, b"\r\nHTTP/1.1 200 OK\r\n\r\n"),
            (Role::Accepting, long.as_bytes()),
            (Role::Accepting, b"GET http://a:80/ HTTP/1.1\r\n\r\n"),
        ];
        assert_eq!(examples.len(), INTENDED.len());
        for ((role, bytes), difference) in examples.iter().zip(INTENDED) {
            let found = match role {
                Role::Accepting => request(bytes),
                Role::Opening => response(bytes),
            };
            assert_eq!(found, Some(difference.what), "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn ordinary_heads_are_read_alike() {
        assert_eq!(request(b"GET /a HTTP/1.1\r\nHost: a\r\nX:y \r\n\r\n"), None);
        assert_eq!(response(b"HTTP/1.0 404 Not Found\r\nX: y\r\n\r\n"), None);
        assert_eq!(request(b"GE T / HTTP/1.1\r\n\r\n"), None);
    }
}
