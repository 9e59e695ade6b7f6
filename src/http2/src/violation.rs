//! What a peer can get wrong in HTTP/2, with everything that follows from it in one place.

use message::{Blame, Fault, Scope, StreamId};

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $number:literal, $name:literal;)*) => {
        /// Why a stream or a connection ends, as RST_STREAM and GOAWAY say it (RFC 9113 §7).
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u32)]
        pub enum Code {
            $($(#[$doc])* $variant = $number,)*
        }

        impl Code {
            /// The code of a number; those that nobody knows are as INTERNAL_ERROR (RFC 9113 §7).
            pub const fn of(number: u32) -> Self {
                match number {
                    $($number => Self::$variant,)*
                    _ => Self::Internal,
                }
            }

            /// Its name in the RFC.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

codes! {
    /// Nothing is wrong.
    NoError = 0, "NO_ERROR";
    /// The protocol was broken in a way that no other code says.
    Protocol = 1, "PROTOCOL_ERROR";
    /// The sender of the code failed.
    Internal = 2, "INTERNAL_ERROR";
    /// More was sent than the window allowed.
    FlowControl = 3, "FLOW_CONTROL_ERROR";
    /// SETTINGS were not acknowledged in time.
    SettingsTimeout = 4, "SETTINGS_TIMEOUT";
    /// A frame came on a stream that its sender had ended.
    StreamClosed = 5, "STREAM_CLOSED";
    /// The size of a frame is not valid.
    FrameSize = 6, "FRAME_SIZE_ERROR";
    /// The stream was not processed at all.
    RefusedStream = 7, "REFUSED_STREAM";
    /// The stream is of no use any more.
    Cancel = 8, "CANCEL";
    /// The state of header compression is lost.
    Compression = 9, "COMPRESSION_ERROR";
    /// The connection behind a CONNECT broke.
    Connect = 10, "CONNECT_ERROR";
    /// The peer causes too much work.
    EnhanceYourCalm = 11, "ENHANCE_YOUR_CALM";
    /// The transport is not secure enough.
    InadequateSecurity = 12, "INADEQUATE_SECURITY";
    /// The request is to be made in HTTP/1.1.
    Http11Required = 13, "HTTP_1_1_REQUIRED";
}

/// How much is lost with a violation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The stream it happened on.
    Stream,
    /// Everything.
    Connection,
}

macro_rules! violations {
    ($($(#[$doc:meta])* $variant:ident => $reach:ident, $code:ident, $blame:ident, $what:literal;)*) => {
        /// What the peer got wrong, or which limit of ours it ran into.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Violation {
            $($(#[$doc])* $variant,)*
        }

        impl Violation {
            /// Every violation, for tables in tests and documents.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The violation in words.
            pub const fn what(self) -> &'static str {
                match self {
                    $(Self::$variant => $what,)*
                }
            }

            /// How much is lost with it.
            pub const fn reach(self) -> Reach {
                match self {
                    $(Self::$variant => Reach::$reach,)*
                }
            }

            /// What the peer is told.
            pub const fn code(self) -> Code {
                match self {
                    $(Self::$variant => Code::$code,)*
                }
            }

            /// Whose fault it is.
            pub const fn blame(self) -> Blame {
                match self {
                    $(Self::$variant => Blame::$blame,)*
                }
            }
        }
    };
}

violations! {
    /// A client's first bytes are not those of RFC 9113 §3.4.
    Preface => Connection, Protocol, Peer, "the connection does not begin with the preface";
    /// The preface of a connection as a request within one (RFC 9113 §3.4 reserves its method).
    MisplacedPreface => Stream, Protocol, Peer, "the preface comes within a connection";
    /// The first frame of each side is SETTINGS (RFC 9113 §3.4).
    FirstFrame => Connection, Protocol, Peer, "the first frame is not SETTINGS";
    /// A frame larger than we announced (RFC 9113 §4.2).
    FrameTooLarge => Connection, FrameSize, Peer, "a frame is larger than announced";
    /// A payload of a length that its type cannot have (RFC 9113 §6).
    FrameLength => Connection, FrameSize, Peer, "a frame has a length that its type cannot have";
    /// PRIORITY of another length than 5 (RFC 9113 §6.3).
    PriorityLength => Stream, FrameSize, Peer, "a PRIORITY frame has not five bytes";
    /// A frame of a stream on stream 0.
    StreamZero => Connection, Protocol, Peer, "a frame that belongs to a stream names none";
    /// A frame of the connection on a stream.
    StreamNamed => Connection, Protocol, Peer, "a frame that belongs to the connection names a stream";
    /// Padding as long as the payload or longer (RFC 9113 §6.1).
    Padding => Connection, Protocol, Peer, "the padding of a frame is longer than the frame";
    /// A CONTINUATION without a header block to continue (RFC 9113 §6.10).
    ContinuationAlone => Connection, Protocol, Peer, "a CONTINUATION frame continues nothing";
    /// Another frame within a header block (RFC 9113 §6.10).
    BlockInterrupted => Connection, Protocol, Peer, "a header block is interrupted by another frame";
    /// A header block longer than any we gather.
    BlockTooLarge => Connection, EnhanceYourCalm, Us, "a header block is too large";
    /// A header block in more pieces than we gather.
    BlockInPieces => Connection, EnhanceYourCalm, Peer, "a header block comes in too many frames";
    /// A header block that cannot be decoded (RFC 9113 §4.3).
    Compression => Connection, Compression, Peer, "a header block cannot be decoded";
    /// We never allow a push (RFC 9113 §8.4).
    Push => Connection, Protocol, Peer, "the peer pushes although that was switched off";
    /// A setting that is a switch is neither 0 nor 1 (RFC 9113 §6.5.2).
    SettingSwitch => Connection, Protocol, Peer, "a setting is neither on nor off";
    /// SETTINGS_INITIAL_WINDOW_SIZE beyond 2^31 - 1.
    SettingWindow => Connection, FlowControl, Peer, "the initial window is too large";
    /// SETTINGS_MAX_FRAME_SIZE outside 2^14 to 2^24 - 1.
    SettingFrame => Connection, Protocol, Peer, "the largest frame size is out of range";
    /// A stream that depends on itself (RFC 7540 §5.3.1, before priorities were given up).
    DependsOnItself => Stream, Protocol, Peer, "a stream depends on itself";
    /// WINDOW_UPDATE by nothing on a stream (RFC 9113 §6.9).
    UpdateOfNothing => Stream, Protocol, Peer, "a window is opened by nothing";
    /// The same on the connection.
    ConnectionUpdateOfNothing => Connection, Protocol, Peer, "the connection's window is opened by nothing";
    /// A frame other than HEADERS or PRIORITY on a stream that nobody opened (RFC 9113 §5.1).
    Idle => Connection, Protocol, Peer, "a frame names a stream that nobody opened";
    /// HEADERS or DATA behind END_STREAM, while we may still be sending.
    HalfClosed => Stream, StreamClosed, Peer, "a frame follows the end of its stream";
    /// HEADERS or DATA behind the peer's own RST_STREAM.
    AfterReset => Stream, StreamClosed, Peer, "a frame follows the reset of its stream";
    /// HEADERS or DATA on a stream that both sides ended.
    Closed => Connection, StreamClosed, Peer, "a frame names a stream that is closed";
    /// A stream with a number that its sender may not use (RFC 9113 §5.1.1).
    StreamNumber => Connection, Protocol, Peer, "a stream has a number that its sender may not use";
    /// More DATA than the connection's window allowed (RFC 9113 §6.9).
    WindowExceeded => Connection, FlowControl, Peer, "more was sent than the connection's window allows";
    /// More DATA than the stream's window allowed.
    StreamWindowExceeded => Stream, FlowControl, Peer, "more was sent than the stream's window allows";
    /// The connection's window beyond 2^31 - 1 (RFC 9113 §6.9.1).
    WindowOverflow => Connection, FlowControl, Peer, "the connection's window is too large";
    /// A stream's window beyond 2^31 - 1.
    StreamWindowOverflow => Stream, FlowControl, Peer, "the stream's window is too large";
    /// Too many frames that serve nobody.
    Flood => Connection, EnhanceYourCalm, Peer, "the peer sends too many frames that serve nobody";
    /// More glitches than `tune.h2.{fe,be}.glitches-threshold`.
    Glitches => Connection, EnhanceYourCalm, Peer, "the peer does too much that none should do";
    /// DATA in front of the head (RFC 9113 §8.1).
    DataBeforeHead => Stream, Protocol, Peer, "a body comes before its head";
    /// A second field section that does not end the stream (RFC 9113 §8.1).
    OpenTrailers => Stream, Protocol, Peer, "trailers do not end their stream";
    /// An interim response that ends the stream (RFC 9113 §8.1).
    InterimEnd => Stream, Protocol, Peer, "an interim response ends its stream";
    /// More interim responses than anybody needs.
    TooManyInterims => Stream, EnhanceYourCalm, Peer, "there are too many interim responses";
    /// A pseudo-field behind a field, or in trailers (RFC 9113 §8.3).
    PseudoLate => Stream, Protocol, Peer, "a pseudo-field stands where none may";
    /// A pseudo-field that this kind of message has not, or has already.
    PseudoUnknown => Stream, Protocol, Peer, "a pseudo-field is unknown or repeated";
    /// A request or response without what stands in a start line.
    PseudoMissing => Stream, Protocol, Peer, "a pseudo-field is missing";
    /// The method is no token.
    Method => Stream, Protocol, Peer, "the method is not a token";
    /// The protocol of an extended CONNECT is no token, or HTTP/2 itself.
    Protocol => Stream, Protocol, Peer, "the protocol that is asked for is not valid";
    /// Another protocol is asked for, and the server takes no extended CONNECT, or there is a body
    /// (RFC 8441 §3).
    NoUpgrade => Stream, Protocol, Peer, "the server cannot be asked for another protocol";
    /// Neither `/…` nor, for OPTIONS, `*`; or with a character that no request-target has.
    Path => Stream, Protocol, Peer, "the path is not valid";
    /// The scheme is no scheme (RFC 3986 §3.1).
    Scheme => Stream, Protocol, Peer, "the scheme is not valid";
    /// The authority has user information, or a character that no authority has.
    Authority => Stream, Protocol, Peer, "the authority is not valid";
    /// The status is not three digits from 100 on, or 101, which does not exist here (RFC 9113 §8.6).
    Status => Stream, Protocol, Peer, "the status code is not valid";
    /// The field name is no token in lower case (RFC 9113 §8.2.1).
    FieldName => Stream, Protocol, Peer, "a field name is not a token in lower case";
    /// NUL, CR, LF, or whitespace around the value (RFC 9113 §8.2.1).
    FieldValue => Stream, Protocol, Peer, "a field value is not valid";
    /// A field that belongs to a connection of HTTP/1 (RFC 9113 §8.2.2).
    ConnectionField => Stream, Protocol, Peer, "a field of HTTP/1 connections is in the message";
    /// Host fields that differ.
    HostRepeated => Stream, Protocol, Peer, "there are several Host fields";
    /// Content-Length is no number, or there are several that differ.
    ContentLength => Stream, Protocol, Peer, "Content-Length is not one number";
    /// The body is not as long as Content-Length says (RFC 9113 §8.1.1).
    BodyLength => Stream, Protocol, Peer, "the body is not as long as Content-Length says";
    /// A list of fields larger than we announced.
    ListTooLarge => Stream, EnhanceYourCalm, Us, "the list of fields is too large";
    /// More fields than `tune.http.maxhdr`.
    TooManyFields => Stream, EnhanceYourCalm, Us, "the message has too many fields";
}

impl Violation {
    /// How far it reaches if it happened on `stream`.
    pub const fn scope(self, stream: StreamId) -> Scope {
        match self.reach() {
            Reach::Stream => Scope::Stream(stream),
            Reach::Connection => Scope::Connection,
        }
    }

    /// The status that answers it if it is in a request; a response is answered 502.
    pub const fn status(self) -> u16 {
        match self {
            Self::ListTooLarge | Self::TooManyFields => 431,
            _ => 400,
        }
    }

    /// Whether a request with it is answered, as HAProxy does; any other is reset.
    pub const fn is_answered(self) -> bool {
        match self {
            // Only too large for us, or meant as the beginning of a connection.
            Self::ListTooLarge | Self::TooManyFields | Self::MisplacedPreface => true,
            // Nothing is wrong with how it was sent, only no version of HTTP has such a request.
            Self::Method | Self::Scheme => true,
            _ => false,
        }
    }

    /// As the engine sees it. There is no offset to show: what broke the protocol is a frame.
    pub const fn fault(self, stream: StreamId) -> Fault {
        Fault {
            what: self.what(),
            scope: self.scope(stream),
            blame: self.blame(),
            status: self.status(),
            offset: 0,
        }
    }

    /// On this stream; 0 is the connection.
    pub(crate) const fn on(self, stream: StreamId) -> Flaw {
        Flaw {
            violation: self,
            stream,
        }
    }
}

impl core::fmt::Display for Violation {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.what())
    }
}

impl core::error::Error for Violation {}

/// A violation and the stream it happened on; 0 is the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// What happened.
    pub violation: Violation,
    /// Where.
    pub stream: StreamId,
}
