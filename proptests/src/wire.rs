//! HTTP/1 as peers read it that are not ours: `httparse` takes heads and chunk sizes apart.

use std::fmt;

/// A message as a peer understood it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Method and target of a request, status and reason of a response.
    pub start: Start,
    /// The minor version.
    pub version: u8,
    /// The field lines.
    pub fields: Vec<(String, Vec<u8>)>,
    /// The body, chunks put together, as far as it came.
    pub body: Vec<u8>,
    /// The trailer fields.
    pub trailers: Vec<(String, Vec<u8>)>,
    /// Nothing of it is missing.
    pub complete: bool,
}

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// Of a request.
    Request {
        /// `GET`, …
        method: String,
        /// As received.
        target: String,
    },
    /// Of a response.
    Response {
        /// 100..=999.
        status: u16,
        /// The phrase.
        reason: String,
    },
}

/// What is to be read.
#[derive(Clone, Copy, Debug)]
pub enum Expect<'a> {
    /// A request.
    Request,
    /// A response to a request with this method; `ended` says that no more bytes come.
    Response {
        /// The method.
        method: &'a str,
        /// No more bytes come.
        ended: bool,
    },
}

/// What came is no message; in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bad(pub String);

impl Message {
    /// The value of the first field with this name.
    pub fn field(&self, name: &str) -> Option<&[u8]> {
        let mut fields = self.fields.iter();
        fields
            .find(|(field, _)| field.eq_ignore_ascii_case(name))
            .map(|(_, value)| &value[..])
    }

    /// The method; empty if this is a response.
    pub fn method(&self) -> &str {
        match &self.start {
            Start::Request { method, .. } => method,
            Start::Response { .. } => "",
        }
    }

    /// The target; empty if this is a response.
    pub fn target(&self) -> &str {
        match &self.start {
            Start::Request { target, .. } => target,
            Start::Response { .. } => "",
        }
    }

    /// The status; 0 if this is a request.
    pub fn status(&self) -> u16 {
        match &self.start {
            Start::Response { status, .. } => *status,
            Start::Request { .. } => 0,
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.start {
            Start::Request { method, target } => write!(f, "{method} {target}")?,
            Start::Response { status, reason } => write!(f, "{status} {reason}")?,
        }
        write!(f, " 1.{}", self.version)?;
        for (name, value) in self.fields.iter().chain(&self.trailers) {
            write!(f, " {name}={}", value.escape_ascii())?;
        }
        write!(f, " [{}]", self.body.escape_ascii())?;
        if !self.complete {
            f.write_str(" and breaks off")?;
        }
        Ok(())
    }
}

/// Reads one message from the beginning of `bytes` and says how many bytes it took; `None` if its head
/// is not complete. A message whose body is not complete takes all there is.
pub fn read(bytes: &[u8], expect: Expect<'_>) -> Result<Option<(Message, usize)>, Bad> {
    let mut fields = [httparse::EMPTY_HEADER; FIELDS_MAX];
    let (start, version, head_len, fields) = match expect {
        Expect::Request => {
            let mut request = httparse::Request::new(&mut fields);
            let httparse::Status::Complete(len) = request.parse(bytes).map_err(bad)? else {
                return Ok(None);
            };
            let start = Start::Request {
                method: request.method.unwrap_or_default().into(),
                target: request.path.unwrap_or_default().into(),
            };
            (start, request.version, len, owned(request.headers))
        }
        Expect::Response { .. } => {
            let mut response = httparse::Response::new(&mut fields);
            let httparse::Status::Complete(len) = response.parse(bytes).map_err(bad)? else {
                return Ok(None);
            };
            let start = Start::Response {
                status: response.code.unwrap_or_default(),
                reason: response.reason.unwrap_or_default().into(),
            };
            (start, response.version, len, owned(response.headers))
        }
    };
    let mut message = Message {
        start,
        version: version.unwrap_or_default(),
        fields,
        body: Vec::new(),
        trailers: Vec::new(),
        complete: false,
    };
    let used = head_len + read_body(&mut message, &bytes[head_len..], expect)?;
    Ok(Some((message, used)))
}

/// Every message in `bytes` in order, the last one perhaps broken off. `methods` are those of the
/// requests that are answered; an interim response is a message of its own.
pub fn read_responses(
    bytes: &[u8],
    methods: &[&str],
    ended: bool,
) -> Result<(Vec<Message>, usize), Bad> {
    let mut messages: Vec<Message> = Vec::new();
    let (mut at, mut answered) = (0, 0);
    while at < bytes.len() {
        let method = methods.get(answered).copied();
        let method = method.ok_or_else(|| Bad("an answer without a request".into()))?;
        let Some((message, used)) = read(&bytes[at..], Expect::Response { method, ended })? else {
            break;
        };
        answered += usize::from(!matches!(message.status(), 100 | 102..=199));
        at += used;
        let complete = message.complete;
        messages.push(message);
        if !complete {
            break;
        }
    }
    Ok((messages, at))
}

/// Every request in `bytes` in order, the last one perhaps broken off, and how many bytes they took.
pub fn read_requests(bytes: &[u8]) -> Result<(Vec<Message>, usize), Bad> {
    let mut messages = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let Some((message, used)) = read(&bytes[at..], Expect::Request)? else {
            break;
        };
        at += used;
        let complete = message.complete;
        messages.push(message);
        if !complete {
            break;
        }
    }
    Ok((messages, at))
}

/// RFC 9112 §6.3 for well-formed messages.
fn read_body(message: &mut Message, rest: &[u8], expect: Expect<'_>) -> Result<usize, Bad> {
    let status = message.status();
    let (to_head, to_connect, ended) = match expect {
        Expect::Request => (false, false, false),
        Expect::Response { method, ended } => (method == "HEAD", method == "CONNECT", ended),
    };
    let tunnel = status == 101 || (to_connect && (200..300).contains(&status));
    if to_head || (100..200).contains(&status) || tunnel || matches!(status, 204 | 304) {
        message.complete = true;
        return Ok(0);
    }
    let coding = message.field("transfer-encoding").map(<[u8]>::to_vec);
    let length = message.field("content-length").map(<[u8]>::to_vec);
    match (coding, length) {
        (Some(_), Some(_)) => Err(Bad("both length and coding".into())),
        (Some(coding), None) if coding.eq_ignore_ascii_case(b"chunked") => {
            read_chunks(message, rest)
        }
        (Some(_), None) => Err(Bad("an unknown coding".into())),
        (None, Some(length)) => {
            let length = str::from_utf8(&length)
                .ok()
                .and_then(|text| text.parse().ok());
            let length: usize = length.ok_or_else(|| Bad("no length".into()))?;
            let here = length.min(rest.len());
            message.body = rest[..here].to_vec();
            message.complete = here == length;
            Ok(here)
        }
        (None, None) if status == 0 => {
            message.complete = true;
            Ok(0)
        }
        (None, None) => {
            message.body = rest.to_vec();
            message.complete = ended;
            Ok(rest.len())
        }
    }
}

fn read_chunks(message: &mut Message, rest: &[u8]) -> Result<usize, Bad> {
    let mut at = 0;
    loop {
        let size = httparse::parse_chunk_size(&rest[at..]);
        let Ok(httparse::Status::Complete((used, size))) = size else {
            return match size {
                Ok(_) => Ok(rest.len()),
                Err(_) => Err(Bad("no chunk size".into())),
            };
        };
        at += used;
        if size == 0 {
            break;
        }
        let here = usize::try_from(size)
            .unwrap_or(usize::MAX)
            .min(rest.len() - at);
        message.body.extend_from_slice(&rest[at..at + here]);
        at += here;
        match rest.get(at..at + 2) {
            None => return Ok(rest.len()),
            Some(b"\r\n") => at += 2,
            Some(_) => return Err(Bad("a chunk without an end".into())),
        }
    }
    let mut fields = [httparse::EMPTY_HEADER; FIELDS_MAX];
    match httparse::parse_headers(&rest[at..], &mut fields).map_err(bad)? {
        httparse::Status::Complete((used, trailers)) => {
            message.trailers = owned(trailers);
            message.complete = true;
            Ok(at + used)
        }
        httparse::Status::Partial => Ok(rest.len()),
    }
}

fn owned(fields: &[httparse::Header<'_>]) -> Vec<(String, Vec<u8>)> {
    let fields = fields.iter();
    fields
        .map(|field| (field.name.into(), field.value.into()))
        .collect()
}

fn bad(error: httparse::Error) -> Bad {
    Bad(error.to_string())
}

/// More than any proxy under test lets through.
const FIELDS_MAX: usize = 256;

#[cfg(test)]
mod tests {
    use super::{Expect, read, read_requests, read_responses};

    #[test]
    fn pipelined_requests_are_told_apart() {
        let bytes = b"POST /a HTTP/1.1\r\nContent-Length: 2\r\n\r\nabGET /b HTTP/1.1\r\n\r\nPUT /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nxy\r\n1\r\nz\r\n0\r\nT: u\r\n\r\n";
        let (messages, used) = read_requests(bytes).expect("requests");
        assert_eq!(used, bytes.len());
        let shown: Vec<String> = messages.iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                "POST /a 1.1 Content-Length=2 [ab]",
                "GET /b 1.1 []",
                "PUT /c 1.1 Transfer-Encoding=chunked T=u [xyz]",
            ]
        );
    }

    #[test]
    fn an_answer_without_a_length_ends_with_the_connection() {
        let bytes = b"HTTP/1.1 103 Hints\r\n\r\nHTTP/1.0 200 OK\r\n\r\nabc";
        for (ended, shown) in [
            (true, "200 OK 1.0 [abc]"),
            (false, "200 OK 1.0 [abc] and breaks off"),
        ] {
            let (messages, _) = read_responses(bytes, &["GET"], ended).expect("responses");
            assert_eq!(messages[0].to_string(), "103 Hints 1.1 []");
            assert_eq!(messages[1].to_string(), shown);
        }
    }

    #[test]
    fn what_breaks_off_is_not_complete() {
        for bytes in [
            &b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\na"[..],
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\na",
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n",
        ] {
            let (message, used) = read(bytes, Expect::Request)
                .expect("a request")
                .expect("its head");
            assert_eq!((message.complete, used), (false, bytes.len()));
        }
    }
}
