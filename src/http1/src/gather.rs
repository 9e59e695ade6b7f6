//! Buffers that follow each other become one.

use alloc::vec::Vec;
use base::{Buf, Pool};

/// `held` followed by `next`, without copying where one of them is empty.
pub(crate) fn join(pool: &mut Pool, mut held: Buf, next: Buf) -> Buf {
    if held.is_empty() {
        pool.give(held);
        return next;
    }
    if held.capacity() - held.len() >= next.len() {
        if held.room() < next.len() {
            held.compact();
        }
        held.append(&next);
        pool.give(next);
        return held;
    }
    let mut joined = Vec::with_capacity(held.len() + next.len());
    joined.extend_from_slice(&held);
    joined.extend_from_slice(&next);
    let fresh = copied(pool, &joined);
    pool.give(held);
    pool.give(next);
    fresh
}

/// The first `count` bytes of `held`, by moving it; what is left is copied to a buffer of its own.
pub(crate) fn split(pool: &mut Pool, held: &mut Buf, count: usize) -> Buf {
    let mut front = core::mem::take(held);
    if front.len() > count {
        *held = copied(pool, &front[count..]);
        front.truncate(count);
    }
    front
}

fn copied(pool: &mut Pool, bytes: &[u8]) -> Buf {
    if bytes.len() > pool.block_bytes() {
        return Buf::copy_of(bytes);
    }
    let mut buf = pool.take();
    buf.append(bytes);
    buf
}

/// As long as less than this waits for the owner of a client's stream, reading goes on, so that the
/// client's end is noticed while its request waits for a server.
pub(crate) const AHEAD_BYTES_MAX: usize = 4_096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_between_buffers_of_any_size() {
        for block in [4, 8, 64] {
            let mut pool = Pool::new(block);
            let mut held = pool.take();
            for piece in [&b"ab"[..], b"cdef", b"ghijklm"] {
                held = join(&mut pool, held, Buf::copy_of(piece));
            }
            assert_eq!(&*held, b"abcdefghijklm");
            let front = split(&mut pool, &mut held, 5);
            assert_eq!((&*front, &*held), (&b"abcde"[..], &b"fghijklm"[..]));
        }
    }

    #[test]
    fn whole_buffers_move() {
        let mut pool = Pool::new(8);
        let buf = Buf::copy_of(b"abc");
        let place = buf.as_ptr();
        let mut held = join(&mut pool, Buf::default(), buf);
        let front = split(&mut pool, &mut held, 3);
        assert_eq!(front.as_ptr(), place);
        assert!(!held.is_allocated());
    }
}
