//! Reading messages from a simulated socket.

use super::strict::Framing;
use crate::journal::{Flow, Journal};
use crate::net::Stream;
use bytes::{Buf, BytesMut};
use std::io;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// A socket and what was read from it beyond the last message.
pub(super) struct Wire {
    pub(super) stream: Stream,
    pub(super) buffer: BytesMut,
    /// Whose body is being read, and where it is counted.
    pub(super) counted: Option<(Journal, usize, Flow)>,
}

/// Why a message could not be read whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// FIN before its first byte.
    Closed,
    /// FIN in the middle.
    Truncated,
    /// The connection broke.
    Reset,
    /// It is no HTTP.
    Malformed(String),
}

/// Longer heads are refused.
const HEAD_MAX: usize = 256 << 10;

impl Wire {
    pub(super) fn new(stream: Stream) -> Self {
        Self {
            stream,
            buffer: BytesMut::new(),
            counted: None,
        }
    }

    /// Reads more; false is FIN.
    pub(super) async fn fill(&mut self) -> io::Result<bool> {
        Ok(self.stream.read_buf(&mut self.buffer).await? > 0)
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await
    }

    async fn need(&mut self) -> Result<(), Broken> {
        match self.fill().await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Broken::Truncated),
            Err(_) => Err(Broken::Reset),
        }
    }

    /// Reads a head with the empty line that ends it.
    pub(super) async fn head(&mut self) -> Result<Vec<u8>, Broken> {
        loop {
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                return Ok(self.buffer.split_to(end + 4).to_vec());
            }
            if self.buffer.len() > HEAD_MAX {
                return Err(Broken::Malformed("a head without end".into()));
            }
            let empty = self.buffer.is_empty();
            match self.need().await {
                Err(Broken::Truncated) if empty => return Err(Broken::Closed),
                done => done?,
            }
        }
    }

    /// Reads a body into `body`, which keeps what came if it breaks.
    pub(super) async fn body(
        &mut self,
        framing: Framing,
        body: &mut Vec<u8>,
    ) -> Result<(), Broken> {
        match framing {
            Framing::None => Ok(()),
            Framing::Length(length) => self.take(length, body).await,
            Framing::Chunked => self.chunks(body).await,
            Framing::UntilClose => loop {
                self.count(self.buffer.len());
                body.extend_from_slice(&self.buffer.split());
                match self.fill().await {
                    Ok(true) => {}
                    Ok(false) => return Ok(()),
                    Err(_) => return Err(Broken::Reset),
                }
            },
        }
    }

    fn count(&self, bytes: usize) {
        if let Some((journal, number, flow)) = &self.counted {
            journal.flow(*number, *flow, bytes);
        }
    }

    async fn take(&mut self, mut length: usize, into: &mut Vec<u8>) -> Result<(), Broken> {
        loop {
            let part = self.buffer.len().min(length);
            self.count(part);
            into.extend_from_slice(&self.buffer.split_to(part));
            length -= part;
            if length == 0 {
                return Ok(());
            }
            self.need().await?;
        }
    }

    async fn chunks(&mut self, body: &mut Vec<u8>) -> Result<(), Broken> {
        loop {
            let line = self.line().await?;
            let size = line.split(|&byte| byte == b';').next().unwrap_or_default();
            let size = std::str::from_utf8(size)
                .ok()
                .filter(|size| !size.is_empty());
            let Some(size) = size.and_then(|size| usize::from_str_radix(size.trim_end(), 16).ok())
            else {
                return Err(Broken::Malformed("a chunk without size".into()));
            };
            if size == 0 {
                // Trailers, up to an empty line.
                while !self.line().await?.is_empty() {}
                return Ok(());
            }
            self.take(size, body).await?;
            if !self.line().await?.is_empty() {
                return Err(Broken::Malformed("a chunk longer than it says".into()));
            }
        }
    }

    async fn line(&mut self) -> Result<Vec<u8>, Broken> {
        loop {
            if let Some(end) = find(&self.buffer, b"\r\n") {
                let line = self.buffer.split_to(end).to_vec();
                self.buffer.advance(2);
                return Ok(line);
            }
            if self.buffer.len() > HEAD_MAX {
                return Err(Broken::Malformed("a line without end".into()));
            }
            self.need().await?;
        }
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}
