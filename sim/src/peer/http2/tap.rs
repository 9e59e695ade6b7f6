//! A socket whose frames are counted, and between whose frames others can be put.

use super::frame::{Header, Scanner};
use super::meter::{Meter, Side};
use crate::journal::Journal;
use crate::net::{Host, Stream};
use std::cell::RefCell;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A socket under an implementation of HTTP/2.
pub(super) struct Tap {
    stream: Stream,
    books: Books,
}

/// What a [`Tap`] and its peer share.
#[derive(Clone)]
pub(super) struct Books(Rc<RefCell<Inner>>);

struct Inner {
    host: Host,
    meter: Meter,
    incoming: Scanner,
    outgoing: Scanner,
    /// Frames of ours that wait until the last one is whole.
    put: Vec<u8>,
    waker: Option<Waker>,
    reset: bool,
}

impl Tap {
    pub(super) fn new(
        stream: Stream,
        host: &Host,
        side: Side,
        who: Arc<str>,
        journal: Journal,
    ) -> Self {
        let (incoming, outgoing) = match side {
            Side::Client => (Scanner::default(), Scanner::of_client()),
            Side::Server(_) => (Scanner::of_client(), Scanner::default()),
        };
        let inner = Inner {
            host: host.clone(),
            meter: Meter::new(side, who, journal),
            incoming,
            outgoing,
            put: Vec::new(),
            waker: None,
            reset: false,
        };
        Self {
            stream,
            books: Books(Rc::new(RefCell::new(inner))),
        }
    }

    pub(super) fn books(&self) -> Books {
        self.books.clone()
    }

    /// Writes what was put between frames, if there is a gap; true once nothing is left.
    fn push_out(&self) -> io::Result<bool> {
        let mut inner = self.books.0.borrow_mut();
        if !inner.outgoing.is_between_frames() {
            return Ok(true);
        }
        while !inner.put.is_empty() {
            match self.stream.try_write(&[IoSlice::new(&inner.put)]) {
                Ok(count) => drop(inner.put.drain(..count)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
}

impl Books {
    /// The request called `nonce` is on a stream.
    pub(super) fn name(&self, stream: h2::StreamId, nonce: &str) {
        self.0.borrow_mut().meter.name(stream.into(), nonce);
    }

    /// Puts frames of ours between those of the implementation.
    pub(super) fn put(&self, frames: &[u8]) {
        let mut inner = self.0.borrow_mut();
        let at = inner.host.network().now();
        Scanner::default().feed(frames, |header, payload| {
            inner.meter.said(at, header, payload);
        });
        inner.put.extend_from_slice(frames);
        if let Some(waker) = inner.waker.take() {
            waker.wake();
        }
    }

    /// Closing resets the connection from now on.
    pub(super) fn reset_on_close(&self) {
        self.0.borrow_mut().reset = true;
    }

    /// The connection is over.
    pub(super) fn close(&self) {
        let mut inner = self.0.borrow_mut();
        let at = inner.host.network().now();
        inner.meter.settled(at);
    }
}

impl AsyncRead for Tap {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.books.0.borrow_mut().waker = Some(cx.waker().clone());
        self.push_out()?;
        let before = buf.filled().len();
        ready!(self.stream.poll_read(cx, buf))?;
        let mut inner = self.books.0.borrow_mut();
        let at = inner.host.network().now();
        let Inner {
            meter, incoming, ..
        } = &mut *inner;
        incoming.feed(&buf.filled()[before..], |header, payload| {
            meter.heard(at, header, payload);
        });
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Tap {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            let clear = self.push_out()?;
            let wrote = match clear {
                true => self.stream.try_write(&[IoSlice::new(bytes)]),
                false => Err(io::ErrorKind::WouldBlock.into()),
            };
            let count = match wrote {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    ready!(self.stream.poll_write_ready(cx))?;
                    continue;
                }
                done => done?,
            };
            let mut inner = self.books.0.borrow_mut();
            let at = inner.host.network().now();
            let Inner {
                meter, outgoing, ..
            } = &mut *inner;
            outgoing.feed(&bytes[..count], |header: Header, payload| {
                meter.said(at, header, payload);
            });
            return Poll::Ready(Ok(count));
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.push_out()?;
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.stream.shutdown_write())
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.books.close();
        if self.books.0.borrow().reset {
            self.stream.reset_on_close();
        }
    }
}
