//! Byte buffers that change owner instead of being copied, and the pool they come from.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Deref;

/// Bytes with one owner: a block of fixed size and the range of it that holds data.
///
/// The block is always initialised, so no reader ever needs `unsafe`. An empty `Buf` made by
/// [`Buf::default`] holds no block at all; that is what an idle connection keeps.
#[derive(Default)]
pub struct Buf {
    block: Box<[u8]>,
    start: usize,
    end: usize,
}

impl Buf {
    /// A buffer of its own that holds a copy of `bytes`.
    pub fn copy_of(bytes: &[u8]) -> Self {
        Self {
            block: bytes.into(),
            start: 0,
            end: bytes.len(),
        }
    }

    /// Whether there is a block behind this buffer.
    pub fn is_allocated(&self) -> bool {
        !self.block.is_empty()
    }

    /// How many bytes can be appended.
    pub fn room(&self) -> usize {
        self.block.len() - self.end
    }

    /// Where the next bytes are written; follow with [`Buf::advance`].
    pub fn spare(&mut self) -> &mut [u8] {
        &mut self.block[self.end..]
    }

    /// `count` bytes were written into [`Buf::spare`].
    ///
    /// # Panics
    /// If more bytes are claimed than there was room for.
    pub fn advance(&mut self, count: usize) {
        assert!(count <= self.room(), "advanced past the end of a buffer");
        self.end += count;
    }

    /// Drops the first `count` bytes.
    ///
    /// # Panics
    /// If there are fewer.
    pub fn consume(&mut self, count: usize) {
        assert!(count <= self.len(), "consumed more than a buffer holds");
        self.start += count;
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
        }
    }

    /// Keeps the first `count` bytes.
    pub fn truncate(&mut self, count: usize) {
        self.end = self.end.min(self.start + count);
    }

    /// Appends as much of `bytes` as fits and says how much that was.
    pub fn append(&mut self, bytes: &[u8]) -> usize {
        let count = bytes.len().min(self.room());
        self.block[self.end..self.end + count].copy_from_slice(&bytes[..count]);
        self.end += count;
        count
    }

    /// Moves the data to the front of the block, so that all free space is behind it.
    pub fn compact(&mut self) {
        self.block.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
    }

    /// Moves the bytes `from..from + count` down to `to` within the data.
    ///
    /// Used to close the gaps that chunk headers leave, without a second buffer.
    pub fn move_down(&mut self, from: usize, to: usize, count: usize) {
        assert!(to <= from && from + count <= self.len());
        let base = self.start;
        self.block
            .copy_within(base + from..base + from + count, base + to);
    }

    /// The data, to be changed in place.
    pub fn data_mut(&mut self) -> &mut [u8] {
        &mut self.block[self.start..self.end]
    }

    /// Size of the block in bytes.
    pub fn capacity(&self) -> usize {
        self.block.len()
    }
}

impl Deref for Buf {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.block[self.start..self.end]
    }
}

impl core::fmt::Debug for Buf {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Buf({} bytes)", self.len())
    }
}

/// The blocks of one worker that nobody uses now.
///
/// Blocks have one size, `tune.bufsize`, large ones four times that; others given back are dropped.
#[derive(Debug)]
pub struct Pool {
    spare: Vec<Box<[u8]>>,
    spare_large: Vec<Box<[u8]>>,
    block_bytes: usize,
}

impl Pool {
    /// A pool of blocks of `block_bytes` bytes each.
    pub fn new(block_bytes: usize) -> Self {
        Self {
            spare: Vec::with_capacity(SPARE_MAX),
            spare_large: Vec::with_capacity(SPARE_LARGE_MAX),
            block_bytes,
        }
    }

    /// Size of a block in bytes (`tune.bufsize`).
    pub fn block_bytes(&self) -> usize {
        self.block_bytes
    }

    /// An empty buffer with one block.
    pub fn take(&mut self) -> Buf {
        let block = self
            .spare
            .pop()
            .unwrap_or_else(|| vec![0; self.block_bytes].into_boxed_slice());
        Buf {
            block,
            start: 0,
            end: 0,
        }
    }

    /// Size of a large block in bytes.
    pub fn large_bytes(&self) -> usize {
        self.block_bytes * LARGE_BLOCKS
    }

    /// An empty buffer with one large block, for a connection that fills block after block: it saves
    /// it most of the calls into the system.
    pub fn take_large(&mut self) -> Buf {
        let block = self
            .spare_large
            .pop()
            .unwrap_or_else(|| vec![0; self.large_bytes()].into_boxed_slice());
        Buf {
            block,
            start: 0,
            end: 0,
        }
    }

    /// Takes a buffer back.
    pub fn give(&mut self, buf: Buf) {
        let size = buf.block.len();
        if size == self.block_bytes && self.spare.len() < SPARE_MAX {
            self.spare.push(buf.block);
        } else if size == self.large_bytes() && self.spare_large.len() < SPARE_LARGE_MAX {
            self.spare_large.push(buf.block);
        }
    }
}

/// Blocks in a large block.
const LARGE_BLOCKS: usize = 4;
/// Large blocks a worker keeps for the next use.
const SPARE_LARGE_MAX: usize = 8;

/// Blocks a worker keeps for the next use; more than this is returned to the allocator, so that a
/// burst does not stay resident (32 blocks of 16 KiB are 512 KiB a worker).
const SPARE_MAX: usize = 32;

#[cfg(test)]
mod tests {
    use super::{Buf, Pool};

    #[test]
    fn what_goes_in_comes_out() {
        let mut pool = Pool::new(8);
        let mut buf = pool.take();
        assert_eq!(buf.append(b"0123456789"), 8);
        buf.consume(3);
        assert_eq!(&*buf, b"34567");
        buf.compact();
        assert_eq!(buf.append(b"abcd"), 3);
        assert_eq!(&*buf, b"34567abc");
        pool.give(buf);
        assert!(pool.take().is_empty());
    }

    #[test]
    fn gaps_close_in_place() {
        let mut buf = Buf::copy_of(b"aa--bb");
        buf.move_down(4, 2, 2);
        buf.truncate(4);
        assert_eq!(&*buf, b"aabb");
    }

    #[test]
    fn foreign_blocks_are_not_pooled() {
        let mut pool = Pool::new(8);
        pool.give(Buf::copy_of(b"abc"));
        assert_eq!(pool.take().capacity(), 8);
    }
}
