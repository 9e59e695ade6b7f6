//! What a reader makes of bytes, as text.

use http2::Flaw;
use http2::frame::{Bounds, Frame, Reader};
use message::{Role, StreamId};

pub const BOUNDS: Bounds = Bounds {
    frame_bytes_max: 16_384,
    block_bytes_max: 20_000,
    continuations_max: 4,
};

/// SETTINGS without a setting.
pub const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];

/// A frame.
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u32).to_be_bytes();
    let mut bytes = length[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// Everything that is read from the pieces; the pieces of a DATA frame are put together again.
#[derive(Default)]
pub struct Heard {
    pub lines: Vec<String>,
    body: Vec<u8>,
    padding: u32,
}

impl Heard {
    fn add(&mut self, frame: Frame<'_>) {
        match frame {
            Frame::Data {
                stream,
                bytes,
                padding,
                last,
                end,
            } => {
                assert!(last || !bytes.is_empty() || padding > 0, "an empty piece");
                self.body.extend_from_slice(bytes);
                self.padding += padding;
                if last {
                    let body = String::from_utf8_lossy(&self.body).into_owned();
                    let line = format!("data {} {body:?} +{} end={end}", stream.0, self.padding);
                    self.lines.push(line);
                    self.body.clear();
                    self.padding = 0;
                }
            }
            Frame::Settings(settings) => {
                let all: Vec<_> = settings.iter().collect();
                self.lines.push(format!("settings {all:?}"));
            }
            other => self.lines.push(format!("{other:?}")),
        }
    }
}

pub fn read(role: Role, bounds: Bounds, pieces: &[&[u8]]) -> Vec<String> {
    let mut reader = Reader::new(role, bounds);
    let mut heard = Heard::default();
    for piece in pieces {
        let mut bytes = *piece;
        loop {
            match reader.read(&mut bytes) {
                Ok(Some(frame)) => heard.add(frame),
                Ok(None) => break,
                Err(Flaw { violation, stream }) => {
                    let reach = violation.reach();
                    let line = format!("{violation:?} on {}", stream.0);
                    heard.lines.push(line);
                    if reach == http2::Reach::Connection {
                        return heard.lines;
                    }
                }
            }
        }
        assert!(bytes.is_empty(), "bytes are left");
    }
    if !reader.is_between_frames() {
        heard.lines.push(String::from("within a frame"));
    }
    heard.lines
}

/// What a server's first bytes are read as, which is the same however they are cut.
pub fn from_server(bytes: &[u8]) -> Vec<String> {
    let all = [SETTINGS, bytes].concat();
    let whole = read(Role::Opening, BOUNDS, &[&all]);
    let single: Vec<&[u8]> = all.chunks(1).collect();
    assert_eq!(read(Role::Opening, BOUNDS, &single), whole);
    for cut in 0..all.len().min(200) {
        let (a, b) = all.split_at(cut);
        assert_eq!(read(Role::Opening, BOUNDS, &[a, b]), whole, "cut at {cut}");
    }
    whole[1..].to_vec()
}

pub fn id(stream: u32) -> StreamId {
    StreamId(u64::from(stream))
}
