//! What a peer can get wrong in HTTP/1, with everything that follows from it in one place.

use message::{Blame, Fault, Scope};

macro_rules! violations {
    ($($(#[$doc:meta])* $variant:ident => $status:literal, $blame:ident, $what:literal;)*) => {
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

            /// The status that answers it if it is in a request; a response is answered 502.
            pub const fn status(self) -> u16 {
                match self {
                    $(Self::$variant => $status,)*
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
    /// The method is empty or no token (RFC 9110 §9.1).
    Method => 400, Peer, "the method is not a token";
    /// The start line has not its three parts.
    StartLine => 400, Peer, "the start line is not complete";
    /// A character that no request-target may contain (RFC 3986 §2).
    TargetChar => 400, Peer, "the request target contains a forbidden character";
    /// None of the four forms of RFC 9112 §3.2 that this method allows.
    TargetForm => 400, Peer, "the request target has none of the forms this method allows";
    /// CONNECT needs host and port, and an absolute-form target a clean authority.
    Authority => 400, Peer, "the authority of the request target is not valid";
    /// The protocol is not `HTTP/digit.digit`.
    Version => 400, Peer, "the protocol version is not valid";
    /// The preface of HTTP/2 where HTTP/2 is not spoken (RFC 9113 §3.4 reserves its method).
    MisplacedPreface => 405, Peer, "the client speaks HTTP/2, which is not spoken here";
    /// A major version that HTTP/1 framing does not carry.
    VersionUnsupported => 505, Peer, "the protocol version is not supported";
    /// The status is not three digits from 100 on (RFC 9112 §4).
    Status => 400, Peer, "the status code is not valid";
    /// The start line alone is longer than a head may be.
    TargetTooLong => 414, Us, "the start line is too long";
    /// The head is longer than `tune.bufsize` - `tune.maxrewrite`.
    HeadTooLong => 431, Us, "the head is too long";
    /// More fields than `tune.http.maxhdr`.
    TooManyFields => 431, Us, "the head has too many fields";
    /// The field name is empty or no token, or whitespace stands before the colon (RFC 9112 §5.1).
    FieldName => 400, Peer, "a field name is not a token";
    /// NUL, or a carriage return that ends no line (RFC 9110 §5.5).
    FieldValue => 400, Peer, "a field value contains a forbidden character";
    /// Host is more, or other, than host and port (RFC 9110 §7.2).
    HostValue => 400, Peer, "the Host field is not a host and a port";
    /// Host fields that differ (RFC 9112 §3.2).
    HostRepeated => 400, Peer, "there are several Host fields";
    /// Host names another authority than the request target.
    HostMismatch => 400, Peer, "the Host field contradicts the request target";
    /// Content-Length is empty, no number, or beyond 2^64 (RFC 9112 §6.3).
    ContentLength => 400, Peer, "Content-Length is not a number";
    /// Content-Length fields that differ.
    ContentLengthConflict => 400, Peer, "Content-Length has several values";
    /// "chunked" is missing, repeated or not the last coding (RFC 9112 §6.1).
    TransferEncoding => 400, Peer, "Transfer-Encoding does not end in one chunked";
    /// A transfer coding other than chunked.
    TransferCoding => 422, Peer, "Transfer-Encoding names an unknown coding";
    /// GET, HEAD or DELETE with a body in HTTP/1.0.
    PayloadInOldRequest => 413, Peer, "an HTTP/1.0 request with this method has a body";
    /// CONNECT has no content (RFC 9110 §9.3.6).
    PayloadInConnect => 400, Peer, "a CONNECT request has a body";
    /// 101 without Upgrade on both sides, or before the request was complete (RFC 9110 §7.8).
    UpgradeUnasked => 400, Peer, "the switch of protocols was not asked for";
    /// A WebSocket is asked for without a key (RFC 6455 §4.2.1).
    WebsocketKey => 400, Peer, "a WebSocket is asked for without a key";
    /// A WebSocket begins without an answer to the key, or with a wrong one (RFC 6455 §4.1).
    WebsocketAccept => 400, Peer, "a WebSocket begins without the answer to its key";
    /// Bytes where no message can be.
    Unsolicited => 400, Peer, "the server spoke without being asked";
    /// A chunk size that is no hexadecimal number (RFC 9112 §7.1).
    ChunkSize => 400, Peer, "a chunk size is not valid";
    /// A chunk size beyond 2^64.
    ChunkSizeTooLarge => 400, Peer, "a chunk size is too large";
    /// A chunk extension longer than we read, or with a bare line end in it.
    ChunkExtension => 400, Peer, "a chunk extension is not valid";
    /// No CRLF after the data of a chunk.
    ChunkEnd => 400, Peer, "a chunk does not end in CRLF";
    /// Trailers longer than a head may be.
    TrailersTooLong => 400, Us, "the trailer section is too long";
    /// The peer closed within a head.
    TruncatedHead => 400, Peer, "the connection was closed within a head";
}

impl Violation {
    /// How far it reaches: in HTTP/1 nobody knows where the next message would begin.
    pub const fn scope(self) -> Scope {
        Scope::Connection
    }

    /// As the engine sees it; `offset` is counted from the start of the message.
    pub const fn fault(self, offset: u32) -> Fault {
        Fault {
            what: self.what(),
            scope: self.scope(),
            blame: self.blame(),
            status: self.status(),
            offset,
        }
    }
}

impl core::fmt::Display for Violation {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.what())
    }
}

impl core::error::Error for Violation {}

/// A violation and where it was seen, counted from the start of the line or section at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Flaw {
    pub(crate) violation: Violation,
    pub(crate) at: usize,
}

impl Violation {
    /// Seen at this offset.
    pub(crate) const fn at(self, at: usize) -> Flaw {
        Flaw {
            violation: self,
            at,
        }
    }
}
