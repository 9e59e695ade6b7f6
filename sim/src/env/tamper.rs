//! What canaries do to the bytes of the proxy.

use super::Shared;
use super::frames::Frames;
use crate::canary::Canary;
use crate::net::Stream;
use crate::peer;
use std::cell::RefCell;
use std::io::{self, IoSlice};
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use tokio::io::ReadBuf;

/// The tampering with one socket.
pub(super) struct Tamper {
    canary: Canary,
    shared: Rc<Shared>,
    /// Tampered bytes that wait for room.
    waiting: Vec<u8>,
    /// What was written to this socket so far.
    written: u64,
    /// Frames of HTTP/2 that are read and written.
    frames: Frames,
    /// What was read and tampered with and waits to be taken.
    staged: Vec<u8>,
}

thread_local! {
    /// What a canary remembers from another connection.
    static ELSEWHERE: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Tampered bytes that may wait; more is not taken.
const WAITING_MAX: usize = 64 << 10;

impl Tamper {
    /// The tampering with a socket of the clients' (`front`) or the servers' side, if any.
    pub(super) fn new(shared: &Rc<Shared>, front: bool) -> Option<Self> {
        let canary = shared.canary?;
        let here = match canary {
            Canary::CrossAnswers
            | Canary::CrossesVariables
            | Canary::AnswersTwice
            | Canary::FlipsBodies
            | Canary::FlipsStreams
            | Canary::Spins => front,
            Canary::SmugglesLength
            | Canary::SendsTwice
            | Canary::SharesConnections
            | Canary::CrossesIdentities
            | Canary::HidesSurplus
            | Canary::HidesFin => !front,
            Canary::CrossesStreams | Canary::EndsStreamsEarly | Canary::HoardsBodies => front,
            Canary::OpensTooManyStreams | Canary::HidesGoaway => !front,
            Canary::SwallowsFin | Canary::OverrunsWindow => true,
            _ => false,
        };
        here.then(|| Self {
            canary,
            shared: shared.clone(),
            waiting: Vec::new(),
            written: 0,
            frames: Frames::new(front),
            staged: Vec::new(),
        })
    }

    pub(super) fn swallows_fin(&self) -> bool {
        self.canary == Canary::SwallowsFin
    }

    pub(super) fn poll_read(
        &mut self,
        inner: &Stream,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.changes_frames_read() {
            return self.poll_read_frames(inner, cx, buf);
        }
        let before = buf.filled().len();
        ready!(inner.poll_read(cx, buf))?;
        let read = &buf.filled()[before..];
        match self.canary {
            Canary::HidesFin if read.is_empty() => Poll::Pending,
            Canary::HidesSurplus => {
                let surplus = peer::TRAILING;
                if let Some(at) = find(read, surplus) {
                    buf.set_filled(before + at);
                    if at == 0 {
                        // Nothing but surplus was read: wait for more.
                        return self.poll_read(inner, cx, buf);
                    }
                }
                Poll::Ready(Ok(()))
            }
            _ => Poll::Ready(Ok(())),
        }
    }

    pub(super) fn try_write(
        &mut self,
        inner: &Stream,
        slices: &[IoSlice<'_>],
    ) -> io::Result<usize> {
        if self.canary == Canary::Spins && self.written > 20_000 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.push_out(inner)?;
        if self.waiting.len() > WAITING_MAX && self.canary != Canary::HoardsBodies {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let bytes: Vec<u8> = slices
            .iter()
            .flat_map(|slice| slice.iter().copied())
            .collect();
        let tampered = self.tampered(bytes.clone());
        self.written += bytes.len() as u64;
        self.waiting.extend_from_slice(&tampered);
        self.push_out(inner)?;
        Ok(bytes.len())
    }

    pub(super) fn poll_write_ready(
        &mut self,
        inner: &Stream,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        if self.canary == Canary::Spins {
            return Poll::Ready(Ok(()));
        }
        loop {
            ready!(inner.poll_write_ready(cx))?;
            self.push_out(inner)?;
            if self.waiting.is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    }

    fn push_out(&mut self, inner: &Stream) -> io::Result<()> {
        while !self.waiting.is_empty() {
            match inner.try_write(&[IoSlice::new(&self.waiting)]) {
                Ok(count) => drop(self.waiting.drain(..count)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn changes_frames_read(&self) -> bool {
        matches!(
            self.canary,
            Canary::OverrunsWindow | Canary::OpensTooManyStreams | Canary::HidesGoaway
        )
    }

    /// Reads whole frames, changed; what does not fit waits.
    fn poll_read_frames(
        &mut self,
        inner: &Stream,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        while self.staged.is_empty() {
            let mut room = [0; 8192];
            let mut room = ReadBuf::new(&mut room);
            ready!(inner.poll_read(cx, &mut room))?;
            if room.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            self.staged = self.frames.read(self.canary, room.filled());
        }
        let count = self.staged.len().min(buf.remaining());
        buf.put_slice(&self.staged[..count]);
        self.staged.drain(..count);
        Poll::Ready(Ok(()))
    }

    fn tampered(&mut self, mut bytes: Vec<u8>) -> Vec<u8> {
        let sometimes = self.shared.rng.borrow_mut().chance(1, 8);
        match self.canary {
            Canary::CrossAnswers | Canary::CrossesVariables => {
                // The name of this response becomes that of the one before.
                let field: &[u8] = match self.canary {
                    Canary::CrossesVariables => b"x-vars: ",
                    _ => b"x-nonce: ",
                };
                if let Some(nonce) = value_of(field, &bytes) {
                    let own = bytes[nonce.clone()].to_vec();
                    ELSEWHERE.with_borrow_mut(|other| {
                        if other.len() == own.len() {
                            bytes[nonce].copy_from_slice(other);
                        }
                        *other = own;
                    });
                }
                bytes
            }
            Canary::CrossesIdentities if bytes.starts_with(b"PROXY ") => {
                // Who is told is whoever was told of before.
                let end = find(&bytes, b"\r\n").unwrap_or(bytes.len());
                ELSEWHERE.with_borrow_mut(|other| {
                    let own = bytes[..end].to_vec();
                    if other.len() == own.len() {
                        bytes[..end].copy_from_slice(other);
                    }
                    *other = own;
                });
                bytes
            }
            Canary::AnswersTwice if sometimes && bytes.starts_with(b"HTTP/1.1 200") => {
                bytes.extend_from_within(..);
                bytes
            }
            Canary::FlipsBodies if bytes.len() > 2000 => {
                let last = bytes.len() - 1000;
                bytes[last] ^= 1;
                bytes
            }
            Canary::FlipsStreams if sometimes && !bytes.is_empty() => {
                let last = bytes.len() - 1;
                bytes[last] ^= 1;
                bytes
            }
            Canary::SmugglesLength if bytes.starts_with(b"POST ") => {
                if let Some(end) = find(&bytes, b"\r\n\r\n") {
                    let length = b"\r\nContent-Length: 7";
                    bytes.splice(end..end, length.iter().copied());
                }
                bytes
            }
            Canary::SendsTwice if bytes.starts_with(b"POST ") => {
                bytes.extend_from_within(..);
                bytes
            }
            Canary::SharesConnections if sometimes && bytes.starts_with(b"GET ") => {
                bytes.extend_from_within(..);
                bytes
            }
            Canary::CrossesStreams | Canary::EndsStreamsEarly => {
                self.frames.written(self.canary, sometimes, &bytes)
            }
            _ => bytes,
        }
    }
}

/// Where the value of a field is.
fn value_of(field: &[u8], bytes: &[u8]) -> Option<std::ops::Range<usize>> {
    let lower = bytes.to_ascii_lowercase();
    let start = find(&lower, field)? + field.len();
    let end = start + find(&bytes[start..], b"\r\n")?;
    Some(start..end)
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}
