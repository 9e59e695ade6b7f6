//! Bytes that wait to be written.

use crate::frame::write;
use alloc::collections::VecDeque;
use base::{Buf, Pool};

/// Frames in the order they are sent. Small ones stand one behind the other in a block, bodies are moved.
#[derive(Debug, Default)]
pub(super) struct Output {
    bufs: VecDeque<Buf>,
    bytes: usize,
    /// All that was ever written, in bytes.
    written: u64,
}

impl Output {
    pub(super) fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// Bytes that wait.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// A mark behind all that is queued; see [`Output::is_past`].
    pub(super) fn mark(&self) -> u64 {
        self.written + self.bytes as u64
    }

    /// Whether everything in front of a mark was written.
    pub(super) fn is_past(&self, mark: u64) -> bool {
        self.written >= mark
    }

    /// Copies bytes behind what waits.
    #[inline]
    pub(super) fn put(&mut self, pool: &mut Pool, mut bytes: &[u8]) {
        self.bytes += bytes.len();
        if let Some(last) = self.bufs.back_mut() {
            bytes = &bytes[last.append(bytes)..];
        }
        while !bytes.is_empty() {
            let mut buf = pool.take();
            bytes = &bytes[buf.append(bytes)..];
            self.bufs.push_back(buf);
        }
    }

    /// Queues a buffer; a small one is copied if there is room for it.
    pub(super) fn push(&mut self, pool: &mut Pool, buf: Buf) {
        let fits = |last: &Buf| buf.len() <= COPIED_BYTES_MAX && last.room() >= buf.len();
        if buf.is_empty() {
            pool.give(buf);
        } else if self.bufs.back().is_some_and(fits) {
            self.put(pool, &buf);
            pool.give(buf);
        } else {
            self.bytes += buf.len();
            self.bufs.push_back(buf);
        }
    }

    /// Lets the DATA frame whose header begins at a mark end its stream; false if that was written, and
    /// it is too late.
    pub(super) fn end_data(&mut self, mark: u64) -> bool {
        let flags = mark + write::FLAGS_AT as u64;
        let Some(from_start) = flags.checked_sub(self.written) else {
            return false;
        };
        let mut from_end = self.bytes - from_start as usize;
        for buf in self.bufs.iter_mut().rev() {
            if let Some(at) = buf.len().checked_sub(from_end) {
                write::end_data(&mut buf.data_mut()[at]);
                return true;
            }
            from_end -= buf.len();
        }
        false
    }

    pub(super) fn pending<'a>(&'a self, slices: &mut [&'a [u8]]) -> usize {
        let mut count = 0;
        for (slice, buf) in slices.iter_mut().zip(&self.bufs) {
            *slice = buf;
            count += 1;
        }
        count
    }

    pub(super) fn consume(&mut self, pool: &mut Pool, count: usize) {
        let mut left = count.min(self.bytes);
        self.bytes -= left;
        self.written += left as u64;
        while left > 0
            && let Some(first) = self.bufs.front_mut()
        {
            let step = left.min(first.len());
            left -= step;
            first.consume(step);
            if first.is_empty()
                && let Some(buf) = self.bufs.pop_front()
            {
                pool.give(buf);
            }
        }
        if self.bufs.is_empty() {
            self.bufs.shrink_to(BUFS_KEPT_MAX);
        }
    }

    /// Drops everything: the transport is gone.
    pub(super) fn clear(&mut self, pool: &mut Pool) {
        self.consume(pool, self.bytes);
    }
}

/// Largest piece of data that is copied rather than queued as it is, in bytes.
const COPIED_BYTES_MAX: usize = 4096;
/// Places for buffers that an idle connection keeps.
const BUFS_KEPT_MAX: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use message::StreamId;

    #[test]
    fn a_frame_can_be_made_the_last_until_its_header_is_written() {
        let mut pool = Pool::new(16);
        let mut output = Output::default();
        output.put(&mut pool, b"0123456789");
        let mark = output.mark();
        // Its header stands in two blocks.
        output.put(&mut pool, &write::data(StreamId(1), 3, false));
        output.push(&mut pool, Buf::copy_of(b"abc"));
        output.consume(&mut pool, 14);
        assert!(output.end_data(mark));
        let mut slices = [&[][..]; 4];
        let used = output.pending(&mut slices);
        let rest: Vec<u8> = slices[..used].concat();
        assert_eq!(rest, b"\x01\0\0\0\x01abc");
        output.consume(&mut pool, 1);
        assert!(!output.end_data(mark));
    }
}
