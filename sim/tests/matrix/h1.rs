//! HTTP/1 over a socket, written out, and read with a parser that is not ours.

use super::cell::Ended;
use super::net::Io;
use super::peer::{Message, Part};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

pub struct H1 {
    io: Io,
    is_client: bool,
    /// Bytes that are read at once.
    sip: usize,
    buffer: Vec<u8>,
    incoming: Incoming,
    /// The method of the request, asked or read.
    method: String,
    /// `Sec-WebSocket-Key` of a request.
    key: Option<String>,
    /// What is being sent.
    outgoing: Outgoing,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Incoming {
    Head,
    /// So many bytes more.
    Counted(usize),
    /// A line with a chunk's size.
    Chunk,
    /// So many bytes of a chunk, and an empty line.
    InChunk(usize),
    /// Trailer fields; whether there was one.
    Trailers(bool),
    /// Whatever comes until FIN.
    UntilClose,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outgoing {
    Counted,
    Chunked,
    /// FIN is the end.
    UntilClose,
}

const SIP: usize = 512;
const GULP: usize = 16 << 10;

/// The key of RFC 6455 §1.3.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

impl H1 {
    fn new(io: Io, is_client: bool, sip: usize) -> Self {
        Self {
            io,
            is_client,
            sip,
            buffer: Vec::new(),
            incoming: Incoming::Head,
            method: String::new(),
            key: None,
            outgoing: Outgoing::Counted,
        }
    }

    pub fn client(io: Io, slow: bool) -> Self {
        Self::new(io, true, if slow { SIP } else { GULP })
    }

    pub fn server(io: Io) -> Self {
        Self::new(io, false, GULP)
    }

    async fn write(&mut self, bytes: &[u8]) {
        // Who has gone shows when it is read from.
        let _ = self.io.write_all(bytes).await;
    }

    pub async fn send_head(&mut self, message: &Message, ends: bool) {
        let Message { name, .. } = message;
        let connect = message.method == "CONNECT" || self.method == "CONNECT";
        let mut text = match message.status {
            0 if message.method == "CONNECT" => {
                format!("CONNECT {name}.test:80 HTTP/1.1\r\nHost: {name}.test:80\r\n")
            }
            0 => format!("{} /{name} HTTP/1.1\r\nHost: a.test\r\n", message.method),
            _ if message.websocket => "HTTP/1.1 101 Switching Protocols\r\n".into(),
            status => format!("HTTP/1.1 {status} Said\r\n"),
        };
        if message.websocket {
            text += "Connection: Upgrade\r\nUpgrade: websocket\r\n";
            match &message.accept {
                Some(accept) => text += &format!("Sec-WebSocket-Accept: {accept}\r\n"),
                None => {
                    text += &format!("Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n");
                }
            }
        }
        let bodiless = matches!(message.status, 204 | 304) || self.method == "HEAD";
        self.outgoing = match message.length {
            _ if connect || message.websocket => Outgoing::UntilClose,
            Some(length) => {
                text += &format!("Content-Length: {length}\r\n");
                Outgoing::Counted
            }
            None if message.chunked => {
                text += "Transfer-Encoding: chunked\r\n";
                Outgoing::Chunked
            }
            None if message.status == 0 || bodiless => Outgoing::Counted,
            None => {
                text += "Connection: close\r\n";
                Outgoing::UntilClose
            }
        };
        if !message.method.is_empty() {
            self.method = message.method.into();
        }
        text += "\r\n";
        if ends && self.outgoing == Outgoing::Chunked {
            text += "0\r\n\r\n";
        }
        self.write(text.as_bytes()).await;
    }

    pub async fn send_interim(&mut self) {
        self.write(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
            .await;
    }

    pub async fn send_data(&mut self, data: &[u8], ends: bool) {
        let mut bytes = Vec::new();
        if self.outgoing == Outgoing::Chunked {
            bytes.extend(format!("{:x}\r\n", data.len()).bytes());
        }
        bytes.extend_from_slice(data);
        if self.outgoing == Outgoing::Chunked {
            bytes.extend(b"\r\n");
            if ends {
                bytes.extend(b"0\r\n\r\n");
            }
        }
        self.write(&bytes).await;
        if ends && self.outgoing == Outgoing::UntilClose {
            self.shut().await;
        }
    }

    pub async fn send_end(&mut self) {
        match self.outgoing {
            Outgoing::Counted => {}
            Outgoing::Chunked => self.write(b"0\r\n\r\n").await,
            Outgoing::UntilClose => self.shut().await,
        }
    }

    pub async fn send_trailers(&mut self) {
        self.write(b"0\r\nX-Sum: 7\r\n\r\n").await;
    }

    async fn shut(&mut self) {
        // Who has gone needs no FIN.
        let _ = self.io.shutdown().await;
    }

    pub async fn finish(mut self) {
        if self.outgoing == Outgoing::UntilClose {
            self.shut().await;
        }
        // A connection that is kept is the proxy's to close.
        while self.fill().await == Ok(true) {}
    }

    pub fn reset(self) {
        self.io.reset_on_close();
    }

    pub async fn wait_for_abort(&mut self) -> Ended {
        while self.fill().await == Ok(true) {}
        Ended::Closed
    }

    pub fn accept_key(&self) -> Option<String> {
        let key = self.key.as_ref()?;
        Some(derive_accept_key(key.as_bytes()))
    }

    /// Reads more; false is FIN, an error a reset.
    async fn fill(&mut self) -> Result<bool, ()> {
        let mut bytes = vec![0; self.sip];
        let count = self.io.read(&mut bytes).await.map_err(drop)?;
        self.buffer.extend_from_slice(&bytes[..count]);
        Ok(count > 0)
    }

    pub async fn read(&mut self) -> Part {
        loop {
            if let Some(part) = self.parse() {
                return part;
            }
            match self.fill().await {
                Ok(true) => {}
                Ok(false) if self.incoming == Incoming::UntilClose => {
                    return Part::Over(Ended::Whole);
                }
                Ok(false) | Err(()) => return Part::Over(Ended::Closed),
            }
        }
    }

    fn parse(&mut self) -> Option<Part> {
        match self.incoming {
            Incoming::Head => self.head(),
            Incoming::Counted(0) => Some(Part::Over(Ended::Whole)),
            Incoming::Counted(left) => {
                let data = self.some(left)?;
                self.incoming = Incoming::Counted(left - data.len());
                Some(Part::Data(data))
            }
            Incoming::InChunk(0) => {
                assert_eq!(self.line()?, "", "a chunk is as long as it says");
                self.incoming = Incoming::Chunk;
                self.parse()
            }
            Incoming::InChunk(left) => {
                let data = self.some(left)?;
                self.incoming = Incoming::InChunk(left - data.len());
                Some(Part::Data(data))
            }
            Incoming::Chunk => {
                let line = self.line()?;
                let size = usize::from_str_radix(&line, 16).expect("a chunk's size");
                self.incoming = match size {
                    0 => Incoming::Trailers(false),
                    size => Incoming::InChunk(size),
                };
                self.parse()
            }
            Incoming::Trailers(any) => match self.line()?.as_str() {
                "" => {
                    self.incoming = Incoming::Counted(0);
                    match any {
                        true => Some(Part::Trailers),
                        false => self.parse(),
                    }
                }
                field => {
                    assert!(field.eq_ignore_ascii_case("x-sum: 7"), "{field}");
                    self.incoming = Incoming::Trailers(true);
                    self.parse()
                }
            },
            Incoming::UntilClose => self.some(usize::MAX).map(Part::Data),
        }
    }

    /// What is there, up to `most` bytes.
    fn some(&mut self, most: usize) -> Option<Vec<u8>> {
        let count = self.buffer.len().min(most);
        (count > 0).then(|| self.buffer.drain(..count).collect())
    }

    fn line(&mut self) -> Option<String> {
        let end = self.buffer.windows(2).position(|two| two == b"\r\n")?;
        let line = self.buffer.drain(..end + 2).take(end).collect();
        Some(String::from_utf8(line).expect("text"))
    }

    fn head(&mut self) -> Option<Part> {
        let end = self
            .buffer
            .windows(4)
            .position(|four| four == b"\r\n\r\n")?;
        let bytes: Vec<u8> = self.buffer.drain(..end + 4).collect();
        let mut fields = [httparse::EMPTY_HEADER; 50];
        let (start, fields) = if self.is_client {
            let mut head = httparse::Response::new(&mut fields);
            head.parse(&bytes).expect("a response's head");
            (head.code.expect("a status").to_string(), head.headers)
        } else {
            let mut head = httparse::Request::new(&mut fields);
            head.parse(&bytes).expect("a request's head");
            self.method = head.method.expect("a method").into();
            (self.method.clone(), head.headers)
        };
        let field = |name: &str| {
            let found = fields
                .iter()
                .find(|field| field.name.eq_ignore_ascii_case(name))?;
            Some(String::from_utf8_lossy(found.value).into_owned())
        };
        if start.starts_with('1') && start != "101" {
            return Some(Part::Interim(start.parse().expect("a status")));
        }
        self.key = field("sec-websocket-key");
        if start == "101" {
            let accept = field("sec-websocket-accept");
            assert_eq!(accept, Some(derive_accept_key(KEY.as_bytes())));
        }
        let upgrade = start == "101" || self.key.is_some();
        let tunnel = upgrade || (self.method == "CONNECT" && (start == "200" || !self.is_client));
        let bodiless = self.method == "HEAD" || start == "204" || start == "304";
        let length = field("content-length").map(|text| text.parse().expect("a length"));
        self.incoming = match length {
            _ if tunnel => Incoming::UntilClose,
            _ if self.is_client && bodiless => Incoming::Counted(0),
            _ if field("transfer-encoding").is_some() => Incoming::Chunk,
            Some(length) => Incoming::Counted(length),
            None if self.is_client => Incoming::UntilClose,
            None => Incoming::Counted(0),
        };
        Some(Part::Head(start))
    }
}
