//! Frames as bytes.

use super::header::{ACK, END_HEADERS, END_STREAM, HEADER_BYTES, Header, Kind};
use super::settings::{ENTRY_BYTES, Setting};
use crate::Code;
use alloc::vec::Vec;
use message::StreamId;

/// The header of a DATA frame; its `length` bytes follow.
pub fn data(stream: StreamId, length: u32, end: bool) -> [u8; HEADER_BYTES] {
    let flags = if end { END_STREAM } else { 0 };
    header(Kind::Data, flags, stream, length)
}

/// Where the flags stand in a header.
pub(crate) const FLAGS_AT: usize = 4;

/// Sets END_STREAM in the flags of a DATA frame.
pub(crate) fn end_data(flags: &mut u8) {
    *flags |= END_STREAM;
}

/// A header block, in as many frames as its length needs (RFC 9113 §4.3); `put` takes the bytes in order.
pub fn headers(
    stream: StreamId,
    block: &[u8],
    end: bool,
    frame_bytes_max: u32,
    mut put: impl FnMut(&[u8]),
) {
    let mut kind = Kind::Headers;
    let mut flags = if end { END_STREAM } else { 0 };
    let mut left = block;
    loop {
        let (piece, rest) = left.split_at(left.len().min(frame_bytes_max as usize));
        if rest.is_empty() {
            flags |= END_HEADERS;
        }
        put(&header(kind, flags, stream, piece.len() as u32));
        put(piece);
        if rest.is_empty() {
            return;
        }
        (kind, flags, left) = (Kind::Continuation, 0, rest);
    }
}

/// RST_STREAM.
pub fn reset(stream: StreamId, code: Code) -> [u8; HEADER_BYTES + 4] {
    with(
        header(Kind::Reset, 0, stream, 4),
        (code as u32).to_be_bytes(),
    )
}

/// SETTINGS.
pub fn settings(out: &mut Vec<u8>, settings: &[Setting]) {
    let length = (settings.len() * ENTRY_BYTES) as u32;
    out.extend_from_slice(&header(Kind::Settings, 0, StreamId(0), length));
    for setting in settings {
        out.extend_from_slice(&setting.bytes());
    }
}

/// The acknowledgement of SETTINGS.
pub fn settings_ack() -> [u8; HEADER_BYTES] {
    header(Kind::Settings, ACK, StreamId(0), 0)
}

/// PING, or the answer to one.
pub fn ping(payload: [u8; 8], ack: bool) -> [u8; HEADER_BYTES + 8] {
    let flags = if ack { ACK } else { 0 };
    with(header(Kind::Ping, flags, StreamId(0), 8), payload)
}

/// GOAWAY without debug data.
pub fn go_away(last: StreamId, code: Code) -> [u8; HEADER_BYTES + 8] {
    let [l0, l1, l2, l3] = (last.0 as u32).to_be_bytes();
    let [c0, c1, c2, c3] = (code as u32).to_be_bytes();
    with(
        header(Kind::GoAway, 0, StreamId(0), 8),
        [l0, l1, l2, l3, c0, c1, c2, c3],
    )
}

/// WINDOW_UPDATE.
pub fn window_update(stream: StreamId, bytes: u32) -> [u8; HEADER_BYTES + 4] {
    with(
        header(Kind::WindowUpdate, 0, stream, 4),
        bytes.to_be_bytes(),
    )
}

fn header(kind: Kind, flags: u8, stream: StreamId, length: u32) -> [u8; HEADER_BYTES] {
    let header = Header {
        length,
        kind,
        flags,
        stream,
    };
    header.bytes()
}

fn with<const P: usize, const N: usize>(header: [u8; HEADER_BYTES], payload: [u8; P]) -> [u8; N] {
    let mut frame = [0; N];
    frame[..HEADER_BYTES].copy_from_slice(&header);
    frame[HEADER_BYTES..].copy_from_slice(&payload);
    frame
}
