//! The states of a stream (RFC 9113 §5.1) as one table.
//!
//! We neither push nor let the peer push, so the reserved states cannot be reached and are left out.
//! Whether a stream may be opened at all, by whom and with which number, is the connection's affair.

use crate::Violation;

/// The state of a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Nothing was sent or received on it.
    #[default]
    Idle,
    /// Both sides may send.
    Open,
    /// We ended our direction.
    HalfClosedLocal,
    /// The peer ended its direction.
    HalfClosedRemote,
    /// Nobody may send any more.
    Closed(Closed),
}

/// How a stream was closed: what may still arrive depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// Both sides ended their directions.
    Ended,
    /// The peer reset it.
    ResetByPeer,
    /// We reset it, and the peer may not know yet; or it is so long ago that nobody knows.
    ResetByUs,
    /// Its number was passed over when a higher one was opened (RFC 9113 §5.1.1).
    PassedOver,
}

/// What is sent or received on a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A header block.
    Headers,
    /// A header block with END_STREAM.
    HeadersEnd,
    /// DATA.
    Data,
    /// DATA with END_STREAM.
    DataEnd,
    /// RST_STREAM.
    Reset,
    /// WINDOW_UPDATE.
    WindowUpdate,
    /// PRIORITY.
    Priority,
}

/// Who sends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// We do.
    Us,
    /// The peer does.
    Peer,
}

/// What becomes of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It goes on, in this state.
    To(State),
    /// The frame means nothing any more: the peer could not know.
    Ignored,
    /// The peer broke the protocol.
    Broken(Violation),
    /// We may not send this.
    Never,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 8] = [
        Self::Idle,
        Self::Open,
        Self::HalfClosedLocal,
        Self::HalfClosedRemote,
        Self::Closed(Closed::Ended),
        Self::Closed(Closed::ResetByPeer),
        Self::Closed(Closed::ResetByUs),
        Self::Closed(Closed::PassedOver),
    ];

    /// What becomes of a stream in this state when `sender` sends `kind` on it.
    pub const fn next(self, sender: Sender, kind: Kind) -> Next {
        match sender {
            Sender::Us => self.sent(kind),
            Sender::Peer => self.received(kind),
        }
    }

    const fn received(self, kind: Kind) -> Next {
        match (self, kind) {
            // Anywhere, and of no meaning (§5.3.2).
            (_, Kind::Priority) => Next::To(self),

            (Self::Idle, Kind::Headers) => Next::To(Self::Open),
            (Self::Idle, Kind::HeadersEnd) => Next::To(Self::HalfClosedRemote),
            (Self::Idle, Kind::Data | Kind::DataEnd | Kind::Reset | Kind::WindowUpdate) => {
                Next::Broken(Violation::Idle)
            }

            (
                Self::Open | Self::HalfClosedLocal,
                Kind::Headers | Kind::Data | Kind::WindowUpdate,
            ) => Next::To(self),
            (Self::Open, Kind::HeadersEnd | Kind::DataEnd) => Next::To(Self::HalfClosedRemote),
            (Self::HalfClosedLocal, Kind::HeadersEnd | Kind::DataEnd) => {
                Next::To(Self::Closed(Closed::Ended))
            }

            (Self::HalfClosedRemote, Kind::WindowUpdate) => Next::To(self),
            (
                Self::HalfClosedRemote,
                Kind::Headers | Kind::HeadersEnd | Kind::Data | Kind::DataEnd,
            ) => Next::Broken(Violation::HalfClosed),

            (Self::Open | Self::HalfClosedLocal | Self::HalfClosedRemote, Kind::Reset) => {
                Next::To(Self::Closed(Closed::ResetByPeer))
            }

            // What the peer sent before it heard of the end (§5.1, closed).
            (Self::Closed(Closed::ResetByUs), _)
            | (Self::Closed(_), Kind::Reset | Kind::WindowUpdate) => Next::Ignored,
            (
                Self::Closed(Closed::ResetByPeer),
                Kind::Headers | Kind::HeadersEnd | Kind::Data | Kind::DataEnd,
            ) => Next::Broken(Violation::AfterReset),
            (Self::Closed(Closed::PassedOver), Kind::Headers | Kind::HeadersEnd) => {
                Next::Broken(Violation::StreamNumber)
            }
            (Self::Closed(Closed::PassedOver), Kind::Data | Kind::DataEnd) => {
                Next::Broken(Violation::Closed)
            }
            (
                Self::Closed(Closed::Ended),
                Kind::Headers | Kind::HeadersEnd | Kind::Data | Kind::DataEnd,
            ) => Next::Broken(Violation::Closed),
        }
    }

    const fn sent(self, kind: Kind) -> Next {
        match (self, kind) {
            // We know no priorities.
            (_, Kind::Priority) => Next::Never,

            (Self::Idle, Kind::Headers) => Next::To(Self::Open),
            (Self::Idle, Kind::HeadersEnd) => Next::To(Self::HalfClosedLocal),
            (Self::Idle, Kind::Data | Kind::DataEnd | Kind::Reset | Kind::WindowUpdate) => {
                Next::Never
            }

            (Self::Open | Self::HalfClosedRemote, Kind::Headers | Kind::Data) => Next::To(self),
            (Self::Open, Kind::HeadersEnd | Kind::DataEnd) => Next::To(Self::HalfClosedLocal),
            (Self::HalfClosedRemote, Kind::HeadersEnd | Kind::DataEnd) => {
                Next::To(Self::Closed(Closed::Ended))
            }
            (
                Self::HalfClosedLocal,
                Kind::Headers | Kind::HeadersEnd | Kind::Data | Kind::DataEnd,
            ) => Next::Never,

            (Self::Open | Self::HalfClosedLocal | Self::HalfClosedRemote, Kind::WindowUpdate) => {
                Next::To(self)
            }
            (Self::Open | Self::HalfClosedLocal | Self::HalfClosedRemote, Kind::Reset) => {
                Next::To(Self::Closed(Closed::ResetByUs))
            }

            // A frame on a stream that the peer reset may be answered by a reset (§5.4.2).
            (Self::Closed(Closed::ResetByPeer), Kind::Reset) => {
                Next::To(Self::Closed(Closed::ResetByUs))
            }
            (Self::Closed(_), _) => Next::Never,
        }
    }
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Headers,
        Self::HeadersEnd,
        Self::Data,
        Self::DataEnd,
        Self::Reset,
        Self::WindowUpdate,
        Self::Priority,
    ];
}
