//! Frames (RFC 9113 §4 and §6): what they are, read from bytes and written as bytes.

mod header;
mod reader;
mod settings;
pub mod write;

pub use header::{FRAME_BYTES_MIN, HEADER_BYTES, Header, Kind};
pub use reader::{Bounds, PREFACE, Reader};
pub(crate) use settings::WINDOW_BYTES_MAX;
pub use settings::{Setting, Settings};

use message::StreamId;

/// A frame, or the next piece of a DATA frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// Some of the payload of a DATA frame (§6.1).
    Data {
        /// Where it belongs.
        stream: StreamId,
        /// Bytes of the body; a part of the bytes that were given to the reader.
        bytes: &'a [u8],
        /// What counts against the windows besides: padding and its length.
        padding: u32,
        /// The frame is complete.
        last: bool,
        /// The stream ends with it (END_STREAM); only when the frame is complete.
        end: bool,
    },
    /// A whole header block, whatever number of frames it came in (§6.2, §6.10).
    Headers {
        /// Where it belongs.
        stream: StreamId,
        /// What [`crate::hpack`] decodes.
        block: &'a [u8],
        /// The stream ends with it (END_STREAM).
        end: bool,
        /// CONTINUATION frames it took.
        continuations: u32,
        /// [`crate::Violation::DependsOnItself`]; the block has to be decoded all the same.
        depends_on_itself: bool,
    },
    /// Of no meaning (§5.3.2).
    Priority {
        /// Where it belongs.
        stream: StreamId,
    },
    /// The peer gives a stream up (§6.4).
    Reset {
        /// Which.
        stream: StreamId,
        /// Why.
        code: u32,
    },
    /// What the peer wants (§6.5).
    Settings(Settings<'a>),
    /// The peer follows our settings (§6.5.3).
    SettingsAck,
    /// A sign of life (§6.7).
    Ping {
        /// It answers ours.
        ack: bool,
        /// What is to be sent back.
        payload: [u8; 8],
    },
    /// The peer takes no further streams (§6.8).
    GoAway {
        /// The last of our streams that it did or may have looked at.
        last: StreamId,
        /// Why.
        code: u32,
    },
    /// We may send more (§6.9).
    WindowUpdate {
        /// On which stream; 0 is the connection.
        stream: StreamId,
        /// By how many bytes; never 0.
        bytes: u32,
    },
    /// A frame of a type that we do not know: to be ignored (§5.5).
    Unknown,
}
