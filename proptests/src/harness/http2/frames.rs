//! Bytes as frames: the same however they are cut, and within bounds.

use super::INPUT_BYTES_MAX;
use http2::frame::{Bounds, Frame, PREFACE, Reader};
use message::Role;

/// Any bytes behind the preface and SETTINGS of a client, or the SETTINGS of a server.
pub fn frames(input: &[u8]) {
    let [role, rest @ ..] = &input[..input.len().min(INPUT_BYTES_MAX)] else {
        return;
    };
    let begun: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
    let (role, begun) = match role % 2 {
        0 => (Role::Accepting, [PREFACE, begun].concat()),
        _ => (Role::Opening, begun.to_vec()),
    };
    // Behind some bytes, the preface can be wrong too.
    let input = if role == Role::Accepting && rest.first() == Some(&b'P') {
        rest.to_vec()
    } else {
        [&begun, rest].concat()
    };
    let whole = read(role, &[&input]);
    let single: Vec<&[u8]> = input.chunks(1).collect();
    assert_eq!(read(role, &single), whole);
    let cut = usize::from(input[input.len() - 1]) + 1;
    let pieces: Vec<&[u8]> = input.chunks(cut).collect();
    assert_eq!(read(role, &pieces), whole);
}

/// What the frames are, in words; pieces of one DATA frame are one.
fn read(role: Role, pieces: &[&[u8]]) -> Vec<String> {
    let bounds = Bounds {
        frame_bytes_max: FRAME_BYTES_MAX,
        block_bytes_max: BLOCK_BYTES_MAX,
        continuations_max: CONTINUATIONS_MAX,
    };
    let mut reader = Reader::new(role, bounds);
    let mut said = Vec::new();
    let mut data = Data::default();
    for piece in pieces {
        let mut rest = *piece;
        loop {
            let frame = match reader.read(&mut rest) {
                Ok(Some(frame)) => frame,
                Ok(None) => break,
                Err(flaw) => {
                    said.push(format!("{flaw:?}"));
                    match flaw.violation.reach() {
                        http2::Reach::Connection => return said,
                        http2::Reach::Stream => continue,
                    }
                }
            };
            match frame {
                Frame::Data {
                    stream,
                    bytes,
                    padding,
                    last,
                    end,
                } => {
                    data.bytes.extend_from_slice(bytes);
                    data.padding += padding;
                    assert!(last || !end, "an end that is not the last piece");
                    if last {
                        let Data { bytes, padding } = std::mem::take(&mut data);
                        let bytes = bytes.escape_ascii();
                        said.push(format!("data {} {bytes} +{padding} {end}", stream.0));
                    }
                }
                Frame::Headers { block, .. } => {
                    assert!(block.len() <= BLOCK_BYTES_MAX.max(FRAME_BYTES_MAX) as usize);
                    said.push(format!("{frame:?}"));
                }
                Frame::Settings(settings) => {
                    let all: Vec<_> = settings.iter().collect();
                    said.push(format!("settings {all:?}"));
                }
                Frame::SettingsAck
                | Frame::Reset { .. }
                | Frame::Ping { .. }
                | Frame::GoAway { .. }
                | Frame::WindowUpdate { .. }
                | Frame::Priority { .. }
                | Frame::Unknown => said.push(format!("{frame:?}")),
            }
        }
        assert!(rest.is_empty(), "bytes are left and no frame comes of them");
    }
    if reader.is_between_frames() && data.bytes.is_empty() {
        said.push(String::from("between frames"));
    }
    said
}

/// A DATA frame so far.
#[derive(Default)]
struct Data {
    bytes: Vec<u8>,
    padding: u32,
}

const FRAME_BYTES_MAX: u32 = 16_384;
const BLOCK_BYTES_MAX: u32 = 2000;
const CONTINUATIONS_MAX: u32 = 4;
