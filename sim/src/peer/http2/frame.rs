//! HTTP/2 frames as bytes (RFC 9113 §4), found and made without the code under test.

/// What a client says first (§3.4).
pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(super) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(super) const PING: u8 = 6;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(super) const CONTINUATION: u8 = 9;

pub(crate) const END_STREAM: u8 = 1;
pub(super) const END_HEADERS: u8 = 4;
pub(super) const ACK: u8 = 1;

/// `SETTINGS_MAX_CONCURRENT_STREAMS` and `SETTINGS_INITIAL_WINDOW_SIZE` (§6.5.2).
pub(super) const STREAMS_MAX: u16 = 3;
pub(super) const WINDOW: u16 = 4;

/// Bytes of what comes before the payload.
pub(crate) const HEADER: usize = 9;

/// The first nine bytes of a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) length: usize,
    pub(super) kind: u8,
    pub(super) flags: u8,
    pub(super) stream: u32,
}

impl Header {
    fn read(bytes: &[u8; HEADER]) -> Self {
        let [a, b, c, kind, flags, s, t, u, v] = *bytes;
        Self {
            length: u32::from_be_bytes([0, a, b, c]) as usize,
            kind,
            flags,
            stream: u32::from_be_bytes([s & 0x7f, t, u, v]),
        }
    }

    pub(super) fn is(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

/// A frame.
pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut bytes = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// GOAWAY without a reason.
pub(super) fn goaway(last: u32) -> Vec<u8> {
    let mut payload = last.to_be_bytes().to_vec();
    payload.extend([0; 4]);
    frame(GOAWAY, 0, 0, &payload)
}

/// A header block of literal fields that no table remembers (RFC 7541 §6.2.2).
pub(super) fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, value) in fields {
        bytes.push(0);
        for text in [name, value] {
            string(&mut bytes, text);
        }
    }
    bytes
}

fn string(bytes: &mut Vec<u8>, text: &str) {
    const PREFIX_MAX: usize = 127;
    if text.len() < PREFIX_MAX {
        bytes.push(text.len() as u8);
    } else {
        bytes.push(PREFIX_MAX as u8);
        let mut rest = text.len() - PREFIX_MAX;
        while rest >= 128 {
            bytes.push((rest % 128) as u8 | 128);
            rest /= 128;
        }
        bytes.push(rest as u8);
    }
    bytes.extend(text.bytes());
}

/// The value of one setting in a SETTINGS frame; the last one counts.
pub(super) fn setting(payload: &[u8], which: u16) -> Option<u32> {
    let mut settings = payload.chunks_exact(6).rev();
    settings.find_map(|six| {
        let [a, b, c, d, e, f] = six.try_into().ok()?;
        (u16::from_be_bytes([a, b]) == which).then(|| u32::from_be_bytes([c, d, e, f]))
    })
}

/// The four bytes a frame's payload begins with.
pub(super) fn word(payload: &[u8]) -> u32 {
    let first = payload.first_chunk::<4>();
    first.map_or(0, |bytes| u32::from_be_bytes(*bytes))
}

/// Finds frames in a stream of bytes, however it is cut.
#[derive(Debug, Default)]
pub(super) struct Scanner {
    /// Of the preface, still to come.
    preface: usize,
    header: [u8; HEADER],
    have: usize,
    current: Header,
    /// Of the payload, still to come.
    left: usize,
    /// The payload's beginning.
    kept: Vec<u8>,
}

/// Longer payloads are kept in part.
const KEPT_MAX: usize = 256;

impl Scanner {
    /// What a client sends.
    pub(super) fn of_client() -> Self {
        Self {
            preface: PREFACE.len(),
            ..Self::default()
        }
    }

    /// Whether the next byte begins a frame.
    pub(super) fn is_between_frames(&self) -> bool {
        self.preface == 0 && self.have == 0
    }

    /// Hands over each frame with the beginning of its payload as soon as it is whole.
    pub(super) fn feed(&mut self, mut bytes: &[u8], mut each: impl FnMut(Header, &[u8])) {
        let skip = self.preface.min(bytes.len());
        self.preface -= skip;
        bytes = &bytes[skip..];
        while !bytes.is_empty() {
            if self.have < HEADER {
                let take = bytes.len().min(HEADER - self.have);
                self.header[self.have..self.have + take].copy_from_slice(&bytes[..take]);
                self.have += take;
                bytes = &bytes[take..];
                if self.have < HEADER {
                    return;
                }
                self.current = Header::read(&self.header);
                self.left = self.current.length;
                self.kept.clear();
            }
            let take = self.left.min(bytes.len());
            let room = KEPT_MAX - self.kept.len();
            self.kept.extend_from_slice(&bytes[..take.min(room)]);
            self.left -= take;
            bytes = &bytes[take..];
            if self.left == 0 {
                self.have = 0;
                each(self.current, &self.kept);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_found_however_they_are_cut() {
        let mut bytes = PREFACE.to_vec();
        bytes.extend(frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 1, 0]));
        bytes.extend(frame(DATA, END_STREAM, 3, &[7; 1000]));
        bytes.extend(frame(SETTINGS, ACK, 0, &[]));
        for cut in [1, 2, 9, 10, 100, 5000] {
            let mut scanner = Scanner::of_client();
            let mut found = Vec::new();
            for part in bytes.chunks(cut) {
                scanner.feed(part, |header, payload| {
                    found.push((header.kind, header.length, setting(payload, WINDOW)));
                });
            }
            assert!(scanner.is_between_frames());
            assert_eq!(found[0], (SETTINGS, 6, Some(256)));
            assert_eq!((found[1].0, found[1].1), (DATA, 1000));
            assert_eq!(found[2], (SETTINGS, 0, None));
        }
    }

    #[test]
    fn a_block_is_read_by_another_decoder() {
        let long = "v".repeat(300);
        let fields = [(":method", "GET"), ("x-long", &*long)];
        let read = fluke_hpack::Decoder::new().decode(&block(&fields));
        let read = read.expect("a block");
        assert_eq!(read[0], (b":method".to_vec(), b"GET".to_vec()));
        assert_eq!(read[1].1, long.as_bytes());
    }
}
