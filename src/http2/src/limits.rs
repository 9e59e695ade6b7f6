//! What one connection may cost.

use crate::fields;
use crate::frame::FRAME_BYTES_MIN;
use crate::hpack::TABLE_BYTES_DEFAULT;
use base::Duration;
use core::num::NonZeroU32;

/// Bounds of a connection; the owner derives them from the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Fields of a head or trailer section.
    pub fields: fields::Limits,
    /// Longest header block as it is sent, in bytes.
    pub block_bytes_max: u32,
    /// The peer's dynamic table, in bytes (`tune.h2.header-table-size`).
    pub table_bytes_max: u32,
    /// Largest payload of a frame, in bytes (`tune.h2.max-frame-size`).
    pub frame_bytes_max: u32,
    /// Bytes of a stream's body that can always be held for its reader
    /// (`tune.h2.{fe,be}.initial-window-size`). A stream that uses them up is given more of what nobody
    /// uses.
    pub window_bytes: u32,
    /// Most bytes of all bodies that are held for their readers (`tune.h2.{fe,be}.rxbuf`).
    pub connection_window_bytes: u32,
    /// Glitches after which the connection is ended; at three quarters of it no further streams are taken
    /// (`tune.h2.{fe,be}.glitches-threshold`). `None` counts them only.
    pub glitches_max: Option<NonZeroU32>,
    /// How long a connection is idle before it is asked whether it lives, and how long it may take to
    /// answer (`idle-ping`).
    pub idle_ping: Option<Duration>,
    /// Streams at a time (`tune.h2.{fe,be}.max-concurrent-streams`).
    pub streams_max: u32,
    /// Streams in all, after which a connection that accepts is drained
    /// (`tune.h2.fe.max-total-streams`).
    pub streams_total_max: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            fields: fields::Limits {
                list_bytes_max: 16_384,
                fields_max: 101,
            },
            block_bytes_max: 16_384 - 1_024,
            table_bytes_max: TABLE_BYTES_DEFAULT,
            frame_bytes_max: FRAME_BYTES_MIN,
            window_bytes: 16_384,
            connection_window_bytes: 1_600 * 1024,
            glitches_max: None,
            idle_ping: None,
            streams_max: 100,
            streams_total_max: 1 << 30,
        }
    }
}
