//! A strict reading of heads, by a parser that is not ours.

/// Where a body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    None,
    Length(usize),
    Chunked,
    UntilClose,
}

/// A request's head.
#[derive(Debug)]
pub(super) struct RequestHead {
    pub(super) method: String,
    pub(super) nonce: Option<String>,
    pub(super) framing: Framing,
    pub(super) keep_alive: bool,
}

/// A response's head.
#[derive(Debug)]
pub(super) struct ResponseHead {
    pub(super) status: u16,
    pub(super) nonce: Option<String>,
    pub(super) server: Option<String>,
    pub(super) vars: Option<String>,
    pub(super) lists: Option<String>,
    pub(super) framing: Framing,
    pub(super) keep_alive: bool,
}

/// The field that carries a request's name, both ways.
pub(super) const NONCE: &str = "x-nonce";

/// The field in which a server says who it is.
pub(super) const SERVER: &str = "x-server";

/// The field in which rules show variables of a request: each is its name or nothing, those of `req`
/// are nothing by then.
pub(super) const VARS: &str = "x-vars";

/// The field in which rules show what a request found in lists: the routes of three keys, the single
/// entry, the gate, the request's own name.
pub(super) const LISTS: &str = "x-lists";

const FIELDS_MAX: usize = 200;

/// Reads a request's head that ends with an empty line.
pub(super) fn request(bytes: &[u8]) -> Result<RequestHead, String> {
    let mut fields = [httparse::EMPTY_HEADER; FIELDS_MAX];
    let mut head = httparse::Request::new(&mut fields);
    match head.parse(bytes) {
        Ok(httparse::Status::Complete(used)) if used == bytes.len() => {}
        Ok(_) => return Err("the head does not end where it should".into()),
        Err(error) => return Err(format!("httparse: {error}")),
    }
    if bytes
        .windows(2)
        .any(|pair| pair[1] == b'\n' && pair[0] != b'\r')
    {
        return Err("a line that ends with LF alone".into());
    }
    let fields = Fields(head.headers);
    let version = head.version.unwrap_or(0);
    let hosts = fields.all("host").count();
    if hosts > 1 {
        return Err(format!("{hosts} Host fields"));
    }
    let framing = match fields.framing()? {
        Some(framing) => framing,
        None => Framing::None,
    };
    Ok(RequestHead {
        method: head.method.unwrap_or_default().to_owned(),
        nonce: fields.text(NONCE),
        framing,
        keep_alive: fields.keep_alive(version),
    })
}

/// Reads the head of a response to `method`.
pub(super) fn response(bytes: &[u8], method: &str) -> Result<ResponseHead, String> {
    let mut fields = [httparse::EMPTY_HEADER; FIELDS_MAX];
    let mut head = httparse::Response::new(&mut fields);
    match head.parse(bytes) {
        Ok(httparse::Status::Complete(used)) if used == bytes.len() => {}
        Ok(_) => return Err("the head does not end where it should".into()),
        Err(error) => return Err(format!("httparse: {error}")),
    }
    let fields = Fields(head.headers);
    let status = head.code.unwrap_or(0);
    let bodiless = method == "HEAD" || status < 200 || status == 204 || status == 304;
    let framing = match fields.framing()? {
        _ if bodiless => Framing::None,
        Some(framing) => framing,
        None => Framing::UntilClose,
    };
    Ok(ResponseHead {
        status,
        nonce: fields.text(NONCE),
        server: fields.text(SERVER),
        vars: fields.text(VARS),
        lists: fields.text(LISTS),
        framing,
        keep_alive: framing != Framing::UntilClose && fields.keep_alive(head.version.unwrap_or(0)),
    })
}

struct Fields<'a>(&'a [httparse::Header<'a>]);

impl<'a> Fields<'a> {
    fn all(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        let of_name = self
            .0
            .iter()
            .filter(move |f| f.name.eq_ignore_ascii_case(name));
        of_name.map(|field| field.value)
    }

    fn text(&self, name: &str) -> Option<String> {
        let value = self.all(name).next()?;
        Some(String::from_utf8_lossy(value).into_owned())
    }

    fn keep_alive(&self, version: u8) -> bool {
        let said = self
            .text("connection")
            .unwrap_or_default()
            .to_ascii_lowercase();
        match version {
            0 => said.contains("keep-alive"),
            _ => !said.contains("close"),
        }
    }

    /// Anything two readers could read differently is an error (RFC 9112 §6.3).
    fn framing(&self) -> Result<Option<Framing>, String> {
        let lengths: Vec<_> = self.all("content-length").collect();
        let codings: Vec<_> = self.all("transfer-encoding").collect();
        match (lengths.as_slice(), codings.as_slice()) {
            ([], []) => Ok(None),
            ([], [coding]) if coding.eq_ignore_ascii_case(b"chunked") => Ok(Some(Framing::Chunked)),
            ([length], []) => {
                let digits = !length.is_empty() && length.iter().all(u8::is_ascii_digit);
                let length = std::str::from_utf8(length).ok().filter(|_| digits);
                match length.and_then(|length| length.parse().ok()) {
                    Some(length) => Ok(Some(Framing::Length(length))),
                    None => Err("a Content-Length that is no number".into()),
                }
            }
            (lengths, codings) => Err(format!(
                "ambiguous framing: {} Content-Length, {} Transfer-Encoding",
                lengths.len(),
                codings.len()
            )),
        }
    }
}
