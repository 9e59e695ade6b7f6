//! Messages on a stream (RFC 6587): how they are told apart, both ways.

use crate::settings::Framing;
use alloc::vec::Vec;
use sample::text::put_number;

/// Appends a message as it goes over a stream.
pub fn put_framed(out: &mut Vec<u8>, framing: Framing, message: &[u8]) {
    match framing {
        Framing::Lines => {
            out.extend_from_slice(message);
            out.push(b'\n');
        }
        Framing::Counted => {
            put_number(out, message.len() as u64);
            out.push(b' ');
            out.extend_from_slice(message);
        }
    }
}
