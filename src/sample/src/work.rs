//! What an evaluation changes: the buffers it works in, the randomness it draws, the variables it sets.

use crate::value::Value;
use alloc::borrow::Cow;
use alloc::vec::Vec;
use base::{Epoch, Instant, Rng};

/// What an evaluation works with. One a worker; lent to each evaluation.
#[derive(Debug)]
pub struct Work {
    /// The time of the evaluation.
    pub now: Instant,
    /// What wall time is made of.
    pub epoch: Epoch,
    /// What local time is ahead of UTC, minutes.
    pub utc_offset_minutes: i32,
    /// For `rand()` and its like.
    pub rng: Rng,
    /// `tune.bufsize`: no value grows beyond it, bytes.
    pub bufsize: usize,
    spare: Vec<Vec<u8>>,
}

impl Work {
    /// Work that draws from `rng`.
    pub fn new(epoch: Epoch, rng: Rng, bufsize: usize) -> Self {
        Self {
            now: Instant::ZERO,
            epoch,
            utc_offset_minutes: 0,
            rng,
            bufsize,
            spare: Vec::new(),
        }
    }

    /// Nanoseconds since 1970-01-01 UTC.
    pub fn wall_nanos(&self) -> u64 {
        self.epoch.wall_nanos(self.now)
    }

    /// An empty buffer.
    pub fn buffer(&mut self) -> Vec<u8> {
        self.spare.pop().unwrap_or_default()
    }

    /// Takes back the buffer of a value nobody needs any more.
    pub fn done(&mut self, value: Value<'_>) {
        if let Some(buffer) = value.into_buffer() {
            self.give(buffer);
        }
    }

    /// Takes back a buffer.
    pub fn give(&mut self, mut buffer: Vec<u8>) {
        if self.spare.len() < SPARE_MAX && buffer.capacity() <= self.bufsize {
            buffer.clear();
            self.spare.push(buffer);
        }
    }

    /// The bytes as a buffer of their own, to be changed in place.
    pub fn own(&mut self, bytes: Cow<'_, [u8]>) -> Vec<u8> {
        match bytes {
            Cow::Owned(buffer) => buffer,
            Cow::Borrowed(bytes) => {
                let mut buffer = self.buffer();
                buffer.extend_from_slice(bytes);
                buffer
            }
        }
    }
}

/// Buffers kept for the next evaluation; more are in use only while values are made of values.
const SPARE_MAX: usize = 16;
