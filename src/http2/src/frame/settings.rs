//! What SETTINGS can say (RFC 9113 §6.5.2, RFC 8441 §3).

use super::header::FRAME_BYTES_MIN;
use crate::Violation;

/// One setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// SETTINGS_HEADER_TABLE_SIZE, in bytes.
    TableBytes(u32),
    /// SETTINGS_ENABLE_PUSH.
    Push(bool),
    /// SETTINGS_MAX_CONCURRENT_STREAMS.
    StreamsMax(u32),
    /// SETTINGS_INITIAL_WINDOW_SIZE, in bytes; at most 2^31 - 1.
    WindowBytes(u32),
    /// SETTINGS_MAX_FRAME_SIZE, in bytes; 2^14 to 2^24 - 1.
    FrameBytes(u32),
    /// SETTINGS_MAX_HEADER_LIST_SIZE, in bytes.
    ListBytes(u32),
    /// SETTINGS_ENABLE_CONNECT_PROTOCOL.
    ConnectProtocol(bool),
}

impl Setting {
    /// `None` for a setting that nobody knows: it is ignored.
    fn read(entry: &[u8; ENTRY_BYTES]) -> Result<Option<Self>, Violation> {
        let [i0, i1, v0, v1, v2, v3] = *entry;
        let value = u32::from_be_bytes([v0, v1, v2, v3]);
        let switch = match value {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Violation::SettingSwitch),
        };
        Ok(Some(match u16::from_be_bytes([i0, i1]) {
            1 => Self::TableBytes(value),
            2 => Self::Push(switch?),
            3 => Self::StreamsMax(value),
            4 if value > WINDOW_BYTES_MAX => return Err(Violation::SettingWindow),
            4 => Self::WindowBytes(value),
            5 if !(FRAME_BYTES_MIN..1 << 24).contains(&value) => {
                return Err(Violation::SettingFrame);
            }
            5 => Self::FrameBytes(value),
            6 => Self::ListBytes(value),
            8 => Self::ConnectProtocol(switch?),
            _ => return Ok(None),
        }))
    }

    /// As bytes.
    pub(super) fn bytes(self) -> [u8; ENTRY_BYTES] {
        let (id, value) = match self {
            Self::TableBytes(bytes) => (1, bytes),
            Self::Push(on) => (2, u32::from(on)),
            Self::StreamsMax(count) => (3, count),
            Self::WindowBytes(bytes) => (4, bytes),
            Self::FrameBytes(bytes) => (5, bytes),
            Self::ListBytes(bytes) => (6, bytes),
            Self::ConnectProtocol(on) => (8, u32::from(on)),
        };
        let [v0, v1, v2, v3] = value.to_be_bytes();
        [0, id, v0, v1, v2, v3]
    }
}

/// The settings of a frame in order; each was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings<'a>(&'a [[u8; ENTRY_BYTES]]);

impl<'a> Settings<'a> {
    pub(super) fn read(payload: &'a [u8]) -> Result<Self, Violation> {
        let entries = payload.as_chunks().0;
        for entry in entries {
            Setting::read(entry)?;
        }
        Ok(Self(entries))
    }

    /// How many there are, unknown ones included.
    pub fn len(self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// Those that we know.
    pub fn iter(self) -> impl Iterator<Item = Setting> + 'a {
        let read = self.0.iter().map(Setting::read);
        read.filter_map(|setting| setting.ok().flatten())
    }
}

/// Bytes of one setting.
pub(super) const ENTRY_BYTES: usize = 6;

/// The largest window there can be, in bytes (RFC 9113 §6.9.1).
pub(crate) const WINDOW_BYTES_MAX: u32 = (1 << 31) - 1;
