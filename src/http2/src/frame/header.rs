//! The nine bytes in front of every frame (RFC 9113 §4.1).

use crate::Violation;
use crate::violation::Flaw;
use message::StreamId;

/// Bytes of a frame's header.
pub const HEADER_BYTES: usize = 9;

/// The largest payload that everybody accepts, in bytes (RFC 9113 §4.2).
pub const FRAME_BYTES_MIN: u32 = 1 << 14;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// DATA (§6.1).
    Data,
    /// HEADERS (§6.2).
    Headers,
    /// PRIORITY (§6.3).
    Priority,
    /// RST_STREAM (§6.4).
    Reset,
    /// SETTINGS (§6.5).
    Settings,
    /// PUSH_PROMISE (§6.6).
    PushPromise,
    /// PING (§6.7).
    Ping,
    /// GOAWAY (§6.8).
    GoAway,
    /// WINDOW_UPDATE (§6.9).
    WindowUpdate,
    /// CONTINUATION (§6.10).
    Continuation,
    /// Any other.
    Unknown(u8),
}

impl Kind {
    const fn of(number: u8) -> Self {
        match number {
            0 => Self::Data,
            1 => Self::Headers,
            2 => Self::Priority,
            3 => Self::Reset,
            4 => Self::Settings,
            5 => Self::PushPromise,
            6 => Self::Ping,
            7 => Self::GoAway,
            8 => Self::WindowUpdate,
            9 => Self::Continuation,
            _ => Self::Unknown(number),
        }
    }

    const fn number(self) -> u8 {
        match self {
            Self::Data => 0,
            Self::Headers => 1,
            Self::Priority => 2,
            Self::Reset => 3,
            Self::Settings => 4,
            Self::PushPromise => 5,
            Self::Ping => 6,
            Self::GoAway => 7,
            Self::WindowUpdate => 8,
            Self::Continuation => 9,
            Self::Unknown(number) => number,
        }
    }
}

/// The header of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Bytes of the payload.
    pub length: u32,
    /// What it is.
    pub kind: Kind,
    /// What is special about it, by type.
    pub flags: u8,
    /// Where it belongs; 0 is the connection.
    pub stream: StreamId,
}

/// The stream ends (DATA, HEADERS).
pub(super) const END_STREAM: u8 = 0x1;
/// It is an answer (SETTINGS, PING).
pub(super) const ACK: u8 = 0x1;
/// The header block ends (HEADERS, CONTINUATION).
pub(super) const END_HEADERS: u8 = 0x4;
/// There is padding (DATA, HEADERS).
pub(super) const PADDED: u8 = 0x8;
/// There is a priority (HEADERS).
pub(super) const PRIORITY: u8 = 0x20;

impl Header {
    /// Reads a header. The reserved bit is ignored.
    pub fn read(bytes: &[u8; HEADER_BYTES]) -> Self {
        let [l0, l1, l2, kind, flags, s0, s1, s2, s3] = *bytes;
        Self {
            length: u32::from_be_bytes([0, l0, l1, l2]),
            kind: Kind::of(kind),
            flags,
            stream: StreamId(u64::from(u32::from_be_bytes([s0 & 0x7f, s1, s2, s3]))),
        }
    }

    /// As bytes.
    pub fn bytes(self) -> [u8; HEADER_BYTES] {
        let [_, l0, l1, l2] = self.length.to_be_bytes();
        let [s0, s1, s2, s3] = (self.stream.0 as u32).to_be_bytes();
        [l0, l1, l2, self.kind.number(), self.flags, s0, s1, s2, s3]
    }

    /// Whether a flag is set.
    pub const fn has(self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// What can be said of a frame before its payload is there.
    pub(super) fn check(self, frame_bytes_max: u32) -> Result<(), Flaw> {
        let on_connection = self.stream.0 == 0;
        let violation = if self.length > frame_bytes_max {
            Some(Violation::FrameTooLarge)
        } else {
            match self.kind {
                Kind::Data | Kind::Headers | Kind::Priority | Kind::Reset | Kind::Continuation
                    if on_connection =>
                {
                    Some(Violation::StreamZero)
                }
                Kind::Settings | Kind::Ping | Kind::GoAway if !on_connection => {
                    Some(Violation::StreamNamed)
                }
                Kind::PushPromise => Some(Violation::Push),
                Kind::Data | Kind::Headers => {
                    let least = u32::from(self.has(PADDED));
                    let least = match self.kind {
                        Kind::Headers if self.has(PRIORITY) => least + 5,
                        _ => least,
                    };
                    (self.length < least).then_some(Violation::FrameLength)
                }
                Kind::Reset | Kind::WindowUpdate => self.unless(self.length == 4),
                Kind::Ping => self.unless(self.length == 8),
                Kind::GoAway => self.unless(self.length >= 8),
                Kind::Settings if self.has(ACK) => self.unless(self.length == 0),
                Kind::Settings => self.unless(self.length.is_multiple_of(6)),
                // A stream error: its payload is read first.
                Kind::Priority | Kind::Continuation | Kind::Unknown(_) => None,
            }
        };
        match violation {
            Some(violation) => Err(violation.on(self.stream)),
            None => Ok(()),
        }
    }

    fn unless(self, fits: bool) -> Option<Violation> {
        (!fits).then_some(Violation::FrameLength)
    }
}
