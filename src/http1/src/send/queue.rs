//! Bytes that wait to be written.

use alloc::vec::Vec;
use base::{Buf, Pool};

/// A short queue of buffers. It lies within the connection: a request in the steady state allocates
/// nothing, and an idle connection holds nothing.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    bufs: [Buf; SLOTS],
    used: u8,
}

impl Queue {
    pub(crate) fn is_empty(&self) -> bool {
        self.used == 0
    }

    /// Bytes that wait.
    pub(crate) fn bytes(&self) -> usize {
        self.live().iter().map(|buf| buf.len()).sum()
    }

    /// How many bytes of data may be queued; one buffer may go beyond it.
    ///
    /// A slot stays free besides the one that the data may need, because framing may have to stand
    /// behind the data.
    pub(crate) fn room(&self) -> usize {
        if usize::from(self.used) + 2 > SLOTS {
            return 0;
        }
        BYTES_MAX.saturating_sub(self.bytes())
    }

    /// Copies `bytes` behind what waits.
    #[inline]
    pub(crate) fn put(&mut self, pool: &mut Pool, bytes: &[u8]) {
        match self.last_mut() {
            Some(last) if bytes.len() <= last.room() => {
                last.append(bytes);
            }
            Some(_) | None => self.put_on(pool, bytes),
        }
    }

    /// The same where the last buffer has no room for all of it.
    fn put_on(&mut self, pool: &mut Pool, mut bytes: &[u8]) {
        if let Some(last) = self.last_mut() {
            bytes = &bytes[last.append(bytes)..];
        }
        while !bytes.is_empty() {
            if usize::from(self.used) == SLOTS {
                return self.grow(pool, bytes);
            }
            let mut buf = pool.take();
            bytes = &bytes[buf.append(bytes)..];
            self.place(buf);
        }
    }

    /// Queues a buffer. A small one is copied behind the last if it fits there: one slice fewer to
    /// write costs the system call less than the copy does here, and the block is free at once.
    pub(crate) fn push(&mut self, pool: &mut Pool, buf: Buf) {
        let fits = |last: &Buf| buf.len() <= COPIED_BYTES_MAX && last.room() >= buf.len();
        if self.live().last().is_some_and(fits) || usize::from(self.used) == SLOTS {
            self.put(pool, &buf);
            pool.give(buf);
        } else if buf.is_empty() {
            pool.give(buf);
        } else {
            self.place(buf);
        }
    }

    /// Lends what waits, in order.
    pub(crate) fn pending<'a>(&'a self, slices: &mut [&'a [u8]]) -> usize {
        let mut count = 0;
        for (slice, buf) in slices.iter_mut().zip(self.live()) {
            *slice = buf;
            count += 1;
        }
        count
    }

    /// `count` bytes were written.
    pub(crate) fn consume(&mut self, pool: &mut Pool, mut count: usize) {
        while count > 0 && self.used > 0 {
            let step = count.min(self.bufs[0].len());
            count -= step;
            if step < self.bufs[0].len() {
                self.bufs[0].consume(step);
                return;
            }
            pool.give(core::mem::take(&mut self.bufs[0]));
            self.bufs.rotate_left(1);
            self.used -= 1;
        }
    }

    /// Drops everything.
    pub(crate) fn clear(&mut self, pool: &mut Pool) {
        for buf in &mut self.bufs {
            pool.give(core::mem::take(buf));
        }
        self.used = 0;
    }

    fn live(&self) -> &[Buf] {
        &self.bufs[..usize::from(self.used)]
    }

    fn last_mut(&mut self) -> Option<&mut Buf> {
        self.bufs[..usize::from(self.used)].last_mut()
    }

    fn place(&mut self, buf: Buf) {
        self.bufs[usize::from(self.used)] = buf;
        self.used += 1;
    }

    /// Every slot is taken: the last buffer is replaced by a larger one. Only a head much longer than a
    /// block gets here.
    fn grow(&mut self, pool: &mut Pool, bytes: &[u8]) {
        let last = core::mem::take(&mut self.bufs[SLOTS - 1]);
        let mut joined = Vec::with_capacity(last.len() + bytes.len());
        joined.extend_from_slice(&last);
        joined.extend_from_slice(bytes);
        pool.give(last);
        self.bufs[SLOTS - 1] = Buf::copy_of(&joined);
    }
}

/// A head, a block of data, and framing behind it.
const SLOTS: usize = 3;

/// Bytes that wait before the owner is held back: one write's worth. The peer pays by not being sent
/// more until it has read.
const BYTES_MAX: usize = 32 * 1024;

/// Largest piece of data that is copied rather than queued as it is, in bytes.
const COPIED_BYTES_MAX: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn written(queue: &Queue) -> Vec<u8> {
        let mut slices = [&b""[..]; 4];
        let count = queue.pending(&mut slices);
        slices[..count].concat()
    }

    #[test]
    fn bytes_come_out_in_order_and_blocks_go_back() {
        let mut pool = Pool::new(8);
        let mut queue = Queue::default();
        queue.put(&mut pool, b"0123456789");
        queue.push(&mut pool, Buf::copy_of(b"abc"));
        queue.push(&mut pool, Buf::copy_of(b"defgh"));
        assert_eq!(written(&queue), b"0123456789abcdefgh");
        queue.consume(&mut pool, 9);
        assert_eq!(written(&queue), b"9abcdefgh");
        queue.consume(&mut pool, 9);
        assert!(queue.is_empty());
        assert_eq!(queue.bytes(), 0);
    }

    #[test]
    fn small_data_joins_what_waits_and_large_data_is_moved() {
        let mut pool = Pool::new(16_384);
        let mut queue = Queue::default();
        queue.put(&mut pool, b"head");
        queue.push(&mut pool, Buf::copy_of(&[b'a'; 4096]));
        assert_eq!(queue.used, 1);
        let large = Buf::copy_of(&[b'b'; 4097]);
        let place = large.as_ptr();
        queue.push(&mut pool, large);
        assert_eq!(queue.used, 2);
        assert_eq!(queue.bufs[1].as_ptr(), place);
    }

    #[test]
    fn what_always_fits_does_so_without_slots() {
        let mut pool = Pool::new(4);
        let mut queue = Queue::default();
        let long = vec![b'x'; 1000];
        queue.put(&mut pool, &long);
        queue.put(&mut pool, b"y");
        queue.push(&mut pool, Buf::copy_of(b"z"));
        assert_eq!(queue.bytes(), 1002);
        assert_eq!(written(&queue)[998..], *b"xxyz");
    }

    #[test]
    fn the_queue_holds_its_owner_back() {
        let mut pool = Pool::new(16_384);
        let mut queue = Queue::default();
        assert_eq!(queue.room(), BYTES_MAX);
        queue.put(&mut pool, &[0; 100]);
        assert_eq!(queue.room(), BYTES_MAX - 100);
        queue.push(&mut pool, Buf::copy_of(&[0; 16_384]));
        assert_eq!(queue.room(), 0);
        queue.consume(&mut pool, 100);
        assert_eq!(queue.room(), 16_384);
    }
}
