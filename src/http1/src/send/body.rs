//! Writing bodies.

use super::queue::Queue;
use base::{Buf, Pool};
use message::Head;

/// What the next part of the message being sent may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sending {
    /// No head was sent.
    #[default]
    Head,
    /// A body of which this much is still to come.
    Length { left: u64 },
    /// Chunks.
    Chunked,
    /// Trailers were sent; the end of the section is to come.
    ChunkedTrailers,
    /// Bytes as they are, until the connection closes.
    UntilClose,
    /// A body that the message must not have is dropped.
    Dropped,
    /// Bytes as they are, and an end of our direction.
    Tunnel,
    /// The message is complete.
    Done,
}

/// A message ended before it held what its head had promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooShort;

impl Sending {
    /// Sends data.
    pub(crate) fn data(&mut self, queue: &mut Queue, pool: &mut Pool, mut buf: Buf) {
        match self {
            Self::Length { left } => {
                // Never more than was announced: the peer would take it for the next message.
                buf.truncate(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= buf.len() as u64;
                queue.push(pool, buf);
            }
            Self::Chunked if !buf.is_empty() => {
                let mut line = [0; CHUNK_LINE_BYTES_MAX];
                queue.put(pool, chunk_line(buf.len(), &mut line));
                queue.push(pool, buf);
                queue.put(pool, b"\r\n");
            }
            Self::UntilClose | Self::Tunnel => queue.push(pool, buf),
            Self::Head | Self::Chunked | Self::ChunkedTrailers | Self::Dropped | Self::Done => {
                pool.give(buf);
            }
        }
    }

    /// Sends trailer fields; only chunked messages have a place for them.
    pub(crate) fn trailers(&mut self, queue: &mut Queue, pool: &mut Pool, trailers: &Head) {
        if *self == Self::Chunked {
            queue.put(pool, b"0\r\n");
            super::head::write_trailers(queue, pool, trailers);
            *self = Self::ChunkedTrailers;
        }
    }

    /// Ends the message.
    pub(crate) fn end(&mut self, queue: &mut Queue, pool: &mut Pool) -> Result<(), TooShort> {
        let short = match self {
            Self::Chunked => {
                queue.put(pool, b"0\r\n\r\n");
                false
            }
            Self::ChunkedTrailers => {
                queue.put(pool, b"\r\n");
                false
            }
            Self::Length { left } => *left > 0,
            Self::Head => true,
            Self::UntilClose | Self::Dropped | Self::Tunnel | Self::Done => false,
        };
        if short {
            return Err(TooShort);
        }
        *self = Self::Done;
        Ok(())
    }
}

/// `size` in hexadecimal and the line end.
fn chunk_line(size: usize, line: &mut [u8; CHUNK_LINE_BYTES_MAX]) -> &[u8] {
    let mut at = line.len() - 2;
    line[at..].copy_from_slice(b"\r\n");
    let mut left = size;
    while left > 0 {
        at -= 1;
        line[at] = b"0123456789abcdef"[left % 16];
        left /= 16;
    }
    &line[at..]
}

/// Sixteen digits and the line end.
const CHUNK_LINE_BYTES_MAX: usize = 18;
