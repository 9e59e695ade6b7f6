//! What canaries do to HTTP/2 frames.

use crate::canary::Canary;
use crate::peer::http2::frame::{
    DATA, END_STREAM, GOAWAY, HEADER, HEADERS, PREFACE, SETTINGS, WINDOW_UPDATE,
};

/// The frames of one socket of the proxy, in both directions. What is no HTTP/2 passes as it is.
pub(super) struct Frames {
    /// The peer is a client: it begins with the preface.
    front: bool,
    is_http2: Option<bool>,
    incoming: Vec<u8>,
    outgoing: Vec<u8>,
    /// Streams whose frames are exchanged for each other's.
    crossed: Option<(u32, Option<u32>)>,
    /// Frames of the first of them until there is a second.
    held: Vec<u8>,
    /// The last stream that a client opened.
    cut: Option<u32>,
}

/// `SETTINGS_MAX_CONCURRENT_STREAMS`
const STREAMS_MAX: [u8; 2] = [0, 3];

/// How much larger windows are made, bytes.
const MORE: u32 = 1 << 20;

impl Frames {
    pub(super) fn new(front: bool) -> Self {
        Self {
            front,
            is_http2: None,
            incoming: Vec::new(),
            outgoing: Vec::new(),
            crossed: None,
            held: Vec::new(),
            cut: None,
        }
    }

    /// What the proxy reads instead of `bytes`.
    pub(super) fn read(&mut self, canary: Canary, bytes: &[u8]) -> Vec<u8> {
        self.incoming.extend_from_slice(bytes);
        let mut out = Vec::new();
        if self.front && self.is_http2.is_none() {
            let length = PREFACE.len().min(self.incoming.len());
            if self.incoming[..length] != PREFACE[..length] {
                self.is_http2 = Some(false);
            } else if length == PREFACE.len() {
                self.is_http2 = Some(true);
                out.extend(self.incoming.drain(..length));
            } else {
                return out;
            }
        }
        if !self.front && self.is_http2.is_none() {
            // A server of HTTP/2 begins with SETTINGS.
            self.is_http2 = Some(bytes.starts_with(&[0]));
        }
        if self.is_http2 == Some(false) {
            out.append(&mut self.incoming);
            return out;
        }
        while let Some(mut frame) = whole(&mut self.incoming) {
            match (canary, frame[3]) {
                (Canary::HidesGoaway, GOAWAY) => continue,
                (Canary::OverrunsWindow, WINDOW_UPDATE) => {
                    let more = word(&frame[HEADER..]).saturating_add(MORE).min(MORE * 2);
                    frame[HEADER..].copy_from_slice(&more.to_be_bytes());
                }
                (Canary::OpensTooManyStreams, SETTINGS) => {
                    for setting in frame[HEADER..].chunks_exact_mut(6) {
                        if setting[..2] == STREAMS_MAX {
                            setting[2..].copy_from_slice(&[0, 0, 1, 0]);
                        }
                    }
                }
                _ => {}
            }
            out.append(&mut frame);
        }
        out
    }

    /// What a client gets instead of `bytes`.
    pub(super) fn written(&mut self, canary: Canary, sometimes: bool, bytes: &[u8]) -> Vec<u8> {
        if self.is_http2.is_none() {
            self.is_http2 = Some(bytes.starts_with(&[0]));
        }
        if self.is_http2 == Some(false) {
            return bytes.to_vec();
        }
        self.outgoing.extend_from_slice(bytes);
        let mut out = Vec::new();
        while let Some(mut frame) = whole(&mut self.outgoing) {
            let (kind, stream) = (frame[3], word(&frame[5..]));
            match canary {
                Canary::CrossesStreams => {
                    out.extend(self.cross(kind, stream, frame));
                    continue;
                }
                Canary::EndsStreamsEarly => {
                    if self.cut == Some(stream) {
                        continue;
                    }
                    if sometimes && kind == DATA && frame[4] & END_STREAM == 0 {
                        frame[4] |= END_STREAM;
                        self.cut = Some(stream);
                    }
                }
                _ => {}
            }
            out.append(&mut frame);
        }
        out
    }

    /// Two streams get each other's frames from the head on.
    fn cross(&mut self, kind: u8, stream: u32, frame: Vec<u8>) -> Vec<u8> {
        if stream == 0 {
            return frame;
        }
        let mut frames = match self.crossed {
            None if kind == HEADERS => {
                self.crossed = Some((stream, None));
                self.held = frame;
                return Vec::new();
            }
            Some((one, None)) if one == stream => {
                self.held.extend(frame);
                return Vec::new();
            }
            Some((one, None)) if kind == HEADERS => {
                self.crossed = Some((one, Some(stream)));
                std::mem::take(&mut self.held)
            }
            _ => Vec::new(),
        };
        frames.extend(frame);
        let Some((one, Some(other))) = self.crossed else {
            return frames;
        };
        let mut at = 0;
        while let Some(header) = frames.get_mut(at..at + HEADER) {
            let instead = match word(&header[5..]) {
                stream if stream == one => other,
                stream if stream == other => one,
                stream => stream,
            };
            header[5..].copy_from_slice(&instead.to_be_bytes());
            at += HEADER + (word(header) >> 8) as usize;
        }
        frames
    }
}

/// Takes the first frame, if it is there whole.
fn whole(bytes: &mut Vec<u8>) -> Option<Vec<u8>> {
    let [a, b, c, ..] = *bytes.first_chunk::<HEADER>()?;
    let length = HEADER + u32::from_be_bytes([0, a, b, c]) as usize;
    (bytes.len() >= length).then(|| bytes.drain(..length).collect())
}

fn word(bytes: &[u8]) -> u32 {
    let first = bytes.first_chunk::<4>();
    first.map_or(0, |word| u32::from_be_bytes(*word) & (u32::MAX >> 1))
}
