//! What fetches read: the sources, and from when on their values stay.

/// Something a fetch reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// Nothing but the configuration.
    Constant,
    /// The state of the process.
    Internal,
    /// Addresses of the client, listener, frontend, tracked counters.
    Client,
    /// The client's connection and its protocol machine.
    ClientConn,
    /// Raw bytes of the request.
    RequestBytes,
    /// Head of the request.
    RequestHead,
    /// Body of the request.
    RequestBody,
    /// What stays of the request, times and counts.
    Transaction,
    /// The backend.
    Backend,
    /// The server.
    Server,
    /// Addresses of the server's connection, the connection and its protocol machine.
    ServerConn,
    /// Raw bytes of the response.
    ResponseBytes,
    /// Head of the response.
    ResponseHead,
    /// What stays of the response.
    ResponseLine,
    /// Body of the response.
    ResponseBody,
    /// Times and counts of the response.
    ResponseStats,
}

impl Source {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::Constant,
        Self::Internal,
        Self::Client,
        Self::ClientConn,
        Self::RequestBytes,
        Self::RequestHead,
        Self::RequestBody,
        Self::Transaction,
        Self::Backend,
        Self::Server,
        Self::ServerConn,
        Self::ResponseBytes,
        Self::ResponseHead,
        Self::ResponseLine,
        Self::ResponseBody,
        Self::ResponseStats,
    ];

    /// What it is called in messages: "… needs {}, which is not available here".
    pub const fn name(self) -> &'static str {
        match self {
            Self::Constant => "nothing",
            Self::Internal => "internal states",
            Self::Client => "the client's addresses",
            Self::ClientConn => "client-side connection",
            Self::RequestBytes => "request buffer contents",
            Self::RequestHead => "HTTP request headers",
            Self::RequestBody => "HTTP request body",
            Self::Transaction => "request properties and statistics",
            Self::Backend => "the backend",
            Self::Server => "the server",
            Self::ServerConn => "server-side connection",
            Self::ResponseBytes => "response buffer contents",
            Self::ResponseHead => "HTTP response headers",
            Self::ResponseLine => "HTTP response status",
            Self::ResponseBody => "HTTP response body",
            Self::ResponseStats => "response statistics",
        }
    }

    /// From when on what is read from it stays as it is, unless a fetch says otherwise.
    pub const fn stable(self) -> Stable {
        match self {
            Self::Constant | Self::Internal | Self::Client | Self::ClientConn => Stable::Accept,
            Self::RequestBytes | Self::RequestHead | Self::RequestBody => Stable::Request,
            Self::Backend => Stable::Backend,
            Self::Server | Self::ServerConn => Stable::Server,
            Self::ResponseBytes | Self::ResponseHead | Self::ResponseLine | Self::ResponseBody => {
                Stable::Response
            }
            Self::Transaction => Stable::Request,
            Self::ResponseStats => Stable::End,
        }
    }
}

/// From when on a value does not change any more; a log line is written when all of its values stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stable {
    /// Once the connection is accepted.
    Accept,
    /// Once the request's head is there.
    Request,
    /// Once the backend is chosen.
    Backend,
    /// Once a server is connected.
    Server,
    /// Once the response's head is there.
    Response,
    /// Once everything has passed.
    End,
}

/// A set of sources.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sources(u32);

impl Sources {
    /// A set of one.
    pub const fn of(source: Source) -> Self {
        Self(1 << source as u32)
    }

    /// Whether `source` is in it.
    pub const fn has(self, source: Source) -> bool {
        self.0 & (1 << source as u32) != 0
    }

    /// Puts `source` in, or leaves it as it is.
    pub const fn set(&mut self, source: Source, here: bool) {
        if here {
            self.0 |= 1 << source as u32;
        }
    }

    /// All of both.
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of `others` are in it.
    pub const fn has_all(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }

    /// Whether they have one in common.
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether it is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Its members in order.
    pub fn iter(self) -> impl Iterator<Item = Source> {
        Source::ALL
            .into_iter()
            .filter(move |source| self.has(*source))
    }
}
