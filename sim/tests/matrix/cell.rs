//! The table: what can be combined, and what each end must see of it.

use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proto {
    H1,
    H2,
}

/// What is asked and answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A body of a known length, both ways.
    Length,
    /// A body whose length nobody says, both ways.
    Chunked,
    /// A response that ends with its connection.
    UntilClose,
    Head,
    NoContent,
    NotModified,
    /// Trailer fields, both ways.
    Trailers,
    /// An interim response before the final one.
    Interim,
    Connect,
    WebSocket,
}

/// Where a message says that it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Head,
    /// With the last bytes.
    Data,
    /// After everything before it has arrived: an empty frame, a last chunk, FIN.
    Empty,
}

/// How it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    Clean,
    ClientAborts,
    ServerAborts,
    /// The server answers when it has half of the request.
    Early,
    /// The client reads the response in sips.
    SlowReader,
}

pub const PROTOS: [Proto; 2] = [Proto::H1, Proto::H2];
pub const KINDS: [Kind; 10] = [
    Kind::Length,
    Kind::Chunked,
    Kind::UntilClose,
    Kind::Head,
    Kind::NoContent,
    Kind::NotModified,
    Kind::Trailers,
    Kind::Interim,
    Kind::Connect,
    Kind::WebSocket,
];
pub const ENDS: [End; 3] = [End::Head, End::Data, End::Empty];
pub const HOWS: [How; 5] = [
    How::Clean,
    How::ClientAborts,
    How::ServerAborts,
    How::Early,
    How::SlowReader,
];

/// One combination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    pub client: Proto,
    pub server: Proto,
    pub kind: Kind,
    pub end: End,
    pub how: How,
}

/// How a message ended for who read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// There was none, or the reader went away itself.
    Not,
    /// As it should.
    Whole,
    /// With RST_STREAM and this code.
    Reset(u32),
    /// With its connection, before its end.
    Closed,
}

/// What one end saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub interim: Vec<u16>,
    /// The method or the status; empty if there was no head.
    pub start: String,
    /// Bytes of the body; what the proxy says itself does not count.
    pub body: usize,
    /// Whether they were those that were sent.
    pub intact: bool,
    pub trailers: bool,
    pub ended: Ended,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            interim: Vec::new(),
            start: String::new(),
            body: 0,
            intact: true,
            trailers: false,
            ended: Ended::Not,
        }
    }
}

/// What a cell must come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub client: Seen,
    pub server: Seen,
    /// The termination state in the log.
    pub state: String,
}

/// Bytes of a body, of half of it, and of one that is read slowly.
const BODY: usize = 3000;
pub const HALF: usize = BODY / 2;
const LARGE: usize = 100_000;

/// Codes of RST_STREAM (RFC 9113 §7).
pub const INTERNAL_ERROR: u32 = 2;
pub const CANCEL: u32 = 8;

impl Cell {
    /// All of a pair of protocols, impossible ones too.
    pub fn all(client: Proto, server: Proto) -> Vec<Self> {
        let mut all = Vec::new();
        for kind in KINDS {
            for end in ENDS {
                for how in HOWS {
                    all.push(Self {
                        client,
                        server,
                        kind,
                        end,
                        how,
                    });
                }
            }
        }
        all
    }

    /// Why this combination does not exist.
    pub fn impossible(&self) -> Option<&'static str> {
        let both_h1 = (self.client, self.server) == (Proto::H1, Proto::H1);
        let server_h1 = self.server == Proto::H1;
        let why = match (self.kind, self.end) {
            (Kind::UntilClose, _) if !server_h1 => "HTTP/2 ends every message itself",
            (Kind::Head | Kind::NoContent | Kind::NotModified, End::Data) => "it has no data",
            (Kind::Head | Kind::NoContent | Kind::NotModified, End::Empty) if server_h1 => {
                "HTTP/1 has nothing behind a head that ends a message"
            }
            (Kind::Connect | Kind::WebSocket, End::Head) => "a tunnel begins with its head",
            (Kind::Length, End::Empty) if both_h1 => "HTTP/1 has nothing behind the last byte",
            (Kind::Trailers, End::Empty) if both_h1 => {
                "HTTP/1 has nothing between data and trailers"
            }
            _ => match self.how {
                How::Early if self.is_tunnel() => "all that comes after the head is the tunnel's",
                How::Early if matches!(self.kind, Kind::Head | Kind::NotModified) => {
                    "such a request has no body"
                }
                How::SlowReader if self.response_body() == 0 => "there is nothing to read slowly",
                _ => return None,
            },
        };
        Some(why)
    }

    /// Whether FIN is the ordinary end of what the server sends, and only a reset is none.
    pub fn ends_with_fin(&self) -> bool {
        self.is_tunnel() || self.kind == Kind::UntilClose
    }

    pub fn is_tunnel(&self) -> bool {
        matches!(self.kind, Kind::Connect | Kind::WebSocket)
    }

    /// Bytes of the request's body.
    pub fn request_body(&self) -> usize {
        match (self.kind, self.end) {
            _ if self.how == How::Early => BODY,
            (Kind::Connect | Kind::WebSocket, _) => BODY,
            (Kind::Length | Kind::Chunked | Kind::Trailers, End::Data | End::Empty) => BODY,
            _ => 0,
        }
    }

    /// Bytes of the response's body.
    pub fn response_body(&self) -> usize {
        match (self.kind, self.end) {
            (Kind::Head | Kind::NoContent | Kind::NotModified, _) | (_, End::Head) => 0,
            _ if self.how == How::SlowReader => LARGE,
            _ => BODY,
        }
    }

    pub fn method(&self) -> &'static str {
        match self.kind {
            Kind::Head => "HEAD",
            Kind::Connect => "CONNECT",
            Kind::Length | Kind::Chunked | Kind::Trailers => "POST",
            _ if self.how == How::Early => "POST",
            _ => "GET",
        }
    }

    pub fn status(&self) -> u16 {
        match self.kind {
            Kind::NoContent => 204,
            Kind::NotModified => 304,
            _ => 200,
        }
    }

    pub fn has_trailers(&self) -> bool {
        self.kind == Kind::Trailers
    }

    /// Whether an abort finds a response half-way; otherwise it comes before its head.
    pub fn aborts_in_data(&self) -> bool {
        self.response_body() > 0 && self.kind != Kind::Interim
    }

    /// What must come of it.
    pub fn expected(&self) -> Outcome {
        Outcome {
            client: self.client_sees(),
            server: self.server_sees(),
            state: self.state().to_owned(),
        }
    }

    fn state(&self) -> &'static str {
        match (self.how, self.aborts_in_data()) {
            (How::Clean | How::Early | How::SlowReader, _) => "----",
            (How::ClientAborts, false) => "CH--",
            (How::ClientAborts, true) => "CD--",
            (How::ServerAborts, false) => "SH--",
            (How::ServerAborts, true) => "SD--",
        }
    }

    fn client_sees(&self) -> Seen {
        let interim = match self.kind {
            Kind::Interim => vec![103],
            _ => Vec::new(),
        };
        let start = match (self.kind, self.client) {
            (Kind::WebSocket, Proto::H1) => "101".to_owned(),
            _ => self.status().to_string(),
        };
        let whole = Seen {
            interim,
            start,
            body: self.response_body(),
            intact: true,
            trailers: self.has_trailers(),
            ended: Ended::Whole,
        };
        match (self.how, self.aborts_in_data()) {
            (How::Clean | How::Early | How::SlowReader, _) => whole,
            (How::ClientAborts, false) => Seen {
                start: String::new(),
                body: 0,
                trailers: false,
                ended: Ended::Not,
                ..whole
            },
            (How::ServerAborts, false) => Seen {
                start: "502".into(),
                body: 0,
                trailers: false,
                ..whole
            },
            (How::ClientAborts, true) => Seen {
                body: HALF,
                trailers: false,
                ended: Ended::Not,
                ..whole
            },
            (How::ServerAborts, true) => Seen {
                body: HALF,
                trailers: false,
                ended: match (self.client, self.server) {
                    (Proto::H1, _) => Ended::Closed,
                    // A server's code is passed on; one that only closes was broken off.
                    (Proto::H2, Proto::H2) => Ended::Reset(INTERNAL_ERROR),
                    (Proto::H2, Proto::H1) => Ended::Reset(CANCEL),
                },
                ..whole
            },
        }
    }

    fn server_sees(&self) -> Seen {
        let start = match (self.kind, self.server) {
            (Kind::WebSocket, Proto::H2) => "CONNECT",
            _ => self.method(),
        };
        let (body, trailers) = match self.how {
            How::Early => (HALF, false),
            _ => (self.request_body(), self.has_trailers()),
        };
        let ended = match self.how {
            // It answers, and reads no more.
            How::Early => Ended::Not,
            // Its own end comes first.
            How::ServerAborts if self.is_tunnel() => Ended::Not,
            // The request was whole; what the server sees is that nobody waits.
            How::ClientAborts => match self.server {
                Proto::H1 => Ended::Closed,
                Proto::H2 => Ended::Reset(CANCEL),
            },
            How::Clean | How::ServerAborts | How::SlowReader => Ended::Whole,
        };
        Seen {
            interim: Vec::new(),
            start: start.into(),
            body,
            intact: true,
            trailers,
            ended,
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            client,
            server,
            kind,
            end,
            how,
        } = self;
        write!(f, "{client:?}-{server:?} {kind:?} end:{end:?} {how:?}")
    }
}
